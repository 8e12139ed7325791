import Foundation
import Glibc
import Testing

/// The harness itself: what it promises to other tests.
@Suite(.enabled(if: getuid() == 0, "needs root"))
struct SupportTests {
    @Test func commandsReturnTheirOutputAndStatus() throws {
        let output = try Command.run(["sh", "-c", "cat; echo oops >&2; exit 3"], stdin: "hello")
        #expect(output.status == 3)
        #expect(output.stdout == "hello")
        #expect(output.stderr == "oops\n")
        #expect(try Command.run(["sleep", "20"], timeout: 0.2).status == 124)
    }

    @Test func aNodeLeavesNothingBehind() throws {
        var names: [String] = []
        var directory = ""
        try TestNode.with { node in
            let pod = try node.makeNamespace()
            names = [node.namespace.name, pod.name]
            directory = node.directory
            try pod.check(["ip", "link", "set", "lo", "up"])
            for name in names { #expect(access("/run/netns/\(name)", F_OK) == 0) }
        }
        for name in names { #expect(access("/run/netns/\(name)", F_OK) != 0) }
        #expect(access(directory, F_OK) != 0)
    }

    @Test func trafficTellsReachedRefusedAndSilentApart() throws {
        try TestNode.with { node in
            let outside = try node.makeNeighbour()
            for transport in [Traffic.Transport.tcp, .udp] {
                let reached = try Traffic.send(
                    transport, from: outside, to: "198.51.100.1", port: 7777, server: node.namespace)
                #expect(reached == .reached(from: "198.51.100.2"))
                let refused = try Traffic.send(
                    transport, from: outside, to: "198.51.100.1", port: 7776, server: node.namespace, serverPort: 7778)
                #expect(refused == .refused)
                let v6 = try Traffic.send(
                    transport, from: outside, to: "2001:db8:51::1", port: 7777, server: node.namespace)
                #expect(v6 == .reached(from: "2001:db8:51::2"))
            }
            try node.namespace.check([
                "nft", "add table ip t; add chain ip t c { type filter hook input priority 0; policy drop; }",
            ])
            let silent = try Traffic.send(
                .tcp, from: outside, to: "198.51.100.1", port: 7777, server: node.namespace, wait: 200)
            #expect(silent == .silent)
        }
    }

    @Test(arguments: [
        ("02:00:00:00:00:01", "fe80::ff:fe00:1"), ("ea:14:b8:8b:01:82", "fe80::e814:b8ff:fe8b:182"),
    ])
    func linkLocalAddressesFollowTheHardwareAddress(_ address: String, _ expected: String) {
        #expect(LinkNames.linkLocal(of: address) == expected)
    }
}
