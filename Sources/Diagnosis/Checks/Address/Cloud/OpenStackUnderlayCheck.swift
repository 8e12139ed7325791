import Addressing
import JSONTree

/// What OpenStack lets leave the nodes' ports: where pods' packets travel as they are, port security drops every address
/// that is not the port's own and not among its allowed pairs (RTE-15).
struct OpenStackUnderlayCheck: Check {
    let name = "underlay of OpenStack"
    let codes = ["RTE-15"]
    let needs: [FactName] = [.objects("nodes")]

    func applies(to facts: FactBase) -> Bool { facts.hasCloud("openstack") }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        guard let answer = facts.cloudList("openstack", "port-show"),
            let plain = UnderlayEncapsulation.isPlain(facts)
        else { return [] }
        let owners = facts.nodesByAddress.mapValues(\.name)
        let pools = facts.objects("ippools.crd.projectcalico.org", "ippools.projectcalico.org")
            .compactMap { $0.text("spec", "cidr").flatMap { IPPrefix($0) } }
        let ranges = pools.isEmpty ? facts.objects("nodes").flatMap { facts.podRanges($0.name) } : pools
        var closed: [(node: String, address: String, pairs: [String])] = []
        for port in answer.items where port.member("port_security_enabled")?.bool == true {
            let addresses = port.list("fixed_ips").compactMap { $0.member("ip_address")?.string }
            guard let own = addresses.first(where: { IPAddress($0).flatMap { owners[$0] } != nil }),
                let node = IPAddress(own).flatMap({ owners[$0] })
            else { continue }
            let pairs = port.list("allowed_address_pairs").compactMap { pair in
                pair.member("ip_address")?.string.flatMap { text in
                    IPPrefix(text) ?? IPAddress(text).map { IPPrefix(containing: $0, length: $0.family.bitWidth) }
                }
            }
            let lets = ranges.contains { range in pairs.contains { $0.contains(range) || range.contains($0) } }
            if !lets, !ranges.isEmpty {
                let said = port.list("allowed_address_pairs").compactMap { $0.member("ip_address")?.string }
                closed.append((node, own, said))
            }
        }
        guard let first = closed.first else { return [] }
        let range = ranges[0]
        return [
            .machine(
                "RTE-15", "OpenStack drops pods' packets between nodes: no port may send for \(range)", .likely,
                at: closed.prefix(6).map { "Node/\($0.node)" },
                evidence: [
                    .init(
                        "\(first.address): port_security_enabled true, allowed_address_pairs \(first.pairs)",
                        from: answer.source),
                    .init(plain.text, from: plain.source),
                ],
                because: [
                    "port security lets a port send and receive with its own address alone, and nothing is encapsulated",
                    "pods of one node talk, pods of two do not",
                ],
                explains: closed.reduce(into: []) { $0.formUnion(facts.unreadyPods(on: $1.node)) },
                fix: .init(
                    [
                        "openstack port set --allowed-address ip-address=\(range) PORT   # of every node",
                        "or let the CNI encapsulate (Calico: vxlanMode CrossSubnet or Always)",
                    ], undo: "openstack port unset --allowed-address ip-address=\(range) PORT",
                    risk: "the node may send for its pods", seconds: 20),
                prevent: "put the pair into the template of the nodes' ports",
                needs: ["tcpdump on both nodes: does a pod's packet leave the one and not arrive at the other?"])
        ]
    }
}
