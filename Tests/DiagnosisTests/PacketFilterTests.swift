import Addressing
import JSONTree
import Testing

@testable import Diagnosis

/// Packets through rules as iptables-save and nft print them.
@Suite struct PacketFilterTests {
    private static let rules = """
        *nat
        :PREROUTING ACCEPT [0:0]
        :POSTROUTING ACCEPT [0:0]
        :OUTPUT ACCEPT [0:0]
        :KUBE-SERVICES - [0:0]
        :KUBE-SVC-A - [0:0]
        :KUBE-SEP-1 - [0:0]
        :KUBE-SEP-2 - [0:0]
        :KUBE-MARK-MASQ - [0:0]
        :KUBE-POSTROUTING - [0:0]
        -A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
        -A OUTPUT -j KUBE-SERVICES
        -A POSTROUTING -j KUBE-POSTROUTING
        -A POSTROUTING -s 10.244.0.0/16 ! -d 10.244.0.0/16 -j MASQUERADE --random-fully
        -A KUBE-SERVICES -d 10.96.0.10/32 -p udp -m comment --comment "kube-system/kube-dns:dns cluster IP" -m udp --dport 53 -j KUBE-SVC-A
        -A KUBE-SVC-A ! -s 10.244.0.0/16 -j KUBE-MARK-MASQ
        -A KUBE-SVC-A -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-1
        -A KUBE-SVC-A -j KUBE-SEP-2
        -A KUBE-SEP-1 -p udp -m udp -j DNAT --to-destination 10.244.1.5:5353
        -A KUBE-SEP-2 -p udp -m udp -j DNAT --to-destination 10.244.2.6:5353
        -A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
        -A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
        -A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0
        -A KUBE-POSTROUTING -j MASQUERADE
        COMMIT
        *filter
        :INPUT DROP [0:0]
        :FORWARD DROP [0:0]
        :OUTPUT ACCEPT [0:0]
        -A INPUT -i lo -j ACCEPT
        -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
        -A INPUT -p tcp -m multiport --dports 22,10250:10260 -j ACCEPT
        -A INPUT -p tcp -m tcp --dport 8443 -m recent --rcheck --name door -j ACCEPT
        -A FORWARD -m set --match-set pods src,dst -j ACCEPT
        -A FORWARD -m set --match-set pods src -j ACCEPT
        -A FORWARD -m set --match-set pods dst -j ACCEPT
        -A FORWARD -j REJECT --reject-with icmp-host-prohibited
        COMMIT
        """

    private static func simulation() throws -> PacketFilterSimulation {
        var filter = PacketFilter()
        let sets = PacketFilter.sets(ofIPSetSave: "create pods hash:net family inet\nadd pods 10.244.0.0/16")
        filter.read(iptables: Array(rules.utf8), program: "iptables", family: .v4, sets: sets)
        return PacketFilterSimulation(filter, localAddresses: [try #require(IPAddress("10.0.0.1"))])
    }

    private static func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

    @Test func aServiceIsTranslatedToAllItsEndpoints() throws {
        let packet = PacketFilterSimulation.Packet(
            from: try Self.address("10.0.0.1"), to: try Self.address("10.96.0.10"), "udp", port: 53, output: "eth0")
        let outcome = try Self.simulation().pass(packet, through: [.output, .postrouting])
        #expect(outcome.verdict == .accepted)
        #expect(
            Set(outcome.packets.map { "\($0.destination):\($0.destinationPort)" }) == [
                "10.244.1.5:5353", "10.244.2.6:5353",
            ])
        // From outside the pods' range, so that it is marked and gets the node's address.
        #expect(outcome.isSourceTranslated)
    }

    @Test(arguments: [
        ("10.0.0.9", "10.0.0.1", "tcp", 22, "new", "accepted"),
        ("10.0.0.9", "10.0.0.1", "tcp", 10255, "new", "accepted"),
        ("10.0.0.9", "10.0.0.1", "udp", 8472, "new", "dropped"),
        ("10.0.0.9", "10.0.0.1", "udp", 8472, "established", "accepted"),
        ("10.0.0.9", "10.0.0.1", "tcp", 80, "new", "dropped"),
        ("10.0.0.9", "10.0.0.1", "tcp", 8443, "new", "cannot say"),
    ])
    func whatComesIn(
        _ from: String, _ to: String, _ transport: String, _ port: Int, _ state: String, _ expected: String
    ) throws {
        let packet = PacketFilterSimulation.Packet(
            from: try Self.address(from), to: try Self.address(to), transport, port: port, input: "eth0", state: state)
        let outcome = try Self.simulation().pass(packet, through: [.prerouting, .input])
        switch outcome.verdict {
        case .accepted: #expect(expected == "accepted")
        case .dropped:
            #expect(expected == "dropped")
            #expect(outcome.decidedBy == "iptables filter INPUT: policy DROP")
        case .rejected: #expect(expected == "rejected")
        case .cannotSay: #expect(expected == "cannot say")
        }
    }

    @Test(arguments: [
        ("10.244.1.5", "10.244.2.6", false, true), ("10.244.1.5", "198.51.100.1", true, true),
        ("172.16.0.1", "172.16.0.2", false, false),
    ])
    func whatIsPassedOn(_ from: String, _ to: String, _ isTranslated: Bool, _ passes: Bool) throws {
        let packet = PacketFilterSimulation.Packet(
            from: try Self.address(from), to: try Self.address(to), "tcp", port: 443, input: "cni0", output: "eth0")
        let outcome = try Self.simulation().pass(packet, through: [.prerouting, .forward, .postrouting])
        #expect(outcome.verdict == (passes ? .accepted : .rejected("icmp-host-prohibited")))
        if passes { #expect(outcome.isSourceTranslated == isTranslated) }
    }

    /// Connection tracking does not see it, so that nat is not asked (net/netfilter/nf_nat_core.c).
    @Test(arguments: [("-j NOTRACK", "10.96.0.10"), ("-j CT --notrack", "10.96.0.10"), ("-j ACCEPT", "10.244.1.5")])
    func whatIsNotTrackedIsNotTranslated(_ target: String, _ expected: String) throws {
        let rules = """
            *raw
            :PREROUTING ACCEPT [0:0]
            -A PREROUTING -d 10.96.0.0/12 \(target)
            COMMIT
            *nat
            :PREROUTING ACCEPT [0:0]
            -A PREROUTING -d 10.96.0.10/32 -p udp -m udp --dport 53 -j DNAT --to-destination 10.244.1.5:5353
            COMMIT
            """
        var filter = PacketFilter()
        filter.read(iptables: Array(rules.utf8), program: "iptables", family: .v4, sets: [:])
        let outcome = PacketFilterSimulation(filter, localAddresses: []).pass(
            .init(
                from: try Self.address("10.244.1.9"), to: try Self.address("10.96.0.10"), "udp", port: 53,
                input: "cni0"), through: [.prerouting])
        #expect(outcome.verdict == .accepted)
        #expect(outcome.packets.map { "\($0.destination)" } == [expected])
    }

    /// A chain at an interface sees what comes in by it alone; one of a bridge sees only what stays on the bridge.
    @Test func chainsOfInterfacesAndBridges() throws {
        let text = """
            {"nftables":[{"table":{"family":"netdev","name":"n"}},
            {"chain":{"family":"netdev","table":"n","name":"c","type":"filter","hook":"ingress","dev":"eth0","prio":0,"policy":"accept"}},
            {"rule":{"family":"netdev","table":"n","chain":"c","expr":[{"match":{"op":"==","left":{"payload":{"protocol":"udp","field":"dport"}},"right":8472}},{"drop":null}]}},
            {"table":{"family":"bridge","name":"b"}},
            {"chain":{"family":"bridge","table":"b","name":"f","type":"filter","hook":"forward","prio":0,"policy":"accept"}},
            {"rule":{"family":"bridge","table":"b","chain":"f","expr":[{"match":{"op":"==","left":{"payload":{"protocol":"ether","field":"type"}},"right":"ip"}},{"drop":null}]}}]}
            """
        var filter = PacketFilter()
        filter.read(nftables: try JSONTree(parsing: text).root)
        let simulation = PacketFilterSimulation(filter, localAddresses: [])
        func verdict(_ input: String, _ hooks: [PacketFilter.Hook], isBridged: Bool = false) throws
            -> PacketFilterSimulation.Outcome.Verdict
        {
            simulation.pass(
                .init(
                    from: try Self.address("10.0.0.9"), to: try Self.address("10.0.0.1"), "udp", port: 8472,
                    input: input), through: hooks, isBridged: isBridged
            ).verdict
        }
        #expect(try verdict("eth0", PacketFilter.Hook.arriving) == .dropped)
        #expect(try verdict("eth1", PacketFilter.Hook.arriving) == .accepted)
        #expect(try verdict("eth1", PacketFilter.Hook.passing) == .accepted)
        #expect(try verdict("cni0", [.prerouting, .forward], isBridged: true) == .dropped)
    }

    @Test func verdictMapsAndRangesOfNFTables() throws {
        let text = """
            {"nftables":[{"table":{"family":"inet","name":"t"}},
            {"chain":{"family":"inet","table":"t","name":"in","type":"filter","hook":"input","prio":0,"policy":"accept"}},
            {"chain":{"family":"inet","table":"t","name":"web"}},
            {"rule":{"family":"inet","table":"t","chain":"in","expr":[{"vmap":{"key":{"ct":{"key":"state"}},
            "data":{"set":[["established",{"accept":null}],["invalid",{"drop":null}]]}}}]}},
            {"rule":{"family":"inet","table":"t","chain":"in","expr":[{"vmap":{"key":{"payload":{"protocol":"tcp","field":"dport"}},
            "data":{"set":[[{"range":[8000,8099]},{"jump":{"target":"web"}}],[22,{"accept":null}]]}}}]}},
            {"rule":{"family":"inet","table":"t","chain":"in","expr":[{"match":{"op":"!=","left":{"payload":{"protocol":"ip","field":"saddr"}},
            "right":{"prefix":{"addr":"10.0.0.0","len":8}}}},{"drop":null}]}},
            {"rule":{"family":"inet","table":"t","chain":"web","expr":[{"counter":{"packets":0,"bytes":0}},{"drop":null}]}}]}
            """
        var filter = PacketFilter()
        filter.read(nftables: try JSONTree(parsing: text).root)
        let simulation = PacketFilterSimulation(filter, localAddresses: [])
        func verdict(_ from: String, _ port: Int, _ state: String = "new") throws
            -> PacketFilterSimulation.Outcome.Verdict
        {
            simulation.pass(
                .init(
                    from: try Self.address(from), to: try Self.address("10.0.0.1"), "tcp", port: port, input: "eth0",
                    state: state),
                through: [.prerouting, .input]
            ).verdict
        }
        #expect(try verdict("10.0.0.9", 8042) == .dropped)
        #expect(try verdict("10.0.0.9", 8042, "established") == .accepted)
        #expect(try verdict("10.0.0.9", 8100) == .accepted)
        #expect(try verdict("192.0.2.1", 8100) == .dropped)
    }
}

/// Directories of runtimes, and what a settings file says.
@Suite struct MachineReadingTests {
    @Test func directoriesOfContainerd() {
        let text = """
            version = 2
            [plugins."io.containerd.grpc.v1.cri".cni]
              bin_dir = "/usr/lib/cni"   # Debian
              conf_dir = "/etc/cni/other.d/"
            [plugins."io.containerd.grpc.v1.cri".registry]
              conf_dir = "/nothing"
            """
        let found = RuntimeDirectories(runtime: "containerd://1.7.2", files: ["/etc/containerd/config.toml": text])
        #expect(found.configuration == "/etc/cni/other.d")
        #expect(found.programs == ["/usr/lib/cni"])
    }

    @Test func directoriesOfCRIO() {
        let text =
            "[crio.network]\nnetwork_dir = \"/etc/cni/net.d\"\nplugin_dirs = [\n  \"/opt/cni/bin\",\n  \"/usr/libexec/cni\",\n]\n"
        let found = RuntimeDirectories(runtime: "cri-o://1.31.0", files: ["/etc/crio/crio.conf.d/10-x.conf": text])
        #expect(found.runtime == "cri-o")
        #expect(found.programs == ["/opt/cni/bin", "/usr/libexec/cni"])
    }

    @Test func filesOfAnotherRuntimeSayNothing() {
        let text = "[plugins.cri.cni]\nbin_dir = \"/usr/lib/cni\"\n"
        let found = RuntimeDirectories(runtime: "poplin://0.1", files: ["/etc/containerd/config.toml": text])
        #expect(found.programs == ["/opt/cni/bin"])
    }

    @Test func theLargerOfAllAndOwnCounts() {
        let sysctls = Sysctls(
            "net.ipv4.conf.all.rp_filter = 0\nnet.ipv4.conf.flannel/1.rp_filter = 2\nnet.ipv4.conf.eth0.rp_filter = 1")
        #expect(sysctls.reversePathFilter(of: "flannel.1") == 2)
        #expect(sysctls.reversePathFilter(of: "eth0") == 1)
        #expect(sysctls.interfaces == ["eth0", "flannel.1"])
    }
}
