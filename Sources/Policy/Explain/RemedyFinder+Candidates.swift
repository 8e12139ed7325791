import Findings
import JSONTree

// Edits that could turn one side of a refused connection, in the words of the policy they are made to.

extension RemedyFinder {
    func candidates(_ walk: DirectionWalk) -> [PolicyEdit] {
        guard let tier = walk.tiers.last else { return [] }
        if case .decided(_, let rule) = tier.outcome { return overruling(rule).sorted { $0.size < $1.size } }
        var edits: [PolicyEdit] = []
        for policy in tier.policies {
            for step in policy.rules where step.action == .allow {
                if let miss = step.miss, miss.failedParts == 1 { edits += mending(step.rule, miss) }
            }
        }
        if let first = tier.policies.first(where: \.isolates), let edit = newRule(first.policy, walk.direction) {
            edits.append(edit)
        }
        if let edit = newPolicy(walk.direction) { edits.append(edit) }
        return edits.sorted { $0.size < $1.size }
    }

    /// A rule that denies is taken away, overruled by one before it where the dialect goes by order, or, in the
    /// baseline tier, by a NetworkPolicy.
    private func overruling(_ rule: RuleReference) -> [PolicyEdit] {
        var edits = [
            PolicyEdit(
                .removeRules([rule]), "take away or narrow \(rule.path) of \(rule.policy), which denies it", size: 5)
        ]
        guard let policy = policies.policies[rule.policy] else { return edits }
        let isOrdered = ["projectcalico.org", "policy.networking.k8s.io"].contains(rule.policy.group)
        if isOrdered, let position = policy[rule.direction]?.rules.firstIndex(where: { $0.reference == rule }),
            let before = DialectRule(allowing: flow, rule.direction, in: policy, at: position, cluster)
        {
            edits.append(
                PolicyEdit(
                    .addRule(before.rule, to: rule.policy, rule.direction, position: position),
                    "add this rule before \(rule.path) of \(rule.policy), which denies it", snippet: [before.text],
                    size: 4))
        }
        if policy.tier == PolicyTier.baseline.name, let edit = newPolicy(rule.direction) { edits.append(edit) }
        return edits
    }

    /// A rule of which all but one part matches.
    private func mending(_ rule: RuleReference, _ miss: RuleMiss) -> [PolicyEdit] {
        var edits = additions(rule, miss)
        for peer in miss.peers ?? [] {
            guard case .label(let requirement, let actual?) = peer.cause, requirement.comparison == .isIn,
                requirement.values.count == 1, isTypo(requirement, actual)
            else { continue }
            edits.append(correction(requirement, actual, rule))
        }
        return edits
    }

    private func correction(_ requirement: LabelRequirement, _ actual: String, _ rule: RuleReference) -> PolicyEdit {
        let change = PolicyEdit.Change.replaceValue(of: requirement, with: actual, in: rule)
        let place = "in \(rule.path) of \(rule.policy) write"
        let wrong = "(no pod has \(requirement.values[0]))"
        if rule.policy.group == "projectcalico.org" {
            let key = requirement.key == .namespaceName ? "projectcalico.org/name" : requirement.key.name
            return PolicyEdit(change, "\(place) \(key) == '\(actual)' \(wrong)", size: 1)
        }
        let kind = requirement.key.owner == .namespace ? "namespace label" : "label"
        return PolicyEdit(
            change, "\(place) \(kind) \(requirement.key.name): \(actual) \(wrong)",
            snippet: [requirement.key.name: .string(actual)], size: 1)
    }

    /// One more port or one more peer, where the dialect's rules are lists of them.
    private func additions(_ rule: RuleReference, _ miss: RuleMiss) -> [PolicyEdit] {
        guard let policy = policies.policies[rule.policy] else { return [] }
        func port(_ match: TrafficMatch, _ snippet: JSONValue, _ list: String) -> PolicyEdit {
            PolicyEdit(
                .addTraffic(match, to: rule), "add this port to \(rule.path).\(list) of \(rule.policy)",
                snippet: snippet, size: 2)
        }
        func peer(_ peer: Peer, _ snippet: JSONValue, _ list: String) -> PolicyEdit {
            PolicyEdit(
                .addPeer(peer, to: rule), "add this peer to \(rule.path).\(list) of \(rule.policy)", snippet: snippet,
                size: 3)
        }
        let side = rule.direction == .ingress ? "from" : "to"
        var edits: [PolicyEdit] = []
        if isKubernetes(rule.policy) {
            if miss.traffic != nil, let (snippet, match) = PolicySnippet.port(flow.transport, flow.port) {
                edits.append(port(match, [snippet], "ports"))
            }
            if let peers = miss.peers, !peers.isEmpty,
                let (snippet, found) = PolicySnippet.peer(
                    flow.peer(rule.direction), in: cluster, from: rule.policy.namespace)
            {
                edits.append(peer(found, [snippet], side))
            }
            return edits
        }
        guard let written = DialectRule(allowing: flow, rule.direction, in: policy, at: rule.index, cluster) else {
            return []
        }
        if let traffic = miss.traffic, let match = written.rule.traffic?.first {
            if rule.policy.group == "projectcalico.org" {
                // Its rules have one protocol: another port of the same can join the list.
                if traffic.contains(where: { if case .otherPort = $0.cause { true } else { false } }),
                    let ports = written.text.at("destination", "ports")
                {
                    edits.append(port(match, ports, "destination.ports"))
                }
            } else if let list = ["ports", "protocols", "toPorts"].first(where: { written.text.member($0) != nil }),
                let ports = written.text.member(list)
            {
                edits.append(port(match, ports, list))
            }
        }
        if let peers = miss.peers, !peers.isEmpty, let found = written.rule.peers?.first {
            let lists = [side, "\(side)Endpoints", "\(side)CIDR", "\(side)Entities"]
            // Cilium's rules have one kind of peer.
            let node = policy[rule.direction]?.rules.first { $0.reference == rule }?.place.node
            if let list = lists.first(where: { written.text.member($0) != nil && node?.member($0) != nil }),
                let snippet = written.text.member(list)
            {
                edits.append(peer(found, snippet, list))
            }
        }
        return edits
    }

    /// A rule of its own at the end of an isolating policy's list.
    private func newRule(_ reference: PolicyReference, _ direction: Direction) -> PolicyEdit? {
        guard let policy = policies.policies[reference] else { return nil }
        let count = policy[direction]?.rules.count ?? 0
        let path = "spec.\(direction.rawValue)"
        let instruction = "add this rule to \(path) of \(reference)"
        if !isKubernetes(reference) {
            return DialectRule(allowing: flow, direction, in: policy, at: count, cluster).map {
                PolicyEdit(
                    .addRule($0.rule, to: reference, direction, position: nil), instruction, snippet: [$0.text], size: 4
                )
            }
        }
        let port = PolicySnippet.port(flow.transport, flow.port)
        guard let peer = PolicySnippet.peer(flow.peer(direction), in: cluster, from: reference.namespace),
            port != nil || !flow.transport.hasPorts
        else { return nil }
        let rule = PolicyRule(
            RuleReference(policy: reference, direction: direction, path: "\(path)[\(count)]", index: count),
            action: .allow, peers: [peer.1], traffic: port.map { [$0.1] })
        let snippet = PolicySnippet.rule(direction, peer: peer.0, ports: port.map { [$0.0] } ?? [])
        return PolicyEdit(
            .addRule(rule, to: reference, direction, position: nil), instruction, snippet: [snippet], size: 4)
    }

    private func isKubernetes(_ policy: PolicyReference) -> Bool { policy.group == "networking.k8s.io" }

    /// The value nobody has and that is nearly the one the end has.
    private func isTypo(_ requirement: LabelRequirement, _ actual: String) -> Bool {
        let wanted = requirement.values[0]
        let isUsed = cluster.pods.values.contains { cluster.labels(of: $0)[requirement.key] == wanted }
        if isUsed { return false }
        return EditDistance.nearest(to: wanted, in: [actual]) != nil || actual.hasPrefix(wanted)
            || wanted.hasPrefix(actual)
    }

    /// NetworkPolicies add up with every other dialect of their tier.
    private func newPolicy(_ direction: Direction) -> PolicyEdit? {
        guard case .pod(let name) = flow.subject(direction), let pod = cluster.pods[name],
            let peer = PolicySnippet.peer(flow.peer(direction), in: cluster, from: name.namespace)
        else { return nil }
        let port = PolicySnippet.port(flow.transport, flow.port)
        if port == nil, flow.transport.hasPorts { return nil }
        let labels = WorkloadLabels.selecting(pod)
        let policyName = "allow-\(direction.rawValue)-\(labels["app"] ?? name.name)"
        let snippet = PolicySnippet.networkPolicy(
            policyName, in: name.namespace, selecting: labels, direction,
            rules: [PolicySnippet.rule(direction, peer: peer.0, ports: port.map { [$0.0] } ?? [])])
        let policy = PolicySnippet.policy(
            policyName, in: name.namespace, selecting: labels, direction, rules: [([peer.1], port.map { [$0.1] })])
        return PolicyEdit(.addPolicy(policy), "add this policy", snippet: snippet, size: 6)
    }
}
