import NIOCore
import NIOHTTP1
import Synchronization

/// Watches over WebSocket: each event is a text message of its own, and the end is a close frame (1000), as in
/// kube-apiserver (apiserver/pkg/endpoints/handlers/watch.go).
///
/// Stands before the API: what it streams when asked for a WebSocket becomes messages.
struct WebSocketWatches: RequestHandler {
    var next: any RequestHandler

    func handle(_ request: ServerRequest) async -> ServerResponse {
        let response = await next.handle(request)
        guard request.upgradeProtocol == "websocket", request.method == .get, response.status == 200,
            case .stream(let produce) = response.body
        else { return response }
        return Self.refusal(of: request) ?? Self.upgraded(request, produce)
    }

    /// What golang.org/x/net/websocket, which kube-apiserver uses here, asks of a handshake.
    private static func refusal(of request: ServerRequest) -> ServerResponse? {
        if request.headers.first(name: "sec-websocket-version") != "13" {
            var response = ServerResponse.text("missing or bad WebSocket Version\n", status: 400)
            response.headers.add(name: "Sec-WebSocket-Version", value: "13")
            return response
        }
        if request.headers.first(name: "sec-websocket-key") == nil {
            return .text("mismatch challenge/response\n", status: 400)
        }
        if request.headers.first(name: "origin")?.isEmpty ?? true {
            return .text("null origin: a watch over WebSocket needs an Origin header\n", status: 403)
        }
        if request.headers[canonicalForm: "sec-websocket-protocol"].count > 1 {
            return .text("missing or bad WebSocket-Protocol\n", status: 400)
        }
        return nil
    }

    private static func upgraded(
        _ request: ServerRequest, _ produce: @escaping @Sendable (any ResponseWriter) async throws -> Void
    ) -> ServerResponse {
        var headers: HTTPHeaders = [
            "Upgrade": "websocket", "Connection": "Upgrade",
            "Sec-WebSocket-Accept": WebSocketHandshake.accept(request.headers.first(name: "sec-websocket-key") ?? ""),
        ]
        if let offered = request.headers[canonicalForm: "sec-websocket-protocol"].first {
            headers.add(name: "Sec-WebSocket-Protocol", value: String(offered))
        }
        return ServerResponse(
            status: 101, headers: headers,
            body: .upgrade(
                ConnectionUpgrade { channel in
                    let connection = try PulledConnection(on: channel)
                    return { await run(connection, produce) }
                }))
    }

    /// Until the watch has ended and the client has said goodbye, or the client goes.
    private static func run(
        _ connection: PulledConnection, _ produce: @escaping @Sendable (any ResponseWriter) async throws -> Void
    ) async {
        let goodbye = Goodbye(connection: connection)
        let events = Task {
            try? await produce(Messages(connection: connection))
            await goodbye.say(1000)
            // A client that does not answer a close frame is not waited for longer.
            connection.channel.eventLoop.scheduleTask(in: .seconds(5)) { connection.close() }
        }
        await withTaskCancellationHandler {
            await listen(connection, goodbye)
        } onCancel: {
            events.cancel()
        }
        events.cancel()
        await events.value
    }

    /// The close frame, which each end sends once (RFC 6455 section 5.5.1).
    private final class Goodbye: Sendable {
        private let connection: PulledConnection
        private let isSaid = Mutex(false)

        init(connection: PulledConnection) { self.connection = connection }

        func say(_ code: UInt16) async {
            let isFirst = isSaid.withLock { isSaid in
                defer { isSaid = true }
                return !isSaid
            }
            if isFirst { try? await connection.write(WebSocketReader.close(code)) }
        }
    }

    /// Reads what the client sends, which says nothing to a watch, until it closes.
    private static func listen(_ connection: PulledConnection, _ goodbye: Goodbye) async {
        var reader = WebSocketReader()
        while let bytes = try? await connection.next() {
            reader.append(bytes)
            do throws(WebSocketReader.Malformed) {
                while let message = try reader.next() {
                    switch message {
                    case .ping(let payload): try? await connection.write(WebSocketReader.frame(0xA, payload))
                    case .close: return await goodbye.say(1000)
                    case .binary, .text, .pong: continue
                    }
                }
            } catch {
                // Protocol error (RFC 6455 section 7.4.1).
                return await goodbye.say(1002)
            }
        }
    }

    /// Lines to messages.
    private struct Messages: ResponseWriter {
        let connection: PulledConnection

        func write(_ bytes: [UInt8]) async throws(ResponseClosed) {
            if Task.isCancelled { throw ResponseClosed() }
            var frames = ByteBuffer()
            for line in bytes.split(separator: UInt8(ascii: "\n")) {
                var frame = WebSocketReader.frame(0x1, Array(line) + [UInt8(ascii: "\n")])
                frames.writeBuffer(&frame)
            }
            guard frames.readableBytes > 0 else { return }
            do {
                try await connection.write(frames)
            } catch {
                throw ResponseClosed()
            }
        }
    }
}
