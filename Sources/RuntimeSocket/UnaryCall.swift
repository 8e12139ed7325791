import NIOCore
import NIOHPACK
import NIOHTTP2

/// Why a call of gRPC has no answer.
struct CallFailure: Error {
    /// grpc-status (grpc/doc/statuscodes.md); nil when the connection itself failed.
    var status: Int?
    var reason: String

    /// UNIMPLEMENTED: the service is not there, or not of this version.
    var isUnknown: Bool { status == 12 }
}

/// One call of gRPC over one stream of HTTP/2: a message out, a message in (grpc/doc/PROTOCOL-HTTP2.md).
final class UnaryCall: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload

    /// Bytes of an answer at most: containerd's own limit.
    private static let limit = 16 << 20

    private let path: String
    private let message: [UInt8]
    private let answer: EventLoopPromise<[UInt8]>
    private var body: [UInt8] = []
    private var trailers: [String: String] = [:]
    private var isDone = false

    init(_ path: String, _ message: [UInt8], answer: EventLoopPromise<[UInt8]>) {
        self.path = path
        self.message = message
        self.answer = answer
    }

    func channelActive(context: ChannelHandlerContext) {
        let headers: HPACKHeaders = [
            ":method": "POST", ":scheme": "http", ":path": path, ":authority": "localhost",
            "content-type": "application/grpc", "te": "trailers", "user-agent": "poplin",
        ]
        context.write(wrapOutboundOut(.headers(.init(headers: headers))), promise: nil)
        // Not compressed, then the length in network order.
        var buffer = context.channel.allocator.buffer(capacity: message.count + 5)
        buffer.writeInteger(UInt8(0))
        buffer.writeInteger(UInt32(message.count))
        buffer.writeBytes(message)
        context.writeAndFlush(
            wrapOutboundOut(.data(.init(data: .byteBuffer(buffer), endStream: true))), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .headers(let headers):
            for (name, value, _) in headers.headers { trailers[name] = value }
            if headers.endStream { finish() }
        case .data(let data):
            if case .byteBuffer(let buffer) = data.data { body += buffer.readableBytesView }
            if body.count > Self.limit {
                fail(CallFailure(status: nil, reason: "an answer of more than \(Self.limit >> 20) MiB"))
                context.close(promise: nil)
            }
            if data.endStream { finish() }
        case .rstStream(let code): fail(CallFailure(status: nil, reason: "the call was reset: \(code)"))
        default: break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(CallFailure(status: nil, reason: "\(error)"))
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(CallFailure(status: nil, reason: "the connection ended before the answer did"))
    }

    private func finish() {
        if let status = trailers["grpc-status"].flatMap({ Int($0) }), status != 0 {
            let reason = Self.unescaped(trailers["grpc-message"] ?? "status \(status)")
            return fail(CallFailure(status: status, reason: reason))
        }
        guard trailers["grpc-status"] == "0", body.count >= 5, body[0] == 0 else {
            return fail(
                CallFailure(status: nil, reason: "HTTP status \(trailers[":status"] ?? "none") is no answer of gRPC"))
        }
        let length = body[1..<5].reduce(0) { $0 << 8 | Int($1) }
        guard body.count == 5 + length else {
            return fail(CallFailure(status: nil, reason: "an answer of \(body.count - 5) bytes that says \(length)"))
        }
        if isDone { return }
        isDone = true
        answer.succeed(Array(body[5...]))
    }

    private func fail(_ failure: CallFailure) {
        if isDone { return }
        isDone = true
        answer.fail(failure)
    }

    /// Percent-encoded UTF-8.
    static func unescaped(_ text: String) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
