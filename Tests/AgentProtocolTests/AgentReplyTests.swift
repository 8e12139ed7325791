import Addressing
import Testing

@testable import AgentProtocol

@Suite struct AgentReplyTests {
    private static func endpoint(_ addresses: String...) -> AgentEndpoint {
        let parsed = addresses.compactMap { InterfaceAddress($0) }
        return AgentEndpoint(
            addresses: parsed, gateways: parsed.map { AgentEndpoint.gateway($0.family) },
            hostMAC: AgentEndpoint.hostMAC, mtu: 1450)
    }

    private static func everything() -> [AgentReply] {
        [
            .done, .taken, .endpoint(endpoint("10.244.1.5/32")), .endpoint(endpoint("fd00::5/128", "10.244.1.5/32")),
            .failure(AgentFailure(.tryAgainLater, "the node has no podCIDR")),
            .failure(AgentFailure(.addressesExhausted, "no address is left in \"10.244.1.0/24\"", details: "a\nb")),
        ]
    }

    @Test(arguments: everything())
    func whatIsWrittenIsRead(_ reply: AgentReply) throws {
        let read = try AgentReply(line: reply.line)
        #expect(read == reply)
    }

    @Test func theLineIsAsDocumented() {
        let reply = AgentReply.endpoint(Self.endpoint("10.244.1.5/32", "fd00::5/128"))
        let text = String(decoding: reply.line, as: UTF8.self)
        #expect(
            text == """
                {"v":1,"addresses":["10.244.1.5/32","fd00::5/128"],"gateways":["169.254.1.1","fe80::1"],\
                "hostMAC":"02:70:6f:70:6c:6e","mtu":1450}

                """)
        #expect(AgentEndpoint.hostMAC.isLocal && !AgentEndpoint.hostMAC.isMulticast)
    }

    @Test(arguments: [
        (#"{"v":1,"error":{}}"#, "error.code: is required"),
        (#"{"v":1,"error":{"code":0,"message":"x"}}"#, "error.code: must be a whole number from 1"),
        (#"{"v":1,"error":{"code":11}}"#, "error.message: is required"),
        (#"{"v":1,"error":"no"}"#, "error must be an object"),
        (#"{"v":1,"taken":"yes"}"#, "taken: must be true or false, not a string"),
        (#"{"v":1,"addresses":["10.0.0.1/32"]}"#, "gateways: none is of the family of 10.0.0.1/32"),
        (#"{"v":1,"addresses":["10.0.0.1/32"],"gateways":["169.254.1.1"]}"#, "hostMAC: is required"),
        (
            #"{"v":1,"addresses":["10.0.0.1/32"],"gateways":["169.254.1.1"],"hostMAC":"01:00:00:00:00:01","mtu":1500}"#,
            "is no MAC address of an interface"
        ),
        (
            #"{"v":1,"addresses":["fd00::1/128"],"gateways":["fe80::1"],"hostMAC":"02:00:00:00:00:01","mtu":1279}"#,
            "mtu: must be a whole number from 1280"
        ),
        (
            #"{"v":1,"addresses":["10.0.0.1/32"],"gateways":["169.254.1.1"],"hostMAC":"02:00:00:00:00:01"}"#,
            "mtu: is required"
        ),
    ])
    func whatIsWrongIsNamed(_ line: String, _ expected: String) {
        var message = "it was read"
        do throws(AgentMessageError) { _ = try AgentReply(line: Array(line.utf8)) } catch { message = "\(error)" }
        #expect(message.contains(expected))
    }

    @Test(arguments: everything())
    func mutatedLinesAreReadOrRefused(_ reply: AgentReply) throws {
        var random = Mutations(seed: UInt64(reply.line.count))
        for _ in 0..<2_000 {
            let line = random.mutation(of: reply.line)
            guard let read = try? AgentReply(line: line) else { continue }
            let again = try AgentReply(line: read.line)
            #expect(again == read)
        }
    }
}
