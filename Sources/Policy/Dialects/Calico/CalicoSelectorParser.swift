import Findings

/// Recursive descent over the bytes of a selector. Nesting is bounded, because a selector is foreign input.
struct CalicoSelectorParser {
    private let text: String
    private let bytes: [UInt8]
    private var offset = 0
    private var depth = 0

    private static let depthLimit = 100

    init(_ text: String) {
        self.text = text
        bytes = Array(text.utf8)
    }

    mutating func wholeSelector() throws(CalicoSelector.Problem) -> CalicoExpression {
        skipBlanks()
        if offset == bytes.count { return .all }
        let expression = try alternatives()
        skipBlanks()
        if offset < bytes.count {
            if peek("&") || peek("|") { throw problem("operators are && and ||, doubled") }
            if peek(")") { throw problem("a closing bracket without an opening one") }
            throw problem("expected && or || or the end of the selector")
        }
        return expression
    }

    private mutating func alternatives() throws(CalicoSelector.Problem) -> CalicoExpression {
        var parts = [try conjunction()]
        while take("||") { parts.append(try conjunction()) }
        return parts.count == 1 ? parts[0] : .or(parts)
    }

    private mutating func conjunction() throws(CalicoSelector.Problem) -> CalicoExpression {
        var parts = [try unary()]
        while take("&&") { parts.append(try unary()) }
        return parts.count == 1 ? parts[0] : .and(parts)
    }

    private mutating func unary() throws(CalicoSelector.Problem) -> CalicoExpression {
        var isNegated = false
        while take("!") { isNegated.toggle() }
        let inner = try term()
        return isNegated ? .not(inner) : inner
    }

    private mutating func term() throws(CalicoSelector.Problem) -> CalicoExpression {
        depth += 1
        defer { depth -= 1 }
        if depth > Self.depthLimit { throw problem("brackets nest deeper than \(Self.depthLimit) levels") }
        if take("(") {
            let inner = try alternatives()
            guard take(")") else { throw problem("expected ) to close the bracket, or && or ||") }
            return inner
        }
        skipBlanks()
        let start = offset
        guard let word = name() else { throw expectedTerm() }
        skipBlanks()
        if peek("(") { return try function(word, at: start) }
        return try operation(on: word)
    }

    private mutating func function(
        _ word: String, at start: Int
    ) throws(CalicoSelector.Problem) -> CalicoExpression {
        switch word {
        case "all", "global":
            _ = take("(")
            guard take(")") else { throw problem("\(word)() takes nothing between its brackets") }
            return word == "all" ? .all : .global
        case "has":
            _ = take("(")
            skipBlanks()
            guard let label = name() else { throw problem("has() needs the name of a label, without quotes") }
            guard take(")") else { throw problem("expected ) after has(\(label)") }
            return .has(label)
        default:
            offset = start
            let meant = EditDistance.nearest(to: word, in: ["all", "global", "has"])
            throw problem(
                "there is no function \(word)()"
                    + (meant.map { ", did you mean \($0)()?" } ?? ": only all(), global(), has(label)"))
        }
    }

    private mutating func operation(on label: String) throws(CalicoSelector.Problem) -> CalicoExpression {
        let start = offset
        if take("==") { return .isIn(label, [try quotedText("==")]) }
        if take("!=") { return .not(.isIn(label, [try quotedText("!=")])) }
        if peek("=") { throw problem("comparison is ==, not =") }
        guard let word = word() else {
            throw problem("expected ==, !=, in, not in, contains, starts with or ends with after label \(label)")
        }
        switch word {
        case "in": return .isIn(label, try set())
        case "not":
            guard self.word() == "in" else { throw problem("expected in after not") }
            return .not(.isIn(label, try set()))
        case "contains": return .contains(label, try quotedText("contains"))
        case "starts", "ends":
            guard self.word() == "with" else { throw problem("expected with after \(word)") }
            let text = try quotedText("\(word) with")
            return word == "starts" ? .startsWith(label, text) : .endsWith(label, text)
        default:
            offset = start
            let meant = EditDistance.nearest(to: word, in: ["in", "not", "contains", "starts", "ends"])
            let operators = "==, !=, in, not in, contains, starts with or ends with"
            throw problem(
                "there is no operator \(word)" + (meant.map { ", did you mean \($0)?" } ?? ": expected \(operators)"))
        }
    }

    private mutating func set() throws(CalicoSelector.Problem) -> [String] {
        guard take("{") else { throw problem("a set stands in braces: {'a', 'b'}") }
        var values: [String] = []
        while !take("}") {
            if offset == bytes.count { throw problem("expected } to close the set") }
            values.append(try quotedText("in a set"))
            if !take(",") {
                guard take("}") else { throw problem("expected , or } in the set") }
                break
            }
        }
        return values
    }

    private mutating func quotedText(_ place: String) throws(CalicoSelector.Problem) -> String {
        skipBlanks()
        guard offset < bytes.count, bytes[offset] == UInt8(ascii: "'") || bytes[offset] == UInt8(ascii: "\"") else {
            throw problem(
                place == "in a set" ? "values of a set stand in quotes" : "expected a text in quotes after \(place)")
        }
        let start = offset
        guard let end = bytes[(offset + 1)...].firstIndex(of: bytes[offset]) else {
            throw problem("the text is not closed: expected another \(Character(UnicodeScalar(bytes[start])))")
        }
        offset = end + 1
        return String(decoding: bytes[(start + 1)..<end], as: UTF8.self)
    }

    // MARK: Characters

    private mutating func skipBlanks() {
        while offset < bytes.count, bytes[offset] == 0x20 || (0x09...0x0D).contains(bytes[offset]) { offset += 1 }
    }

    private func peek(_ token: String) -> Bool { bytes[offset...].starts(with: token.utf8) }

    private mutating func take(_ token: String) -> Bool {
        let before = offset
        skipBlanks()
        // `!` alone is negation; `!=` belongs to a label.
        if peek(token), !(token == "!" && peek("!=")) {
            offset += token.utf8.count
            return true
        }
        offset = before
        skipBlanks()
        return false
    }

    /// A label's name: letters, digits and `_./-`.
    private mutating func name() -> String? {
        let start = offset
        while offset < bytes.count, Self.isNameByte(bytes[offset]) { offset += 1 }
        return start == offset ? nil : String(decoding: bytes[start..<offset], as: UTF8.self)
    }

    /// An operator's word.
    private mutating func word() -> String? {
        skipBlanks()
        let start = offset
        while offset < bytes.count, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(bytes[offset]) { offset += 1 }
        return start == offset ? nil : String(decoding: bytes[start..<offset], as: UTF8.self)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "/"),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private func expectedTerm() -> CalicoSelector.Problem {
        if offset == bytes.count { return problem("the selector ends where a condition is expected") }
        if peek("'") || peek("\"") { return problem("a label's name stands without quotes") }
        return problem("expected a label, has(label), all(), global(), ! or (")
    }

    private func problem(_ reason: String) -> CalicoSelector.Problem {
        CalicoSelector.Problem(text: text, offset: min(offset, bytes.count), reason: reason)
    }
}
