import Addressing
import JSONTree

extension PacketFilter {
    /// Reads what `nft -j list ruleset` prints. Tables that iptables-nft keeps there, and that were read from
    /// iptables-save already, are left out; unless nft wrote rules into one, for which iptables has no words.
    public mutating func read(nftables root: JSONNode) {
        guard let list = root.member("nftables") else { return }
        let written = Set(
            list.elements.compactMap { item in
                item.member("table").map {
                    "\($0.member("family")?.string ?? "") \($0.member("name")?.string ?? "")"
                }
            })
        tables.removeAll { written.contains("\($0.family) \($0.name)") && $0.isMixed }
        let known = Set(
            tables.filter { $0.program == "iptables" || $0.program == "ip6tables" }.map { "\($0.family) \($0.name)" })
        let families = ["ip", "ip6", "inet", "netdev", "bridge", "arp"]
        var found: [String: Table] = [:]
        var order: [String] = []
        func key(_ node: JSONNode) -> String? {
            guard let family = node.member("family")?.string, let name = node.member("table")?.string,
                families.contains(family), !known.contains("\(family) \(name)")
            else { return nil }
            return "\(family) \(name)"
        }
        for item in list.elements {
            if let node = item.member("table"), let family = node.member("family")?.string,
                let name = node.member("name")?.string, families.contains(family),
                !known.contains("\(family) \(name)")
            {
                // A dormant table is not walked.
                if NFTablesForm.strings(node.member("flags")).contains("dormant") { continue }
                found["\(family) \(name)"] = Table(program: "nft", family: family, name: name)
                order.append("\(family) \(name)")
            } else if let node = item.member("chain"), let key = key(node), let name = node.member("name")?.string {
                found[key]?.chains.add(Chain(name: name, base: Self.base(node)))
            } else if let node = item.member("set") ?? item.member("map"), let key = key(node),
                let name = node.member("name")?.string
            {
                let elements = node.member("elem").map { Array($0.elements) } ?? []
                found[key]?.sets["@" + name] = elements.compactMap { NFTablesForm.element($0) }
            } else if let node = item.member("rule"), let key = key(node), let chain = node.member("chain")?.string {
                found[key]?.chains.append(NFTablesForm.rule(node), to: chain)
            }
        }
        tables += order.compactMap { found[$0] }
    }

    private static func base(_ node: JSONNode) -> Base? {
        guard let hook = node.member("hook")?.string.flatMap({ Hook(rawValue: $0) }) else { return nil }
        return Base(
            hook: hook, priority: node.member("prio")?.int.map { Int(clamping: $0) } ?? 0,
            isNAT: node.member("type")?.string == "nat", policyDrops: node.member("policy")?.string == "drop",
            devices: NFTablesForm.strings(node.member("dev")))
    }
}

/// Rules and elements in nft's JSON (libnftables-json(5)).
enum NFTablesForm {
    static func rule(_ node: JSONNode) -> PacketFilter.Rule {
        let expressions = node.member("expr").map { Array($0.elements) } ?? []
        var rule = PacketFilter.Rule(
            text: NFTablesWords.rule(expressions, comment: node.member("comment")?.string))
        for expression in expressions {
            for (name, value) in expression.members { read(name, value, into: &rule) }
        }
        return rule
    }

    private static func read(_ name: String, _ value: JSONNode, into rule: inout PacketFilter.Rule) {
        switch name {
        case "match":
            rule.conditions += implied(value.member("left"))
            rule.conditions.append(condition(value))
        case "counter", "log", "comment", "quota": break
        case "notrack": rule.actions.append(.untrack)
        case "limit": rule.conditions.append(.init(test: .unknown("limit")))
        case "xt": readExtension(value, into: &rule)
        case "accept", "drop", "return", "reject", "jump", "goto", "masquerade", "snat", "dnat", "redirect", "mangle":
            rule.actions += action(name, value)
        case "vmap":
            let fields = fields(of: value.member("key"))
            let data = value.member("data")
            if let text = data?.string {
                rule.actions.append(.decideBy(fields, [], named: text))
            } else {
                let elements = data?.member("set").map { Array($0.elements) } ?? []
                rule.actions.append(.decideBy(fields, elements.compactMap { element($0) }, named: nil))
            }
        default: rule.actions.append(.unknown(name))
        }
    }

    /// A match or target of iptables. nft prints its name only; this program's own collector the words as well.
    private static func readExtension(_ value: JSONNode, into rule: inout PacketFilter.Rule) {
        let name = value.member("name")?.string ?? ""
        let isTarget = value.member("type")?.string == "target"
        if let text = value.member("text")?.string {
            let read = IPTablesRule(words: PacketFilter.words(text), text: text).rule
            rule.conditions += read.conditions
            rule.actions += read.actions
        } else if isTarget {
            rule.actions.append(.unknown("target \(name) of iptables"))
        } else if name != "comment" {
            rule.conditions.append(.init(test: .unknown("match \(name) of iptables")))
        }
    }

    /// nft leaves out what a header implies: `tcp dport 22` is of TCP, `ip saddr` of IPv4.
    private static func implied(_ left: JSONNode?) -> [PacketFilter.Condition] {
        switch left?.at("payload", "protocol")?.string {
        case "tcp", "udp", "sctp", "dccp", "udplite":
            [.init(test: .protocols([left?.at("payload", "protocol")?.string ?? ""]))]
        case "ip": [.init(test: .family(.v4))]
        case "ip6": [.init(test: .family(.v6))]
        default: []
        }
    }

    static func action(_ name: String, _ value: JSONNode) -> [PacketFilter.Action] {
        switch name {
        case "accept": return [.accept]
        case "drop": return [.drop]
        case "return": return [.return]
        case "reject":
            let type = value.member("type")?.string ?? "icmpx"
            return [.reject("\(type) \(value.member("expr")?.string ?? "port-unreachable")")]
        case "jump": return [.jump(value.member("target")?.string ?? "")]
        case "goto": return [.goto(value.member("target")?.string ?? "")]
        case "masquerade": return [.masquerade]
        case "snat": return [.sourceNAT(value.member("addr")?.string.flatMap { IPAddress($0) })]
        case "redirect": return [.redirect(value.member("port")?.int.map { Int(clamping: $0) })]
        case "dnat":
            return [
                .destinationNAT(
                    value.member("addr")?.string.flatMap { IPAddress($0) },
                    value.member("port")?.int.map { Int(clamping: $0) })
            ]
        case "mangle":
            guard value.at("key", "meta", "key")?.string == "mark" else { return [] }
            if let number = value.member("value")?.uint {
                return [.mark(clear: .max, set: UInt32(truncatingIfNeeded: number))]
            }
            if let operands = value.at("value", "|"), let bits = operands[1]?.uint {
                let bits = UInt32(truncatingIfNeeded: bits)
                return [.mark(clear: bits, set: bits)]
            }
            if let operands = value.at("value", "^"), let mask = operands[0]?.member("&")?[1]?.uint,
                let bits = operands[1]?.uint
            {
                return [.mark(clear: ~UInt32(truncatingIfNeeded: mask), set: UInt32(truncatingIfNeeded: bits))]
            }
            return [.unknown("a mark that is computed")]
        default: return [.unknown(name)]
        }
    }

    private static func condition(_ node: JSONNode) -> PacketFilter.Condition {
        let isNegated = node.member("op")?.string == "!="
        guard let left = node.member("left"), let right = node.member("right") else {
            return .init(test: .unknown("a comparison"))
        }
        if left.at("meta", "key")?.string == "length", let range = range(right, node.member("op")?.string ?? "==") {
            return .init(test: .length(range), isNegated: isNegated)
        }
        guard ["==", "!=", "in", nil].contains(node.member("op")?.string) else {
            return .init(test: .unknown("a comparison"))
        }
        return .init(test: test(left, right), isNegated: isNegated)
    }

    /// Numbers for which a comparison holds; nil where it names none.
    private static func range(_ right: JSONNode, _ op: String) -> ClosedRange<Int>? {
        if let ends = right.member("range"), let low = ends[0]?.int, let high = ends[1]?.int, low <= high {
            return Int(clamping: low)...Int(clamping: high)
        }
        // A length has 32 bits.
        guard let number = right.int.map({ Int(clamping: min($0, 1 << 32)) }), number >= 0 else { return nil }
        switch op {
        case ">": return (number + 1)...Int.max
        case ">=": return number...Int.max
        case "<": return number > 0 ? 0...(number - 1) : nil
        case "<=": return 0...number
        default: return number...number
        }
    }

    private static func test(_ left: JSONNode, _ right: JSONNode) -> PacketFilter.Test {
        // `tcp flags syn / fin,syn,rst,ack`
        if let operands = left.member("&"), operands[0]?.at("payload", "field")?.string == "flags",
            let mask = operands[1].map({ Set(values($0).compactMap(\.string)) }), mask.isSuperset(of: ["syn", "ack"]),
            values(right).map(\.string) == ["syn"]
        {
            return .beginsConnection
        }
        if let operands = left.member("&"), operands[0]?.at("meta", "key")?.string == "mark",
            let mask = operands[1]?.uint,
            let value = right.uint
        {
            return .mark(value: UInt32(truncatingIfNeeded: value), mask: UInt32(truncatingIfNeeded: mask))
        }
        // Whether it is the first fragment, or none: nobody asks here what becomes of the others.
        if let operands = left.member("&"), operands[0]?.at("payload", "field")?.string == "frag-off",
            operands[1]?.uint == 0x1FFF, right.uint == 0
        {
            return .constant(true)
        }
        if let key = left.at("ct", "key")?.string {
            let words = Set(values(right).compactMap(\.string))
            if key == "state" { return .state(words) }
            if key == "status" { return .state(words) }
            return .unknown("ct \(key)")
        }
        if let key = left.at("meta", "key")?.string {
            switch key {
            case "iifname", "iif": return .input(values(right).compactMap(\.string))
            case "oifname", "oif": return .output(values(right).compactMap(\.string))
            case "l4proto", "protocol":
                let words = values(right).compactMap { $0.string ?? $0.numberText }
                if words == ["ip"] { return .family(.v4) }
                if words == ["ip6"] { return .family(.v6) }
                if key == "protocol" {
                    if words == ["arp"] { return .protocols(["arp"]) }
                    return words.contains("ip") || words.contains("ip6") ? .unknown(key) : .constant(false)
                }
                return .protocols(Set(words.map { IPTablesRule.transport($0) }))
            case "nfproto": return right.string == "ipv4" ? .family(.v4) : .family(.v6)
            case "mark":
                return right.uint.map { .mark(value: UInt32(truncatingIfNeeded: $0), mask: .max) }
                    ?? .unknown("meta mark")
            default: break
            }
        }
        if let fib = left.member("fib"), fib.member("result")?.string == "type" {
            return .addressType(right.string ?? "", isSource: strings(fib.member("flags")).contains("saddr"))
        }
        if left.at("payload", "protocol")?.string == "ether", left.at("payload", "field")?.string == "type" {
            let words = values(right).compactMap(\.string)
            if words == ["ip"] || words == ["ip6"] { return .family(words == ["ip"] ? .v4 : .v6) }
            if words == ["arp"] { return .protocols(["arp"]) }
            return words.contains { $0.hasPrefix("ip") } ? .unknown("ether type") : .constant(false)
        }
        let fields = fields(of: left)
        if fields.contains(.unknown) {
            if let icmp = left.member("payload"), icmp.member("field")?.string == "type",
                ["icmp", "icmpv6"].contains(icmp.member("protocol")?.string ?? "")
            {
                let names = ["echo-request": 8, "echo-reply": 0, "destination-unreachable": 3, "time-exceeded": 11]
                let type = right.int.map { Int(clamping: $0) } ?? right.string.flatMap { names[$0] }
                if let type { return .icmp(type: type, code: nil) }
            }
            return .unknown("\(left)")
        }
        if let name = right.string, name.hasPrefix("@") { return .set(name, fields) }
        let list = right.member("set").map { Array($0.elements) } ?? [right]
        let elements = list.compactMap { element($0) }
        if elements.count != list.count { return .unknown("\(right)") }
        // `tcp dport` also says that it is TCP.
        return .elements(elements, fields)
    }

    /// One word, or a list of them: nft writes either.
    static func strings(_ node: JSONNode?) -> [String] { node.map { values($0).compactMap(\.string) } ?? [] }

    private static func values(_ node: JSONNode) -> [JSONNode] {
        if let set = node.member("set") { return Array(set.elements) }
        // Of bits with names, as other versions of nft write a mask: `{"|": [{"|": ["fin", "syn"]}, "ack"]}`.
        if let bits = node.member("|") { return bits.elements.flatMap { values($0) } }
        return node.kind == .array ? Array(node.elements) : [node]
    }

    static func fields(of node: JSONNode?) -> [PacketFilter.Field] {
        guard let node else { return [.unknown] }
        if let several = node.member("concat") { return several.elements.flatMap { fields(of: $0) } }
        if node.at("ct", "key")?.string == "state" { return [.state] }
        if node.member("numgen") != nil { return [.random] }
        switch node.at("meta", "key")?.string {
        case "l4proto": return [.transport]
        case "iifname", "iif": return [.input]
        case "oifname", "oif": return [.output]
        case "mark": return [.mark]
        default: break
        }
        switch (node.at("payload", "protocol")?.string, node.at("payload", "field")?.string) {
        case ("ip", "saddr"), ("ip6", "saddr"): return [.source]
        case ("ip", "daddr"), ("ip6", "daddr"): return [.destination]
        case ("ip", "protocol"), ("ip6", "nexthdr"): return [.transport]
        case (_, "sport"): return [.sourcePort]
        case (_, "dport"): return [.destinationPort]
        default: return [.unknown]
        }
    }

    /// An element of a set, or a pair of a map.
    static func element(_ node: JSONNode) -> PacketFilter.SetElement? {
        if let inner = node.at("elem", "val") { return element(inner) }
        if node.kind == .array, node.count == 2, let key = node[0], let value = node[1] {
            guard var element = element(key) else { return nil }
            for (name, verdict) in value.members { element.action += action(name, verdict) }
            if value.kind == .string || value.kind == .null { return element }
            return element
        }
        if let several = node.member("concat") {
            let parts = several.elements.compactMap { part($0) }
            return parts.count == several.count ? .init(parts: parts) : nil
        }
        return part(node).map { .init(parts: [$0]) }
    }

    private static func part(_ node: JSONNode) -> PacketFilter.SetElement.Part? {
        if let inner = node.at("elem", "val") { return part(inner) }
        if let number = node.int { return .ports(Int(clamping: number)...Int(clamping: number)) }
        if let text = node.string {
            if let range = IPRange.parsing(text) { return .range(range) }
            return .word(IPTablesRule.transport(text))
        }
        if let prefix = node.member("prefix"), let address = prefix.member("addr")?.string.flatMap({ IPAddress($0) }),
            let length = prefix.member("len")?.int
        {
            return .range(
                IPRange(
                    IPPrefix(containing: address, length: min(max(Int(clamping: length), 0), address.family.bitWidth))))
        }
        if let ends = node.member("range"), let first = ends[0], let last = ends[1] {
            if let low = first.int, let high = last.int, low <= high {
                return .ports(Int(clamping: low)...Int(clamping: high))
            }
            if let low = first.string.flatMap({ IPAddress($0) }), let high = last.string.flatMap({ IPAddress($0) }) {
                return IPRange(first: low, last: high).map { .range($0) }
            }
        }
        return nil
    }
}

extension PacketFilter.Table {
    /// Whether nft wrote into a table of iptables.
    fileprivate var isMixed: Bool {
        (program == "iptables" || program == "ip6tables") && chains.mention("-m nft --undecoded ")
    }
}
