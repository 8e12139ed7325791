import Addressing
import Findings
import JSONTree

/// Why a connection is allowed or refused, and the smallest change that would turn it round.
public struct Explanation: Sendable {
    /// A change that was tried on the engine and turned the verdict.
    public struct Remedy: Sendable {
        /// One for each side that has to change.
        public var edits: [PolicyEdit]
        /// Everything else that would change with it, the connection's own pair included. Nil when it was not worked
        /// out.
        public var difference: ReachDifference?
    }

    public let flow: Flow
    public let verdict: Verdict
    public let egress: DirectionWalk
    public let ingress: DirectionWalk
    /// The smallest first.
    public let remedies: [Remedy]

    public subscript(direction: Direction) -> DirectionWalk { direction == .egress ? egress : ingress }

    public init(_ flow: Flow, in engine: PolicyEngine) throws(FlowError) {
        self.flow = flow
        verdict = try engine.verdict(flow)
        (egress, ingress) = try engine.walk(flow)
        let finder = RemedyFinder(
            flow: flow, cluster: engine.cluster, policies: engine.policies, walks: [egress, ingress])
        remedies = verdict.isAllowed ? finder.closing() : finder.opening()
    }
}

/// Looks for the edits that turn a verdict.
struct RemedyFinder {
    let flow: Flow
    let cluster: Cluster
    let policies: PolicySet
    let walks: [DirectionWalk]

    private static let shown = 3

    /// Edits that let a refused connection through: the smallest on each side that refuses.
    func opening() -> [Explanation.Remedy] {
        let sides = walks.filter { !$0.verdict.isAllowed }.map { candidates($0) }
        if sides.isEmpty || sides.contains(where: \.isEmpty) { return [] }
        var combined: [[PolicyEdit]] = [[]]
        for side in sides {
            combined = combined.flatMap { known in side.prefix(4).map { known + [$0] } }
        }
        combined.sort { left, right in left.reduce(0) { $0 + $1.size } < right.reduce(0) { $0 + $1.size } }
        return verified(combined, isAllowed: true)
    }

    /// Edits that refuse an allowed connection.
    func closing() -> [Explanation.Remedy] {
        var found: [[PolicyEdit]] = []
        for walk in walks {
            if walk.verdict.reason == .rule, !walk.allowedBy.isEmpty {
                let rules = walk.allowedBy
                let names = rules.map { "\($0.path) of \($0.policy)" }.joined(separator: " and ")
                found.append([PolicyEdit(.removeRules(rules), "take away \(names)", size: rules.count)])
            }
        }
        if found.isEmpty, let edit = isolation() { found.append([edit]) }
        return verified(found, isAllowed: false)
    }

    /// Nothing selects the destination: a policy that does closes it.
    private func isolation() -> PolicyEdit? {
        guard case .pod(let name) = flow.destination, let pod = cluster.pods[name], pod.isPolicyEndpoint else {
            return nil
        }
        let labels = WorkloadLabels.selecting(pod)
        let policyName = "close-\(labels["app"] ?? name.name)"
        let snippet = PolicySnippet.networkPolicy(
            policyName, in: name.namespace, selecting: labels, .ingress, rules: [])
        let policy = PolicySnippet.policy(policyName, in: name.namespace, selecting: labels, .ingress, rules: [])
        return PolicyEdit(
            .addPolicy(policy), "add a policy that isolates the destination, and list in it who may come",
            snippet: snippet,
            size: 10)
    }

    /// Only what the engine agrees with is shown, with everything else it would change.
    private func verified(_ edits: [[PolicyEdit]], isAllowed: Bool) -> [Explanation.Remedy] {
        var remedies: [Explanation.Remedy] = []
        for edits in edits.prefix(8) where remedies.count < Self.shown {
            let changed = edits.reduce(policies) { $1.applied(to: $0) }
            let engine = PolicyEngine(cluster: cluster, policies: changed)
            guard let verdict = try? engine.verdict(flow), verdict.isAllowed == isAllowed else { continue }
            remedies.append(
                Explanation.Remedy(edits: edits, difference: ReachDifference(in: cluster, from: policies, to: changed)))
        }
        return remedies
    }

    // MARK: Candidates for one side

    private func candidates(_ walk: DirectionWalk) -> [PolicyEdit] {
        guard let tier = walk.tiers.last else { return [] }
        if case .decided(_, let rule) = tier.outcome { return overruling(rule) }
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

    /// A rule that denies is taken away, or in ordered dialects overruled by one before it.
    private func overruling(_ rule: RuleReference) -> [PolicyEdit] {
        [
            PolicyEdit(
                .removeRules([rule]), "take away or narrow \(rule.path) of \(rule.policy), which denies it", size: 5)
        ]
    }

    /// A rule of which all but one part matches.
    private func mending(_ rule: RuleReference, _ miss: RuleMiss) -> [PolicyEdit] {
        var edits: [PolicyEdit] = []
        if miss.traffic != nil, isKubernetes(rule.policy),
            let (snippet, match) = PolicySnippet.port(flow.transport, flow.port)
        {
            edits.append(
                PolicyEdit(
                    .addTraffic(match, to: rule), "add this port to \(rule.path).ports of \(rule.policy)",
                    snippet: [snippet], size: 2))
        }
        for peer in miss.peers ?? [] {
            guard case .label(let requirement, let actual?) = peer.cause, requirement.comparison == .isIn,
                requirement.values.count == 1, isTypo(requirement, actual)
            else { continue }
            let kind = requirement.key.owner == .namespace ? "namespace label" : "label"
            edits.append(
                PolicyEdit(
                    .replaceValue(of: requirement, with: actual, in: rule),
                    "in \(rule.path) of \(rule.policy) write \(kind) \(requirement.key.name): \(actual) "
                        + "(no pod has \(requirement.values[0]))", snippet: [requirement.key.name: .string(actual)],
                    size: 1))
        }
        if let peers = miss.peers, !peers.isEmpty, isKubernetes(rule.policy),
            let (snippet, peer) = PolicySnippet.peer(
                flow.peer(rule.direction), in: cluster, from: rule.policy.namespace)
        {
            let list = rule.direction == .ingress ? "from" : "to"
            edits.append(
                PolicyEdit(
                    .addPeer(peer, to: rule), "add this peer to \(rule.path).\(list) of \(rule.policy)",
                    snippet: [snippet], size: 3))
        }
        return edits
    }

    /// The value nobody has and that is nearly the one the end has.
    private func isTypo(_ requirement: LabelRequirement, _ actual: String) -> Bool {
        let wanted = requirement.values[0]
        let isUsed = cluster.pods.values.contains { cluster.labels(of: $0)[requirement.key] == wanted }
        if isUsed { return false }
        return EditDistance.nearest(to: wanted, in: [actual]) != nil || actual.hasPrefix(wanted)
            || wanted.hasPrefix(actual)
    }

    private func isKubernetes(_ policy: PolicyReference) -> Bool { policy.group == "networking.k8s.io" }

    private func newRule(_ policy: PolicyReference, _ direction: Direction) -> PolicyEdit? {
        let count = policies.policies[policy]?[direction]?.rules.count ?? 0
        let path = "spec.\(direction.rawValue)"
        let reference = RuleReference(policy: policy, direction: direction, path: "\(path)[\(count)]", index: count)
        let port = PolicySnippet.port(flow.transport, flow.port)
        if isKubernetes(policy) {
            guard let peer = PolicySnippet.peer(flow.peer(direction), in: cluster, from: policy.namespace),
                port != nil || !flow.transport.hasPorts
            else { return nil }
            let rule = PolicyRule(reference, action: .allow, peers: [peer.1], traffic: port.map { [$0.1] })
            let snippet = PolicySnippet.rule(direction, peer: peer.0, ports: port.map { [$0.0] } ?? [])
            return PolicyEdit(
                .addRule(rule, to: policy, direction, position: nil), "add this rule to \(path) of \(policy)",
                snippet: [snippet], size: 4)
        }
        guard policy.group == "cilium.io", case .pod(let name) = flow.peer(direction), let pod = cluster.pods[name],
            let peer = PolicySnippet.peer(.pod(name), in: cluster, from: policy.namespace), let port
        else { return nil }
        let side = direction == .ingress ? "fromEndpoints" : "toEndpoints"
        let endpoint = PolicySnippet.endpoint(pod, from: policy.namespace.isEmpty ? nil : policy.namespace)
        let rule = PolicyRule(reference, action: .allow, peers: [peer.1], traffic: [port.1])
        return PolicyEdit(
            .addRule(rule, to: policy, direction, position: nil), "add this rule to \(path) of \(policy)",
            snippet: [
                [
                    side: [endpoint],
                    "toPorts": [
                        ["ports": [["port": .string("\(flow.port)"), "protocol": .string("\(flow.transport)")]]]
                    ],
                ]
            ], size: 4)
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
