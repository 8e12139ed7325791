import Logging
import NIOCore
import NIOHTTP1

// Answers as bytes, and the way out of HTTP.

extension HTTPConnection {
    enum Extent { case whole, open, closing }

    func send(
        _ response: ServerResponse, to request: HTTPRequestHead, body extent: Extent, _ context: ChannelHandlerContext
    ) {
        var headers = response.headers
        headers.replaceOrAdd(name: "Date", value: HTTPDate.now())
        var bytes: [UInt8] = []
        if case .whole(let whole) = response.body { bytes = whole }
        let hasBody = response.status != 204 && response.status != 304 && response.status >= 200
        if extent != .open, hasBody { headers.replaceOrAdd(name: "Content-Length", value: String(bytes.count)) }
        let isLast =
            extent == .closing || isQuiescing || !request.isKeepAlive || request.headers.contains(name: "upgrade")
        if isLast, response.status != 101 { headers.replaceOrAdd(name: "Connection", value: "close") }
        let status = HTTPResponseStatus(statusCode: response.status)
        let version: HTTPVersion = request.version == .http1_1 ? .http1_1 : .http1_0
        let head = HTTPResponseHead(version: version, status: status, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if extent == .open, request.method != .HEAD { return context.flush() }
        if request.method != .HEAD, hasBody, !bytes.isEmpty {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: bytes)))), promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func upgrade(_ upgrade: ConnectionUpgrade, _ response: ServerResponse, _ context: ChannelHandlerContext) {
        phase = .upgrading
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: response.status), headers: response.headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        let channel = context.channel
        let body: ConnectionUpgrade.Body
        do {
            body = try upgrade.start(channel)
        } catch {
            self.context.logger.debug("upgrade failed", metadata: ["error": "\(error)"])
            return context.close(promise: nil)
        }
        let bound = NIOLoopBound(decoder, eventLoop: context.eventLoop)
        let connections = self.context.connections
        let pipeline = context.pipeline.syncOperations
        // Ours first: bytes that the decoder still holds then go to the new handlers.
        pipeline.removeHandler(encoder).and(pipeline.removeHandler(self)).flatMap { _, _ in
            channel.pipeline.syncOperations.removeHandler(bound.value)
        }.whenComplete { _ in
            connections.workBegins()
            let task = Task {
                defer { connections.workEnds() }
                await body()
                channel.close(promise: nil)
            }
            connections.hold(task, for: channel)
            // What the decoder handed on is a whole read to the new handlers.
            channel.pipeline.fireChannelReadComplete()
            channel.read()
        }
    }
}
