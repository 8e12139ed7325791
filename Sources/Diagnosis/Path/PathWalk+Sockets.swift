// Whether somebody listens at an address of a node, where its own sockets were read.

extension PathWalk {
    func listenerOfNode(_ backend: Backend) -> PathTrace.Step {
        let unknown = PathTrace.Step(
            .listener, .notChecked, "\(backend.address) is no pod that was looked into")
        guard !targetNode.isEmpty, let machine = machine(targetNode), let text = machine.text(.listeners) else {
            return unknown
        }
        let transport = "\(request.transport)".uppercased()
        let here = ListenSocket.parse(text).filter { $0.transport == transport && $0.port == backend.port }
        let evidence = here.prefix(2).map { socket in
            machine.quote(
                "LISTEN \(socket.address.map { "\($0)" } ?? "*"):\(socket.port)", .listeners, "ss -lntu")
        }
        if here.contains(where: { $0.accepts(backend.address) && !$0.isLoopback }) {
            return .init(
                .listener, .passed, "\(machine.name) listens on \(backend.port)", evidence: Array(evidence))
        }
        // Host ports and node ports are rules and no sockets.
        guard !here.isEmpty, here.allSatisfy(\.isLoopback) else {
            return .init(
                .listener, .notChecked,
                "no socket of \(machine.name) listens on \(backend.port); a host port or a node port needs none")
        }
        return .init(
            .listener, .failed, "\(machine.name) listens on \(backend.port) of its loopback only",
            details: [
                "it is bound to \(here[0].address.map { "\($0)" } ?? "lo"): reached on the node, refused from outside"
            ],
            evidence: Array(evidence), codes: ["SVC-06"])
    }
}
