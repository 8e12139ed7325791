import Addressing

/// On a machine that asks no API: a pod that the Services' own rules send to, and whose program listens on its loopback
/// address alone (SVC-06).
struct MachineListenerCheck: Check {
    let name = "listeners of a machine's pods"
    let codes = ["SVC-06"]
    let needs: [FactName] = []

    /// Where the proxies of Istio and Linkerd take in what is for the pod.
    private static let proxies: Set<Int64> = [15001, 15006, 4140, 4143]

    func applies(to facts: FactBase) -> Bool {
        facts.isMachineAlone && facts.clusterMachines.contains { !facts.localPods(of: $0).isEmpty }
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        facts.clusterMachines.flatMap { machine -> [Diagnosis] in
            let programmed = ServiceBackends(machine)
            return facts.localPods(of: machine).compactMap { finding($0, programmed, machine) }
        }
    }

    private func finding(_ pod: LocalPod, _ programmed: ServiceBackends, _ machine: NodeEvidence) -> Diagnosis? {
        guard let inside = machine.pod(String(pod.namespace), String(pod.ownName)),
            let document = inside[.listeners]
        else { return nil }
        let sockets = ListenSocket.parse(document.text)
        guard !sockets.contains(where: { Self.proxies.contains($0.port) }) else { return nil }
        for (front, port, sender) in programmed.fronts(sendingTo: pod.address) {
            let own = sockets.filter { $0.transport.lowercased() == front.transport.lowercased() && $0.port == port }
            guard let socket = own.first, own.allSatisfy(\.isLoopback), let address = socket.address else { continue }
            return .machine(
                "SVC-06", "\(pod.name) listens on \(address) only, where \(front.address):\(front.port) sends",
                .certain,
                at: [pod.place, machine.place],
                evidence: [
                    inside.quote(
                        "LISTEN \(address):\(port)", .listeners, "ss -lnt   # in the pod's namespace",
                        telling: "\(address)"),
                    machine.quote(sender.text, .iptables, "iptables-save -t nat", telling: "\(pod.address)"),
                ],
                because: [
                    "connections to the pod's address are refused: the socket takes those from inside the pod alone"
                ], explains: ["pod \(pod.name) ready"],
                prevent: "a readiness probe of the kind httpGet or tcpSocket asks the pod's address and finds this")
        }
        return nil
    }
}
