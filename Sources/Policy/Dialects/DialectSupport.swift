/// What becomes of every field of every dialect. The document docs/reference/policy-dialects.md is made from this
/// table, and each row's example is read by a test, which looks whether the parser does what the row says.
public struct DialectField: Sendable {
    public enum Support: String, Sendable, CaseIterable {
        /// Takes part in every verdict.
        case enforced
        /// Understood, reported with its path, and the rule it stands in fails closed.
        case refused
        /// Says nothing about what is allowed.
        case notApplicable = "not applicable"
    }

    public var path: String
    public var support: Support
    public var note: String
    /// A spec, in JSON, in which the field stands.
    public var example: String

    init(_ path: String, _ support: Support, _ note: String = "", _ example: String) {
        self.path = path
        self.support = support
        self.note = note
        self.example = example
    }
}

/// A kind, or several with the same fields.
public struct DialectTable: Sendable {
    public var title: String
    public var apiVersion: String
    /// The kind the examples are of.
    public var kind: String
    public var introduction: String
    public var fields: [DialectField]

    public static let all = [
        networkPolicy, adminNetworkPolicy, clusterNetworkPolicy, cilium, calico, calicoGlobal, calicoTier,
        calicoNetworkSet, calicoHostEndpoint,
    ]
}
