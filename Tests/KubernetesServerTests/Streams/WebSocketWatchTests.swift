import JSONTree
import KubernetesModel
import NIOCore
import Testing

@testable import KubernetesServer

@Suite("Watch over WebSocket", .timeLimit(.minutes(3)))
struct WebSocketWatchTests {
    /// A server's frames in the bytes behind the 101, read by RFC 6455 section 5.2 and by nothing of ours.
    private struct Frames {
        var head = ""
        var texts: [String] = []
        var closeCode: Int?

        init(_ bytes: [UInt8]) {
            let blank = Array("\r\n\r\n".utf8)
            guard let end = bytes.indices.first(where: { bytes[$0...].starts(with: blank) }) else { return }
            head = String(decoding: bytes[..<end], as: UTF8.self)
            var rest = bytes[(end + 4)...]
            while rest.count >= 2 {
                let first = rest[rest.startIndex]
                var length = Int(rest[rest.startIndex + 1])
                var start = rest.startIndex + 2
                if length == 126 {
                    guard rest.count >= 4 else { return }
                    length = Int(rest[start]) << 8 | Int(rest[start + 1])
                    start += 2
                }
                guard rest.endIndex - start >= length else { return }
                let payload = rest[start..<(start + length)]
                if first == 0x81 { texts.append(String(decoding: payload, as: UTF8.self)) }
                if first == 0x88 { closeCode = payload.reduce(0) { $0 << 8 | Int($1) } }
                rest = rest[(start + length)...]
            }
        }
    }

    private static func handshake(_ query: String, _ more: String = "Origin: https://localhost\r\n") -> String {
        "GET /api/v1/namespaces/default/configmaps?\(query) HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
            + "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            + "Sec-WebSocket-Version: 13\r\n\(more)\r\n"
    }

    private static func withAPI(_ body: (Int, ObjectStore) async throws -> Void) async throws {
        let scratch = try ScratchStore()
        let api = ResourceServer(store: scratch.store, next: NothingHere())
        try await api.prepare()
        let http = try await HTTPServer.start(
            WebSocketWatches(next: api), host: "127.0.0.1", port: 0, security: nil)
        do {
            try await body(http.address.port ?? 0, scratch.store)
        } catch {
            await http.shutdown(grace: .zero)
            throw error
        }
        await http.shutdown(grace: .zero)
    }

    private static func put(_ name: String, in store: ObjectStore) async throws {
        let text = #"{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"\#(name)","namespace":"default"}}"#
        _ = try await store.write { (transaction) throws(Never) in
            transaction.put(StoreKey("configmaps", namespace: "default", name: name), uid: name, Array(text.utf8))
        }
    }

    @Test("Each event is a text message; a ping is answered, a goodbye too")
    func events() async throws {
        try await Self.withAPI { port, store in
            try await Self.put("first", in: store)
            let client = try await RawClient(port: port)
            try await client.send(Self.handshake("watch=1"))
            _ = try await client.receivedBytes { Frames($0).texts.count >= 1 }
            try await Self.put("second", in: store)
            try await Self.put("third", in: store)
            let frames = Frames(try await client.receivedBytes { Frames($0).texts.count >= 3 })
            #expect(frames.head.hasPrefix("HTTP/1.1 101 "))
            #expect(frames.head.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
            let seen = try frames.texts.map { text in
                let root = try JSONTree(parsing: Array(text.utf8)).root
                return [root.member("type")?.string ?? "", root.at("object", "metadata", "name")?.string ?? ""]
            }
            #expect(seen == [["ADDED", "first"], ["ADDED", "second"], ["ADDED", "third"]])
            try await client.send(WebSocketMessagesTests.masked(9, [1, 2]))
            _ = try await client.receivedBytes { $0.suffix(4) == [0x8A, 2, 1, 2] }
            try await client.send(WebSocketMessagesTests.masked(8, [3, 232]))
            #expect(Frames(try await client.receivedBytes { Frames($0).closeCode != nil }).closeCode == 1000)
            _ = try await client.receivedUntilClosed()
        }
    }

    @Test("A watch whose time is over ends with a close frame")
    func timeout() async throws {
        try await Self.withAPI { port, _ in
            let client = try await RawClient(port: port)
            try await client.send(Self.handshake("watch=1&timeoutSeconds=1"))
            #expect(Frames(try await client.receivedBytes { Frames($0).closeCode != nil }).closeCode == 1000)
            try await client.send(WebSocketMessagesTests.masked(8, [3, 232]))
            _ = try await client.receivedUntilClosed()
        }
    }

    @Test(arguments: [
        ("", 403, "null origin"), ("Origin: a\r\nSec-WebSocket-Protocol: a, b\r\n", 400, "Protocol"),
    ])
    func refusals(_ headers: String, _ status: Int, _ text: String) async throws {
        try await Self.withAPI { port, _ in
            let client = try await RawClient(port: port)
            try await client.send(Self.handshake("watch=1", headers))
            let answer = try await client.receivedUntilClosed()
            #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(answer)")
            #expect(answer.contains(text), "\(answer)")
        }
    }

    @Test("What is no watch is answered as ever")
    func list() async throws {
        try await Self.withAPI { port, _ in
            let client = try await RawClient(port: port)
            try await client.send(Self.handshake("limit=1"))
            #expect(try await client.receivedUntilClosed().contains(#""kind":"ConfigMapList""#))
        }
    }
}
