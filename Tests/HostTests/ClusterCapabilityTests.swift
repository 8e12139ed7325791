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
