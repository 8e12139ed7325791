/// What happens to a flow, and why.
public struct Verdict: Sendable, Hashable {
    /// Both sides allow.
    public var isAllowed: Bool { egress.isAllowed && ingress.isAllowed }
    public var egress: DirectionVerdict
    public var ingress: DirectionVerdict

    public subscript(direction: Direction) -> DirectionVerdict { direction == .egress ? egress : ingress }
}

/// What one side says.
public struct DirectionVerdict: Sendable, Hashable {
    /// The words of the policy triples, plus `denied-by-rule` for dialects whose rules can deny.
    public enum Reason: String, Sendable, Hashable, CaseIterable {
        /// A node, a pod on the host's network, or an address outside: policies of this side do not exist.
        case notAPolicyPod = "subject-not-a-policy-pod"
        /// A pod to itself.
        case loopback
        /// A pod and the node it runs on.
        case ownNode = "own-node"
        case notIsolated = "not-isolated"
        /// A rule allowed.
        case rule
        /// A rule denied.
        case deniedByRule = "denied-by-rule"
        /// Isolated, and no rule allowed.
        case noRule = "isolated-no-rule"
    }

    public var isAllowed: Bool
    public var reason: Reason
    /// The first rule that decided, in the order of the walk; nil when none did.
    public var decidedBy: RuleReference?
    /// The tier that decided; nil when no tier had a say.
    public var tier: String?

    public init(isAllowed: Bool, reason: Reason, decidedBy: RuleReference? = nil, tier: String? = nil) {
        self.isAllowed = isAllowed
        self.reason = reason
        self.decidedBy = decidedBy
        self.tier = tier
    }
}
