import Addressing
import CLinux
import JSONTree
import Netlink

/// One rule's expressions as nft prints them: loads, masks and comparisons of registers become matches again.
struct NFTablesRuleForm {
    private let family: NFTables.Family
    private let sets: [String: NFTablesReader.ListedSet]
    /// Names of ipsets by the kernel's number.
    private let ipsets: [UInt16: String]
    /// What each register holds, by its word; loads in their order.
    private var held: [Int: Held] = [:]
    /// The rule's transport, once it has said so: ports are those of it.
    private var transport: String?
    private var output: [JSONValue] = []

    private struct Held {
        var left: JSONValue
        var kind: NFTablesValue.Kind?
        /// Bytes.
        var size: Int
        /// After `bitwise`.
        var mask: [UInt8]?
        var xor: [UInt8]?
        /// Of an immediate.
        var value: [UInt8]?
        var isState = false
        var isStatus = false
        /// `meta length`
        var isLength = false
    }

    init(family: NFTables.Family, sets: [String: NFTablesReader.ListedSet], ipsets: [UInt16: String]) {
        self.family = family
        self.ipsets = ipsets
        self.sets = sets
    }

    private static let words: [NFTables.Register: Int] = Dictionary(
        uniqueKeysWithValues: (0..<16).map { (NFTables.Register(word: $0), $0) })

    private func word(_ register: NFTables.Register) -> Int { Self.words[register] ?? -1 }

    mutating func expressions(of rule: [NFTables.Expression]) -> [JSONValue] {
        for expression in rule { read(expression) }
        return output
    }

    private mutating func read(_ expression: NFTables.Expression) {
        switch expression {
        case .meta(let key, let register): held[word(register)] = meta(key)
        case .payload(let base, let offset, let length, let register):
            held[word(register)] = payload(base, Int(offset), Int(length))
        case .conntrack(let key, let register):
            var entry = Held(left: ["ct": ["key": .string(Self.conntrack(key.rawValue))]], kind: .mark, size: 4)
            entry.isState = key == .state
            entry.isStatus = key == .status
            held[word(register)] = entry
        case .fib(let selector, let result, let register):
            let flags: [JSONValue] = selector.contains(.sourceAddress) ? ["saddr"] : ["daddr"]
            held[word(register)] = Held(
                left: ["fib": ["result": result == .addressType ? "type" : "oif", "flags": .array(flags)]], kind: nil,
                size: 4)
        case .immediate(let bytes, let register):
            held[word(register)] = Held(left: .null, kind: nil, size: bytes.count, value: bytes)
        case .bitwise(let source, let destination, let mask, let xor):
            guard var entry = held[word(source)] else { return unknown("bitwise") }
            entry.mask = mask
            entry.xor = xor
            held[word(destination)] = entry
        case .compare(let register, let comparison, let bytes): compare(word(register), comparison, bytes)
        case .lookup(let name, let register, let result, let inverted): lookup(name, word(register), result, inverted)
        case .setMeta(let key, let register): setMeta(key, word(register))
        case .verdict(let verdict): output.append(Self.verdict(verdict))
        case .nat(let kind, _, let address, let port): nat(kind, address, port)
        case .masquerade, .masqueradeRandomly: output.append(["masquerade": .null])
        case .counter(let packets, let bytes):
            output.append(["counter": ["packets": .uint(packets), "bytes": .uint(bytes)]])
        case .reject(let type, let code):
            output.append(["reject": ["type": type == 1 ? "tcp reset" : "icmpx", "expr": .string("code \(code)")]])
        case .match(let name, let revision, let info):
            xtables("match", name, XTablesExtension(name, revision, info, addresses, sets: ipsets).matchText)
        case .target(let name, let revision, let info):
            xtables("target", name, XTablesExtension(name, revision, info, addresses, sets: ipsets).targetText)
        case .range(let register, let isNegated, let from, let to):
            guard let entry = held[word(register)], entry.mask == nil, let kind = entry.kind else {
                return unknown("range")
            }
            match(
                entry.left, isNegated ? "!=" : "==",
                ["range": [NFTablesValue.value(from, kind), NFTablesValue.value(to, kind)]])
        case .numbers(let modulus, let isRandom, let register):
            let mode: JSONValue = isRandom ? "random" : "inc"
            held[word(register)] = Held(
                left: ["numgen": ["mode": mode, "mod": .uint(UInt64(modulus)), "offset": 0]], kind: .mark, size: 4)
        case .limit(let limit):
            output.append([
                "limit": ["rate": .uint(limit.rate), "per": .string(Self.units[limit.unit] ?? "\(limit.unit) seconds")]
            ])
        case .log(let log):
            output.append(["log": log.prefix.isEmpty ? .null : ["prefix": .string(log.prefix)]])
        case .other(let name):
            // What neither matches nor decides.
            if ["objref", "quota", "notrack", "last"].contains(name) {
                output.append([name: .null])
            } else if name == "byteorder", let place = held.first(where: { $0.value.isLength })?.key {
                // nft turns a length round before it compares which is greater; the register stays.
                held[place]?.kind = .ordered
            } else {
                unknown(name)
            }
        }
    }

    private static let units: [UInt64: String] = [
        1: "second", 60: "minute", 3600: "hour", 86400: "day", 604800: "week",
    ]

    private var addresses: IPFamily { family == .ip6 ? .v6 : .v4 }

    /// nft prints type and name of what iptables wrote; the words of iptables-save stand beside them here.
    private mutating func xtables(_ type: String, _ name: String, _ text: String) {
        output.append(["xt": ["type": .string(type), "name": .string(name), "text": .string(text)]])
    }

    private mutating func unknown(_ name: String) { output.append(["unknown \(name)": .null]) }

    // MARK: Loads

    private func meta(_ key: NFTables.MetaKey) -> Held {
        func entry(_ name: String, _ kind: NFTablesValue.Kind?, _ size: Int) -> Held {
            Held(left: ["meta": ["key": .string(name)]], kind: kind, size: size)
        }
        switch key {
        case .mark: return entry("mark", .mark, 4)
        case .iifname: return entry("iifname", .interfaceName, 16)
        case .oifname: return entry("oifname", .interfaceName, 16)
        case .nfproto: return entry("nfproto", nil, 1)
        case .l4proto: return entry("l4proto", .transport, 1)
        case NFTables.MetaKey(rawValue: NFT_META_PROTOCOL.rawValue): return entry("protocol", .etherType, 2)
        case NFTables.MetaKey(rawValue: NFT_META_LEN.rawValue):
            var length = entry("length", nil, 4)
            length.isLength = true
            return length
        default: return entry("meta \(key.rawValue)", nil, 4)
        }
    }

    private static func conntrack(_ number: UInt32) -> String {
        switch number {
        case NFT_CT_STATE.rawValue: "state"
        case NFT_CT_STATUS.rawValue: "status"
        case NFT_CT_MARK.rawValue: "mark"
        default: "ct \(number)"
        }
    }

    private func payload(_ base: NFTables.PayloadBase, _ offset: Int, _ length: Int) -> Held {
        func entry(_ header: String, _ field: String, _ kind: NFTablesValue.Kind?) -> Held {
            Held(
                left: ["payload": ["protocol": .string(header), "field": .string(field)]], kind: kind, size: length)
        }
        switch (base, offset, length) {
        // struct ethhdr: the type at 12
        case (.link, 12, 2): return entry("ether", "type", .etherType)
        // struct iphdr: protocol at 9, saddr at 12, daddr at 16; struct ipv6hdr: nexthdr at 6, saddr at 8, daddr at 24
        case (.network, 12, 1...4) where family != .ip6: return entry("ip", "saddr", length == 4 ? .ipv4 : nil)
        case (.network, 16, 1...4) where family != .ip6: return entry("ip", "daddr", length == 4 ? .ipv4 : nil)
        case (.network, 6, 2) where family != .ip6: return entry("ip", "frag-off", nil)
        case (.network, 9, 1) where family != .ip6: return entry("ip", "protocol", .transport)
        case (.network, 8, 1..<16) where family == .ip6: return entry("ip6", "saddr", nil)
        case (.network, 24, 1..<16) where family == .ip6: return entry("ip6", "daddr", nil)
        case (.network, 8, 16): return entry("ip6", "saddr", .ipv6)
        case (.network, 24, 16): return entry("ip6", "daddr", .ipv6)
        case (.network, 6, 1): return entry("ip6", "nexthdr", .transport)
        case (.transport, 0, 2): return entry(transport ?? "th", "sport", .port)
        case (.transport, 2, 2): return entry(transport ?? "th", "dport", .port)
        case (.transport, 0, 1): return entry(transport == "ipv6-icmp" ? "icmpv6" : transport ?? "th", "type", nil)
        default: return entry("\(base)", "\(offset)+\(length)", nil)
        }
    }

    // MARK: Matches

    private mutating func match(_ left: JSONValue, _ op: String, _ right: JSONValue) {
        output.append(["match": ["op": .string(op), "left": left, "right": right]])
    }

    private mutating func compare(_ word: Int, _ comparison: NFTables.Comparison, _ bytes: [UInt8]) {
        guard let entry = held[word] else { return unknown("cmp") }
        let isEqual = comparison == .equal
        guard isEqual || comparison == .notEqual else {
            let op =
                [NFTables.Comparison.less: "<", .lessOrEqual: "<=", .greater: ">", .greaterOrEqual: ">="][comparison]
                ?? "?"
            return match(
                entry.left, op, entry.kind.map { NFTablesValue.value(bytes, $0) } ?? NFTablesValue.unknown(bytes))
        }
        let op = isEqual ? "==" : "!="
        if entry.isState || entry.isStatus, let mask = entry.mask {
            // `ct state established,related` is: some of these bits.
            guard bytes.allSatisfy({ $0 == 0 }) else { return unknown("ct") }
            let names = entry.isState ? Self.states : Self.statuses
            let set = names.filter { NFTablesValue.host(mask) & $0.0 != 0 }.map { JSONValue.string($0.1) }
            return match(entry.left, isEqual ? "!=" : "in", set.count == 1 ? set[0] : .array(set))
        }
        if let mask = entry.mask {
            if let kind = entry.kind, kind == .ipv4 || kind == .ipv6 {
                // A mask with gaps is no prefix.
                guard let length = IPTablesWords.mask(mask).flatMap({ Int64($0.dropFirst()) }) else {
                    return match(entry.left, op, NFTablesValue.unknown(bytes))
                }
                return match(
                    entry.left, op, ["prefix": ["addr": NFTablesValue.value(bytes, kind), "len": .int(length)]])
            }
            // What the packet has is in the network's byte order, what the kernel keeps is not.
            let isOfPacket = entry.left.at("payload", "field") != nil
            let number = isOfPacket ? NFTablesValue.network : NFTablesValue.host
            return match(["&": [entry.left, .int(Int64(number(mask)))]], op, .int(Int64(number(bytes))))
        }
        if entry.left.at("meta", "key")?.stringValue == "nfproto" {
            return match(entry.left, op, .string(bytes.first == 10 ? "ipv6" : "ipv4"))
        }
        if entry.left.at("fib", "result")?.stringValue == "type" {
            let types: [UInt32: String] = [1: "unicast", 2: "local", 3: "broadcast", 4: "anycast", 5: "multicast"]
            return match(entry.left, op, .string(types[NFTablesValue.host(bytes)] ?? "\(NFTablesValue.host(bytes))"))
        }
        if entry.left.at("payload", "field")?.stringValue == "type", entry.kind == nil {
            return match(entry.left, op, .int(Int64(bytes.first ?? 0)))
        }
        // A part of an address: nft loads only the bytes of a /8, /16 or /24.
        if let field = entry.left.at("payload", "field")?.stringValue, field == "saddr" || field == "daddr",
            entry.kind == nil
        {
            let kind = entry.left.at("payload", "protocol")?.stringValue == "ip6" ? NFTablesValue.Kind.ipv6 : .ipv4
            let padded = bytes + [UInt8](repeating: 0, count: max(kind.size - bytes.count, 0))
            return match(
                entry.left, op,
                ["prefix": ["addr": NFTablesValue.value(padded, kind), "len": .int(Int64(bytes.count * 8))]])
        }
        guard let kind = entry.kind else { return match(entry.left, op, NFTablesValue.unknown(bytes)) }
        if kind == .transport, isEqual { transport = NFTablesValue.transport(bytes.first ?? 0) }
        match(entry.left, op, NFTablesValue.value(bytes, kind))
    }

    private static let states: [(UInt32, String)] = [
        (1, "invalid"), (2, "established"), (4, "related"), (8, "new"), (64, "untracked"),
    ]
    private static let statuses: [(UInt32, String)] = [(16, "snat"), (32, "dnat")]

    private mutating func lookup(
        _ name: String, _ start: Int, _ result: NFTables.LookupResult, _ inverted: Bool
    ) {
        var fields: [JSONValue] = []
        var word = start
        let wanted = sets[name]?.types.count ?? 1
        while fields.count < wanted, let entry = held[word] {
            fields.append(entry.left)
            word += max(1, (entry.size + 3) / 4)
        }
        let left: JSONValue = fields.count == 1 ? fields[0] : ["concat": .array(fields)]
        let set = sets[name]
        let right: JSONValue = set?.isAnonymous ?? false ? ["set": .array(set?.elements ?? [])] : .string("@\(name)")
        switch result {
        case .none:
            guard fields.count == wanted else { return unknown("lookup") }
            if let entry = held[start], entry.isState {
                return match(entry.left, inverted ? "!=" : "==", right)
            }
            match(left, inverted ? "!=" : "==", right)
        case .verdict:
            guard fields.count == wanted else { return unknown("lookup") }
            output.append(["vmap": ["key": left, "data": right]])
        case .value(let register):
            // Only what is in the map goes on; what it gives is not followed.
            match(left, inverted ? "!=" : "==", right)
            held[self.word(register)] = Held(left: ["map": right], kind: nil, size: 4)
        }
    }

    // MARK: Statements

    private mutating func setMeta(_ key: NFTables.MetaKey, _ word: Int) {
        guard key == .mark, let entry = held[word] else {
            // The priority and the like decide nothing.
            return output.append(["mangle": ["key": ["meta": ["key": "other"]], "value": 0]])
        }
        let mark: JSONValue = ["meta": ["key": "mark"]]
        if let value = entry.value {
            output.append(["mangle": ["key": mark, "value": .int(Int64(NFTablesValue.host(value)))]])
        } else if let mask = entry.mask, let xor = entry.xor, entry.left.at("meta", "key")?.stringValue == "mark" {
            let kept: JSONValue = ["&": [mark, .int(Int64(NFTablesValue.host(mask)))]]
            output.append(["mangle": ["key": mark, "value": ["^": [kept, .int(Int64(NFTablesValue.host(xor)))]]]])
        } else {
            output.append(["mangle": ["key": mark, "value": entry.left]])
        }
    }

    private mutating func nat(_ kind: NFTables.NATKind, _ address: NFTables.Register?, _ port: NFTables.Register?) {
        var members: [JSONMember] = []
        if let bytes = address.flatMap({ held[word($0)]?.value }) {
            members.append(JSONMember("addr", NFTablesValue.value(bytes, bytes.count == 4 ? .ipv4 : .ipv6)))
        }
        if let bytes = port.flatMap({ held[word($0)]?.value }) {
            members.append(JSONMember("port", NFTablesValue.value(bytes, .port)))
        }
        output.append([kind == .source ? "snat" : "dnat": .object(members)])
    }

    static func verdict(_ verdict: NFTables.Verdict) -> JSONValue {
        switch verdict {
        case .accept: ["accept": .null]
        case .drop: ["drop": .null]
        case .return: ["return": .null]
        case .jump(let chain): ["jump": ["target": .string(chain)]]
        case .goto(let chain): ["goto": ["target": .string(chain)]]
        case .other(let code): ["verdict \(code)": .null]
        }
    }

    static func verdict(code: Int32, chain: String?) -> NFTables.Verdict {
        switch (code, chain) {
        case (Int32(NF_ACCEPT), _): .accept
        case (Int32(NF_DROP), _): .drop
        case (NFT_RETURN.rawValue, _): .return
        case (NFT_JUMP.rawValue, let chain?): .jump(chain)
        case (NFT_GOTO.rawValue, let chain?): .goto(chain)
        default: .other(code)
        }
    }
}
