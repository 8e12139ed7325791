import AgentProtocol
import Foundation
import Glibc
import Testing

/// The plugin `poplin` with an agent of the test's, in a node of its own; `ip` and `ping` are the witnesses.
@Suite(.enabled(if: getuid() == 0, "needs root")) struct ClusterPluginTests {
    private static let mac = "02:70:6f:70:6c:6e"

    private func network(_ node: TestNode, _ agent: FakeAgent, version: String = "1.1.0") throws -> Network {
        try Network(
            node,
            [
                "type": "poplin", "agentSocket": .string(agent.path), "nodeName": "node-a",
                "agentPod": "poplin-system/poplin-agent-x7", "mtu": 0,
            ], name: "poplin", version: version)
    }

    @Test func podsReachEachOtherTheirNodeAndOutsideByRoutes() throws {
        try TestNode.with { node in
            let outside = try node.makeNeighbour()
            for route in ["10.64.1.0/24 via 198.51.100.1", "-6 fd64:1::/64 via 2001:db8:51::1"] {
                let words = route.split(separator: " ").map(String.init)
                let family = words.first == "-6" ? ["-6"] : []
                try outside.check(["ip"] + family + ["route", "add"] + words.drop { $0 == "-6" })
            }
            let agent = try FakeAgent(node)
            let network = try network(node, agent)
            let (one, two) = (try node.makeNamespace(), try node.makeNamespace())
            let result = try network.attach(one, container: "c1")
            try network.attach(two, container: "c2")
            for address in [
                "10.64.1.3", "fd64:1::3", "198.51.100.1", "2001:db8:51::1", "198.51.100.2", "2001:db8:51::2",
            ] {
                #expect(try one.reaches(address), "\(address)")
            }
            for address in ["10.64.1.2", "fd64:1::2"] {
                #expect(try node.namespace.reaches(address), "\(address)")
                #expect(try outside.reaches(address), "\(address)")
            }
            let host = try #require(result["interfaces"]?[0]?["name"]?.string)
            #expect(host.hasPrefix("pop"))
            #expect(result["interfaces"]?[0]?["mac"]?.string == Self.mac)
            #expect(result["interfaces"]?.elements.map { $0["sandbox"]?.string } == [nil, one.path])
            #expect(result["ips"]?.elements.map { $0["address"]?.string } == ["10.64.1.2/32", "fd64:1::2/128"])
            #expect(result["ips"]?.elements.map { $0["gateway"]?.string } == ["169.254.1.1", "fe80::1"])
            #expect(result["routes"]?.elements.map { $0["dst"]?.string } == ["0.0.0.0/0", "::/0"])
            #expect(try node.link(host)["mtu"] == 1450)
            #expect(try one.link("eth0")["mtu"] == 1450)
            #expect(try node.link(host)["ifalias"] == "poplin:poplin/c1/eth0")
            #expect(try one.addresses("eth0") == ["10.64.1.2/32", "fd64:1::2/128"])
            let routes = try one.check(["ip", "route"]).stdout
            #expect(routes.contains("default via 169.254.1.1 dev eth0"))
            #expect(routes.contains("169.254.1.1 dev eth0 proto 112 scope link src 10.64.1.2"))
            #expect(try one.check(["ip", "-6", "route"]).stdout.contains("default via fe80::1 dev eth0"))
            let onHost = try node.namespace.check(["ip", "route"]).stdout
            #expect(onHost.contains("10.64.1.2 dev \(host) proto 112 scope link"))
            // No address and no neighbour discovery on the host's end.
            #expect(try node.namespace.addresses(host) == [])
            let check = try network.attachment(one).check(result)
            #expect(check.succeeded, "\(check)")
        }
    }

    /// Nobody asks for anybody: both sides know each other for ever, and a capture would be silent.
    @Test func neighboursArePermanentOnBothSides() throws {
        try TestNode.with { node in
            let agent = try FakeAgent(node)
            let network = try network(node, agent)
            let pod = try node.makeNamespace()
            let result = try network.attach(pod)
            let host = try #require(result["interfaces"]?[0]?["name"]?.string)
            let podMAC = try #require(result["interfaces"]?[1]?["mac"]?.string)
            for (family, gateway, address) in [("-4", "169.254.1.1", "10.64.1.2"), ("-6", "fe80::1", "fd64:1::2")] {
                let inside = try pod.check(["ip", family, "neigh", "show", "dev", "eth0"]).stdout
                #expect(inside.contains("\(gateway) lladdr \(Self.mac) PERMANENT"))
                let outside = try node.namespace.check(["ip", family, "neigh", "show", "dev", host]).stdout
                #expect(outside.contains("\(address) lladdr \(podMAC) PERMANENT"))
            }
        }
    }

    @Test func aPodWithoutIPv6HasNoneOnItsLink() throws {
        try TestNode.with { node in
            _ = try node.makeNeighbour()
            let agent = try FakeAgent(node, hasIPv6: false)
            let network = try network(node, agent)
            let pod = try node.makeNamespace()
            let result = try network.attach(pod)
            let host = try #require(result["interfaces"]?[0]?["name"]?.string)
            #expect(try node.namespace.read(sysctl: "net/ipv6/conf/\(host)/disable_ipv6") == "1")
            #expect(try node.namespace.read(sysctl: "net/ipv4/conf/\(host)/rp_filter") == "1")
            #expect(result["routes"]?.elements.map { $0["dst"]?.string } == ["0.0.0.0/0"])
            #expect(try node.namespace.reaches("10.64.1.2"))
        }
    }

    @Test func theAgentIsToldWhoItIsFor() throws {
        try TestNode.with { node in
            let agent = try FakeAgent(node)
            let pod = try node.makeNamespace()
            let arguments =
                "IgnoreUnknown=1;K8S_POD_NAMESPACE=shop;K8S_POD_NAME=web-1;K8S_POD_INFRA_CONTAINER_ID=c1;K8S_POD_UID=6f1c"
            let attachment = try network(node, agent).attachment(pod, arguments: arguments)
            let result = try attachment.add()
            #expect(result.succeeded, "\(result)")
            let request = try #require(agent.requests.first)
            #expect(request.pod == AgentPod(namespace: "shop", name: "web-1", uid: "6f1c"))
            #expect(request.networkNamespace == pod.path)
            #expect(request.hostInterface == result.json?["interfaces"]?[0]?["name"]?.string)
            #expect(request.network == "poplin")
        }
    }

    /// The oldest and the newest shape of a result.
    @Test(arguments: ["0.2.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"])
    func resultsOfEveryVersion(_ version: String) throws {
        try TestNode.with { node in
            let agent = try FakeAgent(node)
            let network = try network(node, agent, version: version)
            let pod = try node.makeNamespace()
            let result = try network.attach(pod)
            #expect(result["cniVersion"]?.string == version)
            let address = version == "0.2.0" ? result["ip4"]?["ip"] : result["ips"]?[0]?["address"]
            #expect(address?.string == "10.64.1.2/32")
            #expect(try network.attachment(pod).delete(result).succeeded)
            #expect(agent.held.isEmpty)
        }
    }

    @Test(
        "DEL: namespace gone or not, agent gone or not, any number of times", arguments: [true, false], [true, false])
    func deletion(namespaceIsGone: Bool, agentIsGone: Bool) throws {
        try TestNode.with { node in
            let agent = try FakeAgent(node)
            let network = try network(node, agent)
            let pod = try node.makeNamespace()
            let result = try network.attach(pod)
            if agentIsGone { agent.stop() }
            if namespaceIsGone { pod.remove() }
            for _ in 0..<2 {
                let answer = try network.attachment(namespaceIsGone ? nil : pod).delete(result)
                #expect(answer.succeeded, "\(answer)")
                if agentIsGone { #expect(answer.output.stderr.contains("gives back what has no link any more")) }
            }
            #expect(try node.links() == [])
            #expect(try node.namespace.check(["ip", "route"]).stdout.contains("10.64.1.2") == false)
            #expect(agent.held.isEmpty == !agentIsGone)
        }
    }

    /// The error is read in `kubectl describe pod`: it says where the agent is looked for, and what to look at.
    @Test func withoutAnAgentItIsTriedAgain() throws {
        try TestNode.with { node in
            let agent = try FakeAgent(node)
            agent.stop()
            let pod = try node.makeNamespace()
            let answer = try network(node, agent).attachment(pod).add()
            #expect(answer.code == 11, "\(answer)")
            #expect(answer.message.contains("agent is not running on node node-a"))
            #expect(answer.message.contains(agent.path))
            let details = answer.json?["details"]?.string ?? ""
            #expect(details.contains("kubectl -n poplin-system logs poplin-agent-x7"))
            #expect(details.contains("spec.nodeName=node-a"))
            #expect(try node.links() == [])
            let status = try network(node, agent).status()
            #expect(status.code == 50, "\(status)")
        }
    }

    @Test func whatTheAgentRefusesIsPassedOn() throws {
        try TestNode.with { node in
            let agent = try FakeAgent(node)
            let network = try network(node, agent)
            agent.answer(with: AgentFailure(.addressesExhausted, "no address is left", details: "254 of 254 are used"))
            let answer = try network.attachment(try node.makeNamespace()).add()
            #expect(answer.code == 101, "\(answer)")
            #expect(answer.message == "no address is left")
            #expect(answer.json?["details"] == "254 of 254 are used")
            #expect(try node.links() == [])
            agent.answer(with: AgentFailure(.limitedConnectivity, "flannel.1 is gone"))
            #expect(try network.status().code == 51)
            agent.answer(with: nil)
            #expect(try network.status().succeeded)
        }
    }

    /// ADD makes everything or leaves nothing: here the name inside is taken.
    @Test func anAddThatFailsGivesTheAddressesBack() throws {
        try TestNode.with { node in
            let agent = try FakeAgent(node)
            let pod = try node.makeNamespace()
            try pod.check(["ip", "link", "add", "eth0", "type", "veth", "peer", "name", "other"])
            let answer = try network(node, agent).attachment(pod).add()
            #expect(answer.code == 102, "\(answer)")
            #expect(agent.requests.map(\.operation) == [.add, .delete])
            #expect(agent.held.isEmpty)
            #expect(try node.links() == [])
        }
    }

    @Test func garbageIsWhatNoValidAttachmentHolds() throws {
        try TestNode.with { node in
            _ = try node.makeNeighbour()
            let agent = try FakeAgent(node)
            let network = try network(node, agent)
            let kept = try node.makeNamespace()
            try network.attach(kept, container: "c1")
            try network.attach(try node.makeNamespace(), container: "c2")
            #expect(try network.collectGarbage(keeping: [("c1", "eth0")]).succeeded)
            #expect(try node.links().filter { $0.hasPrefix("pop") }.count == 1)
            #expect(Set(agent.held.keys) == [AgentAttachment(containerID: "c1", interfaceName: "eth0")])
            #expect(try node.namespace.reaches("10.64.1.2"))
        }
    }

    @Test(
        "CHECK finds what is different",
        arguments: [
            ("pod", "ip addr del 10.64.1.2/32 dev eth0", "10.64.1.2/32 on eth0"),
            ("pod", "ip route del default", "route to 0.0.0.0/0"), ("pod", "ip link set eth0 down", "eth0 up"),
            ("pod", "ip neigh del 169.254.1.1 dev eth0", "neighbour 169.254.1.1 on eth0"),
            ("node", "ip route del 10.64.1.2", "route to 10.64.1.2"),
            ("node", "ip neigh del 10.64.1.2 dev HOST", "neighbour 10.64.1.2 on HOST"),
            ("node", "ip link set HOST down", "HOST up"), ("node", "ip link del HOST", "veth eth0 in the pod"),
        ])
    func checkFindsDifferences(_ place: String, _ command: String, _ expected: String) throws {
        try TestNode.with { node in
            let agent = try FakeAgent(node)
            let network = try network(node, agent)
            let pod = try node.makeNamespace()
            let result = try network.attach(pod)
            let host = try #require(result["interfaces"]?[0]?["name"]?.string)
            let words = command.replacing("HOST", with: host).split(separator: " ").map(String.init)
            try (place == "pod" ? pod : node.namespace).check(words)
            let check = try network.attachment(pod).check(result)
            #expect(check.code == 103, "\(check)")
            #expect(
                check.json?["details"]?.string?.contains(expected.replacing("HOST", with: host)) == true, "\(check)")
        }
    }

    /// A flannel node: no agent, the daemon's file, host-local's own directory.
    @Test func inPlaceOfFlannelsPlugin() throws {
        try TestNode.with { node in
            let outside = try node.makeNeighbour()
            let file = "\(node.directory)/subnet.env"
            let network = try Network(
                node,
                [
                    "type": "poplin", "subnetFile": .string(file),
                    "ipam": ["dataDir": .string(node.dataDirectory)],
                ], name: "cbr0")
            let early = try network.attachment(try node.makeNamespace()).add()
            #expect(early.code == 11, "\(early)")
            #expect(early.message.contains("there is no \(file) yet"))
            #expect(try network.status().code == 50)
            try """
            FLANNEL_NETWORK=10.244.0.0/16
            FLANNEL_SUBNET=10.244.3.1/24
            FLANNEL_MTU=1410
            FLANNEL_IPMASQ=false

            """.write(toFile: file, atomically: true, encoding: .utf8)
            #expect(try network.status().succeeded)
            let pod = try node.makeNamespace()
            let result = try network.attach(pod)
            #expect(result["ips"]?.elements.map { $0["address"]?.string } == ["10.244.3.2/32"])
            #expect(try pod.link("eth0")["mtu"] == 1410)
            // Masqueraded, because the daemon does not: the neighbour has no route to pods.
            #expect(try pod.reaches("198.51.100.2"))
            #expect(try outside.check(["ip", "route"]).stdout.contains("10.244") == false)
            #expect(node.reservations("cbr0") == ["10.244.3.2"])
            // The file is gone with a reboot.
            try FileManager.default.removeItem(atPath: file)
            #expect(try network.attachment(pod).delete(result).succeeded)
            #expect(node.reservations("cbr0") == [])
            #expect(try node.links() == ["outside0"])
            #expect(try node.rules(naming: "c1") == [])
        }
    }

    @Test func twoSourcesOfAddressesAreRefused() throws {
        try TestNode.with { node in
            let agent = try FakeAgent(node)
            var network = try network(node, agent)
            network.plugin["ipam"] = node.hostLocal("10.64.0.0/24")
            let answer = try network.attachment(try node.makeNamespace()).add()
            #expect(answer.code == 7, "\(answer)")
            #expect(answer.message.hasPrefix("agentSocket: cannot be used together with ipam"))
        }
    }
}
