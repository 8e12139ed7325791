import Foundation
import Glibc
import Testing

/// The bridge plugin with its address manager, in a node of its own.
@Suite(.enabled(if: getuid() == 0, "needs root")) struct BridgePluginTests {
    private func bridge(_ node: TestNode, _ more: JSON = [:]) -> JSON {
        var plugin: JSON = [
            "type": "bridge", "bridge": "cni0", "isGateway": true, "isDefaultGateway": true,
            "ipam": node.hostLocal("10.61.0.0/24", "fd61::/64"),
        ]
        for (key, value) in more.members { plugin[key] = value == .null ? nil : value }
        return plugin
    }

    @Test(arguments: [
        ("IPv4", ["10.61.0.0/24"]), ("IPv6", ["fd61::/64"]), ("dual stack", ["10.61.0.0/24", "fd61::/64"]),
    ])
    func podsReachTheGatewayAndEachOther(_ name: String, _ subnets: [String]) throws {
        try TestNode.with { node in
            var ipam = node.hostLocal()
            ipam["ranges"] = .array(subnets.map { [["subnet": .string($0)]] })
            let network = try Network(node, bridge(node, ["ipam": ipam]))
            let (one, two) = (try node.makeNamespace(), try node.makeNamespace())
            let first = try network.attach(one, container: "c1")
            let second = try network.attach(two, container: "c2")
            for (index, ip) in (second["ips"]?.elements ?? []).enumerated() {
                let address = try #require(ip["address"]?.string?.split(separator: "/").first.map(String.init))
                #expect(try one.reaches(address))
                #expect(try one.reaches(try #require(ip["gateway"]?.string)))
                #expect(first["ips"]?[index]?["interface"] == 2)
            }
            let inside = try one.link("eth0")
            #expect(first["interfaces"]?[2]?["mac"] == inside["address"])
            #expect(first["interfaces"]?[2]?["sandbox"] == .string(one.path))
            #expect(try one.addresses("eth0") == first["ips"]?.elements.compactMap { $0["address"]?.string })
            let check = try network.attachment(one).check(first)
            #expect(check.succeeded, "\(check)")
            for (pod, container, result) in [(one, "c1", first), (two, "c2", second)] {
                let answer = try network.attachment(pod, container: container).delete(result)
                #expect(answer.succeeded, "\(answer)")
            }
            #expect(try node.links() == ["cni0"])
            #expect(node.reservations() == [])
        }
    }

    @Test func everyKeyOfTheLinks() throws {
        try TestNode.with { node in
            let pod = try node.makeNamespace()
            let network = try Network(
                node,
                bridge(
                    node,
                    [
                        "hairpinMode": true, "portIsolation": true, "mtu": 1400, "dns": ["nameservers": ["9.9.9.9"]],
                        "capabilities": ["mac": true],
                    ]))
            let answer = try network.attachment(
                pod, arguments: "IgnoreUnknown=1;MAC=02:00:00:00:00:01", capabilities: ["mac": "02:00:00:00:00:02"]
            ).add()
            #expect(answer.succeeded, "\(answer)")
            let host = try #require(answer.json?["interfaces"]?[1]?["name"]?.string)
            let port = try node.link(host)
            #expect(port["master"] == "cni0")
            #expect(port["mtu"] == 1400)
            #expect(port["ifalias"] == "poplin:net/c1/eth0")
            let details = port["linkinfo"]?["info_slave_data"]
            #expect(details?["hairpin"] == true)
            #expect(details?["isolated"] == true)
            #expect(details?["state"] == "forwarding")
            // The link carries no IPv6 address of its own: a port never uses it.
            #expect(try node.namespace.json(["ip", "-j", "addr", "show", host])[0]?["addr_info"] == [])
            let inside = try pod.link("eth0")
            #expect(inside["address"] == "02:00:00:00:00:02")
            #expect(inside["mtu"] == 1400)
            #expect(try node.link("cni0")["mtu"] == 1400)
            #expect(answer.json?["dns"]?["nameservers"] == ["9.9.9.9"])
            #expect(try pod.read(sysctl: "net/ipv4/conf/eth0/arp_notify") == "1")
            #expect(try pod.read(sysctl: "net/ipv6/conf/eth0/accept_dad") == "0")
            #expect(try node.namespace.read(sysctl: "net/ipv4/ip_forward") == "1")
            #expect(try node.namespace.read(sysctl: "net/ipv6/conf/all/forwarding") == "1")
            #expect(try node.namespace.read(sysctl: "net/ipv6/conf/cni0/accept_ra") == "0")
        }
    }

    @Test func promiscuousModeIsTheBridges() throws {
        try TestNode.with { node in
            let network = try Network(node, bridge(node, ["promiscMode": true]))
            let pod = try node.makeNamespace()
            let result = try network.attach(pod)
            #expect(try node.link("cni0")["flags"]?.elements.contains("PROMISC") == true)
            try node.namespace.check(["ip", "link", "set", "cni0", "promisc", "off"])
            let check = try network.attachment(pod).check(result)
            #expect(check.code == 103)
            #expect(check.json?["details"]?.string?.contains("promiscuous") == true)
        }
    }

    @Test func routesKeepWhatTheAddressManagerSays() throws {
        try TestNode.with { node in
            let routes: JSON = [
                ["dst": "10.90.0.0/16", "mtu": 1300, "advmss": 1200, "priority": 55],
                ["dst": "10.91.0.0/16", "gw": "10.61.0.9", "table": 777], ["dst": "10.92.0.0/16", "scope": 0],
                ["dst": "fd90::/32", "priority": 9],
            ]
            let ipam = node.hostLocal("10.61.0.0/24", "fd61::/64", more: ["routes": routes])
            let pod = try node.makeNamespace()
            try Network(node, bridge(node, ["ipam": ipam])).attach(pod)
            let listed = try pod.check(["ip", "route", "show", "table", "all"]).stdout
            #expect(listed.contains("10.90.0.0/16 via 10.61.0.1 dev eth0 proto 112 metric 55 mtu 1300 advmss 1200"))
            #expect(listed.contains("10.91.0.0/16 via 10.61.0.9 dev eth0 table 777 proto 112"))
            #expect(listed.contains("10.92.0.0/16 via 10.61.0.1 dev eth0 proto 112"))
            let listed6 = try pod.check(["ip", "-6", "route"]).stdout
            #expect(listed6.contains("fd90::/32 via fd61::1 dev eth0 proto 112 metric 9"))
            #expect(listed6.contains("default via fd61::1"))
        }
    }

    // MARK: Refusals

    @Test func addingTwiceSaysWhoHasItAndHurtsNobody() throws {
        try TestNode.with { node in
            let network = try Network(node, bridge(node))
            let pod = try node.makeNamespace()
            let result = try network.attach(pod)
            let again = try network.attachment(pod).add()
            #expect(again.code == 102, "\(again)")
            let host = result["interfaces"]?[1]?["name"]?.string ?? "?"
            #expect(again.json?["details"]?.string?.contains(host) == true)
            #expect(try pod.reaches("10.61.0.1"))
            #expect(node.reservations().count == 2)
        }
    }

    @Test func anInterfaceOfThatNameIsLeftAloneAndNothingIsLeftBehind() throws {
        try TestNode.with { node in
            let pod = try node.makeNamespace()
            try pod.check(["ip", "link", "add", "eth0", "type", "bridge"])
            let answer = try Network(node, bridge(node)).attachment(pod).add()
            #expect(answer.code == 102, "\(answer)")
            #expect(answer.json?["details"]?.string?.contains("bridge") == true)
            #expect(try pod.link("eth0")["linkinfo"]?["info_kind"] == "bridge")
            // Not even the bridge, which this ADD had made.
            #expect(try node.links() == [])
            #expect(node.reservations() == [])
        }
    }

    @Test func aBridgeThatIsNoBridgeIsNamedWithItsKind() throws {
        try TestNode.with { node in
            try node.namespace.check(["ip", "link", "add", "cni0", "type", "veth", "peer", "name", "cni1"])
            let network = try Network(node, bridge(node))
            let answer = try network.attachment(try node.makeNamespace()).add()
            #expect(answer.code == 110, "\(answer)")
            #expect(answer.message == "cni0 already exists but is not a bridge")
            #expect(answer.json?["details"]?.string?.contains("kind veth") == true)
            #expect(try network.status().code == 50)
            #expect(try node.links().sorted() == ["cni0", "cni1"])
        }
    }

    @Test func anotherAddressOnTheBridgeIsAnErrorUnlessForced() throws {
        try TestNode.with { node in
            try node.namespace.check(["ip", "link", "add", "cni0", "up", "type", "bridge"])
            try node.namespace.check(["ip", "addr", "add", "10.99.0.1/24", "dev", "cni0"])
            let refused = try Network(node, bridge(node)).attachment(try node.makeNamespace()).add()
            #expect(refused.code == 110, "\(refused)")
            #expect(try node.namespace.addresses("cni0") == ["10.99.0.1/24"])
            #expect(try node.links() == ["cni0"])
            #expect(node.reservations() == [])
            try Network(node, bridge(node, ["forceAddress": true])).attach(try node.makeNamespace())
            #expect(try node.namespace.addresses("cni0") == ["10.61.0.1/24", "fd61::1/64"])
        }
    }

    @Test func aFailedFirstAddTakesItsBridgeAlong() throws {
        try TestNode.with { node in
            // The gateway of a route cannot be reached: the kernel refuses the last step but one.
            let ipam = node.hostLocal(
                "10.61.0.0/24", more: ["routes": [["dst": "10.90.0.0/16", "gw": "192.0.2.1"]]])
            let pod = try node.makeNamespace()
            let network = try Network(node, bridge(node, ["ipam": ipam, "ipMasq": true, "macspoofchk": true]))
            let answer = try network.attachment(pod).add()
            #expect(answer.code == 100, "\(answer)")
            #expect(answer.message.contains("RTM_NEWROUTE 10.90.0.0/16 via 192.0.2.1"))
            #expect(try node.links() == [])
            #expect(node.reservations() == [])
            #expect(try node.rules(naming: "c1") == [])
            #expect(try pod.run(["ip", "link", "show", "eth0"]).succeeded == false)
        }
    }

    @Test(arguments: [
        (#"{"bridge":"a/b"}"#, "bridge"), (#"{"bridge":"sixteencharacters"}"#, "bridge"),
        (#"{"mtu":70000}"#, "mtu"), (#"{"mtu":"1500"}"#, "mtu"), (#"{"mtu":-1}"#, "mtu"),
        (#"{"vlan":4095}"#, "vlan"), (#"{"vlanTrunk":[{"minID":5}]}"#, "vlanTrunk[0].minID"),
        (#"{"vlanTrunk":[{"minID":9,"maxID":5}]}"#, "vlanTrunk[0].minID"),
        (#"{"vlanTrunk":[{"id":0}]}"#, "vlanTrunk[0].id"), (#"{"vlanTrunk":[{}]}"#, "vlanTrunk[0]"),
        (#"{"hairpinMode":true,"promiscMode":true}"#, "promiscMode"), (#"{"isGateway":"yes"}"#, "isGateway"),
        (#"{"disableContainerInterface":true}"#, "disableContainerInterface"),
        (#"{"ipMasqBackend":"pf"}"#, "ipMasqBackend"), (#"{"runtimeConfig":{"mac":"x"}}"#, "runtimeConfig.mac"),
    ])
    func aBadValueIsNamedWithItsPathAndALine(_ text: String, _ path: String) throws {
        try TestNode.with { node in
            let network = try Network(node, bridge(node, try JSON(parsing: text)))
            let answer = try network.attachment(try node.makeNamespace()).add()
            #expect(answer.code == 7, "\(answer)")
            #expect(answer.message.hasPrefix("\(path):"), "\(answer)")
            #expect(answer.json?["details"]?.string?.contains("line 1, column") == true, "\(answer)")
            #expect(try node.links() == [])
        }
    }

    @Test(arguments: ["/nonexistent", "/etc/hostname", "/proc/self/ns/uts"])
    func aNamespaceThatIsNoneIsSaidSo(_ path: String) throws {
        try TestNode.with { node in
            let network = try Network(node, bridge(node))
            let attachment = network.attachment(nil)
            let configuration = attachment.configuration(of: network.plugin, previous: nil).text
            let answer = try attachment.call(
                "ADD", "bridge", configuration: configuration, environment: ["CNI_NETNS": path])
            #expect(answer.code == 4, "\(answer)")
            #expect(answer.message.contains(path))
            #expect(try node.links() == [])
        }
    }

    @Test func withoutPrivilegesItSaysSo() throws {
        try TestNode.with { node in
            let network = try Network(node, bridge(node))
            let attachment = network.attachment(try node.makeNamespace())
            let configuration = attachment.configuration(of: network.plugin, previous: nil).text
            func run(_ command: String) throws -> JSON {
                let output = try node.namespace.run(
                    [
                        "setpriv", "--reuid", "65534", "--clear-groups", "--inh-caps=-all",
                        network.plugins.path(of: "bridge"),
                    ], stdin: configuration,
                    environment: [
                        "PATH": "/usr/bin:/bin", "CNI_COMMAND": command, "CNI_CONTAINERID": "c1",
                        "CNI_NETNS": attachment.pod?.path ?? "", "CNI_IFNAME": "eth0",
                        "CNI_PATH": network.plugins.directory,
                    ])
                #expect(!output.succeeded)
                return try JSON(parsing: output.stdout)
            }
            #expect(try run("ADD")["code"] == 105)
            #expect(try run("STATUS")["code"] == 50)
            #expect(try node.links() == [])
        }
    }

    @Test func vlanOnAKernelWithoutVLANFilteringSaysWhatIsMissing() throws {
        try TestNode.with { node in
            let probe = try node.namespace.run(["ip", "link", "add", "probe", "type", "bridge", "vlan_filtering", "1"])
            let pod = try node.makeNamespace()
            let network = try Network(node, bridge(node, ["vlan": 100, "vlanTrunk": [["minID": 200, "maxID": 210]]]))
            let answer = try network.attachment(pod).add()
            if probe.succeeded {
                #expect(answer.succeeded, "\(answer)")
                let vlans = try node.namespace.check(["bridge", "vlan", "show"]).stdout
                #expect(vlans.contains("100 PVID Egress Untagged"))
                #expect(vlans.contains("200-210") || vlans.contains("210"))
                let check = try network.attachment(pod).check(answer.json)
                #expect(check.succeeded, "\(check)")
                #expect(try pod.reaches("10.61.0.1"))
            } else {
                #expect(answer.code == 100, "\(answer)")
                #expect(answer.json?["details"]?.string?.contains("CONFIG_BRIDGE_VLAN_FILTERING") == true)
                #expect(try node.links() == [])
            }
        }
    }
}
