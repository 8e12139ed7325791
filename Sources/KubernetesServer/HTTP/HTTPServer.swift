import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// An HTTP/1.1 server over TLS (or without, for tests), on an event loop group of its own.
public final class HTTPServer: Sendable {
    /// What a client may make the server hold or wait for.
    public struct Limits: Sendable {
        /// Bytes of a request's body; kube-apiserver's limit.
        public var bodyLimit = 3 << 20
        /// From the connection to its first whole request head.
        public var headTimeout = TimeAmount.seconds(30)
        /// From a request's head to the end of its body.
        public var bodyTimeout = TimeAmount.seconds(60)
        /// Between requests.
        public var idleTimeout = TimeAmount.seconds(180)
        /// Connections at once. A request of one more is answered 429 with a `Retry-After`, as kube-apiserver does
        /// with too many requests, and its connection closed; a hundred more, and they are closed at once.
        public var connectionLimit = 100_000

        public init() {}
    }

    /// TLS with a certificate of the server's own, and what to make of a client's.
    package struct Security: Sendable {
        package var context: NIOSSLContext
        package var judge: @Sendable (NIOSSLCertificate) -> ClientCertificate

        package init(context: NIOSSLContext, judge: @escaping @Sendable (NIOSSLCertificate) -> ClientCertificate) {
            self.context = context
            self.judge = judge
        }
    }

    /// So many connections above the limit are told that they are.
    private static let refusedAtOnce = 100

    private let group: MultiThreadedEventLoopGroup
    private let listeners: [any Channel]
    private let connections: ConnectionRegistry
    /// In the order of the listeners, of which there is at least one.
    public let addresses: [SocketAddress]
    public var address: SocketAddress { addresses[0] }
    private let isDown = Mutex(false)

    private init(
        group: MultiThreadedEventLoopGroup, listeners: [any Channel], connections: ConnectionRegistry,
        addresses: [SocketAddress]
    ) {
        self.group = group
        self.listeners = listeners
        self.connections = connections
        self.addresses = addresses
    }

    package static func start(
        _ handler: any RequestHandler, host: String, port: Int, security: Security?, limits: Limits = Limits(),
        metrics: ServerMetrics = ServerMetrics(), logger: Logger = .silent
    ) async throws -> HTTPServer {
        try await start(
            handler, at: [Place(.address(host: host, port: port))], security: security, limits: limits,
            metrics: metrics, logger: logger)
    }

    /// - Parameter places: at least one; all of them are opened, or none.
    static func start(
        _ handler: any RequestHandler, at places: [Place], security: Security?, limits: Limits = Limits(),
        metrics: ServerMetrics = ServerMetrics(), logger: Logger = .silent
    ) async throws -> HTTPServer {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: max(2, System.coreCount))
        let connections = ConnectionRegistry()
        let shared = HTTPConnectionContext(
            handler: handler, limits: limits, logger: logger, metrics: metrics,
            connections: connections, judge: security?.judge)
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 128 << 10, high: 512 << 10))
            .childChannelOption(.maxMessagesPerRead, value: 4)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let surplus = connections.count - limits.connectionLimit
                    guard surplus < Self.refusedAtOnce else { throw ChannelError.operationUnsupported }
                    let pipeline = channel.pipeline.syncOperations
                    if let security {
                        // Any certificate passes the handshake: who is not believed hears so in a Status.
                        try pipeline.addHandler(
                            NIOSSLServerHandler(
                                context: security.context,
                                customVerificationCallback: { _, promise in promise.succeed(.certificateVerified) }))
                    }
                    let encoder = HTTPResponseEncoder()
                    let decoder = ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes))
                    try pipeline.addHandlers(
                        encoder, decoder,
                        HTTPConnection(shared, decoder: decoder, encoder: encoder, isSurplus: surplus >= 0))
                    connections.add(channel, metrics)
                }
            }
        var listeners: [any Channel] = []
        var addresses: [SocketAddress] = []
        for place in places {
            do {
                let listener = try await place.open(bootstrap)
                listeners.append(listener)
                guard let address = listener.localAddress else { throw ChannelError.unknownLocalAddress }
                addresses.append(address)
            } catch {
                // Closes those that are open already.
                try? await group.shutdownGracefully()
                throw ListenerFailure(listener: "\(place.listener)", reason: "\(error)")
            }
        }
        return HTTPServer(group: group, listeners: listeners, connections: connections, addresses: addresses)
    }

    /// No new connections; watches and streams end at once; requests that are being answered get their answer, for
    /// at most `grace`.
    public func shutdown(grace: Duration = .seconds(5)) async {
        let isFirst = isDown.withLock { isDown in
            defer { isDown = true }
            return !isDown
        }
        // Event loops that are gone answer nobody.
        if !isFirst { return }
        for listener in listeners { try? await listener.close() }
        connections.quiesce()
        let deadline = ContinuousClock.now + grace
        while !connections.isEmpty, ContinuousClock.now < deadline {
            try? await Task.sleep(for: .milliseconds(5))
        }
        connections.closeAll()
        // Tasks that speak to an event loop end when their connection does; the loops go after them.
        let end = ContinuousClock.now + .seconds(5)
        while connections.isAtWork, ContinuousClock.now < end { try? await Task.sleep(for: .milliseconds(5)) }
        try? await group.shutdownGracefully()
    }

    /// The number of open connections.
    var connectionCount: Int { connections.count }
}

/// The open connections of a server.
final class ConnectionRegistry: Sendable {
    private let channels = Mutex<[ObjectIdentifier: any Channel]>([:])
    /// What serves the connections that left HTTP.
    private let tasks = Mutex<[ObjectIdentifier: Task<Void, Never>]>([:])

    /// Tasks that answer, stream or serve what left HTTP.
    private let atWork = Mutex(0)

    func workBegins() { atWork.withLock { $0 += 1 } }
    func workEnds() { atWork.withLock { $0 -= 1 } }
    var isAtWork: Bool { atWork.withLock { $0 > 0 } }

    func add(_ channel: any Channel, _ metrics: ServerMetrics) {
        let identifier = ObjectIdentifier(channel)
        channels.withLock { $0[identifier] = channel }
        metrics.connectionOpened()
        channel.closeFuture.whenComplete { _ in
            self.channels.withLock { _ = $0.removeValue(forKey: identifier) }
            self.tasks.withLock { $0.removeValue(forKey: identifier) }?.cancel()
            metrics.connectionClosed()
        }
    }

    /// The task is cancelled when the channel closes, or the server does.
    func hold(_ task: Task<Void, Never>, for channel: any Channel) {
        tasks.withLock { $0[ObjectIdentifier(channel)] = task }
        if !channel.isActive { task.cancel() }
    }

    var count: Int { channels.withLock { $0.count } }
    var isEmpty: Bool { count == 0 }

    func quiesce() {
        for channel in channels.withLock({ Array($0.values) }) {
            channel.pipeline.fireUserInboundEventTriggered(HTTPServerQuiesces())
        }
        for task in tasks.withLock({ Array($0.values) }) { task.cancel() }
    }

    func closeAll() {
        for channel in channels.withLock({ Array($0.values) }) { channel.close(promise: nil) }
    }
}

extension Logger {
    /// Says nothing to nobody.
    package static var silent: Logger { Logger(label: "poplin.apiserver") { _ in SwiftLogNoOpLogHandler() } }
}
