import Addressing
import JSONTree
import Testing

@testable import Conntest

/// Probes against an echo server of this process, on loopback.
@Suite struct ProbeTests {
    private static let patience: Duration = .seconds(60)

    @Test(arguments: [Probe.Kind.tcp, .tcpBulk, .udp]) func reachesTheServer(kind: Probe.Kind) throws {
        let server = try EchoServer(port: 0, name: "pod-1")
        let address = try #require(IPAddress("127.0.0.1"))
        let result = Probe(kind, to: address, port: server.port).run(patience: Self.patience)
        #expect(result.outcome == .reached)
        #expect(result.answerer == "pod-1")
        #expect(result.seenAs == "127.0.0.1")
        #expect(result.mtuBefore > 0)
    }

    @Test func nobodyListens() throws {
        let address = try #require(IPAddress("127.0.0.1"))
        // tcpmux and its UDP twin: reserved, and nobody serves them here.
        let result = Probe(.tcp, to: address, port: 1).run(patience: Self.patience)
        #expect(result.outcome == .failed(.connect, errno: "ECONNREFUSED"))
        let datagram = Probe(.udp, to: address, port: 1).run(patience: Self.patience)
        #expect(datagram.outcome == .failed(.receive, errno: "ECONNREFUSED"))
    }

    @Test func resultsSurviveJSON() throws {
        var reached = ProbeResult(.reached, microseconds: 1500)
        reached.answerer = "p"
        reached.seenAs = "10.0.0.1"
        reached.mtuBefore = 1500
        reached.mtuAfter = 1450
        for result in [
            reached, ProbeResult(.timedOut(.connect)), ProbeResult(.failed(.send, errno: "EMSGSIZE")),
            ProbeResult(.wrongAnswer("3 bytes")),
        ] {
            let tree = try JSONTree(parsing: result.value.text)
            #expect(ProbeResult(tree.root) == result)
        }
    }

    @Test(arguments: ["tcp,10.0.0.1,80", "udp-over,fd00::1,8087", "icmp,10.0.0.1,0"]) func texts(text: String) {
        #expect(Probe(text)?.description == text)
    }

    @Test(arguments: ["", "tcp", "tcp,x,80", "tcp,10.0.0.1,99999", "gre,10.0.0.1,0", "tcp,10.0.0.1,80,1"])
    func wrongTexts(text: String) {
        #expect(Probe(text) == nil)
    }

    /// The checksum of an ICMP message with its checksum in place is zero (RFC 1071).
    @Test func checksum() {
        let message = EchoMessage.withChecksum(EchoMessage(isV6: false, identifier: 0xBEEF).bytes)
        var sum: UInt32 = 0
        for index in stride(from: 0, to: message.count, by: 2) {
            sum += UInt32(message[index]) << 8 | UInt32(message[index + 1])
        }
        while sum > 0xFFFF { sum = sum & 0xFFFF + sum >> 16 }
        #expect(sum == 0xFFFF)
    }
}
