import Addressing
import CLinux
import JSONTree
import Netlink

/// A classifier of an interface and what it does with the packets it picks, in the form of `tc -j filter show`
/// (iproute2 tc/f_flower.c, f_u32.c, f_matchall.c, m_gact.c, m_mirred.c, m_police.c). What has no form here stands
/// under `other`, so that nobody takes the rest for all of it. BPF programs are ``BPFFilter``.
struct ClassifierForm {
    /// Names of interfaces by index, for actions that name one.
    let names: [Int32: String]

    /// Nil for BPF programs, and for tables of `u32` that are no filters themselves.
    func value(_ message: Message, on device: String, _ direction: String) throws(MalformedMessage) -> JSONValue? {
        guard message.type == RTM_NEWTFILTER else { return nil }
        let header = try message.header(tcmsg.self)
        let attributes = try message.attributes(after: MemoryLayout<tcmsg>.size)
        guard let kind = try attributes.first(Int(TCA_KIND))?.string, kind != "bpf",
            let options = try attributes.first(Int(TCA_OPTIONS))?.nested
        else { return nil }
        if kind == "u32", try options.first(Int(TCA_U32_SEL)) == nil { return nil }
        let chain = try attributes.first(Int(TCA_CHAIN))?.uint32() ?? 0
        return [
            "dev": .string(device), "direction": .string(direction),
            "protocol": .string(Self.protocolName(UInt16(bigEndian: UInt16(truncatingIfNeeded: header.tcm_info)))),
            "pref": .int(Int64(header.tcm_info >> 16)), "kind": .string(kind), "chain": .int(Int64(chain)),
            "options": .object(try self.options(of: kind, options)),
        ]
    }

    /// What is inside TCA_OPTIONS.
    func options(of kind: String, _ options: AttributeReader) throws(MalformedMessage) -> [JSONMember] {
        switch kind {
        case "flower": try flower(options)
        case "matchall":
            try plain(
                options, actions: Int(TCA_MATCHALL_ACT),
                harmless: [TCA_MATCHALL_CLASSID, TCA_MATCHALL_FLAGS, TCA_MATCHALL_PCNT, TCA_MATCHALL_PAD].map {
                    Int($0)
                })
        case "u32": try universal(options)
        case "basic":
            try plain(
                options, actions: Int(TCA_BASIC_ACT),
                harmless: [TCA_BASIC_CLASSID, TCA_BASIC_PCNT, TCA_BASIC_PAD].map { Int($0) })
        case "fw":
            // Its condition is the filter's number.
            try plain(options, actions: Int(TCA_FW_ACT), harmless: [Int(TCA_FW_CLASSID)]) + [Self.unread(0)]
        default: [Self.unread(0)]
        }
    }

    /// ETH_P_ALL and those that are named in life; others by number.
    private static func protocolName(_ number: UInt16) -> String {
        switch number {
        case 3: "all"
        case 0x0800: "ip"
        case 0x0806: "arp"
        case 0x86DD: "ipv6"
        case 0x8100: "802.1Q"
        default: "0x" + String(number, radix: 16)
        }
    }

    private static func unread(_ attribute: Int) -> JSONMember {
        JSONMember("other", .array([.int(Int64(attribute))]))
    }

    /// A kind whose condition is nothing (matchall), or nothing that is read here.
    private func plain(
        _ options: AttributeReader, actions place: Int, harmless: [Int]
    ) throws(MalformedMessage) -> [JSONMember] {
        var others: [JSONValue] = []
        var members: [JSONMember] = []
        try options.forEach { item throws(MalformedMessage) in
            if item.type == place {
                members.append(JSONMember("actions", try actions(item.nested)))
            } else if !harmless.contains(item.type) {
                others.append(.int(Int64(item.type)))
            }
        }
        if !others.isEmpty { members.append(JSONMember("other", .array(others))) }
        return members
    }

    // MARK: flower

    private func flower(_ options: AttributeReader) throws(MalformedMessage) -> [JSONMember] {
        var members: [JSONMember] = []
        var keys: [JSONMember] = []
        var others: [JSONValue] = []
        var bytes: [Int: [UInt8]] = [:]
        try options.forEach { item throws(MalformedMessage) in
            if item.type == Int(TCA_FLOWER_ACT) {
                members.append(JSONMember("actions", try actions(item.nested)))
            } else {
                bytes[item.type] = item.bytes
            }
        }
        func take(_ attribute: some BinaryInteger) -> [UInt8]? { bytes.removeValue(forKey: Int(attribute)) }
        for quiet in [TCA_FLOWER_CLASSID, TCA_FLOWER_FLAGS, TCA_FLOWER_IN_HW_COUNT] { _ = take(quiet) }
        if let type = take(TCA_FLOWER_KEY_ETH_TYPE), type.count == 2 {
            keys.append(JSONMember("eth_type", .string(Self.protocolName(UInt16(type[0]) << 8 | UInt16(type[1])))))
        }
        if let transport = take(TCA_FLOWER_KEY_IP_PROTO)?.first {
            let known = [1: "icmp", 6: "tcp", 17: "udp", 58: "icmpv6", 132: "sctp"]
            keys.append(JSONMember("ip_proto", .string(known[Int(transport)] ?? "\(transport)")))
        }
        for (key, mask, name) in [
            (TCA_FLOWER_KEY_IPV4_SRC, TCA_FLOWER_KEY_IPV4_SRC_MASK, "src_ip"),
            (TCA_FLOWER_KEY_IPV4_DST, TCA_FLOWER_KEY_IPV4_DST_MASK, "dst_ip"),
            (TCA_FLOWER_KEY_IPV6_SRC, TCA_FLOWER_KEY_IPV6_SRC_MASK, "src_ip"),
            (TCA_FLOWER_KEY_IPV6_DST, TCA_FLOWER_KEY_IPV6_DST_MASK, "dst_ip"),
        ] {
            guard let value = take(key), let address = IPAddress(bytes: value) else { continue }
            guard let length = take(mask).map(Self.length) ?? address.family.bitWidth else {
                others.append(.int(Int64(mask)))
                continue
            }
            keys.append(JSONMember(name, .string("\(address)/\(length)")))
        }
        for (key, mask, name) in [
            (TCA_FLOWER_KEY_TCP_SRC, TCA_FLOWER_KEY_TCP_SRC_MASK, "src_port"),
            (TCA_FLOWER_KEY_TCP_DST, TCA_FLOWER_KEY_TCP_DST_MASK, "dst_port"),
            (TCA_FLOWER_KEY_UDP_SRC, TCA_FLOWER_KEY_UDP_SRC_MASK, "src_port"),
            (TCA_FLOWER_KEY_UDP_DST, TCA_FLOWER_KEY_UDP_DST_MASK, "dst_port"),
            (TCA_FLOWER_KEY_SCTP_SRC, TCA_FLOWER_KEY_SCTP_SRC_MASK, "src_port"),
            (TCA_FLOWER_KEY_SCTP_DST, TCA_FLOWER_KEY_SCTP_DST_MASK, "dst_port"),
        ] {
            guard let value = take(key), value.count == 2 else { continue }
            let bits = take(mask) ?? [255, 255]
            guard bits == [255, 255] else {
                others.append(.int(Int64(mask)))
                continue
            }
            keys.append(JSONMember(name, .int(Int64(value[0]) << 8 | Int64(value[1]))))
        }
        for (first, last, name) in [
            (TCA_FLOWER_KEY_PORT_SRC_MIN, TCA_FLOWER_KEY_PORT_SRC_MAX, "src_port"),
            (TCA_FLOWER_KEY_PORT_DST_MIN, TCA_FLOWER_KEY_PORT_DST_MAX, "dst_port"),
        ] {
            guard let from = take(first), let to = take(last), from.count == 2, to.count == 2 else { continue }
            keys.append(
                JSONMember(
                    name, .string("\(Int(from[0]) << 8 | Int(from[1]))-\(Int(to[0]) << 8 | Int(to[1]))")))
        }
        others += bytes.keys.sorted().map { .int(Int64($0)) }
        members.append(JSONMember("keys", .object(keys)))
        if !others.isEmpty { members.append(JSONMember("other", .array(others))) }
        return members
    }

    /// Of a mask whose bits are all at its front; nil for others.
    private static func length(_ mask: [UInt8]) -> Int? {
        let ones = mask.reduce(0) { $0 + $1.nonzeroBitCount }
        let front = mask.firstIndex { $0 != 255 }.map { $0 * 8 + (~mask[$0]).leadingZeroBitCount } ?? mask.count * 8
        return ones == front ? ones : nil
    }

    // MARK: u32

    /// struct tc_u32_sel: flags, offshift, nkeys, then bytes and words of a computed offset, then the keys at 16: mask and
    /// value in network order, offset and its mask in the machine's (linux/pkt_cls.h).
    private func universal(_ options: AttributeReader) throws(MalformedMessage) -> [JSONMember] {
        var members: [JSONMember] = []
        var others: [JSONValue] = []
        let harmless = [TCA_U32_CLASSID, TCA_U32_HASH, TCA_U32_PCNT, TCA_U32_FLAGS, TCA_U32_PAD].map { Int($0) }
        try options.forEach { item throws(MalformedMessage) in
            switch item.type {
            case Int(TCA_U32_ACT): members.append(JSONMember("actions", try actions(item.nested)))
            case Int(TCA_U32_SEL):
                let payload = item.payload
                guard payload.count >= 16 else { return others.append(.int(Int64(item.type))) }
                // An offset that is computed from the packet, and what a next table would begin at.
                let computed = UInt8(TC_U32_OFFSET | TC_U32_VAROFFSET | TC_U32_EAT)
                if payload[0] & computed != 0 { others.append(.int(Int64(item.type))) }
                var keys: [JSONValue] = []
                for index in 0..<Int(payload[2]) where payload.count >= 32 + index * 16 {
                    let place = 16 + index * 16
                    func word(_ offset: Int) -> UInt32 {
                        payload.loadUnaligned(fromByteOffset: place + offset, as: UInt32.self)
                    }
                    keys.append([
                        "value": .string(String(word(4).bigEndian, radix: 16)),
                        "mask": .string(String(word(0).bigEndian, radix: 16)),
                        "off": .int(Int64(Int32(bitPattern: word(8)))),
                        "offmask": .string(String(word(12), radix: 16)),
                    ])
                }
                members.append(JSONMember("match", .array(keys)))
            default: if !harmless.contains(item.type) { others.append(.int(Int64(item.type))) }
            }
        }
        if !others.isEmpty { members.append(JSONMember("other", .array(others))) }
        return members
    }

    // MARK: Actions

    /// In the order in which they are done: by the numbers of their attributes.
    private func actions(_ reader: AttributeReader) throws(MalformedMessage) -> JSONValue {
        var found: [(order: Int, value: JSONValue)] = []
        try reader.forEach { item throws(MalformedMessage) in found.append((item.type, try action(item.nested))) }
        return .array(found.sorted { $0.order < $1.order }.map(\.value))
    }

    private func action(_ reader: AttributeReader) throws(MalformedMessage) -> JSONValue {
        let kind = try reader.first(Int(TCA_ACT_KIND))?.string ?? ""
        var members = [JSONMember("kind", .string(kind))]
        guard let options = try reader.first(Int(TCA_ACT_OPTIONS))?.nested else { return .object(members) }
        switch kind {
        // All of them begin with index, capabilities and what comes after (tc_gen).
        case "gact", "mirred", "skbedit", "simple", "sample":
            guard let parameters = try options.first(2), parameters.payload.count >= 20 else { break }
            members.append(Self.control(parameters.payload.loadUnaligned(fromByteOffset: 8, as: Int32.self)))
            // TCA_GACT_PROB: sometimes something else.
            if kind == "gact", try options.first(3) != nil { members.append(JSONMember("prob", .bool(true))) }
            guard kind == "mirred", parameters.payload.count >= 28 else { break }
            let effect = parameters.payload.loadUnaligned(fromByteOffset: 20, as: Int32.self)
            let target = parameters.payload.loadUnaligned(fromByteOffset: 24, as: Int32.self)
            members.append(
                JSONMember("mirred_action", [1, 3].contains(effect) ? "redirect" : "mirror"))
            members.append(JSONMember("to_dev", .string(names[target] ?? "if\(target)")))
        case "police":
            // struct tc_police: index, what is done above the rate, limit, burst, mtu.
            guard let parameters = try options.first(1), parameters.payload.count >= 20 else { break }
            members.append(
                JSONMember("exceed", Self.word(parameters.payload.loadUnaligned(fromByteOffset: 4, as: Int32.self))))
            let size = parameters.payload.loadUnaligned(fromByteOffset: 16, as: UInt32.self)
            if size != 0, size < UInt32(Int32.max) { members.append(JSONMember("mtu", .int(Int64(size)))) }
            members.append(Self.control(try options.first(Int(TCA_POLICE_RESULT))?.int32() ?? 0))
        default: break
        }
        return .object(members)
    }

    private static func control(_ code: Int32) -> JSONMember {
        JSONMember("control_action", ["type": word(code)])
    }

    /// TC_ACT_... as tc names it.
    private static func word(_ code: Int32) -> JSONValue {
        let words = ["pass", "reclassify", "drop", "pipe", "stolen", "queued", "repeat", "redirect", "trap"]
        if code == -1 { return "continue" }
        return .string(Int(code) < words.count && code >= 0 ? words[Int(code)] : "code \(code)")
    }
}
