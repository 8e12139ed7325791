import Foundation
import Glibc
import Testing

/// firewall with real traffic, on nodes that drop what they do not know: iptables-nft with a FORWARD policy of DROP (as
/// Docker sets it), a chain that ends with a reject (firewalld, RHEL), rules of the old iptables.
@Suite(.enabled(if: getuid() == 0, "needs root")) struct FirewallTests {
    private static let markedRule =
        "-A FORWARD -m mark --mark 0x1000/0x1000 -m comment --comment \"poplin_cni: pods\" -j ACCEPT"

    private func result(_ pod: TestNamespace, _ v4: String, _ v6: String, bridge: String = "cni0") -> JSON {
        [
            "cniVersion": "1.0.0",
            "interfaces": [
                ["name": .string(bridge)], ["name": "veth-1"],
                ["name": "eth0", "sandbox": .string(pod.path)],
            ],
            "ips": [
                ["address": .string("\(v4)/16"), "interface": 2], ["address": .string("\(v6)/64"), "interface": 2],
            ],
        ]
    }

    private func attachment(
        _ bridged: BridgedNode, _ pod: TestNamespace, _ container: String, network: String = "podnet",
        configuration: JSON = [:]
    ) throws -> Attachment {
        var entry: JSON = ["type": "firewall"]
        for (key, value) in configuration.members { entry[key] = value }
        return Attachment(
            node: bridged.node, plugins: try .poplin(),
            list: ["cniVersion": "1.0.0", "name": .string(network), "plugins": [entry]],
            containerID: container, interface: "eth0", pod: pod)
    }

    @discardableResult
    private func call(_ verb: String, _ attachment: Attachment, _ previous: JSON?) throws -> PluginAnswer {
        let answer = try attachment.call(verb, attachment.entries[0], previous: previous)
        #expect(answer.succeeded, "\(answer)")
        return answer
    }

    private func ruleset(_ bridged: BridgedNode) throws -> String {
        try bridged.node.namespace.check(["nft", "list", "ruleset"]).stdout
    }

    private func ours(_ bridged: BridgedNode) throws -> String {
        try bridged.node.namespace.run(["nft", "list", "table", "inet", "poplin_cni"]).stdout
    }

    private func reached(
        _ pod: TestNamespace, _ outside: TestNamespace, _ port: UInt16, v6: Bool = false
    ) throws -> Bool {
        let outcome = try Traffic.send(
            .tcp, from: pod, to: v6 ? "2001:db8:51::2" : "198.51.100.2", port: port, server: outside, wait: 400)
        if case .reached = outcome { return true }
        return false
    }

    /// A node, a pod, and a machine outside that knows the way back.
    private func withPod(
        _ body: (BridgedNode, _ pod: TestNamespace, _ outside: TestNamespace) throws -> Void
    ) throws {
        try TestNode.with { node in
            let bridged = try BridgedNode(node)
            let pod = try bridged.makePod("10.88.0.5", "fd00:10::5")
            let outside = try node.makeNeighbour()
            try outside.check(["ip", "route", "add", "10.88.0.0/15", "via", "198.51.100.1"])
            try outside.check(["ip", "route", "add", "fd00:10::/32", "via", "2001:db8:51::1"])
            try body(bridged, pod, outside)
        }
    }

    @Test func besideIptablesWithTheForwardPolicyDROP() throws {
        try withPod { bridged, pod, outside in
            let host = bridged.node.namespace
            for tool in ["iptables", "ip6tables"] {
                try host.check([tool, "-P", "FORWARD", "DROP"])
                try host.check([tool, "-N", "DOCKER-USER"])
                try host.check([tool, "-A", "FORWARD", "-j", "DOCKER-USER"])
                try host.check([tool, "-A", "FORWARD", "-i", "docker0", "-j", "ACCEPT"])
            }
            let before = try host.check(["iptables-save", "-t", "filter"]).stdout.rules
            let before6 = try host.check(["ip6tables-save", "-t", "filter"]).stdout.rules
            #expect(try !reached(pod, outside, 7000))
            let a = try attachment(bridged, pod, "a")
            let b = try attachment(bridged, pod, "b", network: "other")
            let previous = result(pod, "10.88.0.5", "fd00:10::5")
            let answer = try call("ADD", a, previous)
            #expect(answer.json == previous)
            #expect(answer.output.stderr.contains("chain FORWARD of table ip filter drops"))
            #expect(try reached(pod, outside, 7001))
            #expect(try reached(pod, outside, 7002, v6: true))
            // Nobody outside gets in by himself.
            #expect(
                try Traffic.send(.tcp, from: outside, to: "10.88.0.5", port: 7003, server: pod, wait: 300) == .silent)
            // Exactly one rule, which iptables prints, behind all others.
            for tool in ["iptables", "ip6tables"] {
                let rules = try host.check([tool, "-S", "FORWARD"]).stdout.rules
                #expect(rules.filter { $0.contains("poplin") } == [Self.markedRule])
                #expect(rules.last == Self.markedRule)
                #expect(try host.check(["\(tool)-save"]).stdout.contains(Self.markedRule))
            }
            // What the node's owner drops for everybody is dropped for pods.
            try host.check(["iptables", "-A", "DOCKER-USER", "-p", "tcp", "--dport", "7004", "-j", "DROP"])
            #expect(try !reached(pod, outside, 7004))
            try host.check(["iptables", "-F", "DOCKER-USER"])
            #expect(try call("ADD", b, result(pod, "10.88.0.6", "fd00:10::6")).output.stderr == "")
            try call("DEL", a, previous)
            #expect(try host.check(["iptables", "-S", "FORWARD"]).stdout.contains("poplin"))
            try call("DEL", b, nil)
            try call("DEL", b, nil)
            #expect(try host.check(["iptables-save", "-t", "filter"]).stdout.rules == before)
            #expect(try host.check(["ip6tables-save", "-t", "filter"]).stdout.rules == before6)
            #expect(try ours(bridged) == "")
        }
    }

    @Test func iptablesCanDeleteTheMarkedRuleAndTheNextADDPutsItBack() throws {
        try withPod { bridged, pod, outside in
            let host = bridged.node.namespace
            try host.check(["iptables", "-P", "FORWARD", "DROP"])
            let a = try attachment(bridged, pod, "a")
            let previous = result(pod, "10.88.0.5", "fd00:10::5")
            try call("ADD", a, previous)
            #expect(try reached(pod, outside, 7000))
            try host.check([
                "iptables", "-D", "FORWARD", "-m", "mark", "--mark", "0x1000/0x1000", "-m", "comment", "--comment",
                "poplin_cni: pods", "-j", "ACCEPT",
            ])
            #expect(try !reached(pod, outside, 7001))
            #expect(try call("CHECK", a, previous).output.stderr.contains("a rule that accepts pods is added"))
            #expect(try reached(pod, outside, 7002))
            try host.check(["iptables", "-F", "FORWARD"])
            try host.check(["iptables", "-A", "FORWARD", "-j", "REJECT"])
            try call("ADD", a, previous)
            #expect(try reached(pod, outside, 7003))
            let rules = try host.check(["iptables", "-S", "FORWARD"]).stdout.rules
            #expect(rules.firstIndex(of: Self.markedRule) == 1)
            // Somebody puts a reject in front of it.
            try host.check(["iptables", "-I", "FORWARD", "-j", "REJECT"])
            try call("CHECK", a, previous)
            #expect(try reached(pod, outside, 7004))
            #expect(
                try host.check(["iptables", "-S", "FORWARD"]).stdout.rules.filter { $0 == Self.markedRule }.count == 1)
        }
    }

    @Test func besideAChainThatEndsWithARejectAsFirewalldsDoes() throws {
        try withPod { bridged, pod, outside in
            let host = bridged.node.namespace
            let firewalld = """
                table inet firewalld {
                  chain filter_FORWARD_POLICIES { iifname "docker0" accept; reject with icmpx admin-prohibited; }
                  chain filter_FORWARD {
                    type filter hook forward priority filter + 10; policy accept;
                    ct state established,related accept
                    ct status dnat accept
                    iifname "lo" accept
                    ct state invalid drop
                    jump filter_FORWARD_POLICIES
                    reject with icmpx admin-prohibited
                  }
                }
                """
            try host.check(["nft", "-f", "-"], stdin: firewalld)
            let before = try host.check(["nft", "list", "table", "inet", "firewalld"]).stdout
            #expect(try !reached(pod, outside, 7000))
            let a = try attachment(bridged, pod, "a")
            let previous = result(pod, "10.88.0.5", "fd00:10::5")
            try call("ADD", a, previous)
            #expect(try reached(pod, outside, 7001))
            #expect(try reached(pod, outside, 7002, v6: true))
            // A reload writes the table anew.
            try host.check(["nft", "delete", "table", "inet", "firewalld"])
            try host.check(["nft", "-f", "-"], stdin: firewalld)
            #expect(try !reached(pod, outside, 7003))
            #expect(try call("CHECK", a, previous).output.stderr.contains("filter_FORWARD"))
            #expect(try reached(pod, outside, 7004))
            try call("DEL", a, previous)
            #expect(try host.check(["nft", "list", "table", "inet", "firewalld"]).stdout == before)
        }
    }

    @Test func chainsThatDoNotDropAreNotTouched() throws {
        try withPod { bridged, pod, outside in
            let host = bridged.node.namespace
            try host.check(["iptables", "-A", "FORWARD", "-d", "192.0.2.0/24", "-j", "DROP"])
            try host.check(["iptables", "-N", "OTHER"])
            try host.check(["iptables", "-A", "OTHER", "-j", "RETURN"])
            try host.check(["iptables", "-A", "OTHER", "-j", "DROP"])
            try host.check(["iptables", "-A", "FORWARD", "-j", "OTHER"])
            let before = try host.check(["iptables-save"]).stdout.rules
            let a = try attachment(bridged, pod, "a")
            #expect(try call("ADD", a, result(pod, "10.88.0.5", "fd00:10::5")).output.stderr == "")
            #expect(try host.check(["iptables-save"]).stdout.rules == before)
            #expect(try reached(pod, outside, 7000))
        }
    }

    @Test func theOldIptablesIsNamedAndNotChanged() throws {
        try withPod { bridged, pod, outside in
            let host = bridged.node.namespace
            guard try host.run(["iptables-legacy", "-P", "FORWARD", "DROP"]).succeeded else { return }
            let before = try host.check(["iptables-legacy-save"]).stdout.rules
            let a = try attachment(bridged, pod, "a")
            let answer = try call("ADD", a, result(pod, "10.88.0.5", "fd00:10::5"))
            #expect(answer.output.stderr.contains("iptables-legacy: FORWARD has policy DROP"))
            #expect(!answer.output.stderr.contains("ip6tables-legacy"))
            #expect(try host.check(["iptables-legacy-save"]).stdout.rules == before)
            // The line it prints helps.
            #expect(try !reached(pod, outside, 7000))
            try host.check([
                "iptables-legacy", "-I", "FORWARD", "-m", "mark", "--mark", "0x1000/0x1000", "-j", "ACCEPT",
            ])
            #expect(try reached(pod, outside, 7001))
        }
    }

    @Test func publishedPortsPassAForwardPolicyOfDROP() throws {
        try withPod { bridged, pod, outside in
            try bridged.node.namespace.check(["iptables", "-P", "FORWARD", "DROP"])
            let previous = result(pod, "10.88.0.5", "fd00:10::5")
            let list: JSON = [
                "cniVersion": "1.0.0", "name": "podnet",
                "plugins": [["type": "portmap", "capabilities": ["portMappings": true]], ["type": "firewall"]],
            ]
            let both = Attachment(
                node: bridged.node, plugins: try .poplin(), list: list, containerID: "a", interface: "eth0", pod: pod,
                capabilities: ["portMappings": [["hostPort": 8080, "containerPort": 80, "protocol": "tcp"]]])
            for entry in both.entries { #expect(try both.call("ADD", entry, previous: previous).succeeded) }
            #expect(
                try Traffic.send(.tcp, from: outside, to: "198.51.100.1", port: 8080, server: pod, serverPort: 80)
                    == .reached(from: "198.51.100.2"))
            #expect(try both.delete(previous).succeeded)
            #expect(try ours(bridged) == "")
            #expect(try !bridged.node.namespace.check(["iptables", "-S"]).stdout.contains("poplin"))
        }
    }

    @Test(arguments: [("open", true, true), ("same-bridge", true, false), ("isolated", false, false)])
    func ingressPolicy(_ policy: String, _ within: Bool, _ between: Bool) throws {
        try withPod { bridged, pod, outside in
            let host = bridged.node.namespace
            let mate = try bridged.makePod("10.88.0.6", "fd00:10::6")
            // Bridged packets come by the forward hook with br_netfilter.
            try host.write(sysctl: "net/bridge/bridge-nf-call-iptables", "1")
            let other = try bridged.node.makeNamespace("other")
            try host.check(["ip", "link", "add", "cni1", "type", "veth", "peer", "name", "eth0", "netns", other.name])
            try host.check(["ip", "addr", "add", "10.89.0.1/16", "dev", "cni1"])
            try host.check(["ip", "link", "set", "cni1", "up"])
            try other.check(["ip", "addr", "add", "10.89.0.5/16", "dev", "eth0"])
            try other.check(["ip", "link", "set", "eth0", "up"])
            try other.check(["ip", "route", "add", "default", "via", "10.89.0.1"])
            let configuration: JSON = ["ingressPolicy": .string(policy)]
            let a = try attachment(bridged, pod, "a", configuration: configuration)
            let m = try attachment(bridged, mate, "m", configuration: configuration)
            let o = try attachment(bridged, other, "o", network: "other", configuration: configuration)
            try call("ADD", a, result(pod, "10.88.0.5", "fd00:10::5"))
            try call("ADD", m, result(mate, "10.88.0.6", "fd00:10::6"))
            try call("ADD", o, result(other, "10.89.0.5", "fd00:11::5", bridge: "cni1"))
            func passes(_ from: TestNamespace, _ to: String, _ server: TestNamespace) throws -> Bool {
                if case .reached = try Traffic.send(.tcp, from: from, to: to, port: 80, server: server, wait: 400) {
                    return true
                }
                return false
            }
            #expect(try passes(pod, "10.88.0.6", mate) == within)
            #expect(try passes(pod, "10.89.0.5", other) == between)
            #expect(try passes(other, "10.88.0.5", pod) == between)
            #expect(try passes(pod, "198.51.100.2", outside))
            #expect(try passes(outside, "10.88.0.5", pod))
            try call("CHECK", a, result(pod, "10.88.0.5", "fd00:10::5"))
            try call("DEL", o, nil)
            #expect(try !ours(bridged).contains("cni1"))
            try call("DEL", a, result(pod, "10.88.0.5", "fd00:10::5"))
            try call("DEL", m, nil)
            #expect(try ours(bridged) == "")
        }
    }

    @Test func DELWithoutPrevResultRemovesEverything() throws {
        // The reference removes nothing then.
        try withPod { bridged, pod, _ in
            var a = try attachment(bridged, pod, "a")
            try call("ADD", a, result(pod, "10.88.0.5", "fd00:10::5"))
            a.pod = nil
            try call("DEL", a, nil)
            #expect(try ruleset(bridged) == "")
        }
    }

    @Test func theMarkDoesNotLeaveTheForwardHook() throws {
        try withPod { bridged, pod, outside in
            try call("ADD", attachment(bridged, pod, "a"), result(pod, "10.88.0.5", "fd00:10::5"))
            try bridged.node.namespace.check([
                "nft",
                "add table ip t; add chain ip t post { type filter hook postrouting priority 0; };"
                    + " add rule ip t post mark and 0x1000 == 0x1000 counter comment \"marked\";"
                    + " add rule ip t post counter comment \"all\"",
            ])
            #expect(try reached(pod, outside, 7000))
            let text = try bridged.node.namespace.check(["nft", "list", "table", "ip", "t"]).stdout
            #expect(text.contains("0x00001000 counter packets 0 bytes 0 comment \"marked\""), "\(text)")
            #expect(!text.contains("counter packets 0 bytes 0 comment \"all\""))
        }
    }

    @Test func rulesThatVanishedArePutBackByTheNextADD() throws {
        // containernetworking/plugins#512: nothing restores rules after a reload.
        try withPod { bridged, pod, outside in
            let host = bridged.node.namespace
            try host.check(["iptables", "-P", "FORWARD", "DROP"])
            let a = try attachment(bridged, pod, "a")
            let previous = result(pod, "10.88.0.5", "fd00:10::5")
            try call("ADD", a, previous)
            let before = try ruleset(bridged)
            try host.check(["nft", "flush table inet poplin_cni"])
            #expect(try !reached(pod, outside, 7000))
            #expect(try call("ADD", a, previous).output.stderr.contains("put back"))
            #expect(try ours(bridged).contains("firewall/podnet"))
            #expect(try reached(pod, outside, 7001))
            _ = before
        }
    }

    @Test func sixteenAtOnceComeAndGo() throws {
        try withPod { bridged, pod, _ in
            let host = bridged.node.namespace
            try host.check(["iptables", "-P", "FORWARD", "DROP"])
            let failures = Failures()
            DispatchQueue.concurrentPerform(iterations: 16) { number in
                failures.collect {
                    let attachment = try attachment(bridged, pod, "c\(number)", network: "net\(number % 3)")
                    let previous = result(pod, "10.88.1.\(number + 1)", "fd00:10::1:\(number + 1)")
                    try call("ADD", attachment, previous)
                    try call("DEL", attachment, number % 2 == 0 ? previous : nil)
                }
            }
            let left = try ours(bridged)
            let rules = try host.check(["iptables", "-S"]).stdout
            #expect(failures.list.isEmpty, "\(failures.list)")
            #expect(left == "")
            #expect(!rules.contains("poplin"))
        }
    }

    @Test func garbageCollectionTakesTheMarkedRuleToo() throws {
        try withPod { bridged, pod, _ in
            let host = bridged.node.namespace
            try host.check(["iptables", "-P", "FORWARD", "DROP"])
            let a = try attachment(bridged, pod, "a")
            try call("ADD", a, result(pod, "10.88.0.5", "fd00:10::5"))
            let configuration: JSON = [
                "cniVersion": "1.1.0", "name": "podnet", "type": "firewall", "cni.dev/valid-attachments": [],
            ]
            #expect(try a.call("GC", "firewall", configuration: configuration.text).succeeded)
            #expect(try ours(bridged) == "")
            #expect(try !host.check(["iptables", "-S"]).stdout.contains("poplin"))
            #expect(try a.call("STATUS", "firewall", configuration: configuration.text).succeeded)
        }
    }
}

extension String {
    /// The lines that are rules or policies, without the counters and times that `iptables-save` prints.
    fileprivate var rules: [String] {
        split(separator: "\n").map(String.init).filter { $0.hasPrefix("-") || $0.hasPrefix(":") }
            .map { String($0.split(separator: "[")[0]) }
    }
}
