import Addressing

/// Several nodes that announce one address as the end of their tunnels, or have it in their Node objects (RTE-10), seen
/// from the API alone: who takes the first card takes the NAT card, which has the same address on every virtual machine.
struct SharedEndCheck: Check {
    let name = "overlay"
    let codes = ["RTE-10"]
    let needs: [FactName] = [.objects("nodes")]

    func applies(to facts: FactBase) -> Bool { facts.objects("nodes").count > 1 }

    func findings(_ facts: FactBase) -> [Diagnosis] { sharedEnds(facts) + sharedAddresses(facts) }

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
