import JSONTree

/// What Prometheus' exporter of machines (node_exporter, collector conntrack) tells of the connections that the kernel keeps
/// in mind (SVC-09): machines that nobody looked into are seen by it.
struct ExporterCheck: Check {
    let name = "machines' metrics"
    let codes = ["SVC-09"]
    let needs: [FactName] = [.objects("pods")]

    private static let entries = "node_nf_conntrack_entries"
    private static let limit = "node_nf_conntrack_entries_limit"
    private static let drops = ["node_nf_conntrack_stat_drop", "node_nf_conntrack_stat_early_drop"]
    /// Share of the table from which it is full, as of a machine that was looked into.
    private static let full = 0.95

    func applies(to facts: FactBase) -> Bool { !facts.podsWithMetrics.isEmpty }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        facts.podsWithMetrics.flatMap { pod in
            facts.metrics(pod.namespace, pod.name).filter { $0.holds(Self.limit) }.prefix(1).compactMap {
                finding(pod, $0, facts)
            }
        }
    }

    private func finding(_ pod: APIObject, _ document: EvidenceTree.Document, _ facts: FactBase) -> Diagnosis? {
        let text = document.text
        // A machine that was looked into says it itself.
        guard let node = pod.nodeName, facts.machine(node)?.sysctls == nil,
            let count = MetricSample.named(Self.entries, in: text).first?.value,
            let most = MetricSample.named(Self.limit, in: text).first?.value, most > 0, count / most >= Self.full
        else { return nil }
        let dropped = Self.drops.flatMap { MetricSample.named($0, in: text) }.filter { $0.value > 0 }
        return .of(
            "SVC-09", "The connection tracking table of \(node) is full", dropped.isEmpty ? .likely : .certain,
            at: ["Node/\(node)"],
            evidence: [
                .init("\(Self.entries) \(Int(count)) of \(Int(most))", marking: "\(Int(count))", from: document.source)
            ] + dropped.prefix(2).map { .init("\($0.name) \(Int($0.value))", from: document.source) },
            because: [
                "a new connection needs an entry; without room the kernel drops its first packet: random timeouts on this node"
            ],
            explains: facts.unreadyPods(on: node),
            fix: .init(
                [
                    "sysctl -w net.netfilter.nf_conntrack_max=\(Int(most) * 4)   # on \(node)",
                    "set conntrack.maxPerCore in kube-proxy's configuration, which sets it again at its start",
                ], undo: "sysctl -w net.netfilter.nf_conntrack_max=\(Int(most))",
                risk: "about 320 bytes of memory per entry", seconds: 5),
            prevent: "alert on \(Self.entries) against its limit",
            needs: dropped.isEmpty ? ["conntrack -S on \(node): do drop and early_drop grow?"] : [])
    }
}
