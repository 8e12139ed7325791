import Addressing

// What the machines' packet filters make of the very packet, and of the tunnel's around it.

extension PathWalk {
    /// What the other end sees as the sender, where the source's machine translates it (masquerading between nodes).
    var translatedSource: IPAddress? {
        guard let machine = machine(sourceNode), let filter = machine.packetFilterSimulation,
            let lookup = machine.routeLookup, let from = sourceAddress, let backend = backends.first,
            commonBridge == nil,
            let output = lookup.lookup(.init(to: backend.address)).devices.sorted().first
        else { return nil }
        let input = device(of: sourcePod, lookup)
        let outcome = filter.pass(
            .init(
                from: from, to: backend.address, "\(request.transport)".lowercased(), port: Int(backend.port),
                input: input, output: output),
            through: input == nil ? PacketFilter.Hook.leaving : PacketFilter.Hook.passing)
        guard outcome.verdict == .accepted, outcome.isSourceTranslated, let packet = outcome.packets.first else {
            return nil
        }
        // Masquerading takes the address of the interface it leaves by.
        if packet.source != from { return packet.source }
        return machine.addresses?.first {
            $0.device == output && $0.address.address.family == from.family && $0.scope == "global"
        }?.address.address
    }

    /// Between two ports of a bridge: what is sent, or the answers.
    func dropped(
        on bridge: String, of machine: NodeEvidence, _ kind: PathTrace.Step.Kind = .route
    ) -> PathTrace.Step? {
        guard let filter = machine.packetFilterSimulation, let from = sourceAddress, let backend = backends.first else {
            return nil
        }
        let transport = "\(request.transport)".lowercased()
        var packet = PacketFilterSimulation.Packet(
            from: from, to: backend.address, transport, port: Int(backend.port), input: bridge, output: bridge)
        if kind == .reply {
            packet = .init(
                from: backend.address, to: from, transport, port: packet.sourcePort, sourcePort: Int(backend.port),
                input: bridge, output: bridge, state: "established")
        }
        let hooks: [PacketFilter.Hook] = [.prerouting, .forward, .postrouting]
        if let step = step(kind, filter.pass(packet, through: hooks, isBridged: true), machine) { return step }
        guard machine.sysctls?.int("net.bridge.bridge-nf-call-iptables") == 1 else { return nil }
        return step(kind, filter.pass(packet, through: hooks), machine)
    }

    /// What the packet filters of both machines make of a packet of one direction, and of the tunnel's around it.
    ///
    /// - Parameter large: of an open connection, so many bytes; nil for the first packet.
    func filtered(_ kind: PathTrace.Step.Kind, isBack: Bool? = nil, large: Int? = nil) -> PathTrace.Step? {
        guard let from = sourceAddress, let backend = backends.first else { return nil }
        let translated = translatedSource
        let isBack = isBack ?? (kind == .reply)
        let near = isBack ? targetNode : sourceNode
        let far = isBack ? sourceNode : targetNode
        let transport = "\(request.transport)".lowercased()
        var doubt: PathTrace.Step?
        for (node, isFirst) in near == far ? [(near, true)] : [(near, true), (far, false)] where !node.isEmpty {
            guard let machine = machine(node), let filter = machine.packetFilterSimulation,
                let lookup = machine.routeLookup
            else { continue }
            func way(_ pod: PodView?, _ address: IPAddress, isHere: Bool) -> String? {
                isHere ? device(of: pod, lookup) : lookup.lookup(.init(to: address)).devices.sorted().first
            }
            let target = backend.pod
            let seen = node == sourceNode ? from : translated ?? from
            let sourceDevice = way(sourcePod, seen, isHere: node == sourceNode)
            let targetDevice = way(target, backend.address, isHere: node == targetNode && target != nil)
            var packet = PacketFilterSimulation.Packet(
                from: seen, to: backend.address, transport, port: Int(backend.port), input: sourceDevice,
                output: targetDevice)
            if isBack {
                packet = .init(
                    from: backend.address, to: seen, transport, port: packet.sourcePort,
                    sourcePort: Int(backend.port), input: targetDevice, output: sourceDevice, state: "established")
            }
            if let large {
                packet.length = large
                packet.state = "established"
            }
            // Of this machine itself, for it, or passed on.
            let hooks: [PacketFilter.Hook] =
                packet.input == nil
                ? PacketFilter.Hook.leaving
                : packet.output == nil ? PacketFilter.Hook.arriving : PacketFilter.Hook.passing
            for step in [
                step(kind, filter.pass(packet, through: hooks), machine),
                wrapped(kind, isSent: isFirst, machine, to: isFirst ? far : near, [sourceDevice, targetDevice]),
            ].compactMap({ $0 }) {
                if step.state == .failed { return step }
                doubt = doubt ?? step
            }
        }
        return doubt
    }

    /// The tunnel's own datagram: as this machine sends it to the other one, or as it comes from there.
    private func wrapped(
        _ kind: PathTrace.Step.Kind, isSent: Bool, _ machine: NodeEvidence, to other: String, _ devices: [String?]
    ) -> PathTrace.Step? {
        guard let filter = machine.packetFilterSimulation,
            let device = devices.compactMap({ $0 }).first(where: { machine.link($0)?.isTunnel ?? false }),
            let packet = datagram(machine, device, other, isSent: isSent)
        else { return nil }
        let outcome = filter.pass(
            packet, through: isSent ? PacketFilter.Hook.leaving : PacketFilter.Hook.arriving)
        return step(kind, outcome, machine, what: "\(device)'s packets (UDP \(packet.destinationPort))", code: "RTE-01")
    }

    /// What a tunnel of this kind sends to the other machine, or hears from it.
    func datagram(
        _ machine: NodeEvidence, _ device: String?, _ other: String, isSent: Bool
    ) -> PacketFilterSimulation.Packet? {
        guard !isLocal, let link = device.flatMap({ machine.link($0) }), link.isTunnel, let tunnel = link.tunnel,
            let port = tunnel.port, ["vxlan", "geneve"].contains(link.kind),
            let peer = facts.internalAddresses(other).first(where: { $0.family == .v4 }),
            let local = tunnel.local ?? facts.internalAddresses(machine.name).first(where: { $0.family == .v4 })
        else { return nil }
        let uplink = machine.routeLookup?.lookup(.init(to: peer)).devices.sorted().first
        return .init(
            from: isSent ? local : peer, to: isSent ? peer : local, "udp", port: port, sourcePort: 50000,
            input: isSent ? nil : uplink, output: isSent ? uplink : nil)
    }

    /// Nil where it is let through.
    private func step(
        _ kind: PathTrace.Step.Kind, _ outcome: PacketFilterSimulation.Outcome, _ machine: NodeEvidence,
        what: String = "it", code: String = "RTE-06"
    ) -> PathTrace.Step? {
        let words: String
        switch outcome.verdict {
        case .accepted: return nil
        case .cannotSay(let reason):
            // What a network's own policy chains do, the steps of policies say.
            if PacketFilterCheck.isPolicyRule(outcome.decidedBy) || PacketFilterCheck.isPolicyRule(reason) {
                return nil
            }
            return .init(
                kind, .notChecked,
                "the packet filter of \(machine.name) decides \(what == "it" ? "" : "about \(what) ")by something that is not known here",
                details: [reason, outcome.decidedBy].filter { !$0.isEmpty })
        case .dropped: words = "drops"
        case .rejected(let answer): words = "rejects (\(answer))"
        }
        // What a network's own policy chains do, the steps of policies say.
        if PacketFilterCheck.isPolicyRule(outcome.decidedBy) { return nil }
        return .init(
            kind, .failed,
            "the packet filter of \(machine.name) \(words) \(what)\(kind == .reply ? " on its way back" : "")",
            details: [outcome.decidedBy], evidence: [PacketFilterCheck.quote(machine, outcome.decidedBy)],
            codes: [words == "drops" ? code : "RTE-07"])
    }
}
