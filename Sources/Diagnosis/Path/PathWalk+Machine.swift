import Addressing

// Routes, packet filters, sizes and sockets: what only machines know.

extension PathWalk {
    /// Findings that break a connection between two nodes, whichever pods it is of; and those that do so on one node.
    private static let between: Set<String> = [
        "RTE-01", "RTE-02", "RTE-03", "RTE-04", "RTE-07", "RTE-09", "RTE-10", "RTE-11", "RTE-13", "RTE-15", "RTE-17",
        "RTE-18", "RTE-19", "RTE-20", "BGP-01", "BGP-02", "BGP-05",
    ]
    private static let within: Set<String> = ["RTE-04", "RTE-09", "RTE-13", "RTE-17", "RTE-19"]
    private static let sizes: Set<String> = ["MTU-01", "MTU-02", "MTU-03", "MTU-04"]

    private var isLocal: Bool { !sourceNode.isEmpty && sourceNode == targetNode }

    /// What a check is certain of about one of the two machines, or one of the two pods.
    private func finding(of codes: Set<String>) -> Diagnosis? {
        let nodes = [sourceNode, targetNode].filter { !$0.isEmpty }
        let pods = [sourcePod?.id, backends.first?.pod?.id].compactMap { $0 }
        return findings.first { finding in
            guard finding.confidence == .certain, codes.contains(finding.code) else { return false }
            let podPlaces = finding.places.filter { $0.hasPrefix("Pod/") }
            // Of one pod's link only that pod is concerned.
            if !podPlaces.isEmpty, !podPlaces.contains(where: { place in pods.contains { place == "Pod/\($0)" } }) {
                return false
            }
            return finding.places.contains { place in
                nodes.contains { place == "Node/\($0)" || place == $0 || place.hasPrefix("\($0):") }
                    || pods.contains { place == "Pod/\($0)" }
            }
        }
    }

    private func machine(_ name: String) -> NodeEvidence? { facts.machines.first { $0.name == name } }

    private mutating func broken(_ kind: PathTrace.Step.Kind, by finding: Diagnosis) {
        steps.append(
            .init(
                kind, .failed, finding.title, details: finding.because, evidence: finding.evidence,
                codes: [finding.code]))
        fixes[kind] = finding.fix
    }

    // MARK: Route

    mutating func route() {
        if let finding = finding(of: isLocal ? Self.within : Self.between) { return broken(.route, by: finding) }
        let node = sourceNode
        guard !node.isEmpty else {
            steps.append(.init(.route, .notChecked, "\(source.text) is outside: its routes are not known"))
            return
        }
        steps.append(
            .init(
                .route, .notChecked,
                machine(node)?.reasonMissing(.routes) ?? "\(node) was not looked into (poplin doctor node, or --exec)"))
    }

    // MARK: Size

    mutating func size() {
        if let finding = finding(of: Self.sizes) { return broken(.mtu, by: finding) }
        if isLocal { return steps.append(.init(.mtu, .passed, "both are on \(sourceNode): nothing is wrapped")) }
        steps.append(.init(.mtu, .notChecked, "the links of \(sourceNode) and \(targetNode) were not compared"))
    }

    // MARK: Listener

    mutating func listener() {
        guard let backend = backends.first else { return }
        guard let pod = backend.pod else {
            steps.append(.init(.listener, .notChecked, "\(backend.address) is no pod that was looked into"))
            return
        }
        guard let seen = facts.listeners(of: pod) else {
            steps.append(
                .init(
                    .listener, .notChecked,
                    "the sockets of \(pod.id) were not looked into" + (pod.isReady ? "; it says it is ready" : "")))
            return
        }
        let transport = "\(request.transport)".uppercased()
        let here = seen.sockets.filter { $0.transport == transport && $0.port == backend.port }
        let evidence = Diagnosis.Evidence(
            "LISTEN \(listed(seen.sockets.filter { $0.transport == transport }.map { "\($0.port)" }, upTo: 8))",
            from: seen.source)
        if here.contains(where: { $0.accepts(backend.address) && !$0.isLoopback }) {
            steps.append(.init(.listener, .passed, "\(pod.id) listens on \(backend.port)", evidence: [evidence]))
        } else if here.contains(where: \.isLoopback) {
            steps.append(
                .init(
                    .listener, .failed, "\(pod.id) listens on \(backend.port) of its loopback only",
                    details: ["it is bound to 127.0.0.1: reached in the pod, refused from outside"],
                    evidence: [evidence], codes: ["SVC-06"]))
        } else {
            steps.append(
                .init(
                    .listener, .failed, "\(pod.id) does not listen on \(backend.port)", evidence: [evidence],
                    codes: ["SVC-02"]))
        }
    }

    // MARK: Back

    /// Policies let replies through whatever they say; what is left is the way back.
    mutating func reply() {
        if let finding = finding(of: ["RTE-08", "RTE-12"]) { return broken(.reply, by: finding) }
        let node = targetNode
        if isLocal { return steps.append(.init(.reply, .passed, "the same node; policies never stop replies")) }
        steps.append(
            .init(
                .reply, .notChecked,
                node.isEmpty ? "the other end is outside" : "\(node) was not looked into; policies never stop replies"))
    }
}
