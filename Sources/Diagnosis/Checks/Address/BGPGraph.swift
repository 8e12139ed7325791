import Addressing

/// Who is meant to have a session with whom.
struct BGPGraph: Sendable {
    struct Node: Sendable {
        var object: APIObject
        /// What Calico took for the node's address.
        var address: IPAddress?
        var number: String?
        var isReflector: Bool
    }

    let nodes: [Node]
    let settings: APIObject?
    let peerObjects: [APIObject]

    init(_ facts: FactBase) {
        nodes = facts.objects("nodes").map { object in
            let annotations = object.annotations
            let text = annotations["projectcalico.org/IPv4Address"] ?? annotations["projectcalico.org/IPv6Address"]
            return Node(
                object: object,
                address: text.flatMap { IPAddress(String($0.split(separator: "/")[safe: 0] ?? "")) },
                number: annotations["projectcalico.org/ASNumber"],
                isReflector: annotations["projectcalico.org/RouteReflectorClusterID"] != nil)
        }
        settings = facts.objects("bgpconfigurations.crd.projectcalico.org", "bgpconfigurations.projectcalico.org")
            .first { $0.name == "default" }
        peerObjects = facts.objects("bgppeers.crd.projectcalico.org", "bgppeers.projectcalico.org")
    }

    var meshIsOff: Bool { settings?.bool("spec", "nodeToNodeMeshEnabled") == false }

    private func selects(_ peer: APIObject, _ node: Node) -> Bool {
        if let name = peer.text("spec", "node"), !name.isEmpty { return name == node.object.name }
        return CalicoPoolCheck.selects(peer.text("spec", "nodeSelector"), node.object.labels)
    }

    private func isPeer(_ peer: APIObject, _ node: Node) -> Bool {
        guard let selector = peer.text("spec", "peerSelector"), !selector.isEmpty else { return false }
        return CalicoPoolCheck.selects(selector, node.object.labels)
    }

    /// Peers a node has by objects, in either direction: a session that one side configures is one of both.
    func peers(of node: Node) -> [String] {
        var found: [String] = []
        for peer in peerObjects {
            if selects(peer, node) {
                if let address = peer.text("spec", "peerIP"), !address.isEmpty { found.append(address) }
                found += nodes.filter { isPeer(peer, $0) && $0.object.name != node.object.name }.map(\.object.name)
            }
            if isPeer(peer, node) {
                found += nodes.filter { selects(peer, $0) && $0.object.name != node.object.name }.map(\.object.name)
            }
        }
        return found
    }

    /// Nodes that every other one has as a peer and that pass on nothing: without a cluster id a node tells its iBGP peers
    /// only its own routes. Empty where some have sessions of their own with each other, or with routers.
    var silentReflectors: [Node] {
        if nodes.contains(where: \.isReflector) { return [] }
        if peerObjects.contains(where: { !($0.text("spec", "peerIP") ?? "").isEmpty }) { return [] }
        let numbers = Set(nodes.map { $0.number ?? "" })
        guard numbers.count == 1, nodes.count > 2 else { return [] }
        let hubs = nodes.filter { Set(peers(of: $0)).count == nodes.count - 1 }
        let spokes = nodes.filter { node in !hubs.contains { $0.object.name == node.object.name } }
        let names = Set(hubs.map(\.object.name))
        // Spokes that know each other need no reflector.
        let areApart = spokes.count > 1 && spokes.allSatisfy { Set(peers(of: $0)).isSubset(of: names) }
        return areApart ? hubs : []
    }

    func peerObject(_ session: BGPSession) -> APIObject? {
        peerObjects.first { peer in
            peer.text("spec", "peerIP").flatMap {
                IPAddress(String($0.split(separator: ":")[safe: 0] ?? "")) ?? IPAddress($0)
            }
                == session.peer
        }
    }

    /// A peer that is a node of this cluster and is told another AS number than the node has.
    func wrongNumber(_ session: BGPSession) -> String? {
        guard let object = peerObject(session), let stated = object.text("spec", "asNumber"),
            let node = nodes.first(where: { $0.address == session.peer })
        else { return nil }
        let real = node.number ?? settings?.text("spec", "asNumber") ?? "64512"
        return stated == real ? nil : "AS \(stated) is expected, \(node.object.name) has \(real)"
    }
}

extension Collection {
    /// Nil past the end.
    subscript(safe index: Index) -> Element? { indices.contains(index) ? self[index] : nil }
}
