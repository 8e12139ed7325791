import KubernetesClient
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket
import Synchronization

/// Plays the server's part of a transcript on 127.0.0.1: sends its frames, and goes on after a frame of the client only
/// when the client has sent exactly that.
final class WebSocketServer: Sendable {
    private let channel: any Channel
    let log: Log

    final class Log: Sendable {
        private let state = Mutex<(heads: [HTTPRequestHead], messages: [[UInt8]], surprises: [String])>(([], [], []))
        var heads: [HTTPRequestHead] { state.withLock { $0.heads } }
        var messages: [[UInt8]] { state.withLock { $0.messages } }
        var surprises: [String] { state.withLock { $0.surprises } }
        func add(_ head: HTTPRequestHead) { state.withLock { $0.heads.append(head) } }
        func add(_ message: [UInt8]) { state.withLock { $0.messages.append(message) } }
        func add(surprise: String) { state.withLock { $0.surprises.append(surprise) } }
    }

    var port: Int { channel.localAddress?.port ?? 0 }

    deinit { channel.close(promise: nil) }

    private init(_ channel: any Channel, _ log: Log) {
        self.channel = channel
        self.log = log
    }

    var connection: ClusterConnection {
        ClusterConnection(server: ServerAddress(scheme: .http, host: "127.0.0.1", port: port))
    }

    /// - Parameter refusal: answered instead of an upgrade: status and body.
    static func start(
        _ steps: [WebSocketTranscript.Step], subprotocol: String, refusal: (Int, String)? = nil,
        tls: TLSConfiguration? = nil
    ) async throws -> WebSocketServer {
        let log = Log()
        let context = try tls.map { try NIOSSLContext(configuration: $0) }
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                let upgrader = NIOWebSocketServerUpgrader(
                    maxFrameSize: 1 << 20,
                    shouldUpgrade: { channel, head in
                        log.add(head)
                        if refusal != nil { return channel.eventLoop.makeSucceededFuture(nil) }
                        return channel.eventLoop.makeSucceededFuture(["Sec-WebSocket-Protocol": subprotocol])
                    },
                    upgradePipelineHandler: { channel, _ in
                        channel.eventLoop.makeCompletedFuture {
                            try channel.pipeline.syncOperations.addHandler(Player(steps, log))
                        }
                    })
                return channel.eventLoop.makeCompletedFuture {
                    if let context {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                    }
                }.flatMap {
                    channel.pipeline.configureHTTPServerPipeline(
                        withServerUpgrade: (upgraders: [upgrader], completionHandler: { _ in }))
                }.flatMap {
                    channel.eventLoop.makeCompletedFuture {
                        if let refusal { try channel.pipeline.syncOperations.addHandler(Refuser(refusal)) }
                    }
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return WebSocketServer(channel, log)
    }

    private final class Refuser: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart
        let refusal: (Int, String)

        init(_ refusal: (Int, String)) { self.refusal = refusal }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard case .end = unwrapInboundIn(data) else { return }
            let head = HTTPResponseHead(
                version: .http1_1, status: HTTPResponseStatus(statusCode: refusal.0),
                headers: ["Content-Length": String(refusal.1.utf8.count)])
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: refusal.1)))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }

    private final class Player: ChannelInboundHandler {
        typealias InboundIn = WebSocketFrame
        typealias OutboundOut = WebSocketFrame
        var steps: ArraySlice<WebSocketTranscript.Step>
        let log: Log

        init(_ steps: [WebSocketTranscript.Step], _ log: Log) {
            self.steps = steps[...]
            self.log = log
        }

        func handlerAdded(context: ChannelHandlerContext) { play(context) }

        private func play(_ context: ChannelHandlerContext) {
            while let step = steps.first {
                switch step {
                case .client: return
                case .server(let bytes):
                    let frame = WebSocketFrame(fin: true, opcode: .binary, data: ByteBuffer(bytes: bytes))
                    context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
                case .serverCloses:
                    var data = ByteBuffer()
                    data.write(webSocketErrorCode: .normalClosure)
                    context.writeAndFlush(
                        wrapOutboundOut(WebSocketFrame(fin: true, opcode: .connectionClose, data: data)), promise: nil)
                }
                steps.removeFirst()
            }
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let frame = unwrapInboundIn(data)
            guard frame.opcode == .binary else {
                if frame.opcode == .connectionClose, steps.isEmpty { context.close(promise: nil) }
                return
            }
            if frame.maskKey == nil { log.add(surprise: "a client must mask its frames") }
            let bytes = Array(frame.unmaskedData.readableBytesView)
            log.add(bytes)
            if steps.first == .client(bytes) {
                steps.removeFirst()
                play(context)
            } else {
                log.add(surprise: "not expected now: \(bytes)")
            }
        }
    }
}
