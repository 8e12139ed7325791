import CEarlyRemoval
import Testing

@testable import AgentProtocol

@Suite struct AgentCallTests {
    private static let call = AgentCall(
        socketPath: "/run/poplin/agent.sock",
        environment: ["CNI_COMMAND": "DEL", "CNI_ARGS": "", "CNI_IFNAME": "eth0"],
        configuration: Array("{\"name\":\n\"poplin\"}\n\0".utf8))

    /// Both ends are written apart from each other, one in C.
    @Test func bothEndsMeanTheSame() {
        #expect(Array(CEARLYREMOVAL_TAKEN.utf8) == AgentReply.taken.line)
        #expect(CEARLYREMOVAL_SOCKET == AgentClient.defaultPath)
        #expect(Int(CEARLYREMOVAL_PATIENCE) == AgentCall.patienceMilliseconds)
    }

    @Test func isWrittenAsDocumented() {
        let bytes = String(decoding: Self.call.bytes, as: UTF8.self)
        #expect(
            bytes
                == "call 1 99\nAGENT_SOCKET=/run/poplin/agent.sock\0CNI_ARGS=\0CNI_COMMAND=DEL\0CNI_IFNAME=eth0\0\0{\"name\":\n\"poplin\"}\n\0"
        )
    }

    @Test(arguments: [1, 2, 7, 64, 1000])
    func arrivesInWhateverPieces(_ size: Int) throws {
        for expected in [
            AgentMessageBuffer.Message.call(Self.call), .line(Array("{\"v\":1}\n".utf8)),
            // Read as a line, which it is not, it is refused like one.
            .line(Array("call 1 x\n".utf8)), .line(Array("call 2 3\n".utf8)), .line(Array("call 1 -3\n".utf8)),
            .line(Array("call 1 1048577\n".utf8)), .line(Array("\n".utf8)),
        ] {
            var bytes: [UInt8] =
                switch expected {
                case .call(let call): call.bytes
                case .line(let line): line
                }
            var buffer = AgentMessageBuffer()
            var message: AgentMessageBuffer.Message?
            while !bytes.isEmpty {
                #expect(message == nil)
                message = try buffer.take(bytes.prefix(size))
                bytes.removeFirst(min(size, bytes.count))
            }
            #expect(message == expected)
        }
    }

    @Test func aMessageWithoutAnEndIsRefused() throws {
        var buffer = AgentMessageBuffer()
        let piece = [UInt8](repeating: UInt8(ascii: "x"), count: AgentRequest.longestLine)
        #expect(try buffer.take(piece) == nil)
        #expect(throws: AgentMessageError.self) { try buffer.take([UInt8(ascii: "x")]) }
    }

    @Test(arguments: [
        ("", "do not end"), ("AGENT_SOCKET=/a\0CNI_COMMAND=DEL", "do not end"), ("\0{}", "which socket"),
        ("CNI_COMMAND=DEL\0\0{}", "which socket"), ("AGENT_SOCKET=/a\0CNI_COMMAND\0\0{}", "no value"),
    ])
    func whatIsNoCallIsRefused(_ body: String, _ expected: String) {
        var reason = "it was read"
        do throws(AgentMessageError) { _ = try AgentCall(body: Array(body.utf8)) } catch { reason = "\(error)" }
        #expect(reason.contains(expected))
    }

    @Test func ofANameThatIsThereTwiceTheFirstCounts() throws {
        let call = try AgentCall(body: Array("AGENT_SOCKET=/a\0CNI_IFNAME=\0CNI_IFNAME=eth1\0\0".utf8))
        #expect(call == AgentCall(socketPath: "/a", environment: ["CNI_IFNAME": ""], configuration: []))
    }
}
