import Foundation
import Glibc
import Testing

/// portmap with real traffic: pods behind a bridge of the node, and a machine outside that has no route to them.
@Suite(.enabled(if: getuid() == 0, "needs root")) struct PortMappingTests {
    private func result(_ pod: TestNamespace, _ v4: String?, _ v6: String? = nil) -> JSON {
        var ips: [JSON] = []
        if let v4 { ips.append(["address": .string("\(v4)/16"), "interface": 1]) }
        if let v6 { ips.append(["address": .string("\(v6)/64"), "interface": 1]) }
        return [
            "cniVersion": "1.0.0",
            "interfaces": [["name": "cni0"], ["name": "eth0", "sandbox": .string(pod.path)]],
            "ips": .array(ips),
        ]
    }

    private func mapping(
        _ host: Int64, _ container: Int64, _ transport: String = "tcp", hostIP: String? = nil
    ) -> JSON {
        var mapping: JSON = [
            "hostPort": .int(host), "containerPort": .int(container), "protocol": .string(transport),
        ]
        if let hostIP { mapping["hostIP"] = .string(hostIP) }
        return mapping
    }

    private func attachment(
        _ bridged: BridgedNode, _ pod: TestNamespace, _ container: String, _ mappings: [JSON],
        network: String = "podnet", configuration: JSON = [:]
    ) throws -> Attachment {
        var entry: JSON = ["type": "portmap", "capabilities": ["portMappings": true]]
        for (key, value) in configuration.members { entry[key] = value }
        return Attachment(
            node: bridged.node, plugins: try .poplin(),
            list: ["cniVersion": "1.0.0", "name": .string(network), "plugins": [entry]],
            containerID: container, interface: "eth0", pod: pod, capabilities: ["portMappings": .array(mappings)])
    }

    private static let tracking =
        "add table ip t;"
        + " add chain ip t c { type filter hook prerouting priority 0; }; add rule ip t c ct state new counter"

    /// Packets between namespaces take a moment.
    private func eventually(_ isSo: () throws -> Bool) throws -> Bool {
        for _ in 0..<100 {
            if try isSo() { return true }
            usleep(20_000)
        }
        return try isSo()
    }

    @discardableResult
    private func add(_ attachment: Attachment, _ previous: JSON) throws -> PluginAnswer {
        let answer = try attachment.call("ADD", attachment.entries[0], previous: previous)
        #expect(answer.succeeded, "\(answer)")
        return answer
    }

    private func delete(_ attachment: Attachment, _ previous: JSON?) throws {
        let answer = try attachment.call("DEL", attachment.entries[0], previous: previous)
        #expect(answer.succeeded, "\(answer)")
    }

    private func ruleset(_ bridged: BridgedNode) throws -> String {
        try bridged.node.namespace.check(["nft", "list", "ruleset"]).stdout
    }

    @Test func everySourceReachesThePublishedPort() throws {
        try TestNode.with { node in
            let bridged = try BridgedNode(node)
            let pod = try bridged.makePod("10.88.0.5", "fd00:10::5")
            let neighbour = try bridged.makePod("10.88.0.6", "fd00:10::6")
            let outside = try node.makeNeighbour()
            let previous = result(pod, "10.88.0.5", "fd00:10::5")
            let attachment = try attachment(
                bridged, pod, "a", [mapping(8080, 80), mapping(5353, 53, "udp")])
            #expect(try add(attachment, previous).json == previous)
            let host = node.namespace
            func reach(
                _ client: TestNamespace, _ address: String, _ source: String, _ transport: Traffic.Transport = .tcp
            ) throws {
                let (port, inner): (UInt16, UInt16) = transport == .tcp ? (8080, 80) : (5353, 53)
                let outcome = try Traffic.send(
                    transport, from: client, to: address, port: port, server: pod, serverPort: inner)
                #expect(outcome == .reached(from: source), "\(client.name) to \(address) over \(transport)")
            }
            // A machine outside, whose address stays visible.
            try reach(outside, "198.51.100.1", "198.51.100.2")
            try reach(outside, "2001:db8:51::1", "2001:db8:51::2")
            try reach(outside, "198.51.100.1", "198.51.100.2", .udp)
            // The node itself, by an address of its own and by localhost.
            try reach(host, "198.51.100.1", "198.51.100.1")
            try reach(host, "127.0.0.1", "10.88.0.1")
            try reach(host, "127.0.0.1", "10.88.0.1", .udp)
            // A pod of the same subnet and the pod itself: masqueraded, or the answer would take another way back.
            try reach(neighbour, "198.51.100.1", "10.88.0.1")
            try reach(neighbour, "10.88.0.1", "10.88.0.1", .udp)
            try reach(neighbour, "fd00:10::1", "fd00:10::1")
            try reach(pod, "198.51.100.1", "10.88.0.1")
            // IPv6 has no route_localnet: the port is simply not there.
            #expect(
                try Traffic.send(.tcp, from: host, to: "::1", port: 8080, server: pod, serverPort: 80) == .refused)
            #expect(try attachment.call("CHECK", attachment.entries[0], previous: previous).succeeded)
            try delete(attachment, previous)
            #expect(
                try Traffic.send(.tcp, from: outside, to: "198.51.100.1", port: 8080, server: pod, serverPort: 80)
                    == .refused)
            #expect(try ruleset(bridged) == "")
        }
    }

    @Test func theRuleSetOfOneMappingCanBeSavedAndLoaded() throws {
        try TestNode.with { node in
            let bridged = try BridgedNode(node)
            let pod = try bridged.makePod("10.88.0.5", "fd00:10::5")
            let attachment = try attachment(
                bridged, pod, "3f2a", [mapping(8080, 80), mapping(443, 8443, hostIP: "198.51.100.1")])
            try add(attachment, result(pod, "10.88.0.5", "fd00:10::5"))
            let text = try ruleset(bridged)
            #expect(
                text == """
                    table inet poplin_cni {
                    	map portmap4_ip {
                    		type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service
                    		elements = { 198.51.100.1 . tcp . 443 comment "podnet/3f2a/eth0" : 10.88.0.5 . 8443 }
                    	}

                    	map portmap4 {
                    		type inet_proto . inet_service : ipv4_addr . inet_service
                    		elements = { tcp . 8080 comment "podnet/3f2a/eth0" : 10.88.0.5 . 80 }
                    	}

                    	map portmap_pods4 {
                    		type ipv4_addr : verdict
                    		elements = { 10.88.0.5 comment "podnet/3f2a/eth0" : goto portmap/10.88.0.0/16 }
                    	}

                    	map portmap6_ip {
                    		type ipv6_addr . inet_proto . inet_service : ipv6_addr . inet_service
                    	}

                    	map portmap6 {
                    		type inet_proto . inet_service : ipv6_addr . inet_service
                    		elements = { tcp . 8080 comment "podnet/3f2a/eth0" : fd00:10::5 . 80 }
                    	}

                    	map portmap_pods6 {
                    		type ipv6_addr : verdict
                    		elements = { fd00:10::5 comment "podnet/3f2a/eth0" : goto portmap/fd00_10__/64 }
                    	}

                    	chain portmap {
                    		dnat ip to ip daddr . meta l4proto . th dport map @portmap4_ip
                    		dnat ip to meta l4proto . th dport map @portmap4
                    		dnat ip6 to ip6 daddr . meta l4proto . th dport map @portmap6_ip
                    		dnat ip6 to meta l4proto . th dport map @portmap6
                    	}

                    	chain portmap_prerouting {
                    		type nat hook prerouting priority dstnat; policy accept;
                    		fib daddr type local goto portmap
                    	}

                    	chain portmap_output {
                    		type nat hook output priority -100; policy accept;
                    		ip6 daddr ::1 return comment "IPv6 has no route_localnet"
                    		fib daddr type local goto portmap
                    	}

                    	chain portmap_postrouting {
                    		type nat hook postrouting priority srcnat - 1; policy accept;
                    		ct status dnat ip daddr vmap @portmap_pods4
                    		ct status dnat ip6 daddr vmap @portmap_pods6
                    	}

                    	chain portmap_guard {
                    		type filter hook prerouting priority raw; policy accept;
                    		iifname != "lo" ip daddr 127.0.0.0/8 drop comment "route_localnet is for this node only"
                    	}

                    	chain portmap/10.88.0.0/16 {
                    		ip saddr 10.88.0.0/16 masquerade comment "own subnet"
                    		ip saddr 127.0.0.0/8 masquerade comment "localhost"
                    	}

                    	chain portmap/fd00_10__/64 {
                    		ip6 saddr fd00:10::/64 masquerade comment "own subnet"
                    	}
                    }

                    """)
            try node.makeNamespace("copy").check(["nft", "-f", "-"], stdin: text)
        }
    }

    @Test func portAlreadyTakenSaysByWhom() throws {
        // Defect 3 of the reference: the same host port is accepted for two pods, and the first rule wins silently.
        try TestNode.with { node in
            let bridged = try BridgedNode(node)
            let a = try bridged.makePod("10.88.0.5", "fd00:10::5")
            let b = try bridged.makePod("10.88.0.6", "fd00:10::6")
            try add(attachment(bridged, a, "a", [mapping(8080, 80)]), result(a, "10.88.0.5"))
            let before = try ruleset(bridged)
            let second = try attachment(bridged, b, "b", [mapping(9090, 90), mapping(8080, 8000)])
            let answer = try second.call("ADD", second.entries[0], previous: result(b, "10.88.0.6"))
            #expect(answer.code == 102, "\(answer)")
            #expect(answer.message == "host port 8080/tcp is already published by podnet/a/eth0")
            #expect(answer.json?["details"]?.string?.contains("container a, interface eth0") == true)
            // All or nothing: the free port is not taken either.
            #expect(try ruleset(bridged) == before)
            // Another protocol, and an address of its own, are other ports.
            try add(
                attachment(bridged, b, "b", [mapping(8080, 80, "udp"), mapping(8080, 80, hostIP: "10.88.0.1")]),
                result(b, "10.88.0.6"))
        }
    }

    @Test func repeatedADDDuplicatesNothing() throws {
        // Defect 3 of the reference: a repeated ADD duplicates rules.
        try TestNode.with { node in
            let bridged = try BridgedNode(node)
            let pod = try bridged.makePod("10.88.0.5", "fd00:10::5")
            let attachment = try attachment(bridged, pod, "a", [mapping(8080, 80)])
            try add(attachment, result(pod, "10.88.0.5", "fd00:10::5"))
            let first = try node.namespace.check(["nft", "-a", "list", "ruleset"]).stdout
            let answer = try add(attachment, result(pod, "10.88.0.5", "fd00:10::5"))
            #expect(answer.output.stderr == "")
            #expect(try node.namespace.check(["nft", "-a", "list", "ruleset"]).stdout == first)
        }
    }

    @Test func DELForOneNetworkLeavesTheOtherNetworksMappings() throws {
        // Defect 3 of the reference: its comments have the container only, so DEL for B deletes A's mappings too.
        try TestNode.with { node in
            let bridged = try BridgedNode(node)
            let pod = try bridged.makePod("10.88.0.5", "fd00:10::5")
            let a = try attachment(bridged, pod, "c", [mapping(8080, 80)], network: "a")
            let b = try attachment(bridged, pod, "c", [mapping(8081, 80)], network: "b")
            try add(a, result(pod, "10.88.0.5"))
            try add(b, result(pod, "10.88.0.6"))
            try delete(b, result(pod, "10.88.0.6"))
            #expect(try ruleset(bridged).contains("tcp . 8080"))
            #expect(try !ruleset(bridged).contains("tcp . 8081"))
            try delete(b, nil)
            try delete(a, nil)
            #expect(try ruleset(bridged) == "")
        }
    }

    @Test func DELWithoutRuntimeConfigRemovesEverything() throws {
        // Defect 4 of the reference: without runtimeConfig it returns before deleting anything.
        try TestNode.with { node in
            let bridged = try BridgedNode(node)
            let pod = try bridged.makePod("10.88.0.5", "fd00:10::5")
            var attachment = try attachment(
                bridged, pod, "a", [mapping(8080, 80), mapping(53, 53, "udp", hostIP: "198.51.100.1")],
                configuration: ["conditionsV4": ["!", "-d", "192.0.2.0/24"]])
            try add(attachment, result(pod, "10.88.0.5", nil))
            attachment.capabilities = [:]
            attachment.pod = nil
            try delete(attachment, nil)
            try delete(attachment, nil)
            #expect(try ruleset(bridged) == "")
        }
    }

    @Test func portmapLeavesNoUDPFlowBehind() throws {
        // containernetworking/plugins#1190: after DEL the flows keep going to the pod that is gone.
        try TestNode.with { node in
            let bridged = try BridgedNode(node)
            let old = try bridged.makePod("10.88.0.5", "fd00:10::5")
            let new = try bridged.makePod("10.88.0.6", "fd00:10::6")
            let outside = try node.makeNeighbour()
            func flows() throws -> String {
                try node.namespace.check(["conntrack", "-L", "-p", "udp", "--orig-port-dst", "5353"]).stdout
            }
            func unrelated() throws -> String {
                try node.namespace.check(["conntrack", "-L", "-p", "udp", "--orig-port-dst", "5354"]).stdout
            }
            // Without a rule that asks for it the node tracks nothing.
            try node.namespace.check(["nft", Self.tracking])
            let first = try attachment(bridged, old, "old", [mapping(5353, 53, "udp")])
            let other = try attachment(bridged, old, "other", [mapping(5354, 54, "udp")])
            // A flow from before the port was published is in the way of it.
            let client = try outside.inside { try UDPClient(port: 40_000) }
            try client.send(to: "198.51.100.1", 5353)
            #expect(try eventually { try flows().contains("dport=5353") })
            try add(first, result(old, "10.88.0.5"))
            #expect(try !flows().contains("dport=5353"))
            try add(other, result(old, "10.88.0.5"))
            try client.send(to: "198.51.100.1", 5353)
            try client.send(to: "198.51.100.1", 5354)
            #expect(try eventually { try flows().contains("src=10.88.0.5") })
            try delete(first, result(old, "10.88.0.5"))
            #expect(try !flows().contains("dport=5353"))
            #expect(try eventually { try unrelated().contains("dport=5354") })
            // The same client socket reaches the new pod at once.
            try add(
                attachment(bridged, new, "new", [mapping(5353, 53, "udp")]), result(new, "10.88.0.6"))
            try client.send(to: "198.51.100.1", 5353)
            #expect(try eventually { try flows().contains("src=10.88.0.6") })
        }
    }

    @Test func flowsOfPodsToTheSamePortElsewhereAreLeftAlone() throws {
        try TestNode.with { node in
            let bridged = try BridgedNode(node)
            let pod = try bridged.makePod("10.88.0.5", "fd00:10::5")
            let outside = try node.makeNeighbour()
            // As a resolver's query: from a pod to port 53 of a machine outside.
            try outside.check(["ip", "route", "add", "10.88.0.0/16", "via", "198.51.100.1"])
            #expect(
                try Traffic.send(.udp, from: pod, to: "198.51.100.2", port: 53, server: outside)
                    == .reached(from: "10.88.0.5"))
            let list = ["conntrack", "-L", "-p", "udp", "--orig-port-dst", "53"]
            // Without a rule that asks for it the node tracks nothing.
            try node.namespace.check(["nft", Self.tracking])
            #expect(
                try Traffic.send(.udp, from: pod, to: "198.51.100.2", port: 53, server: outside)
                    == .reached(from: "10.88.0.5"))
            #expect(try node.namespace.check(list).stdout.contains("dst=198.51.100.2"))
            let attachment = try attachment(bridged, pod, "a", [mapping(53, 53, "udp")])
            try add(attachment, result(pod, "10.88.0.5"))
            try delete(attachment, result(pod, "10.88.0.5"))
            #expect(try node.namespace.check(list).stdout.contains("dst=198.51.100.2"))
        }
    }

    @Test func snatFalseAndMasqAll() throws {
        try TestNode.with { node in
            let bridged = try BridgedNode(node)
            let plain = try bridged.makePod("10.88.0.5", "fd00:10::5")
            let all = try bridged.makePod("10.88.0.6", "fd00:10::6")
            let outside = try node.makeNeighbour()
            let first = try attachment(
                bridged, plain, "plain", [mapping(8080, 80)], configuration: ["snat": false])
            let second = try attachment(
                bridged, all, "all", [mapping(8081, 80)], network: "other", configuration: ["masqAll": true])
            try add(first, result(plain, "10.88.0.5"))
            #expect(try node.namespace.read(sysctl: "net/ipv4/conf/cni0/route_localnet") == "0")
            try add(second, result(all, "10.88.0.6"))
            #expect(try node.namespace.read(sysctl: "net/ipv4/conf/cni0/route_localnet") == "1")
            #expect(
                try Traffic.send(.tcp, from: outside, to: "198.51.100.1", port: 8080, server: plain, serverPort: 80)
                    == .reached(from: "198.51.100.2"))
            #expect(
                try Traffic.send(.tcp, from: outside, to: "198.51.100.1", port: 8081, server: all, serverPort: 80)
                    == .reached(from: "10.88.0.1"))
            try delete(first, result(plain, "10.88.0.5"))
            try delete(second, nil)
            #expect(try ruleset(bridged) == "")
        }
    }

    @Test(arguments: [
        ["conditionsV4": ["!", "-s", "198.51.100.0/24"]] as JSON,
        ["conditionsV4": ["ip", "saddr", "!=", "198.51.100.0/24"], "backend": "nftables"] as JSON,
        ["conditionsV4": ["!", "-i", "outside+"]] as JSON,
        ["conditionsV4": ["iifname", "!=", "outside0"]] as JSON,
    ])
    func conditionsExcludeWhatTheySay(_ configuration: JSON) throws {
        try TestNode.with { node in
            let bridged = try BridgedNode(node)
            let pod = try bridged.makePod("10.88.0.5", "fd00:10::5")
            let neighbour = try bridged.makePod("10.88.0.6", "fd00:10::6")
            let outside = try node.makeNeighbour()
            let conditional = try attachment(
                bridged, pod, "a", [mapping(8080, 80)], configuration: configuration)
            try add(conditional, result(pod, "10.88.0.5"))
            try add(attachment(bridged, neighbour, "b", [mapping(8081, 80)]), result(neighbour, "10.88.0.6"))
            #expect(
                try Traffic.send(.tcp, from: outside, to: "198.51.100.1", port: 8080, server: pod, serverPort: 80)
                    == .refused)
            #expect(
                try Traffic.send(.tcp, from: neighbour, to: "198.51.100.1", port: 8080, server: pod, serverPort: 80)
                    == .reached(from: "10.88.0.1"))
            // Another network's mappings are not concerned.
            #expect(
                try Traffic.send(
                    .tcp, from: outside, to: "198.51.100.1", port: 8081, server: neighbour, serverPort: 80)
                    == .reached(from: "198.51.100.2"))
            try node.makeNamespace("copy").check(["nft", "-f", "-"], stdin: try ruleset(bridged))
        }
    }

    @Test func podsCannotReachTheNodesLoopbackThroughRouteLocalnet() throws {
        try TestNode.with { node in
            let bridged = try BridgedNode(node)
            let pod = try bridged.makePod("10.88.0.5", "fd00:10::5")
            try add(attachment(bridged, pod, "a", [mapping(8080, 80)]), result(pod, "10.88.0.5"))
            #expect(try node.namespace.read(sysctl: "net/ipv4/conf/cni0/route_localnet") == "1")
            try pod.write(sysctl: "net/ipv4/conf/all/route_localnet", "1")
            try pod.check(["ip", "addr", "del", "127.0.0.1/8", "dev", "lo"])
            try pod.check(["ip", "route", "add", "127.0.0.0/8", "via", "10.88.0.1", "src", "10.88.0.5"])
            _ = try pod.run(["ip", "route", "del", "table", "local", "local", "127.0.0.0/8"])
            _ = try pod.run(["ip", "route", "del", "table", "local", "local", "127.0.0.1"])
            #expect(
                try Traffic.send(
                    .udp, from: pod, to: "127.0.0.1", port: 7000, server: node.namespace, source: "10.88.0.5",
                    wait: 400) == .silent)
        }
    }

    @Test func garbageCollectionAndStatus() throws {
        try TestNode.with { node in
            let bridged = try BridgedNode(node)
            let pod = try bridged.makePod("10.88.0.5", "fd00:10::5")
            let a = try attachment(bridged, pod, "a", [mapping(8080, 80)])
            let b = try attachment(bridged, pod, "b", [mapping(8081, 80)])
            try add(a, result(pod, "10.88.0.5"))
            try add(b, result(pod, "10.88.0.6"))
            func call(_ verb: String, _ configuration: JSON) throws -> PluginAnswer {
                try a.call(verb, "portmap", configuration: configuration.text)
            }
            var configuration: JSON = ["cniVersion": "1.1.0", "name": "podnet", "type": "portmap"]
            #expect(try call("STATUS", configuration).succeeded)
            // Without a list nothing is known to be stale.
            #expect(try call("GC", configuration).succeeded)
            #expect(try ruleset(bridged).contains("podnet/a/eth0"))
            configuration["cni.dev/valid-attachments"] = [["containerID": "b", "ifname": "eth0"]]
            #expect(try call("GC", configuration).succeeded)
            #expect(try !ruleset(bridged).contains("podnet/a/eth0"))
            #expect(try ruleset(bridged).contains("podnet/b/eth0"))
            configuration["cni.dev/valid-attachments"] = []
            #expect(try call("GC", configuration).succeeded)
            #expect(try ruleset(bridged) == "")
        }
    }

    @Test func flushedRulesArePutBackByCHECKAndReported() throws {
        try TestNode.with { node in
            let bridged = try BridgedNode(node)
            let pod = try bridged.makePod("10.88.0.5", "fd00:10::5")
            let attachment = try attachment(bridged, pod, "a", [mapping(8080, 80)])
            try add(attachment, result(pod, "10.88.0.5"))
            let before = try ruleset(bridged)
            try node.namespace.check(["nft", "flush", "ruleset"])
            let answer = try attachment.call("CHECK", attachment.entries[0], previous: result(pod, "10.88.0.5"))
            #expect(answer.succeeded, "\(answer)")
            #expect(answer.output.stdout == "")
            #expect(answer.output.stderr.contains("put back"))
            #expect(try ruleset(bridged) == before)
        }
    }

    @Test func parallelDELsOfEveryOrder() throws {
        // containernetworking/plugins#418: not idempotent under parallel DELs.
        try TestNode.with { node in
            let bridged = try BridgedNode(node)
            let pod = try bridged.makePod("10.88.0.5", "fd00:10::5")
            let failures = Failures()
            DispatchQueue.concurrentPerform(iterations: 16) { number in
                failures.collect {
                    let attachment = try attachment(
                        bridged, pod, "c\(number)",
                        [mapping(8000 + Int64(number), 80), mapping(9000 + Int64(number), 53, "udp")])
                    let previous = result(pod, "10.88.1.\(number + 1)", "fd00:10::1:\(number + 1)")
                    for _ in 0..<2 { try add(attachment, previous) }
                    DispatchQueue.concurrentPerform(iterations: 2) { copy in
                        failures.collect { try delete(attachment, copy == 0 ? previous : nil) }
                    }
                }
            }
            let left = try ruleset(bridged)
            #expect(failures.list.isEmpty, "\(failures.list)")
            #expect(left == "")
        }
    }
}

/// A UDP socket with a fixed port in the namespace it was made in.
private final class UDPClient {
    private let number: Int32

    init(port: UInt16) throws {
        number = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        let address = try SocketAddress("0.0.0.0", port)
        guard address.withPointer({ bind(number, $0, $1) }) == 0 else { throw HarnessError("cannot bind to \(port)") }
    }

    deinit { _ = Glibc.close(number) }

    func send(to host: String, _ port: UInt16) throws {
        let address = try SocketAddress(host, port)
        // An ICMP error of the previous datagram is reported here once.
        for _ in 0..<2 where address.withPointer({ sendto(number, "hi", 2, 0, $0, $1) }) == 2 { return }
        throw HarnessError("cannot send to \(host)")
    }
}
