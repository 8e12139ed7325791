import Addressing
import CNI
import JSONTree
import Netlink
import Testing

@testable import CNIPlugins

@Suite struct PortMappingConfigurationTests {
    private func configuration(_ members: String) throws -> PortMappingConfiguration {
        let text =
            #"{"cniVersion": "1.0.0", "name": "podnet", "type": "portmap"\#(members.isEmpty ? "" : ", ")\#(members)}"#
        return try PortMappingConfiguration(
            PluginConfiguration(parsing: Array(text.utf8), for: .add, supporting: CNIVersion.allCases))
    }

    private typealias Expression = NFTables.Expression

    @Test(arguments: [
        (#""conditionsV4": ["!", "-d", "192.0.2.0/24"]"#, #""conditionsV4": ["ip", "daddr", "!=", "192.0.2.0/24"]"#),
        (#""conditionsV4": ["-s", "192.0.2.1"]"#, #""conditionsV4": ["ip", "saddr", "192.0.2.1"]"#),
        (#""conditionsV4": ["--source", "192.0.2.7/24"]"#, #""conditionsV4": ["ip", "saddr", "==", "192.0.2.0/24"]"#),
        (#""conditionsV6": ["!", "--dst", "fc00::/7"]"#, #""conditionsV6": ["ip6", "daddr", "!=", "fc00::/7"]"#),
        (#""conditionsV4": ["-i", "eth0"]"#, #""conditionsV4": ["iifname", "eth0"]"#),
        (#""conditionsV4": ["!", "-i", "eth+"]"#, #""conditionsV4": ["iifname", "!=", "\"eth*\""]"#),
        (
            #""conditionsV4": ["-m", "comment", "--comment", "why", "-s", "10.0.0.0/8", "!", "-d", "10.1.0.0/16"]"#,
            #""conditionsV4": ["ip", "saddr", "10.0.0.0/8", "ip", "daddr", "!=", "10.1.0.0/16"]"#
        ),
    ])
    func bothLanguagesSayTheSame(_ iptables: String, _ nft: String) throws {
        let first = try configuration(iptables)
        let second = try configuration(nft)
        #expect(first.conditions.mapValues(\.expressions) == second.conditions.mapValues(\.expressions))
        #expect(first.group == second.group)
        #expect(first.group.count == 8)
        #expect(try configuration("").group == "")
    }

    @Test(arguments: [
        (#""conditionsV4": ["-p", "tcp"]"#, "conditionsV4[0]", "\"-p\" is not an iptables match that is translated"),
        (#""conditionsV4": ["-m", "set", "--match-set", "x", "src"]"#, "conditionsV4[1]", "\"set\""),
        (#""conditionsV4": ["ip", "dscp", "1"]"#, "conditionsV4[1]", "\"ip dscp\""),
        (#""conditionsV4": ["ct", "state", "new"]"#, "conditionsV4[0]", "\"ct\""),
        (#""conditionsV4": ["ip6", "saddr", "::1"]"#, "conditionsV4[0]", "is for the other family"),
        (#""conditionsV4": ["-s", "fd00::/8"]"#, "conditionsV4[1]", "must be an IPv4 address or prefix"),
        (#""conditionsV4": ["-s", "10.0.0.0/33"]"#, "conditionsV4[1]", ""),
        (#""conditionsV4": ["-s"]"#, "conditionsV4[0]", "needs a value after it"),
        (#""conditionsV4": ["!"]"#, "conditionsV4[0]", "needs a value after it"),
        (#""conditionsV4": ["-i", "+"]"#, "conditionsV4[1]", "is no interface name"),
        (#""conditionsV4": "-s 10.0.0.1""#, "conditionsV4", "must be an array"),
        (#""conditionsV4": ["-s", "10.0.0.1"], "backend": "nftables""#, "conditionsV4", "in the language of iptables"),
        (#""markMasqBit": 32"#, "markMasqBit", "from 0 to 31"),
        (#""markMasqBit": 5, "externalSetMarkChain": "KUBE-MARK-MASQ""#, "externalSetMarkChain", "markMasqBit"),
        (#""backend": "ebtables""#, "backend", ""),
        (#""snat": "yes""#, "snat", "must be"),
    ])
    func whatIsNotUnderstoodIsRefusedByName(_ members: String, _ path: String, _ reason: String) throws {
        let error = #expect(throws: CNIError.self) { try configuration(members) }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.message.hasPrefix(path) == true, "\(String(describing: error))")
        #expect(reason.isEmpty || error?.message.contains(reason) == true, "\(String(describing: error))")
        #expect(error?.details.contains("^") == true)
    }

    @Test func oneHostPortMappedTwiceIsRefused() throws {
        let twice = try configuration(
            """
            "runtimeConfig": {"portMappings": [
              {"hostPort": 80, "containerPort": 8080, "protocol": "tcp"},
              {"hostPort": 80, "containerPort": 8081, "protocol": "tcp"}]}
            """)
        let error = #expect(throws: CNIError.self) { try twice.checkForDuplicates() }
        #expect(error?.message.contains("host port 80/tcp") == true)
        let same = try configuration(
            """
            "runtimeConfig": {"portMappings": [
              {"hostPort": 80, "containerPort": 8080, "protocol": "tcp"},
              {"hostPort": 80, "containerPort": 8080, "protocol": "TCP"},
              {"hostPort": 80, "containerPort": 8080, "protocol": "udp"},
              {"hostPort": 80, "containerPort": 8081, "protocol": "tcp", "hostIP": "192.0.2.1"}]}
            """)
        try same.checkForDuplicates()
        let owner = Packetfilter.Owner(network: "podnet", containerID: "c", interfaceName: "eth0")
        let entries = PortMappingRules(same).entries(owner, same, [InterfaceAddress("10.88.0.5/16")!])
        #expect(entries.map(\.set.name) == ["portmap4", "portmap4", "portmap4_ip", "portmap_pods4"])
    }

    @Test func keysAreDescribedAsPeopleWriteThem() {
        let plain = NFTables.Key(.protocolNumber(17), .port(5353))
        let bound = NFTables.Key(.address(IPAddress("192.0.2.1")!), .protocolNumber(6), .port(80))
        let v6 = NFTables.Key(.address(IPAddress("2001:db8::1")!), .protocolNumber(132), .port(9))
        #expect(PortMappingRules.describe(plain) == "5353/udp")
        #expect(PortMappingRules.describe(bound) == "192.0.2.1:80/tcp")
        #expect(PortMappingRules.describe(v6) == "[2001:db8::1]:9/sctp")
    }

    @Test func everyMapOfPortMappingIsFoundAmongTheTablesSets() {
        let names = [
            "portmap4", "portmap4_ip", "portmap4_0123abcd", "portmap4_ip_0123abcd", "portmap6", "portmap_pods4",
            "masquerade_pods4", "firewall_pods4",
        ]
        let found = PortMappingRules.all(among: names).map(\.name)
        #expect(Set(found) == Set(names.prefix(6)))
        #expect(found.count == 6)
    }
}

@Suite struct PacketfilterOwnerTests {
    @Test func commentsNameTheOwnerAndFitTheKernel() {
        let plain = Packetfilter.Owner(network: "pod-net.1", containerID: "3f2a", interfaceName: "eth0")
        #expect(plain.comment == "pod-net.1/3f2a/eth0")
        let long = String(repeating: "n", count: 200)
        let a = Packetfilter.Owner(network: long, containerID: long + "a", interfaceName: "eth0").comment
        let b = Packetfilter.Owner(network: long, containerID: long + "b", interfaceName: "eth0").comment
        #expect(a.utf8.count <= NFTables.UserData.longestComment)
        #expect(a != b)
        #expect(Packetfilter.Owner.isOf(network: long, a))
    }

    @Test(arguments: [
        ("podnet/c/eth0", true), ("podnet2/c/eth0", false), ("podnet", false), ("firewall/podnet", false),
        ("x/podnet/eth0", false), ("", false), ("podnet/a/b/c", false),
    ])
    func commentsOfANetwork(_ comment: String, _ isOf: Bool) {
        #expect(Packetfilter.Owner.isOf(network: "podnet", comment) == isOf)
    }

    @Test func chainNamesAreWordsThatNftReads() {
        #expect(Packetfilter.chainName("portmap", "fd00:10::/64") == "portmap/fd00_10__/64")
        #expect(Packetfilter.isNetworkChain("firewall/podnet"))
        #expect(!Packetfilter.isNetworkChain("firewall_forward"))
    }
}
