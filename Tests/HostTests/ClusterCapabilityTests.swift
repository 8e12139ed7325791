import AgentProtocol
import Foundation
import Glibc
import Testing

/// What a runtime asks of the cluster plugin through capabilities; `nft`, `tc` and traffic are the witnesses.
@Suite(.enabled(if: getuid() == 0, "needs root")) struct ClusterCapabilityTests {
    private static let wishes: JSON = [
        "portMappings": [["hostPort": 8080, "containerPort": 80, "protocol": "tcp"]],
        "bandwidth": [
            "ingressRate": 8_000_000, "ingressBurst": 800_000, "egressRate": 16_000_000, "egressBurst": 1_600_000,
        ],
    ]

    private func network(_ node: TestNode, _ agent: FakeAgent) throws -> Network {
        try Network(
            node,
            [
                "type": "poplin", "agentSocket": .string(agent.path), "nodeName": "node-a",
                "capabilities": ["portMappings": true, "bandwidth": true],
            ], name: "poplin", version: "1.1.0")
    }

    private func ruleset(_ node: TestNode) throws -> String {
        try node.namespace.check(["nft", "list", "ruleset"]).stdout
    }

    private func limiters(_ node: TestNode) throws -> String {
        try node.namespace.check(["ip", "-o", "link", "show", "type", "ifb"]).stdout
    }

    @Test func portsAndLimitsComeAndGoWithThePod() throws {
        try TestNode.with { node in
            let outside = try node.makeNeighbour()
            try outside.check(["ip", "route", "add", "10.64.1.0/24", "via", "198.51.100.1"])
            let agent = try FakeAgent(node)
            let pod = try node.makeNamespace()
            let attachment = try network(node, agent).attachment(pod, capabilities: Self.wishes)
            let added = try attachment.add()
            #expect(added.succeeded, "\(added)")
            let result = try #require(added.json)
            #expect(
                try Traffic.send(.tcp, from: outside, to: "198.51.100.1", port: 8080, server: pod, serverPort: 80)
                    == .reached(from: "198.51.100.2"))
            let host = try #require(result["interfaces"]?[0]?["name"]?.string)
            let limiter = try #require(result["interfaces"]?[2]?["name"]?.string)
            #expect(try node.namespace.check(["tc", "qdisc", "show", "dev", host]).stdout.contains("rate 8Mbit"))
            #expect(try node.namespace.check(["tc", "qdisc", "show", "dev", limiter]).stdout.contains("rate 16Mbit"))
            let check = try attachment.check(result)
            #expect(check.succeeded, "\(check)")
            // The agent is told of the link, and takes nothing over here: the plugin removes everything itself.
            for _ in 0..<2 {
                let gone = try attachment.delete(result)
                #expect(gone.succeeded, "\(gone)")
            }
            #expect(try ruleset(node) == "")
            #expect(try limiters(node) == "")
            #expect(agent.held.isEmpty)
        }
    }

    /// A family, as the two ends have it.
    struct Family: Sendable, CustomTestStringConvertible {
        var name: String
        var route: [String]
        /// The node's, where the host port is, and the neighbour's.
        var node: String
        var neighbour: String
        /// `nft`'s words for an address and its type, and the pods of two nodes.
        var words: (address: String, type: String, pods: String)
        var testDescription: String { name }

        static let both = [
            Family(
                name: "ipv4", route: ["ip", "route", "add", "10.64.1.0/24", "via", "198.51.100.1"],
                node: "198.51.100.1", neighbour: "198.51.100.2",
                words: ("ip", "ipv4_addr", "10.64.1.0/24, 198.51.100.2")),
            Family(
                name: "ipv6", route: ["ip", "-6", "route", "add", "fd64:1::/64", "via", "2001:db8:51::1"],
                node: "2001:db8:51::1", neighbour: "2001:db8:51::2",
                words: ("ip6", "ipv6_addr", "fd64:1::/64, 2001:db8:51::2")),
        ]
    }

    /// An agent keeps packets between pods out of connection tracking, and the neighbour stands for a pod of another node.
    /// What a pod with a host port says is found to be an answer all the same, and its own connections are whole.
    @Test(arguments: Family.both) func podsWithHostPortsAreTrackedWhereNothingElseIs(_ family: Family) throws {
        try TestNode.with { node in
            let outside = try node.makeNeighbour()
            try outside.check(family.route)
            let agent = try FakeAgent(node)
            let network = try network(node, agent)
            let (pod, plain) = (try node.makeNamespace(), try node.makeNamespace())
            let attachment = network.attachment(pod, container: "c1", capabilities: Self.wishes)
            let added = try attachment.add()
            #expect(added.succeeded, "\(added)")
            let other = try network.attachment(plain, container: "c2").add()
            #expect(other.succeeded, "\(other)")
            let published = try Self.address(in: added, family)
            let address = try Self.address(in: other, family)
            // As in the agent's own table.
            let (word, type, pods) = family.words
            try node.namespace.check(
                ["nft", "-f", "-"],
                stdin: """
                    table inet agent {
                        set pods { type \(type); flags interval; elements = { \(pods) } }
                        chain arriving {
                            type filter hook prerouting priority raw;
                            \(word) saddr @pods \(word) daddr @pods meta mark & 0x2000 == 0 notrack accept
                        }
                        chain seen {
                            type filter hook forward priority 0;
                            meta mark & 0x2000 != 0 counter
                        }
                    }

                    """)
            func throughHostPort() throws -> Traffic.Outcome {
                try Traffic.send(.tcp, from: outside, to: family.node, port: 8080, server: pod, serverPort: 80)
            }
            #expect(try throughHostPort() == .reached(from: family.neighbour))
            #expect(
                try Traffic.send(.tcp, from: outside, to: address, port: 80, server: plain)
                    == .reached(from: family.neighbour))
            #expect(
                try Traffic.send(.tcp, from: pod, to: family.neighbour, port: 81, server: outside)
                    == .reached(from: published))
            let flows = try node.namespace.check(["conntrack", "-L", "-f", family.name]).stdout
            #expect(flows.contains("dst=\(family.node) ") && flows.contains("dport=81 "), "\(flows)")
            #expect(!flows.contains("=\(address) "), "\(flows)")
            // Nobody behind the two chains sees the mark.
            let seen = try node.namespace.check(["nft", "list", "chain", "inet", "agent", "seen"]).stdout
            #expect(seen.contains("counter packets 0 bytes 0"), "\(seen)")

            // Without the rules that mark, the answers come from an address that nobody asked.
            try node.namespace.check(["nft", "flush", "chain", "inet", "poplin_cni", "portmap_mark"])
            #expect(try throughHostPort() != .reached(from: family.neighbour))

            try node.namespace.check(["nft", "delete", "table", "inet", "agent"])
            let gone = try attachment.delete(added.json)
            #expect(gone.succeeded, "\(gone)")
            #expect(try ruleset(node) == "")
        }
    }

    private static func address(in answer: PluginAnswer, _ family: Family) throws -> String {
        let all = (answer.json?["ips"]?.elements ?? []).compactMap { $0["address"]?.string }
        let mine = all.first { $0.contains(":") == (family.name == "ipv6") }
        return try #require(mine?.split(separator: "/").first.map(String.init), "\(answer)")
    }

    @Test func aPortThatIsTakenUndoesTheWholePod() throws {
        try TestNode.with { node in
            let agent = try FakeAgent(node)
            let network = try network(node, agent)
            let (one, two) = (try node.makeNamespace(), try node.makeNamespace())
            let first = try network.attachment(one, container: "c1", capabilities: Self.wishes).add()
            #expect(first.succeeded, "\(first)")
            let second = try network.attachment(two, container: "c2", capabilities: Self.wishes).add()
            #expect(second.code == 102)
            #expect(second.message.contains("host port 8080/tcp is already published by poplin/c1/eth0"))
            #expect(agent.held.keys.map(\.containerID) == ["c1"])
            #expect(try node.namespace.check(["ip", "-o", "link", "show", "type", "veth"]).stdout.contains("pop"))
            #expect(try limiters(node).split(separator: "\n").count == 1)
            let garbage = try network.collectGarbage(keeping: [])
            #expect(garbage.succeeded, "\(garbage)")
            #expect(try ruleset(node) == "")
            #expect(try limiters(node) == "")
        }
    }

    /// A pod that asks for nothing has nothing of it.
    @Test func whoAsksForNothingPaysNothing() throws {
        try TestNode.with { node in
            let agent = try FakeAgent(node)
            let attachment = try network(node, agent).attachment(try node.makeNamespace())
            let added = try attachment.add()
            #expect(added.succeeded, "\(added)")
            #expect(try ruleset(node) == "")
            #expect(added.json?["interfaces"]?.elements.count == 2)
        }
    }
}
