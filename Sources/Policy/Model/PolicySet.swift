/// All policies of a cluster with the tiers they live in.
public struct PolicySet: Sendable {
    /// By name. The built-in ones are always there; a Tier object of the same name replaces one.
    public private(set) var tiers: [String: PolicyTier]
    public private(set) var policies: [PolicyReference: Policy]

    public init(_ policies: some Sequence<Policy> = [], tiers: some Sequence<PolicyTier> = []) {
        self.tiers = Dictionary(uniqueKeysWithValues: PolicyTier.builtIn.map { ($0.name, $0) })
        self.policies = [:]
        for tier in tiers { self.tiers[tier.name] = tier }
        for policy in policies { self.policies[policy.reference] = policy }
    }

    /// Adds or replaces; answers what was there.
    @discardableResult
    public mutating func update(_ policy: Policy) -> Policy? { policies.updateValue(policy, forKey: policy.reference) }

    @discardableResult
    public mutating func remove(_ reference: PolicyReference) -> Policy? { policies.removeValue(forKey: reference) }

    public mutating func update(_ tier: PolicyTier) { tiers[tier.name] = tier }

    /// A built-in tier goes back to what it was.
    public mutating func removeTier(named name: String) {
        tiers[name] = PolicyTier.builtIn.first { $0.name == name }
    }

    /// The tier a policy names. A policy of a tier that no object defines is walked after all tiers that exist and
    /// denies at its end: the absence of an object must not open anything.
    public func tier(named name: String) -> PolicyTier {
        tiers[name] ?? PolicyTier(name: name, order: .last, defaultAction: .deny)
    }

    /// Policies in the order of the walk: tier, order, reference. Staged ones are left out.
    public var inOrder: [Policy] {
        policies.values.filter { !$0.isStaged }.map { (tier(named: $0.tier), $0) }
            .sorted { left, right in
                if left.0 != right.0 { return left.0 < right.0 }
                return left.1.isOrdered(before: right.1)
            }
            .map(\.1)
    }
}

extension Policy {
    /// The order inside one tier: number, then kind and name. Policies of one dialect that share a number are so
    /// ordered by name.
    public func isOrdered(before other: Policy) -> Bool {
        if order != other.order { return order < other.order }
        let left = reference
        let right = other.reference
        return (left.name, left.namespace, left.kind, left.group) < (
            right.name, right.namespace, right.kind, right.group
        )
    }
}
