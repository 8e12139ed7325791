import JSONTree
import KubernetesModel
import NIOCore
import NIOHTTP1
import NIOPosix

/// `pods/exec`, `attach`, `portforward` and `log`: finds the pod's kubelet and hands the connection over, byte for byte.
/// What WebSocket or SPDY frames say is between the client and the kubelet.
///
/// Stands behind Access (which has asked whether the user may) and before Resources.
public struct PodStreams: RequestHandler {
    private let store: ObjectStore
    private let kubelets: any KubeletLocator
    private let dialer: KubeletDialer
    private let next: any RequestHandler

    public init(
        store: ObjectStore, kubelets: any KubeletLocator, next: any RequestHandler,
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) {
        self.store = store
        self.kubelets = kubelets
        self.next = next
        dialer = KubeletDialer(group: group)
    }

    public func handle(_ request: ServerRequest) async -> ServerResponse {
        guard let (kind, key) = Self.subject(request) else { return await next.handle(request) }
        do throws(Status) {
            return try await answer(request, kind, key)
        } catch {
            return .status(error)
        }
    }

    /// `/api/v1/namespaces/NAMESPACE/pods/NAME/SUBRESOURCE`.
    private static func subject(_ request: ServerRequest) -> (PodStreamTarget.Kind, StoreKey)? {
        let parts = request.segments
        guard parts.count == 7, parts[0] == "api", parts[1] == "v1", parts[2] == "namespaces", parts[4] == "pods",
            let kind = PodStreamTarget.Kind(rawValue: parts[6])
        else { return nil }
        return (kind, StoreKey("pods", namespace: parts[3], name: parts[5]))
    }

    static func object(_ key: StoreKey, in store: ObjectStore) async throws(Status) -> JSONNode? {
        do throws(StoreFailure) {
            guard let stored = try await store.object(key) else { return nil }
            do {
                return try JSONTree(parsing: stored.bytes).root
            } catch {
                throw StoreFailure.corrupt(path: "\(key)", reason: "\(error)")
            }
        } catch {
            throw .internalError("\(error)")
        }
    }

    private func answer(
        _ request: ServerRequest, _ kind: PodStreamTarget.Kind, _ key: StoreKey
    ) async throws(Status) -> ServerResponse {
        let isLog = kind == .log
        guard request.method == .get || (request.method == .post && !isLog) else { throw .methodNotAllowed }
        guard let root = try await Self.object(key, in: store) else {
            throw .notFound(GroupResource(resource: "pods"), key.name)
        }
        let pod: Pod
        do throws(FieldError) {
            pod = try Pod(decoding: root)
        } catch {
            throw .internalError("pod \(GoText.quoted(key.name)): \(error)")
        }
        let ephemeral = root.at("spec", "ephemeralContainers")?.elements.compactMap { $0.member("name")?.string } ?? []
        guard let target = try PodStreamTarget(kind, pod: pod, ephemeral: ephemeral, query: request.query) else {
            return .text("")
        }
        guard isLog || request.upgradeProtocol != nil else {
            throw .badRequest("Upgrade request required")
        }
        let endpoint = try await kubelets.endpoint(ofNode: target.node)
        let backend = try await dialer.send(
            request.method.name, target.target, Self.forwarded(request.headers, isUpgrade: !isLog), to: endpoint)
        return backend.head.status == 101 && !isLog
            ? Self.spliced(backend) : await Self.passedOn(backend, isStream: isLog)
    }

    // MARK: - Headers

    /// Headers of one connection, which a proxy does not pass on (RFC 9110 section 7.6.1).
    private static let hopByHop: Set<String> = [
        "connection", "upgrade", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer",
        "transfer-encoding", "host", "content-length", "authorization",
    ]

    private static func forwarded(_ headers: HTTPHeaders, isUpgrade: Bool) -> HTTPHeaders {
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

    // MARK: - Answers

    private static func spliced(_ backend: KubeletAnswer) -> ServerResponse {
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

    /// An answer that is no stream of frames: a log, or a refusal.
    private static func passedOn(_ backend: KubeletAnswer, isStream: Bool) async -> ServerResponse {
        var headers = HTTPHeaders()
        for (name, value) in backend.head.headers
        where !hopByHop.contains(name.lowercased()) && name.lowercased() != "date" {
            headers.add(name: name, value: value)
        }
        if isStream {
            return ServerResponse(
                status: backend.head.status, headers: headers,
                body: .stream { writer in
                    defer { backend.connection.close() }
                    try await pass(backend) { try await writer.write($0) }
                })
        }
        // A refusal is small; more than a request may hold is cut.
        var body: [UInt8] = []
        try? await pass(backend) { bytes in
            body += bytes
            if body.count > 3 << 20 { throw BackendHead.Malformed(description: "the answer is too long") }
        }
        backend.connection.close()
        return ServerResponse(status: backend.head.status, headers: headers, body: .whole(body))
    }

    private static func pass(_ backend: KubeletAnswer, to sink: ([UInt8]) async throws -> Void) async throws {
        var body = BackendBody(backend.head)
        try await sink(try body.content(of: backend.rest))
        while !body.isDone {
            guard let buffer = try await backend.connection.next() else {
                if body.mayEnd { return }
                throw BackendHead.Malformed(description: "the kubelet's answer broke off")
            }
            let content = try body.content(of: buffer)
            if !content.isEmpty { try await sink(content) }
        }
    }
}
