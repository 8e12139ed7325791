import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import Testing

@testable import KubernetesServer

/// A handler made of a closure.
struct Answer: RequestHandler {
    let body: @Sendable (ServerRequest) async -> ServerResponse

    func handle(_ request: ServerRequest) async -> ServerResponse { await body(request) }
}

/// Runs a server without TLS around a test.
extension HTTPServer.Limits {
    /// For what is not about time: a test that waits long for its turn is not a slow client.
    static let patient: HTTPServer.Limits = {
        var limits = HTTPServer.Limits()
        limits.headTimeout = .hours(1)
        limits.bodyTimeout = .hours(1)
        limits.idleTimeout = .hours(1)
        return limits
    }()
}

func withServer(
    limits: HTTPServer.Limits = .patient, _ answer: @escaping @Sendable (ServerRequest) async -> ServerResponse,
    _ test: (Int, HTTPServer) async throws -> Void
) async throws {
    let server = try await HTTPServer.start(
        Answer(body: answer), host: "127.0.0.1", port: 0, security: nil, limits: limits)
    do {
        try await test(server.address.port ?? 0, server)
    } catch {
        await server.shutdown(grace: .zero)
        throw error
    }
    await server.shutdown(grace: .zero)
}

@Suite struct HTTPServerTests {
    private static let echo: @Sendable (ServerRequest) async -> ServerResponse = { request in
        .text("\(request.method.name) \(request.segments.joined(separator: "|")) \(request.body.count)\n")
    }

    @Test func pipelinedRequestsAreAnsweredInOrder() async throws {
        try await withServer({ request in
            // The first is the slowest.
            if request.segments == ["1"] { try? await Task.sleep(for: .milliseconds(50)) }
            return .text("answer \(request.segments[0]);")
        }) { port, _ in
            let client = try await RawClient(port: port)
            try await client.send((1...40).map { "GET /\($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined())
            let text = try await client.received { $0.contains("answer 40;") }
            let order = text.split(separator: "answer ").dropFirst().map { String($0.prefix { $0.isNumber }) }
            #expect(order == (1...40).map(String.init))
        }
    }

    @Test func aRequestMayComeByteByByte() async throws {
        try await withServer(Self.echo) { port, _ in
            let client = try await RawClient(port: port)
            for byte in "POST /a/b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nxyz".utf8 {
                try await client.send([byte])
            }
            #expect(try await client.received { $0.contains("\n") && $0.contains("POST") }.contains("POST a|b 3"))
        }
    }

    @Test func expectationsAreMet() async throws {
        try await withServer(Self.echo) { port, _ in
            let client = try await RawClient(port: port)
            try await client.send("PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
            #expect(try await client.received { $0.contains("\r\n\r\n") } == "HTTP/1.1 100 Continue\r\n\r\n")
            try await client.send("12345")
            #expect(try await client.received { $0.contains("PUT") }.contains("PUT x 5"))
        }
    }

    @Test(arguments: [
        "Content-Length: 3145729\r\n\r\n", "Content-Length: 3145729\r\nExpect: 100-continue\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n300001\r\n",
    ])
    func aBodyThatIsTooLargeIsRefused(head: String) async throws {
        try await withServer(Self.echo) { port, _ in
            let client = try await RawClient(port: port)
            try await client.send("POST /x HTTP/1.1\r\nHost: x\r\n\(head)")
            if !head.contains("Expect") {
                // The server may close in the middle.
                _ = try? await client.send([UInt8](repeating: 120, count: 3_145_729))
                _ = try? await client.send(head.contains("chunked") ? "\r\n0\r\n\r\n" : "")
            }
            let text = try await client.received { $0.contains("}") }
            #expect(text.hasPrefix("HTTP/1.1 413 "))
            #expect(text.contains("limit is 3145728"))
            #expect(text.contains(#""reason":"RequestEntityTooLarge""#))
            #expect(!text.contains("100 Continue"))
        }
    }

    @Test func theLargestBodyIsTaken() async throws {
        try await withServer(Self.echo) { port, _ in
            let client = try await RawClient(port: port)
            try await client.send("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 3145728\r\n\r\n")
            try await client.send([UInt8](repeating: 120, count: 3_145_728))
            #expect(try await client.received { $0.contains("POST") }.contains("POST x 3145728"))
        }
    }

    @Test func aConnectionTooManyIsToldSo() async throws {
        var limits = HTTPServer.Limits()
        limits.connectionLimit = 1
        try await withServer(limits: limits, Self.echo) { port, _ in
            let request = "GET /x HTTP/1.1\r\nHost: x\r\n\r\n"
            let first = try await RawClient(port: port)
            try await first.send(request)
            _ = try await first.received { $0.contains("GET x 0") }
            let second = try await RawClient(port: port)
            try await second.send(request)
            let text = try await second.receivedUntilClosed()
            #expect(text.hasPrefix("HTTP/1.1 429 "))
            #expect(text.contains("Retry-After: 1\r\n"))
            #expect(text.contains("too many connections: this server holds 1 at once"))
            // Those that are there are served as before.
            try await first.send(request)
            _ = try await first.received { $0.hasSuffix("GET x 0\n") && $0.split(separator: "GET x 0").count >= 2 }
        }
    }

    @Test func headHasHeadersOnly() async throws {
        try await withServer(Self.echo) { port, _ in
            let client = try await RawClient(port: port)
            try await client.send("HEAD /x HTTP/1.1\r\nHost: x\r\n\r\nGET /end HTTP/1.1\r\nHost: x\r\n\r\n")
            let text = try await client.received { $0.contains("GET end") }
            #expect(text.contains("Content-Length: 9\r\n"))
            #expect(!text.contains("HEAD x"))
        }
    }

    @Test func aStreamIsSentPieceByPieceAndEnds() async throws {
        let gate = Gate()
        try await withServer({ _ in
            ServerResponse(
                headers: ["Content-Type": "application/json"],
                body: .stream { writer in
                    try await writer.write(Array("one\n".utf8))
                    await gate.wait()
                    try await writer.write(Array("two\n".utf8))
                })
        }) { port, _ in
            let client = try await RawClient(port: port)
            try await client.send("GET /x HTTP/1.1\r\nHost: x\r\n\r\n")
            let first = try await client.received { $0.contains("one") }
            #expect(first.lowercased().contains("transfer-encoding: chunked"))
            #expect(first.hasSuffix("4\r\none\n\r\n"))
            gate.open()
            #expect(try await client.received { $0.hasSuffix("0\r\n\r\n") }.contains("4\r\ntwo\n\r\n"))
        }
    }

    /// A watch whose client went away must not stay.
    @Test func aProducerHearsThatItsClientHasGone() async throws {
        let ended = Gate()
        try await withServer({ _ in
            ServerResponse(
                body: .stream { writer in
                    defer { ended.open() }
                    try await writer.write([65])
                    try await Task.sleep(for: .seconds(3600))
                })
        }) { port, _ in
            let client = try await RawClient(port: port)
            try await client.send("GET /x HTTP/1.1\r\nHost: x\r\n\r\n")
            _ = try await client.received { $0.contains("A\r\n") }
            await client.close()
            await ended.wait()
        }
    }

    @Test func aBrokenStreamDoesNotLookWhole() async throws {
        struct Broken: Error {}
        try await withServer({ _ in
            ServerResponse(
                body: .stream { writer in
                    try await writer.write([65])
                    throw Broken()
                })
        }) { port, _ in
            let client = try await RawClient(port: port)
            try await client.send("GET /x HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(!(try await client.receivedUntilClosed()).hasSuffix("0\r\n\r\n"))
        }
    }

    /// A client that does not read holds up its own producer, after a bounded number of bytes, and loses nothing.
    @Test func aSlowReaderHoldsUpItsProducerOnly() async throws {
        let written = Mutex(0)
        let total = 32 << 20
        try await withServer({ request in
            if request.segments == ["other"] { return .text("other") }
            return ServerResponse(
                body: .stream { writer in
                    let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 64 << 10)
                    for _ in 0..<(total / piece.count) {
                        try await writer.write(piece)
                        written.withLock { $0 += piece.count }
                    }
                })
        }) { port, _ in
            let client = try await RawClient(port: port)
            try await client.pauseReading()
            try await client.send("GET /big HTTP/1.1\r\nHost: x\r\n\r\n")
            var last = -1
            while written.withLock({ $0 }) != last || last <= 0 {
                last = written.withLock { $0 }
                try await Task.sleep(for: .milliseconds(100))
            }
            #expect(last < total / 2)
            let other = try await RawClient(port: port)
            try await other.send("GET /other HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try await other.received { $0.hasSuffix("other") }.hasSuffix("other"))
            try await client.resumeReading()
            let text = try await client.received { $0.hasSuffix("0\r\n\r\n") }
            #expect(text.utf8.count { $0 == UInt8(ascii: "x") } == total)
        }
    }

    @Test func shutdownEndsStreamsAndFinishesAnswers() async throws {
        let gate = Gate()
        let entered = Gate()
        try await withServer({ request in
            if request.segments == ["watch"] {
                return ServerResponse(
                    body: .stream { writer in
                        try await writer.write([65])
                        try? await Task.sleep(for: .seconds(3600))
                    })
            }
            entered.open()
            await gate.wait()
            return .text("finished")
        }) { port, server in
            let watch = try await RawClient(port: port)
            try await watch.send("GET /watch HTTP/1.1\r\nHost: x\r\n\r\n")
            _ = try await watch.received { $0.contains("A\r\n") }
            let slow = try await RawClient(port: port)
            try await slow.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
            let idle = try await RawClient(port: port)
            await entered.wait()
            let down = Task { await server.shutdown(grace: .seconds(60)) }
            #expect(try await watch.receivedUntilClosed().hasSuffix("0\r\n\r\n"))
            #expect(try await idle.receivedUntilClosed() == "")
            gate.open()
            #expect(try await slow.receivedUntilClosed().hasSuffix("finished"))
            await down.value
        }
    }

    @Test func anUpgradedConnectionIsTheHandlersFromTheFirstByte() async throws {
        try await withServer({ request in
            guard request.upgradeProtocol == "echo" else { return .text("no", status: 403) }
            return ServerResponse(
                status: 101, headers: ["Connection": "Upgrade", "Upgrade": "echo"],
                body: .upgrade(
                    .bytes { inbound, outbound in
                        for try await bytes in inbound { try await outbound.write(bytes) }
                    }))
        }) { port, _ in
            let client = try await RawClient(port: port)
            // The first bytes of the new protocol come with the request.
            try await client.send("POST /x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nearly ")
            let text = try await client.received { $0.hasSuffix("early ") }
            #expect(text.hasPrefix("HTTP/1.1 101 "))
            try await client.send("GET / HTTP/1.1\r\n\r\n")
            #expect(try await client.received { $0.hasSuffix("\r\n\r\n") && $0.contains("early GET") } != "")
            await client.close()

            let refused = try await RawClient(port: port)
            try await refused.send("GET /x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
            #expect(try await refused.receivedUntilClosed().hasPrefix("HTTP/1.1 403 "))
        }
    }

    /// Bytes that are no HTTP, or nearly: the server answers or closes, and goes on serving.
    @Test func malformedBytesHarmNobody() async throws {
        try await withServer(Self.echo) { port, _ in
            let whole = "POST /api/v1/pods?a=b%20c HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nAccept: */*\r\n\r\nbody"
            var corpus: [[UInt8]] = [
                "\0\0\0\0", "GET", "GET / HTTP/9.9\r\n\r\n", "GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
                "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\nxx",
                "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET /%2e%2e/x HTTP/1.1\r\nHost: x\r\n\r\n", "GET http:// HTTP/1.1\r\n\r\n",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                "GET * HTTP/1.1\r\nHost: x\r\n\r\n", "CONNECT a:1 HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET / HTTP/1.1\r\n" + String(repeating: "a: b\r\n", count: 40000) + "\r\n",
                "GET /" + String(repeating: "a", count: 200_000) + " HTTP/1.1\r\n\r\n",
                "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\u{FC}\u{3}\u{3}",
            ].map { Array($0.utf8) }
            var random = SplitMix(seed: 3)
            for _ in 0..<300 {
                var bytes = Array(whole.utf8)
                for _ in 0...Int(random.next() % 4) {
                    bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
                }
                corpus.append(bytes)
            }
            for bytes in corpus {
                let client = try await RawClient(port: port)
                _ = try? await client.send(bytes)
                await client.close()
            }
            let client = try await RawClient(port: port)
            try await client.send(whole)
            #expect(try await client.received { $0.contains("POST") }.contains("POST api|v1|pods 4"))
        }
    }

    @Test func malformedHeadsAreAnsweredWith400() async throws {
        try await withServer(Self.echo) { port, _ in
            for head in ["GET / HTTP/1.1\r\nbad header\r\n\r\n", "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", "???\r\n\r\n"]
            {
                let client = try await RawClient(port: port)
                try await client.send(head)
                let text = try await client.receivedUntilClosed()
                #expect(text.hasPrefix("HTTP/1.1 400 "), "\(head)")
            }
        }
    }

    @Test(arguments: ["", "GET / HT", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx"])
    func connectionsThatDoNotFinishARequestAreClosed(sent: String) async throws {
        var limits = HTTPServer.Limits.patient
        if sent.hasPrefix("POST") {
            limits.bodyTimeout = .milliseconds(50)
        } else {
            limits.headTimeout = .milliseconds(50)
        }
        try await withServer(limits: limits, Self.echo) { port, _ in
            let client = try await RawClient(port: port)
            // It may be closed before anything is sent.
            _ = try? await client.send(sent)
            #expect(try await client.receivedUntilClosed() == "")
        }
    }

    @Test func connectionsThatSayNothingMoreAreClosed() async throws {
        var limits = HTTPServer.Limits.patient
        limits.idleTimeout = .milliseconds(50)
        try await withServer(limits: limits, Self.echo) { port, _ in
            let client = try await RawClient(port: port)
            try await client.send("GET /k HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try await client.receivedUntilClosed().hasSuffix("GET k 0\n"))
        }
    }

    @Test func everyAnswerCarriesTheAuditIdentifier() async throws {
        try await withServer({ .text($0.auditID) }) { port, _ in
            let client = try await RawClient(port: port)
            try await client.send("GET / HTTP/1.1\r\nHost: x\r\nAudit-ID: mine-1\r\n\r\n")
            #expect(try await client.received { $0.hasSuffix("mine-1") }.contains("Audit-Id: mine-1\r\n"))
        }
    }
}

/// Something to wait for that happens once.
final class Gate: Sendable {
    private let state = Mutex<(isOpen: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

    func open() {
        let waiting = state.withLock { state in
            defer { state = (true, []) }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }
}
