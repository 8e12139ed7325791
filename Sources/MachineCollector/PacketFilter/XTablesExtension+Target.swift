import Addressing

/// A target as iptables-save prints it.
extension XTablesExtension {
    /// `-j NAME OPTIONS`.
    var targetText: String {
        guard let options else { return "-j \(name) \(IPTablesWords.undecoded(revision, info.bytes))" }
        // XT_CT_NOTRACK_ALIAS: it was written as `-j NOTRACK`.
        if name == "CT" && info.half(0) & 2 != 0 { return "-j NOTRACK" }
        return (["-j \(name)"] + options).joined(separator: " ")
    }

    private var options: [String]? {
        switch (name, revision) {
        case ("MARK", 2) where info.count >= 8:
            ["--set-xmark \(IPTablesWords.hex(info.word(0)))/\(IPTablesWords.hex(info.word(4)))"]
        case ("CONNMARK", 1...2) where info.count >= (revision == 2 ? 15 : 13): connectionMark
        case ("DNAT", _): translation("--to-destination")
        case ("SNAT", _): translation("--to-source")
        case ("MASQUERADE", _), ("REDIRECT", _): translation(nil)
        case ("NETMAP", 0): mapping
        case ("TPROXY", 0) where info.count >= 14: proxy(address: info.address(8, .v4), port: 12)
        case ("TPROXY", 1) where info.count >= 26: proxy(address: info.address(8, family), port: 24)
        case ("CT", 0...2) where info.count >= 28: tracking
        case ("NOTRACK", _), ("TRACE", _), ("ACCEPT", _), ("DROP", _), ("RETURN", _): []
        case ("REJECT", 0) where info.count >= 4: refusal
        case ("LOG", 0) where info.count >= 32: log
        case ("NFLOG", 0) where info.count >= 76: netlinkLog
        case ("TCPMSS", 0) where info.count >= 2:
            info.half(0) == 0xFFFF ? ["--clamp-mss-to-pmtu"] : ["--set-mss \(info.half(0))"]
        case ("CHECKSUM", 0) where info.byte(0) == 1: ["--checksum-fill"]
        case ("CLASSIFY", 0) where info.count >= 4:
            ["--set-class \(hexHalf(info.word(0) >> 16)):\(hexHalf(info.word(0)))"]
        case ("DSCP", 0) where info.count >= 1: ["--set-dscp \(IPTablesWords.hexByte(info.byte(0)))"]
        case ("TOS", 1) where info.count >= 2:
            ["--set-tos \(IPTablesWords.hexByte(info.byte(0)))/\(IPTablesWords.hexByte(info.byte(1)))"]
        case ("TTL", 0) where info.count >= 2: hops("ttl")
        case ("HL", 0) where info.count >= 2: hops("hl")
        case ("NFQUEUE", 0...3) where info.count >= 2: queue
        case ("AUDIT", 0) where info.byte(0) < 3: ["--type \(["accept", "drop", "reject"][info.byte(0)])"]
        case ("SET", 1...3) where info.count >= (revision == 1 ? 8 : revision == 2 ? 16 : 20): set
        default: nil
        }
    }

    private func hexHalf(_ value: UInt32) -> String {
        let digits = String(value & 0xFFFF, radix: 16)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }

    /// struct xt_connmark_tginfo1: ctmark, ctmask, nfmask, mode; of 2 shift_dir and shift_bits stand in front of mode.
    private var connectionMark: [String]? {
        if revision == 2 && info.byte(13) != 0 { return nil }
        let (mark, mask, other) = (info.word(0), info.word(4), info.word(8))
        switch info.byte(revision == 2 ? 14 : 12) {
        case 0: return ["--set-xmark \(IPTablesWords.hex(mark))/\(IPTablesWords.hex(mask))"]
        case 1: return ["--save-mark --nfmask \(IPTablesWords.hex(other)) --ctmask \(IPTablesWords.hex(mask))"]
        case 2: return ["--restore-mark --nfmask \(IPTablesWords.hex(other)) --ctmask \(IPTablesWords.hex(mask))"]
        default: return nil
        }
    }

    // MARK: Translations

    private struct Range {
        var flags: UInt32
        var first: IPAddress?
        var last: IPAddress?
        var firstPort: Int
        var lastPort: Int
        /// Of NF_NAT_RANGE_PROTO_OFFSET.
        var basePort = 0
    }

    /// Of IPv4 and revision 0 struct nf_nat_ipv4_multi_range_compat (rangesize, flags, min_ip, max_ip, min, max), else
    /// struct nf_nat_range or nf_nat_range2 (flags, min_addr, max_addr, min_proto, max_proto, base_proto).
    private var range: Range? {
        if family == .v4 && revision == 0 {
            guard info.count >= 20, info.word(0) == 1 else { return nil }
            return Range(
                flags: info.word(4), first: info.address(8, .v4), last: info.address(12, .v4),
                firstPort: info.networkHalf(16), lastPort: info.networkHalf(18))
        }
        guard info.count >= 40 else { return nil }
        return Range(
            flags: info.word(0), first: info.address(4, family), last: info.address(20, family),
            firstPort: info.networkHalf(36), lastPort: info.networkHalf(38),
            basePort: revision >= 2 ? info.networkHalf(40) : 0)
    }

    private func translation(_ option: String?) -> [String]? {
        guard let range else { return nil }
        let (hasAddress, hasPorts) = (range.flags & 1 != 0, range.flags & 2 != 0)
        let ports = hasPorts ? IPTablesWords.range(range.firstPort, range.lastPort, "-") : ""
        var words: [String] = []
        if let option {
            var text = ""
            if hasAddress, let first = range.first, let last = range.last {
                text = first == last ? "\(first)" : "\(first)-\(last)"
                if hasPorts && family == .v6 { text = "[\(text)]" }
            }
            if hasPorts { text += ":\(ports)" }
            if hasPorts && range.flags & 32 != 0 { text += "/\(range.basePort)" }
            if !text.isEmpty { words.append("\(option) \(text)") }
        } else if hasPorts {
            words.append("--to-ports \(ports)")
        }
        if range.flags & 4 != 0 { words.append("--random") }
        if range.flags & 16 != 0 { words.append("--random-fully") }
        if range.flags & 8 != 0 { words.append("--persistent") }
        return words
    }

    private var mapping: [String]? {
        guard let range, let first = range.first, let last = range.last else { return nil }
        let size = family == .v4 ? 4 : 16
        let offset = family == .v4 ? 8 : 4
        let second = family == .v4 ? 12 : 20
        let mask = zip(info.slice(offset, size), info.slice(second, size)).map { ~($0 ^ $1) }
        return ["--to \(first)" + (first == last ? "" : IPTablesWords.mask(mask) ?? "/0")]
    }

    /// struct xt_tproxy_target_info: mark_mask, mark_value, laddr, lport.
    private func proxy(address: IPAddress?, port: Int) -> [String]? {
        guard let address else { return nil }
        return [
            "--on-port \(info.networkHalf(port))", "--on-ip \(address)",
            "--tproxy-mark \(IPTablesWords.hex(info.word(4)))/\(IPTablesWords.hex(info.word(0)))",
        ]
    }

    // MARK: Ends

    /// enum ipt_reject_with, enum ip6t_reject_with.
    private var refusal: [String]? {
        let names =
            family == .v4
            ? [
                "icmp-net-unreachable", "icmp-host-unreachable", "icmp-proto-unreachable", "icmp-port-unreachable",
                "echo-reply", "icmp-net-prohibited", "icmp-host-prohibited", "tcp-reset", "icmp-admin-prohibited",
            ]
            : [
                "icmp6-no-route", "icmp6-adm-prohibited", "icmp6-not-neighbour", "icmp6-addr-unreachable",
                "icmp6-port-unreachable", "echo-reply", "tcp-reset", "icmp6-policy-fail", "icmp6-reject-route",
            ]
        guard names.indices.contains(Int(info.word(0))) else { return nil }
        return ["--reject-with \(names[Int(info.word(0))])"]
    }

    /// struct xt_NFQ_info_v3: queuenum, queues_total, flags.
    private var queue: [String] {
        let first = info.half(0)
        let total = revision == 0 ? 1 : info.half(2)
        let flags = revision >= 2 ? info.half(4) : 0
        var words = [total > 1 ? "--queue-balance \(first):\(first + total - 1)" : "--queue-num \(first)"]
        if flags & 1 != 0 { words.append("--queue-bypass") }
        if revision == 3 && flags & 2 != 0 { words.append("--queue-cpu-fanout") }
        return words
    }

    // MARK: What decides nothing

    /// struct xt_ct_target_info_v1: flags, zone, ct_events, exp_events, helper[16], timeout[32]. Of events nothing is told
    /// here.
    private var tracking: [String]? {
        let flags = info.half(0)
        guard info.word(4) == 0, info.word(8) == 0 else { return nil }
        var words: [String] = []
        if flags & 1 != 0 { words.append("--notrack") }
        if info.byte(12) != 0 { words.append("--helper \(info.text(12, 16))") }
        if revision >= 1 && info.byte(28) != 0 { words.append("--timeout \(info.text(28, 32))") }
        let side = flags & 4 != 0 ? "-orig" : flags & 8 != 0 ? "-reply" : ""
        if flags & 16 != 0 {
            words.append("--zone\(side) mark")
        } else if info.half(2) != 0 {
            words.append("--zone\(side) \(info.half(2))")
        }
        return words
    }

    /// struct xt_log_info: level, logflags, prefix[30].
    private var log: [String] {
        var words: [String] = []
        let prefix = info.text(2, 30)
        if !prefix.isEmpty { words.append("--log-prefix \(IPTablesWords.quoted(prefix))") }
        if info.byte(0) != 4 { words.append("--log-level \(info.byte(0))") }
        let options = [
            (1, "--log-tcp-sequence"), (2, "--log-tcp-options"), (4, "--log-ip-options"), (8, "--log-uid"),
            (32, "--log-macdecode"),
        ]
        return words + options.filter { info.byte(1) & $0.0 != 0 }.map(\.1)
    }

    /// struct xt_nflog_info: len, group, threshold, flags, pad, prefix[64].
    private var netlinkLog: [String] {
        Self.netlinkLog(
            prefix: info.text(12, 64), group: info.half(4), length: info.word(0), isSize: info.half(8) & 1 != 0,
            threshold: info.half(6))
    }

    /// Of the target or of nft's own expression.
    static func netlinkLog(
        prefix: String, group: Int, length: UInt32, isSize: Bool, threshold: Int
    ) -> [String] {
        var words: [String] = []
        if !prefix.isEmpty { words.append("--nflog-prefix \(IPTablesWords.quoted(prefix))") }
        if group != 0 { words.append("--nflog-group \(group)") }
        if isSize {
            words.append("--nflog-size \(length)")
        } else if length != 0 {
            words.append("--nflog-range \(length)")
        }
        if threshold != 0 { words.append("--nflog-threshold \(threshold)") }
        return words
    }

    private func hops(_ name: String) -> [String]? {
        let options = ["--\(name)-set", "--\(name)-inc", "--\(name)-dec"]
        guard options.indices.contains(info.byte(0)) else { return nil }
        return ["\(options[info.byte(0)]) \(info.byte(1))"]
    }

    /// struct xt_set_info_target_v1, v2, v3: add_set, del_set, of 3 map_set, then flags and timeout.
    private var set: [String]? {
        var words: [String] = []
        for (offset, option) in [(0, "--add-set"), (4, "--del-set"), (8, "--map-set")] where offset < 8 || revision == 3
        {
            let index = UInt16(info.half(offset))
            // IPSET_INVALID_ID
            guard index != 0xFFFF else { continue }
            guard offset < 8, let name = sets[index], let dimensions = Self.dimensions(info, offset) else {
                return nil
            }
            words.append("\(option) \(name) \(dimensions)")
            guard revision >= 2, offset == 0 else { continue }
            let flags = info.word(revision == 2 ? 8 : 12)
            let timeout = info.word(revision == 2 ? 12 : 16)
            if flags & 1 != 0 { words.append("--exist") }
            if timeout != .max { words.append("--timeout \(timeout)") }
        }
        return words
    }
}
