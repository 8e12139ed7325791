import Addressing

// What rules inside the pods' own namespaces make of the packets, and classifiers of tc on every interface they pass.

extension PathWalk {
    /// Where a packet of one direction is seen: as the sender's namespace has it, between the machines, and as the
    /// receiver's has it.
    private struct Journey {
        var from: PodView?
        var fromNode: String
        var to: PodView?
        var toNode: String
        var sent: PacketFilterSimulation.Packet
        var carried: PacketFilterSimulation.Packet
        var received: PacketFilterSimulation.Packet
    }

    private func journey(_ kind: PathTrace.Step.Kind) -> Journey? {
        guard let from = sourceAddress, let backend = backends.first else { return nil }
        let transport = "\(request.transport)".lowercased()
        let seen = translatedSource ?? from
        // A Service's address is what the source itself sends to, and hears from.
        var first = (address: backend.address, port: Int(backend.port))
        if case .service(let id) = destination, let entry = map.entries.first(where: { $0.id == id }),
            let address = entry.addresses.first(where: { $0.family == from.family }),
            let port = entry.ports.first(where: { $0.name == request.port || "\($0.number)" == request.port })
        {
            first = (address, Int(port.number))
        }
        func packet(
            _ from: IPAddress, _ to: IPAddress, _ port: Int, _ sourcePort: Int, _ state: String
        ) -> PacketFilterSimulation.Packet {
            .init(from: from, to: to, transport, port: port, sourcePort: sourcePort, state: state)
        }
        let number = Int(backend.port)
        let own = packet(from, first.address, first.port, 40000, "new")
        if kind != .reply {
            let carried = packet(seen, backend.address, number, own.sourcePort, "new")
            return Journey(
                from: sourcePod, fromNode: sourceNode, to: backend.pod, toNode: targetNode, sent: own,
                carried: carried, received: carried)
        }
        let back = packet(backend.address, seen, own.sourcePort, number, "established")
        return Journey(
            from: backend.pod, fromNode: targetNode, to: sourcePod, toNode: sourceNode, sent: back, carried: back,
            received: packet(first.address, from, own.sourcePort, first.port, "established"))
    }

    // MARK: Rules inside pods

    /// Of the sender what it lets out, of the receiver what it lets in.
    func insideFilter(_ kind: PathTrace.Step.Kind) -> PathTrace.Step? {
        guard let journey = journey(kind) else { return nil }
        var doubt: PathTrace.Step?
        for (pod, packet, isSending) in [(journey.from, journey.sent, true), (journey.to, journey.received, false)] {
            guard let pod, !pod.isOnHostNetwork, let inside = machine(pod.node)?.pod(pod.namespace, pod.name),
                let simulation = inside.packetFilterSimulation
            else { continue }
            var packet = packet
            let device = Self.cardOfPod
            if isSending {
                packet.output =
                    inside.routeLookup?.lookup(.init(to: packet.destination)).devices.sorted().first ?? device
            } else {
                packet.input = device
            }
            let outcome = simulation.pass(
                packet, through: isSending ? PacketFilter.Hook.leaving : PacketFilter.Hook.arriving)
            let words: String
            switch outcome.verdict {
            case .accepted: continue
            case .dropped: words = "drops"
            case .rejected(let answer): words = "rejects (\(answer))"
            case .cannotSay(let reason):
                doubt =
                    doubt
                    ?? .init(
                        kind, .notChecked, "rules inside \(pod.id) decide by something that is not known here",
                        details: [reason])
                continue
            }
            let target = isSending ? "what it sends to" : "what comes from"
            let other = isSending ? packet.destination : packet.source
            return .init(
                kind, .failed,
                "the packet filter inside \(pod.id) \(words) \(target) \(other)\(kind == .reply ? ", the answers" : "")",
                details: [outcome.decidedBy, "the rules are in the pod's own network namespace, not the machine's"],
                evidence: [PacketFilterCheck.quote(inside, outcome.decidedBy)],
                codes: [outcome.verdict == .dropped ? "RTE-06" : "RTE-07"])
        }
        return doubt
    }

    private static let cardOfPod = "eth0"

    // MARK: Classifiers

    /// A place of an interface that a packet passes.
    private struct Place {
        /// The machine, or the pod's namespace.
        var owner: NodeEvidence
        var device: String
        var isIngress: Bool
        var packet: PacketFilterSimulation.Packet
        /// The tunnel's own datagram.
        var isOuter = false
    }

    func classifier(_ kind: PathTrace.Step.Kind) -> PathTrace.Step? {
        var doubt: PathTrace.Step?
        for place in places(kind) {
            guard let classifiers = place.owner.classifiers, !classifiers.isEmpty else { continue }
            let verdict = TrafficClassifier.verdict(
                of: classifiers, on: place.device, isIngress: place.isIngress, for: place.packet)
            let what =
                (place.isOuter ? "the tunnel's packets (UDP \(place.packet.destinationPort))" : "the packets")
                + (kind == .reply ? " on their way back" : "")
            func evidence(_ classifier: TrafficClassifier) -> [Diagnosis.Evidence] {
                [.init(classifier.text, from: place.owner.source(.classifiers, command: classifier.command))]
            }
            switch verdict {
            case .passes: continue
            case .dropped(let classifier):
                return .init(
                    kind, .failed, "\(place.owner.name): a tc filter (\(classifier.text)) drops \(what)",
                    details: ["it is asked before routes and packet filters, or after them"],
                    evidence: evidence(classifier), codes: [place.isOuter ? "RTE-01" : "RTE-06"])
            case .redirected(let classifier, let target):
                // What is shaped comes back from there (kernel: drivers/net/ifb.c).
                if place.owner.link(target)?.kind == "ifb" { continue }
                doubt =
                    doubt
                    ?? .init(
                        kind, .notChecked,
                        "\(place.owner.name): a tc filter (\(classifier.text)) sends \(what) to \(target)",
                        evidence: evidence(classifier))
            case .cannotSay(let classifier):
                doubt =
                    doubt
                    ?? .init(
                        kind, .notChecked,
                        "\(place.owner.name): filter \(classifier.kind) at \(place.device) may take \(what)",
                        details: ["\(classifier.command) shows what it picks and what it does"],
                        evidence: evidence(classifier))
            }
        }
        return doubt
    }

    /// Interfaces in the order of the way, as far as both machines were looked into.
    private func places(_ kind: PathTrace.Step.Kind) -> [Place] {
        guard let journey = journey(kind) else { return [] }
        var places: [Place] = []
        func add(
            _ owner: NodeEvidence, _ device: String?, _ isIngress: Bool, _ packet: PacketFilterSimulation.Packet,
            outer: Bool = false
        ) {
            if let device {
                places.append(Place(owner: owner, device: device, isIngress: isIngress, packet: packet, isOuter: outer))
            }
        }
        let near = machine(journey.fromNode)
        let far = machine(journey.toNode)
        // Out of the sender.
        if let pod = journey.from, !pod.isOnHostNetwork, let near {
            if let inside = near.pod(pod.namespace, pod.name) { add(inside, Self.cardOfPod, false, journey.sent) }
            let end = hostEnd(pod, on: near)
            add(near, end?.name, true, journey.sent)
            if commonBridge == nil { add(near, end?.master, true, journey.sent) }
        }
        // Between the machines.
        if journey.fromNode != journey.toNode, commonBridge == nil {
            let outer = near.map { way($0, journey.carried.destination) } ?? nil
            if let near {
                add(near, outer, false, journey.carried)
                if let (packet, uplink) = wrapped(near, outer, to: journey.toNode, isSent: true) {
                    add(near, uplink, false, packet, outer: true)
                }
            }
            if let far {
                let device = way(far, journey.carried.source)
                if let (packet, uplink) = wrapped(far, device, to: journey.fromNode, isSent: false) {
                    add(far, uplink, true, packet, outer: true)
                }
                add(far, device, true, journey.carried)
            }
        }
        // Into the receiver.
        if let pod = journey.to, !pod.isOnHostNetwork, let far {
            let end = hostEnd(pod, on: far)
            if commonBridge == nil { add(far, end?.master, false, journey.received) }
            add(far, end?.name, false, journey.received)
            if let inside = far.pod(pod.namespace, pod.name) { add(inside, Self.cardOfPod, true, journey.received) }
        }
        return places
    }

    private func way(_ machine: NodeEvidence, _ address: IPAddress) -> String? {
        machine.routeLookup?.lookup(.init(to: address)).devices.sorted().first
    }

    /// The tunnel's own datagram and the card it goes by.
    private func wrapped(
        _ machine: NodeEvidence, _ device: String?, to other: String, isSent: Bool
    ) -> (PacketFilterSimulation.Packet, String)? {
        guard let datagram = datagram(machine, device, other, isSent: isSent),
            let uplink = isSent ? datagram.output : datagram.input
        else { return nil }
        return (datagram, uplink)
    }
}
