import Addressing
import JSONTree

/// Pods that a Service sends to, whose program listens on the loopback address alone: it answers itself and nobody else.
struct LoopbackCheck: Check {
    let name = "listeners"
    let codes = ["SVC-06"]
    let needs: [FactName] = [.objects("services"), .objects("pods")]

    func applies(to facts: FactBase) -> Bool {
        facts.pods.contains { facts.listeners(of: $0) != nil } || !facts.podsWithLogs.isEmpty
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        ServiceMap(facts).entries.flatMap { entry in entry.ports.compactMap { finding(entry, $0, facts) } }
            + told(facts)
    }

    private static let loopbacks = ["127.0.0.1:", "localhost:", "[::1]:"]
    private static let listening = ["listening", "running on", "serving", "started", "local:", "ready on", "bound to"]
    private static let everywhere = ["0.0.0.0:", "[::]:", ":::"]
    /// Lines from the beginning of a log in which programs say where they listen.
    private static let lines = 60

    /// A pod that refuses its callers, whose program said at its start that it listens on the loopback address at that port.
    private func told(_ facts: FactBase) -> [Diagnosis] {
        let refused = FailedConnection.all(facts).filter { !$0.isSilence && $0.line.lowercased().contains("refused") }
        if refused.isEmpty { return [] }
        var services: [IPAddress: ServiceMap.Entry] = [:]
        for entry in ServiceMap(facts).entries {
            for address in entry.addresses { services[address] = entry }
        }
        var owners: [IPAddress: PodView] = [:]
        for pod in facts.pods where !pod.isFinished && !pod.isOnHostNetwork {
            for address in pod.addresses { owners[address] = pod }
        }
        var seen: Set<String> = []
        return refused.compactMap { failure in
            // The pod itself, or the one behind the Service that was asked.
            let entry = services[failure.address]
            let port = entry?.ports.first { $0.number == Int64(failure.port) }
            guard let pod = owners[failure.address] ?? entry?.pods.first, pod.id != failure.pod,
                facts.listeners(of: pod) == nil, !forwards(pod), seen.insert(pod.id).inserted
            else { return nil }
            // A targetPort that is a name is the number that the slices have for it.
            let behind = port.flatMap { port in port.targetNumber ?? entry?.slicePorts[port.name]?.first }
            let number = entry == nil ? Int64(failure.port) : behind ?? Int64(failure.port)
            for document in facts.logs(pod.namespace, pod.name) where Self.loopbacks.contains(where: document.holds) {
                let lines = document.lines.prefix(Self.lines)
                func says(_ line: Substring, _ hosts: [String]) -> Bool {
                    let text = line.lowercased()
                    return Self.listening.contains { text.contains($0) }
                        && hosts.contains { host in
                            text.firstRange(of: "\(host)\(number)").map { found in
                                !(text[found.upperBound...].first?.isNumber ?? false)
                            } ?? false
                        }
                }
                guard !lines.contains(where: { says($0, Self.everywhere) }),
                    let line = lines.last(where: { says($0, Self.loopbacks) })
                else { continue }
                return .of(
                    "SVC-06", "\(pod.id) says that it listens on the loopback address only, and refuses its callers",
                    .likely,
                    at: [pod.object.place] + (entry.map { [$0.object.place] } ?? []),
                    evidence: [
                        .init(String(line), marking: "\(number)", from: document.source),
                        .init(failure.line, from: failure.source),
                    ],
                    because: [
                        "connections to the pod's address are refused: the socket takes those from inside the pod alone"
                    ], explains: entry.map { $0.readyEndpoints.isEmpty ? [$0.symptom, pod.readySymptom] : [] } ?? [],
                    prevent: "a readiness probe of the kind httpGet or tcpSocket asks the pod's address and finds this",
                    needs: ["kubectl -n \(pod.namespace) exec \(pod.name) -- ss -ltn   # 127.0.0.1:\(number)?"])
            }
            return nil
        }
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
