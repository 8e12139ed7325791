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
        guard let machine = machine(node), let lookup = machine.routeLookup, let target = backends.first?.address else {
            let reason =
                machine(node)?.reasonMissing(.routes) ?? "\(node) was not looked into (poplin doctor node, or --exec)"
            steps.append(.init(.route, .notChecked, reason))
            return
        }
        let input =
            sourcePod?.isOnHostNetwork ?? true
            ? nil
            : sourceAddress.flatMap { address in
                lookup.lookup(.init(to: address)).devices.sorted().first
            }
        let answer = lookup.lookup(.init(to: target, from: input == nil ? nil : sourceAddress, input: input))
        let evidence = Diagnosis.Evidence(
            "\(target): \(answer.text)", from: machine.source(.routes, command: "ip route get \(target)"))
        switch answer {
        case .forward(_, let hops):
            if let step = filtered(machine, input, hops.compactMap(\.device).first, target) {
                steps.append(step)
                return
            }
            steps.append(.init(.route, .passed, "\(node): \(target) \(short(answer))", evidence: [evidence]))
        case .local:
            steps.append(.init(.route, .passed, "\(node): \(target) is its own", evidence: [evidence]))
        case .refused(let kind, _):
            steps.append(
                .init(
                    .route, .failed, "\(node) refuses \(target): \(kind) route", evidence: [evidence], codes: ["RTE-04"]
                ))
        case .noRoute:
            steps.append(
                .init(.route, .failed, "\(node) has no route to \(target)", evidence: [evidence], codes: ["RTE-04"]))
        case .cannotSay(let reason):
            steps.append(.init(.route, .notChecked, "\(node): \(reason)", evidence: [evidence]))
        }
    }

    private func short(_ answer: RouteLookup.Answer) -> String {
        answer.text.split(separator: " (").first.map(String.init) ?? answer.text
    }

    /// Whether the source's node passes the packet on.
    private func filtered(
        _ machine: NodeEvidence, _ input: String?, _ output: String?, _ target: IPAddress
    ) -> PathTrace.Step? {
        guard let filter = machine.packetFilterSimulation, let from = sourceAddress, let backend = backends.first else {
            return nil
        }
        let packet = PacketFilterSimulation.Packet(
            from: from, to: target, "\(request.transport)".lowercased(), port: Int(backend.port), input: input,
            output: output)
        let outcome = filter.pass(packet, through: input == nil ? [.output] : [.forward])
        let words: String
        switch outcome.verdict {
        case .accepted, .cannotSay: return nil
        case .dropped: words = "drops"
        case .rejected(let answer): words = "rejects (\(answer))"
        }
        return .init(
            .route, .failed, "the packet filter of \(machine.name) \(words) it", details: [outcome.decidedBy],
            evidence: [
                .init(
                    outcome.decidedBy, from: machine.source(.iptables, command: "iptables-save; nft list ruleset"))
            ], codes: [words == "drops" ? "RTE-06" : "RTE-07"])
    }

    // MARK: Size

    mutating func size() {
        if let finding = finding(of: Self.sizes) { return broken(.mtu, by: finding) }
        if isLocal { return steps.append(.init(.mtu, .passed, "both are on \(sourceNode): nothing is wrapped")) }
        let names = [sourceNode, targetNode]
        let sizes = names.compactMap { name -> Int? in
            guard let links = machine(name)?.links else { return nil }
            // What leaves the machine: the smallest device that is up and is no pod's.
            return links.filter { $0.isUp && $0.kind != "veth" && $0.name != "lo" && $0.kind != "bridge" }.map(\.mtu)
                .min()
        }
        guard sizes.count == 2 else {
            let missing = names.first { $0.isEmpty || machine($0)?.links == nil } ?? ""
            steps.append(
                .init(
                    .mtu, .notChecked,
                    missing.isEmpty
                        ? "one end is outside: the path's size is not known" : "\(missing) was not looked into"))
            return
        }
        steps.append(
            .init(
                .mtu, .passed, "\(names[0]) \(sizes[0]), \(names[1]) \(sizes[1]) bytes; pods fit into both",
                evidence: names.compactMap { name in
                    machine(name).map { .init("mtu", from: $0.source(.links, command: "ip link")) }
                }))
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
        guard !node.isEmpty, let machine = machine(node), let lookup = machine.routeLookup, let target = sourceAddress
        else {
            steps.append(
                .init(
                    .reply, .notChecked,
                    node.isEmpty
                        ? "the other end is outside" : "\(node) was not looked into; policies never stop replies"))
            return
        }
        let answer = lookup.lookup(.init(to: target))
        let evidence = Diagnosis.Evidence(
            "\(target): \(answer.text)", from: machine.source(.routes, command: "ip route get \(target)"))
        switch answer {
        case .forward, .local:
            steps.append(.init(.reply, .passed, "\(node): \(target) \(short(answer))", evidence: [evidence]))
        case .cannotSay(let reason):
            steps.append(.init(.reply, .notChecked, "\(node): \(reason)", evidence: [evidence]))
        case .refused, .noRoute:
            steps.append(
                .init(
                    .reply, .failed, "\(node) has no way back to \(target)", evidence: [evidence], codes: ["RTE-04"]))
        }
    }
}
