import Addressing

/// How one side came to its verdict: every policy that applied, every rule of it, and for each rule that did not match
/// the first thing that failed and how near it was. What `explain` prints from.
public struct DirectionWalk: Sendable, Hashable {
    public var direction: Direction
    public var verdict: DirectionVerdict
    /// Tiers with at least one policy that applies, in order, up to and including the one that decided. Empty where
    /// no policy was looked at (loopback, own node, no policy pod).
    public var tiers: [TierStep]

    public init(direction: Direction, verdict: DirectionVerdict, tiers: [TierStep]) {
        self.direction = direction
        self.verdict = verdict
        self.tiers = tiers
    }

    /// Policies that isolate the subject in this direction, in the tiers that were walked; sorted by name.
    public var isolatedBy: [PolicyReference] {
        tiers.flatMap { $0.policies.filter(\.isolates).map(\.policy) }.sorted()
    }

    /// Every rule of the deciding tier that allows the flow, not only the first; sorted. Empty unless the verdict is
    /// ``DirectionVerdict/Reason/rule``.
    public var allowedBy: [RuleReference] {
        guard verdict.reason == .rule, let last = tiers.last else { return [] }
        return last.policies.flatMap { $0.rules.filter { $0.matches && $0.action == .allow }.map(\.rule) }.sorted()
    }
}

public struct TierStep: Sendable, Hashable {
    public enum Outcome: Sendable, Hashable {
        /// This rule was the first that matched, with this action (allow, deny, or pass to the next tier).
        case decided(RuleAction, by: RuleReference)
        /// No rule matched and a policy isolates: the tier's default.
        case defaulted(RuleAction)
        /// No rule matched and none isolates.
        case noMatch
    }

    public var tier: String
    public var outcome: Outcome
    /// Those that apply to the subject in this direction, in the order of the walk.
    public var policies: [PolicyStep]

    public init(tier: String, outcome: Outcome, policies: [PolicyStep]) {
        self.tier = tier
        self.outcome = outcome
        self.policies = policies
    }
}

public struct PolicyStep: Sendable, Hashable {
    public var policy: PolicyReference
    public var isolates: Bool
    /// All rules of the policy for this direction, in the order of the file, whether or not the walk had decided
    /// before reaching them.
    public var rules: [RuleStep]

    public init(policy: PolicyReference, isolates: Bool, rules: [RuleStep]) {
        self.policy = policy
        self.isolates = isolates
        self.rules = rules
    }
}

public struct RuleStep: Sendable, Hashable {
    public var rule: RuleReference
    public var action: RuleAction
    /// Nil: the rule matches the flow.
    public var miss: RuleMiss?

    public init(rule: RuleReference, action: RuleAction, miss: RuleMiss?) {
        self.rule = rule
        self.action = action
        self.miss = miss
    }

    public var matches: Bool { miss == nil }
}

/// Why a rule does not match: the first of near end, peers, traffic that fails. The others are told as well, because
/// "nearly" means that only one of them failed.
public struct RuleMiss: Sendable, Hashable {
    /// One for each alternative of ``PolicyRule/peers``; nil when the peers match. Empty when the rule has an empty
    /// list.
    public var peers: [PeerMiss]?
    /// Likewise for ``PolicyRule/nearEnd``.
    public var nearEnd: [PeerMiss]?
    /// One for each alternative of ``PolicyRule/traffic``; nil when the traffic matches.
    public var traffic: [TrafficMiss]?

    public init(peers: [PeerMiss]? = nil, nearEnd: [PeerMiss]? = nil, traffic: [TrafficMiss]? = nil) {
        self.peers = peers
        self.nearEnd = nearEnd
        self.traffic = traffic
    }

    /// How many of the three parts failed: 1 is the nearest miss there is.
    public var failedParts: Int { (peers == nil ? 0 : 1) + (nearEnd == nil ? 0 : 1) + (traffic == nil ? 0 : 1) }
}

/// The first term of one alternative that fails for the end it was asked of.
public struct PeerMiss: Sendable, Hashable {
    public enum Cause: Sendable, Hashable {
        /// A label comparison failed; `actual` is the end's value for the key, nil when it has no such label.
        case label(LabelRequirement, actual: String?)
        /// A compound part of a selector (`any`, `not`) failed as a whole.
        case selector(LabelExpression)
        /// The term selects pods, and the end is none.
        case notAPod
        /// The term selects nodes, and the end is none.
        case notANode
        /// Outside every block. The blocks are those of the end's family.
        case outside([AddressBlock], address: IPAddress)
        /// Inside a block but in one of its holes.
        case excepted(AddressBlock, hole: IPPrefix, address: IPAddress)
        /// All blocks are of the other family.
        case otherFamily([AddressBlock], IPFamily)
        /// The dialect's address rules do not match ends of this kind (``AddressScope``).
        case addressesDoNotMatch(AddressScope)
        /// The end has no address of the flow's family.
        case noAddress(IPFamily)
        case entity(Entity)
        case networkSets(LabelExpression)
        case service(namespace: String, name: String)
        /// What is excluded (`not`) is just what the end is.
        case excluded
        case unenforceable(String)
        /// A choice (`anyOf`) of which nothing matched.
        case noneOf([Cause])
    }

    public var peer: Peer
    public var cause: Cause
    /// Terms and label comparisons of this alternative that hold, and how many there are: 2 of 3 is nearer than 0
    /// of 3.
    public var satisfied: Int
    public var total: Int

    public init(peer: Peer, cause: Cause, satisfied: Int, total: Int) {
        self.peer = peer
        self.cause = cause
        self.satisfied = satisfied
        self.total = total
    }
}

/// The first term of one alternative that fails for the flow's protocol and ports.
public struct TrafficMiss: Sendable, Hashable {
    public enum Cause: Sendable, Hashable {
        case otherProtocol(TransportProtocol)
        case otherFamily(IPFamily)
        case otherPort([PortRange])
        /// Nothing at the destination has a port of this name; `elsewhere` lists the name's numbers with other
        /// protocols.
        case unknownPortName(String, elsewhere: [ContainerPort])
        /// The name is known, under other numbers.
        case portNameIsAnother(String, numbers: [UInt16])
        case otherSourcePort([PortRange])
        case otherICMP(type: UInt8?, code: UInt8?)
        case excluded
        case unenforceable(String)
        case noneOf([Cause])
    }

    public var match: TrafficMatch
    public var cause: Cause

    public init(match: TrafficMatch, cause: Cause) {
        self.match = match
        self.cause = cause
    }
}
