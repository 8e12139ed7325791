import JSONTree
import Testing

@testable import Diagnosis

/// Rules that are quoted, and rules that are advised, in the words of the program they are typed into.
@Suite struct LetThroughTests {
    // MARK: Quoting

    /// As `nft list ruleset` (1.0.6) prints what `nft -j list ruleset` gives as this, without counters.
    @Test(arguments: [
        (
            #"{"match":{"op":"==","left":{"meta":{"key":"nfproto"}},"right":"ipv4"}},{"match":{"op":"==","left":{"payload":{"protocol":"ip","field":"daddr"}},"right":{"prefix":{"addr":"10.244.1.0","len":24}}}},{"drop":null}"#,
            "ip daddr 10.244.1.0/24 drop"
        ),
        (
            #"{"match":{"op":"==","left":{"meta":{"key":"l4proto"}},"right":"udp"}},{"match":{"op":"==","left":{"payload":{"protocol":"udp","field":"dport"}},"right":8472}},{"counter":null},{"reject":{"type":"icmp","expr":"admin-prohibited"}}"#,
            "udp dport 8472 reject with icmp admin-prohibited"
        ),
        (
            #"{"match":{"op":"!=","left":{"meta":{"key":"iifname"}},"right":"eth0"}},{"match":{"op":"==","left":{"meta":{"key":"l4proto"}},"right":"tcp"}},{"jump":{"target":"cali-fw"}}"#,
            "iifname != \"eth0\" meta l4proto tcp jump cali-fw"
        ),
        (
            #"{"match":{"op":"in","left":{"ct":{"key":"state"}},"right":{"set":["established","related"]}}},{"accept":null}"#,
            "ct state { established, related } accept"
        ),
        (
            #"{"match":{"op":">","left":{"meta":{"key":"length"}},"right":{"range":[1000,65535]}}},{"drop":null}"#,
            "meta length > 1000-65535 drop"
        ),
        // What has no words here keeps its own.
        (#"{"tproxy":{"port":15001}},{"accept":null}"#, #"tproxy {"port":15001} accept"#),
    ])
    func rulesInTheirOwnWords(_ expressions: String, _ words: String) throws {
        let tree = try JSONTree(parsing: Array("[\(expressions)]".utf8))
        let text = NFTablesWords.rule(Array(tree.root.elements), comment: nil)
        #expect(text == words)
    }

    // MARK: Advising

    private static let ranges: [LetThrough.Match] = [
        .init(source: "10.244.0.0/16"), .init(destination: "10.244.0.0/16"),
    ]

    @Test(arguments: [
        (
            "nft", "inet", "foe", "f",
            [
                "nft insert rule inet foe f ip saddr 10.244.0.0/16 accept   # on node-2",
                "nft insert rule inet foe f ip daddr 10.244.0.0/16 accept",
            ]
        ),
        (
            "nft", "inet", "firewalld", "filter_FORWARD",
            [
                "firewall-cmd --permanent --zone=trusted --add-source=10.244.0.0/16   # on node-2",
                "firewall-cmd --reload",
            ]
        ),
        (
            "iptables-legacy", "ip", "filter", "DOCKER-USER",
            [
                "iptables-legacy -I FORWARD -s 10.244.0.0/16 -j ACCEPT   # on node-2",
                "iptables-legacy -I FORWARD -d 10.244.0.0/16 -j ACCEPT",
            ]
        ),
        (
            "iptables", "ip", "raw", "PREROUTING",
            [
                "iptables -I PREROUTING -t raw -s 10.244.0.0/16 -j ACCEPT   # on node-2",
                "iptables -I PREROUTING -t raw -d 10.244.0.0/16 -j ACCEPT",
            ]
        ),
    ])
    func inTheChainThatEndsThePackets(
        _ program: String, _ family: String, _ table: String, _ chain: String, _ steps: [String]
    ) {
        let decider = PacketFilterSimulation.Decider(
            program: program, family: family, table: table, chain: chain, isPolicy: false)
        let fix = LetThrough(decider, hook: "FORWARD", on: "node-2", matches: Self.ranges)
        #expect(fix.steps == steps)
    }

    @Test func thePortOfATunnel() {
        let match = LetThrough.Match(source: "192.168.101.0/24", transport: "udp", port: 8472)
        let decider = PacketFilterSimulation.Decider(
            program: "nft", family: "inet", table: "foe", chain: "in", isPolicy: true)
        #expect(
            LetThrough(decider, hook: "INPUT", on: "a", matches: [match]).steps
                == ["nft insert rule inet foe in ip saddr 192.168.101.0/24 udp dport 8472 accept   # on a"])
        #expect(
            LetThrough(nil, hook: "INPUT", on: "a", matches: [match]).steps
                == ["iptables -I INPUT -s 192.168.101.0/24 -p udp --dport 8472 -j ACCEPT   # on a"])
        let raw = LetThrough.Match(source: "192.0.2.9", transport: "4")
        #expect(
            LetThrough(decider, hook: "INPUT", on: "a", matches: [raw]).steps
                == ["nft insert rule inet foe in ip saddr 192.0.2.9 ip protocol 4 accept   # on a"])
    }

    // MARK: What was not handed in

    /// Of a cluster of which only some lists are there nothing found is no health.
    @Test(arguments: [(["pods"], false), (["nodes", "pods"], true), (["nodes"], false)])
    func halfACluster(_ resources: [String], isHealthy: Bool) {
        var evidence = ClusterEvidence()
        if resources.contains("pods") { evidence.addPod("web") }
        if resources.contains("nodes") {
            evidence.add(
                "nodes",
                #"{"metadata":{"name":"node-1"},"status":{"conditions":[{"type":"Ready","status":"True"}]}}"#)
        }
        let report = DiagnosisReport(evidence.facts, CheckList.all)
        #expect(report.entries.isEmpty)
        #expect(report.status == (isHealthy ? .healthy : .couldNotSay))
        let missing = isHealthy ? nil : resources.contains("nodes") ? "pods" : "nodes"
        #expect(
            report.headline.contains("the list of \(missing ?? "") is not there") == !isHealthy, "\(report.headline)")
    }

    /// What the agents of this network say of their nodes is told where no check has found why.
    @Test func whatAgentsSayOnTheirNodes() {
        var evidence = ClusterEvidence()
        evidence.addPod("web")
        for name in ["node-1", "node-2"] {
            evidence.add(
                "nodes",
                """
                {"metadata":{"name":"\(name)"},"status":{"conditions":[{"type":"Ready","status":"True"},
                {"type":"PodNetworkProblem","status":"True","message":"net-conf.json:1:46: Backend.Type is not known"}]}}
                """)
        }
        let report = DiagnosisReport(evidence.facts, CheckList.all)
        #expect(report.status == .couldNotSay)
        #expect(
            report.headline.contains("the agents of node-1, node-2 say: net-conf.json:1:46: Backend.Type is not known"),
            "\(report.headline)")
    }

    @Test func aClusterWithoutNodes() {
        var evidence = ClusterEvidence()
        evidence.addNone("nodes", "pods")
        let report = DiagnosisReport(evidence.facts, CheckList.all)
        #expect(report.status == .couldNotSay)
        #expect(report.headline.contains("this cluster has no node"), "\(report.headline)")
    }
}
