import Crypto
import Foundation
import KubernetesClient
import KubernetesModel
import NIOCore
import NIOPosix
import Testing

/// A session that is over before the client has looked: the agreement to the upgrade, all messages and the end of the
/// connection in one piece, as a short command's come through a server on the same machine.
@Suite struct WholeSessionTests {
    private final class Reply: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private var head = ""

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            head += String(buffer: unwrapInboundIn(data))
            guard head.hasSuffix("\r\n\r\n"),
                let line = head.split(separator: "\r\n").first(where: {
                    $0.lowercased().hasPrefix("sec-websocket-key:")
                })
            else { return }
            let key = line.split(separator: " ").last ?? ""
            // RFC 6455, section 4.2.2.
            let digest = Insecure.SHA1.hash(data: Data("\(key)258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8))
            var bytes = ByteBuffer(
                string: "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Protocol: v5.channel.k8s.io\r\n"
                    + "Sec-WebSocket-Accept: \(Data(digest).base64EncodedString())\r\n\r\n")
            for message in [[1] + Array("hi\n".utf8), [3] + Array(#"{"status":"Success"}"#.utf8)] as [[UInt8]] {
                bytes.writeBytes([0x82, UInt8(message.count)] + message)
            }
            bytes.writeBytes([0x88, 0x02, 0x03, 0xe8])
            context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
            context.close(promise: nil)
        }
    }

    @Test func nothingOfItIsLost() async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Reply()) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let transport = HTTPTransport(
            ClusterConnection(
                server: ServerAddress(
                    scheme: .http, host: "127.0.0.1", port: server.localAddress?.port ?? 0)))
        for _ in 0..<20 {
            let collected = PodStreamsTests.Collected()
            let end = try await PodStreams(transport).exec(
                ObjectKey(namespace: "default", name: "web"), ExecOptions(["true"])
            ) { collected.add($0) }
            #expect(end == .exited(code: 0))
            #expect(collected.output == "hi\n")
        }
        await transport.close()
        try await server.close()
    }
}
