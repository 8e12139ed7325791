import JSONTree

/// Applications that are slow by themselves where the network is blamed: containers that the kernel stops at their CPU
/// limit while their probes wait for an answer, and requests that reached a ready pod and were not answered in time.
struct SlowApplicationCheck: Check {
    let name = "applications"
    let codes = ["PRF-01"]
    let needs: [FactName] = [.objects("pods")]

    /// Share of periods in which a container was stopped; and so many periods that it is no start-up.
    private static let share = 0.25
    private static let periods = 600.0
    private static let enough = 5

    private static let throttled = "container_cpu_cfs_throttled_periods_total"
    private static let all = "container_cpu_cfs_periods_total"

    func applies(to facts: FactBase) -> Bool {
        facts.evidence.documents(under: EvidencePath.kubelets).contains { $0.path.hasSuffix("cadvisor") }
            || facts.hasProxyRequests
    }

    func findings(_ facts: FactBase) -> [Diagnosis] { stopped(facts) + unanswered(facts) }

    // MARK: Stopped by the limit

    private func stopped(_ facts: FactBase) -> [Diagnosis] {
        let network = Set(facts.components().flatMap(\.pods).map { "\($0.namespace)/\($0.name)" })
        let slow = facts.pods.compactMap { pod -> (pod: PodView, event: APIObject)? in
            guard !pod.isReady, !pod.isFinished, !pod.isTerminating, !network.contains(pod.id),
                let event = facts.events(ofPod: pod.object, "Unhealthy").last(where: { Self.waits($0.message) })
            else { return nil }
            return (pod, event)
        }
        var byOwner: [String: [(pod: PodView, evidence: [Diagnosis.Evidence], limit: String, container: String)]] = [:]
        for (pod, event) in slow {
            guard let reading = reading(pod, facts) else { continue }
            let percent = Int((reading.stopped * 100 / reading.periods).rounded())
            let limit = pod.containers.first { $0.member("name")?.string == reading.container }?
                .at("resources", "limits", "cpu")
            let text = limit.flatMap { $0.string ?? $0.numberText } ?? ""
            byOwner["\(pod.namespace)/\(pod.owner?.name ?? pod.name)", default: []].append(
                (
                    pod,
                    [
                        .init(MessageReading.shortened(event.message), from: event.source),
                        .init(
                            "\(pod.name) \(reading.container): stopped in \(Int(reading.stopped)) of \(Int(reading.periods)) periods (\(percent) of 100)",
                            marking: "\(percent) of 100", from: reading.source),
                    ] + (text.isEmpty ? [] : [.init("limits.cpu: \(text)", marking: text, from: pod.object.source)]),
                    text, reading.container
                ))
        }
        return byOwner.sorted { $0.key < $1.key }.map { _, pods in
            let first = pods[0]
            var fix: Diagnosis.Fix?
            if first.pod.owner?.kind == "ReplicaSet", let dash = first.pod.owner?.name.lastIndex(of: "-"),
                let owner = first.pod.owner?.name
            {
                let name = String(owner[..<dash])
                let set =
                    "kubectl -n \(first.pod.namespace) set resources deployment \(name) -c \(first.container) --limits=cpu="
                fix = .init(
                    [set + "1"], undo: set + (first.limit.isEmpty ? "0" : first.limit),
                    risk: "its pods are made anew, one after the other", seconds: 60)
            }
            return .of(
                "PRF-01", "\(first.pod.id) answers too late because its CPU limit stops it; the network waits for it",
                .likely, at: pods.prefix(4).map(\.pod.object.place), evidence: first.evidence,
                because: [
                    "the kubelet asks from the same node, where no underlay is in between, and waits for headers of an application that stands still for most of each 100 ms"
                ], explains: pods.reduce(into: served(by: pods.map(\.pod), facts)) { $0.formUnion($1.pod.symptoms) },
                fix: fix,
                prevent: "requests for CPU from measured use, and a limit only above the peak",
                deadEnds: [
                    "longer timeouts of probes: users wait as long as the probe does",
                    "restarting CNI agents: the packets arrive",
                ],
                needs: [
                    "time kubectl -n \(first.pod.namespace) exec \(first.pod.name) -- wget -qO- http://127.0.0.1:\(first.pod.ports.first?.number ?? 8080)/   # as slow inside the pod?"
                ])
        }
    }

    /// Services that have no other pods than these.
    private func served(by pods: [PodView], _ facts: FactBase) -> Set<String> {
        let ids = Set(pods.map(\.id))
        return Set(
            ServiceMap(facts).entries.filter { entry in
                !entry.pods.isEmpty && entry.pods.allSatisfy { ids.contains($0.id) }
            }.map(\.symptom))
    }

    /// A probe that found nobody, or was refused, says something else.
    private static func waits(_ message: String) -> Bool {
        message.contains("awaiting headers") && !message.contains("dial tcp")
            && !message.contains("waiting for connection") || message.contains("probe timed out")
            || message.contains("timeout: failed to connect service") && message.contains("within")
    }

    private func reading(
        _ pod: PodView, _ facts: FactBase
    ) -> (container: String, stopped: Double, periods: Double, source: FactSource)? {
        guard
            let document = facts.evidence[EvidencePath.kubelet(pod.node, "metrics-cadvisor")]
                ?? facts.evidence[EvidencePath.kubelet(pod.node, "metrics/cadvisor")]
        else { return nil }
        func values(_ metric: String) -> [String: Double] {
            MetricSample.named(metric, in: document.text).reduce(into: [:]) { found, sample in
                guard sample.labels["pod"] == pod.name, sample.labels["namespace"] == pod.namespace,
                    let container = sample.labels["container"], !container.isEmpty, container != "POD"
                else { return }
                found[container, default: 0] += sample.value
            }
        }
        let periods = values(Self.all)
        let worst = values(Self.throttled).compactMap { container, stopped in
            (periods[container] ?? 0) >= Self.periods ? (container, stopped, periods[container] ?? 1) : nil
        }.max { $0.1 / $0.2 < $1.1 / $1.2 }
        guard let worst, worst.1 / worst.2 >= Self.share else { return nil }
        return (worst.0, worst.1, worst.2, document.source)
    }

    // MARK: Not answered in time

    /// `UT`: the request was sent to a pod that is there, over a connection that stood, and no answer came in time.
    private func unanswered(_ facts: FactBase) -> [Diagnosis] {
        let live = Dictionary(
            facts.pods.filter { !$0.isFinished && !$0.isTerminating && !$0.isOnHostNetwork }
                .flatMap { pod in pod.addresses.map { ($0, pod) } }, uniquingKeysWith: { first, _ in first })
        var slow: [String: [(line: String, source: FactSource, pod: PodView)]] = [:]
        for (_, request, line, source) in facts.proxyRequests() {
            guard request.flags == ["UT"], let address = request.upstream, let pod = live[address],
                let service = request.cluster.service
            else { continue }
            slow[service, default: []].append((line, source, pod))
        }
        return slow.sorted { $0.key < $1.key }.compactMap { service, lines in
            guard lines.count >= Self.enough, let last = lines.last else { return nil }
            return .of(
                "PRF-01", "\(service) takes longer to answer than its clients wait; the connections to it stand",
                .likely,
                at: ["Service/\(service)", last.pod.object.place],
                evidence: [.init(last.line, marking: " UT ", from: last.source)],
                because: [
                    "\(counted(lines.count, "request")) reached \(last.pod.id) over a connection that was there and timed out waiting for the answer: a broken network shows as UF or UC"
                ], explains: last.pod.symptoms,
                fix: .init(
                    ["kubectl top pod -n \(last.pod.namespace) \(last.pod.name) --containers   # what it is short of"],
                    undo: "", risk: "none: it only reads", seconds: 5),
                deadEnds: ["longer timeouts: more requests wait at once, and the pools behind fill up"],
                needs: ["the application's own time of a request, beside the proxy's"])
        }
    }
}
