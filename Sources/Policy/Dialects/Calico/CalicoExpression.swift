/// What a selector asks of a set of labels, as it was written.
///
/// What looks at one label answers no when the label is absent; negation then answers yes, which is exactly what
/// `!=`, `not in` and Kubernetes' `NotIn` mean.
public indirect enum CalicoExpression: Hashable, Sendable {
    /// True of every endpoint.
    case all
    /// True only of what belongs to no namespace (Calico's `global()`).
    case global
    case has(String)
    /// The label exists and its value is one of these. An empty list is true of nothing.
    case isIn(String, [String])
    case contains(String, String)
    case startsWith(String, String)
    case endsWith(String, String)
    case not(CalicoExpression)
    /// Empty means true.
    case and([CalicoExpression])
    /// Empty means false.
    case or([CalicoExpression])
}

extension CalicoExpression {
    /// - Parameters:
    ///   - label: the value of a label; nil when it is absent.
    ///   - isNamespaced: false of namespaceless things (Calico's global network sets and host endpoints).
    public func matches(isNamespaced: Bool = true, _ label: (String) -> String?) -> Bool {
        switch self {
        case .all: true
        case .global: !isNamespaced
        case .has(let key): label(key) != nil
        case .isIn(let key, let values): label(key).map { values.contains($0) } ?? false
        case .contains(let key, let text): label(key).map { Self.contains($0, text) } ?? false
        case .startsWith(let key, let text): label(key)?.utf8.starts(with: text.utf8) ?? false
        case .endsWith(let key, let text): label(key)?.utf8.reversed().starts(with: text.utf8.reversed()) ?? false
        case .not(let inner): !inner.matches(isNamespaced: isNamespaced, label)
        case .and(let all): all.allSatisfy { $0.matches(isNamespaced: isNamespaced, label) }
        case .or(let any): any.contains { $0.matches(isNamespaced: isNamespaced, label) }
        }
    }

    public func matches(_ labels: [String: String], isNamespaced: Bool = true) -> Bool {
        matches(isNamespaced: isNamespaced) { labels[$0] }
    }

    /// By bytes: no Unicode folding.
    static func contains(_ text: String, _ part: String) -> Bool {
        let (text, part) = (Array(text.utf8), Array(part.utf8))
        if part.isEmpty { return true }
        if part.count > text.count { return false }
        return (0...(text.count - part.count)).contains { text[$0..<($0 + part.count)].elementsEqual(part) }
    }

    /// Every label key the answer can depend on.
    public var keys: Set<String> {
        switch self {
        case .all, .global: []
        case .has(let key), .isIn(let key, _), .contains(let key, _), .startsWith(let key, _), .endsWith(let key, _):
            [key]
        case .not(let inner): inner.keys
        case .and(let parts), .or(let parts): parts.reduce(into: []) { $0.formUnion($1.keys) }
        }
    }
}
