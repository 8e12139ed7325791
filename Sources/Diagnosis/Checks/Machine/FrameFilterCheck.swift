import Addressing

/// What a machine's filters do to other packets than the first of a connection between pods: ARP, frames that a bridge
/// brings to its machine, large packets, and what classifiers of tc take (RTE-06, RTE-01); a card that answers no ARP (RTE-04): computed for the packet.
struct FrameFilterCheck: Check {
    let name = "filters of frames"
    let codes = ["RTE-06", "RTE-01", "RTE-04"]
    let needs: [FactName] = [.node(.routes)]

    func applies(to facts: FactBase) -> Bool {
        facts.clusterMachines.contains { $0.routeLookup != nil && $0.links != nil }
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        facts.clusterMachines.compactMap { machine in
            guard let way = Way(machine, facts) else { return nil }
            return unanswering(machine, facts) ?? asked(machine, way, facts) ?? framed(machine, way, facts) ?? large(
                machine, way, facts)
                ?? wrapped(machine, facts) ?? classified(machine, way, facts)
        }
    }

    /// A pod of the machine, where it is, and where it sends to.
    private struct Way {
        var pod: LocalPod
        /// The interface that the machine's route to it names.
        var inner: String
        var outer: String?
        /// A pod of another node, or somebody in the world.
        var remote: IPAddress
        var isRemotePod: Bool

        init?(_ machine: NodeEvidence, _ facts: FactBase) {
            guard let lookup = machine.routeLookup,
                let pod = facts.localPods(of: machine).first(where: { $0.address.family == .v4 }),
                let inner = lookup.lookup(.init(to: pod.address)).devices.sorted().first
            else { return nil }
            self.pod = pod
            self.inner = inner
            let known = facts.objects("nodes").lazy.filter { $0.name != machine.name }
                .flatMap { facts.podRanges($0.name) }.first { $0.family == .v4 && $0.length < 31 }
            let range = known ?? facts.remoteRanges(of: machine).first { $0.family == .v4 && $0.length < 31 }
            isRemotePod = range != nil
            remote = range?.first.advanced(by: 2) ?? .v4(IPv4Address(198, 51, 100, 1))
            outer = lookup.lookup(.init(to: remote)).devices.sorted().first { $0 != inner }
        }
    }

    private func finding(
        _ machine: NodeEvidence, _ facts: FactBase, _ title: String, at places: [String],
        _ evidence: Diagnosis.Evidence, _ because: [String], _ fix: String, code: String = "RTE-06"
    ) -> Diagnosis {
        .machine(
            code, title, .certain, at: [machine.place] + places, evidence: [evidence], because: because,
            explains: facts.unreadyPods(on: machine.name),
            fix: .init(
                [fix], undo: "insert it again", risk: "what the rule was meant for is let through", seconds: 5))
    }

    /// The card with the machine's own address is told to answer no ARP at all (Documentation/networking/ip-sysctl.rst).
    private func unanswering(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        guard let sysctls = machine.sysctls,
            let device = machine.routes?.first(where: {
                $0.isDefault && $0.table == 254 && $0.destination.family == .v4 && $0.kind == "unicast"
            })?.device, let link = machine.link(device), !link.isWithoutARP, !link.isTunnel,
            let key = ["all", device].first(where: { sysctls.conf("ipv4", $0, "arp_ignore") == 8 })
        else { return nil }
        let name = "net.ipv4.conf.\(String(key.map { $0 == "." ? "/" : $0 })).arp_ignore"
        return .machine(
            "RTE-04", "\(device) of \(machine.name) answers no ARP", .certain, at: [machine.place, device],
            evidence: [machine.quote("\(name) = 8", .sysctls, "sysctl \(name)", telling: "8")],
            because: [
                "other nodes and the router ask for the MAC of \(machine.name)'s address and get no answer: once what they know runs out, nothing comes here"
            ], explains: facts.unreadyPods(on: machine.name),
            fix: .init(
                ["sysctl -w \(name)=0   # on \(machine.name)"], undo: "sysctl -w \(name)=8", risk: "none", seconds: 2))
    }

    // MARK: Packet filters

    /// A question for a MAC that a pod, or another node, sends to the machine, and the machine's answer.
    private func asked(_ machine: NodeEvidence, _ way: Way, _ facts: FactBase) -> Diagnosis? {
        guard let simulation = machine.packetFilterSimulation,
            (machine.packetFilter?.tables ?? []).contains(where: { ["arp", "netdev", "bridge"].contains($0.family) })
        else { return nil }
        let uplink = machine.routes?.first { $0.isDefault && $0.table == 254 && $0.destination.family == .v4 }?.device
        for device in [way.inner, uplink].compactMap({ $0 }) {
            guard let link = machine.link(device), !link.isTunnel, !link.isWithoutARP else { continue }
            let question = PacketFilterSimulation.Packet(
                from: way.pod.address, to: way.pod.address, "arp", input: device)
            var answer = question
            answer.input = nil
            answer.output = device
            var walks = [
                (simulation.pass(question, through: [.ingress, .input]), "it hears on"),
                (simulation.pass(answer, through: [.output, .egress]), "it sends on"),
            ]
            if link.kind == "bridge" {
                walks += [
                    (simulation.pass(question, through: [.prerouting, .input], isBridged: true), "it hears on"),
                    (simulation.pass(answer, through: [.output, .postrouting], isBridged: true), "it sends on"),
                ]
            }
            for (outcome, words) in walks where outcome.verdict == .dropped {
                return finding(
                    machine, facts, "\(machine.name) drops the ARP that \(words) \(device)", at: [device],
                    PacketFilterCheck.quote(machine, outcome.decidedBy),
                    [
                        "\(outcome.decidedBy)",
                        "without ARP nobody learns a MAC: \(device == way.inner ? "pods do not find their gateway" : "other nodes do not find \(machine.name)") once what they know runs out",
                    ], "accept ARP before that rule, or delete it   # on \(machine.name)")
            }
        }
        return nil
    }

    /// What a bridge brings to its machine passes the bridge's own chains first.
    private func framed(_ machine: NodeEvidence, _ way: Way, _ facts: FactBase) -> Diagnosis? {
        guard let simulation = machine.packetFilterSimulation, machine.link(way.inner)?.kind == "bridge",
            (machine.packetFilter?.tables ?? []).contains(where: { $0.family == "bridge" })
        else { return nil }
        let sent = PacketFilterSimulation.Packet(
            from: way.pod.address, to: way.remote, "tcp", port: 8080, input: way.inner)
        let heard = PacketFilterSimulation.Packet(
            from: way.remote, to: way.pod.address, "tcp", port: 8080, output: way.inner)
        for (outcome, words) in [
            (simulation.pass(sent, through: [.prerouting, .input], isBridged: true), "bring to \(machine.name)"),
            (simulation.pass(heard, through: [.output, .postrouting], isBridged: true), "get from \(machine.name)"),
        ] where outcome.verdict == .dropped {
            return finding(
                machine, facts, "\(way.inner)'s own filter drops what its pods \(words)", at: [way.inner],
                PacketFilterCheck.quote(machine, outcome.decidedBy),
                [
                    outcome.decidedBy,
                    "a bridge's chains are asked before those of IP: pods reach nothing but each other",
                ],
                "accept the pods' range in that chain before the rule   # on \(machine.name)")
        }
        return nil
    }

    /// Packets as large as pods may send, where small ones pass.
    private func large(_ machine: NodeEvidence, _ way: Way, _ facts: FactBase) -> Diagnosis? {
        guard let simulation = machine.packetFilterSimulation, let outer = way.outer,
            machine.packetFilter?.asksForLengths ?? false, let size = machine.link(way.inner)?.mtu, size >= 576
        else { return nil }
        for (from, to, input, output) in [
            (way.pod.address, way.remote, way.inner, outer), (way.remote, way.pod.address, outer, way.inner),
        ] {
            var packet = PacketFilterSimulation.Packet(
                from: from, to: to, "tcp", port: 8080, input: input, output: output, state: "established")
            let small = simulation.pass(packet, through: PacketFilter.Hook.passing)
            packet.length = size
            let outcome = simulation.pass(packet, through: PacketFilter.Hook.passing)
            guard outcome.verdict == .dropped, small.verdict == .accepted else { continue }
            return finding(
                machine, facts, "\(machine.name) drops pods' packets of \(size) bytes, and passes small ones",
                at: [outer], PacketFilterCheck.quote(machine, outcome.decidedBy),
                [
                    outcome.decidedBy,
                    "connections open and hang with the first full packet: no ICMP tells the sender to send less",
                ], "delete that rule, or let it begin above \(size) bytes   # on \(machine.name)")
        }
        return nil
    }

    /// A tunnel's datagrams as large as it may send, where small ones pass.
    private func wrapped(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        guard let simulation = machine.packetFilterSimulation, machine.packetFilter?.asksForLengths ?? false,
            let (name, peer) = facts.peers(of: machine).first(where: { $0.address.family == .v4 })
        else { return nil }
        for link in machine.links ?? [] where link.isUp && ["vxlan", "geneve"].contains(link.kind) {
            guard let (sent, heard) = datagrams(link, machine, peer, facts) else { continue }
            for (packet, hooks) in [(sent, PacketFilter.Hook.leaving), (heard, PacketFilter.Hook.arriving)] {
                var packet = packet
                let small = simulation.pass(packet, through: hooks)
                // Of VXLAN: Ethernet 14, VXLAN 8, UDP 8, IPv4 20 (RFC 7348 5).
                packet.length = link.mtu + 50
                let outcome = simulation.pass(packet, through: hooks)
                guard outcome.verdict == .dropped, small.verdict == .accepted else { continue }
                return finding(
                    machine, facts,
                    "\(machine.name) drops the overlay's large packets (UDP \(packet.destinationPort)), and passes small ones",
                    at: [link.name], PacketFilterCheck.quote(machine, outcome.decidedBy),
                    [
                        outcome.decidedBy,
                        "\(link.name) and \(peer) (\(name)) send each other up to \(link.mtu + 50) bytes: connections open and hang",
                    ], "delete that rule   # on \(machine.name)", code: "RTE-01")
            }
        }
        return nil
    }

    /// What a tunnel sends to another machine, and what comes from there.
    private func datagrams(
        _ link: NetworkLink, _ machine: NodeEvidence, _ peer: IPAddress, _ facts: FactBase
    ) -> (sent: PacketFilterSimulation.Packet, heard: PacketFilterSimulation.Packet)? {
        guard let port = link.tunnel?.port,
            let local = link.tunnel?.local ?? facts.internalAddresses(machine.name).first(where: { $0.family == .v4 }),
            let uplink = machine.routeLookup?.lookup(.init(to: peer)).devices.sorted().first
        else { return nil }
        return (
            .init(from: local, to: peer, "udp", port: port, sourcePort: 50000, output: uplink),
            .init(from: peer, to: local, "udp", port: port, sourcePort: 50000, input: uplink)
        )
    }

    // MARK: Classifiers

    private func classified(_ machine: NodeEvidence, _ way: Way, _ facts: FactBase) -> Diagnosis? {
        guard let classifiers = machine.classifiers, !classifiers.isEmpty else { return nil }
        let sent = PacketFilterSimulation.Packet(from: way.pod.address, to: way.remote, "tcp", port: 8080)
        let heard = PacketFilterSimulation.Packet(from: way.remote, to: way.pod.address, "tcp", port: 8080)
        var places = [(way.inner, true, sent), (way.inner, false, heard)]
        let inside = machine.pod(String(way.pod.namespace), String(way.pod.ownName))
        if let index = inside?.link("eth0")?.lowerIndex,
            let end = machine.links?.first(where: { $0.index == index && $0.kind == "veth" && $0.name != way.inner })
        {
            places += [(end.name, true, sent), (end.name, false, heard)]
        }
        // What the world may send to pods is a choice.
        if let outer = way.outer { places += [(outer, false, sent)] + (way.isRemotePod ? [(outer, true, heard)] : []) }
        for (device, isIngress, packet) in places {
            let verdict = TrafficClassifier.verdict(of: classifiers, on: device, isIngress: isIngress, for: packet)
            if case .redirected(let classifier, let target) = verdict, machine.link(target)?.kind != "ifb" {
                return redirected(machine, classifier, target, packet, facts)
            }
            guard case .dropped(let classifier) = verdict else { continue }
            return finding(
                machine, facts,
                "A tc filter on \(device) of \(machine.name) drops what its pods \(packet.source == way.pod.address ? "send" : "get")",
                at: [device], machine.quote(classifier.text, .classifiers, classifier.command),
                [
                    "a packet from \(packet.source) to \(packet.destination) ends at the \(classifier.text)",
                    "classifiers are asked before routes and packet filters on the way in, and after them on the way out",
                ], delete(classifier))
        }
        guard let (name, peer) = facts.peers(of: machine).first(where: { $0.address.family == .v4 }),
            let uplink = machine.routeLookup?.lookup(.init(to: peer)).devices.sorted().first
        else { return nil }
        for link in machine.links ?? [] where link.isUp && ["vxlan", "geneve"].contains(link.kind) {
            guard let port = link.tunnel?.port, let (out, back) = datagrams(link, machine, peer, facts) else {
                continue
            }
            for (packet, isIngress) in [(out, false), (back, true)] {
                guard
                    case .dropped(let classifier) = TrafficClassifier.verdict(
                        of: classifiers, on: uplink, isIngress: isIngress, for: packet)
                else { continue }
                return finding(
                    machine, facts,
                    "A tc filter on \(uplink) of \(machine.name) drops the overlay's packets (UDP \(port))",
                    at: [uplink, link.name], machine.quote(classifier.text, .classifiers, classifier.command),
                    [
                        "\(link.name) speaks by UDP \(port) \(isIngress ? "from" : "to") \(peer) (\(name)): it ends at the \(classifier.text)"
                    ],
                    delete(classifier), code: "RTE-01")
            }
        }
        return nil
    }

    /// To another interface, where they may have been meant to go: what is only held to a rate comes back from an `ifb`.
    private func redirected(
        _ machine: NodeEvidence, _ classifier: TrafficClassifier, _ target: String,
        _ packet: PacketFilterSimulation.Packet, _ facts: FactBase
    ) -> Diagnosis {
        var found = finding(
            machine, facts, "A tc filter on \(classifier.device) of \(machine.name) sends pods' packets to \(target)",
            at: [classifier.device, target], machine.quote(classifier.text, .classifiers, classifier.command),
            [
                "a packet from \(packet.source) to \(packet.destination) goes to \(target) and is seen by no route and no packet filter"
            ], delete(classifier))
        found.confidence = .likely
        found.needs = ["whether somebody behind \(target) is to have them: tcpdump -ni \(target)"]
        return found
    }

    private func delete(_ classifier: TrafficClassifier) -> String {
        "tc filter del dev \(classifier.device) \(classifier.isIngress ? "ingress" : "egress") pref \(classifier.preference)   # find out first who made it"
    }
}

extension PacketFilter {
    /// Whether a rule asks how large a packet is. Rules that only translate are not looked at: they see the first packet of
    /// a connection.
    fileprivate var asksForLengths: Bool {
        tables.contains { table in
            table.name != "nat"
                && (table.chains.mention("--length ")
                    || table.chains.readRules.contains { rule in
                        rule.conditions.contains { condition in
                            if case .length = condition.test { true } else { false }
                        }
                    })
        }
    }
}
