import JSONTree

/// Endpoints for which Cilium's agent could not compile or attach: they keep the state they had.
struct CiliumEndpointCheck: Check {
    let name = "Cilium endpoints"
    let codes = ["BPF-06"]
    let needs: [FactName] = [.objects("ciliumendpoints.cilium.io"), .objects("pods")]

    /// Seconds in which a new endpoint is ordinarily made ready.
    private static let patience: Int64 = 120

    /// States in which an endpoint has no programs of its own; one that is `regenerating` keeps those it had.
    private static let unready: Set<String> = ["not-ready", "waiting-for-identity", "invalid"]

    func applies(to facts: FactBase) -> Bool { !facts.objects("ciliumendpoints.cilium.io").isEmpty }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        guard let cause = Cause.coded("BPF-06") else { return [] }
        let ill = facts.objects("ciliumendpoints.cilium.io").filter { endpoint in
            Self.unready.contains(endpoint.text("status", "state") ?? "")
                && facts.isOlder(endpoint.createdAt, than: Self.patience)
                && facts.object("pods", endpoint.namespace, endpoint.name)?.text("status", "phase") == "Running"
        }
        return ill.map { endpoint in
            let failure = endpoint.list("status", "log").last { $0.member("code")?.string == "failed" }
            let isFailing = failure != nil || endpoint.text("status", "health", "bpf") == "Failure"
            let state = endpoint.text("status", "state") ?? ""
            var evidence = [Diagnosis.Evidence("status.state: \(state)", marking: state, from: endpoint.source)]
            if let health = endpoint.text("status", "health", "bpf") {
                evidence.append(.init("status.health.bpf: \(health)", marking: health, from: endpoint.source))
            }
            if let message = failure?.member("message")?.string {
                evidence.append(.init(message, from: endpoint.source))
            }
            let pod = facts.object("pods", endpoint.namespace, endpoint.name)
            return Diagnosis(
                cause, isFailing ? .certain : .likely, at: [endpoint.place, pod?.place].compactMap { $0 },
                evidence: evidence,
                because: [cause.mechanism])
        }
    }
}
