import Addressing

// What the rules on the source's node make of a Service's address: walked with the very packet.

extension PathWalk {
    /// Networks that serve cluster addresses in ways that a packet filter does not show.
    private static let servers: Set<String> = ["cilium", "antrea", "ovn-kubernetes", "kube-router", "calico"]

    /// Where nobody is seen who serves cluster addresses and the source's node leaves this one as it is, it is not known
    /// who would turn it into an endpoint's.
    func unserved(_ entry: ServiceMap.Entry, _ port: ServiceMap.Port) -> PathTrace.Step? {
        guard facts.components(.proxy).isEmpty,
            Self.servers.isDisjoint(with: (facts.providers() ?? []).map(\.name)),
            let (machine, address, outcome) = firstPacket(to: entry, port),
            outcome.packets.allSatisfy({ !$0.isDestinationTranslated })
        else { return nil }
        return .init(
            .service, .notChecked,
            "no rule of \(machine.name) turns \(address):\(port.number) into an endpoint's address, and no kube-proxy is seen",
            evidence: [.init("clusterIP: \(address)", from: entry.object.source)])
    }

    /// Nil where kube-proxy's rules lead to endpoints of the Service, or that cannot be said.
    func untranslated(_ entry: ServiceMap.Entry, _ port: ServiceMap.Port) -> PathTrace.Step? {
        guard let tables = machine(sourceNode)?.packetFilter?.tables,
            tables.contains(where: {
                $0.name == "kube-proxy"
                    || ($0.name == "nat" && $0.chains["KUBE-SERVICES"] != nil && $0.chains["PREROUTING"] != nil)
            }),
            NetworkProviders(facts).runs(.kubeProxy),
            let (machine, address, outcome) = firstPacket(to: entry, port), !outcome.packets.isEmpty
        else { return nil }
        let shown = "\(address):\(port.number)"
        func step(_ text: String, _ code: String, _ quoted: String) -> PathTrace.Step {
            .init(
                .service, .failed, text, details: outcome.decidedBy.isEmpty ? [] : [outcome.decidedBy],
                evidence: [.init(quoted, from: machine.source(.iptables, command: "iptables-save -t nat"))],
                codes: [code])
        }
        if outcome.packets.allSatisfy({ !$0.isDestinationTranslated }) {
            return step(
                "no rule of \(machine.name) translates \(shown)", "SVC-03",
                outcome.decidedBy.isEmpty ? "nothing for \(shown)" : outcome.decidedBy)
        }
        let known = Set(backends.map { "\($0.address):\($0.port)" })
        let ends = Set(
            outcome.packets.filter(\.isDestinationTranslated).map { "\($0.destination):\($0.destinationPort)" })
        let strangers = ends.subtracting(known).sorted()
        guard let first = strangers.first else { return nil }
        return step(
            "\(machine.name) sends \(shown) to \(listed(strangers)), which \(strangers.count == 1 ? "is" : "are") no endpoint"
                + (strangers.count < ends.count ? " (\(strangers.count) of \(ends.count))" : ""),
            "SVC-05", "\(shown) -> \(first)")
    }

    /// What the packet filter of the source's node makes of the first packet to a Service's address; nil where it is not
    /// accepted, or that cannot be said: BPF and ipvs do it elsewhere.
    private func firstPacket(
        to entry: ServiceMap.Entry, _ port: ServiceMap.Port
    ) -> (machine: NodeEvidence, address: IPAddress, outcome: PacketFilterSimulation.Outcome)? {
        guard let machine = machine(sourceNode), let simulation = machine.packetFilterSimulation, !entry.isHeadless,
            let address = entry.addresses.first(where: { $0.family == backends.first?.address.family }),
            let from = sourceAddress, machine.link("kube-ipvs0") == nil
        else { return nil }
        let isPods = sourcePod.map { !$0.isOnHostNetwork } ?? false
        let input = isPods ? machine.routeLookup?.lookup(.init(to: from)).devices.sorted().first : nil
        if isPods && input == nil { return nil }
        let outcome = simulation.pass(
            .init(from: from, to: address, port.transport.lowercased(), port: Int(port.number), input: input),
            through: isPods ? [.ingress, .prerouting] : [.output])
        guard case .accepted = outcome.verdict else { return nil }
        return (machine, address, outcome)
    }
}
