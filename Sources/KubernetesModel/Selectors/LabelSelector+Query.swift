// The text form: `a=b,c!=d,e in (x,y),!f,g notin (z),h>5`.

extension LabelSelector {
    /// - Parameter query: already without percent encoding. Empty text selects everything.
    public init(query: String) throws(SelectorSyntaxError) {
        var parser = SelectorParser(query)
        requirements = try parser.parse()
    }
}

/// The grammar of k8s.io/apimachinery, labels/selector.go, and its messages.
private struct SelectorParser {
    enum Token: Equatable {
        case end, comma, bang, open, close, equals, doubleEquals, notEquals, greater, less
        case word(String)

        var text: String {
            switch self {
            case .end: ""
            case .comma: ","
            case .bang: "!"
            case .open: "("
            case .close: ")"
            case .equals: "="
            case .doubleEquals: "=="
            case .notEquals: "!="
            case .greater: ">"
            case .less: "<"
            case .word(let text): text
            }
        }
    }

    private let tokens: [Token]
    private var index = 0

    init(_ text: String) { tokens = Self.tokens(of: text) }

    private var next: Token { index < tokens.count ? tokens[index] : .end }

    private mutating func take() -> Token {
        defer { index += 1 }
        return next
    }

    private static func tokens(of text: String) -> [Token] {
        var tokens: [Token] = []
        let bytes = Array(text.utf8)
        var index = 0
        func follows(_ byte: UInt8) -> Bool { index + 1 < bytes.count && bytes[index + 1] == byte }
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"): break
            case UInt8(ascii: ","): tokens.append(.comma)
            case UInt8(ascii: "("): tokens.append(.open)
            case UInt8(ascii: ")"): tokens.append(.close)
            case UInt8(ascii: ">"): tokens.append(.greater)
            case UInt8(ascii: "<"): tokens.append(.less)
            case UInt8(ascii: "!"):
                if follows(UInt8(ascii: "=")) {
                    tokens.append(.notEquals)
                    index += 1
                } else {
                    tokens.append(.bang)
                }
            case UInt8(ascii: "="):
                if follows(UInt8(ascii: "=")) {
                    tokens.append(.doubleEquals)
                    index += 1
                } else {
                    tokens.append(.equals)
                }
            default:
                let word = bytes[index...].prefix { !Self.special.contains($0) }
                tokens.append(.word(String(decoding: word, as: UTF8.self)))
                index += word.count - 1
            }
            index += 1
        }
        return tokens
    }

    private static let special = Set(" \t\r\n,()><!=".utf8)

    mutating func parse() throws(SelectorSyntaxError) -> [LabelSelector.Requirement] {
        var requirements: [LabelSelector.Requirement] = []
        if next == .end { return [] }
        while true {
            switch next {
            case .word, .bang: break
            default: throw SelectorSyntaxError("found '\(next.text)', expected: !, identifier, or 'end of string'")
            }
            do {
                requirements.append(try requirement())
            } catch {
                throw SelectorSyntaxError("unable to parse requirement: \(error.reason)")
            }
            switch take() {
            case .end: return requirements
            case .comma:
                switch next {
                case .word, .bang: continue
                default: throw SelectorSyntaxError("found '\(next.text)', expected: identifier after ','")
                }
            case let other: throw SelectorSyntaxError("found '\(other.text)', expected: ',' or 'end of string'")
            }
        }
    }

    private mutating func requirement() throws(SelectorSyntaxError) -> LabelSelector.Requirement {
        let isNegated = next == .bang
        if isNegated { index += 1 }
        let token = take()
        guard case .word(let key) = token else {
            throw SelectorSyntaxError("found '\(token.text)', expected: identifier")
        }
        try check(NameRule.qualifiedName.problems(in: key), "key", key)
        if next == .end || next == .comma { return .init(key, isNegated ? .doesNotExist : .exists) }
        if isNegated { throw SelectorSyntaxError("found '\(next.text)', expected: ',' or 'end of string'") }

        let `operator` = take()
        switch `operator` {
        case .word("in"): return .init(key, .in, try values(of: key))
        case .word("notin"): return .init(key, .notIn, try values(of: key))
        case .equals, .doubleEquals: return .init(key, .in, [try value(of: key)])
        case .notEquals: return .init(key, .notIn, [try value(of: key)])
        case .greater, .less:
            let text = try value(of: key)
            guard Int64(text) != nil else {
                throw SelectorSyntaxError(
                    "values[0][\(key)]: Invalid value: \"\(text)\": for 'Gt', 'Lt' operators, the value must be an integer"
                )
            }
            return .init(key, `operator` == .greater ? .greaterThan : .lessThan, [text])
        default:
            throw SelectorSyntaxError("found '\(`operator`.text)', expected: in, notin, =, ==, !=, gt, lt")
        }
    }

    /// The one value after a sign; `a=` means the empty value.
    private mutating func value(of key: String) throws(SelectorSyntaxError) -> String {
        guard case .word(let text) = next else {
            if next == .end || next == .comma { return "" }
            throw SelectorSyntaxError("found '\(next.text)', expected: identifier")
        }
        index += 1
        try check(NameRule.labelValue.problems(in: text), "values[0][\(key)]", text)
        return text
    }

    /// `(x,y)`; a place left empty between commas is the empty value.
    private mutating func values(of key: String) throws(SelectorSyntaxError) -> [String] {
        let open = take()
        guard open == .open else { throw SelectorSyntaxError("found '\(open.text)' expected: '('") }
        if next == .close {
            index += 1
            return [""]
        }
        var values: [String] = []
        var current = ""
        while true {
            switch take() {
            case .word(let text):
                try check(NameRule.labelValue.problems(in: text), "values[\(values.count)][\(key)]", text)
                current = text
                if next != .comma && next != .close {
                    throw SelectorSyntaxError("found '\(next.text)', expected: ',' or ')'")
                }
            case .comma:
                values.append(current)
                current = ""
            case .close:
                values.append(current)
                return values
            case let other: throw SelectorSyntaxError("found '\(other.text)', expected: ',', ')' or identifier")
            }
        }
    }

    private func check(_ problems: [String], _ path: String, _ text: String) throws(SelectorSyntaxError) {
        if problems.isEmpty { return }
        throw SelectorSyntaxError("\(path): Invalid value: \"\(text)\": \(problems.joined(separator: "; "))")
    }
}
