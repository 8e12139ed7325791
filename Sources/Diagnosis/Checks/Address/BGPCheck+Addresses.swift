import Addressing
import JSONTree

/// Addresses with which nodes present themselves and which nobody else reaches.
extension BGPCheck {
    /// Devices whose addresses no other node reaches.
    private static let inner = [
        "docker", "br-", "virbr", "cni", "podman", "lxdbr", "lxcbr", "dummy", "kube-ipvs", "nodelocaldns",
    ]

    func wrongAddresses(_ graph: BGPGraph, _ facts: FactBase) -> [Diagnosis] {
        var byAddress: [IPAddress: [APIObject]] = [:]
        for node in graph.nodes {
            if let address = node.address { byAddress[address, default: []].append(node.object) }
        }
        var found: [Diagnosis] = []
        for node in graph.nodes {
            guard let address = node.address, !node.object.nodeAddresses().contains("\(address)") else { continue }
            let twins = byAddress[address] ?? []
            let device = Self.device(of: address, on: node.object.name, facts)
            let bridge = device == nil ? Self.usualBridge(of: address, node, graph) : nil
            let isInner =
                bridge != nil || device.map { name in Self.inner.contains { name.hasPrefix($0) } } ?? false
            let isAlone = Self.isAlone(node, graph, facts)
            guard twins.count > 1 || isInner || isAlone else { continue }
            let own = node.object.nodeAddresses().first ?? "none"
            let agent = NetworkProviders(facts).agent(.calico)
            var evidence: [Diagnosis.Evidence] = [
                .init(
                    "projectcalico.org/IPv4Address: \(address)", marking: "\(address)", from: node.object.source),
                .init("InternalIP: \(own)", from: node.object.source),
            ]
            if let device {
                evidence.append(
                    .init(
                        "\(address) is on \(device)", marking: device,
                        from: FactSource("\(node.object.name): ip addr", command: "ip -br addr")))
            }
            found.append(
                .of(
                    "BGP-02",
                    "Calico took \(address) for the address of \(node.object.name)"
                        + (device.map { ", which is on \($0)" } ?? ""),
                    .certain, at: [node.object.place], evidence: evidence,
                    because: [
                        twins.count > 1
                            ? "\(listed(twins.map(\.name))) all announce \(address): it is a bridge that every one of them has"
                            : isInner
                                ? "no other node reaches an address of \(device ?? bridge.map { "\($0), which has this one unless it is told otherwise" } ?? "that device")"
                                : "no other node announces an address of that network, and none has a session with it",
                        "other nodes open BGP sessions and tunnels to it; the node's own address is \(own)",
                    ],
                    explains: agent.map { agent in
                        facts.pods.filter {
                            $0.node == node.object.name && $0.namespace == agent.namespace
                                && $0.owner?.name == agent.name
                        }
                        .reduce(into: Set<String>()) { $0.formUnion($1.symptoms) }
                    } ?? [],
                    fix: agent.map {
                        .init(
                            [
                                "kubectl -n \($0.namespace) set env daemonset/\($0.name) "
                                    + "IP_AUTODETECTION_METHOD=kubernetes-internal-ip"
                            ],
                            undo: "kubectl -n \($0.namespace) set env daemonset/\($0.name) IP_AUTODETECTION_METHOD-",
                            risk: "agents restart one node after the other (an operator's Installation has "
                                + "nodeAddressAutodetectionV4 for it)", seconds: 120)
                    },
                    prevent: "state how the address is found; first-found takes whatever comes first",
                    deadEnds: ["opening TCP 179: nobody listens for it at that address"]))
        }
        return found
    }

    /// The first address of the bridge that a program makes unless it is told otherwise (dockerd's --bip, libvirt's
    /// default network, podman's and CRI-O's packaged configurations), where no other node is of that network.
    private static func usualBridge(of address: IPAddress, _ node: BGPGraph.Node, _ graph: BGPGraph) -> String? {
        let bridges = [
            "172.17.0.1": "docker0", "192.168.122.1": "virbr0", "10.88.0.1": "cni-podman0",
            "10.85.0.1": "cni0 of CRI-O",
        ]
        guard let name = bridges["\(address)"] else { return nil }
        let network = IPPrefix(containing: address, length: 16)
        let isTheirs = graph.nodes.contains { other in
            other.object.name != node.object.name
                && other.object.nodeAddresses().contains { IPAddress($0).map(network.contains) ?? false }
        }
        return isTheirs ? nil : name
    }

    /// One node announces an address of a network where no other one is, and nobody has a session with it.
    private static func isAlone(_ node: BGPGraph.Node, _ graph: BGPGraph, _ facts: FactBase) -> Bool {
        guard let address = node.address,
            let text = node.object.annotations["projectcalico.org/IPv4Address"]?.split(separator: "/"), text.count == 2,
            let length = Int(text[1]), (8...address.family.bitWidth).contains(length),
            graph.nodes.count > 2
        else { return false }
        let prefix = IPPrefix(containing: address, length: length)
        let others = graph.nodes.filter { $0.object.name != node.object.name }
        let areTogether = others.allSatisfy { other in
            other.address.map { other.object.nodeAddresses().contains("\($0)") && !prefix.contains($0) } ?? false
        }
        return areTogether && BGPSession.all(facts).contains { $0.peer == address && !$0.isEstablished }
            && !BGPSession.all(facts).contains { $0.peer == address && $0.isEstablished }
    }

    private static func device(of address: IPAddress, on node: String, _ facts: FactBase) -> String? {
        guard let machine = facts.machines.first(where: { $0.name == node }), let list = machine.json(.addresses),
            list.kind == .array
        else { return nil }
        for link in list.elements {
            for info in link.member("addr_info").map({ Array($0.elements) }) ?? []
            where info.member("local")?.string.flatMap({ IPAddress($0) }) == address {
                return link.member("ifname")?.string
            }
        }
        return nil
    }
}
