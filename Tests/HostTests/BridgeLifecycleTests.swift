import Foundation
import Glibc
import Synchronization
import Testing

/// DEL, CHECK, GC and STATUS of bridge: the defects of the reference plugins and the rows "DEL fails / leaks".
@Suite(.enabled(if: getuid() == 0, "needs root")) struct BridgeLifecycleTests {
    private func bridge(_ node: TestNode, _ more: JSON = [:]) -> JSON {
        var plugin: JSON = [
            "type": "bridge", "bridge": "cni0", "isDefaultGateway": true, "ipMasq": true, "macspoofchk": true,
            "ipam": node.hostLocal("10.62.0.0/24", "fd62::/64"),
        ]
        for (key, value) in more.members { plugin[key] = value == .null ? nil : value }
        return plugin
    }

    private func expectNothing(_ node: TestNode, of containers: String...) throws {
        #expect(try node.links() == ["cni0"])
        #expect(node.reservations() == [])
        for container in containers { #expect(try node.rules(naming: container) == []) }
    }

    // MARK: DEL

    @Test("defect 1: DEL with the namespace gone leaves no masquerading and no source check", arguments: [true, false])
    func deleteWithoutNamespace(hasResult: Bool) throws {
        try TestNode.with { node in
            let network = try Network(node, bridge(node))
            let pod = try node.makeNamespace()
            let result = try network.attach(pod)
            #expect(try node.rules(naming: "c1").count == 4)
            pod.remove()
            let answer = try network.attachment(pod).delete(hasResult ? result : nil)
            #expect(answer.succeeded, "\(answer)")
            try expectNothing(node, of: "c1")
        }
    }

    @Test("DEL with an empty CNI_NETNS cleans everything on the host, any number of times")
    func deleteWithEmptyNamespace() throws {
        try TestNode.with { node in
            let network = try Network(node, bridge(node))
            let pod = try node.makeNamespace()
            try network.attach(pod)
            for _ in 0..<3 {
                let answer = try network.attachment(nil).delete(nil)
                #expect(answer.succeeded, "\(answer)")
            }
            try expectNothing(node, of: "c1")
            #expect(try pod.run(["ip", "link", "show", "eth0"]).succeeded == false)
        }
    }

    @Test("DEL of an interface that the container renamed")
    func deleteRenamed() throws {
        try TestNode.with { node in
            let network = try Network(node, bridge(node))
            let pod = try node.makeNamespace()
            try network.attach(pod)
            try pod.check(["ip", "link", "set", "eth0", "down"])
            try pod.check(["ip", "link", "set", "eth0", "name", "wan0"])
            #expect(try network.attachment(pod).delete(nil).succeeded)
            try expectNothing(node, of: "c1")
        }
    }

    @Test("defect 2: DEL of one attachment leaves the other of the same pod and network its masquerading")
    func twoAttachmentsOfOnePod() throws {
        try TestNode.with { node in
            let network = try Network(node, bridge(node, ["isDefaultGateway": false, "isGateway": true]))
            let pod = try node.makeNamespace()
            try network.attach(pod, interface: "eth0")
            let second = try network.attach(pod, interface: "eth1")
            let before = try node.rules(naming: "c1").filter { $0.contains("/eth0\"") }
            #expect(before.count == 4)
            #expect(try network.attachment(pod, interface: "eth1").delete(second).succeeded)
            let after = try node.rules(naming: "c1")
            #expect(after == before, "\(after)\n\(before)")
            #expect(try pod.link("eth0")["operstate"] == "UP")
            #expect(node.reservations().count == 2)
        }
    }

    @Test("a pod that the reference plugins attached is checked and removed by ours")
    func takingOverANode() throws {
        try TestNode.with { node in
            var network = try Network(node, bridge(node, ["macspoofchk": .null, "ipMasq": false]), version: "1.0.0")
            let ours = network.plugins
            network.plugins = .reference
            let pod = try node.makeNamespace()
            let result = try network.attach(pod)
            network.plugins = ours
            let check = try network.attachment(pod).check(result)
            #expect(check.succeeded, "\(check)")
            let answer = try network.attachment(pod).delete(result)
            #expect(answer.succeeded, "\(answer)")
            try expectNothing(node, of: "c1")
        }
    }

    @Test("DEL after an ADD that failed leaves the interface of another network alone")
    func deleteAfterRefusal() throws {
        try TestNode.with { node in
            let network = try Network(node, bridge(node))
            let other = try Network(
                node, bridge(node, ["bridge": "cni1", "ipam": node.hostLocal("10.63.0.0/24")]), name: "net2")
            let pod = try node.makeNamespace()
            let result = try network.attach(pod)
            #expect(try other.attachment(pod).add().code == 102)
            for previous in [nil, result] {
                let answer = try other.attachment(pod).delete(previous)
                #expect(answer.succeeded, "\(answer)")
                #expect(try pod.reaches("10.62.0.1"))
            }
            let check = try network.attachment(pod).check(result)
            #expect(check.succeeded, "\(check)")
        }
    }

    @Test("a link of somebody else under our name is neither used nor removed")
    func foreignLinkUnderOurName() throws {
        try TestNode.with { node in
            let network = try Network(node, bridge(node))
            let pod = try node.makeNamespace()
            let result = try network.attach(pod)
            let name = try #require(result["interfaces"]?[1]?["name"]?.string)
            #expect(try network.attachment(pod).delete(result).succeeded)
            try node.namespace.check(["ip", "link", "add", name, "type", "veth", "peer", "name", "other"])
            let again = try network.attach(pod)
            #expect(again["interfaces"]?[1]?["name"]?.string != name)
            #expect(try network.attachment(pod).delete(again).succeeded)
            #expect(try node.links().sorted() == ["cni0", "other", name].sorted())
        }
    }

    // MARK: CHECK

    @Test("defect 7: CHECK of a bridge without ipam passes")
    func layer2Check() throws {
        try TestNode.with { node in
            let network = try Network(
                node, bridge(node, ["ipam": .null, "isDefaultGateway": false, "ipMasq": false, "macspoofchk": false]))
            let pod = try node.makeNamespace()
            let result = try network.attach(pod)
            #expect(result["ips"] == nil || result["ips"] == [])
            #expect(try pod.link("eth0")["operstate"] == "UP")
            let check = try network.attachment(pod).check(result)
            #expect(check.succeeded, "\(check)")
            #expect(try network.attachment(pod).delete(result).succeeded)
            #expect(try node.links() == ["cni0"])
        }
    }

    @Test(
        "CHECK finds what is different",
        arguments: [
            ("pod", "ip addr del 10.62.0.2/24 dev eth0", "10.62.0.2/24 on eth0"),
            ("pod", "ip -6 addr flush dev eth0 scope global", "fd62::2/64 on eth0"),
            ("pod", "ip route del default", "route to 0.0.0.0/0"),
            ("pod", "ip link set eth0 address 02:00:00:00:00:09", "eth0 with MAC"),
            ("pod", "ip link set eth0 mtu 1300", "eth0 with MTU 1500"), ("pod", "ip link set eth0 down", "eth0 up"),
            ("pod", "ip link del eth0", "veth eth0 in the container"),
            ("node", "ip link set cni0 down", "bridge cni0 up"),
            ("node", "ip addr del 10.62.0.1/24 dev cni0", "gateway 10.62.0.1 on cni0"),
            ("node", "ip link del cni0", "bridge cni0"), ("node", "ip link set HOST nomaster", "port of cni0"),
            ("node", "ip link set HOST type bridge_slave hairpin off", "hairpin mode"),
            ("node", "ip link set HOST type bridge_slave isolated off", "port isolation"),
        ])
    func checkFindsDifferences(_ place: String, _ command: String, _ expected: String) throws {
        try TestNode.with { node in
            let network = try Network(node, bridge(node, ["hairpinMode": true, "portIsolation": true]))
            let pod = try node.makeNamespace()
            let result = try network.attach(pod)
            let clean = try network.attachment(pod).check(result)
            #expect(clean.succeeded, "\(clean)")
            let host = try #require(result["interfaces"]?[1]?["name"]?.string)
            let words = command.replacing("HOST", with: host).split(separator: " ").map(String.init)
            try (place == "pod" ? pod : node.namespace).check(words)
            let check = try network.attachment(pod).check(result)
            #expect(check.code == 103, "\(check)")
            #expect(check.json?["details"]?.string?.contains("expected: ") == true)
            #expect(check.json?["details"]?.string?.contains(expected) == true, "\(check)")
        }
    }

    @Test("rules that a flush took are put back by CHECK, which says so")
    func checkRepairsRules() throws {
        try TestNode.with { node in
            let network = try Network(node, bridge(node))
            let pod = try node.makeNamespace()
            let result = try network.attach(pod)
            let before = try node.rules(naming: "c1")
            try node.namespace.check(["nft", "flush", "ruleset"])
            let check = try network.attachment(pod).check(result)
            #expect(check.succeeded, "\(check)")
            #expect(check.output.stderr.contains("put back"))
            #expect(try node.rules(naming: "c1").sorted() == before.sorted())
        }
    }

    // MARK: GC, STATUS

    @Test("GC removes links, addresses and rules of attachments that are not valid, and no others")
    func garbage() throws {
        try TestNode.with { node in
            let network = try Network(node, bridge(node))
            let other = try Network(
                node, bridge(node, ["bridge": "cni1", "ipam": node.hostLocal("10.63.0.0/24")]), name: "net2")
            let pods = try (0..<3).map { _ in try node.makeNamespace() }
            for (index, pod) in pods.enumerated() { try network.attach(pod, container: "c\(index)") }
            try other.attach(pods[0], container: "c0", interface: "eth1")
            let untouched = try node.rules(naming: "c1") + node.rules(naming: "c0").filter { $0.contains("net2/") }
            let answer = try network.collectGarbage(keeping: [("c1", "eth0")])
            #expect(answer.succeeded, "\(answer)")
            #expect(answer.output.stdout == "")
            let aliases = try node.namespace.json(["ip", "-j", "link"]).elements.compactMap { $0["ifalias"]?.string }
            #expect(aliases.sorted() == ["poplin:net/c1/eth0", "poplin:net2/c0/eth1"])
            #expect(node.reservations().count == 2)
            #expect(node.reservations("net2").count == 1)
            #expect(
                try (node.rules(naming: "c0") + node.rules(naming: "c1") + node.rules(naming: "c2")).sorted()
                    == untouched.sorted())
            #expect(try pods[1].reaches("10.62.0.1"))
        }
    }

    @Test("defect 10: STATUS and GC are not accepted and ignored")
    func statusTellsTheTruth() throws {
        try TestNode.with { node in
            let small = node.hostLocal("10.62.0.0/30")
            let network = try Network(node, bridge(node, ["ipam": small]))
            let fresh = try network.status()
            #expect(fresh.succeeded, "\(fresh)")
            try network.attach(try node.makeNamespace())
            #expect(try network.status().code == 50)
            #expect(try network.collectGarbage(keeping: []).succeeded)
            #expect(try network.status().succeeded)
            try expectNothing(node, of: "c1")
        }
    }

    @Test("defect 8: ADD in the plugin's own namespace answers one document and leaves nothing")
    func ownNamespace() throws {
        try TestNode.with { node in
            let network = try Network(node, bridge(node))
            let answer = try network.attachment(node.namespace).add()
            #expect(answer.code == 8, "\(answer)")
            #expect(try node.links() == [])
            #expect(node.reservations() == [])
        }
    }

    // MARK: Many at once

    @Test("parallel first ADDs make one bridge and all succeed")
    func parallelFirstAdds() throws {
        try TestNode.with { node in
            let network = try Network(node, bridge(node))
            let pods = try (0..<8).map { _ in try node.makeNamespace() }
            let failures = Mutex<[String]>([])
            DispatchQueue.concurrentPerform(iterations: pods.count) { index in
                do {
                    try network.attach(pods[index], container: "c\(index)")
                } catch {
                    failures.withLock { $0.append("\(error)") }
                }
            }
            #expect(failures.withLock { $0 } == [])
            let ports = try node.namespace.json(["ip", "-j", "link", "show", "master", "cni0"]).elements
            #expect(ports.count == pods.count)
            #expect(try node.namespace.addresses("cni0") == ["10.62.0.1/24", "fd62::1/64"])
            for pod in pods { #expect(try pod.reaches("10.62.0.1")) }
        }
    }

    @Test("the bridge's MAC does not change as pods come and go")
    func pinnedAddress() throws {
        try TestNode.with { node in
            // Also on a bridge that somebody else made without an address of its own.
            try node.namespace.check(["ip", "link", "add", "cni0", "up", "type", "bridge"])
            let network = try Network(node, bridge(node))
            let first = try node.makeNamespace()
            try network.attach(first, container: "c0")
            let address = try node.link("cni0")["address"]
            for index in 1..<6 {
                try network.attach(try node.makeNamespace(), container: "c\(index)")
                #expect(try node.link("cni0")["address"] == address)
            }
            #expect(try network.attachment(first, container: "c0").delete(nil).succeeded)
            #expect(try node.link("cni0")["address"] == address)
        }
    }

    @Test("enabledad: a second holder of an IPv6 address is refused and leaves nothing")
    func duplicateAddress() throws {
        try TestNode.with { node in
            let fixed: JSON = ["type": "static", "addresses": [["address": "fd62::9/64", "gateway": "fd62::1"]]]
            var plugin = bridge(node, ["ipam": fixed, "enabledad": true, "macspoofchk": false])
            let network = try Network(node, plugin)
            let (one, two) = (try node.makeNamespace(), try node.makeNamespace())
            for pod in [one, two] { try pod.write(sysctl: "net/ipv6/conf/default/dad_transmits", "1") }
            try network.attach(one, container: "c1")
            let answer = try network.attachment(two, container: "c2").add()
            #expect(answer.code == 102, "\(answer)")
            #expect(answer.message.contains("fd62::9 is already used"))
            #expect(try two.run(["ip", "link", "show", "eth0"]).succeeded == false)
            plugin["enabledad"] = nil
            #expect(try Network(node, plugin).attachment(two, container: "c2").add().succeeded)
        }
    }
}
