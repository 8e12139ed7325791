import Logging
import NIOCore
import NIOHTTP1
import NIOSSL

/// What a connection asks of its server.
struct HTTPConnectionContext: Sendable {
    var handler: any RequestHandler
    var limits: HTTPServer.Limits
    var logger: Logger
    var metrics: ServerMetrics
    var connections: ConnectionRegistry
    /// Judges a client's certificate; nil without TLS.
    var judge: (@Sendable (NIOSSLCertificate) -> ClientCertificate)?
}

/// All of the server that a shutdown tells a connection.
struct HTTPServerQuiesces: Sendable {}

/// One HTTP/1.1 connection, on its event loop: collects a request, has it answered in a task, sends the answer, and
/// goes on with the next. Requests that arrive early (pipelining) wait: reading stops while an answer is made, and
/// what was read already is kept in order.
final class HTTPConnection: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    enum Phase {
        /// Between requests.
        case idle
        /// The head is there, the body is coming.
        case receiving(HTTPRequestHead, ByteBuffer)
        /// A task makes the answer.
        case answering(HTTPRequestHead, Task<Void, Never>)
        /// The answer's body is being produced.
        case streaming(HTTPRequestHead, Task<Void, Never>, StreamWriter)
        /// The answer was sent before the request had arrived: the rest of it is thrown away, then comes the end.
        case discarding
        case upgrading
        case closed
    }

    let context: HTTPConnectionContext
    var phase = Phase.idle
    private var early = CircularBuffer<HTTPServerRequestPart>()
    private var isReadHeld = false
    var isQuiescing = false
    private var peer = ConnectionPeer()
    private var deadline = NIODeadline.distantFuture
    private var timer: Scheduled<Void>?
    /// When the timer fires.
    private var armed = NIODeadline.distantFuture
    let decoder: ByteToMessageHandler<HTTPRequestDecoder>
    let encoder: HTTPResponseEncoder
    var started = ContinuousClock.now
    /// One connection more than the server holds.
    private let isSurplus: Bool

    init(
        _ context: HTTPConnectionContext, decoder: ByteToMessageHandler<HTTPRequestDecoder>,
        encoder: HTTPResponseEncoder, isSurplus: Bool = false
    ) {
        self.isSurplus = isSurplus
        self.context = context
        self.decoder = decoder
        self.encoder = encoder
    }

    // MARK: - Life

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { begin(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    private func begin(_ context: ChannelHandlerContext) {
        peer.address = context.remoteAddress?.ipAddress ?? ""
        expire(in: self.context.limits.headTimeout, context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        if case .upgrading = phase { return }
        leave()
    }

    /// The client has gone: whoever works for it is told.
    private func leave() {
        timer?.cancel()
        switch phase {
        case .answering(_, let task): task.cancel()
        case .streaming(_, let task, let writer):
            writer.close()
            task.cancel()
        default: break
        }
        phase = .closed
        early.removeAll()
    }

    /// The connection is closed when the phase has not changed for so long.
    func expire(in time: TimeAmount?, _ context: ChannelHandlerContext) {
        guard let time else {
            deadline = .distantFuture
            return
        }
        deadline = .now() + time
        // A timer that fires too early is set again then; one that would fire too late is replaced now.
        if let timer, armed > deadline {
            timer.cancel()
            self.timer = nil
        }
        if timer == nil { arm(context) }
    }

    private func arm(_ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        armed = deadline
        timer = context.eventLoop.scheduleTask(deadline: deadline) {
            let (connection, context) = bound.value
            connection.timer = nil
            if connection.deadline <= .now() {
                context.close(promise: nil)
            } else if connection.deadline < .distantFuture {
                connection.arm(context)
            }
        }
    }

    // MARK: - Reading

    func read(context: ChannelHandlerContext) {
        switch phase {
        case .answering, .streaming, .upgrading: isReadHeld = true
        default: context.read()
        }
    }

    private func releaseRead(_ context: ChannelHandlerContext) {
        if isReadHeld {
            isReadHeld = false
            context.read()
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        switch phase {
        case .answering, .streaming: early.append(part)
        case .closed, .upgrading: break
        case .discarding:
            if case .end = part { context.close(promise: nil) }
        case .idle, .receiving: take(part, context)
        }
    }

    private func take(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        switch (part, phase) {
        case (.head(let head), _): begin(head, context)
        case (.body(var bytes), .receiving(let head, var body)):
            guard body.readableBytes + bytes.readableBytes <= self.context.limits.bodyLimit else {
                return refuseBody(head, context)
            }
            // Nobody else may hold the buffer, or every append copies it.
            phase = .idle
            body.writeBuffer(&bytes)
            phase = .receiving(head, body)
        case (.end, .receiving(let head, let body)): answer(head, body, context)
        default: break
        }
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        started = .now
        let length = head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
        if length > self.context.limits.bodyLimit { return refuseBody(head, context) }
        phase = .receiving(head, context.channel.allocator.buffer(capacity: length))
        expire(in: self.context.limits.bodyTimeout, context)
        if head.headers.first(name: "expect")?.lowercased() == "100-continue", head.version == .http1_1 {
            context.writeAndFlush(wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))))
                .whenFailure { _ in }
        }
    }

    private func refuseBody(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let response = ErrorBody.response(
            413, "RequestEntityTooLarge",
            "Request entity too large: limit is \(self.context.limits.bodyLimit)")
        send(response, to: head, body: .closing, context)
        phase = .discarding
        expire(in: .seconds(5), context)
    }

    private func refuseSurplus(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let limit = self.context.limits.connectionLimit
        var response = ErrorBody.response(
            429, "TooManyRequests", "too many connections: this server holds \(limit) at once; try again later")
        response.headers.add(name: "Retry-After", value: "1")
        self.context.metrics.count(method: head.method.rawValue, status: 429)
        send(response, to: head, body: .closing, context)
        phase = .closed
        context.close(promise: nil)
    }

    // MARK: - Answering

    private func answer(_ head: HTTPRequestHead, _ body: ByteBuffer, _ context: ChannelHandlerContext) {
        expire(in: nil, context)
        if isSurplus { return refuseSurplus(head, context) }
        lookAtPeer(context)
        let auditID = RequestIdentifier.auditID(head.headers)
        guard
            let request = ServerRequest(
                ServerRequest.Method(head.method.rawValue), target: head.uri, headers: head.headers,
                body: Array(body.readableBytesView), peer: peer, auditID: auditID)
        else {
            let response = ErrorBody.response(
                400, "BadRequest", "the request target cannot be read: \(head.uri.debugDescription)")
            send(response, to: head, body: .closing, context)
            phase = .closed
            return context.close(promise: nil)
        }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let handler = self.context.handler
        let loop = context.eventLoop
        let connections = self.context.connections
        connections.workBegins()
        let task = Task {
            defer { connections.workEnds() }
            let response = await handler.handle(request)
            loop.execute {
                let (connection, context) = bound.value
                connection.deliver(response, to: head, auditID, context)
            }
        }
        phase = .answering(head, task)
    }

    /// The certificate is known only after the handshake, so it is looked at with the first request.
    private func lookAtPeer(_ context: ChannelHandlerContext) {
        guard let judge = self.context.judge, !peer.isEncrypted else { return }
        peer.isEncrypted = true
        peer.certificate = (try? context.pipeline.syncOperations.nioSSL_peerCertificate()).flatMap { $0 }.map(judge)
    }

    private func deliver(
        _ answer: ServerResponse, to head: HTTPRequestHead, _ auditID: String, _ context: ChannelHandlerContext
    ) {
        guard case .answering = phase else { return }
        var response = answer
        response.headers.replaceOrAdd(name: "Audit-Id", value: auditID)
        if !response.headers.contains(name: "Cache-Control") {
            response.headers.add(name: "Cache-Control", value: "no-cache, private")
        }
        record(response.status, head, auditID)
        switch response.body {
        case .whole:
            send(response, to: head, body: .whole, context)
            finish(head, context)
        case .stream(let produce):
            send(response, to: head, body: .open, context)
            if head.method == .HEAD { return finish(head, context) }
            stream(produce, head, context)
        case .upgrade(let upgrade):
            self.upgrade(upgrade, response, context)
        }
    }

    private func record(_ status: Int, _ head: HTTPRequestHead, _ auditID: String) {
        self.context.metrics.count(method: head.method.rawValue, status: status)
        self.context.logger.debug(
            "request",
            metadata: [
                "method": "\(head.method.rawValue)", "uri": "\(head.uri)", "status": "\(status)",
                "took": "\(started.duration(to: .now))", "peer": "\(peer.address)", "audit": "\(auditID)",
                "agent": "\(head.headers.first(name: "user-agent") ?? "")",
            ])
    }

    private func stream(
        _ produce: @escaping @Sendable (any ResponseWriter) async throws -> Void, _ head: HTTPRequestHead,
        _ context: ChannelHandlerContext
    ) {
        let writer = StreamWriter(context.channel)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let loop = context.eventLoop
        let connections = self.context.connections
        connections.workBegins()
        let task = Task {
            defer { connections.workEnds() }
            let isWhole: Bool
            do {
                try await produce(writer)
                isWhole = true
            } catch {
                isWhole = false
            }
            loop.execute {
                let (connection, context) = bound.value
                connection.endStream(head, isWhole: isWhole, context)
            }
        }
        phase = .streaming(head, task, writer)
        if isQuiescing { task.cancel() }
    }

    private func endStream(_ head: HTTPRequestHead, isWhole: Bool, _ context: ChannelHandlerContext) {
        guard case .streaming(_, _, let writer) = phase else { return }
        writer.flush()
        writer.close()
        // A client must not take a broken answer for a whole one: without the last chunk it cannot.
        guard isWhole || isQuiescing else {
            phase = .closed
            return context.close(promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        finish(head, context)
    }

    /// The answer is sent: the next request, or the end.
    private func finish(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        if isQuiescing || !head.isKeepAlive || head.headers.contains(name: "upgrade") {
            phase = .closed
            return context.close(promise: nil)
        }
        phase = .idle
        expire(in: self.context.limits.idleTimeout, context)
        while let part = early.popFirst() {
            take(part, context)
            guard case .answering = phase else { continue }
            return
        }
        releaseRead(context)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if case .streaming(_, _, let writer) = phase { writer.writabilityChanged(context.channel.isWritable) }
        context.fireChannelWritabilityChanged()
    }

    // MARK: - Events and errors

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is HTTPServerQuiesces else { return context.fireUserInboundEventTriggered(event) }
        isQuiescing = true
        switch phase {
        case .idle, .discarding: context.close(promise: nil)
        case .streaming(_, let task, _): task.cancel()
        case .receiving, .answering, .upgrading, .closed: break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch phase {
        case .idle, .receiving:
            if let error = error as? HTTPParserError {
                let isTooLong = error == .headerOverflow
                let status = isTooLong ? 431 : 400
                let text = isTooLong ? "431 Request Header Fields Too Large" : "400 Bad Request"
                let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "")
                send(.text(text, status: status), to: head, body: .closing, context)
            }
            phase = .closed
            context.close(promise: nil)
        case .answering, .streaming:
            // A pipelined request that cannot be read spoils only itself: the answer before it is finished.
            if error is HTTPParserError { isQuiescing = true } else { context.close(promise: nil) }
        default: context.close(promise: nil)
        }
        // Clients that close without TLS' goodbye (most do) are no news.
        if (error as? NIOSSLError) == .uncleanShutdown { return }
        self.context.logger.debug("connection error", metadata: ["peer": "\(peer.address)", "error": "\(error)"])
    }
}
