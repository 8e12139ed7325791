import AgentProtocol
import LinuxHost
import NIOCore
import NIOPosix
import Synchronization
import SystemCalls

/// Listens at the agent's socket: one request and one reply for each connection. Only root can connect.
///
/// Requests are worked on where they are read: giving out an address takes less than waking another thread for it.
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
    /// - Parameter answer: the reply to a message.
    static func start(
        at path: String, answer: @escaping @Sendable (AgentMessageBuffer.Message) -> PendingReply
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
                        try channel.pipeline.syncOperations.addHandler(Exchange(answer))
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

/// One connection: collects a message, has it answered, sends the answer and hangs up.
private final class Exchange: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// From the connection to the end of the request.
    static let patience = TimeAmount.seconds(10)

    private let answer: @Sendable (AgentMessageBuffer.Message) -> PendingReply
    private var buffer = AgentMessageBuffer()
    private var isAnswering = false
    private var timeout: Scheduled<Void>?

    init(_ answer: @escaping @Sendable (AgentMessageBuffer.Message) -> PendingReply) { self.answer = answer }

    func channelActive(context: ChannelHandlerContext) {
        let channel = context.channel
        timeout = context.eventLoop.scheduleTask(in: Self.patience) { channel.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) { timeout?.cancel() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isAnswering { return }
        do throws(AgentMessageError) {
            guard let message = try buffer.take(unwrapInboundIn(data).readableBytesView) else { return }
            reply(to: message, context)
        } catch {
            isAnswering = true
            timeout?.cancel()
            Answer(context.channel) { _ in }.send(.failure(AgentFailure(.malformedRequest, "\(error)")))
        }
    }

    private func reply(to message: AgentMessageBuffer.Message, _ context: ChannelHandlerContext) {
        isAnswering = true
        timeout?.cancel()
        let loop = context.eventLoop
        let pending = answer(message)
        let answer = Answer(context.channel, pending.onReply)
        let timer = loop.scheduleTask(in: .milliseconds(Int64(pending.milliseconds))) { answer.send(pending.late) }
        Task(executorPreference: EventLoopExecutor(loop)) {
            let reply = await pending.reply()
            timer.cancel()
            answer.send(reply)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

/// The one reply of a connection.
private final class Answer: Sendable {
    private let channel: any Channel
    private let onReply: @Sendable (AgentReply) -> Void
    private let isSent = Atomic<Bool>(false)

    init(_ channel: any Channel, _ onReply: @escaping @Sendable (AgentReply) -> Void) {
        self.channel = channel
        self.onReply = onReply
    }

    /// Sends the first reply there is, and hangs up.
    func send(_ reply: AgentReply) {
        if isSent.exchange(true, ordering: .relaxed) { return }
        onReply(reply)
        let channel = channel
        let buffer = channel.allocator.buffer(bytes: reply.line)
        channel.writeAndFlush(buffer).whenComplete { _ in channel.close(promise: nil) }
    }
}

/// Runs what a task does, and the actors it calls, on the thread of an event loop.
private final class EventLoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(_ loop: any EventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
