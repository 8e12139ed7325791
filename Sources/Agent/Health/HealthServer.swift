import NIOCore
import NIOHTTP1
import NIOPosix
import SystemCalls

/// `/healthz`, `/readyz[?verbose]` and `/metrics` over plain HTTP.
package final class HealthServer: Sendable {
    package struct Answer: Sendable {
        var status: Int
        var type: String
        var text: String

        package init(status: Int, type: String = "text/plain; charset=utf-8", text: String) {
            self.status = status
            self.type = type
            self.text = text
        }
    }

    private let channel: any Channel
    private let group: MultiThreadedEventLoopGroup
    /// The port it really has.
    package let port: Int

    private init(_ channel: any Channel, _ group: MultiThreadedEventLoopGroup) {
        self.channel = channel
        self.group = group
        port = channel.localAddress?.port ?? 0
    }

    /// - Parameter answer: for a path and a query, which is empty when there is none; nil is 404.
    package static func start(
        host: String, port: Int, answer: @escaping @Sendable (String, String) async -> Answer?
    ) async throws -> HealthServer {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            let channel = try await ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 16)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let pipeline = channel.pipeline.syncOperations
                        try pipeline.configureHTTPServerPipeline()
                        try pipeline.addHandler(HealthExchange(answer))
                    }
                }
                .bind(host: host, port: port).get()
            return HealthServer(channel, group)
        } catch {
            try? await group.shutdownGracefully()
            if let refusal = error as? IOError {
                throw SystemCallError("bind", Errno(rawValue: refusal.errnoCode), on: "\(host):\(port)")
            }
            throw error
        }
    }

    package func stop() async {
        try? await channel.close()
        try? await group.shutdownGracefully()
    }
}

/// One connection; each answer ends it.
private final class HealthExchange: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let answer: @Sendable (String, String) async -> HealthServer.Answer?
    private var head: HTTPRequestHead?

    init(_ answer: @escaping @Sendable (String, String) async -> HealthServer.Answer?) { self.answer = answer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body: break
        case .end:
            guard let head else { return }
            self.head = nil
            respond(to: head, context.channel)
        }
    }

    private func respond(to head: HTTPRequestHead, _ channel: any Channel) {
        let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = String(parts.first ?? "")
        let query = parts.count > 1 ? String(parts[1]) : ""
        let isRead = head.method == .GET || head.method == .HEAD
        let answer = answer
        Task {
            let found =
                isRead
                ? await answer(path, query) ?? .init(status: 404, text: "404 page not found")
                : .init(status: 405, text: "405 only GET")
            let bytes = Array((found.text + "\n").utf8)
            let headers: HTTPHeaders = [
                "Content-Type": found.type, "Content-Length": String(bytes.count), "Connection": "close",
            ]
            let response = HTTPResponseHead(
                version: .http1_1, status: HTTPResponseStatus(statusCode: found.status), headers: headers)
            channel.write(HTTPServerResponsePart.head(response), promise: nil)
            if head.method != .HEAD {
                let body = channel.allocator.buffer(bytes: bytes)
                channel.write(HTTPServerResponsePart.body(.byteBuffer(body)), promise: nil)
            }
            try? await channel.writeAndFlush(HTTPServerResponsePart.end(nil))
            try? await channel.close()
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
