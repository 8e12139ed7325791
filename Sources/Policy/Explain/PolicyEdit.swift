import JSONTree

/// A change to a set of policies that can be tried on the rule model and shown as YAML.
public struct PolicyEdit: Sendable {
    public enum Change: Sendable {
        case addPeer(Peer, to: RuleReference)
        case addTraffic(TrafficMatch, to: RuleReference)
        /// The value of one comparison of a rule's peers.
        case replaceValue(of: LabelRequirement, with: String, in: RuleReference)
        /// At a position of the policy's list for the direction; nil is the end.
        case addRule(PolicyRule, to: PolicyReference, Direction, position: Int?)
        case removeRules([RuleReference])
        case addPolicy(Policy)
    }

    public var change: Change
    /// Imperative, without a full stop: `add this peer to spec.ingress[0].from of NetworkPolicy pay/api-in`.
    public var instruction: String
    /// What is to be written; nil when something is to be taken away.
    public var snippet: JSONValue?
    /// Smaller is smaller: a typo corrected, a port added, a peer added, a rule added, a policy added.
    public var size: Int

    public init(_ change: Change, _ instruction: String, snippet: JSONValue? = nil, size: Int) {
        self.change = change
        self.instruction = instruction
        self.snippet = snippet
        self.size = size
    }

    /// The set with the change made.
    public func applied(to set: PolicySet) -> PolicySet {
        var set = set
        switch change {
        case .addPeer(let peer, let rule):
            set.edit(rule) { $0.peers = ($0.peers ?? []) + [peer] }
        case .addTraffic(let match, let rule):
            set.edit(rule) { $0.traffic = ($0.traffic ?? []) + [match] }
        case .replaceValue(let requirement, let value, let rule):
            let wanted = LabelRequirement(requirement.key, requirement.comparison, [value], at: requirement.place)
            set.edit(rule) { edited in
                edited.peers = edited.peers?.map { peer in
                    Peer(peer.terms.map { $0.replacing(requirement, with: wanted) }, at: peer.place)
                }
            }
        case .addRule(let rule, let policy, let direction, let position):
            guard var edited = set.policies[policy] else { break }
            var rules = edited[direction] ?? DirectionRules(isolates: true, rules: [])
            rules.rules.insert(rule, at: min(position ?? rules.rules.count, rules.rules.count))
            if direction == .ingress { edited.ingress = rules } else { edited.egress = rules }
            set.update(edited)
        case .removeRules(let references):
            for reference in references {
                guard var edited = set.policies[reference.policy] else { continue }
                edited.ingress?.rules.removeAll { $0.reference == reference }
                edited.egress?.rules.removeAll { $0.reference == reference }
                set.update(edited)
            }
        case .addPolicy(let policy): set.update(policy)
        }
        return set
    }
}

extension PolicySet {
    fileprivate mutating func edit(_ reference: RuleReference, _ change: (inout PolicyRule) -> Void) {
        guard var policy = policies[reference.policy] else { return }
        var rules = policy[reference.direction]
        guard let index = rules?.rules.firstIndex(where: { $0.reference == reference }) else { return }
        if var rule = rules?.rules[index] {
            change(&rule)
            rules?.rules[index] = rule
        }
        if reference.direction == .ingress { policy.ingress = rules } else { policy.egress = rules }
        update(policy)
    }
}

extension PeerTerm {
    func replacing(_ old: LabelRequirement, with new: LabelRequirement) -> PeerTerm {
        switch self {
        case .pods(let expression): .pods(expression.replacing(old, with: new))
        case .anyOf(let terms): .anyOf(terms.map { $0.replacing(old, with: new) })
        default: self
        }
    }
}

extension LabelExpression {
    func replacing(_ old: LabelRequirement, with new: LabelRequirement) -> LabelExpression {
        switch self {
        case .requirement(let requirement): .requirement(requirement == old ? new : requirement)
        case .all(let parts): .all(parts.map { $0.replacing(old, with: new) })
        case .any(let parts): .any(parts.map { $0.replacing(old, with: new) })
        case .not(let part): .not(part.replacing(old, with: new))
        }
    }
}
