import Diagnosis
import Foundation
import JSONTree
import SystemCalls
import Testing

@testable import MachineCollector

/// What is read of a real bgpd, beside what FRR's own vtysh prints of it.
@Suite(.enabled(if: FRRDaemon.isPossible, "needs root, iproute2 and frr"))
struct FRRWitnessTests {
    @Test func sessionsAreThoseOfVtysh() throws {
        let namespace = try WitnessNamespace("ip link set lo up")
        defer { namespace.remove() }
        let root = FileManager.default.temporaryDirectory.appending(path: namespace.name).path
        defer { try? FileManager.default.removeItem(atPath: root) }
        let sockets = "\(root)/run/frr"
        try FileManager.default.createDirectory(atPath: sockets, withIntermediateDirectories: true)
        let configuration = """
            router bgp 64512
             bgp router-id 192.0.2.1
             neighbor 127.0.0.9 remote-as 64999
             neighbor 127.0.0.10 remote-as 64512
             neighbor 127.0.0.10 shutdown

            """
        try Data(configuration.utf8).write(to: URL(filePath: "\(root)/bgpd.conf"))
        // It gives up being root, and wants its place to be its own.
        try namespace.within(["chown", "-R", "frr:frr", root])
        let daemon = Process()
        daemon.executableURL = URL(filePath: "/usr/sbin/ip")
        daemon.arguments = [
            "netns", "exec", namespace.name, FRRDaemon.program, "--no_zebra", "-A", "127.0.0.1", "-f",
            "\(root)/bgpd.conf",
            "-i", "\(root)/bgpd.pid", "--vty_socket", sockets, "--log", "stdout",
        ]
        daemon.standardOutput = FileHandle.nullDevice
        daemon.standardError = FileHandle.nullDevice
        try daemon.run()
        defer {
            // Without zebra it does not end when it is asked to.
            kill(daemon.processIdentifier, SIGKILL)
            daemon.waitUntilExit()
        }
        let vtysh = ["vtysh", "--vty_socket", sockets, "-c", "show bgp summary json"]
        let end = ContinuousClock.now + .seconds(30)
        var theirs: [String: String] = [:]
        while theirs.count < 2, ContinuousClock.now < end, daemon.isRunning {
            Thread.sleep(forTimeInterval: 0.2)
            guard let text = try? namespace.within(vtysh), let tree = try? JSONTree(parsing: text) else { continue }
            guard let peers = tree.root.at("ipv4Unicast", "peers") else { continue }
            for peer in peers.members { theirs[peer.key] = peer.value.member("remoteAs")?.numberText }
        }
        #expect(theirs == ["127.0.0.9": "64999", "127.0.0.10": "64512"])
        var options = MachineCollectorOptions(node: "here")
        options.root = root
        let tree = MachineCollector(options).collect()
        let document = try #require(tree[EvidencePath.node("here") + "exec/vtysh-show-bgp-neighbors.json"])
        let read = try #require(try JSONTree(parsing: document.bytes).root.member("default"))
        var ours: [String: String] = [:]
        for peer in read.members where peer.value.member("bgpState") != nil {
            ours[peer.key] = peer.value.member("remoteAs")?.numberText
        }
        #expect(ours == theirs)
        // A caller can only look.
        #expect(throws: (any Error).self) {
            try FRRControl.ask("configure terminal", at: "\(sockets)/bgpd.vty", milliseconds: 2000)
        }
    }

    @Test func anAnswerEndsWithItsOutcome() {
        let part = FRRControl.answer(in: [0x7B, 0x7D, 0, 0])
        #expect(part == nil)
        let whole = FRRControl.answer(in: [0x7B, 0x7D, 0, 0, 0, 0])
        #expect(whole?.text.elementsEqual([0x7B, 0x7D]) == true && whole?.outcome == 0)
        let refused = FRRControl.answer(in: [0x25, 0, 0, 0, 2])
        #expect(refused?.outcome == 2)
    }
}

private enum FRRDaemon {
    static let program = "/usr/lib/frr/bgpd"
    static let isPossible = WitnessNamespace.isPossible && FileManager.default.isExecutableFile(atPath: program)
}
