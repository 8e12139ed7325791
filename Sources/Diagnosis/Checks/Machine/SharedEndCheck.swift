import Addressing

/// Several nodes that announce one address as the end of their tunnels (RTE-10), seen from the API alone: an agent that
/// takes the first card takes the NAT card, which has the same address on every virtual machine.
struct SharedEndCheck: Check {
    let name = "overlay"
    let codes = ["RTE-10"]
    let needs: [FactName] = [.objects("nodes")]

    func applies(to facts: FactBase) -> Bool { facts.objects("nodes").contains { TunnelEnd($0)?.address != nil } }

    func findings(_ facts: FactBase) -> [Diagnosis] {
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
