import AgentProtocol
import LinuxHost
import NIOCore
import NIOPosix
import SystemCalls

/// Listens at the agent's socket: one request and one reply for each connection, one line each. Only root can connect.
final class AgentSocketServer: Sendable {
    private let channel: any Channel
    private let group: MultiThreadedEventLoopGroup
    let path: String

    private init(_ channel: any Channel, _ group: MultiThreadedEventLoopGroup, path: String) {
        self.channel = channel
        self.group = group
        self.path = path
    }

    /// The socket gets its name when it listens and is root's alone: it is made under another one. What an agent before
    /// left at the name is replaced in that moment, so a plugin meets the old one, nobody, or this one, never a socket
    /// that is half made.
    ///
    /// - Parameter answer: the reply to a line.
    static func start(
        at path: String, answer: @escaping @Sendable ([UInt8]) async -> [UInt8]
    ) async throws -> AgentSocketServer {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let staging = "\(path).new"
        do {
            if let end = path.lastIndex(of: "/"), end > path.startIndex { try Directories.make(String(path[..<end])) }
            if try FileSystem.exists(staging) { try FileSystem.unlink(staging) }
            let channel = try await ServerBootstrap(group: group)
                // A burst of pods: more than any node starts at once.
                .serverChannelOption(.backlog, value: 512)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(LineExchange(answer))
                    }
                }
                .bind(unixDomainSocketPath: staging).get()
            try FileSystem.setMode(staging, 0o600)
            try FileSystem.rename(staging, to: path)
            return AgentSocketServer(channel, group, path: path)
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
    }

    /// Takes the name away first, so that a plugin learns at once that nobody is there.
    func stop() async {
        try? FileSystem.unlink(path)
        try? await channel.close()
        try? await group.shutdownGracefully()
    }
}

/// One connection: collects a line, has it answered, sends the answer and hangs up.
private final class LineExchange: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// From the connection to the end of the request's line.
    static let patience = TimeAmount.seconds(10)

    private let answer: @Sendable ([UInt8]) async -> [UInt8]
    private var line: [UInt8] = []
    private var isAnswering = false
    private var timeout: Scheduled<Void>?

    init(_ answer: @escaping @Sendable ([UInt8]) async -> [UInt8]) { self.answer = answer }

    func channelActive(context: ChannelHandlerContext) {
        let channel = context.channel
        timeout = context.eventLoop.scheduleTask(in: Self.patience) { channel.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) { timeout?.cancel() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isAnswering { return }
        let buffer = unwrapInboundIn(data)
        line += Array(buffer.readableBytesView)
        if let end = line.firstIndex(of: UInt8(ascii: "\n")) {
            reply(to: Array(line[...end]), context)
        } else if line.count > AgentRequest.longestLine {
            let failure = AgentFailure(
                .malformedRequest, "the request is longer than \(AgentRequest.longestLine) bytes")
            send(AgentReply.failure(failure).line, context.channel)
        }
    }

    private func reply(to line: [UInt8], _ context: ChannelHandlerContext) {
        isAnswering = true
        timeout?.cancel()
        let channel = context.channel
        let answer = answer
        Task {
            let bytes = await answer(line)
            let buffer = channel.allocator.buffer(bytes: bytes)
            try? await channel.writeAndFlush(buffer)
            try? await channel.close()
        }
    }

    private func send(_ bytes: [UInt8], _ channel: any Channel) {
        isAnswering = true
        timeout?.cancel()
        channel.writeAndFlush(channel.allocator.buffer(bytes: bytes)).whenComplete { _ in channel.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
