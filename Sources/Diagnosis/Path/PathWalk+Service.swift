import Addressing

// What the rules on the source's node make of a Service's address: walked with the very packet.

extension PathWalk {
    /// Networks that serve cluster addresses in ways that a packet filter does not show.
    private static let servers: Set<String> = ["cilium", "antrea", "ovn-kubernetes", "kube-router", "calico"]

    /// Where nobody is seen who serves cluster addresses and the source's node leaves this one as it is, it is not known
    /// who would turn it into an endpoint's.
    func unserved(_ entry: ServiceMap.Entry, _ port: ServiceMap.Port) -> PathTrace.Step? {
        guard let machine = machine(sourceNode), let simulation = machine.packetFilterSimulation, !entry.isHeadless,
            let address = entry.addresses.first(where: { $0.family == backends.first?.address.family }),
            let from = sourceAddress, machine.link("kube-ipvs0") == nil, facts.components(.proxy).isEmpty,
            Self.servers.isDisjoint(with: (facts.providers() ?? []).map(\.name))
        else { return nil }
        let isPods = sourcePod.map { !$0.isOnHostNetwork } ?? false
        let input = isPods ? machine.routeLookup?.lookup(.init(to: from)).devices.sorted().first : nil
        if isPods && input == nil { return nil }
        let outcome = simulation.pass(
            .init(from: from, to: address, port.transport.lowercased(), port: Int(port.number), input: input),
            through: isPods ? [.ingress, .prerouting] : [.output])
        guard case .accepted = outcome.verdict, outcome.packets.allSatisfy({ !$0.isDestinationTranslated }) else {
            return nil
        }
        return .init(
            .service, .notChecked,
            "no rule of \(machine.name) turns \(address):\(port.number) into an endpoint's address, and no kube-proxy is seen",
            evidence: [.init("clusterIP: \(address)", from: entry.object.source)])
    }

    /// Nil where kube-proxy's rules lead to endpoints of the Service, or that cannot be said.
    func untranslated(_ entry: ServiceMap.Entry, _ port: ServiceMap.Port) -> PathTrace.Step? {
        guard let machine = machine(sourceNode), let simulation = machine.packetFilterSimulation,
            let tables = machine.packetFilter?.tables, !entry.isHeadless,
            let address = entry.addresses.first(where: { $0.family == backends.first?.address.family }),
            let from = sourceAddress,
            // BPF or ipvs do it elsewhere.
            machine.link("kube-ipvs0") == nil,
            tables.contains(where: {
                $0.name == "kube-proxy" || ($0.name == "nat" && $0.chains["KUBE-SERVICES"] != nil)
            }),
            NetworkProviders(facts).runs(.kubeProxy)
        else { return nil }
        let isPods = sourcePod.map { !$0.isOnHostNetwork } ?? false
        let input = isPods ? machine.routeLookup?.lookup(.init(to: from)).devices.sorted().first : nil
        if isPods && input == nil { return nil }
        let outcome = simulation.pass(
            .init(from: from, to: address, port.transport.lowercased(), port: Int(port.number), input: input),
            through: isPods ? [.ingress, .prerouting] : [.output])
        guard case .accepted = outcome.verdict, !outcome.packets.isEmpty else { return nil }
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
}
