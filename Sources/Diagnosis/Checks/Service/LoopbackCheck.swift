import JSONTree

/// Pods that a Service sends to, whose program listens on the loopback address alone: it answers itself and nobody else.
struct LoopbackCheck: Check {
    let name = "listeners"
    let codes = ["SVC-06"]
    let needs: [FactName] = [.objects("services"), .objects("pods")]

    func applies(to facts: FactBase) -> Bool { facts.pods.contains { facts.listeners(of: $0) != nil } }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        ServiceMap(facts).entries.flatMap { entry in entry.ports.compactMap { finding(entry, $0, facts) } }
    }

    private func finding(_ entry: ServiceMap.Entry, _ port: ServiceMap.Port, _ facts: FactBase) -> Diagnosis? {
        let numbers = port.targetNumber.map { [$0] } ?? entry.slicePorts[port.name] ?? []
        for pod in entry.pods where !pod.isTerminating {
            guard let seen = facts.listeners(of: pod), !forwards(pod) else { continue }
            let listening = seen.sockets.filter { $0.transport == port.transport && numbers.contains($0.port) }
            guard let socket = listening.first, listening.allSatisfy(\.isLoopback), let address = socket.address else {
                continue
            }
            return .of(
                "SVC-06", "\(pod.id) listens on \(address) only, where service \(entry.id) sends", .certain,
                at: [pod.object.place, entry.object.place],
                evidence: [
                    .init("LISTEN \(address):\(socket.port)", marking: "\(address)", from: seen.source),
                    .init("port \(port.number), targetPort \(port.target)", from: entry.object.source),
                ],
                because: [
                    "connections to the pod's address are refused: the socket takes those from inside the pod alone"
                ], explains: entry.readyEndpoints.isEmpty ? [entry.symptom, pod.readySymptom] : [],
                prevent: "a readiness probe of the kind httpGet or tcpSocket asks the pod's address and finds this")
        }
        return nil
    }

    /// A mesh's proxy takes what comes from outside and may hand it on over loopback.
    private func forwards(_ pod: PodView) -> Bool {
        pod.containers.contains { container in
            let words = [container.member("name")?.string, container.member("image")?.string].compactMap { $0 }
            return words.contains { $0.contains("proxy") || $0.contains("envoy") }
        }
    }
}
