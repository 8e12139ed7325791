import JSONTree

/// A rule of nft's JSON (libnftables-json(5)) in nft's own words, as `nft list ruleset` prints it. What has no words here
/// stays JSON.
enum NFTablesPhrase {
    static func rule(_ expressions: [JSONNode]) -> String {
        var words: [String] = []
        for (index, expression) in expressions.enumerated() {
            // nft prints no protocol that the next match implies.
            if let told = Self.told(expression), expressions.dropFirst(index + 1).contains(where: { implies($0, told) })
            {
                continue
            }
            words += expression.members.map { name, value in statement(name, value) ?? "\(expression)" }
        }
        return words.joined(separator: " ")
    }

    /// The family or transport that a match asks for.
    private static func told(_ expression: JSONNode) -> String? {
        guard let match = expression.member("match"), match.member("op")?.string ?? "==" == "==",
            let key = match.at("left", "meta", "key")?.string, key == "nfproto" || key == "l4proto",
            let value = match.member("right")?.string
        else { return nil }
        return ["ipv4": "ip", "ipv6": "ip6"][value] ?? value
    }

    private static func implies(_ expression: JSONNode, _ header: String) -> Bool {
        expression.at("match", "left", "payload", "protocol")?.string == header
    }

    private static func statement(_ name: String, _ value: JSONNode) -> String? {
        switch name {
        case "accept", "drop", "return", "continue", "notrack": return name
        case "counter": return "counter"
        case "jump", "goto": return value.member("target")?.string.map { "\(name) \($0)" }
        case "masquerade": return value.isEmpty ? name : nil
        case "reject":
            guard let type = value.member("type")?.string else { return value.isEmpty ? name : nil }
            guard type != "tcp reset" else { return "reject with tcp reset" }
            return value.member("expr")?.string.map { "reject with \(type) \($0)" }
        case "match":
            guard let left = value.member("left").flatMap(side), let right = value.member("right").flatMap(side) else {
                return nil
            }
            let op = value.member("op")?.string ?? "=="
            return op == "==" || op == "in" ? "\(left) \(right)" : "\(left) \(op) \(right)"
        default: return nil
        }
    }

    private static func side(_ node: JSONNode) -> String? {
        if let text = node.string { return text.contains(" ") ? "\"\(text)\"" : text }
        if let number = node.numberText { return number }
        if let key = node.at("meta", "key")?.string {
            return ["iifname", "oifname", "iif", "oif", "mark"].contains(key) ? key : "meta \(key)"
        }
        if let payload = node.member("payload"), let header = payload.member("protocol")?.string,
            let field = payload.member("field")?.string
        {
            return "\(header) \(field)"
        }
        if let key = node.at("ct", "key")?.string { return "ct \(key)" }
        if let prefix = node.member("prefix"), let address = prefix.member("addr")?.string,
            let length = prefix.member("len")?.numberText
        {
            return "\(address)/\(length)"
        }
        if let ends = node.member("range"), let first = ends[0].flatMap(side), let last = ends[1].flatMap(side) {
            return "\(first)-\(last)"
        }
        guard let set = node.member("set") ?? (node.kind == .array ? node : nil) else { return nil }
        let members = set.elements.map(side)
        guard !members.isEmpty, members.allSatisfy({ $0 != nil }) else { return nil }
        return "{ \(members.compactMap { $0 }.joined(separator: ", ")) }"
    }
}

extension JSONNode {
    /// `null` or an object without members.
    fileprivate var isEmpty: Bool { kind == .null || (kind == .object && count == 0) }
}
