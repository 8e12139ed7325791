import JSONTree
import KubernetesModel
import NIOCore
import NIOHTTP1
import Testing

@testable import KubernetesServer

@Suite("What a kubelet is asked")
struct PodStreamTargetTests {
    static func pod(_ spec: String) throws -> Pod {
        try Pod(decoding: JSONTree(parsing: #"{"metadata":{"name":"p","namespace":"n"},"spec":\#(spec)}"#).root)
    }

    static let one = #"{"nodeName":"k","containers":[{"name":"c","image":"i"}]}"#
    static let many = #"{"nodeName":"k","containers":[{"name":"a"},{"name":"b"}],"initContainers":[{"name":"i"}]}"#

    @Test(arguments: [
        (
            PodStreamTarget.Kind.exec, "stdout=true&stderr=1&tty=false&command=sh&command=-c&command=a%20b%26c",
            "/exec/n/p/c?output=1&error=1&command=sh&command=-c&command=a%20b%26c"
        ),
        (.attach, "stdin=true&stdout=true&tty=true&command=x", "/attach/n/p/c?input=1&output=1&tty=1"),
        (.log, "follow=true&tailLines=5&container=c&pretty=1", "/containerLogs/n/p/c?follow=true&tailLines=5"),
        (.portforward, "ports=80&ports=81", "/portForward/n/p?port=80&port=81"),
        (.portforward, "", "/portForward/n/p"),
    ])
    func targets(_ kind: PodStreamTarget.Kind, _ query: String, _ expected: String) throws {
        let request = try #require(ServerRequest(.get, target: "/x?\(query)"))
        let target = try PodStreamTarget(kind, pod: try Self.pod(Self.one), query: request.query)
        #expect(target?.target == expected)
        #expect(target?.node == "k")
    }

    @Test(arguments: [
        (
            PodStreamTarget.Kind.exec, many, "",
            "a container name must be specified for pod p, choose one of: [a b] or one of the init containers: [i]"
        ),
        (.log, many, "container=x", "container x is not valid for pod p"),
        (.exec, #"{"containers":[{"name":"c"}]}"#, "", "pod p does not have a host assigned"),
        (.portforward, #"{"containers":[{"name":"c"}]}"#, "", "pod p does not have a host assigned"),
        (.attach, "{}", "", "a container name must be specified for pod p"),
    ])
    func refusals(_ kind: PodStreamTarget.Kind, _ spec: String, _ query: String, _ message: String) throws {
        let request = try #require(ServerRequest(.get, target: "/x?\(query)"))
        let pod = try Self.pod(spec)
        let status = #expect(throws: Status.self) { try PodStreamTarget(kind, pod: pod, query: request.query) }
        #expect(status?.message == message)
        #expect(status?.code == 400)
    }

    @Test("The log of a pod without a node is empty; containers that were added count")
    func special() throws {
        let waiting = try Self.pod(#"{"containers":[{"name":"c"}]}"#)
        #expect(try PodStreamTarget(.log, pod: waiting, query: QueryParameters()) == nil)
        let query = QueryParameters([.init("container", "debug")])
        let target = try PodStreamTarget(.exec, pod: try Self.pod(Self.one), ephemeral: ["debug"], query: query)
        #expect(target?.target == "/exec/n/p/debug")
    }
}

@Suite("What a kubelet answers")
struct BackendResponseTests {
    @Test("Heads, cut at every byte")
    func heads() throws {
        let text =
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol:  v5.channel.k8s.io \r\nX:\r\n\r\nrest"
        let bytes = Array(text.utf8)
        for cut in bytes.indices {
            var buffer = ByteBuffer(bytes: bytes[..<cut])
            var head = try BackendHead(readingFrom: &buffer)
            if head == nil {
                buffer.writeBytes(bytes[cut...])
                head = try BackendHead(readingFrom: &buffer)
            } else {
                buffer.writeBytes(bytes[cut...])
            }
            #expect(head?.status == 101)
            #expect(head?.headers["sec-websocket-protocol"] == ["v5.channel.k8s.io"])
            #expect(head?.headers["x"] == [""])
            #expect(String(buffer: buffer) == "rest")
        }
    }

    @Test(arguments: [
        "SSH-2.0\r\n\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1 200 OK\r\nnocolon\r\n\r\n",
        "HTTP/1.1 200 OK\r\n: x\r\n\r\n", "HTTP/1.1 99999 OK\r\n\r\n", String(repeating: "x", count: 70_000),
    ])
    func malformedHeads(_ text: String) {
        var buffer = ByteBuffer(string: text)
        #expect(throws: BackendHead.Malformed.self) { try BackendHead(readingFrom: &buffer) }
    }

    @Test(
        "Bodies by length, in chunks and to the end, cut at every byte",
        arguments: [
            ("Content-Length: 5", "hello", true),
            ("Transfer-Encoding: chunked", "2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n", true),
            ("X: y", "hello", false),
        ])
    func bodies(_ header: String, _ body: String, _ ends: Bool) throws {
        let bytes = Array(body.utf8)
        for cut in bytes.indices {
            var start = ByteBuffer(string: "HTTP/1.1 200 OK\r\n\(header)\r\n\r\n")
            let head = try #require(try BackendHead(readingFrom: &start))
            var reading = BackendBody(head)
            let content =
                try reading.content(of: ByteBuffer(bytes: bytes[..<cut]))
                + reading.content(of: ByteBuffer(bytes: bytes[cut...]))
            #expect(String(decoding: content, as: UTF8.self) == "hello")
            #expect(reading.isDone == ends)
            #expect(reading.mayEnd)
        }
    }

    @Test("A chunk without a size")
    func malformedChunk() throws {
        var start = ByteBuffer(string: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        var body = BackendBody(try #require(try BackendHead(readingFrom: &start)))
        #expect(throws: BackendHead.Malformed.self) { try body.content(of: ByteBuffer(string: "zz\r\n")) }
    }
}

@Suite("WebSocket messages")
struct WebSocketMessagesTests {
    static func masked(_ opcode: UInt8, isFinal: Bool = true, _ payload: [UInt8]) -> [UInt8] {
        let mask: [UInt8] = [1, 2, 3, 4]
        let length: [UInt8] =
            payload.count < 126
            ? [0x80 | UInt8(payload.count)] : [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
        return [(isFinal ? 0x80 : 0) | opcode] + length + mask + payload.enumerated().map { $1 ^ mask[$0 & 3] }
    }

    @Test("The key of RFC 6455, 1.3; the subprotocol is the client's first that both speak")
    func handshake() throws {
        #expect(WebSocketHandshake.accept("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        var headers: HTTPHeaders = [
            "Connection": "keep-alive, Upgrade", "Upgrade": "WebSocket", "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Protocol": "v9, v5.channel.k8s.io, v4.channel.k8s.io",
        ]
        func chosen() throws -> String? {
            let request = try #require(ServerRequest(.get, target: "/", headers: headers))
            return WebSocketHandshake.answer(request, protocols: ["v4.channel.k8s.io", "v5.channel.k8s.io"])?
                .subprotocol
        }
        #expect(try chosen() == "v5.channel.k8s.io")
        headers.replaceOrAdd(name: "Sec-WebSocket-Protocol", value: "bogus")
        #expect(try chosen() == nil)
    }

    @Test("Messages and fragments, with a ping in between, cut at every byte")
    func messages() throws {
        let long = Array(repeating: UInt8(7), count: 300)
        let bytes =
            Self.masked(2, [0, 1]) + Self.masked(2, isFinal: false, [1]) + Self.masked(9, [5]) + Self.masked(0, [2])
            + Self.masked(2, long) + Self.masked(8, [3, 232])
        for cut in bytes.indices {
            var reader = WebSocketReader()
            var read: [WebSocketMessage] = []
            for part in [bytes[..<cut], bytes[cut...]] {
                reader.append(ByteBuffer(bytes: part))
                while let message = try reader.next() { read.append(message) }
            }
            #expect(read == [.binary([0, 1]), .ping([5]), .binary([1, 2]), .binary(long), .close(1000)])
        }
    }

    @Test(
        arguments: [
            [0x82, 0x01, 0x00], masked(0, [1]), [0xC2, 0x80, 0, 0, 0, 0], masked(3, []), masked(9, isFinal: false, []),
            [0x82, 0xFF, 0x7F, 0, 0, 0, 0, 0, 0, 0],
        ] as [[UInt8]])
    func malformed(_ bytes: [UInt8]) {
        var reader = WebSocketReader()
        reader.append(ByteBuffer(bytes: bytes))
        #expect(throws: WebSocketReader.Malformed.self) { try reader.next() }
    }
}
