import JSONTree

/// Which policy: the name every verdict, entry and message carries.
public struct PolicyReference: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// As in the manifest: `NetworkPolicy`, `CiliumClusterwideNetworkPolicy`.
    public var kind: String
    /// API group without the version, because two dialects share kind names: `networking.k8s.io`,
    /// `projectcalico.org` (also for objects written as `crd.projectcalico.org`).
    public var group: String
    /// Empty for cluster-scoped kinds.
    public var namespace: String
    public var name: String

    public init(group: String, kind: String, namespace: String = "", name: String) {
        self.group = group
        self.kind = kind
        self.namespace = namespace
        self.name = name
    }

    /// `shop/web` or, cluster-scoped, `web`: what the policy triples write.
    public var qualifiedName: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }

    /// `NetworkPolicy shop/web`.
    public var description: String { "\(kind) \(qualifiedName)" }

    public static func < (left: PolicyReference, right: PolicyReference) -> Bool {
        (left.namespace, left.name, left.group, left.kind) < (right.namespace, right.name, right.group, right.kind)
    }
}

/// Which rule of a policy, down to the index in its list.
///
/// Every verdict and every compiled entry carries one, so its parts are kept once and shared by all that carry it.
public struct RuleReference: Hashable, Sendable, Comparable, CustomStringConvertible {
    private final class Parts: Sendable {
        let policy: PolicyReference
        let direction: Direction
        let path: String
        let index: Int

        init(_ policy: PolicyReference, _ direction: Direction, _ path: String, _ index: Int) {
            self.policy = policy
            self.direction = direction
            self.path = path
            self.index = index
        }
    }

    private let parts: Parts

    public var policy: PolicyReference { parts.policy }
    public var direction: Direction { parts.direction }
    /// From the object's root: `spec.ingress[0]`, `specs[1].egressDeny[2]`.
    public var path: String { parts.path }
    /// The rule's own place in its list, from 0.
    public var index: Int { parts.index }

    public init(policy: PolicyReference, direction: Direction, path: String, index: Int) {
        parts = Parts(policy, direction, path, index)
    }

    public static func == (left: RuleReference, right: RuleReference) -> Bool {
        left.parts === right.parts
            || (left.index == right.index && left.direction == right.direction && left.policy == right.policy
                && left.path == right.path)
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(policy)
        hasher.combine(direction)
        hasher.combine(path)
        hasher.combine(index)
    }

    /// `shop/web#0`: what the policy triples write.
    public var shortName: String { "\(policy.qualifiedName)#\(index)" }

    /// `NetworkPolicy shop/web spec.ingress[0]`.
    public var description: String { "\(policy) \(path)" }

    public static func < (left: RuleReference, right: RuleReference) -> Bool {
        if left.policy != right.policy { return left.policy < right.policy }
        if left.index != right.index { return left.index < right.index }
        return left.path < right.path
    }
}

/// The two sides on which a connection is judged: leaving the source pod and entering the destination pod.
public enum Direction: String, Hashable, Sendable, CaseIterable, Comparable {
    case egress, ingress

    public static func < (left: Direction, right: Direction) -> Bool { left == .egress && right == .ingress }

    public var opposite: Direction { self == .egress ? .ingress : .egress }
}

/// The object a policy was read from.
public struct PolicySource: Sendable, Hashable {
    public var reference: PolicyReference
    /// `networking.k8s.io/v1`, as written.
    public var apiVersion: String
    /// Nil for objects of a live cluster.
    public var file: String?
    /// The object's root.
    public var place: SourcePlace

    public init(reference: PolicyReference, apiVersion: String, file: String? = nil, node: JSONNode? = nil) {
        self.reference = reference
        self.apiVersion = apiVersion
        self.file = file
        place = SourcePlace(node)
    }
}
