import JSONTree

/// A rule in the words of nft(8), out of its JSON (libnftables-json(5)): what `nft list ruleset` prints of it, without
/// what counters have counted. A part that nft's language has and this does not is quoted as its JSON.
enum NFTablesWords {
    /// Elements of a set that are quoted.
    private static let mostElements = 6

    static func rule(_ expressions: [JSONNode], comment: String?) -> String {
        var words: [String] = []
        for (index, expression) in expressions.enumerated() {
            // nft prints no protocol that a later match implies.
            if let told = told(expression), expressions.dropFirst(index + 1).contains(where: { implies($0, told) }) {
                continue
            }
            words += expression.members.compactMap { name, value in statement(name, value) }
        }
        if let comment { words.append("comment \"\(comment)\"") }
        return words.joined(separator: " ")
    }

    /// The family or transport that a match asks for, as a header's name.
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

    // MARK: Statements

    /// Nil for what decides nothing.
    private static func statement(_ name: String, _ value: JSONNode) -> String? {
        switch name {
        case "counter": return nil
        case "accept", "drop", "return", "continue", "notrack": return name
        case "jump", "goto": return "\(name) \(value.member("target")?.string ?? "?")"
        case "match": return match(value)
        case "log": return "log" + (value.member("prefix")?.string.map { " prefix \"\($0)\"" } ?? "")
        case "limit": return limit(value)
        case "reject": return reject(value)
        case "snat", "dnat", "redirect", "masquerade": return translation(name, value)
        case "mangle":
            guard let key = value.member("key"), let new = value.member("value") else { return name }
            return "\(expression(key)) set \(expression(new, isMark: isMark(key)))"
        case "vmap":
            guard let key = value.member("key"), let data = value.member("data") else { return name }
            return "\(expression(key)) vmap \(expression(data))"
        case "xt":
            return value.member("text")?.string
                ?? "xt \(value.member("type")?.string ?? "match") \"\(value.member("name")?.string ?? "?")\""
        default: return value.isNull ? name : "\(name) \(value)"
        }
    }

    private static func match(_ value: JSONNode) -> String {
        guard let left = value.member("left"), let right = value.member("right") else { return "\(value)" }
        let op = value.member("op")?.string ?? "=="
        let isPlain = ["==", "in"].contains(op)
        // `tcp flags syn / fin,syn,rst,ack`
        if let operands = left.member("&"), let field = operands[0], let mask = operands[1], mask.kind == .array {
            return "\(expression(field))\(isPlain ? "" : " \(op)") \(expression(right)) / \(expression(mask))"
        }
        // nft leaves out the sign of equality where nothing is computed.
        let isComputed = ["&", "|", "^", "<<", ">>"].contains { left.member($0) != nil }
        let sign = isPlain ? (isComputed ? " ==" : "") : " \(op)"
        return "\(expression(left))\(sign) \(expression(right, isMark: isMark(left), isName: isName(left)))"
    }

    private static func limit(_ value: JSONNode) -> String {
        guard let rate = value.member("rate")?.numberText, let per = value.member("per")?.string else { return "limit" }
        let unit = value.member("rate_unit")?.string.map { " \($0)" } ?? ""
        let burst = value.member("burst")?.numberText.map { " burst \($0) packets" } ?? ""
        return "limit rate \(value.member("inv")?.bool == true ? "over " : "")\(rate)\(unit)/\(per)\(burst)"
    }

    private static func reject(_ value: JSONNode) -> String {
        guard let type = value.member("type")?.string else { return "reject" }
        if type == "tcp reset" { return "reject with tcp reset" }
        return "reject with \(type)" + (value.member("expr")?.string.map { " \($0)" } ?? "")
    }

    private static func translation(_ name: String, _ value: JSONNode) -> String {
        let address = value.member("addr").map { expression($0) }
        let port = value.member("port").map { ":\(expression($0))" } ?? ""
        let flags = NFTablesForm.strings(value.member("flags"))
        let rest = flags.isEmpty ? "" : " " + flags.joined(separator: ",")
        guard address != nil || !port.isEmpty else { return name + rest }
        let isBracketed = address.map { $0.contains(":") } ?? false && !port.isEmpty
        return "\(name) to " + (isBracketed ? "[\(address ?? "")]" : address ?? "") + port + rest
    }

    // MARK: Expressions

    private static func isMark(_ node: JSONNode) -> Bool {
        if node.at("meta", "key")?.string == "mark" || node.at("ct", "key")?.string == "mark" { return true }
        return node.member("&").map { $0.elements.contains { isMark($0) } } ?? false
    }

    /// Of interfaces, which nft quotes.
    private static func isName(_ node: JSONNode) -> Bool {
        ["iifname", "oifname", "ibrname", "obrname"].contains(node.at("meta", "key")?.string ?? "")
    }

    private static func expression(_ node: JSONNode, isMark: Bool = false, isName: Bool = false) -> String {
        switch node.kind {
        case .string:
            let text = node.string ?? ""
            return isName && !text.hasPrefix("@") ? "\"\(text)\"" : text
        case .number:
            guard isMark, let number = node.uint else { return node.numberText ?? "?" }
            let digits = String(number, radix: 16)
            return "0x" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
        case .bool: return node.bool == true ? "exists" : "missing"
        case .array: return node.elements.map { expression($0, isMark: isMark, isName: isName) }.joined(separator: ",")
        case .object: break
        default: return "\(node)"
        }
        guard let (name, value) = node.members.first(where: { _ in true }) else { return "{ }" }
        switch name {
        case "payload": return payload(value)
        case "meta": return meta(value.member("key")?.string ?? "?")
        case "ct":
            let way = value.member("dir")?.string.map { "\($0) " } ?? ""
            return "ct \(way)\(value.member("key")?.string ?? "?")"
        case "fib":
            let flags = NFTablesForm.strings(value.member("flags"))
            return "fib \(flags.joined(separator: " . ")) \(value.member("result")?.string ?? "?")"
        case "numgen":
            return "numgen \(value.member("mode")?.string ?? "random") mod \(value.member("mod")?.numberText ?? "?")"
        case "concat": return value.elements.map { expression($0) }.joined(separator: " . ")
        case "set": return set(value, isMark: isMark, isName: isName)
        case "map":
            guard let key = value.member("key"), let data = value.member("data") else { return "map" }
            return "\(expression(key)) map \(expression(data))"
        case "elem": return value.member("val").map { expression($0, isMark: isMark, isName: isName) } ?? "\(node)"
        case "prefix":
            return "\(value.member("addr").map { expression($0) } ?? "?")/\(value.member("len")?.numberText ?? "?")"
        case "range": return value.elements.map { expression($0) }.joined(separator: "-")
        case "&", "|", "^", "<<", ">>":
            let isMark = isMark || value.elements.contains { Self.isMark($0) }
            return value.elements.map { operand($0, isMark: isMark) }.joined(separator: " \(name) ")
        // A verdict, in a map.
        default: return statement(name, value) ?? name
        }
    }

    /// A list of names is one mask.
    private static func operand(_ node: JSONNode, isMark: Bool) -> String {
        if node.kind == .array { return "(\(node.elements.map { expression($0) }.joined(separator: " | ")))" }
        let isComputed = ["&", "|", "^"].contains { node.member($0) != nil }
        let text = expression(node, isMark: isMark)
        return isComputed ? "(\(text))" : text
    }

    private static func payload(_ value: JSONNode) -> String {
        if let header = value.member("protocol")?.string { return "\(header) \(value.member("field")?.string ?? "?")" }
        let place = ["base", "offset", "len"].map { key in
            value.member(key).map { $0.string ?? $0.numberText ?? "?" } ?? "?"
        }
        return "@" + place.joined(separator: ",")
    }

    private static func meta(_ key: String) -> String {
        let short = ["iif", "oif", "iifname", "oifname", "iifgroup", "oifgroup"]
        return short.contains(key) ? key : "meta \(key)"
    }

    private static func set(_ value: JSONNode, isMark: Bool, isName: Bool) -> String {
        let all = value.kind == .array ? Array(value.elements) : [value]
        var shown = all.prefix(mostElements).map { element in
            // A pair of a map.
            element.kind == .array
                ? element.elements.map { expression($0, isMark: isMark, isName: isName) }.joined(separator: " : ")
                : expression(element, isMark: isMark, isName: isName)
        }
        if all.count > mostElements { shown.append("...") }
        return "{ \(shown.joined(separator: ", ")) }"
    }
}
