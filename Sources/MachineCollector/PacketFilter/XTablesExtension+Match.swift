import Addressing

/// A match as iptables-save prints it. The number in front of each decoder is the structure's size, which the kernel
/// rounds up to eight.
extension XTablesExtension {
    /// `-m NAME OPTIONS`.
    var matchText: String {
        guard let options = options ?? meterOptions else {
            return "-m \(name) \(IPTablesWords.undecoded(revision, info.bytes))"
        }
        return (["-m \(isStateAlias ? "state" : name)"] + options).joined(separator: " ")
    }

    /// The options with their values; nil for what has no form here.
    private var options: [String]? {
        switch (name, revision) {
        case ("comment", _) where info.count >= 1: ["--comment \(IPTablesWords.quoted(info.text(0, 256)))"]
        case ("tcp", 0) where info.count >= 12: tcp
        case ("udp", 0) where info.count >= 10: ports(spts: 0, dpts: 4, inverted: info.byte(8))
        case ("sctp", 0) where info.count >= 68: sctp
        case ("multiport", 1) where info.count >= 48: multiport
        case ("conntrack", 1...3) where info.count >= (revision == 3 ? 162 : 152): conntrack
        case ("state", 0) where info.count >= 4: ["--state \(Self.states(Int(info.word(0))))"]
        case ("addrtype", 0) where info.count >= 12: addressTypes(info.word(4) != 0, info.word(8) != 0, 0)
        case ("addrtype", 1) where info.count >= 8:
            addressTypes(info.word(4) & 1 != 0, info.word(4) & 2 != 0, info.word(4))
        case ("mark", 1) where info.count >= 9, ("connmark", 1) where info.count >= 9:
            [not(info.byte(8) != 0) + "--mark \(IPTablesWords.masked(info.word(0), info.word(4)))"]
        case ("set", 1...4) where info.count >= 4: set
        case ("statistic", 0) where info.count >= 8: statistic
        case ("physdev", 0) where info.count >= 66: physicalDevice
        case ("rpfilter", 0) where info.count >= 1: flags(["--loose", "--validmark", "--accept-local", "--invert"])
        case ("socket", 1...3) where info.count >= 1: flags(["--transparent", "--nowildcard", "--restore-skmark"])
        case ("limit", 0) where info.count >= 8: Self.limit(UInt64(info.word(0)), info.word(4))
        case ("iprange", 1) where info.count >= 65: addressRanges
        case ("mac", 0) where info.count >= 12: macAddress
        case ("owner", 1) where info.count >= 18: owner
        case ("icmp", 0) where info.count >= 4: icmp("--icmp-type")
        case ("icmp6", 0) where info.count >= 4: icmp("--icmpv6-type")
        case ("length", 0) where info.count >= 5:
            [not(info.byte(4) != 0) + "--length \(IPTablesWords.range(info.half(0), info.half(2)))"]
        case ("tcpmss", 0) where info.count >= 5:
            [not(info.byte(4) != 0) + "--mss \(IPTablesWords.range(info.half(0), info.half(2)))"]
        case ("pkttype", 0) where info.count >= 8: packetType
        case ("tos", 1) where info.count >= 3:
            [
                not(info.byte(2) != 0)
                    + "--tos \(IPTablesWords.hexByte(info.byte(1)))/\(IPTablesWords.hexByte(info.byte(0)))"
            ]
        case ("esp", 0) where info.count >= 9:
            [
                not(info.byte(8) != 0)
                    + "--espspi \(IPTablesWords.range(Int(info.word(0)), Int(info.word(4))))"
            ]
        case ("cpu", 0) where info.count >= 8: [not(info.word(4) != 0) + "--cpu \(info.word(0))"]
        case ("realm", 0) where info.count >= 9:
            [not(info.byte(8) != 0) + "--realm \(IPTablesWords.masked(info.word(0), info.word(4)))"]
        case ("dscp", 0) where info.count >= 2:
            [not(info.byte(1) != 0) + "--dscp \(IPTablesWords.hexByte(info.byte(0)))"]
        case ("ttl", 0) where info.count >= 2: hops("ttl")
        case ("hl", 0) where info.count >= 2: hops("hl")
        case ("helper", 0) where info.count >= 34:
            [not(info.word(0) != 0) + "--helper \(IPTablesWords.quoted(info.text(4, 30)))"]
        case ("nfacct", _) where info.count >= 32: ["--nfacct-name \(info.text(0, 32))"]
        case ("cgroup", 0) where info.count >= 8: [not(info.word(4) != 0) + "--cgroup \(info.word(0))"]
        case ("cgroup", 1) where info.count >= 4104: controlGroup(class: 4100, path: 4096)
        case ("cgroup", 2) where info.count >= 516: controlGroup(class: 4, path: 512)
        case ("bpf", 1) where info.count >= 8: program
        default: nil
        }
    }

    /// One option for each bit, in their order.
    private func flags(_ names: [String]) -> [String] {
        names.enumerated().filter { info.byte(0) & 1 << $0.offset != 0 }.map(\.element)
    }

    // MARK: Transports

    /// `spts` and `dpts` are the first and the last port each; the whole range says nothing.
    private func ports(spts: Int, dpts: Int, inverted: Int) -> [String] {
        var words: [String] = []
        for (offset, bit, option) in [(spts, 1, "--sport"), (dpts, 2, "--dport")] {
            let (first, last) = (info.half(offset), info.half(offset + 2))
            guard first != 0 || last != 0xFFFF || inverted & bit != 0 else { continue }
            words.append(not(inverted & bit != 0) + "\(option) \(IPTablesWords.range(first, last))")
        }
        return words
    }

    /// struct xt_tcp: spts[2], dpts[2], option, flg_mask, flg_cmp, invflags.
    private var tcp: [String] {
        let inverted = info.byte(11)
        var words = ports(spts: 0, dpts: 4, inverted: inverted)
        if info.byte(8) != 0 || inverted & 8 != 0 {
            words.append(not(inverted & 8 != 0) + "--tcp-option \(info.byte(8))")
        }
        if info.byte(9) != 0 || inverted & 4 != 0 {
            words.append(
                not(inverted & 4 != 0)
                    + "--tcp-flags \(IPTablesWords.tcpFlags(info.byte(9))) \(IPTablesWords.tcpFlags(info.byte(10)))")
        }
        return words
    }

    /// struct xt_sctp_info: dpts[2], spts[2], chunkmap[8], chunk_match_type, flag_info[4], flag_count, flags, invflags. Of
    /// chunks nothing is told here.
    private var sctp: [String]? {
        let flags = info.word(60)
        guard flags & ~3 == 0 else { return nil }
        var words: [String] = []
        for (offset, bit, option) in [(4, UInt32(1), "--sport"), (0, 2, "--dport")] where flags & bit != 0 {
            words.append(
                not(info.word(64) & bit != 0)
                    + "\(option) \(IPTablesWords.range(info.half(offset), info.half(offset + 2)))")
        }
        return words
    }

    /// struct xt_multiport_v1: flags, count, ports[15], pflags[15] (the port begins a range), invert.
    private var multiport: [String]? {
        let options = ["--sports", "--dports", "--ports"]
        guard options.indices.contains(info.byte(0)), info.byte(1) <= 15 else { return nil }
        var list: [String] = []
        var index = 0
        while index < info.byte(1) {
            let first = info.half(2 + 2 * index)
            if info.byte(32 + index) != 0 {
                index += 1
                list.append("\(first):\(info.half(2 + 2 * index))")
            } else {
                list.append("\(first)")
            }
            index += 1
        }
        return [not(info.byte(47) != 0) + "\(options[info.byte(0)]) \(list.joined(separator: ","))"]
    }

    /// struct ipt_icmp, ip6t_icmp: type, code[2], invflags.
    private func icmp(_ option: String) -> [String] {
        let type = info.byte(0)
        var text = type == 255 && family == .v4 ? "any" : "\(type)"
        if type != 255 || family == .v6, info.byte(1) != 0 || info.byte(2) != 255 {
            text += "/\(IPTablesWords.range(info.byte(1), info.byte(2), "-"))"
        }
        return [not(info.byte(3) & 1 != 0) + "\(option) \(text)"]
    }

    // MARK: Connections

    /// XT_CONNTRACK_STATE_ALIAS: it was written as `-m state`.
    private var isStateAlias: Bool {
        name == "conntrack" && (1...3).contains(revision) && info.half(146) & 0x2000 != 0
    }

    private static let stateNames: [(Int, String)] = [
        (1, "INVALID"), (8, "NEW"), (4, "RELATED"), (2, "ESTABLISHED"), (256, "UNTRACKED"), (64, "SNAT"), (128, "DNAT"),
    ]

    private static func states(_ bits: Int) -> String {
        stateNames.filter { bits & $0.0 != 0 }.map(\.1).joined(separator: ",")
    }

    /// struct xt_conntrack_mtinfo1, 2 and 3: four addresses with their masks, expires_min, expires_max, l4proto, four ports
    /// (of 3 in the machine's byte order, with the last of each at the end), match_flags, invert_flags, state_mask and
    /// status_mask (of 1 a byte each).
    private var conntrack: [String] {
        let flags = info.half(146)
        let inverted = info.half(148)
        let (state, status) = revision == 1 ? (info.byte(150), info.byte(151)) : (info.half(150), info.half(152))
        var words: [String] = []
        func add(_ bit: Int, _ text: @autoclosure () -> String) {
            if flags & bit != 0 { words.append(not(inverted & bit != 0) + text()) }
        }
        add(1, "\(isStateAlias ? "--state" : "--ctstate") \(Self.states(state))")
        add(2, "--ctproto \(info.half(136))")
        for (index, option) in ["--ctorigsrc", "--ctorigdst", "--ctreplsrc", "--ctrepldst"].enumerated() {
            let mask = info.slice(index * 32 + 16, family == .v4 ? 4 : 16)
            let isHost = mask.allSatisfy { $0 == 255 }
            add(
                4 << index,
                "\(option) \(info.address(index * 32, family).map { "\($0)" } ?? "")"
                    + (isHost ? "" : IPTablesWords.mask(mask) ?? "/0"))
        }
        let ports = ["--ctorigsrcport", "--ctorigdstport", "--ctreplsrcport", "--ctrepldstport"]
        for (index, option) in ports.enumerated() {
            let offset = 138 + 2 * index
            let first = revision == 3 ? info.half(offset) : info.networkHalf(offset)
            let last = revision == 3 ? info.half(154 + 2 * index) : first
            add(256 << index, "\(option) \(IPTablesWords.range(first, last))")
        }
        let statuses = [(1, "EXPECTED"), (2, "SEEN_REPLY"), (4, "ASSURED"), (8, "CONFIRMED")]
        let names = statuses.filter { status & $0.0 != 0 }.map(\.1)
        add(64, "--ctstatus \(names.isEmpty ? "NONE" : names.joined(separator: ","))")
        add(128, "--ctexpire \(IPTablesWords.range(Int(info.word(128)), Int(info.word(132))))")
        if flags & 4096 != 0 { words.append("--ctdir \(inverted & 4096 != 0 ? "REPLY" : "ORIGINAL")") }
        return words
    }

    // MARK: Addresses and devices

    private static let typeNames = [
        "UNSPEC", "UNICAST", "LOCAL", "BROADCAST", "ANYCAST", "MULTICAST", "BLACKHOLE", "UNREACHABLE", "PROHIBIT",
        "THROW", "NAT", "XRESOLVE",
    ]

    /// struct xt_addrtype_info_v1: source, dest, flags; bits are RTN_*.
    private func addressTypes(_ isSourceInverted: Bool, _ isInverted: Bool, _ flags: UInt32) -> [String] {
        func names(_ bits: Int) -> String {
            Self.typeNames.enumerated().filter { bits & 1 << $0.offset != 0 }.map(\.element).joined(separator: ",")
        }
        var words: [String] = []
        if info.half(0) != 0 { words.append(not(isSourceInverted) + "--src-type \(names(info.half(0)))") }
        if info.half(2) != 0 { words.append(not(isInverted) + "--dst-type \(names(info.half(2)))") }
        if flags & 4 != 0 { words.append("--limit-iface-in") }
        if flags & 8 != 0 { words.append("--limit-iface-out") }
        return words
    }

    /// struct xt_iprange_mtinfo: src_min, src_max, dst_min, dst_max, flags.
    private var addressRanges: [String] {
        let flags = info.byte(64)
        var words: [String] = []
        for (bit, inversion, offset, option) in [(1, 16, 0, "--src-range"), (2, 32, 32, "--dst-range")]
        where flags & bit != 0 {
            guard let first = info.address(offset, family), let last = info.address(offset + 16, family) else {
                continue
            }
            words.append(not(flags & inversion != 0) + "\(option) \(first)-\(last)")
        }
        return words
    }

    /// struct xt_mac_info: srcaddr[6], invert at 8.
    private var macAddress: [String] {
        let digits = info.slice(0, 6).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        return [not(info.word(8) != 0) + "--mac-source \(digits.joined(separator: ":"))"]
    }

    /// struct xt_physdev_info: physindev[16], in_mask[16], physoutdev[16], out_mask[16], invert, bitmask.
    private var physicalDevice: [String] {
        let (inverted, bits) = (info.byte(64), info.byte(65))
        let options = [
            (8, "--physdev-is-in"), (1, "--physdev-in \(info.text(0, 16))"), (16, "--physdev-is-out"),
            (2, "--physdev-out \(info.text(32, 16))"), (4, "--physdev-is-bridged"),
        ]
        return options.filter { bits & $0.0 != 0 }.map { not(inverted & $0.0 != 0) + $0.1 }
    }

    private var packetType: [String]? {
        let names = ["unicast", "broadcast", "multicast"]
        guard let name = names.indices.contains(Int(info.word(0))) ? names[Int(info.word(0))] : nil else { return nil }
        return [not(info.word(4) != 0) + "--pkt-type \(name)"]
    }

    /// struct ipt_ttl_info, ip6t_hl_info: mode, value.
    private func hops(_ name: String) -> [String]? {
        let options = ["--\(name)-eq", "! --\(name)-eq", "--\(name)-lt", "--\(name)-gt"]
        guard options.indices.contains(info.byte(0)) else { return nil }
        return ["\(options[info.byte(0)]) \(info.byte(1))"]
    }

    // MARK: The rest

    /// struct xt_set_info_match_v1, v3, v4: index, dim, flags; of the last two counters and flags behind them.
    private var set: [String]? {
        guard let dimensions = Self.dimensions(info, 0), let name = sets[UInt16(info.half(0))] else { return nil }
        var words = [not(info.byte(3) & 1 != 0) + "--match-set \(name) \(dimensions)"]
        guard revision >= 3 else {
            // Revision 2 keeps it beside the dimensions (IPSET_RETURN_NOMATCH).
            if revision == 2 && info.byte(3) & 0x80 != 0 { words.append("--return-nomatch") }
            return words
        }
        guard info.count >= 44 else { return nil }
        let flags = info.word(40)
        if flags & 1 << 7 != 0 { words.append("--return-nomatch") }
        if flags & 1 << 3 != 0 { words.append("! --update-counters") }
        if flags & 1 << 4 != 0 { words.append("! --update-subcounters") }
        for (offset, option) in [(8, "packets"), (24, "bytes")] {
            // Revision 3 has the comparison in front of the value, 4 behind it.
            let comparison = info.byte(revision == 3 ? offset : offset + 8)
            let value = info.long(revision == 3 ? offset + 8 : offset)
            let comparisons = ["", "--\(option)-eq", "! --\(option)-eq", "--\(option)-lt", "--\(option)-gt"]
            guard comparisons.indices.contains(comparison) else { return nil }
            if comparison > 0 { words.append("\(comparisons[comparison]) \(value)") }
        }
        return words
    }

    /// `src,dst` of struct xt_set_info.
    static func dimensions(_ info: XTablesInfo, _ offset: Int) -> String? {
        guard (1...6).contains(info.byte(offset + 2)) else { return nil }
        return (1...info.byte(offset + 2)).map { info.byte(offset + 3) & 1 << $0 != 0 ? "src" : "dst" }
            .joined(separator: ",")
    }

    /// struct xt_statistic_info: mode, flags, then the probability in 1/2^31, or every and packet.
    private var statistic: [String]? {
        let inversion = not(info.half(2) & 1 != 0)
        switch info.half(0) {
        case 0: return ["--mode random", inversion + "--probability \(Self.probability(info.word(4)))"]
        case 1 where info.count >= 16:
            return ["--mode nth", inversion + "--every \(UInt64(info.word(4)) + 1)", "--packet \(info.word(8))"]
        default: return nil
        }
    }

    /// Eleven digits behind the point, as libxt_statistic prints it.
    private static func probability(_ value: UInt32) -> String {
        let scale: UInt64 = 100_000_000_000
        let (high, low) = UInt64(value).multipliedFullWidth(by: scale)
        var (quotient, remainder) = (UInt64(1) << 31).dividingFullWidth((high, low))
        // Halves go to the even neighbour.
        if remainder > 1 << 30 || (remainder == 1 << 30 && quotient & 1 == 1) { quotient += 1 }
        remainder = quotient % scale
        let digits = String(remainder)
        return "\(quotient / scale)." + String(repeating: "0", count: 11 - digits.count) + digits
    }

    /// Of a match or of nft's own expression; five at once is what nobody has to write.
    static func limit(_ period: UInt64, _ burst: UInt32) -> [String] {
        ["--limit \(IPTablesWords.rate(period))"] + (burst == 5 ? [] : ["--limit-burst \(burst)"])
    }

    /// struct xt_owner_match_info: uid_min, uid_max, gid_min, gid_max, match, invert.
    private var owner: [String] {
        let (bits, inverted) = (info.byte(16), info.byte(17))
        var words: [String] = []
        if bits & 4 != 0 { words.append(not(inverted & 4 != 0) + "--socket-exists") }
        for (bit, offset, option) in [(1, 0, "--uid-owner"), (2, 8, "--gid-owner")] where bits & bit != 0 {
            words.append(
                not(inverted & bit != 0)
                    + "\(option) \(IPTablesWords.range(Int(info.word(offset)), Int(info.word(offset + 4)), "-"))")
        }
        if bits & 8 != 0 { words.append("--suppl-groups") }
        return words
    }

    /// struct xt_cgroup_info_v1 and v2: has_path, has_classid, invert_path, invert_classid, then path and classid, of v2 in
    /// one place.
    private func controlGroup(class offset: Int, path length: Int) -> [String] {
        var words: [String] = []
        if info.byte(0) != 0 {
            words.append(not(info.byte(2) != 0) + "--path \(IPTablesWords.quoted(info.text(4, length)))")
        }
        if info.byte(1) != 0 { words.append(not(info.byte(3) != 0) + "--cgroup \(info.word(offset))") }
        return words
    }

    /// struct xt_bpf_info_v1: mode, bpf_program_num_elem, fd, then the instructions (struct sock_filter) or a path.
    private var program: [String]? {
        switch info.half(0) {
        case 0 where info.half(2) <= 64 && info.count >= 8 + 8 * info.half(2):
            let steps = (0..<info.half(2)).map { index in
                let at = 8 + 8 * index
                return "\(info.half(at)) \(info.byte(at + 2)) \(info.byte(at + 3)) \(info.word(at + 4))"
            }
            return ["--bytecode \"\(info.half(2)),\(steps.joined(separator: ","))\""]
        case 1, 2: return ["--object-pinned \(info.text(8, 512))"]
        default: return nil
        }
    }
}
