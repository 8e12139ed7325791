import Addressing
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket

/// An open WebSocket: messages in, messages out.
struct WebSocketLink: Sendable {
    /// What the server chose of what was offered; empty when it chose none.
    let subprotocol: String
    private let inbound: NIOAsyncChannelInboundStream<WebSocketFrame>
    private let outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>

    /// Between two pings, which keep proxies in between from closing a quiet connection.
    static let pingPeriod = Duration.seconds(15)
    /// Bytes of the largest message.
    static let messageLimit = 16 << 20

    init(
        subprotocol: String, inbound: NIOAsyncChannelInboundStream<WebSocketFrame>,
        outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>
    ) {
        self.subprotocol = subprotocol
        self.inbound = inbound
        self.outbound = outbound
    }

    func send(_ bytes: [UInt8]) async throws(KubernetesFailure) {
        try await write(WebSocketFrame(fin: true, opcode: .binary, maskKey: .random(), data: ByteBuffer(bytes: bytes)))
    }

    /// Says that nothing more comes (status 1000, RFC 6455 section 7.4.1).
    func close() async {
        var data = ByteBuffer()
        data.write(webSocketErrorCode: .normalClosure)
        let frame = WebSocketFrame(fin: true, opcode: .connectionClose, maskKey: .random(), data: data)
        try? await write(frame)
    }

    private func write(_ frame: WebSocketFrame) async throws(KubernetesFailure) {
        do {
            try await outbound.write(frame)
        } catch {
            throw KubernetesFailure(Task.isCancelled ? .cancelled : .cutOff("the stream is closed"))
        }
    }

    /// Hands over each message until the other side closes or `take` answers false. Pings are answered here.
    /// - Returns: the other side closed in good order.
    func receive(
        _ take: ([UInt8]) async throws(KubernetesFailure) -> Bool
    ) async throws(KubernetesFailure) -> Bool {
        var frames = inbound.makeAsyncIterator()
        while true {
            let next: WebSocketFrame?
            do { next = try await frames.next() } catch {
                throw KubernetesFailure(
                    Task.isCancelled ? .cancelled : .cutOff("the stream broke off: \(HTTPTransport.text(of: error))"))
            }
            guard let frame = next else {
                if Task.isCancelled { throw KubernetesFailure(.cancelled) }
                return false
            }
            switch frame.opcode {
            case .binary, .text:
                if try await !take(Array(frame.unmaskedData.readableBytesView)) { return true }
            case .ping:
                try await write(
                    WebSocketFrame(fin: true, opcode: .pong, maskKey: .random(), data: frame.unmaskedData))
            case .connectionClose:
                await close()
                return true
            default: break
            }
        }
    }

    fileprivate func keepAlive() async {
        while !Task.isCancelled {
            do {
                try await Task.sleep(for: Self.pingPeriod)
                try await write(
                    WebSocketFrame(fin: true, opcode: .ping, maskKey: .random(), data: ByteBuffer(string: "poplin")))
            } catch { return }
        }
    }
}

extension HTTPTransport {
    private enum Upgraded: Sendable {
        case webSocket(NIOAsyncChannel<WebSocketFrame, WebSocketFrame>, subprotocol: String)
        case refused(NIOAsyncChannel<HTTPClientResponsePart, Never>)
    }

    /// How long the server may take to agree to the upgrade.
    static let upgradeTimeout = Duration.seconds(30)

    /// Runs `body` on a WebSocket; it is closed when the body ends.
    /// - Parameter protocols: the wanted ones first.
    func webSocket<Value: Sendable>(
        _ request: KubernetesRequest, protocols: [String],
        _ body: @escaping @Sendable (WebSocketLink) async throws(KubernetesFailure) -> Value
    ) async throws(KubernetesFailure) -> Value {
        let line = "\(request.method.rawValue) \(request.path)"
        do throws(KubernetesFailure) {
            if connection.proxy != nil {
                throw KubernetesFailure(
                    .unreachable("exec and port-forward do not go through a proxy; connect without one"))
            }
            var credentials = try await credentials.current()
            var upgraded = try await upgrade(request, credentials, protocols)
            if case .refused(let channel) = upgraded {
                let status = try await Self.refusal(channel)
                guard status.code == 401, let fresh = try await self.credentials.renewed(after: credentials) else {
                    throw KubernetesFailure(.status(status))
                }
                credentials = fresh
                upgraded = try await upgrade(request, credentials, protocols)
            }
            switch upgraded {
            case .refused(let channel): throw KubernetesFailure(.status(try await Self.refusal(channel)))
            case .webSocket(let channel, let subprotocol):
                return try await Self.run(channel, subprotocol, body)
            }
        } catch {
            throw error.at(origin, line)
        }
    }

    private static func run<Value: Sendable>(
        _ channel: NIOAsyncChannel<WebSocketFrame, WebSocketFrame>, _ subprotocol: String,
        _ body: @escaping @Sendable (WebSocketLink) async throws(KubernetesFailure) -> Value
    ) async throws(KubernetesFailure) -> Value {
        let result: Result<Value, KubernetesFailure>
        do {
            result = try await channel.executeThenClose { inbound, outbound in
                let link = WebSocketLink(subprotocol: subprotocol, inbound: inbound, outbound: outbound)
                return await withTaskGroup(of: Void.self) { group in
                    group.addTask { await link.keepAlive() }
                    defer { group.cancelAll() }
                    do throws(KubernetesFailure) {
                        return .success(try await body(link))
                    } catch {
                        return .failure(error)
                    }
                }
            }
        } catch {
            throw KubernetesFailure(.cutOff(text(of: error)))
        }
        return try result.get()
    }

    private static func refusal(
        _ channel: NIOAsyncChannel<HTTPClientResponsePart, Never>
    ) async throws(KubernetesFailure) -> ServerStatus {
        do {
            return try await channel.executeThenClose { inbound in
                var code = 0
                var headers = KubernetesHeaders()
                var body: [UInt8] = []
                parts: for try await part in inbound {
                    switch part {
                    case .head(let head):
                        code = Int(head.status.code)
                        headers = KubernetesHeaders(head.headers.map { KubernetesField($0.name, $0.value) })
                    case .body(let bytes): body += Array(bytes.readableBytesView.prefix((1 << 20) - body.count))
                    case .end: break parts
                    }
                }
                return ServerStatus(httpStatus: code, headers: headers, body: body)
            }
        } catch {
            throw KubernetesFailure(.cutOff("the server refused the stream and gave no answer"))
        }
    }

    private func upgrade(
        _ request: KubernetesRequest, _ credentials: Credentials, _ protocols: [String]
    ) async throws(KubernetesFailure) -> Upgraded {
        let settings = connection.server.scheme == .https ? try await tls.settings(for: credentials) : nil
        var fields = fields(of: request, credentials).filter { $0.name != "Accept-Encoding" }
        fields.append(KubernetesField("Sec-WebSocket-Protocol", protocols.joined(separator: ", ")))
        let head = HTTPRequestHead(
            version: .http1_1, method: .GET, uri: connection.server.prefix + request.target,
            headers: HTTPHeaders(fields.map { ($0.name, $0.value) }))
        do {
            let context = try settings.map { settings in
                var configuration = settings.configuration
                configuration.applicationProtocols = ["http/1.1"]
                return try NIOSSLContext(configuration: configuration)
            }
            let name = connection.serverName ?? connection.server.host
            let hostname = IPAddress(name) == nil ? name : nil
            let limit = TimeAmount(Self.upgradeTimeout)
            let future: EventLoopFuture<Upgraded> = try await ClientBootstrap(
                group: MultiThreadedEventLoopGroup.singleton
            )
            .connectTimeout(TimeAmount(Self.connectTimeout))
            .connect(host: connection.server.host, port: connection.server.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let context {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: context, serverHostname: hostname))
                    }
                    try channel.pipeline.syncOperations.addHandler(DelayedEnd())
                    let upgraded = try Self.configure(channel, head)
                    let timeout = channel.eventLoop.scheduleTask(in: limit) { channel.close(promise: nil) }
                    upgraded.whenComplete { _ in timeout.cancel() }
                    return upgraded
                }
            }
            return try await future.get()
        } catch {
            throw await failure(for: error, settings, allowed: Self.upgradeTimeout)
        }
    }

    private static func configure(
        _ channel: any Channel, _ head: HTTPRequestHead
    ) throws -> EventLoopFuture<Upgraded> {
        let upgrader = NIOTypedWebSocketClientUpgrader<Upgraded>(maxFrameSize: WebSocketLink.messageLimit) {
            channel, head in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(
                    NIOWebSocketFrameAggregator(
                        minNonFinalFragmentSize: 0, maxAccumulatedFrameCount: 65_536,
                        maxAccumulatedFrameSize: WebSocketLink.messageLimit))
                let wrapped = try NIOAsyncChannel<WebSocketFrame, WebSocketFrame>(
                    wrappingChannelSynchronously: channel)
                return .webSocket(wrapped, subprotocol: head.headers.first(name: "Sec-WebSocket-Protocol") ?? "")
            }
        }
        let configuration = NIOTypedHTTPClientUpgradeConfiguration<Upgraded>(
            upgradeRequestHead: head, upgraders: [upgrader]
        ) { channel in
            channel.eventLoop.makeCompletedFuture {
                .refused(
                    try NIOAsyncChannel<HTTPClientResponsePart, Never>(wrappingChannelSynchronously: channel))
            }
        }
        var pipeline = NIOUpgradableHTTPClientPipelineConfiguration(upgradeConfiguration: configuration)
        // The server's first message often comes in the same packet as its agreement.
        pipeline.leftOverBytesStrategy = .forwardBytes
        return try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(configuration: pipeline)
    }
}
