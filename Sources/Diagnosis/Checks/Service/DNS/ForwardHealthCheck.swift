import JSONTree

/// Servers that CoreDNS forwards to and that do not answer its own questions (DNS-04), by its metrics: a short log may have
/// none of the timeouts (plugin/forward and plugin/pkg/proxy, metrics).
struct ForwardHealthCheck: Check {
    let name = "upstream name servers"
    let codes = ["DNS-04"]
    let needs: [FactName] = [.objects("pods")]

    /// Questions about a server's health that failed, since the program began; and answers it could not give.
    private static let failures = [
        "coredns_proxy_healthcheck_failures_total", "coredns_forward_healthcheck_failures_total",
    ]
    private static let broken = ["coredns_forward_healthcheck_broken_total"]
    private static let answers = "coredns_dns_responses_total"
    /// Fewer are an hour of an ordinary month.
    private static let threshold = 100.0

    func applies(to facts: FactBase) -> Bool { !facts.podsWithMetrics.isEmpty }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        for pod in facts.podsWithMetrics {
            for document in facts.metrics(pod.namespace, pod.name) where document.holds(Self.broken[0]) {
                if let found = finding(pod, document) { return [found] }
            }
        }
        return []
    }

    private func finding(_ pod: APIObject, _ document: EvidenceTree.Document) -> Diagnosis? {
        let text = document.text
        func samples(_ names: [String]) -> [MetricSample] { names.flatMap { MetricSample.named($0, in: text) } }
        let broken = samples(Self.broken).map(\.value).reduce(0, +)
        let silent = samples(Self.failures).filter { $0.value >= Self.threshold }
        // Forwarding that gives nobody an answer: of a zone, where the others are answered.
        let refused = samples([Self.answers]).filter {
            $0.labels["rcode"] == "SERVFAIL" && ($0.labels["plugin"] ?? "forward") == "forward"
                && $0.value >= Self.threshold
        }
        guard broken >= Self.threshold, let first = silent.first, let told = refused.first else { return nil }
        let servers = listed(silent.compactMap { $0.labels["to"] }.sorted())
        let zone = told.labels["zone"] ?? "."
        return .of(
            "DNS-04", "CoreDNS gets no answer from \(servers)", .likely, at: [pod.place],
            evidence: [
                .init("\(first.name){to=\"\(first.labels["to"] ?? "")\"} \(Int(first.value))", from: document.source),
                .init("\(Self.broken[0]) \(Int(broken))", from: document.source),
                .init(
                    "\(Self.answers){rcode=\"SERVFAIL\",zone=\"\(zone)\"} \(Int(told.value))", marking: "SERVFAIL",
                    from: document.source),
            ],
            because: [
                "names of zone \(zone) are forwarded to \(servers); none of them answers, and who asks is told SERVFAIL"
            ],
            fix: .init(
                [
                    "kubectl debug -it -n \(pod.namespace) \(pod.name) --image=registry.k8s.io/e2e-test-images/agnhost:2.53 -- nslookup \(zone) \(first.labels["to"]?.split(separator: ":").first.map(String.init) ?? "")",
                    "kubectl -n \(pod.namespace) edit configmap coredns   # forward to servers that pods can reach",
                ], undo: "kubectl -n \(pod.namespace) edit configmap coredns   # the servers as they were",
                risk: "the Corefile is reloaded by itself within two minutes", seconds: 120),
            deadEnds: ["more CoreDNS replicas: each forwards to the same servers"],
            needs: ["whether the counters still grow: ask for /metrics twice"])
    }
}
