import Addressing
import JSONTree

/// What a machine's own tables contradict of each other, without anybody to compare them with: neighbours of the overlay
/// that no route leads to, rules that refuse pods' packets, gateways of pods that nobody is (RTE-04).
struct MachineRouteCheck: Check {
    let name = "routes of a machine"
    let codes = ["RTE-04"]
    let needs: [FactName] = [.node(.routes)]

    func applies(to facts: FactBase) -> Bool { facts.clusterMachines.contains { $0.routeLookup != nil } }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        facts.clusterMachines.flatMap { machine in
            [
                unreached(machine, facts), refused(machine, facts), stranger(machine, facts), silent(machine, facts),
                mistaken(machine, facts),
            ].compactMap { $0 }
        }
    }

    // MARK: The overlay

    /// An agent writes a neighbour, a forwarding entry and a route for each other node: the first two without the third.
    private func unreached(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        // With Node objects their ranges say what is to be there.
        guard !facts.has(.objects("nodes")), let lookup = machine.routeLookup, let device = machine.overlay(nil),
            device.isUp, let forwarding = machine.forwarding
        else { return nil }
        let entries = Dictionary(
            forwarding.filter { $0.device == device.name && $0.destination != nil }.map { ($0.mac, $0) }
        ) { first, _ in first }
        let peers = Set(entries.values.compactMap(\.destination))
        for neighbour in machine.neighbours ?? [] {
            guard neighbour.device == device.name, neighbour.isPermanent, let mac = neighbour.mac,
                let peer = entries[mac]?.destination
            else { continue }
            let answer = lookup.lookup(.init(to: neighbour.address))
            switch answer {
            case .local, .cannotSay: continue
            case .forward(let route, let hops):
                // Straight to the other node where both are on one network.
                if hops.contains(where: { $0.device == device.name || $0.gateway.map { peers.contains($0) } ?? false })
                {
                    continue
                }
                // A more exact route of somebody else is an overlap of ranges.
                guard route.isDefault else { continue }
            case .refused, .noRoute: break
            }
            // Flannel and Poplin name the neighbour by the first address of its node's range; elsewhere an end may have
            // an address of a range that it does not own.
            let isRange = neighbour.address.family == .v4 && neighbour.address.number & 0xFF == 0
            return .machine(
                "RTE-04", "\(machine.name) has no route to the pods behind \(peer)", isRange ? .certain : .likely,
                at: [machine.place, device.name],
                evidence: [
                    machine.quote("\(neighbour.address) \(answer.text)", .routes, "ip route get \(neighbour.address)"),
                    machine.quote(
                        "\(neighbour.address) lladdr \(mac) PERMANENT, \(mac) dst \(peer)", .neighbours,
                        "ip neigh show dev \(device.name); bridge fdb show dev \(device.name)"),
                ],
                because: [
                    "\(device.name) knows \(peer) by \(neighbour.address), and packets for it go \(answer.text):",
                    "the agent wrote all three, and the route is not there any more",
                ],
                fix: .init(
                    [
                        facts.restart(on: machine.name, "it writes its routes again"),
                        "or at once: ip route replace RANGE-OF-THAT-NODE via \(neighbour.address) dev \(device.name) onlink",
                    ], undo: "ip route del RANGE-OF-THAT-NODE", risk: "none: these packets are lost now", seconds: 30),
                needs: isRange ? [] : ["ip route: is there a route for the blocks of \(peer)?"])
        }
        return nil
    }

    // MARK: Neighbours

    /// The next hop of another node's range answers nobody, and is no node.
    private func silent(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        guard let lookup = machine.routeLookup else { return nil }
        let remote = facts.remoteRanges(of: machine)
        let nodes = Set(facts.peers(of: machine).map(\.address))
        for range in remote where range.family == .v4 {
            guard let address = range.first.advanced(by: 2),
                case .forward(let route, let hops) = lookup.lookup(.init(to: address)),
                route.destination == range, let gateway = hops.first?.gateway, hops.count == 1,
                !nodes.contains(gateway),
                let device = hops[0].device, !(machine.link(device)?.isTunnel ?? false),
                let entry = (machine.neighbours ?? []).first(where: { $0.address == gateway && $0.device == device }),
                entry.states.contains(where: { ["FAILED", "INCOMPLETE"].contains($0) })
            else { continue }
            let knowsNodes = !nodes.isEmpty
            return .machine(
                "RTE-04", "\(machine.name) sends \(range) to \(gateway), which does not answer",
                knowsNodes ? .certain : .likely, at: [machine.place, "\(range)"],
                evidence: [
                    machine.quote(route.text, .routes, "ip route get \(address)", telling: "\(gateway)"),
                    machine.quote(
                        "\(gateway) dev \(device) \(entry.states.joined(separator: " "))", .neighbours,
                        "ip neigh show \(gateway)", telling: entry.states[0]),
                ],
                because: [
                    "nobody on \(device) has \(gateway): packets for \(range) wait for its MAC and are dropped, \"No route to host\""
                ], explains: facts.unreadyPods(on: machine.name),
                fix: .init(
                    ["ip route replace \(range) via ADDRESS-OF-THAT-NODE   # on \(machine.name)"],
                    undo: "ip route replace \(range) via \(gateway)", risk: "none: these packets are lost now",
                    seconds: 5),
                needs: knowsNodes
                    ? [] : ["whether the machine that has \(gateway) is only down: kubectl get nodes -o wide"])
        }
        return nil
    }

    /// A fixed entry for another node whose card has another MAC.
    private func mistaken(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        guard facts.clusterMachines.count > 1 else { return nil }
        let fixed = (machine.neighbours ?? []).filter { entry in
            entry.isPermanent && entry.mac != nil && machine.link(entry.device).map { !$0.isTunnel } ?? false
        }
        if fixed.isEmpty { return nil }
        for peer in facts.clusterMachines where peer.name != machine.name {
            for own in peer.globalAddresses {
                guard let entry = fixed.first(where: { $0.address == own.address.address }), let believed = entry.mac,
                    // On one network; a router would answer for it by its own MAC.
                    machine.globalAddresses.contains(where: {
                        $0.device == entry.device && $0.address.prefix == own.address.prefix
                            && $0.address.prefixLength < own.address.address.family.bitWidth
                    }),
                    let actual = peer.link(own.device)?.mac, !(peer.links ?? []).contains(where: { $0.mac == believed })
                else { continue }
                return .machine(
                    "RTE-04", "\(machine.name) has a fixed wrong MAC for \(peer.name) (\(entry.address))", .certain,
                    at: [machine.place, "\(entry.address)/\(entry.address.family.bitWidth)"],
                    evidence: [
                        machine.quote(
                            "\(entry.address) lladdr \(believed) PERMANENT", .neighbours,
                            "ip neigh show \(entry.address)", telling: "\(believed)"),
                        peer.quote(
                            "\(own.device) \(actual)", .links, "ip link show \(own.device)", telling: "\(actual)"),
                    ],
                    because: [
                        "frames for \(peer.name) are sent to \(believed), which no card there has: nobody takes them"
                    ],
                    explains: facts.unreadyPods(on: machine.name),
                    fix: .init(
                        [
                            "ip neigh del \(entry.address) dev \(entry.device)   # on \(machine.name): the kernel asks anew"
                        ],
                        undo: "ip neigh replace \(entry.address) lladdr \(believed) dev \(entry.device) nud permanent",
                        risk: "none: these frames are lost now", seconds: 2))
            }
        }
        return nil
    }

    // MARK: Rules

    /// A rule that refuses whatever pods send.
    private func refused(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        guard let lookup = machine.routeLookup else { return nil }
        let remote = facts.remoteRanges(of: machine).first { $0.family == .v4 }?.first.advanced(by: 1)
        let targets = [remote, .v4(IPv4Address(198, 51, 100, 1))].compactMap { $0 }
        for pod in facts.localPods(of: machine) where pod.address.family == .v4 {
            guard let input = lookup.lookup(.init(to: pod.address)).devices.sorted().first else { continue }
            for target in targets {
                let packet = RouteLookup.Packet(
                    to: target, from: pod.address, mark: mark(machine, pod.address, target, input), input: input)
                let answer = lookup.lookup(packet)
                if let table = refusedByTable(machine, answer, target, pod, input, facts) { return table }
                if let world = refusedWorld(machine, answer, target, facts) { return world }
                guard case .refused(let kind, nil) = answer,
                    let rule = (machine.rules(.v4) ?? []).first(where: {
                        $0.action == kind && ($0.source?.contains(pod.address) ?? true)
                            && ($0.input.map { $0 == input } ?? true) && ($0.destination?.contains(target) ?? true)
                    })
                else { continue }
                return .machine(
                    "RTE-04", "A rule of \(machine.name) refuses what its pods send", .certain,
                    at: [machine.place, pod.place],
                    evidence: [
                        machine.quote(rule.text, .rules, "ip rule", telling: kind),
                        machine.quote(
                            "\(target) from \(pod.address) iif \(input): \(kind)", .routes,
                            "ip route get \(target) from \(pod.address) iif \(input)"),
                    ],
                    because: [
                        "rules are asked in their order, and the one of priority \(rule.priority) answers before the table of routes is asked"
                    ], explains: facts.unreadyPods(on: machine.name),
                    fix: .init(
                        ["ip rule del pref \(rule.priority)   # on \(machine.name); find out first who made it"],
                        undo: "ip rule add pref \(rule.priority) \(rule.source.map { "from \($0) " } ?? "")\(kind)",
                        risk: "what the rule was meant for is let through", seconds: 5))
            }
        }
        return nil
    }

    /// What rules write on a packet before its route is chosen, where the choice depends on it.
    private func mark(_ machine: NodeEvidence, _ from: IPAddress, _ to: IPAddress, _ input: String) -> UInt32 {
        guard (machine.rules(.v4) ?? []).contains(where: { $0.mark != nil }),
            let outcome = machine.packetFilterSimulation?.pass(
                .init(from: from, to: to, "tcp", port: 8080, input: input), through: [.ingress, .prerouting]),
            outcome.verdict == .accepted, let mark = outcome.packets.first?.mark,
            outcome.packets.allSatisfy({ $0.mark == mark })
        else { return 0 }
        return mark
    }

    /// A table that a rule of its own leads to before the table of routes, and that refuses what the routes would bring
    /// to another node's pods.
    private func refusedByTable(
        _ machine: NodeEvidence, _ answer: RouteLookup.Answer, _ target: IPAddress, _ pod: LocalPod, _ input: String,
        _ facts: FactBase
    ) -> Diagnosis? {
        guard case .refused(let kind, let route?) = answer, ![0, 253, 254, 255].contains(route.table),
            facts.remoteRanges(of: machine).contains(where: { $0.contains(target) }),
            let rule = (machine.rules(.v4) ?? []).first(where: { $0.table == route.table })
        else { return nil }
        return .machine(
            "RTE-04", "Table \(route.table) of \(machine.name) refuses what its pods send to other nodes", .certain,
            at: [machine.place] + facts.remoteRanges(of: machine).filter { $0.contains(target) }.map { "\($0)" },
            evidence: [
                machine.quote(rule.text, .rules, "ip rule"),
                machine.quote(route.text, .routes, "ip route show table \(route.table)", telling: kind),
            ],
            because: [
                "rule \(rule.priority) asks table \(route.table) before the table main, which has a route: the first answer counts"
            ], explains: facts.unreadyPods(on: machine.name),
            fix: .init(
                ["ip rule del pref \(rule.priority)   # on \(machine.name); find out first who made it"],
                undo: "ip rule add pref \(rule.priority) lookup \(route.table)",
                risk: "what the rule was meant for takes the ordinary way", seconds: 5))
    }

    /// A route of the table main that refuses part of the world, beside a default route that would bring it there.
    private func refusedWorld(
        _ machine: NodeEvidence, _ answer: RouteLookup.Answer, _ target: IPAddress, _ facts: FactBase
    ) -> Diagnosis? {
        guard case .refused(let kind, let route?) = answer, route.table == 254, !route.isDefault,
            route.destination.length < 8, route.destination.contains(target),
            let usual = (machine.routes ?? []).first(where: {
                $0.isDefault && $0.table == 254 && $0.kind == "unicast" && $0.destination.family == .v4
            })
        else { return nil }
        return .machine(
            "RTE-04", "A route of \(machine.name) refuses what its pods send to the world", .likely,
            at: [machine.place, "\(route.destination)"],
            evidence: [
                machine.quote(route.text, .routes, "ip route show \(route.destination)", telling: kind),
                machine.quote(usual.text, .routes, "ip route show default"),
            ],
            because: [
                "\(route.destination) is more exact than the default route: \(kind) is what everything in it is answered with"
            ], explains: facts.unreadyPods(on: machine.name),
            fix: .init(
                ["ip route del \(kind) \(route.destination)   # on \(machine.name); find out first who made it"],
                undo: "ip route add \(kind) \(route.destination)", risk: "what the route was meant for is let through",
                seconds: 5), needs: ["whether nothing is meant to reach the world"])
    }

    // MARK: Gateways

    /// A pod's default route to an address that the bridge, which is to be its gateway, does not have.
    private func stranger(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        guard let winner = NodeNetworkFiles(machine, facts).winner, let own = machine.addresses,
            let plugin = winner.plugins.first(where: { ["bridge", "flannel"].contains($0.type) })
        else { return nil }
        let settings = plugin.type == "flannel" ? plugin.node["delegate"] : plugin.node
        let keys = ["isGateway", "isDefaultGateway"]
        guard plugin.type == "flannel" || keys.contains(where: { settings?[$0]?.bool == true }) else { return nil }
        let bridge = settings?["bridge"]?.string ?? "cni0"
        for name in machine.podNames {
            let words = name.split(separator: "/").map(String.init)
            guard words.count == 2, let pod = machine.pod(words[0], words[1]),
                machine.currentResults.contains(where: {
                    $0.namespace == words[0] && $0.pod == words[1] && $0.network == winner.name
                }),
                let route = (pod.routes ?? []).first(where: {
                    $0.isDefault && $0.table == 254 && $0.destination.family == .v4 && $0.device == "eth0"
                }), let gateway = route.gateway, !own.contains(where: { $0.address.address == gateway }),
                let right = own.first(where: { $0.device == bridge && $0.address.family == .v4 })?.address
            else { continue }
            // The bridge has another range: the pods are right, and it is not.
            guard right.prefix.contains(gateway) else { continue }
            return .machine(
                "RTE-04", "Pod \(name) sends to \(gateway), which is no gateway", .certain,
                at: ["Pod/\(name)", machine.place],
                evidence: [
                    pod.quote(route.text, .routes, "ip route   # in the pod's namespace", telling: "\(gateway)"),
                    machine.quote("\(bridge) \(right)", .addresses, "ip addr show \(bridge)"),
                ],
                because: ["the gateway of pods on \(bridge) is \(right.address); nobody on it answers for \(gateway)"],
                explains: ["pod \(name) ready"],
                fix: .init(
                    ["kubectl -n \(words[0]) delete pod \(words[1])   # its network is made anew"],
                    undo: "none needed",
                    risk: "this one pod restarts", seconds: 30))
        }
        return nil
    }
}
