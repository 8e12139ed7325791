import Crypto
import Foundation
import NIOHTTP1

/// The server's side of a WebSocket's beginning (RFC 6455 section 4.2).
package enum WebSocketHandshake {
    /// The first of `protocols`, in the client's order, that both ends speak; the headers of the 101. Nil when the
    /// request is no WebSocket or the ends share no protocol: a kubelet then answers 403.
    package static func answer(
        _ request: ServerRequest, protocols: [String]
    ) -> (subprotocol: String, headers: HTTPHeaders)? {
        guard request.upgradeProtocol == "websocket", let key = request.headers.first(name: "sec-websocket-key"),
            request.headers.first(name: "sec-websocket-version") == "13"
        else { return nil }
        let offered = request.headers[canonicalForm: "sec-websocket-protocol"].map(String.init)
        guard let chosen = offered.first(where: protocols.contains) else { return nil }
        return (
            chosen,
            [
                "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": accept(key),
                "Sec-WebSocket-Protocol": chosen,
            ]
        )
    }

    static func accept(_ key: String) -> String {
        let digest = Insecure.SHA1.hash(data: Data("\(key)258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8))
        return Data(digest).base64EncodedString()
    }
}
