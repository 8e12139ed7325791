/// Calico's selector language: `role == 'db' && !has(legacy) || zone in {'a', 'b'}`.
///
///     or        = and ("||" and)*
///     and       = unary ("&&" unary)*
///     unary     = "!"* ( "(" or ")" | "all()" | "global()" | "has(" label ")" | label operation )
///     operation = "==" text | "!=" text | "in" set | "not in" set
///               | "contains" text | "starts with" text | "ends with" text
///     set       = "{" [ text ("," text)* [","] ] "}"
///
/// A text stands in single or double quotes and knows no escapes. The empty selector is `all()`.
public struct CalicoSelector: Hashable, Sendable, CustomStringConvertible {
    /// As it was written.
    public let text: String
    public let expression: CalicoExpression

    /// Rule selectors longer than this are refused by Calico's own validation (characters).
    public static let lengthLimit = 1024

    /// What is wrong and where: ``offset`` counts bytes of the selector from 0.
    public struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
        public let text: String
        public let offset: Int
        public let reason: String

        public var description: String {
            "\(reason)\n    \(text)\n    \(String(repeating: " ", count: column - 1))^"
        }

        /// In characters, from 1.
        public var column: Int { text.utf8.prefix(offset).count { $0 & 0xC0 != 0x80 } + 1 }
    }

    public init(_ text: String) throws(Problem) {
        self.text = text
        var parser = CalicoSelectorParser(text)
        expression = try parser.wholeSelector()
    }

    public init(_ expression: CalicoExpression) {
        self.expression = expression
        text = expression.calicoText
    }

    public func matches(_ labels: [String: String], isNamespaced: Bool = true) -> Bool {
        expression.matches(labels, isNamespaced: isNamespaced)
    }

    /// In canonical form.
    public var description: String { expression.calicoText }
}

// MARK: - Printing

extension CalicoExpression {
    /// In Calico's language, with the fewest brackets.
    public var calicoText: String { calicoText(within: 0) }

    /// - Parameter strength: of the operator around it: 0 none or `||`, 1 `&&`, 2 `!`.
    private func calicoText(within strength: Int) -> String {
        switch self {
        case .all: return "all()"
        case .global: return "global()"
        case .has(let key): return "has(\(key))"
        case .isIn(let key, let values):
            return values.count == 1
                ? "\(key) == \(Self.quoted(values[0]))"
                : "\(key) in {\(values.map(Self.quoted).joined(separator: ", "))}"
        case .contains(let key, let text): return "\(key) contains \(Self.quoted(text))"
        case .startsWith(let key, let text): return "\(key) starts with \(Self.quoted(text))"
        case .endsWith(let key, let text): return "\(key) ends with \(Self.quoted(text))"
        case .not(.isIn(let key, let values)):
            return values.count == 1
                ? "\(key) != \(Self.quoted(values[0]))"
                : "\(key) not in {\(values.map(Self.quoted).joined(separator: ", "))}"
        case .not(let inner): return "!" + inner.calicoText(within: 2)
        case .and(let parts):
            if parts.count == 1 { return parts[0].calicoText(within: strength) }
            if parts.isEmpty { return "all()" }
            let text = parts.map { $0.calicoText(within: 1) }.joined(separator: " && ")
            return strength > 1 ? "(\(text))" : text
        case .or(let parts):
            if parts.count == 1 { return parts[0].calicoText(within: strength) }
            if parts.isEmpty { return "!all()" }
            let text = parts.map { $0.calicoText(within: 0) }.joined(separator: " || ")
            return strength > 0 ? "(\(text))" : text
        }
    }

    private static func quoted(_ text: String) -> String { text.contains("'") ? "\"\(text)\"" : "'\(text)'" }
}
