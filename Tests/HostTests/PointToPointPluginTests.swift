import Foundation
import Glibc
import Testing

/// The ptp plugin with its address manager, in a node of its own.
@Suite(.enabled(if: getuid() == 0, "needs root")) struct PointToPointPluginTests {
    private func pointToPoint(_ node: TestNode, _ more: JSON = [:]) -> JSON {
        var plugin: JSON = [
            "type": "ptp", "ipMasq": true,
            "ipam": node.hostLocal(
                "10.64.0.0/24", "fd64::/64", more: ["routes": [["dst": "0.0.0.0/0"], ["dst": "::/0"]]]),
        ]
        for (key, value) in more.members { plugin[key] = value == .null ? nil : value }
        return plugin
    }

    @Test func podsReachHostOutsideAndEachOther() throws {
        try TestNode.with { node in
            let outside = try node.makeNeighbour()
            let network = try Network(node, pointToPoint(node, ["mtu": 1400, "dns": ["domain": "pods.test"]]))
            let (one, two) = (try node.makeNamespace(), try node.makeNamespace())
            let result = try network.attach(one, container: "c1")
            try network.attach(two, container: "c2")
            for address in ["10.64.0.1", "fd64::1", "10.64.0.3", "fd64::3", "198.51.100.2", "2001:db8:51::2"] {
                #expect(try one.reaches(address), "\(address)")
            }
            // Masqueraded: the neighbour has no route to pods.
            #expect(try outside.check(["ip", "route"]).stdout.contains("10.64") == false)
            #expect(result["interfaces"]?.elements.map { $0["sandbox"]?.string } == [nil, one.path])
            #expect(result["ips"]?.elements.map { $0["interface"]?.int } == [1, 1])
            #expect(result["dns"]?["domain"] == "pods.test")
            let routes = try one.check(["ip", "route"]).stdout
            #expect(routes.contains("10.64.0.1 dev eth0 proto 112 scope link src 10.64.0.2"))
            #expect(routes.contains("10.64.0.0/24 via 10.64.0.1 dev eth0 proto 112 src 10.64.0.2"))
            let host = try #require(result["interfaces"]?[0]?["name"]?.string)
            #expect(try node.namespace.addresses(host) == ["10.64.0.1/32", "fd64::1/128"])
            #expect(
                try node.namespace.check(["ip", "route"]).stdout.contains("10.64.0.2 dev \(host) proto 112 scope host"))
            #expect(try node.link(host)["mtu"] == 1400)
            #expect(try one.link("eth0")["mtu"] == 1400)
            #expect(try node.namespace.read(sysctl: "net/ipv6/conf/\(host)/accept_ra") == "0")
            let check = try network.attachment(one).check(result)
            #expect(check.succeeded, "\(check)")
        }
    }

    @Test("DEL with the namespace gone, with and without a result, leaves nothing", arguments: [true, false])
    func deleteWithoutNamespace(hasResult: Bool) throws {
        try TestNode.with { node in
            let network = try Network(node, pointToPoint(node))
            let pod = try node.makeNamespace()
            let result = try network.attach(pod)
            #expect(try node.rules(naming: "c1").count == 2)
            pod.remove()
            for _ in 0..<2 {
                let answer = try network.attachment(nil).delete(hasResult ? result : nil)
                #expect(answer.succeeded, "\(answer)")
            }
            #expect(try node.links() == [])
            #expect(node.reservations() == [])
            #expect(try node.rules(naming: "c1") == [])
        }
    }

    @Test("an address manager without a gateway is an error and not a panic")
    func withoutGateway() throws {
        try TestNode.with { node in
            let ipam: JSON = ["type": "static", "addresses": [["address": "10.64.0.9/24"]]]
            let answer = try Network(node, pointToPoint(node, ["ipam": ipam])).attachment(try node.makeNamespace())
                .add()
            #expect(answer.code == 7, "\(answer)")
            #expect(answer.message.contains("gives no gateway for 10.64.0.9/24"))
            #expect(try node.links() == [])
        }
    }

    @Test func withoutAddressManager() throws {
        try TestNode.with { node in
            let answer = try Network(node, pointToPoint(node, ["ipam": .null])).attachment(try node.makeNamespace())
                .add()
            #expect(answer.code == 7, "\(answer)")
            #expect(answer.message.hasPrefix("ipam:"))
        }
    }

    @Test func anAddressThatAnotherPodHasIsRefused() throws {
        try TestNode.with { node in
            let ipam: JSON = ["type": "static", "addresses": [["address": "10.64.0.9/24", "gateway": "10.64.0.1"]]]
            let network = try Network(node, pointToPoint(node, ["ipam": ipam]))
            let pod = try node.makeNamespace()
            try network.attach(pod, container: "c1")
            let answer = try network.attachment(try node.makeNamespace(), container: "c2").add()
            #expect(answer.code == 102, "\(answer)")
            #expect(try node.links().count == 1)
            #expect(try pod.reaches("10.64.0.1"))
            #expect(try node.rules(naming: "c1").count == 1)
        }
    }

    @Test func addingTwiceSaysWhoHasIt() throws {
        try TestNode.with { node in
            let network = try Network(node, pointToPoint(node))
            let pod = try node.makeNamespace()
            let result = try network.attach(pod)
            let again = try network.attachment(pod).add()
            #expect(again.code == 102, "\(again)")
            let host = result["interfaces"]?[0]?["name"]?.string ?? "?"
            #expect(again.json?["details"]?.string?.contains(host) == true)
            #expect(try pod.reaches("10.64.0.1"))
        }
    }

    @Test(
        "CHECK finds what is different",
        arguments: [
            ("pod", "ip addr del 10.64.0.2/24 dev eth0", "10.64.0.2/24 on eth0"),
            ("pod", "ip route del default", "route to 0.0.0.0/0"), ("pod", "ip link set eth0 down", "eth0 up"),
            ("node", "ip addr del 10.64.0.1/32 dev HOST", "gateway 10.64.0.1"),
            ("node", "ip route del 10.64.0.2", "route to 10.64.0.2"), ("node", "ip link set HOST mtu 1300", "MTU 1500"),
            ("node", "ip link set HOST down", "HOST up"), ("node", "ip link del HOST", "veth eth0 in the container"),
        ])
    func checkFindsDifferences(_ place: String, _ command: String, _ expected: String) throws {
        try TestNode.with { node in
            let network = try Network(node, pointToPoint(node))
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

    @Test func garbageIsWhatNoValidAttachmentHolds() throws {
        try TestNode.with { node in
            let network = try Network(node, pointToPoint(node))
            let kept = try node.makeNamespace()
            try network.attach(kept, container: "c1")
            try network.attach(try node.makeNamespace(), container: "c2")
            #expect(try network.collectGarbage(keeping: [("c1", "eth0")]).succeeded)
            #expect(try node.links().count == 1)
            #expect(node.reservations().count == 2)
            #expect(try node.rules(naming: "c2") == [])
            #expect(try kept.reaches("fd64::1"))
            #expect(try network.status().succeeded)
        }
    }

    @Test func podsOfTheReferenceAreCheckedAndRemoved() throws {
        try TestNode.with { node in
            var network = try Network(node, pointToPoint(node, ["ipMasq": false]), version: "1.0.0")
            let ours = network.plugins
            network.plugins = .reference
            let pod = try node.makeNamespace()
            let result = try network.attach(pod)
            network.plugins = ours
            let check = try network.attachment(pod).check(result)
            #expect(check.succeeded, "\(check)")
            #expect(try network.attachment(pod).delete(result).succeeded)
            #expect(try node.links() == [])
            #expect(node.reservations() == [])
        }
    }
}
