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
}
