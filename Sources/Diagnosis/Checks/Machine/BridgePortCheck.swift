import Addressing
import JSONTree

/// Ports of the pods' bridge that keep pods from each other (RTE-17), and ranges that a route sends to the bridge although
/// nobody on it has an address of them (RTE-04).
struct BridgePortCheck: Check {
    let name = "ports of the pods' bridge"
    let codes = ["RTE-17", "RTE-04"]
    let needs: [FactName] = [.node(.links)]

    func applies(to facts: FactBase) -> Bool { facts.clusterMachines.contains { $0.links != nil } }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        facts.clusterMachines.flatMap { machine in
            [isolated(machine, facts), elsewhere(machine, facts), strange(machine, facts), inward(machine, facts)]
                .compactMap { $0 }
        }
    }

    /// Bridges that pods are on, with their ports.
    private func bridges(_ machine: NodeEvidence) -> [(bridge: NetworkLink, ports: [NetworkLink])] {
        let links = machine.links ?? []
        let ports = Dictionary(
            grouping: links.filter { $0.kind == "veth" && $0.isLinkedElsewhere && $0.isUp && $0.master != nil }
        ) { $0.master ?? "" }
        return links.filter { $0.kind == "bridge" && $0.isUp }.compactMap { bridge in
            ports[bridge.name].map { (bridge, $0) }
        }
    }

    private func isolated(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        let winner = NodeNetworkFiles(machine, facts).winner
        // The plugin bridge does so when it is told to.
        if winner?.plugins.contains(where: {
            ($0.node["portIsolation"] ?? $0.node["delegate"]?["portIsolation"])?.bool == true
        }) ?? false {
            return nil
        }
        for (bridge, ports) in bridges(machine) {
            let isolated = ports.filter(\.isIsolated)
            guard isolated.count > 1 else { continue }
            let names = listed(isolated.map(\.name), upTo: 3)
            return .machine(
                "RTE-17", "Pods on \(bridge.name) of \(machine.name) are isolated from each other",
                winner == nil ? .likely : .certain,
                at: [machine.place, bridge.name] + isolated.prefix(4).map(\.name),
                evidence: [
                    machine.quote(
                        "\(names) master \(bridge.name) isolated on", .links,
                        "bridge -d link show dev \(isolated[0].name)", telling: "isolated on")
                ],
                because: [
                    "a bridge passes nothing from one isolated port to another: these \(isolated.count) pods reach other nodes, and not each other"
                ],
                explains: facts.unreadyPods(on: machine.name),
                fix: .init(
                    isolated.prefix(3).map { "bridge link set dev \($0.name) isolated off   # on \(machine.name)" },
                    undo: "bridge link set dev \(isolated[0].name) isolated on",
                    risk: "these pods hear each other's broadcasts again", seconds: 5),
                needs: winner == nil
                    ? ["whether the network is configured so (portIsolation of the plugin bridge)"] : [])
        }
        return nil
    }

    /// A pod of the network whose pair is a port of another bridge than the others'.
    private func elsewhere(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        guard let winner = NodeNetworkFiles(machine, facts).winner,
            let plugin = winner.plugins.first(where: { ["bridge", "flannel"].contains($0.type) })
        else { return nil }
        let settings = plugin.type == "flannel" ? plugin.node["delegate"] : plugin.node
        if let type = settings?["type"]?.string, type != "bridge", plugin.type == "flannel" { return nil }
        let name = settings?["bridge"]?.string ?? "cni0"
        guard machine.link(name)?.kind == "bridge" else { return nil }
        for result in machine.currentResults where result.network == winner.name && result.interface == "eth0" {
            guard let inside = machine.pod(result.namespace, result.pod), let index = inside.link("eth0")?.lowerIndex,
                let end = machine.links?.first(where: { $0.index == index && $0.kind == "veth" && $0.isLinkedElsewhere }
                ),
                let master = end.master, master != name, machine.link(master)?.kind == "bridge"
            else { continue }
            let pod = "\(result.namespace)/\(result.pod)"
            return .machine(
                "RTE-17", "\(end.name) of \(machine.name), the pair of \(pod), is on \(master) and not on \(name)",
                .certain, at: [machine.place, end.name, "Pod/\(pod)"],
                evidence: [
                    machine.quote(
                        "\(end.name) master \(master)", .links, "ip link show \(end.name)", telling: master)
                ],
                because: ["the network \(winner.name) is on \(name): the pod finds neither its gateway nor the others"],
                explains: ["pod \(pod) ready"],
                fix: .init(
                    ["ip link set \(end.name) master \(name)   # on \(machine.name)"],
                    undo: "ip link set \(end.name) master \(master)", risk: "none: this pod is cut off now", seconds: 5)
            )
        }
        return nil
    }

    /// The machine's default route ends on the bridge of its own pods.
    private func inward(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        for (bridge, _) in bridges(machine)
        where !(machine.links ?? []).contains(where: { $0.master == bridge.name && $0.kind != "veth" }) {
            let defaults = (machine.routes ?? []).filter {
                $0.isDefault && $0.table == 254 && $0.kind == "unicast" && $0.destination.family == .v4 && !$0.isDead
            }
            guard let route = defaults.min(by: { $0.metric < $1.metric }), route.device == bridge.name,
                route.gateway == nil, route.hops.isEmpty
            else { continue }
            return .machine(
                "RTE-04", "The default route of \(machine.name) ends on \(bridge.name), the bridge of its own pods",
                .certain, at: [machine.place, "\(route.destination)"],
                evidence: [machine.quote(route.text, .routes, "ip route show default", telling: bridge.name)],
                because: [
                    "nobody behind \(bridge.name) leads to the world: packets wait for a MAC there and are dropped"
                ], explains: facts.unreadyPods(on: machine.name),
                fix: .init(
                    ["ip route replace default via GATEWAY   # on \(machine.name), and in its network configuration"],
                    undo: "ip route replace default dev \(bridge.name)", risk: "none: these packets are lost now",
                    seconds: 5))
        }
        return nil
    }

    /// A route without a gateway, to the pods' bridge, of a range that is none of the bridge's own.
    private func strange(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        // With Node objects their ranges say whose it is.
        guard !facts.has(.objects("nodes")) else { return nil }
        for (bridge, ports) in bridges(machine) {
            let own = (machine.addresses ?? []).filter { $0.device == bridge.name }.map(\.address.prefix)
            let others = (machine.links ?? []).filter { $0.master == bridge.name && $0.kind != "veth" }
            guard !own.isEmpty, others.isEmpty, ports.count == ports.filter(\.isLinkedElsewhere).count else { continue }
            let known = facts.localPods(of: machine).map(\.address)
            guard
                let route = (machine.routes ?? []).first(where: { route in
                    route.table == 254 && route.kind == "unicast" && route.device == bridge.name && route.gateway == nil
                        && route.hops.isEmpty && !route.isDefault && !["kernel", "bird"].contains(route.origin)
                        && !route.destination.network.isLinkLocal && !route.destination.network.isMulticast
                        && own.contains { $0.family == route.destination.family }
                        && !own.contains { $0.overlaps(route.destination) }
                        && !known.contains { route.destination.contains($0) }
                })
            else { continue }
            return .machine(
                "RTE-04",
                "\(machine.name) sends \(route.destination) to \(bridge.name), where nobody has such an address",
                .likely, at: [machine.place, "\(route.destination)"],
                evidence: [
                    machine.quote(route.text, .routes, "ip route show \(route.destination)", telling: bridge.name),
                    machine.quote(
                        "\(bridge.name) \(own.map { "\($0)" }.joined(separator: ", "))", .addresses,
                        "ip addr show \(bridge.name)"),
                ],
                because: [
                    "only pods of \(machine.name) are on \(bridge.name): packets for \(route.destination) wait for a MAC and are dropped"
                ], explains: facts.unreadyPods(on: machine.name),
                fix: .init(
                    ["ip route replace \(route.destination) via ADDRESS-OF-ITS-NODE   # on \(machine.name)"],
                    undo: "ip route replace \(route.destination) dev \(bridge.name)",
                    risk: "none where these packets are lost now", seconds: 5),
                needs: ["whose range it is: kubectl get nodes -o custom-columns=N:.metadata.name,R:.spec.podCIDR"])
        }
        return nil
    }
}
