import NIOCore
import NIOPosix

/// A TCP connection that sends what it is told, byte for byte, and reads what comes.
actor RawClient {
    private let channel: any Channel

    /// Everything received so far, and whoever waits for more.
    private final class Inbox: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        var bytes: [UInt8] = []
        var isClosed = false
        var waiting: (until: ([UInt8], Bool) -> Bool, promise: EventLoopPromise<[UInt8]>)?

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            bytes += Array(unwrapInboundIn(data).readableBytesView)
            check()
        }

        func channelInactive(context: ChannelHandlerContext) {
            isClosed = true
            check()
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        func check() {
            guard let waiting, isClosed || waiting.until(bytes, isClosed) else { return }
            self.waiting = nil
            waiting.promise.succeed(bytes)
        }
    }

    private let handler: NIOLoopBound<Inbox>

    init(port: Int, receiveBuffer: Int32? = nil) async throws {
        var bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        if let receiveBuffer {
            bootstrap = bootstrap.channelOption(.socketOption(.init(rawValue: 8)), value: .init(receiveBuffer))
        }
        let (channel, handler) = try await bootstrap.connect(host: "127.0.0.1", port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                let inbox = Inbox()
                try channel.pipeline.syncOperations.addHandler(inbox)
                return (channel, NIOLoopBound(inbox, eventLoop: channel.eventLoop))
            }
        }
        self.channel = channel
        self.handler = handler
    }

    func send(_ text: String) async throws { try await channel.writeAndFlush(ByteBuffer(string: text)) }

    func send(_ bytes: [UInt8]) async throws { try await channel.writeAndFlush(ByteBuffer(bytes: bytes)) }

    func close() async { try? await channel.close() }

    /// All that has come once `condition` holds, or the other end has closed.
    func received(until condition: @escaping @Sendable (String) -> Bool) async throws -> String {
        let promise = channel.eventLoop.makePromise(of: [UInt8].self)
        let handler = handler
        channel.eventLoop.execute {
            // The end is enough to see it by, and a long answer is not decoded again with every piece.
            handler.value.waiting = (
                { bytes, _ in condition(String(decoding: bytes.suffix(64 << 10), as: UTF8.self)) }, promise
            )
            handler.value.check()
        }
        return String(decoding: try await promise.futureResult.get(), as: UTF8.self)
    }

    /// The same as bytes.
    func receivedBytes(until condition: @escaping @Sendable ([UInt8]) -> Bool) async throws -> [UInt8] {
        let promise = channel.eventLoop.makePromise(of: [UInt8].self)
        let handler = handler
        channel.eventLoop.execute {
            handler.value.waiting = ({ bytes, _ in condition(bytes) }, promise)
            handler.value.check()
        }
        return try await promise.futureResult.get()
    }

    func receivedUntilClosed() async throws -> String { try await received { _ in false } }

    /// Stops taking bytes from the kernel.
    func pauseReading() async throws { try await channel.setOption(.autoRead, value: false).get() }

    func resumeReading() async throws {
        try await channel.setOption(.autoRead, value: true).get()
        channel.read()
    }
}
