import JSONTree

/// Requests that a client's own pool or circuit breaker turned away although the Service has ready endpoints.
struct ConnectionPoolCheck: Check {
    let name = "client pools"
    let codes = ["SVC-13"]
    let needs: [FactName] = [.objects("services"), .objects("endpointslices.discovery.k8s.io")]

    /// Share of all requests from which it is no single burst.
    private static let share = 0.01
    private static let enough = 5

    /// Envoy's counters of what found no room, and its gauge of endpoints that were put aside.
    private static let overflows = ["envoy_cluster_upstream_rq_pending_overflow", "envoy_cluster_upstream_cx_overflow"]
    private static let ejections = "envoy_cluster_outlier_detection_ejections_active"
    private static let all = "envoy_cluster_upstream_rq_total"

    func applies(to facts: FactBase) -> Bool {
        facts.evidence.documents(under: EvidencePath.metrics).contains { $0.document.holds("envoy_cluster_") }
            || facts.hasProxyRequests
    }

    private struct Sign {
        var service: String
        var client: String
        var count: Int
        var evidence: Diagnosis.Evidence
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        let signs = metered(facts) + logged(facts)
        if signs.isEmpty { return [] }
        let entries = Dictionary(
            ServiceMap(facts).entries.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        var told: Set<String> = []
        return signs.sorted { $0.count > $1.count }.compactMap { sign in
            guard let entry = entries[sign.service], !entry.readyEndpoints.isEmpty, told.insert(entry.id).inserted
            else { return nil }
            let own = signs.filter { $0.service == sign.service }
            return finding(entry, own, facts)
        }
    }

    // MARK: Signs

    private func metered(_ facts: FactBase) -> [Sign] {
        facts.evidence.documents(under: EvidencePath.metrics).flatMap { path, document -> [Sign] in
            let parts = path.split(separator: "/")
            guard parts.count == 3, document.holds("envoy_cluster_") else { return [] }
            let client = "\(parts[0])/\(parts[1])"
            func name(_ sample: MetricSample) -> String? {
                sample.labels["cluster_name"] ?? sample.labels["envoy_cluster_name"]
            }
            var total: [String: Double] = [:]
            for sample in MetricSample.named(Self.all, in: document.text) {
                if let name = name(sample) { total[name, default: 0] += sample.value }
            }
            var signs: [Sign] = []
            for metric in Self.overflows + [Self.ejections] {
                for sample in MetricSample.named(metric, in: document.text) where sample.value > 0 {
                    guard let label = name(sample), let service = EnvoyCluster(label)?.service else { continue }
                    let requests = total[label] ?? 0
                    if metric != Self.ejections, sample.value < max(Double(Self.enough), requests * Self.share) {
                        continue
                    }
                    let text =
                        "\(metric){\(label)} \(Int(sample.value))"
                        + (requests > 0 ? " of \(Int(requests)) requests" : "")
                    signs.append(
                        Sign(
                            service: service, client: client, count: Int(sample.value),
                            evidence: .init(text, marking: "\(Int(sample.value))", from: document.source)))
                }
            }
            return signs
        }
    }

    /// `UO`: the pool was full. `UH`: no endpoint is left that was not put aside.
    private func logged(_ facts: FactBase) -> [Sign] {
        var byService: [String: [(pod: String, line: String, flag: String, source: FactSource)]] = [:]
        var requests: [String: Int] = [:]
        for (pod, request, line, source) in facts.proxyRequests() {
            guard let service = request.cluster.service else { continue }
            requests[service, default: 0] += 1
            guard let flag = ["UO", "UH"].first(where: request.flags.contains) else { continue }
            byService[service, default: []].append((pod, line, flag, source))
        }
        return byService.compactMap { service, lines in
            guard let last = lines.last, lines.count >= Self.enough,
                Double(lines.count) >= Double(requests[service] ?? 0) * Self.share
            else { return nil }
            return Sign(
                service: service, client: last.pod, count: lines.count,
                evidence: .init(last.line, marking: " \(last.flag) ", from: last.source))
        }
    }

    // MARK: Telling

    private func finding(_ entry: ServiceMap.Entry, _ signs: [Sign], _ facts: FactBase) -> Diagnosis {
        let client = signs[0].client
        let rule = facts.objects("destinationrules.networking.istio.io").first { rule in
            rule.text("spec", "host").map {
                MeshPods.service($0, in: rule.namespace, facts).map { "\($0.namespace)/\($0.name)" } == entry.id
            } ?? false
        }
        let pool = rule?["spec", "trafficPolicy", "connectionPool"]
        let outlier = rule?["spec", "trafficPolicy", "outlierDetection"]
        var evidence = Array(signs.prefix(2).map(\.evidence))
        if let rule, let limits = pool ?? outlier {
            evidence.append(.init("\(rule.name): \(JSONValue(limits).text)", from: rule.source))
        }
        evidence.append(
            .init(
                "\(entry.readyEndpoints.count) of \(entry.endpoints.count) endpoints ready",
                from: entry.slices.first?.source ?? entry.object.source))
        let parts = client.split(separator: "/").map(String.init)
        let fix: Diagnosis.Fix? = rule.map { rule in
            .init(
                [
                    "kubectl -n \(rule.namespace) get destinationrule \(rule.name) -o yaml > \(rule.name).yaml   # a copy to go back to",
                    "kubectl -n \(rule.namespace) edit destinationrule \(rule.name)   # \(pool != nil ? "connectionPool: limits above the number of requests at once" : "outlierDetection: more errors before an endpoint is put aside")",
                ],
                undo: "kubectl replace -f \(rule.name).yaml",
                risk: "more requests at once reach \(entry.id)", seconds: 30)
        }
        return .of(
            "SVC-13", "proxies of \(client) turn requests to \(entry.id) away themselves", .likely,
            at: [entry.object.place] + [rule?.place].compactMap { $0 }, evidence: evidence,
            because: [
                "\(entry.id) has \(counted(entry.readyEndpoints.count, "ready endpoint")): what refuses is the client's own pool or circuit breaker, before anything is sent"
            ], explains: [], fix: fix,
            prevent: "limits of a pool from measured concurrency; an alert on upstream_rq_pending_overflow",
            deadEnds: ["restarting the pods of \(entry.id): they never saw these requests"],
            needs: [
                parts.count == 2
                    ? "kubectl -n \(parts[0]) exec \(parts[1]) -c istio-proxy -- pilot-agent request GET stats | grep -E 'overflow|ejections_active'"
                    : "the proxy's own statistics"
            ])
    }
}
