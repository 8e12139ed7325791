import Addressing
import JSONTree

/// Nodes whose range will be full before long: pods of now against those of an earlier evidence, or those that came
/// within the hour against those that went. What comes and goes with Jobs fills nothing; only growth counts.
struct AddressForecastCheck: Check {
    let name = "IPAM"
    /// None: that a range will not be full tomorrow rules nothing out. What it reports is IPM-02, likely.
    let codes: [String] = []
    let needs: [FactName] = [.objects("nodes"), .objects("pods")]

    private static let baseline = "baseline/"
    /// Taken, of what there is, from which a forecast is worth a line.
    private static let share = 0.75
    /// Seconds ahead that are told.
    private static let horizon = 24.0 * 3600
    /// Seconds between the two evidences from which growth is no accident, and as many pods.
    private static let apart: Int64 = 1800
    private static let grown = 10
    /// Seconds of which events are kept (kube-apiserver's --event-ttl), and how old the oldest must be for that.
    private static let hour: Int64 = 3600
    private static let remembered: Int64 = 3000

    func applies(to facts: FactBase) -> Bool { NetworkProviders(facts).usesNodeRanges(facts) ?? false }

    /// How many pods more a node has than some time ago.
    private struct Growth {
        var pods: Int
        var seconds: Int64
        var evidence: Diagnosis.Evidence
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        guard let now = facts.now else { return [] }
        let before = earlier(facts).flatMap { now - $0.time >= Self.apart ? $0 : nil }
        let hour = before == nil ? lastHour(facts, now) : [:]
        if before == nil, hour.isEmpty { return [] }
        let current = Self.counts(facts.objects("pods"))
        let found = facts.objects("nodes").compactMap { node -> (finding: Diagnosis, seconds: Double)? in
            guard let range = node.podRanges.compactMap({ IPPrefix($0) }).first(where: { $0.family == .v4 }) else {
                return nil
            }
            let capacity = ReservationCheck.capacity(range)
            let used = current[node.name] ?? 0
            // The kubelet's own limit may come first, and then no address is missing.
            let limit =
                node.int("status", "allocatable", "pods")
                ?? node.text("status", "allocatable", "pods").flatMap { Int64($0) }
            if let limit, limit <= capacity { return nil }
            guard used < capacity, Double(used) >= Double(capacity) * Self.share else { return nil }
            var growth = hour[node.name]
            if let before, before.nodes.contains(node.name) {
                let was = before.counts[node.name] ?? 0
                let passed = now - before.time
                growth = Growth(
                    pods: used - was, seconds: passed,
                    evidence: .init(
                        "\(was) pods \(WrappedText.duration(passed)) before", marking: "\(was)",
                        from: FactSource("baseline pods")))
            }
            guard let growth, growth.pods >= Self.grown else { return nil }
            let left = Double(capacity - used) * Double(growth.seconds) / Double(growth.pods)
            guard left <= Self.horizon else { return nil }
            return (finding(node, range, used, capacity, growth, left), left)
        }
        return found.min { $0.seconds < $1.seconds }.map { [$0.finding] } ?? []
    }

    /// Pods that came to each node within the hour less those that were ended there. Without events of the whole hour
    /// nobody knows how many went.
    private func lastHour(_ facts: FactBase, _ now: Int64) -> [String: Growth] {
        let events = facts.events
        guard let oldest = events.compactMap(\.lastSeen).min(), now - oldest >= Self.remembered
        else { return [:] }
        var ended: [String: Set<String>] = [:]
        for event in events where event.text("reason") == "Killing" {
            guard let seen = event.lastSeen, now - seen < Self.hour,
                let subject = event.subject,
                let node = event.text("source", "host") ?? event.text("reportingInstance")
            else { continue }
            ended[node, default: []].insert(subject.key)
        }
        var came: [String: Int] = [:]
        for object in facts.objects("pods") {
            let pod = PodView(object)
            guard Self.counts(pod), let created = object.createdAt, now - created < Self.hour else { continue }
            came[pod.node, default: 0] += 1
        }
        return came.reduce(into: [:]) { found, entry in
            let went = ended[entry.key]?.count ?? 0
            found[entry.key] = Growth(
                pods: entry.value - went, seconds: Self.hour,
                evidence: .init(
                    "\(entry.value) pods came within the hour, \(went) went", marking: "\(entry.value) pods came",
                    from: FactSource(
                        "pods and events",
                        command:
                            "kubectl get pods -A --field-selector spec.nodeName=\(entry.key) --sort-by=.metadata.creationTimestamp"
                    )))
        }
    }

    private func finding(
        _ node: APIObject, _ range: IPPrefix, _ used: Int, _ capacity: Int, _ growth: Growth, _ left: Double
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
                growth.evidence,
            ],
            because: [
                "\(used) of \(capacity) addresses of \(range) are taken, \(growth.pods) more than "
                    + "\(WrappedText.duration(growth.seconds)) ago: at that pace the other \(capacity - used) last about \(hours) h"
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
            if Self.counts(pod) { counts[pod.node, default: 0] += 1 }
        }
    }

    private static func counts(_ pod: PodView) -> Bool {
        !pod.isFinished && !pod.isOnHostNetwork && !pod.node.isEmpty && pod.owner?.kind != "Job"
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
