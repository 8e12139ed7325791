import Findings
import JSONTree

/// Services whose targetPort is a name that no container has, or a number on which nothing listens.
struct TargetPortCheck: Check {
    let name = "services"
    let codes = ["SVC-02"]
    let needs: [FactName] = [.objects("services"), .objects("pods")]

    func applies(to facts: FactBase) -> Bool { !facts.objects("services").isEmpty }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        ServiceMap(facts).entries.flatMap { entry -> [Diagnosis] in
            // A table of Services does not tell where a port leads.
            let isUntold = entry.object.isPrinted && entry.ports.allSatisfy { $0.targetNumber != nil }
            if entry.pods.isEmpty || isUntold { return [] }
            // Ports that nobody declares are ordinary as long as another port shows that pods do declare theirs.
            let declares = entry.ports.contains { port in
                entry.pods.contains { pod in pod.ports.contains { fits($0, port) } }
            }
            return entry.ports.compactMap { port in
                port.targetNumber == nil
                    ? named(port, entry) : numbered(port, entry, facts, isOnlyMiss: !declares)
            }
        }
    }

    private func fits(_ container: PodView.Port, _ port: ServiceMap.Port) -> Bool {
        container.transport == port.transport
            && (container.name == port.target || container.number == port.targetNumber)
    }

    private func named(_ port: ServiceMap.Port, _ entry: ServiceMap.Entry) -> Diagnosis? {
        if entry.pods.contains(where: { pod in pod.ports.contains { fits($0, port) } }) { return nil }
        let pod = entry.pods[0]
        // A description of a pod tells the numbers of its ports without their names.
        if pod.object.isPrinted, !entry.readyEndpoints.isEmpty || pod.ports.allSatisfy({ $0.name.isEmpty }) {
            return entry.readyEndpoints.isEmpty ? byElimination(port, entry) : nil
        }
        let others = pod.ports.filter { $0.transport == port.transport }
        let otherProtocol = pod.ports.first { $0.name == port.target }
        let suggestion =
            EditDistance.nearest(to: port.target, in: others.map(\.name).filter { !$0.isEmpty })
            ?? (others.count == 1 ? (others[0].name.isEmpty ? "\(others[0].number)" : others[0].name) : nil)
        let names = others.map { $0.name.isEmpty ? "\($0.number) without a name" : "\($0.name) (\($0.number))" }
        let why =
            otherProtocol.map { "the containers' port \(port.target) is of \($0.transport), not \(port.transport)" }
            ?? "no container of \(counted(entry.pods.count, "pod")) has a port of that name; they have "
            + (names.isEmpty ? "no \(port.transport) port" : listed(names))
        return finding(
            entry, port, .certain, "service \(entry.id) sends to port \"\(port.target)\", which no pod has",
            because: [why, "the endpoints of that port are left without a number, so nothing is forwarded"],
            evidence: [
                .init(
                    "ports: \(pod.ports.map { "\($0.name.isEmpty ? "-" : $0.name) \($0.number)/\($0.transport)" }.joined(separator: ", "))",
                    from: pod.object.source)
            ], target: suggestion)
    }

    /// Pods that the selector meets are ready, and the Service was printed without an endpoint: only a name that none of
    /// their ports has leaves it so.
    private func byElimination(_ port: ServiceMap.Port, _ entry: ServiceMap.Entry) -> Diagnosis? {
        let ready = entry.pods.filter { $0.isReady && !$0.isTerminating && !$0.addresses.isEmpty }
        guard let pod = ready.first, entry.ports.count == 1, !entry.selector.isEmpty,
            !entry.slices.isEmpty
        else { return nil }
        let numbers = pod.ports.filter { $0.transport == port.transport }.map(\.number)
        return finding(
            entry, port, .likely,
            "service \(entry.id) sends to port \"\(port.target)\", which its pods do not seem to have",
            because: [
                "\(counted(ready.count, "pod")) that it selects \(ready.count == 1 ? "is" : "are") ready, and it has no endpoint all the same",
                "a targetPort that is a name counts only where a container's port has that name; they have "
                    + (numbers.isEmpty ? "no \(port.transport) port" : listed(numbers.map(String.init))),
            ],
            evidence: [.init("ports: \(listed(numbers.map(String.init)))", from: pod.object.source)],
            target: numbers.count == 1 ? "\(numbers[0])" : nil,
            needs: ["kubectl -n \(pod.namespace) get pod \(pod.name) -o jsonpath='{.spec.containers[*].ports}'"])
    }

    private func numbered(
        _ port: ServiceMap.Port, _ entry: ServiceMap.Entry, _ facts: FactBase, isOnlyMiss: Bool
    ) -> Diagnosis? {
        guard let number = port.targetNumber else { return nil }
        // What listens decides, whatever is declared.
        for pod in entry.pods where !pod.isTerminating {
            guard let seen = facts.listeners(of: pod) else { continue }
            let listening = seen.sockets.filter { $0.transport == port.transport }
            if listening.contains(where: { $0.port == number }) { return nil }
            let reachable = Set(listening.filter { !$0.isLoopback }.map(\.port)).sorted()
            if reachable.isEmpty, !pod.isReady { continue }
            let declared = pod.ports.filter { $0.transport == port.transport && reachable.contains($0.number) }
            let suggestion = declared.count == 1 ? declared[0].number : reachable.count == 1 ? reachable[0] : nil
            return finding(
                entry, port, .certain, "service \(entry.id) sends to port \(number), where \(pod.id) does not listen",
                because: [
                    reachable.isEmpty
                        ? "no \(port.transport) socket of the pod takes connections from outside"
                        : "its \(port.transport) sockets are on \(reachable.map(String.init).joined(separator: ", "))"
                ],
                evidence: [
                    .init("LISTEN \(reachable.map(String.init).joined(separator: ", "))", from: seen.source)
                ], target: suggestion.map(String.init))
        }
        if let wrong = otherProtocol(port, number, entry, facts) { return wrong }
        // Declared ports only inform: alone they make it likely, and only where nothing of the Service fits.
        // A headless Service forwards nothing: its name answers with the pods' addresses, and callers choose the port.
        guard isOnlyMiss, !entry.isHeadless, let pod = entry.pods.first(where: { !$0.isTerminating }),
            !pod.isOnHostNetwork
        else {
            return nil
        }
        let others = pod.ports.filter { $0.transport == port.transport }
        guard others.count == entry.ports.filter({ $0.transport == port.transport }).count, others.count == 1,
            probedPorts(pod).isSubset(of: Set(others.map(\.number)))
        else { return nil }
        return finding(
            entry, port, .likely,
            "service \(entry.id) sends to port \(number), its pods declare \(others[0].number)",
            because: [
                "the only \(port.transport) port of \(pod.id) is \(others[0].number)"
                    + (probedPorts(pod).isEmpty ? "" : ", and its probes ask there"),
                "connections to a port where nobody listens are refused",
            ],
            evidence: [
                .init("containerPort: \(others[0].number)", marking: "\(others[0].number)", from: pod.object.source)
            ], target: "\(others[0].number)",
            needs: ["kubectl -n \(pod.namespace) exec \(pod.name) -- ss -ltn"])
    }

    /// All pods declare that very number for the other protocol, and nothing for the Service's: it was written without its
    /// protocol, which is TCP then. Who listens for both declares both, or none.
    private func otherProtocol(
        _ port: ServiceMap.Port, _ number: Int64, _ entry: ServiceMap.Entry, _ facts: FactBase
    ) -> Diagnosis? {
        let pods = entry.pods.filter { !$0.isTerminating }
        guard let pod = pods.first, !pod.object.isPrinted,
            pods.allSatisfy({ pod in
                pod.ports.contains { $0.number == number && $0.transport != port.transport }
                    && !pod.ports.contains { $0.number == number && $0.transport == port.transport }
            }), !entry.ports.contains(where: { $0.targetNumber == number && $0.transport != port.transport }),
            let declared = pod.ports.first(where: { $0.number == number }), !probedPorts(pod).contains(number),
            // What is declared only informs: somebody must have been refused.
            let failure = FailedConnection.all(facts).last(where: {
                entry.addresses.contains($0.address) && Int64($0.port) == port.number
            })
        else { return nil }
        var found = finding(
            entry, port, .likely,
            "service \(entry.id) offers \(port.transport) \(port.number), its pods take \(declared.transport) there",
            because: [
                "containerPort \(number) is of \(declared.transport), the Service's port of \(port.transport): nobody listens where it sends",
                "a port of a Service without a protocol is TCP",
            ],
            evidence: [
                .init(
                    "containerPort: \(number)/\(declared.transport)", marking: "\(declared.transport)",
                    from: pod.object.source),
                .init(failure.line, from: failure.source),
            ], target: nil,
            needs: ["kubectl -n \(pod.namespace) exec \(pod.name) -- ss -ltnu"])
        let index = entry.ports.firstIndex { $0.number == port.number && $0.transport == port.transport } ?? 0
        found.fix = .init(
            [
                "kubectl -n \(entry.object.namespace) patch service \(entry.object.name) --type json -p "
                    + "'[{\"op\":\"add\",\"path\":\"/spec/ports/\(index)/protocol\",\"value\":\"\(declared.transport)\"}]'"
            ], undo: "the same with \(port.transport)", risk: "connections to that port of the Service only", seconds: 5
        )
        return found
    }

    /// Ports that readiness and liveness probes ask, as far as they are numbers.
    private func probedPorts(_ pod: PodView) -> Set<Int64> {
        var found: Set<Int64> = []
        for container in pod.containers {
            for probe in ["readinessProbe", "livenessProbe"] {
                for kind in ["httpGet", "tcpSocket", "grpc"] {
                    guard let port = container.at(probe, kind, "port") else { continue }
                    if let number = port.int {
                        found.insert(number)
                    } else if let named = pod.ports.first(where: { $0.name == port.string }) {
                        found.insert(named.number)
                    }
                }
            }
        }
        return found
    }

    private func finding(
        _ entry: ServiceMap.Entry, _ port: ServiceMap.Port, _ confidence: Confidence, _ title: String,
        because: [String], evidence: [Diagnosis.Evidence], target: String?, needs: [String] = []
    ) -> Diagnosis {
        let index = entry.ports.firstIndex { $0.number == port.number && $0.transport == port.transport } ?? 0
        let path = "/spec/ports/\(index)/targetPort"
        func patch(_ value: String) -> String {
            let text = Int64(value) == nil ? "\"\(value)\"" : value
            return "kubectl -n \(entry.object.namespace) patch service \(entry.object.name) --type json -p "
                + "'[{\"op\":\"replace\",\"path\":\"\(path)\",\"value\":\(text)}]'"
        }
        let explains: Set<String> = entry.slicePorts[port.name]?.isEmpty ?? true ? [entry.symptom] : []
        return .of(
            "SVC-02", title, confidence, at: [entry.object.place] + entry.pods.prefix(1).map(\.object.place),
            evidence: [
                .init(
                    "ports[\(index)]: port \(port.number), targetPort \(port.target)", marking: port.target,
                    from: entry.object.source)
            ] + evidence,
            because: because, explains: explains,
            fix: target.map {
                .init(
                    [patch($0)], undo: patch(port.target), risk: "connections to that port of the Service only",
                    seconds: 5)
            },
            prevent: "name the container's port and use the name as targetPort",
            deadEnds: ["restarting kube-proxy: it sends where the Service says"], needs: needs)
    }
}
