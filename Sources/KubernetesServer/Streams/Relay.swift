import KubernetesModel
import NIOCore
import NIOHTTP1

/// What a proxy does with heads and bodies: those of a kubelet, or of whatever answers at an address of the cluster.
enum Relay {
    /// Headers of one connection, which a proxy does not pass on (RFC 9110 section 7.6.1).
    private static let hopByHop: Set<String> = [
        "connection", "upgrade", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer",
        "transfer-encoding", "host", "content-length", "authorization",
    ]

    static func forwarded(_ headers: HTTPHeaders, isUpgrade: Bool) -> HTTPHeaders {
        var kept = HTTPHeaders()
        for (name, value) in headers where !hopByHop.contains(name.lowercased()) { kept.add(name: name, value: value) }
        if isUpgrade {
            kept.add(name: "Connection", value: "Upgrade")
            kept.add(name: "Upgrade", value: headers.first(name: "upgrade") ?? "websocket")
        } else {
            kept.add(name: "Connection", value: "close")
        }
        return kept
    }

    /// Two connections become one: the backend has changed its protocol.
    static func spliced(_ backend: KubeletAnswer) -> ServerResponse {
        var headers = HTTPHeaders()
        for (name, value) in backend.head.headers where name.lowercased() != "content-length" {
            headers.add(name: name, value: value)
        }
        return ServerResponse(
            status: 101, headers: headers,
            body: .upgrade(
                ConnectionUpgrade { channel in
                    let client = try PulledConnection(on: channel)
                    return {
                        if backend.rest.readableBytes > 0 { try? await client.write(backend.rest) }
                        await Splice.run(client, backend.connection)
                    }
                }))
    }

    private static func answered(_ backend: KubeletAnswer) -> HTTPHeaders {
        var headers = HTTPHeaders()
        for (name, value) in backend.head.headers
        where !hopByHop.contains(name.lowercased()) && name.lowercased() != "date" {
            headers.add(name: name, value: value)
        }
        return headers
    }

    /// A body of any length, at the pace of the client.
    static func streamed(_ backend: KubeletAnswer, toHead: Bool = false) -> ServerResponse {
        // To HEAD, and with these, comes no body.
        if toHead || backend.head.status == 204 || backend.head.status == 304 {
            backend.connection.close()
            return ServerResponse(
                status: backend.head.status, headers: answered(backend), body: toHead ? .stream { _ in } : .whole([]))
        }
        return ServerResponse(
            status: backend.head.status, headers: answered(backend),
            body: .stream { writer in
                defer { backend.connection.close() }
                try await pass(backend) { try await writer.write($0) }
            })
    }

    /// A refusal, which is small; more than a request may hold is cut.
    static func whole(_ backend: KubeletAnswer) async -> ServerResponse {
        ServerResponse(
            status: backend.head.status, headers: answered(backend), body: .whole(await content(of: backend)))
    }

    /// What a kubelet says instead of a log, in plain words, as an object that clients print
    /// (kubernetes/pkg/registry/core/rest, GenericHttpResponseChecker).
    static func refusal(_ backend: KubeletAnswer) async -> Status {
        var text = String(decoding: await content(of: backend), as: UTF8.self)
        if text.last?.isNewline == true { text.removeLast() }
        switch backend.head.status {
        case 400: return .badRequest(text)
        case 404: return Status(code: 404, reason: "NotFound", message: text)
        default: return .internalError(text)
        }
    }

    private static func content(of backend: KubeletAnswer) async -> [UInt8] {
        var body: [UInt8] = []
        try? await pass(backend) { bytes in
            body += bytes
            if body.count > 3 << 20 { throw BackendHead.Malformed(description: "the answer is too long") }
        }
        backend.connection.close()
        return body
    }

    private static func pass(_ backend: KubeletAnswer, to sink: ([UInt8]) async throws -> Void) async throws {
        var body = BackendBody(backend.head)
        try await sink(try body.content(of: backend.rest))
        while !body.isDone {
            guard let buffer = try await backend.connection.next() else {
                if body.mayEnd { return }
                throw BackendHead.Malformed(description: "the backend's answer broke off")
            }
            let content = try body.content(of: buffer)
            if !content.isEmpty { try await sink(content) }
        }
    }
}
