import Foundation
import Glibc
import Testing

/// A node whose plugins are replaced while containers run, and replaced back: what docs/how-to promises.
@Suite(.enabled(if: getuid() == 0, "needs root"))
struct InteroperationTests {
    /// Which plugins made a container, and which are there when it ends.
    enum Direction: String, CaseIterable, Sendable {
        case referenceToPoplin = "from the reference to Poplin"
        case poplinToReference = "from Poplin back to the reference"
    }

    @Test(arguments: Direction.allCases)
    func containersOutliveAChangeOfPlugins(_ direction: Direction) throws {
        let poplin = try PluginSet.poplin()
        let (before, after) = direction == .referenceToPoplin ? (.reference, poplin) : (poplin, PluginSet.reference)
        try TestNode.with { node in
            let old = try attachment(node, before, "old")
            let oldResult = try #require(try answer(try old.add()))

            // The new plugins go on in the same network: next address, same bridge.
            let new = try attachment(node, after, "new")
            let newResult = try #require(try answer(try new.add()))
            #expect(oldResult["ips"]?[0]?["address"] == "10.88.0.2/16")
            #expect(newResult["ips"]?[0]?["address"] == "10.88.0.3/16")
            #expect(newResult["ips"]?[1]?["address"] == "fd00:88::3/64")
            let (first, second) = (try #require(old.pod), try #require(new.pod))
            for (address, server) in [("10.88.0.3", second), ("fd00:88::3", second)] {
                let outcome = try Traffic.send(.tcp, from: first, to: address, port: 5000, server: server)
                #expect("\(outcome)".hasPrefix("reached"), "\(outcome)")
            }

            // The old container ends under the new plugins.
            let switched = Attachment(
                node: node, plugins: after, list: old.list, containerID: old.containerID, interface: old.interface,
                pod: old.pod, capabilities: old.capabilities)
            if direction == .referenceToPoplin {
                let check = try switched.call("CHECK", switched.entries[0], previous: oldResult)
                #expect(check.succeeded, "\(check)")
            }
            // Reference 1.1.1 misses its masquerade chain once all else is done; a runtime's second DEL succeeds.
            var deletion = try switched.delete(oldResult)
            if direction == .poplinToReference && !deletion.succeeded {
                #expect(deletion.message.contains("does not exist"), "\(deletion)")
                deletion = try switched.delete(oldResult)
            }
            #expect(deletion.succeeded, "\(deletion)")
            #expect(try reservations(node) == ["10.88.0.3", "fd00:88::3"])
            #expect(try first.json(["ip", "-j", "link"]).elements.compactMap { $0["ifname"]?.string } == ["lo"])

            // Its addresses can be had again, and its port.
            let again = try attachment(node, after, "again")
            let againResult = try #require(try answer(try again.add()))
            _ = try again.delete(againResult)
            let end = try new.delete(newResult)
            #expect(end.succeeded, "\(end)")
            #expect(try reservations(node) == [])
            let links = try node.namespace.json(["ip", "-j", "link"]).elements.compactMap { $0["ifname"]?.string }
            #expect(links.sorted() == ["cni0", "lo"])

            // What the plugins before left in the packet filter for the old container is theirs; the how-to says how
            // to remove it. Nobody else's is touched: neither plugin set removes the other's tables.
            let rules = try node.namespace.check(["nft", "list", "ruleset"]).stdout
            #expect(rules.contains("10.88.0.2") == true)
            let commands =
                direction == .referenceToPoplin ? try howToCommands("reference") : try howToCommands("poplin")
            try node.namespace.check(["bash", "-c", commands])
            let left = try node.namespace.check(["nft", "list", "ruleset"]).stdout
            let trace = direction == .referenceToPoplin ? "CNI-" : "poplin"
            #expect(!left.contains("10.88.0.2") && !left.contains(trace), "\(left)")
        }
    }

    private func attachment(_ node: TestNode, _ plugins: PluginSet, _ container: String) throws -> Attachment {
        let list = Scenario.list(
            Scenario.bridge(
                ["isDefaultGateway": true, "ipMasq": true], ipam: Scenario.hostLocal("10.88.0.0/16", "fd00:88::/64")),
            ["type": "portmap", "capabilities": ["portMappings": true]],
            ["type": "tuning", "dataDir": "@TUNING@", "mtu": 1400]
        ).mappingStrings {
            $0.replacingOccurrences(of: "@DATA@", with: node.dataDirectory)
                .replacingOccurrences(of: "@TUNING@", with: node.tuningDirectory)
        }
        let port: Int64 = container == "new" ? 8081 : 8080
        return Attachment(
            node: node, plugins: plugins, list: list, containerID: container, interface: "eth0",
            pod: try node.makeNamespace(),
            capabilities: [
                "portMappings": [["hostPort": .int(port), "containerPort": 80, "protocol": "tcp"]]
            ])
    }

    private func answer(_ answer: PluginAnswer) throws -> JSON? {
        #expect(answer.succeeded, "\(answer)")
        return answer.succeeded ? answer.json : nil
    }

    private func reservations(_ node: TestNode) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(node.dataDirectory)/net1")
            .filter { $0 != "lock" && !$0.hasPrefix("last_reserved_ip") }.sorted()
    }

    /// The commands that docs/how-to gives for what a plugin set left in the packet filter: the block behind the
    /// comment `<!-- clean: NAME -->`.
    private func howToCommands(_ name: String) throws -> String {
        let text = try Repository.text("docs/how-to/replace-the-reference-plugins.md")
        let parts = text.components(separatedBy: "<!-- clean: \(name) -->")
        let block = try #require(parts.count == 2 ? parts[1].components(separatedBy: "```") : nil)
        return try #require(block.count > 2 ? block[1].split(separator: "\n").dropFirst().joined(separator: "\n") : nil)
    }
}
