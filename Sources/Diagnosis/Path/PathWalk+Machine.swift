import Addressing

// Routes, sizes and sockets: what only machines know.

extension PathWalk {
    /// Findings that break a connection; which of them are about this one, ``concerns(_:)`` says. What packet filters do
    /// is computed for the very packet.
    private static let breaking: Set<String> = [
        "RTE-01", "RTE-02", "RTE-03", "RTE-04", "RTE-09", "RTE-10", "RTE-11", "RTE-13", "RTE-14", "RTE-15", "RTE-17",
        "RTE-18", "RTE-19", "RTE-20", "BGP-01", "BGP-02", "BGP-05", "IPM-05", "IPM-06", "IPM-07",
        "SVC-07",
    ]
    private static let sizes: Set<String> = ["MTU-01", "MTU-02", "MTU-03", "MTU-04"]

    private mutating func broken(_ kind: PathTrace.Step.Kind, by finding: Diagnosis) {
        steps.append(
            .init(
                kind, .failed, finding.title, details: finding.because, evidence: finding.evidence,
                codes: [finding.code]))
        fixes[kind] = finding.fix
    }

    // MARK: Route

    mutating func followRoute() {
        if let finding = finding(of: Self.breaking) { return broken(.route, by: finding) }
        lookUpRoute()
        // Tables that are in order are no proof where something is the likely reason that packets are lost below them.
        guard let last = steps.last, last.kind == .route, last.state == .passed,
            let doubt = finding(of: Self.breaking, .likely)
        else { return }
        steps[steps.count - 1] = .init(
            .route, .notChecked, "whether it arrives: \(doubt.title) (\(doubt.code), likely)",
            details: [last.text] + doubt.because, evidence: last.evidence + doubt.evidence, codes: [doubt.code])
    }

    private mutating func lookUpRoute() {
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
        if let step = insidePod(target) {
            steps.append(step)
            return
        }
        if let bridge = commonBridge {
            if isIsolated(on: machine) {
                return steps.append(
                    .init(
                        .route, .failed, "\(node): the ports of both pods are isolated from each other on \(bridge)",
                        evidence: [
                            .init("isolated on", from: machine.source(.links, command: "bridge -d link show"))
                        ], codes: ["RTE-17"]))
            }
            steps.append(
                dropped(on: bridge, of: machine)
                    ?? .init(.route, .passed, "\(node): both pods are on \(bridge)"))
            return
        }
        let input = device(of: sourcePod, lookup)
        let answer = lookup.lookup(
            .init(
                to: target, from: input == nil ? nil : sourceAddress, mark: mark(machine, input) ?? 0, input: input))
        let evidence = Diagnosis.Evidence(
            "\(target): \(answer.text)", from: machine.source(.routes, command: "ip route get \(target)"))
        switch answer {
        case .forward, .local:
            let filtered = filtered(.route)
            if let filtered, filtered.state == .failed {
                steps.append(filtered)
                return
            }
            if case .local = answer {
                // A pod's address that the machine takes for its own never comes to the pod.
                let isPods = backends[0].pod.map { !$0.isOnHostNetwork } ?? false
                steps.append(
                    isPods
                        ? .init(
                            .route, .failed, "\(node) takes \(target) for an address of its own", evidence: [evidence],
                            codes: ["IPM-06"])
                        : filtered ?? .init(.route, .passed, "\(node): \(target) is its own", evidence: [evidence]))
                return
            }
            if let step = backends[0].pod == nil ? nil : strayed(.route, machine, to: target, of: targetNode, answer) {
                steps.append(step)
                return
            }
            if let step = backends[0].pod == nil ? nil : withdrawn(.route, machine, to: target, of: targetNode, answer)
            {
                steps.append(step)
                return
            }
            if isLocal, let step = expelled(machine, target, backends[0].pod, answer) {
                steps.append(step)
                return
            }
            if let step = lost(on: targetNode, target, machine: self.machine(targetNode)) {
                steps.append(step)
                return
            }
            steps.append(
                filtered ?? .init(.route, .passed, "\(node): \(target) \(short(answer))", evidence: [evidence]))
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

    /// Where the source's own namespace sends it: nil where that is its pair, or nobody looked.
    private func insidePod(_ target: IPAddress) -> PathTrace.Step? {
        guard let pod = sourcePod, !pod.isOnHostNetwork,
            let inside = machine(pod.node)?.pod(pod.namespace, pod.name), let lookup = inside.routeLookup
        else { return nil }
        var first = target
        if case .service(let id) = destination, let entry = map.entries.first(where: { $0.id == id }),
            let address = entry.addresses.first(where: { $0.family == target.family })
        {
            first = address
        }
        let answer = lookup.lookup(.init(to: first))
        let evidence = Diagnosis.Evidence(
            "\(first): \(answer.text)", from: inside.source(.routes, command: "ip route get \(first)   # in \(pod.id)"))
        switch answer {
        case .noRoute, .refused:
            return .init(
                .route, .failed, "\(pod.id) itself has no way to \(first): \(answer.text)", evidence: [evidence],
                codes: ["RTE-04"])
        case .forward(_, let hops):
            guard let hop = hops.first, hops.count == 1, let device = hop.device, device != "eth0", device != "lo"
            else {
                return nil
            }
            let entry = (inside.neighbours ?? []).first { $0.device == device && $0.address == hop.gateway ?? first }
            let isSilent = entry?.states.contains { ["FAILED", "INCOMPLETE"].contains($0) } ?? false
            return isSilent
                ? .init(
                    .route, .failed,
                    "\(pod.id) sends it by \(device), where nobody answers for \(hop.gateway ?? first)",
                    evidence: [evidence], codes: ["RTE-04"])
                : .init(
                    .route, .notChecked, "\(pod.id) sends it by \(device), another network than the cluster's",
                    evidence: [evidence])
        default: return nil
        }
    }

    /// What the machine's rules write on the packet before its route is chosen; nil where that cannot be said.
    private func mark(_ machine: NodeEvidence, _ input: String?) -> UInt32? {
        guard let input, let from = sourceAddress, let backend = backends.first,
            (machine.rules(from.family) ?? []).contains(where: { $0.mark != nil }),
            let outcome = machine.packetFilterSimulation?.pass(
                .init(
                    from: from, to: backend.address, "\(request.transport)".lowercased(), port: Int(backend.port),
                    input: input), through: [.ingress, .prerouting])
        else { return nil }
        let marks = Set(outcome.packets.map(\.mark))
        return outcome.verdict == .accepted && marks.count == 1 ? marks.first : nil
    }

    /// The other machine has no way to the pod that is its own.
    private func lost(on node: String, _ target: IPAddress, machine: NodeEvidence?) -> PathTrace.Step? {
        guard !isLocal, let pod = backends.first?.pod, !pod.isOnHostNetwork, let machine,
            let lookup = machine.routeLookup
        else { return nil }
        let answer = lookup.lookup(.init(to: target))
        switch answer {
        case .forward: return expelled(machine, target, pod, answer)
        case .cannotSay: return nil
        case .local, .refused, .noRoute:
            return .init(
                .route, .failed, "\(node) does not bring \(target) to \(pod.id)",
                evidence: [
                    .init("\(target): \(answer.text)", from: machine.source(.routes, command: "ip route get \(target)"))
                ], codes: ["RTE-04"])
        }
    }

    private func short(_ answer: RouteLookup.Answer) -> String {
        answer.text.split(separator: " (").first.map(String.init) ?? answer.text
    }

    /// The machine's interface that a pod's packets come in by; nil for the machine's own.
    func device(of pod: PodView?, _ lookup: RouteLookup) -> String? {
        guard let pod, !pod.isOnHostNetwork else { return nil }
        let family = backends.first?.address.family ?? .v4
        return pod.addresses.first { $0.family == family }.flatMap {
            lookup.lookup(.init(to: $0)).devices.sorted().first
        }
    }

    // MARK: Size

    /// Whether no device on the way takes less than the pods send: then nobody needs to be told to send less.
    private var isEven: Bool {
        let machines = [sourceNode, targetNode].map { machine($0) }
        let largest = [sourcePod, backends.first?.pod].compactMap { pod in
            pod.flatMap { machine($0.node)?.pod($0.namespace, $0.name)?.link("eth0")?.mtu }
        }.max()
        let smallest = machines.compactMap { machine in
            machine?.links?.filter { $0.isUp && $0.kind != "veth" && $0.name != "lo" && $0.kind != "bridge" }.map(\.mtu)
                .min() ?? machine?.links?.filter { $0.isUp && $0.name == "eth0" }.map(\.mtu).min()
        }
        guard let largest, smallest.count == 2 else { return false }
        return smallest.allSatisfy { $0 >= largest }
    }

    /// A packet filter that lets the first packet through and not one as large as the pods may send.
    private var largeDropped: PathTrace.Step? {
        let sizes = [sourcePod, backends.first?.pod].compactMap { pod in
            pod.flatMap { machine($0.node)?.pod($0.namespace, $0.name)?.link("eth0")?.mtu }
        }
        guard let size = sizes.min(), commonBridge == nil else { return nil }
        for isBack in [false, true] {
            guard var step = filtered(.mtu, isBack: isBack, large: size), step.state == .failed,
                filtered(.mtu, isBack: isBack)?.state != .failed
            else { continue }
            step.text += ", when it has \(size) bytes"
            return step
        }
        return nil
    }

    mutating func size() {
        if !isLocal, let finding = finding(of: Self.sizes), finding.code != "MTU-04" || !isEven {
            return broken(.mtu, by: finding)
        }
        if let step = largeDropped { return steps.append(step) }
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
            return steps.append(listenerOfNode(backend))
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

    mutating func followReply() {
        if let finding = finding(of: ["RTE-08", "RTE-12"]) { return broken(.reply, by: finding) }
        let node = targetNode
        if let bridge = bridgeOfAnswers, let machine = machine(node),
            let step = dropped(on: bridge, of: machine, .reply)
        {
            return steps.append(step)
        }
        if node.isEmpty || isLocal, commonBridge == nil, let step = filtered(.reply) {
            steps.append(step)
            return
        }
        if isLocal { return steps.append(.init(.reply, .passed, "the same node; policies never stop replies")) }
        guard !node.isEmpty, let machine = machine(node), let lookup = machine.routeLookup,
            let target = translatedSource ?? sourceAddress
        else {
            steps.append(
                .init(
                    .reply, .notChecked,
                    node.isEmpty
                        ? "the other end is outside" : "\(node) was not looked into; policies never stop replies"))
            return
        }
        let input = device(of: backends.first?.pod, lookup)
        let answer = lookup.lookup(
            .init(to: target, from: input == nil ? nil : backends.first?.address, input: input))
        let evidence = Diagnosis.Evidence(
            "\(target): \(answer.text)", from: machine.source(.routes, command: "ip route get \(target)"))
        switch answer {
        case .forward, .local:
            if let step = strayed(.reply, machine, to: target, of: sourceNode, answer) {
                steps.append(step)
                return
            }
            if let step = withdrawn(.reply, machine, to: target, of: sourceNode, answer) {
                steps.append(step)
                return
            }
            if let step = filtered(.reply) {
                steps.append(step)
                return
            }
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
