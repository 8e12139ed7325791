import Addressing
import Fabric
import Findings
import JSONTree
import Testing

@Suite struct FabricConfigurationTests {
    private func configuration(_ netConf: String, _ poplin: String? = nil) throws -> FabricConfiguration {
        let reading = FabricConfiguration.read(netConf: netConf, poplin: poplin)
        #expect(reading.findings.map(\.message) == [])
        return try #require(reading.configuration)
    }

    private func messages(_ netConf: String, _ poplin: String? = nil) -> [String] {
        let reading = FabricConfiguration.read(netConf: netConf, poplin: poplin)
        return reading.findings.map { "\($0.severity.rawValue) \($0.message)" + ($0.next.map { " | \($0)" } ?? "") }
    }

    @Test func whatFlannelsManifestSays() throws {
        let read = try configuration(
            #"{"Network": "10.244.0.0/16", "EnableNFTables": false, "Backend": {"Type": "vxlan"}}"#)
        #expect(read.networks.map(\.description) == ["10.244.0.0/16"])
        #expect(read.backend == .vxlan(.init(identifier: 1, port: 8472)))
        #expect(read.backend.vxlan?.interfaceName == "poplin.1")
        #expect(read.mtu == nil)
        #expect(read.masquerade.isOn)
        #expect(read.ipam.mode == .kubernetes)
    }

    @Test func keysMatchInAnyCaseAndTheLastOneWins() throws {
        let read = try configuration(
            #"""
            {"network": "10.1.0.0/16", "NETWORK": "10.2.0.0/16", "enableIPV6": true, "ipv6network": "fd00::/48",
             "backend": {"type": "VXLAN", "vni": 4096, "port": 4789, "directrouting": true, "mtu": 1400}}
            """#)
        #expect(read.networks.map(\.description) == ["10.2.0.0/16", "fd00::/48"])
        #expect(read.backend == .vxlan(.init(identifier: 4096, port: 4789, directRouting: true)))
        #expect(read.mtu == 1400)
    }

    @Test func ours() throws {
        let read = try configuration(
            #"{"Network": "10.1.0.0/16", "Backend": {"Type": "host-gw"}}"#,
            #"""
            {"ipam": {"mode": "cluster-pool", "cooldownSeconds": 300, "maxBlocksPerNode": 4}, "masquerade": false,
             "nonMasqueradeCIDRs": ["192.168.0.0/16", "fd00::/8"], "serviceCIDRs": ["10.96.0.0/12"], "mtu": 1380,
             "underlay": {"family": "ipv6", "interface": "eth1"}, "transmitChecksum": "off"}
            """#)
        #expect(read.backend == .hostGateway)
        #expect(read.ipam.mode == .clusterPool)
        #expect(read.ipam.cooldown == 300)
        #expect(read.ipam.mostBlocksPerNode == 4)
        #expect(!read.masquerade.isOn)
        #expect(read.masquerade.nonMasqueradeCIDRs.count == 2)
        #expect(read.serviceCIDRs.map(\.description) == ["10.96.0.0/12"])
        #expect(read.mtu == 1380)
        #expect(read.underlay == .ipv6)
        #expect(read.underlayInterface == "eth1")
        #expect(read.transmitChecksum == .off)
    }

    @Test(arguments: [
        (
            #"{"Network": "10.1.0.0/16", "Backend": {"Type": "vxlann"}}"#,
            #"error net-conf.json:1:48: Backend.Type "vxlann" is not known | did you mean "vxlan"?"#
        ),
        (
            #"{"Network": "10.1.0.0/16", "Backend": {"Type": "ipip"}}"#,
            #"error net-conf.json:1:48: Backend.Type "ipip" is one of Flannel's that Poplin does not have | Poplin has vxlan and host-gw"#
        ),
        (
            #"{"Network": "10.1.2.0/16"}"#,
            #"error net-conf.json:1:13: Network: "10.1.2.0/16" is not a network prefix: host bits are set, did you mean 10.1.0.0/16?"#
        ),
        (
            #"{"Network": "10.1.0.0/16", "IPv6Network": "fd00::/48"}"#,
            #"warning net-conf.json:1:43: IPv6Network has no effect: EnableIPv6 is false when not said | add "EnableIPv6": true, or remove it"#
        ),
        (
            #"{"EnableIPv4": false, "Network": "10.1.0.0/16", "EnableIPv6": true, "IPv6Network": "fd00::/48"}"#,
            #"warning net-conf.json:1:34: Network has no effect: EnableIPv4 is false | add "EnableIPv4": true, or remove it"#
        ),
        (#"{"Network": "fd00::/48"}"#, "error net-conf.json:1:13: Network fd00::/48 is IPv6, IPv4 belongs here"),
        (
            #"{"Backend": {"Type": "vxlan"}}"#,
            #"error net-conf.json:1:1: Network is missing, and EnableIPv4 is true when not said | add "Network": the cluster's IPv4 pod range, as --cluster-cidr has it"#
        ),
        (
            #"{"Network": "10.1.0.0/16", "Backend": {"Type": "vxlan", "VNI": 16777216}}"#,
            "error net-conf.json:1:64: Backend.VNI must be 0...16777215, it is 16777216"
        ),
        (
            #"{"Network": "10.1.0.0/16", "Backend": {"Type": "vxlan", "Port": "8472"}}"#,
            "error net-conf.json:1:65: Backend.Port must be a whole number, it is a string"
        ),
        (
            #"{"Network": "10.1.0.0/16", "Backend": {"Type": "vxlan", "Learning": true}}"#,
            "error net-conf.json:1:69: Backend.Learning true is not supported: the agent keeps the forwarding entries, and learning would let any sender change them | remove it"
        ),
        (
            #"{"Network": "10.1.0.0/16", "SubnetLen": 24}"#,
            "warning net-conf.json:1:41: SubnetLen has no effect: a node's range comes from spec.podCIDRs or from its pools | set the controller manager's --node-cidr-mask-size, or blockSize of the IPPool"
        ),
        (
            #"{"Netwrok": "10.1.0.0/16", "Network": "10.1.0.0/16"}"#,
            #"warning net-conf.json:1:2: Netwrok is not a known key and has no effect | did you mean "Network"?"#
        ),
        ("[1]", "error net-conf.json:1:1: the document must be an object, it is an array"),
    ])
    func badInputIsNamedWithItsPlace(netConf: String, message: String) {
        #expect(messages(netConf) == [message])
    }

    @Test(arguments: [
        (
            #"{"ipam": {"mode": "clusterpool"}}"#,
            #"error poplin.json:1:19: ipam.mode "clusterpool" is none of kubernetes, cluster-pool | did you mean "cluster-pool"?"#
        ),
        (#"{"masquerde": true}"#, #"error poplin.json:1:2: masquerde is not a known key | did you mean "masquerade"?"#),
        (
            #"{"ipam": {"cooldownSeconds": 30}}"#,
            "warning poplin.json:1:30: ipam.cooldownSeconds 30 is shorter than the 120 s for which the kernel remembers an unanswered connection | a new pod may get packets meant for the one that had its address before"
        ),
        (
            #"{"nonMasqueradeCIDRs": "10.0.0.0/8"}"#,
            "error poplin.json:1:24: nonMasqueradeCIDRs must be a list of networks, it is a string"
        ),
        (#"{"mtu": 40}"#, "error poplin.json:1:9: mtu must be at least 68"),
    ])
    func badInputOfOursIsNamedWithItsPlace(poplin: String, message: String) {
        #expect(messages(#"{"Network": "10.1.0.0/16"}"#, poplin) == [message])
    }

    @Test func whatIsNoJSONShowsTheLine() {
        let reading = FabricConfiguration.read(netConf: "{\n  \"Network\": \"10.1.0.0/16\",\n}", poplin: nil)
        #expect(reading.configuration == nil)
        let text = reading.findings.map { $0.rendered() }.joined()
        // The sentence alone has the place, too: logs and the Node's condition show no more.
        #expect(text.contains("net-conf.json:2:27: this is not JSON: "), "\(text)")
        #expect(
            FabricConfiguration.read(netConf: nil, poplin: nil).findings.first?.message.contains("net-conf.json")
                == true)
    }

    @Test func rangesThatMustLieApart() throws {
        var configuration = try configuration(#"{"Network": "10.96.0.0/16"}"#, #"{"serviceCIDRs": ["10.96.0.0/12"]}"#)
        configuration.networks = [try IPPrefix(parsing: "10.96.0.0/16")]
        let underlay = Underlay(
            interface: "eth0", mtu: 1500, addresses: [],
            foreignRoutes: [
                .init(destination: try IPPrefix(parsing: "10.96.4.0/24"), interface: "docker0"),
                .init(destination: try IPPrefix(parsing: "192.0.2.0/24"), interface: "eth0"),
            ])
        let node = FabricNode(name: "a", addresses: [try IPAddress(parsing: "192.0.2.1")])
        let found = AddressConflicts.findings(
            AddressConflicts.claims(
                configuration, underlay: underlay, nodes: [node],
                pools: [
                    ("default", [try IPPrefix(parsing: "10.96.0.0/20")]),
                    ("b", [try IPPrefix(parsing: "10.96.8.0/24")]),
                ]))
        let texts = found.map(\.message)
        #expect(texts.count == 6, "\(texts)")
        #expect(
            texts.contains(
                "ConfigMap poplin-config: net-conf.json: Network: the pod range 10.96.0.0/16 overlaps the service range "
                    + "10.96.0.0/12 of ConfigMap poplin-config: poplin.json: serviceCIDRs[0]"))
        #expect(
            texts.contains(
                "IPPool b: spec.cidrs[0]: the pool 10.96.8.0/24 overlaps the pool 10.96.0.0/20 of IPPool default: spec.cidrs[0]"
            ))
        #expect(texts.contains { $0.contains("a route over docker0") && $0.contains("Network") })
    }
}
