import Addressing

/// What the machine's own rules do to pods' packets and to the overlay's: computed by walking them (RTE-01, RTE-06,
/// RTE-07, MTU-04), and whether two programs keep them (RTE-16).
struct PacketFilterCheck: Check {
    let name = "packet filters"
    let codes = ["RTE-01", "RTE-06", "RTE-07", "RTE-16", "MTU-04"]
    let needs: [FactName] = [.packetFilters]

    func applies(to facts: FactBase) -> Bool {
        facts.clusterMachines.contains { $0.packetFilterState != .notAsked }
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        facts.clusterMachines.flatMap { machine -> [Diagnosis] in
            guard let simulation = machine.packetFilterSimulation else { return [] }
            var found: [Diagnosis] = []
            let forward = forwarded(machine, simulation, facts)
            let input = overlayInput(machine, simulation, facts)
            // One firewall that does both is one cause: the one that says more about itself.
            if let forward { found.append(forward) }
            if let input, !(forward?.code == "RTE-07" && input.code == "RTE-07") { found.append(input) }
            if let filtered = fragmentationNeeded(machine, simulation, facts) { found.append(filtered) }
            if forward == nil, let bridged = bridged(machine, simulation, facts) { found.append(bridged) }
            if let both = twoPrograms(machine, facts) { found.append(both) }
            return found
        }
    }

    /// Rules as a person asks for them.
    static func quote(_ machine: NodeEvidence, _ decidedBy: String) -> Diagnosis.Evidence {
        let program = decidedBy.split(separator: " ").first.map(String.init) ?? ""
        let parts: [String: (NodeEvidence.Part, String)] = [
            "iptables": (.iptables, "iptables-save"), "iptables-legacy": (.iptablesLegacy, "iptables-legacy-save"),
            "ip6tables": (.ip6tables, "ip6tables-save"),
            "ip6tables-legacy": (.ip6tablesLegacy, "ip6tables-legacy-save"),
        ]
        let (part, command) = parts[program] ?? (.nftables, "nft list ruleset")
        return machine.quote(decidedBy, part, command)
    }

    // MARK: RTE-06, RTE-07

    /// A pod's packet to another node's pod, and one that comes from there; where no other node is known, a pod's packet
    /// to the world.
    private func forwarded(
        _ machine: NodeEvidence, _ simulation: PacketFilterSimulation, _ facts: FactBase
    ) -> Diagnosis? {
        let locals = facts.localPods(of: machine).filter { $0.address.family == .v4 }
        guard let local = locals.first?.address ?? presumedPod(machine, facts) else { return nil }
        let elsewhere = remotePod(machine, facts)
        if elsewhere == nil && !facts.isMachineAlone { return nil }
        let remote = elsewhere ?? IPAddress.v4(IPv4Address(198, 51, 100, 1))
        let inner = device(to: local, machine)
        // Without routes the overlay's device is the way to other nodes.
        let overlays = (machine.links ?? []).filter { $0.kind == "vxlan" && $0.isUp }
        let outer = machine.routeLookup == nil && overlays.count == 1 ? overlays[0].name : device(to: remote, machine)
        let usual = inner == nil && outer == nil ? Self.usualDevices(machine, facts) : []
        guard let inner = inner ?? usual.first?.inner, let outer = outer ?? usual.first?.outer, inner != outer else {
            return nil
        }
        let there = PacketFilterSimulation.Packet(
            from: local, to: remote, "tcp", port: 8080, input: inner, output: outer)
        let back = PacketFilterSimulation.Packet(
            from: remote, to: local, "tcp", port: 8080, input: outer, output: inner)
        var ways = [(there, "from \(local) to \(remote)")]
        // What the world may send to pods is a choice.
        if elsewhere != nil { ways.append((back, "from \(remote) to \(local)")) }
        for (packet, way) in ways {
            let outcome = simulation.pass(packet, through: PacketFilter.Hook.passing)
            // A policy that drops is the policy's business, not the host's.
            if Self.isPolicyRule(outcome.decidedBy) { continue }
            // Whichever of its devices it is, the rules must say the same.
            let others = usual.dropFirst().map { inner, outer in
                var other = packet
                (other.input, other.output) = packet.input == usual[0].inner ? (inner, outer) : (outer, inner)
                return simulation.pass(other, through: PacketFilter.Hook.passing)
            }
            guard others.allSatisfy({ $0.verdict == outcome.verdict && $0.decidedBy == outcome.decidedBy }) else {
                continue
            }
            switch outcome.verdict {
            case .dropped:
                // A rule about the world may well be meant; a chain that lets nothing through is not.
                if elsewhere == nil && !outcome.decidedBy.hasSuffix(Self.policyDrops) { continue }
                return forwardDropped(machine, outcome, way, local, remote, facts)
            case .rejected(let with):
                return rejected(machine, outcome, "a packet \(way) is answered with \(with)", facts)
            default: continue
            }
        }
        return nil
    }

    /// By the routes; where nobody copied them, by the networks of the devices' own addresses.
    private func device(to address: IPAddress, _ machine: NodeEvidence) -> String? {
        if let lookup = machine.routeLookup { return lookup.lookup(.init(to: address)).devices.sorted().first }
        return machine.addresses?.first { $0.address.prefix.length < 32 && $0.address.prefix.contains(address) }?.device
    }

    /// Of a machine of which nobody copied links, addresses and routes: the names that its network gives its devices, all
    /// that they may be.
    private static func usualDevices(_ machine: NodeEvidence, _ facts: FactBase) -> [(inner: String, outer: String)] {
        guard machine.links == nil, machine.addresses == nil, machine.routes == nil else { return [] }
        if let node = facts.object("nodes", "", machine.name), TunnelEnd(node)?.backend == "vxlan" {
            return [("cni0", "flannel.1")]
        }
        let pools = facts.objects("ippools.crd.projectcalico.org", "ippools.projectcalico.org")
        if pools.contains(where: { $0.text("spec", "vxlanMode") == "Always" }) { return [("cali0", "vxlan.calico")] }
        let providers = NetworkProviders(facts)
        if providers.runs(.calico) { return ["tunl0", "vxlan.calico", "eth0"].map { ("cali0", $0) } }
        return providers.runs(.flannel) ? ["flannel.1", "eth0"].map { ("cni0", $0) } : []
    }

    /// An address that a pod of a machine has or may have any moment: of its own range, behind a bridge that has ports.
    private func presumedPod(_ machine: NodeEvidence, _ facts: FactBase) -> IPAddress? {
        guard facts.isMachineAlone, let range = facts.ownRanges(of: machine).first(where: { $0.family == .v4 }),
            range.length < 30, let links = machine.links,
            links.contains(where: { ["cni0", "cbr0", "kube-bridge"].contains($0.master ?? "") && $0.isUp })
        else { return nil }
        return range.first.advanced(by: 5)
    }

    /// Two pods on one bridge: its own chains see every frame between them.
    private func bridged(
        _ machine: NodeEvidence, _ simulation: PacketFilterSimulation, _ facts: FactBase
    ) -> Diagnosis? {
        guard let lookup = machine.routeLookup,
            (machine.packetFilter?.tables ?? []).contains(where: { $0.family == "bridge" })
        else { return nil }
        let pods = facts.localPods(of: machine).filter { $0.address.family == .v4 }.prefix(2)
        guard let first = pods.first, let second = pods.last, first != second,
            let device = lookup.lookup(.init(to: first.address)).devices.sorted().first,
            lookup.lookup(.init(to: second.address)).devices.contains(device), machine.link(device)?.kind == "bridge"
        else { return nil }
        let outcome = simulation.pass(
            .init(from: first.address, to: second.address, "tcp", port: 8080),
            through: [.prerouting, .forward, .postrouting], isBridged: true)
        guard outcome.verdict == .dropped else { return nil }
        return .machine(
            "RTE-06", "\(device) of \(machine.name) drops what its pods send to each other", .certain,
            at: [machine.place, device], evidence: [Self.quote(machine, outcome.decidedBy)],
            because: [
                "a frame from \(first.name) to \(second.name) stays on the bridge \(device), whose filter ends it: \(outcome.decidedBy)"
            ], explains: facts.unreadyPods(on: machine.name),
            fix: .init(
                ["accept the pods' range in that chain before the rule   # on \(machine.name)"],
                undo: "delete the new rule", risk: "only the pods' range is let through", seconds: 5))
    }

    private static let policyDrops = "policy DROP"

    /// An address of pods on another node.
    private func remotePod(_ machine: NodeEvidence, _ facts: FactBase) -> IPAddress? {
        let known = facts.objects("nodes").lazy.filter { $0.name != machine.name }.compactMap { node -> IPAddress? in
            if let pod = facts.podAddresses(on: node.name).first(where: { $0.address.family == .v4 }) {
                return pod.address
            }
            // A node without pods of its own has a range all the same.
            guard let range = facts.podRanges(node.name).first(where: { $0.family == .v4 && $0.length < 30 }),
                facts.addressPools.contains(where: { $0.contains(range) })
            else { return nil }
            return range.first.advanced(by: 2)
        }.first
        if known != nil || !facts.isMachineAlone { return known }
        return facts.remoteRanges(of: machine).first { $0.family == .v4 && $0.length < 31 }?.first.advanced(by: 2)
    }

    /// Chains that a CNI's own policy engine wrote.
    static func isPolicyRule(_ text: String) -> Bool {
        ["cali-", "KUBE-NWPLCY", "KUBE-POD-FW", "CILIUM", "ANTREA", "WEAVE-NPC", "poplin"].contains {
            text.contains($0)
        }
    }

    private func forwardDropped(
        _ machine: NodeEvidence, _ outcome: PacketFilterSimulation.Outcome, _ way: String,
        _ local: IPAddress, _ remote: IPAddress, _ facts: FactBase
    ) -> Diagnosis {
        let culprit = Self.firewall(machine)
        let ranges = facts.clusterPools(machine).filter { $0.contains(local) || $0.contains(remote) }
        // The widest that holds both, so that one pair of rules is enough.
        let own = ranges.first { $0.contains(local) && $0.contains(remote) }
        let names = own.map { ["\($0)"] } ?? Array(Set(ranges.map { "\($0)" })).sorted()
        let fix = LetThrough(
            outcome.decider, hook: "FORWARD", on: machine.name,
            matches: names.prefix(4).flatMap { [.init(source: $0), .init(destination: $0)] })
        let end = outcome.decider?.isPolicy ?? true ? "where no rule lets it through" : "where a rule ends it"
        return .machine(
            "RTE-06", "\(machine.name) does not forward for pods\(culprit.map { ": \($0)" } ?? "")", .certain,
            at: [machine.place, "FORWARD"], evidence: [Self.quote(machine, outcome.decidedBy)],
            because: [
                "a packet \(way) passes FORWARD, \(end): \(outcome.decidedBy)"
            ], explains: facts.unreadyPods(on: machine.name),
            fix: .init(
                fix.steps.isEmpty ? ["accept the pods' range in FORWARD, both ways"] : fix.steps, undo: fix.undo,
                risk: "only the pods' ranges are let through", seconds: 5),
            prevent:
                "let the CNI add its own FORWARD rules (flannel does since 0.9), or configure the firewall for the range"
        )
    }

    private static func firewall(_ machine: NodeEvidence) -> String? {
        func hasChain(_ names: String...) -> Bool {
            (machine.packetFilter?.tables ?? []).contains { table in names.contains { table.chains[$0] != nil } }
        }
        if hasChain("ufw-before-forward", "ufw-user-forward") { return "ufw's policy is deny" }
        if hasChain("DOCKER", "DOCKER-USER") { return "Docker set the policy to DROP" }
        if (machine.packetFilter?.tables ?? []).contains(where: { $0.name == "firewalld" }) {
            return "firewalld drops it"
        }
        return nil
    }

    private func rejected(
        _ machine: NodeEvidence, _ outcome: PacketFilterSimulation.Outcome, _ what: String, _ facts: FactBase
    ) -> Diagnosis {
        .machine(
            "RTE-07", "\(machine.name)'s firewall rejects the cluster's packets", .certain, at: [machine.place],
            evidence: [Self.quote(machine, outcome.decidedBy)],
            because: ["\(what): the sender sees \"No route to host\", although the route is there"],
            explains: facts.unreadyPods(on: machine.name),
            fix: .init(
                [
                    "insert a rule that accepts the other nodes and the pods' range before it   # on \(machine.name)",
                    "firewall-cmd --permanent --zone=trusted --add-source=POD-RANGE && firewall-cmd --reload   # with firewalld",
                ], undo: "remove the rule", risk: "only the cluster's ranges are let through", seconds: 10),
            prevent: "cloud images come with such rules in /etc/iptables/rules.v4: leave them out of node images")
    }

    // MARK: RTE-01

    /// The other nodes' encapsulated packets, as they come in.
    private func overlayInput(
        _ machine: NodeEvidence, _ simulation: PacketFilterSimulation, _ facts: FactBase
    ) -> Diagnosis? {
        guard let links = machine.links,
            let (other, peer) = facts.peers(of: machine).first(where: { $0.address.family == .v4 })
        else { return nil }
        let ownAddresses = facts.internalAddresses(machine.name)
        for link in links where link.isUp {
            guard let kind = link.kind, let tunnel = link.tunnel else { continue }
            var transport = "udp"
            var port = tunnel.port ?? 0
            switch kind {
            case "vxlan": port = tunnel.port ?? 8472
            case "geneve": port = tunnel.port ?? 6081
            case "wireguard":
                guard NodeEvidence.isPodInterface(link.name) || link.name.hasPrefix("flannel") else { continue }
                port = tunnel.port ?? 51820
            case "ipip":
                guard link.name != "tunl0" || (machine.routes ?? []).contains(where: { $0.device == "tunl0" }) else {
                    continue
                }
                transport = "4"
            default: continue
            }
            guard let local = tunnel.local ?? ownAddresses.first(where: { $0.family == .v4 }) else { continue }
            let uplink = machine.routeLookup?.lookup(.init(to: peer)).devices.sorted().first
            let what = transport == "4" ? "protocol 4 (IPIP)" : "UDP \(port)"
            let received = PacketFilterSimulation.Packet(
                from: peer, to: local, transport, port: port, sourcePort: 50000, input: uplink)
            let sent = PacketFilterSimulation.Packet(
                from: local, to: peer, transport, port: port, sourcePort: 50000, output: uplink)
            let ways: [(PacketFilterSimulation.Packet, [PacketFilter.Hook], String, String, String)] = [
                (received, PacketFilter.Hook.arriving, "from \(peer) (\(other))", "INPUT", "-s"),
                (sent, PacketFilter.Hook.leaving, "to \(peer) (\(other))", "OUTPUT", "-d"),
            ]
            for (packet, hooks, way, chain, side) in ways {
                let outcome = simulation.pass(packet, through: hooks)
                switch outcome.verdict {
                case .rejected(let with):
                    return rejected(
                        machine, outcome, "\(what) \(way) of \(link.name) is answered with \(with)", facts)
                case .dropped:
                    let fix = LetThrough(
                        outcome.decider, hook: chain, on: machine.name,
                        matches: networks(of: facts.peers(of: machine).map(\.address), machine).prefix(4).map {
                            network in
                            .init(
                                source: side == "-s" ? network : nil, destination: side == "-d" ? network : nil,
                                transport: transport, port: transport == "4" ? nil : port)
                        })
                    return .machine(
                        "RTE-01", "\(machine.name)'s firewall drops the overlay's packets (\(what))", .certain,
                        at: [machine.place, link.name],
                        evidence: [
                            Self.quote(machine, outcome.decidedBy),
                            machine.quote(
                                "\(link.name) \(kind) port \(port) local \(local)", .links,
                                "ip -d link show \(link.name)"),
                        ],
                        because: [
                            "\(link.name) speaks by \(what); a packet \(way) ends at: \(outcome.decidedBy)"
                        ], explains: facts.unreadyPods(on: machine.name),
                        fix: .init(
                            fix.steps, undo: fix.undo, risk: "only the nodes' packets are let through", seconds: 5),
                        prevent: "put the overlay's port into the firewall's own configuration for nodes")
                default: continue
                }
            }
        }
        return nil
    }

    /// The network that a machine shares with other nodes, and the addresses of those that are not on it.
    private func networks(of peers: [IPAddress], _ machine: NodeEvidence) -> [String] {
        var found: [String] = []
        for peer in peers where peer.family == .v4 {
            let own = machine.globalAddresses.lazy.map(\.address.prefix).first { $0.length < 32 && $0.contains(peer) }
            let text = own.map { "\($0)" } ?? "\(peer)"
            if !found.contains(text) { found.append(text) }
        }
        return found
    }

    // MARK: MTU-04

    /// ICMP "fragmentation needed" that is for this machine, or that pods wait for.
    private func fragmentationNeeded(
        _ machine: NodeEvidence, _ simulation: PacketFilterSimulation, _ facts: FactBase
    ) -> Diagnosis? {
        let peer = IPAddress.v4(IPv4Address(192, 0, 2, 1))
        guard
            let own = facts.internalAddresses(machine.name).first(where: { $0.family == .v4 })
                ?? machine.globalAddresses.map(\.address.address).first(where: { $0.family == .v4 })
        else { return nil }
        let uplink = (machine.routes ?? []).first { $0.isDefault && $0.table == 254 && $0.destination.family == .v4 }?
            .device
        func packet(_ to: IPAddress, _ state: String, _ code: (Int, Int), _ output: String?)
            -> PacketFilterSimulation.Packet
        {
            .init(from: peer, to: to, "icmp", input: uplink, output: output, state: state, icmp: (code.0, code.1))
        }
        // Stateful rules let it in as related to a connection; a rule that names it and comes before them drops it.
        var ways: [(IPAddress, [PacketFilter.Hook], String?)] = [(own, PacketFilter.Hook.arriving, nil)]
        if let pod = facts.localPods(of: machine).first(where: { $0.address.family == .v4 })?.address {
            ways.append(
                (
                    pod, [.ingress, .prerouting, .forward],
                    machine.routeLookup?.lookup(.init(to: pod)).devices.sorted().first
                ))
        }
        for (address, hooks, output) in ways {
            let outcome = simulation.pass(packet(address, "related", (3, 4), output), through: hooks)
            guard outcome.verdict == .dropped, !outcome.decidedBy.contains("policy DROP") else { continue }
            // It is about this kind of ICMP, or about ICMP: other packets pass.
            let other = simulation.pass(
                .init(from: peer, to: address, "tcp", port: 80, input: uplink, output: output, state: "established"),
                through: hooks)
            guard other.verdict != .dropped else { continue }
            return .machine(
                "MTU-04", "\(machine.name) drops ICMP \"fragmentation needed\"", .certain, at: [machine.place],
                evidence: [Self.quote(machine, outcome.decidedBy)],
                because: [
                    "a router that cannot pass a large packet says so with ICMP type 3 code 4; this rule drops the message,",
                    "so that senders never learn the path's MTU and large transfers hang",
                ], explains: facts.unreadyPods(on: machine.name),
                fix: .init(
                    [
                        "iptables -I INPUT -p icmp --icmp-type fragmentation-needed -j ACCEPT   # on \(machine.name)",
                        "iptables -I FORWARD -p icmp --icmp-type fragmentation-needed -j ACCEPT",
                    ],
                    undo: "iptables -D with the same words", risk: "none", seconds: 5),
                prevent: "filter echo requests if you must; leave type 3 alone")
        }
        return nil
    }
}
