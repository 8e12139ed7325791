import Addressing
import JSONTree

/// Cilium's own ranges: nodes whose range is full of endpoints, and nodes that the operator has none for.
struct CiliumPoolCheck: Check {
    let name = "IPAM"
    let codes = ["IPM-02", "IPM-08", "IPM-11"]
    let needs: [FactName] = [.objects("ciliumnodes.cilium.io"), .objects("pods")]

    func applies(to facts: FactBase) -> Bool {
        !facts.objects("ciliumnodes.cilium.io").isEmpty
            && ["cluster-pool", "kubernetes", "multi-pool", nil].contains(NetworkProviders.ciliumSetting("ipam", facts))
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        let failures = SandboxFailures(facts, pods: facts.pods)
        return shared(facts)
            + facts.objects("ciliumnodes.cilium.io").compactMap { node in
                let waiting = failures.byNode[node.name] ?? []
                let ranges = node.list("spec", "ipam", "podCIDRs").compactMap(\.string).compactMap { IPPrefix($0) }
                let error = node.text("status", "ipam", "operator-status", "error") ?? ""
                if ranges.isEmpty, !error.isEmpty { return noRange(node, error, waiting) }
                guard let range = ranges.first(where: { $0.family == .v4 }) ?? ranges.first, !waiting.isEmpty else {
                    return nil
                }
                let capacity = ranges.filter { $0.family == range.family }.reduce(0) {
                    $0 + ReservationCheck.capacity($1)
                }
                let used = node["status", "ipam", "used"]?.count ?? 0
                let live = facts.pods.filter { pod in
                    pod.node == node.name && !pod.isFinished && !pod.isOnHostNetwork
                        && pod.addresses.contains { address in ranges.contains { $0.contains(address) } }
                }
                // The agent keeps two for the router and the health endpoint.
                guard max(used, live.count + 2) >= capacity else { return nil }
                return .of(
                    "IPM-02", "\(node.name) has given all addresses of \(range) to pods that run", .certain,
                    at: ["Node/\(node.name)"],
                    evidence: [.init("podCIDRs: \(range)", marking: "\(range)", from: node.source)] + waiting.evidence,
                    because: [
                        "\(range) has \(capacity) addresses: \(live.count) of pods that run, two of the agent itself"
                    ],
                    explains: waiting.symptoms,
                    fix: .init(
                        ["kubectl cordon \(node.name)"], undo: "kubectl uncordon \(node.name)",
                        risk: "new pods go to other nodes", seconds: 5),
                    prevent: "a larger range for new nodes (cluster-pool-ipv4-mask-size), or the multi-pool mode",
                    deadEnds: ["changing the mask size now: nodes keep the range they have"])
            }
    }

    /// One range at two nodes, as after objects were restored (IPM-08). Ranges of one family are in order, so that only
    /// neighbours need be compared.
    private func shared(_ facts: FactBase) -> [Diagnosis] {
        let ranges = facts.objects("ciliumnodes.cilium.io").filter { !$0.isDeleted }.flatMap { node in
            node.list("spec", "ipam", "podCIDRs").compactMap(\.string).compactMap { IPPrefix($0) }.map { (node, $0) }
        }.sorted { ($0.1, $0.0.name) < ($1.1, $1.0.name) }
        return zip(ranges, ranges.dropFirst()).filter { $0.0.name != $1.0.name && $0.1.overlaps($1.1) }.map {
            one, two in
            .of(
                "IPM-08", "\(one.0.name) and \(two.0.name) hand out addresses of one range, \(one.1)", .certain,
                at: [one.0.place, two.0.place],
                evidence: [one, two].map {
                    .init("podCIDRs: \($0.1)", marking: "\($0.1)", from: $0.0.source)
                },
                because: [
                    "each agent hands out addresses of its own range: pods of both get the same ones, and the others know one way for two places"
                ],
                fix: .init(
                    [
                        "kubectl drain \(two.0.name) --ignore-daemonsets --delete-emptydir-data",
                        "kubectl delete ciliumnode \(two.0.name)   # its agent makes it anew, and the operator gives it a range",
                    ], undo: "kubectl uncordon \(two.0.name)",
                    risk: "pods of \(two.0.name) move; data in emptyDir volumes is lost", seconds: 300),
                prevent: "never restore CiliumNodes from a backup: the agents make them",
                deadEnds: ["editing podCIDRs of a node that runs pods: they keep their addresses"])
        }
    }

    private func noRange(_ node: APIObject, _ error: String, _ waiting: [SandboxFailures.Failure]) -> Diagnosis? {
        let text = error.lowercased()
        guard text.contains("cidr") || text.contains("pool"),
            ["full", "exhaust", "no available", "no more", "unable to allocate", "not enough", "no remaining"]
                .contains(where: { text.contains($0) })
        else { return nil }
        return .of(
            "IPM-11", "Cilium's operator has no range left for \(node.name)", .certain, at: ["Node/\(node.name)"],
            evidence: [.init(error, from: node.source)] + waiting.evidence,
            because: ["every range of the cluster's pool belongs to a node; this one cannot run pods"],
            explains: waiting.symptoms.union(["node \(node.name)"]),
            fix: .init(
                [
                    "kubectl -n kube-system edit configmap cilium-config   # append a range to cluster-pool-ipv4-cidr",
                    "kubectl -n kube-system rollout restart deployment cilium-operator",
                ],
                undo: "none: ranges of the list may be added and never taken away",
                risk: "the new range must overlap nothing", seconds: 60))
    }
}
