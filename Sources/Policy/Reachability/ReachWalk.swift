import Addressing

/// The policies that apply to one class in one direction, in the order of the walk, ready to be walked with sets of
/// traffic instead of single connections.
struct ReachWalk {
    /// What a rule needs to be judged, with its number among all rules of the policy set.
    struct Rule {
        let number: Int
        let rule: PolicyRule
        /// Its near end may or may not match the subject.
        let isDoubtful: Bool
    }

    struct Tier {
        let defaultsToDeny: Bool
        let isolates: Bool
        let rules: [Rule]
    }

    let tiers: [Tier]
    /// Whether an answer depends on the destination's port names.
    let looksUpPortNames: Bool

    var isOpen: Bool { tiers.isEmpty }

    /// Of every rule: whether it matches the far end at all. A rule that does not is no part of the walk.
    ///
    /// - Parameters:
    ///   - certainty: of each rule's peers for this pair of ends, by rule number.
    ///   - traffic: what each rule says about protocol and ports.
    func allowed(
        certainty: (Rule) -> Certainty, traffic: (Rule) -> (sure: TrafficSet, maybe: TrafficSet)
    ) -> TrafficSet {
        var allowed = TrafficSet.nothing
        var remaining = TrafficSet.everything
        for tier in tiers {
            var passed = TrafficSet.nothing
            for entry in tier.rules where !remaining.isEmpty {
                let certainty = entry.isDoubtful ? min(certainty(entry), .maybe) : certainty(entry)
                if certainty == .no || entry.rule.action == .log { continue }
                let traffic = traffic(entry)
                let sure = certainty == .yes ? remaining.intersection(traffic.sure) : .nothing
                let maybe = remaining.intersection(traffic.maybe)
                switch entry.rule.action {
                case .allow:
                    allowed = allowed.union(sure)
                    remaining = remaining.subtracting(sure)
                case .deny:
                    remaining = remaining.subtracting(maybe)
                case .pass:
                    passed = passed.union(sure)
                    // What a pass may or may not be for is denied.
                    remaining = remaining.subtracting(maybe)
                case .log: break
                }
            }
            if tier.isolates, tier.defaultsToDeny { remaining = .nothing }
            remaining = remaining.union(passed)
        }
        return allowed.union(remaining)
    }
}

/// Finds the walks of classes.
struct ReachPlanner {
    private struct Entry {
        let policy: Policy
        let tier: PolicyTier
        /// Nil: any namespace.
        let namespaces: Set<String>?
        let firstRule: [Direction: Int]
    }

    private let entries: [Entry]
    /// By namespace the entries that can apply there, by position.
    private var byNamespace: [String: [Int]] = [:]
    private let anywhere: [Int]
    let rules: [PolicyRule]

    init(_ set: PolicySet) {
        var entries: [Entry] = []
        var rules: [PolicyRule] = []
        for policy in set.inOrder {
            var firstRule: [Direction: Int] = [:]
            for direction in Direction.allCases {
                firstRule[direction] = rules.count
                rules += policy[direction]?.rules ?? []
            }
            entries.append(
                Entry(
                    policy: policy, tier: set.tier(named: policy.tier),
                    namespaces: policy.subject.requiredValues(of: .namespaceName).map { Set($0) }, firstRule: firstRule)
            )
        }
        self.entries = entries
        self.rules = rules
        anywhere = entries.indices.filter { entries[$0].namespaces == nil }
        for (index, entry) in entries.enumerated() {
            for namespace in entry.namespaces ?? [] { byNamespace[namespace, default: []].append(index) }
        }
    }

    /// In the order of the walk.
    var policies: [Policy] { entries.map(\.policy) }

    func applying(to subject: ReachEnd, _ direction: Direction) -> [Policy] {
        applied(to: subject, direction).map { entries[$0].policy }
    }

    private func applied(to subject: ReachEnd, _ direction: Direction) -> [Int] {
        guard case .pod(let pod) = subject.kind else { return [] }
        return ((byNamespace[pod.id.namespace] ?? []) + anywhere).sorted().filter { index in
            let policy = entries[index].policy
            return policy[direction] != nil && policy.subject.matches(subject.labels)
        }
    }

    /// The walk, with a key that two subjects share when their walks are the same.
    func walk(
        of subject: ReachEnd, _ direction: Direction, nearEnd: (PolicyRule) -> Certainty
    ) -> (walk: ReachWalk, key: [Int]) {
        let applied = applied(to: subject, direction)
        var tiers: [ReachWalk.Tier] = []
        var looksUpPortNames = false
        var key: [Int] = []
        var position = 0
        while position < applied.count {
            let tier = entries[applied[position]].tier
            var members: [Int] = []
            while position < applied.count, entries[applied[position]].tier.name == tier.name {
                members.append(applied[position])
                position += 1
            }
            var found: [(precedence: Int, rule: ReachWalk.Rule)] = []
            var isolates = false
            for index in members {
                guard let rules = entries[index].policy[direction] else { continue }
                isolates = isolates || rules.isolates
                key.append(index)
                for (offset, rule) in rules.rules.enumerated() {
                    let certainty = nearEnd(rule)
                    if rule.nearEnd != nil { key.append(-1 - Int(certainty.rawValue)) }
                    // A near end that may or may not match makes the rule one that may or may not match.
                    if certainty == .no || (certainty == .maybe && rule.action == .allow) { continue }
                    looksUpPortNames =
                        looksUpPortNames || (rule.traffic ?? []).contains { $0.terms.contains { $0.looksUpName } }
                    found.append(
                        (
                            rule.precedence,
                            ReachWalk.Rule(
                                number: (entries[index].firstRule[direction] ?? 0) + offset, rule: rule,
                                isDoubtful: certainty == .maybe)
                        ))
                }
            }
            let ordered = found.enumerated().sorted {
                ($0.element.precedence, $0.offset) < ($1.element.precedence, $1.offset)
            }
            tiers.append(
                ReachWalk.Tier(
                    defaultsToDeny: tier.defaultAction == .deny, isolates: isolates,
                    rules: ordered.map(\.element.rule)))
        }
        return (ReachWalk(tiers: tiers, looksUpPortNames: looksUpPortNames), key)
    }
}

extension TrafficTerm {
    /// Whether the destination's named ports have a say.
    var looksUpName: Bool {
        switch self {
        case .destinationPortNamed: true
        case .anyOf(let terms): terms.contains { $0.looksUpName }
        case .not(let inner): inner.looksUpName
        default: false
        }
    }
}
