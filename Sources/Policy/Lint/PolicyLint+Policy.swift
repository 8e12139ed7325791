import Addressing
import Findings
import JSONTree

// Checks that look at one policy and at the pods it selects.

extension PolicyLint {
    mutating func checkUnenforceable(_ policy: Policy) {
        for part in policy.everythingUnenforceable {
            add(
                PolicyCode.notEnforced, policy, "\(part.path) is not enforced: \(part.reason)", at: part.place,
                because: ["an allow that depends on it allows nothing, a deny that depends on it denies"])
        }
    }

    /// policyTypes of NetworkPolicies, where the traps are.
    mutating func checkTypes(_ policy: Policy) {
        guard policy.reference.kind == "NetworkPolicy", policy.reference.group == "networking.k8s.io",
            let spec = policy.source.place.node?.member("spec")
        else { return }
        let types = spec.member("policyTypes")
        if let types, types.kind == .array, types.count == 0 {
            let closes = policy.ingress?.rules.isEmpty ?? false
            add(
                "POL-06", policy,
                "an empty policyTypes means Ingress" + (closes ? ", and without rules that denies all ingress" : ""),
                at: SourcePlace(types),
                because: ["policies only add permissions; none opens what another closes"],
                next: "name the types; to open a pod: ingress: [{}], egress: [{}], policyTypes: [Ingress, Egress]")
        }
        let listed = types?.elements.compactMap(\.string) ?? []
        for (name, type) in [("ingress", "Ingress"), ("egress", "Egress")] {
            guard let rules = spec.member(name), rules.kind == .array else { continue }
            if !listed.isEmpty, !listed.contains(type), rules.count > 0 {
                add(
                    "POL-25", policy, "spec.\(name) has rules, but policyTypes leaves \(type) out, so they are ignored",
                    at: SourcePlace(rules), next: "add \(type) to policyTypes, or take the rules away")
            } else if type == "Egress", listed.isEmpty, rules.count == 0 {
                add(
                    "POL-25", policy, "an empty egress list closes nothing, because the policy is about ingress only",
                    at: SourcePlace(rules), next: "policyTypes: [Ingress, Egress] closes both")
            }
        }
    }

    mutating func checkSubject(_ policy: Policy) {
        guard !policy.isStaged else { return }
        let reach = known.reach(of: policy.subject)
        // With nothing to select from, nothing can be said.
        if reach.isEmpty { return }
        if case .contradictory = policy.subject.satisfiability { return }
        let matching = reach.filter { policy.subject.matches($0.labels) }
        if matching.contains(where: { !$0.isOnHostNetwork }) { return }
        if let group = matching.first {
            add(
                "POL-22", policy, "the pods it selects are on their nodes' network, where no policy applies",
                at: policy.subjectPlace, because: ["for example \(group.example.id)"])
            return
        }
        if policy.unenforceable.isEmpty {
            add(
                "POL-02", policy, "no pod matches its selector at present", at: policy.subjectPlace,
                because: Self.nearMiss(policy.subject, reach).map { [$0] } ?? [
                    "\(reach.reduce(0) { $0 + $1.pods.count }) pods are in reach"
                ])
        }
    }

    /// The pod for which all but one comparison hold, and that comparison.
    static func nearMiss(_ expression: LabelExpression, _ groups: [LintCluster.Group]) -> String? {
        let conjuncts = expression.conjuncts
        if conjuncts.count < 2 { return nil }
        for group in groups {
            let labels = group.labels
            let pod = group.example
            let failing = conjuncts.filter { !$0.matches(labels) }
            guard failing.count == 1, case .requirement(let requirement) = failing[0], requirement.comparison == .isIn
            else { continue }
            let key = requirement.key
            if let actual = labels[key],
                requirement.values.contains(where: {
                    EditDistance.nearest(to: $0, in: [actual]) != nil || actual.hasPrefix($0)
                })
            {
                return
                    "nearly: pod \(pod.id) has \(key.name): \(actual), not \(requirement.values.joined(separator: " or "))"
            }
            if labels[key] == nil, let near = EditDistance.nearest(to: key.name, in: pod.labels.keys), key.owner == .own
            {
                return "nearly: pod \(pod.id) has label \(near), not \(key.name)"
            }
        }
        return nil
    }

    mutating func checkPortNames(_ policy: Policy) {
        for direction in Direction.allCases {
            for rule in policy[direction]?.rules ?? [] {
                for match in rule.traffic ?? [] {
                    for case .destinationPortNamed(let name, let resolution) in match.terms {
                        checkPortName(name, resolution, match, rule, policy, direction)
                    }
                }
            }
        }
    }

    /// The pods among whose ports the name is looked up.
    private func bearers(
        _ resolution: NamedPortResolution, _ rule: PolicyRule, _ policy: Policy, _ direction: Direction
    ) -> [ClusterPod] {
        let groups = known.groups.filter { !$0.isOnHostNetwork }
        if resolution == .everyPod { return groups.flatMap(\.pods) }
        if direction == .ingress {
            return known.matching(policy.subject).filter { !$0.isOnHostNetwork }.flatMap(\.pods)
        }
        var world = ReachWorld(cluster)
        // Labels are the same all through a group, addresses are not.
        let asksForLabels = (rule.peers ?? []).allSatisfy { peer in
            peer.terms.allSatisfy { if case .pods = $0 { true } else { false } }
        }
        return groups.flatMap { group in
            if asksForLabels {
                return world.match(rule.peers, ReachEnd(group.example, in: cluster), .v4) == .no ? [] : group.pods
            }
            return group.pods.filter { world.match(rule.peers, ReachEnd($0, in: cluster), .v4) != .no }
        }
    }

    private mutating func checkPortName(
        _ name: String, _ resolution: NamedPortResolution, _ match: TrafficMatch, _ rule: PolicyRule, _ policy: Policy,
        _ direction: Direction
    ) {
        let bearers = bearers(resolution, rule, policy, direction)
        if bearers.isEmpty { return }
        let transports = match.terms.compactMap { if case .protocolIs(let transport) = $0 { transport } else { nil } }
        let named = bearers.flatMap { pod in pod.ports.filter { $0.name == name } }
        if named.contains(where: { transports.isEmpty || transports.contains($0.transport) }) { return }
        var reasons: [String] = []
        if let other = named.first {
            reasons.append(
                "it is a port of \(other.transport), the rule is about \(transports.map(\.description).joined(separator: ", "))"
            )
        } else {
            let names = Set(bearers.flatMap { $0.ports.compactMap(\.name) }).sorted()
            reasons.append(
                names.isEmpty
                    ? "their ports have no names" : "their ports are named \(names.prefix(5).joined(separator: ", "))")
        }
        let names = Set(bearers.flatMap { $0.ports.compactMap(\.name) })
        add(
            "POL-23", policy,
            "\(rule.reference.path): none of \(bearers.count) pod\(bearers.count == 1 ? "" : "s") has a port named \"\(name)\"",
            at: match.place, because: reasons,
            next: named.isEmpty ? EditDistance.nearest(to: name, in: names).map { "did you mean \($0)?" } : nil)
    }
}
