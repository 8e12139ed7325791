import KubernetesClient
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// An HTTP server on 127.0.0.1 whose answers are a function of the request.
final class LoopbackServer: Sendable {
    struct Request: Sendable {
        var method: String
        var uri: String
        var headers: HTTPHeaders
        var body: [UInt8]
        /// From 0, in the order in which connections were made.
        var connection: Int

        func header(_ name: String) -> String? { headers.first(name: name) }
    }

    enum Reply: Sendable {
        case answer(Int, [(String, String)], [UInt8])
        /// Chunks with pauses before them (milliseconds), then the end or, with `isCutOff`, the end of the connection.
        case chunks([(pause: Int, bytes: [UInt8])], isCutOff: Bool)
        /// The connection is closed without a word.
        case hangUp
        /// Nothing is ever answered.
        case silence

        static func json(_ status: Int, _ text: String, _ headers: [(String, String)] = []) -> Reply {
            .answer(status, headers + [("Content-Type", "application/json")], Array(text.utf8))
        }
    }

    private let channel: any Channel
    private let task: Task<Void, Never>
    let requests: Log

    final class Log: Sendable {
        private let items = Mutex<[Request]>([])
        var all: [Request] { items.withLock { $0 } }
        func append(_ request: Request) { items.withLock { $0.append(request) } }
    }

    var port: Int { channel.localAddress?.port ?? 0 }

    private init(channel: any Channel, task: Task<Void, Never>, requests: Log) {
        self.channel = channel
        self.task = task
        self.requests = requests
    }

    deinit {
        task.cancel()
        channel.close(promise: nil)
    }

    func stop() async {
        task.cancel()
        try? await channel.close().get()
    }

    static func start(
        tls: TLSConfiguration? = nil, _ handler: @escaping @Sendable (Request) async -> Reply
    ) async throws -> LoopbackServer {
        let context = try tls.map { try NIOSSLContext(configuration: $0) }
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let context {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                    }
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(BufferedParts())
                    return try NIOAsyncChannel<HTTPServerRequestPart, HTTPPart<HTTPResponseHead, ByteBuffer>>(
                        wrappingChannelSynchronously: channel)
                }
            }
        let log = Log()
        let task = Task { () -> Void in
            try? await server.executeThenClose { connections in
                await withTaskGroup(of: Void.self) { group in
                    var number = 0
                    do {
                        for try await connection in connections {
                            let mine = number
                            number += 1
                            group.addTask { await serve(connection, mine, log, handler) }
                        }
                    } catch {}
                    group.cancelAll()
                }
            }
        }
        return LoopbackServer(channel: server.channel, task: task, requests: log)
    }

    private static func serve(
        _ connection: NIOAsyncChannel<HTTPServerRequestPart, HTTPPart<HTTPResponseHead, ByteBuffer>>, _ number: Int,
        _ log: Log, _ handler: @Sendable (Request) async -> Reply
    ) async {
        try? await connection.executeThenClose { inbound, outbound in
            var head: HTTPRequestHead?
            var body: [UInt8] = []
            for try await part in inbound {
                switch part {
                case .head(let new):
                    head = new
                    body = []
                case .body(let bytes): body += Array(bytes.readableBytesView)
                case .end:
                    guard let head else { return }
                    let request = Request(
                        method: head.method.rawValue, uri: head.uri, headers: head.headers, body: body,
                        connection: number)
                    log.append(request)
                    switch await handler(request) {
                    case .answer(let status, let headers, let bytes):
                        let fields = HTTPHeaders(headers + [("Content-Length", String(bytes.count))])
                        let status = HTTPResponseStatus(statusCode: status)
                        try await outbound.write(
                            .head(HTTPResponseHead(version: .http1_1, status: status, headers: fields)))
                        try await outbound.write(.body(ByteBuffer(bytes: bytes)))
                        try await outbound.write(.end(nil))
                    case .chunks(let chunks, let isCutOff):
                        let fields = HTTPHeaders([
                            ("Transfer-Encoding", "chunked"), ("Content-Type", "application/json"),
                        ])
                        try await outbound.write(
                            .head(HTTPResponseHead(version: .http1_1, status: .ok, headers: fields)))
                        for (pause, bytes) in chunks {
                            if pause > 0 { try await Task.sleep(for: .milliseconds(pause)) }
                            try await outbound.write(.body(ByteBuffer(bytes: bytes)))
                        }
                        if isCutOff { return }
                        try await outbound.write(.end(nil))
                    case .hangUp: return
                    case .silence: try await Task.sleep(for: .seconds(3600))
                    }
                }
            }
        }
    }
}

extension LoopbackServer {
    /// A connection to it without TLS.
    func connection(
        credentials: CredentialSource = .none, scheme: ServerAddress.Scheme = .http, timeout: Duration = .seconds(300)
    ) -> ClusterConnection {
        ClusterConnection(
            server: ServerAddress(scheme: scheme, host: "127.0.0.1", port: port),
            origin: KubernetesFailure.Origin(file: "/home/ann/.kube/config", context: "dev"), credentials: credentials,
            requestTimeout: timeout)
    }
}

/// Parts with byte buffers, which may cross threads, as the parts that the encoder wants.
private final class BufferedParts: ChannelOutboundHandler, Sendable {
    typealias OutboundIn = HTTPPart<HTTPResponseHead, ByteBuffer>
    typealias OutboundOut = HTTPServerResponsePart

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let part: HTTPServerResponsePart =
            switch unwrapOutboundIn(data) {
            case .head(let head): .head(head)
            case .body(let bytes): .body(.byteBuffer(bytes))
            case .end(let trailers): .end(trailers)
            }
        context.write(wrapOutboundOut(part), promise: promise)
    }
}
