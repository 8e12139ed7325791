import CLinux
import NIOCore
import NIOPosix

/// Sends back what it gets: TCP streams, UDP datagrams from the port they came to, SCTP messages where the kernel has it.
struct EchoWorkload {
    private let settings: Workload.EchoSettings

    init(_ settings: Workload.EchoSettings) { self.settings = settings }

    func run() -> Int32 {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var listeners: [any Channel] = []
        var words: [String] = []
        do {
            for port in settings.tcp {
                let bootstrap = ServerBootstrap(group: group)
                    .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                    .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                    .childChannelOption(.allowRemoteHalfClosure, value: true)
                    .childChannelInitializer { channel in
                        channel.eventLoop.makeCompletedFuture {
                            try channel.pipeline.syncOperations.addHandler(StreamEcho())
                        }
                    }
                listeners.append(try Listening.bind { try bootstrap.bind(host: $0, port: Int(port)).wait() })
                words.append("tcp/\(port)")
            }
            for port in settings.udp {
                let bootstrap = DatagramBootstrap(group: group).channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(DatagramEcho())
                    }
                }
                listeners.append(try Listening.bind { try bootstrap.bind(host: $0, port: Int(port)).wait() })
                words.append("udp/\(port)")
            }
        } catch {
            print("cannot listen: \(error)")
            return 1
        }
        let sctp = settings.sctp.compactMap { port -> Int32? in
            let socket = SCTPEcho.listen(port)
            if socket != nil { words.append("sctp/\(port)") }
            return socket
        }
        print("echo on \(words.joined(separator: " "))")
        if !sctp.isEmpty { SCTPEcho.serve(sctp) }
        if listeners.isEmpty { return 1 }
        while true { pause() }
    }
}

private final class StreamEcho: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { context.write(data, promise: nil) }
    func channelReadComplete(context: ChannelHandlerContext) { context.flush() }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent { context.close(mode: .output, promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

private final class DatagramEcho: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        context.write(
            wrapOutboundOut(AddressedEnvelope(remoteAddress: envelope.remoteAddress, data: envelope.data)),
            promise: nil)
    }

    func channelReadComplete(context: ChannelHandlerContext) { context.flush() }
}
