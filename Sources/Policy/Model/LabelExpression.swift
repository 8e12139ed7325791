/// A predicate over the labels of one end of a flow. Every dialect's selector becomes one of these: Kubernetes'
/// matchLabels and matchExpressions, Calico's expressions, Cilium's prefixed keys.
public indirect enum LabelExpression: Hashable, Sendable {
    case requirement(LabelRequirement)
    /// All hold; the empty list always does.
    case all([LabelExpression])
    /// At least one holds; the empty list never does.
    case any([LabelExpression])
    case not(LabelExpression)

    public static let everything = LabelExpression.all([])
    public static let nothing = LabelExpression.any([])
}

/// Whose label a requirement asks for.
public struct LabelKey: Hashable, Sendable, Comparable, CustomStringConvertible {
    public enum Owner: UInt8, Hashable, Sendable, CaseIterable {
        /// The end itself: a pod's labels, a node's, a network set's.
        case own
        /// The pod's (or namespaced network set's) namespace. Absent for nodes and global network sets.
        case namespace
        /// The pod's service account: its labels, and its name under ``LabelKey/serviceAccountName``.
        case serviceAccount
    }

    public var owner: Owner
    public var name: String

    public init(_ owner: Owner, _ name: String) {
        self.owner = owner
        self.name = name
    }

    public static func own(_ name: String) -> LabelKey { LabelKey(.own, name) }
    public static func namespace(_ name: String) -> LabelKey { LabelKey(.namespace, name) }

    /// `kubernetes.io/metadata.name`, which the API server puts on every namespace and nobody can change. Present
    /// whether or not the manifest of the namespace spells it out.
    public static let namespaceName = LabelKey(.namespace, "kubernetes.io/metadata.name")
    /// Not a label of Kubernetes: stands for `spec.serviceAccountName`, `default` when unset.
    public static let serviceAccountName = LabelKey(.serviceAccount, "metadata.name")

    public static func < (left: LabelKey, right: LabelKey) -> Bool {
        (left.owner.rawValue, left.name) < (right.owner.rawValue, right.name)
    }

    public var description: String {
        switch owner {
        case .own: name
        case .namespace: "namespace \(name)"
        case .serviceAccount: "serviceAccount \(name)"
        }
    }
}

/// One comparison of one label.
public struct LabelRequirement: Hashable, Sendable {
    public enum Comparison: UInt8, Hashable, Sendable {
        /// The key exists and its value is one of the values. One value: equality. An empty value needs the key.
        case isIn
        /// The key is absent, or its value is none of the values (Kubernetes `NotIn`, Calico `!=` and `not in`).
        case isNotIn
        case exists
        case doesNotExist
        /// The key exists and its value contains one of the values (Calico).
        case contains
        case startsWith
        case endsWith
    }

    public var key: LabelKey
    public var comparison: Comparison
    /// Sorted and without duplicates, so that equal selectors are equal values.
    public private(set) var values: [String]
    public var place: SourcePlace

    public init(
        _ key: LabelKey, _ comparison: Comparison, _ values: [String] = [], at place: SourcePlace = .nowhere
    ) {
        self.key = key
        self.comparison = comparison
        self.values = values.count > 1 ? Array(Set(values)).sorted() : values
        self.place = place
    }

    /// Whether a label with this value (nil: no such label) satisfies it.
    public func isSatisfied(by value: String?) -> Bool {
        switch comparison {
        case .isIn: value.map(values.contains) ?? false
        case .isNotIn: value.map { !values.contains($0) } ?? true
        case .exists: value != nil
        case .doesNotExist: value == nil
        case .contains: value.map { value in values.contains { Self.contains(value, $0) } } ?? false
        case .startsWith: value.map { value in values.contains { value.utf8.starts(with: $0.utf8) } } ?? false
        case .endsWith:
            value.map { value in values.contains { value.utf8.reversed().starts(with: $0.utf8.reversed()) } } ?? false
        }
    }

    private static func contains(_ text: String, _ part: String) -> Bool {
        let text = Array(text.utf8)
        let part = Array(part.utf8)
        guard !part.isEmpty else { return true }
        guard part.count <= text.count else { return false }
        return (0...text.count - part.count).contains { text[$0..<$0 + part.count].elementsEqual(part) }
    }
}

/// The labels an expression is judged by.
public struct LabelView: Sendable, Hashable {
    public var own: [String: String]
    /// With ``LabelKey/namespaceName`` already in it; nil for an end without a namespace.
    public var namespace: [String: String]?
    /// With ``LabelKey/serviceAccountName`` already in it; nil for an end without one.
    public var serviceAccount: [String: String]?

    public init(own: [String: String], namespace: [String: String]? = nil, serviceAccount: [String: String]? = nil) {
        self.own = own
        self.namespace = namespace
        self.serviceAccount = serviceAccount
    }

    public subscript(key: LabelKey) -> String? {
        switch key.owner {
        case .own: own[key.name]
        case .namespace: namespace?[key.name]
        case .serviceAccount: serviceAccount?[key.name]
        }
    }
}

extension LabelExpression {
    public func matches(_ labels: LabelView) -> Bool {
        switch self {
        case .requirement(let requirement): requirement.isSatisfied(by: labels[requirement.key])
        case .all(let parts): parts.allSatisfy { $0.matches(labels) }
        case .any(let parts): parts.contains { $0.matches(labels) }
        case .not(let part): !part.matches(labels)
        }
    }

    /// Both, flattened: conjunctions stay one level deep, so that a walk can name the first part that fails.
    public func and(_ other: LabelExpression) -> LabelExpression { .all(conjuncts + other.conjuncts) }

    /// The parts that must all hold.
    public var conjuncts: [LabelExpression] {
        if case .all(let parts) = self { parts.flatMap(\.conjuncts) } else { [self] }
    }

    /// The values one of which the label must have for the expression to hold; nil when it is not bound at the top
    /// level. What the selector index files a selector under.
    public func requiredValues(of key: LabelKey) -> [String]? {
        for case .requirement(let requirement) in conjuncts
        where requirement.key == key && requirement.comparison == .isIn {
            return requirement.values
        }
        return nil
    }

    public var requirements: [LabelRequirement] {
        switch self {
        case .requirement(let requirement): [requirement]
        case .all(let parts), .any(let parts): parts.flatMap(\.requirements)
        case .not(let part): part.requirements
        }
    }
}
