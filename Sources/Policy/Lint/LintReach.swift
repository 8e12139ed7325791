import Addressing
import Findings

/// Checks that need to know who reaches whom: rules that add nothing, peers that match nothing, DNS, services, meshes.
///
/// Every pod class is judged once in each direction against every other class; classes under the same policies share
/// the answer. What the checks say of pods, they say of the classes' own side: that the far side lets a connection out
/// or in is another policy's business.
struct LintReach {
    let cluster: Cluster
    let policies: PolicySet
    let known: LintCluster
    let classes: [(ReachClass, ReachEnd)]
    /// When the manifests have no DNS, one is assumed, and every finding says so.
    let assumesDNS: Bool
    private(set) var rules: [JudgedRule]
    /// What the policies of a direction let a class send or take, by direction, then class. Nil where none closes it.
    private(set) var sides: [Direction: [JudgedSide?]] = [:]
    private let families: [IPFamily]
    private let planner: ReachPlanner

    init(_ known: LintCluster, _ policies: PolicySet) {
        var cluster = known.cluster
        assumesDNS = Self.dnsServices(cluster).isEmpty
        if assumesDNS { Self.assumeDNS(&cluster) }
        self.known = known
        self.cluster = cluster
        self.policies = policies
        classes = ReachClassifier(cluster, [policies]).classes()
        let present = [IPFamily.v4, .v6].filter { known.families.contains($0) }
        families = present.isEmpty ? [.v4] : present
        planner = ReachPlanner(policies)
        rules = planner.rules.map { JudgedRule($0) }
        judge()
    }

    private mutating func judge() {
        let ends = classes.map(\.1)
        var world = ReachWorld(cluster)
        for family in families {
            var columns = ReachColumns(ends, family, rules: rules.count)
            for direction in Direction.allCases {
                var known: [[Int]: JudgedSide] = [:]
                var found = [JudgedSide?](repeating: nil, count: ends.count)
                for index in ends.indices where ends[index].isPod {
                    let subject = ends[index]
                    let (walk, key) = planner.walk(of: subject, direction) {
                        world.match($0.nearEnd, subject, family)
                    }
                    if walk.isOpen { continue }
                    // Subjects under the same policies have the same answers, unless port names are looked up at them.
                    let isShared = !(walk.looksUpPortNames && direction == .ingress)
                    if isShared, let side = known[key] {
                        found[index] = side
                        continue
                    }
                    var judge = WalkJudge(
                        walk: walk, direction: direction, subject: subject, ends: ends, family: family)
                    let side = judge.run(&world, &columns, &rules)
                    if isShared { known[key] = side }
                    found[index] = side
                }
                if family == families[0] { sides[direction] = found }
            }
        }
    }

    func findings() -> [LintFinding] {
        rules.compactMap(finding) + dnsFindings() + serviceFindings() + meshFindings() + sizeFindings()
    }

    /// Policies that close the direction for a class, in the order of the walk.
    func closing(_ index: Int, _ direction: Direction) -> [Policy] {
        planner.applying(to: classes[index].1, direction).filter { $0[direction]?.isolates ?? false }
    }

    /// The one to name: the first with rules of its own, because a policy that closes everything is meant to be opened
    /// by others.
    func toName(_ closing: [Policy], _ direction: Direction) -> Policy? {
        closing.first { !($0[direction]?.rules.isEmpty ?? true) } ?? closing.first
    }

    // MARK: Rules

    private func finding(_ judged: JudgedRule) -> LintFinding? {
        let rule = judged.rule
        guard judged.hasSubject, rule.action != .log, let policy = policies.policies[rule.reference.policy] else {
            return nil
        }
        if !judged.matchesSomething {
            guard let peers = rule.peers, !peers.isEmpty, rule.unenforceable.isEmpty, !isContradictory(rule) else {
                return nil
            }
            return PolicyLint.finding(
                "POL-26", policy, "\(rule.reference.path): its peers match nothing in this cluster at present",
                at: rule.peers?.first?.place ?? rule.place, severity: .note, because: nearMiss(rule).map { [$0] } ?? [])
        }
        if !rule.unenforceable.isEmpty { return judged.isBypassed ? bypassed(judged, policy) : nil }
        if judged.isUseful { return nil }
        return PolicyLint.finding(
            "POL-20", policy,
            "\(rule.reference.path) changes nothing: what it \(rule.action.verb) is decided so without it",
            at: rule.place,
            because: alwaysCovering(rule, policy).map {
                ["in every cluster: \($0.reference.path) of \($0.reference.policy) covers it"]
            } ?? ["in this cluster, by the other rules together"])
    }

    private func bypassed(_ judged: JudgedRule, _ policy: Policy) -> LintFinding? {
        guard let part = judged.rule.unenforceable.first else { return nil }
        return PolicyLint.finding(
            "POL-13", policy, "\(part.path) narrows nothing: other rules allow all of that traffic",
            at: part.place,
            because: judged.bypassing.map { ["\($0.path) of \($0.policy) lets it through whatever is asked for"] }
                ?? ["the other rules together let it through whatever is asked for"],
            next: "rules are added up: take the wider ones away, or narrow them too")
    }

    private func nearMiss(_ rule: PolicyRule) -> String? {
        let groups = known.groups.filter { !$0.isOnHostNetwork }
        for peer in rule.peers ?? [] {
            for case .pods(let expression) in peer.terms {
                if let near = PolicyLint.nearMiss(expression, groups) { return near }
            }
        }
        return nil
    }

    private func isContradictory(_ rule: PolicyRule) -> Bool {
        (rule.peers ?? []).allSatisfy { peer in
            peer.terms.contains { term in
                if case .pods(let expression) = term, case .contradictory = expression.satisfiability {
                    true
                } else {
                    false
                }
            }
        }
    }

    /// One other rule that decides everything this one does, whatever the cluster.
    private func alwaysCovering(_ rule: PolicyRule, _ policy: Policy) -> PolicyRule? {
        guard rule.action == .allow, rule.nearEnd == nil else { return nil }
        let home = policy.subject.requiredValues(of: .namespaceName)
        for other in planner.policies where other.tier == policy.tier {
            if let home, let there = other.subject.requiredValues(of: .namespaceName), !home.allSatisfy(there.contains)
            {
                continue
            }
            guard policy.subject.implies(other.subject) == true else { continue }
            for candidate in other[rule.reference.direction]?.rules ?? []
            where candidate.reference != rule.reference && candidate.action == .allow && candidate.nearEnd == nil {
                guard candidate.traffic == nil || candidate.traffic == rule.traffic, covers(candidate.peers, rule.peers)
                else { continue }
                return candidate
            }
        }
        return nil
    }

    private func covers(_ wide: [Peer]?, _ narrow: [Peer]?) -> Bool {
        guard let wide else { return true }
        guard let narrow else { return false }
        return narrow.allSatisfy { peer in
            wide.contains { other in
                if other == peer { return true }
                guard case .pods(let question)? = other.terms.first, other.terms.count == 1 else { return false }
                return peer.terms.contains { term in
                    if case .pods(let inner) = term { inner.implies(question) == true } else { false }
                }
            }
        }
    }
}
