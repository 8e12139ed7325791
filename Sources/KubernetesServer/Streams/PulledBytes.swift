import NIOCore
import NIOSSL

/// The bytes of a connection, taken when they are wanted: as long as nobody asks, nothing is read from the socket, and
/// the other end waits.
///
/// Lives on the channel's event loop; ``PulledConnection`` is its face for tasks.
final class PulledBytes: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var buffers: [ByteBuffer] = []
    private var waiting: EventLoopPromise<ByteBuffer?>?
    private var end: Result<Void, any Error>?
    private var context: ChannelHandlerContext?

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        finish(.success(()))
        self.context = nil
    }

    /// The next bytes; nil at the end.
    func next(on loop: any EventLoop) -> EventLoopFuture<ByteBuffer?> {
        if !buffers.isEmpty { return loop.makeSucceededFuture(buffers.removeFirst()) }
        switch end {
        case .success?: return loop.makeSucceededFuture(nil)
        case .failure(let error)?: return loop.makeFailedFuture(error)
        case nil:
            let promise = waiting ?? loop.makePromise(of: ByteBuffer?.self)
            waiting = promise
            // A read before the channel is open would be its last: NIO takes it for one that is under way.
            if let context, context.channel.isActive { context.read() }
            return promise.futureResult
        }
    }

    func channelActive(context: ChannelHandlerContext) {
        if waiting != nil { context.read() }
        context.fireChannelActive()
    }

    /// Reads go on only while there is nothing left to take.
    func read(context: ChannelHandlerContext) {
        if buffers.isEmpty { context.read() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        guard buffer.readableBytes > 0 else { return }
        if let waiting {
            self.waiting = nil
            waiting.succeed(buffer)
        } else {
            buffers.append(buffer)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent { finish(.success(())) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(.success(()))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Many peers end TLS by closing the connection.
        if case NIOSSLError.uncleanShutdown? = error as? NIOSSLError {
            finish(.success(()))
        } else {
            finish(.failure(error))
        }
        context.close(promise: nil)
    }

    private func finish(_ result: Result<Void, any Error>) {
        if end == nil { end = result }
        guard let waiting else { return }
        self.waiting = nil
        switch result {
        case .success: waiting.succeed(nil)
        case .failure(let error): waiting.fail(error)
        }
    }
}

/// A connection as bytes that are pulled and pushed.
package struct PulledConnection: Sendable {
    package let channel: any Channel
    private let bytes: NIOLoopBound<PulledBytes>

    /// Puts itself into the pipeline; on the channel's event loop.
    package init(on channel: any Channel) throws {
        let handler = PulledBytes()
        self.channel = channel
        bytes = NIOLoopBound(handler, eventLoop: channel.eventLoop)
        // An end that only stops sending still listens.
        try channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: true)
        try channel.pipeline.syncOperations.addHandler(handler)
    }

    /// The next bytes; nil at the end. Cancelling the task closes the connection.
    package func next() async throws -> ByteBuffer? {
        try await withTaskCancellationHandler {
            try await channel.eventLoop.flatSubmit { bytes.value.next(on: channel.eventLoop) }.get()
        } onCancel: {
            close()
        }
    }

    /// Returns when the bytes are on their way: back-pressure.
    package func write(_ buffer: ByteBuffer) async throws { try await channel.writeAndFlush(buffer) }

    /// Nothing more will be written.
    package func finish() async { try? await channel.close(mode: .output) }

    package func close() { channel.close(promise: nil) }
}

/// Two connections as one.
enum Splice {
    /// Passes bytes on both ways, each way at the pace of its reader, until both have ended; an end of one way is
    /// passed on as an end of that way only. Closes both.
    static func run(_ left: PulledConnection, _ right: PulledConnection) async {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask { await pass(from: left, to: right) }
            group.addTask { await pass(from: right, to: left) }
            for await isWhole in group where !isWhole {
                // What broke one way breaks the other: nobody waits for an answer that cannot come.
                left.close()
                right.close()
            }
        }
        left.close()
        right.close()
    }

    /// False when the way was broken before its end.
    private static func pass(from source: PulledConnection, to sink: PulledConnection) async -> Bool {
        do {
            while let buffer = try await source.next() { try await sink.write(buffer) }
            await sink.finish()
            return true
        } catch {
            return false
        }
    }
}
