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

    mutating func checkSubject(_ policy: Policy, _ pods: [String: [ClusterPod]]) {
        guard !policy.isStaged else { return }
        let bound = policy.subject.requiredValues(of: .namespaceName)
        let reach = bound.map { $0.flatMap { pods[$0] ?? [] } } ?? pods.values.flatMap { $0 }
        // With nothing to select from, nothing can be said.
        if reach.isEmpty { return }
        if case .contradictory = policy.subject.satisfiability { return }
        var onHost: [ClusterPod] = []
        for pod in reach where policy.subject.matches(cluster.labels(of: pod)) {
            if pod.isPolicyEndpoint { return }
            onHost.append(pod)
        }
        if let pod = onHost.first {
            add(
                "POL-22", policy, "the pods it selects are on their nodes' network, where no policy applies",
                at: policy.subjectPlace, because: ["for example \(pod.id)"])
            return
        }
        if policy.unenforceable.isEmpty {
            add(
                "POL-02", policy, "no pod matches its selector at present", at: policy.subjectPlace,
                because: Self.nearMiss(policy.subject, reach, in: cluster).map { [$0] } ?? [
                    "\(reach.count) pods are in reach"
                ])
        }
    }

    /// The pod for which all but one comparison hold, and that comparison.
    static func nearMiss(_ expression: LabelExpression, _ pods: [ClusterPod], in cluster: Cluster) -> String? {
        let conjuncts = expression.conjuncts
        for pod in pods.sorted(by: { $0.id < $1.id }) where conjuncts.count > 1 {
            let labels = cluster.labels(of: pod)
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

    mutating func checkPortNames(_ policy: Policy, _ pods: [String: [ClusterPod]]) {
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

    private mutating func checkPortName(
        _ name: String, _ resolution: NamedPortResolution, _ match: TrafficMatch, _ rule: PolicyRule, _ policy: Policy,
        _ direction: Direction
    ) {
        var world = ReachWorld(cluster)
        let bearers = cluster.pods.values.filter { pod in
            guard pod.isPolicyEndpoint else { return false }
            if resolution == .everyPod { return true }
            if direction == .ingress { return policy.subject.matches(cluster.labels(of: pod)) }
            return world.match(rule.peers, ReachEnd(pod, in: cluster), .v4) != .no
        }
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
