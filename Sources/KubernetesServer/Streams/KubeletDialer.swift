import KubernetesModel
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import SystemCalls

/// A connection to a kubelet with a request sent and the head of its answer read.
struct KubeletAnswer: Sendable {
    var head: BackendHead
    /// What came behind the head.
    var rest: ByteBuffer
    var connection: PulledConnection
}

/// Opens connections to kubelets.
struct KubeletDialer: Sendable {
    private let group: any EventLoopGroup
    /// To the answer's head; nil waits as long as the client does.
    private let timeout: TimeAmount?

    init(group: any EventLoopGroup, timeout: TimeAmount? = .seconds(30)) {
        self.group = group
        self.timeout = timeout
    }

    /// Sends a request and waits for the head of the answer.
    func send(
        _ method: String, _ target: String, _ headers: HTTPHeaders, body: [UInt8] = [], to endpoint: KubeletEndpoint
    ) async throws(Status) -> KubeletAnswer {
        let connection: PulledConnection
        do {
            connection = try await connect(to: endpoint)
        } catch {
            throw Self.unreachable(endpoint, error)
        }
        // A kubelet that never answers does not hold the request for ever.
        let expiry = timeout.map { connection.channel.eventLoop.scheduleTask(in: $0) { connection.close() } }
        defer { expiry?.cancel() }
        do {
            var text = "\(method) \(target) HTTP/1.1\r\nHost: \(endpoint.authority)\r\n"
            for (name, value) in headers { text += "\(name): \(value)\r\n" }
            if !body.isEmpty || ["POST", "PUT", "PATCH"].contains(method) {
                text += "Content-Length: \(body.count)\r\n"
            }
            try await connection.write(ByteBuffer(string: text + "\r\n"))
            if !body.isEmpty { try await connection.write(ByteBuffer(bytes: body)) }
            var received = ByteBuffer()
            while true {
                if let head = try BackendHead(readingFrom: &received) {
                    return KubeletAnswer(head: head, rest: received, connection: connection)
                }
                guard var buffer = try await connection.next() else {
                    throw BackendHead.Malformed(description: "the connection ended before the answer")
                }
                received.writeBuffer(&buffer)
            }
        } catch {
            connection.close()
            throw Self.unreachable(endpoint, error)
        }
    }

    private func connect(to endpoint: KubeletEndpoint) async throws -> PulledConnection {
        try await ClientBootstrap(group: group)
            .connectTimeout(.seconds(10))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.maxMessagesPerRead, value: 1)
            .connect(host: endpoint.host, port: endpoint.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    if case .tls(let context, let name) = endpoint.security {
                        // An address is no server name (RFC 6066 section 3).
                        let isAddress = (try? SocketAddress(ipAddress: name ?? endpoint.host, port: 0)) != nil
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(
                                context: context, serverHostname: isAddress ? nil : name ?? endpoint.host))
                    }
                    return try PulledConnection(on: channel)
                }
            }
    }

    /// In the words of a kube-apiserver, with the reason.
    private static func unreachable(_ endpoint: KubeletEndpoint, _ error: any Error) -> Status {
        var cause = error
        if let failure = error as? NIOConnectionError {
            cause = failure.connectionErrors.first?.error ?? failure.dnsAError ?? error
        }
        // As Go says it: "connect: connection refused".
        let reason =
            (cause as? IOError).map { "connect: \(Errno(rawValue: $0.errnoCode).message.lowercased())" }
            ?? "\(cause)"
        return Status(code: 500, message: "error dialing backend: dial tcp \(endpoint.authority): \(reason)")
    }
}
