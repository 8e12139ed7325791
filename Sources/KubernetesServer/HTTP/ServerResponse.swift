import NIOCore
import NIOHTTP1

/// What a handler answers. The server adds what HTTP needs (`Content-Length` or chunks, `Date`, `Connection`) and
/// the audit id; a `HEAD` request gets the headers without the body.
public struct ServerResponse: Sendable {
    public enum Body: Sendable {
        case whole([UInt8])
        /// Written piece by piece while it is sent (watch, log -f). The producer runs after the headers are sent; the
        /// response ends when it returns, and is broken off when it throws. It runs in a task that is cancelled when
        /// the client goes or the server is shut down.
        case stream(@Sendable (any ResponseWriter) async throws -> Void)
        /// The connection changes its protocol (`status` is 101) and is no longer the server's.
        case upgrade(ConnectionUpgrade)
    }

    public var status: Int
    public var headers: HTTPHeaders
    public var body: Body

    public init(status: Int = 200, headers: HTTPHeaders = [:], body: Body = .whole([])) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    public init(status: Int = 200, contentType: String, _ bytes: [UInt8]) {
        self.init(status: status, headers: ["Content-Type": contentType], body: .whole(bytes))
    }

    public static func json(_ bytes: [UInt8], status: Int = 200) -> ServerResponse {
        ServerResponse(status: status, contentType: "application/json", bytes)
    }

    public static func text(_ text: String, status: Int = 200) -> ServerResponse {
        ServerResponse(status: status, contentType: "text/plain; charset=utf-8", Array(text.utf8))
    }
}

/// The body of a streamed response, as its producer sees it.
public protocol ResponseWriter: Sendable {
    /// Sends `bytes` as one chunk and waits while the client reads more slowly than this: back-pressure. Empty bytes
    /// send nothing. What was written by several calls before the network took it goes out together.
    func write(_ bytes: [UInt8]) async throws(ResponseClosed)
}

/// The client has gone, or the server is being shut down: there is nobody to write to.
public struct ResponseClosed: Error, Hashable, Sendable, CustomStringConvertible {
    public init() {}

    public var description: String { "the response was closed before its end" }
}

/// A connection that leaves HTTP (exec, attach, port-forward, watch over WebSocket).
///
/// After the 101 is sent, `start` runs on the channel's event loop: every handler of HTTP is gone from the pipeline
/// (TLS stays), nothing is read yet, and bytes that came behind the request are read first. It puts its own handlers
/// in place and answers what then runs, as a task, until the connection is done; the server closes the channel
/// afterwards.
public struct ConnectionUpgrade: Sendable {
    public typealias Body = @Sendable () async -> Void

    let start: @Sendable (any Channel) throws -> Body

    public init(start: @escaping @Sendable (any Channel) throws -> Body) { self.start = start }

    /// Bytes in, bytes out.
    public static func bytes(
        _ body:
            @escaping @Sendable (
                NIOAsyncChannelInboundStream<ByteBuffer>, NIOAsyncChannelOutboundWriter<ByteBuffer>
            ) async throws -> Void
    ) -> ConnectionUpgrade {
        ConnectionUpgrade { channel in
            let wrapped = try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                wrappingChannelSynchronously: channel,
                configuration: .init(isOutboundHalfClosureEnabled: true))
            return {
                // What ends the connection early is an end like any other here.
                try? await wrapped.executeThenClose { inbound, outbound in try await body(inbound, outbound) }
            }
        }
    }
}
