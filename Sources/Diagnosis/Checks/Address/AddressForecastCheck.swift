import Addressing
import JSONTree

/// Nodes whose range will be full before long: pods of now against those of an earlier evidence. What comes and goes
/// with Jobs fills nothing; only growth counts.
struct AddressForecastCheck: Check {
    let name = "IPAM"
    let codes = ["IPM-02"]
    let needs: [FactName] = [.objects("nodes"), .objects("pods")]

    private static let baseline = "baseline/"
    /// Taken, of what there is, from which a forecast is worth a line.
    private static let share = 0.75
    /// Seconds ahead that are told.
    private static let horizon = 24.0 * 3600
    /// Seconds between the two evidences from which growth is no accident, and as many pods.
    private static let apart: Int64 = 1800
    private static let grown = 10

    func applies(to facts: FactBase) -> Bool {
        facts.evidence[Self.baseline + EvidencePath.resource("pods")] != nil
            && NetworkProviders(facts).usesNodeRanges(facts) ?? false
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        guard let now = facts.now, let before = earlier(facts), now - before.time >= Self.apart else { return [] }
        let current = Self.counts(facts.objects("pods"))
        let found = facts.objects("nodes").compactMap { node -> (finding: Diagnosis, hours: Double)? in
            guard let range = node.podRanges.compactMap({ IPPrefix($0) }).first(where: { $0.family == .v4 }) else {
                return nil
            }
            let capacity = ReservationCheck.capacity(range)
            let used = current[node.name] ?? 0
            let more = used - (before.counts[node.name] ?? 0)
            // The kubelet's own limit may come first, and then no address is missing.
            let limit =
                node.int("status", "allocatable", "pods")
                ?? node.text("status", "allocatable", "pods").flatMap { Int64($0) }
            if let limit, limit <= capacity { return nil }
            guard before.nodes.contains(node.name), more >= Self.grown, used < capacity,
                Double(used) >= Double(capacity) * Self.share
            else { return nil }
            let left = Double(capacity - used) * Double(now - before.time) / Double(more)
            guard left <= Self.horizon else { return nil }
            return (finding(node, range, used, capacity, more, now - before.time, left, facts), left)
        }
        return found.min { $0.hours < $1.hours }.map { [$0.finding] } ?? []
    }

    private func finding(
        _ node: APIObject, _ range: IPPrefix, _ used: Int, _ capacity: Int, _ more: Int, _ passed: Int64,
        _ left: Double, _ facts: FactBase
    ) -> Diagnosis {
        let hours = max(1, Int((left / 3600).rounded()))
        return .of(
            "IPM-02", "\(node.name) runs out of addresses in about \(hours) h", .likely, at: [node.place],
            evidence: [
                .init("podCIDR: \(range)", marking: "\(range)", from: node.source),
                .init(
                    "\(used) pods with addresses on \(node.name)", marking: "\(used)",
                    from: FactSource(
                        "pods", command: "kubectl get pods -A --field-selector spec.nodeName=\(node.name)")),
                .init(
                    "\(used - more) pods \(WrappedText.duration(passed)) before", marking: "\(used - more)",
                    from: FactSource("baseline pods")),
            ],
            because: [
                "\(used) of \(capacity) addresses of \(range) are taken, \(more) more than \(WrappedText.duration(passed)) ago: at that pace the other \(capacity - used) last about \(hours) h"
            ],
            fix: .init(
                ["kubectl cordon \(node.name)   # before it is full: new pods go to other nodes"],
                undo: "kubectl uncordon \(node.name)", risk: "other nodes get more pods", seconds: 5),
            prevent:
                "maxPods of the kubelet below the \(capacity) addresses of the node's range, or larger ranges for new nodes",
            deadEnds: ["patching podCIDR: the API forbids changing it"],
            needs: ["the same count in half an hour: does it go on?"])
    }

    /// Pods with addresses of their own, by node, Jobs left out: they give theirs back.
    private static func counts(_ pods: [APIObject]) -> [String: Int] {
        pods.reduce(into: [:]) { counts, object in
            let pod = PodView(object)
            guard !pod.isFinished, !pod.isOnHostNetwork, !pod.node.isEmpty, pod.owner?.kind != "Job" else { return }
            counts[pod.node, default: 0] += 1
        }
    }

    private func earlier(_ facts: FactBase) -> (time: Int64, counts: [String: Int], nodes: Set<String>)? {
        func items(_ resource: String, _ kind: String) -> [APIObject] {
            let document = facts.evidence[Self.baseline + EvidencePath.resource(resource)]
            let root = document.flatMap { try? JSONTree(parsing: $0.bytes).root }
            return (root?.member("items")?.elements.map { $0 } ?? []).map {
                APIObject($0, kind: kind, resource: resource)
            }
        }
        let described = facts.evidence[Self.baseline + "evidence.json"].flatMap {
            try? JSONTree(parsing: $0.bytes).root
        }
        let pods = items("pods", "Pod")
        // Without a date the newest pod is as good: it was there.
        let time =
            described?.member("collectedAt")?.string.flatMap(APIObject.seconds) ?? pods.compactMap(\.createdAt).max()
        guard let time else { return nil }
        return (time, Self.counts(pods), Set(items("nodes", "Node").map(\.name)))
    }
}
