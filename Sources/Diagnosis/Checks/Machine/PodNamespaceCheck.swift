import Addressing

/// What pods' own namespaces contradict of what they were given: a default route by another interface than the cluster's
/// (RTE-04), rules of their own that end their packets (RTE-06, RTE-07), packets larger than their pair passes (MTU-01).
struct PodNamespaceCheck: Check {
    let name = "pods' own namespaces"
    let codes = ["RTE-04", "RTE-06", "RTE-07", "MTU-01"]
    let needs: [FactName] = [.node(.links)]

    func applies(to facts: FactBase) -> Bool { facts.clusterMachines.contains { !$0.podNames.isEmpty } }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        facts.clusterMachines.flatMap { machine -> [Diagnosis] in
            var found: [Diagnosis] = []
            var codes: Set<String> = []
            // One of a kind says what to look for in the others.
            for name in machine.podNames {
                let words = name.split(separator: "/").map(String.init)
                guard words.count == 2, let inside = machine.pod(words[0], words[1]),
                    facts.object("pods", words[0], words[1])?.bool("spec", "hostNetwork") != true
                else { continue }
                for finding in [
                    otherWay(machine, name, inside, facts) ?? prohibited(machine, name, inside, facts),
                    refused(machine, name, inside),
                    size(machine, name, inside),
                ].compactMap({ $0 }) where codes.insert(finding.code).inserted { found.append(finding) }
            }
            return found
        }
    }

    private static let world = IPAddress.v4(IPv4Address(198, 51, 100, 1))

    private static func own(_ inside: NodeEvidence) -> IPAddress? {
        inside.addresses?.first {
            $0.device == "eth0" && $0.address.family == .v4 && !$0.address.address.isLinkLocal
        }?.address.address
    }

    // MARK: RTE-04

    /// The default route leaves by an interface that no plugin made, and whose gateway does not answer.
    private func otherWay(
        _ machine: NodeEvidence, _ name: String, _ inside: NodeEvidence, _ facts: FactBase
    ) -> Diagnosis? {
        guard let lookup = inside.routeLookup, Self.own(inside) != nil,
            case .forward(let route, let hops) = lookup.lookup(.init(to: Self.world)), hops.count == 1,
            let device = hops[0].device, device != "eth0", device != "lo", let link = inside.link(device),
            // A program that makes a tunnel of its own means it.
            !link.isTunnel, !["tun", "tap", "dummy"].contains(link.kind ?? "")
        else { return nil }
        let words = name.split(separator: "/").map(String.init)
        let isMeant =
            machine.currentResults.contains {
                $0.namespace == words[0] && $0.pod == words[1] && $0.interface == device
            }
            || facts.object("pods", words[0], words[1])?.annotations["k8s.v1.cni.cncf.io/networks"]?
                .contains("default-route") ?? false
        let gateway = hops[0].gateway
        let entry = gateway.flatMap { gateway in
            (inside.neighbours ?? []).first { $0.device == device && $0.address == gateway }
        }
        let isSilent = entry?.states.contains { ["FAILED", "INCOMPLETE"].contains($0) } ?? false
        if isMeant && !isSilent { return nil }
        return .machine(
            "RTE-04", "Pod \(name) sends by \(device)\(isSilent ? ", where nobody answers" : ""), and not by eth0",
            isSilent ? .certain : .likely, at: ["Pod/\(name)", machine.place],
            evidence: [
                inside.quote(route.text, .routes, "ip route   # in the pod's namespace", telling: device)
            ]
                + (isSilent
                    ? [
                        inside.quote(
                            "\(gateway.map { "\($0)" } ?? "") dev \(device) \(entry?.states.joined(separator: " ") ?? "")",
                            .neighbours, "ip neigh   # in the pod's namespace")
                    ] : []),
            because: [
                "the cluster's network is behind eth0; the default route of the pod's namespace leads by \(device):",
                "what is no neighbour there (Services, names, the world) is sent the wrong way",
            ], explains: ["pod \(name) ready"],
            fix: .init(
                [
                    "kubectl -n \(words[0]) delete pod \(words[1])   # its network is made anew",
                    "give no gateway to the second network, or only the routes it is for",
                ], undo: "none needed", risk: "this one pod restarts", seconds: 30),
            needs: isSilent ? [] : ["whether \(device) is meant to carry everything"])
    }

    /// A route or rule of the pod's own namespace refuses what the cluster's pods have.
    private func prohibited(
        _ machine: NodeEvidence, _ name: String, _ inside: NodeEvidence, _ facts: FactBase
    ) -> Diagnosis? {
        guard let lookup = inside.routeLookup, let own = Self.own(inside) else { return nil }
        let near = facts.localPods(of: machine).map(\.address).filter { $0.family == .v4 && $0 != own }.prefix(1)
        let far = facts.remoteRanges(of: machine).filter { $0.family == .v4 && $0.length < 31 }
            .compactMap { $0.first.advanced(by: 2) }.prefix(2)
        for address in near + far {
            guard case .refused(let kind, let route) = lookup.lookup(.init(to: address, from: own)) else { continue }
            let rule = (inside.rules(.v4) ?? []).first { $0.action == kind }
            let said = route?.text ?? rule?.text ?? kind
            return .machine(
                "RTE-04", "Pod \(name) refuses itself what it sends to \(address): \(kind)", .certain,
                at: ["Pod/\(name)", machine.place],
                evidence: [
                    inside.quote(
                        said, route == nil ? .rules : .routes,
                        "ip rule; ip route get \(address)   # in the pod's namespace", telling: kind)
                ],
                because: [
                    "\(address) is a pod's; the \(route == nil ? "rule" : "route") is in the pod's own namespace"
                ],
                explains: ["pod \(name) ready"],
                fix: .init(
                    [
                        "kubectl -n \(name.prefix { $0 != "/" }) delete pod \(name.drop { $0 != "/" }.dropFirst())   # its network is made anew"
                    ], undo: "none needed", risk: "this one pod restarts", seconds: 30))
        }
        return nil
    }

    // MARK: RTE-06, RTE-07

    /// What the pod sends to anybody, and what comes for a port that it listens on.
    private func refused(_ machine: NodeEvidence, _ name: String, _ inside: NodeEvidence) -> Diagnosis? {
        guard let simulation = inside.packetFilterSimulation, let own = Self.own(inside),
            !(inside.packetFilter?.tables.isEmpty ?? true)
        else { return nil }
        let asked = PacketFilterSimulation.Packet(from: own, to: Self.world, "tcp", port: 443, output: "eth0")
        var walks = [(simulation.pass(asked, through: PacketFilter.Hook.leaving), "whatever it sends")]
        for socket in (inside.text(.listeners).map { ListenSocket.parse($0) } ?? []).prefix(16)
        where socket.transport == "TCP" && !socket.isLoopback {
            let heard = PacketFilterSimulation.Packet(
                from: Self.world, to: own, "tcp", port: Int(socket.port), input: "eth0")
            walks.append(
                (
                    simulation.pass(heard, through: PacketFilter.Hook.arriving),
                    "what comes for \(socket.port), where it listens"
                ))
        }
        for (outcome, what) in walks {
            let code: String
            switch outcome.verdict {
            case .dropped: code = "RTE-06"
            case .rejected: code = "RTE-07"
            default: continue
            }
            return .machine(
                code, "Rules inside pod \(name) \(code == "RTE-06" ? "drop" : "reject") \(what)", .likely,
                at: ["Pod/\(name)", machine.place], evidence: [PacketFilterCheck.quote(inside, outcome.decidedBy)],
                because: [
                    outcome.decidedBy,
                    "they are in the pod's own network namespace: no policy shows them, and the machine's rules do not either",
                ], explains: ["pod \(name) ready"],
                fix: .init(
                    [
                        "look for the container that may write them (NET_ADMIN): an init container, a sidecar, a VPN",
                        "kubectl -n \(name.prefix { $0 != "/" }) delete pod \(name.drop { $0 != "/" }.dropFirst())   # its namespace is made anew",
                    ], undo: "none needed", risk: "this one pod restarts", seconds: 30),
                needs: ["whether the pod means it: a VPN's container may let nothing out but its tunnel"])
        }
        return nil
    }

    // MARK: MTU-01

    /// A pair drops what is larger than its other end takes (kernel: drivers/net/veth.c, is_skb_forwardable()).
    private func size(_ machine: NodeEvidence, _ name: String, _ inside: NodeEvidence) -> Diagnosis? {
        guard let own = inside.link("eth0"), own.isUp, own.kind == "veth", let index = own.lowerIndex,
            let end = machine.links?.first(where: { $0.index == index && $0.kind == "veth" && $0.isLinkedElsewhere }),
            own.mtu > end.mtu, end.mtu > 0
        else { return nil }
        return .machine(
            "MTU-01", "Pod \(name) sends packets of \(own.mtu) bytes into a pair that takes \(end.mtu)", .certain,
            at: ["Pod/\(name)", machine.place, end.name],
            evidence: [
                inside.quote(
                    "eth0 mtu \(own.mtu)", .links, "ip link show eth0   # in the pod's namespace", telling: "\(own.mtu)"
                ),
                machine.quote("\(end.name) mtu \(end.mtu)", .links, "ip link show \(end.name)", telling: "\(end.mtu)"),
            ],
            because: [
                "the kernel drops a frame that is larger than the other end of a pair takes, and tells nobody: small packets pass"
            ], explains: ["pod \(name) ready"],
            fix: .init(
                [
                    "kubectl -n \(name.prefix { $0 != "/" }) delete pod \(name.drop { $0 != "/" }.dropFirst())   # its network is made anew"
                ], undo: "none needed", risk: "this one pod restarts", seconds: 30))
    }
}
