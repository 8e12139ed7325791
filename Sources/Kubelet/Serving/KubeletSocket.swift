import KubernetesServer
import NIOCore
import Synchronization

/// The kubelet's end of a WebSocket: binary messages both ways.
final class KubeletSocket: Sendable {
    private let connection: PulledConnection
    private let reader = Mutex(WebSocketReader())

    init(_ connection: PulledConnection) { self.connection = connection }

    /// The next message; nil when the client has closed or broken off.
    func next() async -> [UInt8]? {
        while true {
            let message: WebSocketMessage?
            do { message = try reader.withLock { try $0.next() } } catch { return nil }
            guard let message else {
                guard let bytes = try? await connection.next() else { return nil }
                reader.withLock { $0.append(bytes) }
                continue
            }
            switch message {
            case .binary(let bytes), .text(let bytes): return bytes
            case .ping(let bytes): try? await connection.write(WebSocketReader.frame(0xA, bytes))
            case .pong: continue
            case .close: return nil
            }
        }
    }

    /// False when the client has gone.
    @discardableResult
    func send(_ bytes: [UInt8]) async -> Bool {
        do {
            try await connection.write(WebSocketReader.binary(bytes))
            return true
        } catch {
            return false
        }
    }

    func close() async {
        try? await connection.write(WebSocketReader.close(1000))
        await connection.finish()
    }

    /// The answer to a request for one of `protocols`; 403 as a kubelet when the client speaks none.
    static func upgraded(
        _ request: ServerRequest, _ protocols: [String],
        _ body: @escaping @Sendable (KubeletSocket, _ subprotocol: String) async -> Void
    ) -> ServerResponse {
        guard let (chosen, headers) = WebSocketHandshake.answer(request, protocols: protocols) else {
            return .text(
                "unable to upgrade: only WebSocket is spoken here, with \(protocols.joined(separator: ", "))",
                status: 403)
        }
        return ServerResponse(
            status: 101, headers: headers,
            body: .upgrade(
                ConnectionUpgrade { channel in
                    let socket = KubeletSocket(try PulledConnection(on: channel))
                    return { await body(socket, chosen) }
                }))
    }
}
