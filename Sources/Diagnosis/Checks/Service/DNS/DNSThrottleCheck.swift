import JSONTree

/// CoreDNS held back by its own CPU limit: periods in which the kernel stopped it, of all periods.
struct DNSThrottleCheck: Check {
    let name = "DNS"
    let codes = ["DNS-01"]
    let needs: [FactName] = [.objects("services"), .objects("pods")]

    /// Share of throttled periods from which queries wait noticeably; and so many periods that it is no start-up.
    private static let share = 0.05
    private static let periods = 100.0

    private static let throttled = "container_cpu_cfs_throttled_periods_total"
    private static let all = "container_cpu_cfs_periods_total"

    func applies(to facts: FactBase) -> Bool {
        !facts.evidence.documents(under: EvidencePath.kubelets).filter { $0.path.hasSuffix("cadvisor") }.isEmpty
    }

    private struct Reading {
        var pod: PodView
        var throttled: Double
        var periods: Double
        var source: FactSource
        var share: Double { throttled / periods }
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        let dns = DNSView(facts)
        var readings: [Reading] = []
        for node in Set((dns.pods + dns.caches).map(\.node)).sorted() {
            guard let now = document(facts, node, "") else { continue }
            let before = document(facts, node, "baseline/")
            for pod in dns.pods + dns.caches where pod.node == node {
                func value(_ metric: String, _ document: EvidenceTree.Document) -> Double {
                    MetricSample.named(metric, in: document.text).filter {
                        $0.labels["pod"] == pod.name && $0.labels["namespace"] == pod.namespace
                            && !($0.labels["container"] ?? "").isEmpty
                    }.reduce(0) { $0 + $1.value }
                }
                var reading = Reading(
                    pod: pod, throttled: value(Self.throttled, now), periods: value(Self.all, now), source: now.source)
                // Of two readings the difference counts, unless the container started anew in between.
                if let before, value(Self.all, before) < reading.periods {
                    reading.throttled -= value(Self.throttled, before)
                    reading.periods -= value(Self.all, before)
                }
                if reading.periods >= Self.periods, reading.share > Self.share { readings.append(reading) }
            }
        }
        guard let worst = readings.max(by: { $0.share < $1.share }) else { return [] }
        let limits = worst.pod.containers.compactMap { $0.at("resources", "limits", "cpu") }
            .compactMap { $0.string ?? $0.numberText }
        let owner = worst.pod.owner
        let kind = owner?.kind == "DaemonSet" ? "daemonset" : "deployment"
        var name = owner?.name ?? "coredns"
        // A ReplicaSet is named after its Deployment and a hash.
        if owner?.kind == "ReplicaSet", let dash = name.lastIndex(of: "-") { name = String(name[..<dash]) }
        let container = worst.pod.containers.first?.member("name")?.string ?? "coredns"
        let percent = Int((worst.share * 100).rounded())
        return [
            .of(
                "DNS-01", "CoreDNS is stopped by its CPU limit in \(percent) of 100 periods", .certain,
                at: readings.map(\.pod.object.place),
                evidence: readings.prefix(2).map {
                    .init(
                        "\($0.pod.name): \(Int($0.throttled)) of \(Int($0.periods)) periods throttled", from: $0.source)
                } + (limits.isEmpty ? [] : [.init("limits.cpu: \(limits[0])", from: worst.pod.object.source)]),
                because: [
                    "the kernel stops the container for the rest of each period of 100 ms once its share is used; "
                        + "queries of that time wait or run into their timeout"
                ],
                fix: .init(
                    [
                        "kubectl -n \(worst.pod.namespace) patch \(kind) \(name) --type json -p "
                            + "'[{\"op\":\"remove\",\"path\":\"/spec/template/spec/containers/0/resources/limits/cpu\"}]'"
                    ],
                    undo: "kubectl -n \(worst.pod.namespace) set resources \(kind) \(name) -c \(container) "
                        + "--limits=cpu=\(limits.first ?? "100m")",
                    risk: "its pods are made anew, one after the other", seconds: 60),
                prevent: "requests for CPU and no limit, as the upstream manifest has it; more replicas or NodeLocal "
                    + "DNSCache for more queries",
                deadEnds: ["raising ndots or caching times: the time is lost in the server"])
        ]
    }

    private func document(_ facts: FactBase, _ node: String, _ prefix: String) -> EvidenceTree.Document? {
        for name in ["metrics-cadvisor", "metrics/cadvisor"] {
            if let found = facts.evidence[prefix + EvidencePath.kubelet(node, name)] { return found }
        }
        return nil
    }
}
