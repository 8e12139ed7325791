import Addressing
import JSONTree

/// Several nodes that announce one address as the end of their tunnels, or have it in their Node objects (RTE-10), seen
/// from the API alone: who takes the first card takes the NAT card, which has the same address on every virtual machine.
struct SharedEndCheck: Check {
    let name = "overlay"
    let codes = ["RTE-02", "RTE-10"]
    let needs: [FactName] = [.objects("nodes")]

    func applies(to facts: FactBase) -> Bool { facts.objects("nodes").count > 1 }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        sharedEnds(facts) + sharedAddresses(facts) + sharedMACs(facts) + strangeEnds(facts)
    }

    /// Flannel's ends at addresses that their Nodes do not have: it took the card of the default route, and the nodes are
    /// known by another. Who sets it on purpose overwrites it, or tells the Node (ExternalIP).
    private func strangeEnds(_ facts: FactBase) -> [Diagnosis] {
        let overwritten = "flannel.alpha.coreos.com/public-ip-overwrite"
        let ends = facts.objects("nodes").compactMap { node -> (TunnelEnd, [IPAddress])? in
            guard let end = TunnelEnd(node), let address = end.address, end.annotation.hasPrefix("flannel"),
                node.annotations[overwritten] == nil, facts.machine(node.name)?.links == nil
            else { return nil }
            let own = node.list("status", "addresses").compactMap { $0.member("address")?.string }.compactMap {
                IPAddress($0)
            }.filter { $0.family == address.family }
            return own.isEmpty || own.contains(address) ? nil : (end, own)
        }
        // One address for several is told above.
        let addresses = Set(ends.compactMap(\.0.address))
        guard let (first, own) = ends.first, addresses.count == ends.count, let address = first.address else {
            return []
        }
        let names = ends.map(\.0.node)
        let pods = Set(facts.pods.flatMap(\.addresses))
        let failure = FailedConnection.all(facts).last { $0.isSilence && pods.contains($0.address) }
        return [
            .machine(
                "RTE-10",
                "\(listed(names, countedAs: "node")) take tunnel packets at \(address)\(names.count > 1 ? " and such" : ""), which is no address of the Node",
                .likely, at: names.map { "Node/\($0)" },
                evidence: ends.prefix(2).map { end, own in
                    .init(
                        "\(end.node): public-ip \(end.address.map { "\($0)" } ?? ""), its InternalIP is \(own[0])",
                        from: FactSource(
                            "Node/\(end.node) annotations", command: "kubectl get node \(end.node) -o yaml"))
                } + (failure.map { [.init($0.line, from: $0.source)] } ?? []),
                because: [
                    "flannel took the card with the default route; the nodes know each other by \(own[0]) and such, where the way between them is open",
                    "between the other addresses there may be a firewall, or nothing at all",
                ],
                explains: names.reduce(into: []) { $0.formUnion(facts.unreadyPods(on: $1)) },
                fix: .init(
                    ["give flanneld --iface-can-reach=\(own[0]) or --iface=NAME of the card with \(own[0])"],
                    undo: "take the argument out again",
                    risk: "the agent makes the tunnel anew: a second without packets", seconds: 60),
                prevent: "name the interface or the range; \"first found\" is a guess",
                needs: ["nc -vzu \(address) 8472 from another node, and the packets of both cards beside it"])
        ]
    }

    /// One MAC at the ends of several nodes' tunnels (RTE-02): machines that were copied with their machine-id, from which
    /// udev makes the address (systemd.link, MACAddressPolicy=persistent).
    private func sharedMACs(_ facts: FactBase) -> [Diagnosis] {
        var ends: [MACAddress: [TunnelEnd]] = [:]
        for node in facts.objects("nodes") where node.isNodeReady {
            guard let end = TunnelEnd(node), let mac = end.mac, !mac.isZero else { continue }
            ends[mac, default: []].append(end)
        }
        return ends.filter { $0.value.count > 1 }.sorted { "\($0.key)" < "\($1.key)" }.map { mac, ends in
            let names = ends.map(\.node).sorted()
            let identifiers = names.compactMap { facts.nodeObject($0)?.text("status", "nodeInfo", "machineID") }
            let isCopy = identifiers.count == names.count && Set(identifiers).count == 1
            return .machine(
                "RTE-02", "the tunnels of \(listed(names, countedAs: "node")) end at one MAC, \(mac)", .certain,
                at: names.map { "Node/\($0)" },
                evidence: ends.prefix(3).map { end in
                    .init(
                        "\(end.node): \(mac)", marking: "\(mac)",
                        from: FactSource(
                            "Node/\(end.node) annotation \(end.annotation)",
                            command: "kubectl get node \(end.node) -o yaml", age: facts.nodeObject(end.node)?.age))
                },
                because: [
                    "a sender finds the other machine by the MAC of its tunnel: with one for two it sends everything to the entry written last"
                ]
                    + (isCopy
                        ? [
                            "all have machine-id \(identifiers[0]): they are copies of one machine, and udev makes the address from it"
                        ]
                        : []),
                explains: names.reduce(into: []) { $0.formUnion(facts.unreadyPods(on: $1)) },
                fix: .init(
                    [
                        "systemd-machine-id-setup   # on all but one of \(names.joined(separator: ", ")), after moving /etc/machine-id away",
                        "reboot that machine: its tunnel is made anew and announced",
                    ], undo: "put the old /etc/machine-id back", risk: "the machine restarts: drain it before",
                    seconds: 300),
                prevent: "empty /etc/machine-id in the image that machines are copied from")
        }
    }

    /// One InternalIP in several Node objects. Of a machine that came back under another name the old Node is not ready.
    private func sharedAddresses(_ facts: FactBase) -> [Diagnosis] {
        // Of a machine that was looked into and has nothing of what its Node says, that is told with what it has.
        func isTold(_ name: String) -> Bool {
            guard let own = facts.machine(name)?.globalAddresses, !own.isEmpty else { return false }
            return !facts.internalAddresses(name).contains { said in own.contains { $0.address.address == said } }
        }
        var nodes: [IPAddress: [String]] = [:]
        for node in facts.objects("nodes") where node.isNodeReady {
            for address in Set(facts.internalAddresses(node.name)) { nodes[address, default: []].append(node.name) }
        }
        return nodes.filter { $0.value.count > 1 && !$0.value.contains(where: isTold) }
            .sorted { $0.key < $1.key }.map { address, names in
                let names = names.sorted()
                return .machine(
                    "RTE-10", "\(listed(names, countedAs: "node")) have one address, \(address)", .certain,
                    at: names.map { "Node/\($0)" },
                    evidence: names.prefix(3).map { name in
                        .init(
                            "\(name): InternalIP \(address)", marking: "\(address)",
                            from: FactSource(
                                "Node/\(name) status.addresses", command: "kubectl get node \(name) -o wide",
                                age: facts.nodeObject(name)?.age))
                    },
                    because: [
                        "packets for all of them go to the one machine that has \(address): the others' pods are not reached,",
                        "and neither are their kubelets (logs, exec, metrics)",
                    ],
                    explains: names.reduce(into: []) { $0.formUnion(facts.unreadyPods(on: $1)) },
                    fix: .init(
                        [
                            "ip -br addr   # on \(names.joined(separator: ", ")): which of them has \(address)?",
                            "on each other one set kubelet's --node-ip to an address of its own and restart kubelet",
                        ], undo: "set the old --node-ip",
                        risk: "the agent of the network announces another address: one node at a time", seconds: 60),
                    prevent: "give --node-ip the address of the card that the nodes share")
            }
    }

    private func sharedEnds(_ facts: FactBase) -> [Diagnosis] {
        // Calico's own address is judged with its BGP.
        let ends = facts.objects("nodes").compactMap { TunnelEnd($0) }.filter {
            !$0.annotation.hasPrefix("projectcalico")
        }
        let looked = Set(facts.machines.filter { $0.links != nil }.map(\.name))
        return Dictionary(grouping: ends.filter { $0.address != nil }) { $0.address }.sorted { first, second in
            "\(first.key.map { "\($0)" } ?? "")" < "\(second.key.map { "\($0)" } ?? "")"
        }.compactMap { address, ends in
            guard let address, ends.count > 1, looked.isDisjoint(with: ends.map(\.node)) else { return nil }
            let nodes = ends.map(\.node).sorted()
            // Two Node objects of one machine would share their own address as well.
            guard nodes.allSatisfy({ !facts.internalAddresses($0).contains(address) }) else { return nil }
            let own = facts.internalAddresses(nodes[0]).first.map { "\($0)" } ?? "the nodes' own range"
            return .machine(
                "RTE-10", "\(listed(nodes, countedAs: "node")) all announce \(address) as the end of their tunnel",
                .certain,
                at: nodes.map { "Node/\($0)" },
                evidence: ends.sorted { $0.node < $1.node }.prefix(3).map { end in
                    .init(
                        "\(end.node): \(address), its InternalIP is \(facts.internalAddresses(end.node).map { "\($0)" }.joined(separator: ", "))",
                        marking: "\(address)",
                        from: FactSource(
                            "Node/\(end.node) annotations", command: "kubectl get node \(end.node) -o yaml"))
                },
                because: [
                    "the agent took the first card with a default route: a NAT card has the same address on every machine,",
                    "so that each node sends the others' packets to itself",
                ],
                explains: nodes.reduce(into: []) { $0.formUnion(facts.unreadyPods(on: $1)) },
                fix: .init(
                    [
                        "set the agent's interface to the one that has \(own) (flannel: --iface=NAME or --iface-can-reach=\(own))"
                    ], undo: "set the old value again",
                    risk: "the agent makes the tunnel anew: a second without packets",
                    seconds: 60),
                prevent: "name the interface or the range; \"first found\" is a guess")
        }
    }
}
