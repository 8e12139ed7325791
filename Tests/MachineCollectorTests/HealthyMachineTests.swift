import Diagnosis
import Foundation
import JSONTree
import LinuxHost
import MachineCollector
import SystemCalls
import Testing

/// What is well gives no finding; what was broken in it gives the right one first.
@Suite(.enabled(if: WitnessNamespace.isPossible, "needs root and iproute2"))
struct HealthyMachineTests {
    /// A node as flannel makes it, in a namespace of its own, beside what the API would say of two nodes.
    private func evidence(_ namespace: WitnessNamespace) throws -> EvidenceTree {
        let home = try NetworkNamespace.open(NetworkNamespace.path(ofName: namespace.name))
        var tree = try home.run { MachineCollector(MachineCollectorOptions(node: "node-1")).collect() }
        // What of the machine is not the namespace's: files of the host are not this node's.
        var own = EvidenceTree(collectedAt: tree.collectedAt)
        for part in [
            NodeEvidence.Part.links, .addresses, .routes, .rules, .neighbours, .forwarding, .nftables, .iptables,
            .ip6tables, .sysctls,
        ] {
            let path = EvidencePath.node("node-1") + part.path
            if let document = tree[path] { own.add(document, at: path) }
        }
        tree = own
        func node(_ name: String, _ address: String, _ range: String, _ mac: String) -> String {
            """
            {"kind":"Node","metadata":{"name":"\(name)","annotations":{"flannel.alpha.coreos.com/backend-type":"vxlan",\
            "flannel.alpha.coreos.com/backend-data":"{\\"VNI\\":1,\\"VtepMAC\\":\\"\(mac)\\"}",\
            "flannel.alpha.coreos.com/public-ip":"\(address)"}},"spec":{"podCIDR":"\(range)"},\
            "status":{"addresses":[{"type":"InternalIP","address":"\(address)"}],\
            "conditions":[{"type":"Ready","status":"True"}]}}
            """
        }
        func pod(_ name: String, _ node: String, _ address: String) -> String {
            """
            {"kind":"Pod","metadata":{"namespace":"shop","name":"\(name)"},"spec":{"nodeName":"\(node)","containers":[]},\
            "status":{"phase":"Running","podIP":"\(address)","conditions":[{"type":"Ready","status":"True"}]}}
            """
        }
        let nodes = [
            node("node-1", "10.7.0.1", "10.244.1.0/24", "02:00:00:00:aa:01"),
            node("node-2", "10.7.0.2", "10.244.2.0/24", "02:00:00:00:aa:02"),
        ]
        let pods = [pod("a", "node-1", "10.244.1.5"), pod("b", "node-2", "10.244.2.5")]
        tree.add(
            "{\"kind\":\"NodeList\",\"items\":[\(nodes.joined(separator: ","))]}", at: EvidencePath.resource("nodes"),
            from: FactSource("nodes"))
        tree.add(
            "{\"kind\":\"PodList\",\"items\":[\(pods.joined(separator: ","))]}", at: EvidencePath.resource("pods"),
            from: FactSource("pods"))
        return tree
    }

    private func codes(_ namespace: WitnessNamespace) throws -> [String] {
        let report = DiagnosisReport(FactBase(reading: try evidence(namespace)), CheckList.all)
        return report.entries.map { "\($0.root.code) \($0.root.title)" }
    }

    private static let flannel = """
        ip link set lo up
        ip link add eth0 type veth peer name under
        ip link set under up
        ip addr add 10.7.0.1/24 dev eth0
        ip link set eth0 up
        ip route add default via 10.7.0.254
        ip link add flannel.1 address 02:00:00:00:aa:01 mtu 1450 type vxlan id 1 dev eth0 local 10.7.0.1 dstport 8472 nolearning
        ip addr add 10.244.1.0/32 dev flannel.1
        ip link set flannel.1 up
        ip link add cni0 type bridge
        ip link set cni0 mtu 1450
        ip addr add 10.244.1.1/24 dev cni0
        ip link set cni0 up
        ip link add veth1 mtu 1450 type veth peer name pod1 mtu 1450
        ip link set veth1 master cni0
        ip link set veth1 up
        ip link set pod1 up
        ip neigh add 10.244.2.0 lladdr 02:00:00:00:aa:02 dev flannel.1 nud permanent
        bridge fdb add 02:00:00:00:aa:02 dev flannel.1 dst 10.7.0.2 self permanent
        ip route add 10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink
        """

    /// What a person breaks, and what is then found first; nil for what does no harm.
    @Test(arguments: [
        ("true", nil), ("nft delete table ip flannel-ipv4", "RTE-14"),
        ("ip link set flannel.1 address 02:00:00:00:bb:01", "RTE-02"),
        ("bridge fdb del 02:00:00:00:aa:02 dev flannel.1 dst 10.7.0.2 self", "RTE-03"),
        ("ip neigh del 10.244.2.0 dev flannel.1", "RTE-03"),
        ("ip link set eth0 mtu 1460", "MTU-01"),
        ("sysctl net.ipv4.ip_forward 0", "RTE-09"),
        ("ip route add 10.7.0.2/32 via 10.244.2.0 dev flannel.1 onlink", "RTE-20"),
        (
            "nft add table inet strict && nft add chain inet strict f { type filter hook forward priority 0 ; policy drop ; }",
            "RTE-06"
        ),
        (
            "nft add table inet strict && nft add chain inet strict f { type filter hook forward priority 0 ; policy drop ; } && "
                + "nft add rule inet strict f ip saddr 10.244.0.0/16 accept && nft add rule inet strict f ip daddr 10.244.0.0/16 accept",
            nil
        ),
        (
            "nft add table ip host && nft add chain ip host i { type filter hook input priority 0 ; policy accept ; } && "
                + "nft add rule ip host i ct state established,related accept && nft add rule ip host i tcp dport { 22, 10250 } accept && "
                + "nft add rule ip host i iifname eth0 udp dport 8472 drop",
            "RTE-01"
        ),
        (
            "nft add table ip host && nft add chain ip host i { type filter hook input priority 0 ; policy drop ; } && "
                + "nft add rule ip host i ip saddr 10.7.0.0/24 udp dport { 8472, 4789 } accept && nft add rule ip host i icmp type 3 accept",
            nil
        ),
    ])
    func breakage(_ commands: String, _ expected: String?) throws {
        let namespace = try WitnessNamespace(Self.flannel)
        defer { namespace.remove() }
        try namespace.write("net/ipv4/ip_forward", "1")
        // As flannel translates in nftables: pods of this cluster, to anything that is none of it.
        for command in [
            "add table ip flannel-ipv4",
            "add chain ip flannel-ipv4 postrtg { type nat hook postrouting priority 100 ; policy accept ; }",
            "add rule ip flannel-ipv4 postrtg meta mark & 0x4000 == 0x4000 return",
            "add rule ip flannel-ipv4 postrtg ip saddr 10.244.0.0/16 ip daddr != { 10.244.0.0/16, 224.0.0.0/4 } masquerade",
        ] {
            try namespace.within(["nft"] + command.split(separator: " ").map(String.init))
        }
        for command in commands.components(separatedBy: " && ") where command != "true" {
            let words = command.split(separator: " ").map(String.init)
            if words[0] == "sysctl" {
                try namespace.write(words[1].split(separator: ".").joined(separator: "/"), words[2])
            } else if words[0] == "nft" {
                try namespace.within(words)
            } else {
                _ = try namespace.run(words[0], Array(words.dropFirst()))
            }
        }
        let found = try codes(namespace)
        if let expected {
            #expect(found.first?.hasPrefix(expected) ?? false, "\(commands): \(found)")
        } else {
            #expect(found.isEmpty, "\(commands): \(found)")
        }
    }

    /// The machine the tests run on is nobody's broken node.
    @Test func thisMachineHasNoFindings() {
        let evidence = MachineCollector(MachineCollectorOptions(node: "here")).collect()
        let report = DiagnosisReport(FactBase(reading: evidence), CheckList.all)
        let found = report.entries.map { "\($0.root.code) \($0.root.title)" }
        #expect(found.isEmpty, "\(found)")
    }
}
