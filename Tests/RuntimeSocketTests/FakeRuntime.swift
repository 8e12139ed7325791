import Foundation
import NIOCore
import NIOHPACK
import NIOHTTP2
import NIOPosix

/// A container runtime that says what it is told to say, over real HTTP/2 on a real socket.
final class FakeRuntime: Sendable {
    enum Reply: Sendable {
        case message([UInt8])
        case refusal(status: Int, String)
        /// Nothing, ever.
        case silence
    }

    let path: String
    private let channel: any Channel

    /// - Parameter reply: by the call's path (`/runtime.v1.RuntimeService/Version`) and message.
    init(_ reply: @escaping @Sendable (String, [UInt8]) -> Reply) throws {
        path = FileManager.default.temporaryDirectory.appending(
            path: "poplin-cri-\(UInt32.random(in: 0 ... .max)).sock"
        )
        .path()
        channel = try ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { child in
                child.configureHTTP2Pipeline(
                    mode: .server, connectionConfiguration: .init(), streamConfiguration: .init(),
                    inboundStreamInitializer: { stream in
                        stream.eventLoop.makeCompletedFuture {
                            try stream.pipeline.syncOperations.addHandler(Handler(reply))
                        }
                    }
                ).map { _ in }
            }
            .bind(unixDomainSocketPath: path).wait()
    }

    func stop() {
        try? channel.close().wait()
        try? FileManager.default.removeItem(atPath: path)
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTP2Frame.FramePayload
        typealias OutboundOut = HTTP2Frame.FramePayload

        private let reply: @Sendable (String, [UInt8]) -> Reply
        private var path = ""
        private var body: [UInt8] = []

        init(_ reply: @escaping @Sendable (String, [UInt8]) -> Reply) { self.reply = reply }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .headers(let headers): path = headers.headers.first(name: ":path") ?? ""
            case .data(let data):
                if case .byteBuffer(let buffer) = data.data { body += buffer.readableBytesView }
                if data.endStream { answer(context) }
            default: break
            }
        }

        private func answer(_ context: ChannelHandlerContext) {
            switch reply(path, Array(body.dropFirst(5))) {
            case .silence: break
            case .refusal(let status, let text):
                // Trailers only, as servers do for calls they do not know.
                context.writeAndFlush(
                    wrapOutboundOut(
                        .headers(
                            .init(
                                headers: [
                                    ":status": "200", "content-type": "application/grpc", "grpc-status": "\(status)",
                                    "grpc-message": text,
                                ], endStream: true))), promise: nil)
            case .message(let bytes):
                context.write(
                    wrapOutboundOut(
                        .headers(.init(headers: [":status": "200", "content-type": "application/grpc"]))), promise: nil)
                var buffer = context.channel.allocator.buffer(capacity: bytes.count + 5)
                buffer.writeInteger(UInt8(0))
                buffer.writeInteger(UInt32(bytes.count))
                buffer.writeBytes(bytes)
                context.write(wrapOutboundOut(.data(.init(data: .byteBuffer(buffer)))), promise: nil)
                context.writeAndFlush(
                    wrapOutboundOut(.headers(.init(headers: ["grpc-status": "0"], endStream: true))), promise: nil)
            }
        }
    }
}

/// Messages, field by field.
enum Proto {
    static func varint(_ field: Int, _ value: UInt64) -> [UInt8] { number(UInt64(field << 3)) + number(value) }
    static func text(_ field: Int, _ value: String) -> [UInt8] { bytes(field, Array(value.utf8)) }
    static func message(_ field: Int, _ parts: [UInt8]...) -> [UInt8] { bytes(field, parts.flatMap { $0 }) }

    static func entry(_ field: Int, _ key: String, _ value: String) -> [UInt8] {
        message(field, text(1, key), text(2, value))
    }

    private static func bytes(_ field: Int, _ value: [UInt8]) -> [UInt8] {
        number(UInt64(field << 3 | 2)) + number(UInt64(value.count)) + value
    }

    private static func number(_ value: UInt64) -> [UInt8] {
        value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7F) | 0x80] + number(value >> 7)
    }
}
