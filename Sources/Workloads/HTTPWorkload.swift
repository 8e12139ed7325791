import CLinux
import LinuxHost
import NIOCore
import NIOHTTP1
import NIOPosix

/// The HTTP server: HTTP/1.1 on all addresses, one access line on standard output for each request.
struct HTTPWorkload {
    private let settings: Workload.HTTPSettings

    init(_ settings: Workload.HTTPSettings) { self.settings = settings }

    func run() -> Int32 {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let settings = settings
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 512)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(HTTPWorkloadHandler(settings))
                }
            }
        do {
            let listener = try Listening.bind { try bootstrap.bind(host: $0, port: Int(settings.port)).wait() }
            if settings.udpPort != 0 { try listenForDatagrams(group) }
            print("listening on port \(settings.port)")
            try listener.closeFuture.wait()
            return 0
        } catch {
            print("cannot listen on port \(settings.port): \(error)")
            return 1
        }
    }

    /// netexec's commands over UDP.
    private func listenForDatagrams(_ group: MultiThreadedEventLoopGroup) throws {
        let bootstrap = DatagramBootstrap(group: group).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(NetexecDatagrams())
            }
        }
        let port = Int(settings.udpPort)
        _ = try Listening.bind { try bootstrap.bind(host: $0, port: port).wait() }
    }
}

enum Listening {
    /// On every address of both families, or of IPv4 where the kernel has no other.
    static func bind(_ body: (String) throws -> any Channel) throws -> any Channel {
        do { return try body("::") } catch { return try body("0.0.0.0") }
    }

    /// An address as people write it: IPv4 also where it came through a socket of both families.
    static func text(_ address: SocketAddress?) -> String {
        guard let address, let ip = address.ipAddress else { return "" }
        let plain = ip.hasPrefix("::ffff:") && ip.contains(".") ? String(ip.dropFirst(7)) : ip
        return plain.contains(":") ? "[\(plain)]:\(address.port ?? 0)" : "\(plain):\(address.port ?? 0)"
    }
}

private final class HTTPWorkloadHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let settings: Workload.HTTPSettings
    private var head: HTTPRequestHead?

    init(_ settings: Workload.HTTPSettings) { self.settings = settings }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body: break
        case .end:
            guard let head else { return }
            self.head = nil
            answer(head, context)
        }
    }

    private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let peer = Listening.text(context.remoteAddress)
        let reply = HTTPReply(
            settings, Whereabouts(), method: head.method.rawValue, target: head.uri,
            host: head.headers.first(name: "host") ?? "", peer: peer, accepts: head.headers.first(name: "accept") ?? "")
        print("\(peer) \"\(head.method.rawValue) \(head.uri)\" \(reply.status)")
        let isKept = head.isKeepAlive && reply.exitCode == nil
        var answer = HTTPResponseHead(version: head.version, status: .init(statusCode: reply.status))
        answer.headers = [
            "Server": reply.server, "Content-Type": reply.type, "Content-Length": "\(reply.body.utf8.count)",
            "Connection": isKept ? "keep-alive" : "close",
        ]
        context.write(wrapOutboundOut(.head(answer)), promise: nil)
        if head.method != .HEAD {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: reply.body)))), promise: nil)
        }
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in
            if let code = reply.exitCode { exit(code) }
            if !isKept { channel.close(promise: nil) }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

/// `hostName`, `echo TEXT`, `clientIP` in a datagram, the answer in another.
private final class NetexecDatagrams: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        let words = String(buffer: envelope.data).split(separator: " ", maxSplits: 1).map {
            $0.trimmingSuffix(while: \.isWhitespace)
        }
        let answer: String
        switch words.first?.lowercased() {
        case "hostname": answer = Whereabouts().pod
        case "echo": answer = words.count > 1 ? String(words[1]) : ""
        case "clientip": answer = Listening.text(envelope.remoteAddress)
        default: return
        }
        context.writeAndFlush(
            wrapOutboundOut(
                AddressedEnvelope(remoteAddress: envelope.remoteAddress, data: ByteBuffer(string: answer))),
            promise: nil)
    }
}
extension Substring {
    fileprivate func trimmingSuffix(while isDropped: (Character) -> Bool) -> Substring {
        var rest = self
        while let last = rest.last, isDropped(last) { rest = rest.dropLast() }
        return rest
    }
}
