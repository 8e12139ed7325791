import Findings
import JSONTree
import KubernetesModel

/// One object of a policy dialect, or of a kind policies depend on, to be read.
public struct PolicyDocument: Sendable {
    public var gvk: GroupVersionKind
    /// The object's root.
    public var node: JSONNode
    public var file: String?

    public init(gvk: GroupVersionKind, node: JSONNode, file: String? = nil) {
        self.gvk = gvk
        self.node = node
        self.file = file
    }
}

/// A family of kinds that becomes ``Policy`` values.
public protocol PolicyDialect: Sendable {
    /// For messages: `Cilium`.
    static var name: String { get }
    /// Whether this dialect reads objects of this kind. A kind of a known group in an unknown version is the
    /// dialect's too, and refused in ``parse(_:into:)`` with the versions it knows.
    static func reads(_ gvk: GroupVersionKind) -> Bool
    /// Adds what can be used of the object to `result`, and a finding for everything else. Never throws: a half-valid
    /// object is half used, and what cannot be used fails closed.
    static func parse(_ document: PolicyDocument, into result: inout ParsedPolicies)
}

/// What was read so far from all documents of all dialects.
public struct ParsedPolicies: Sendable {
    public var policies: [Policy] = []
    public var tiers: [PolicyTier] = []
    public var networkSets: [NetworkSet] = []
    /// Errors, warnings and notes, each with its place in the file.
    public var findings: [Finding] = []

    public init() {}
}
