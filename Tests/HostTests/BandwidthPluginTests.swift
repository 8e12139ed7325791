import Foundation
import Glibc
import Testing

/// The bandwidth plugin behind a link pair that the test makes.
@Suite(.enabled(if: getuid() == 0, "needs root")) struct BandwidthPluginTests {
    private static let limits: JSON = [
        "type": "bandwidth", "ingressRate": 8_000_000, "ingressBurst": 800_000, "egressRate": 16_000_000,
        "egressBurst": 1_600_000,
    ]

    /// A pod whose `eth0` has `veth0` on the node, and the result of whoever made them.
    private func withPod(_ body: (TestNode, TestNamespace, JSON) throws -> Void) throws {
        try TestNode.with { node in
            let pod = try node.makeNamespace()
            try node.namespace.check(
                ["ip", "link", "add", "veth0", "up", "type", "veth", "peer", "name", "eth0", "netns", pod.name])
            try node.namespace.check(["ip", "addr", "add", "10.65.0.1/24", "dev", "veth0"])
            try pod.check(["ip", "addr", "add", "10.65.0.2/24", "dev", "eth0"])
            try pod.check(["ip", "link", "set", "eth0", "up"])
            try body(
                node, pod,
                [
                    "cniVersion": "1.1.0",
                    "interfaces": [["name": "veth0"], ["name": "eth0", "sandbox": .string(pod.path)]],
                    "ips": [["address": "10.65.0.2/24", "interface": 1]], "x-unknown": "kept",
                ])
        }
    }

    private func call(
        _ command: String, _ node: TestNode, _ pod: TestNamespace?, _ plugin: JSON, _ previous: JSON?,
        interface: String = "eth0", capabilities: JSON = [:]
    ) throws -> PluginAnswer {
        var plugin = plugin
        plugin["capabilities"] = ["bandwidth": true]
        let network = try Network(node, plugin)
        return try network.attachment(pod, interface: interface, capabilities: capabilities)
            .call(command, plugin, previous: previous)
    }

    private func disciplines(_ node: TestNode, _ link: String) throws -> [JSON] {
        try node.namespace.json(["tc", "-j", "qdisc", "show", "dev", link]).elements
    }

    private func redirections(_ node: TestNode, _ link: String) throws -> [String] {
        try node.namespace.json(["tc", "-j", "filter", "show", "dev", link, "ingress"]).elements.flatMap { filter in
            (filter["options"]?["actions"]?.elements ?? []).compactMap { $0["to_dev"]?.string }
        }
    }

    @Test func bothDirectionsAreLimited() throws {
        try withPod { node, pod, previous in
            let answer = try call("ADD", node, pod, Self.limits, previous)
            #expect(answer.succeeded, "\(answer)")
            #expect(answer.json?["x-unknown"] == "kept")
            let ifb = try #require(answer.json?["interfaces"]?[2]?["name"]?.string)
            #expect(ifb.hasPrefix("bwp"))
            #expect(try node.link(ifb)["ifalias"] == "poplin:net/c1/eth0")
            #expect(try node.link(ifb)["address"] == answer.json?["interfaces"]?[2]?["mac"])
            let down = try #require(try disciplines(node, "veth0").first { $0["kind"] == "tbf" }?["options"])
            #expect(down["rate"] == 1_000_000)
            #expect(down["burst"] == 100_000)
            #expect(down["lat"] == 25000)
            let up = try #require(try disciplines(node, ifb).first { $0["kind"] == "tbf" }?["options"])
            #expect(up["rate"] == 2_000_000)
            #expect(up["burst"] == 200_000)
            #expect(try redirections(node, "veth0") == [ifb])
            #expect(try pod.reaches("10.65.0.1"))
            let check = try call("CHECK", node, pod, Self.limits, answer.json)
            #expect(check.succeeded, "\(check)")
            let deleted = try call("DEL", node, pod, Self.limits, answer.json)
            #expect(deleted.succeeded, "\(deleted)")
            #expect(try node.links() == ["veth0"])
            // A new ADD finds what is left on the link and uses it.
            let again = try call("ADD", node, pod, Self.limits, previous)
            #expect(again.succeeded, "\(again)")
            #expect(try redirections(node, "veth0") == [ifb])
        }
    }

    @Test(
        "one direction, and the runtime's capability unless the network has limits of its own",
        arguments: [
            (#"{"ingressRate":8000,"ingressBurst":80000}"#, "{}", true, false),
            (#"{"egressRate":8000,"egressBurst":80000}"#, "{}", false, true),
            ("{}", #"{"ingressRate":8000,"ingressBurst":4294967295}"#, true, false),
            (#"{"egressRate":8000,"egressBurst":80000}"#, #"{"ingressRate":8000,"ingressBurst":80000}"#, false, true),
            ("{}", "{}", false, false),
        ])
    func directions(_ own: String, _ asked: String, _ ingress: Bool, _ egress: Bool) throws {
        try withPod { node, pod, previous in
            var plugin = try JSON(parsing: own)
            plugin["type"] = "bandwidth"
            let answer = try call(
                "ADD", node, pod, plugin, previous, capabilities: ["bandwidth": try JSON(parsing: asked)])
            #expect(answer.succeeded, "\(answer)")
            #expect(try disciplines(node, "veth0").contains { $0["kind"] == "tbf" } == ingress)
            #expect(try redirections(node, "veth0").isEmpty != egress)
            #expect(try node.links().count == (egress ? 2 : 1))
        }
    }

    @Test("rates and bursts beyond 32 bits: 100 Gbit/s, and 34 Gbit/s where the reference's limit overflows")
    func largeRates() throws {
        try withPod { node, pod, previous in
            let plugin: JSON = [
                "type": "bandwidth", "ingressRate": 400_000_000_000, "ingressBurst": 34_359_738_360,
                "egressRate": 34_000_000_000, "egressBurst": 8_000_000_000,
            ]
            let answer = try call("ADD", node, pod, plugin, previous)
            #expect(answer.succeeded, "\(answer)")
            let down = try #require(try disciplines(node, "veth0").first { $0["kind"] == "tbf" }?["options"])
            #expect(down["rate"] == 50_000_000_000)
            let ifb = try #require(answer.json?["interfaces"]?[2]?["name"]?.string)
            let up = try #require(try disciplines(node, ifb).first { $0["kind"] == "tbf" }?["options"])
            #expect(up["rate"] == 4_250_000_000)
            let check = try call("CHECK", node, pod, plugin, answer.json)
            #expect(check.succeeded, "\(check)")
        }
    }

    @Test("defect 6: without prevResult an error and no panic, with limits and without", arguments: [true, false])
    func withoutPreviousResult(hasLimits: Bool) throws {
        try withPod { node, pod, _ in
            let plugin: JSON = hasLimits ? Self.limits : ["type": "bandwidth"]
            let answer = try call("ADD", node, pod, plugin, nil)
            #expect(answer.code == 109, "\(answer)")
            #expect(try call("DEL", node, pod, plugin, nil).succeeded)
            #expect(try call("DEL", node, nil, plugin, nil).succeeded)
        }
    }

    @Test("defect 6: a second attachment of the same pod to the same network has an ifb of its own")
    func secondAttachment() throws {
        try withPod { node, pod, previous in
            try node.namespace.check(
                ["ip", "link", "add", "veth1", "up", "type", "veth", "peer", "name", "eth1", "netns", pod.name])
            try pod.check(["ip", "link", "set", "eth1", "up"])
            var second = previous
            second["interfaces"] = [["name": "veth1"], ["name": "eth1", "sandbox": .string(pod.path)]]
            let one = try call("ADD", node, pod, Self.limits, previous)
            let two = try call("ADD", node, pod, Self.limits, second, interface: "eth1")
            #expect(one.succeeded && two.succeeded, "\(one)\n\(two)")
            #expect(try call("DEL", node, pod, Self.limits, nil, interface: "eth1").succeeded)
            let check = try call("CHECK", node, pod, Self.limits, one.json)
            #expect(check.succeeded, "\(check)")
        }
    }

    @Test("an agent's clsact on the link is shared and stays", arguments: ["clsact", "ingress"])
    func besideAnAgent(kind: String) throws {
        try withPod { node, pod, previous in
            try node.namespace.check(["tc", "qdisc", "add", "dev", "veth0", kind])
            try node.namespace.check([
                "tc", "filter", "add", "dev", "veth0", "ingress", "protocol", "ip", "pref", "1", "u32", "match", "ip",
                "dst",
                "203.0.113.1/32", "flowid", "1:1",
            ])
            let answer = try call("ADD", node, pod, Self.limits, previous)
            #expect(answer.succeeded, "\(answer)")
            #expect(try disciplines(node, "veth0").contains { $0["kind"]?.string == kind })
            #expect(try redirections(node, "veth0").count == 1)
            #expect(try pod.reaches("10.65.0.1"))
            let priorities = try node.namespace.json(["tc", "-j", "filter", "show", "dev", "veth0", "ingress"])
                .elements.compactMap { $0["pref"]?.int }
            #expect(Set(priorities) == [1, 49151])
            let check = try call("CHECK", node, pod, Self.limits, answer.json)
            #expect(check.succeeded, "\(check)")
        }
    }

    @Test("somebody else's root discipline is not replaced, and nothing is left behind")
    func foreignRoot() throws {
        try withPod { node, pod, previous in
            try node.namespace.check(["tc", "qdisc", "add", "dev", "veth0", "root", "handle", "7:", "htb"])
            let answer = try call("ADD", node, pod, Self.limits, previous)
            #expect(answer.code == 110, "\(answer)")
            #expect(try disciplines(node, "veth0").map { $0["kind"] } == ["htb"])
            #expect(try node.links() == ["veth0"])
        }
    }

    @Test func addingTwiceIsRefusedAndTheFirstStays() throws {
        try withPod { node, pod, previous in
            let first = try call("ADD", node, pod, Self.limits, previous)
            let again = try call("ADD", node, pod, Self.limits, previous)
            #expect(again.code == 102, "\(again)")
            let check = try call("CHECK", node, pod, Self.limits, first.json)
            #expect(check.succeeded, "\(check)")
        }
    }

    @Test(
        "CHECK finds what is different",
        arguments: [
            ("tc qdisc del dev veth0 root", "tbf on veth0"), ("tc qdisc del dev IFB root", "tbf on IFB"),
            ("tc qdisc replace dev veth0 root handle 1: tbf rate 1mbit burst 100kb latency 25ms", "8000000 bit/s"),
            ("tc qdisc del dev veth0 ingress", "redirection"), ("ip link del IFB", "redirection"),
            ("ip link set IFB down", "IFB up"),
        ])
    func checkFindsDifferences(_ command: String, _ expected: String) throws {
        try withPod { node, pod, previous in
            let answer = try call("ADD", node, pod, Self.limits, previous)
            let ifb = try #require(answer.json?["interfaces"]?[2]?["name"]?.string)
            try node.namespace.check(command.replacing("IFB", with: ifb).split(separator: " ").map(String.init))
            let check = try call("CHECK", node, pod, Self.limits, answer.json)
            #expect(check.code == 103, "\(check)")
            #expect(
                check.json?["details"]?.string?.contains(expected.replacing("IFB", with: ifb)) == true, "\(check)")
        }
    }

    @Test(arguments: [
        (#"{"ingressRate":8000}"#, "ingressBurst"), (#"{"ingressBurst":8000}"#, "ingressRate"),
        (#"{"egressRate":8000}"#, "egressBurst"), (#"{"egressRate":7,"egressBurst":8000}"#, "egressRate"),
        (#"{"egressRate":8000,"egressBurst":34359738368}"#, "egressBurst"),
        (#"{"ingressRate":-1,"ingressBurst":8000}"#, "ingressRate"), (#"{"ingressRate":"1M"}"#, "ingressRate"),
    ])
    func aBadLimitIsNamed(_ text: String, _ path: String) throws {
        try withPod { node, pod, previous in
            var plugin = try JSON(parsing: text)
            plugin["type"] = "bandwidth"
            let answer = try call("ADD", node, pod, plugin, previous)
            #expect(answer.code == 7, "\(answer)")
            #expect(answer.message.hasPrefix("\(path):"), "\(answer)")
        }
    }

    @Test func aLinkThatIsNoVethIsSaidSo() throws {
        try TestNode.with { node in
            let pod = try node.makeNamespace()
            try pod.check(["ip", "link", "add", "eth0", "type", "bridge"])
            let previous: JSON = [
                "cniVersion": "1.1.0", "interfaces": [["name": "eth0", "sandbox": .string(pod.path)]],
            ]
            let answer = try call("ADD", node, pod, Self.limits, previous)
            #expect(answer.code == 109, "\(answer)")
            #expect(answer.message.contains("it is bridge, not veth"))
        }
    }

    @Test func garbageIsWhatNoValidAttachmentHolds() throws {
        try withPod { node, pod, previous in
            #expect(try call("ADD", node, pod, Self.limits, previous).succeeded)
            try node.namespace.check(["ip", "link", "add", "ifb7", "type", "ifb"])
            let network = try Network(node, Self.limits)
            #expect(try network.collectGarbage(keeping: [("c1", "eth0")]).succeeded)
            #expect(try node.links().count == 3)
            #expect(try network.collectGarbage(keeping: [("c2", "eth0")]).succeeded)
            #expect(try node.links().sorted() == ["ifb7", "veth0"])
            #expect(try network.status().succeeded)
        }
    }

    @Test("DEL removes the ifb that the reference plugin made")
    func takingOver() throws {
        try withPod { node, pod, previous in
            var network = try Network(node, Self.limits, version: "1.0.0")
            let ours = network.plugins
            network.plugins = .reference
            var older = previous
            older["cniVersion"] = "1.0.0"
            let answer = try network.attachment(pod).call("ADD", Self.limits, previous: older)
            #expect(answer.succeeded, "\(answer)")
            network.plugins = ours
            let check = try network.attachment(pod).call("CHECK", Self.limits, previous: answer.json)
            #expect(check.succeeded, "\(check)")
            #expect(try network.attachment(pod).delete(answer.json).succeeded)
            #expect(try node.links() == ["veth0"])
        }
    }
}
