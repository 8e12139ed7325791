import Foundation
import LinuxHost

/// A WebSocket session recorded from a real API server (Fixtures/websocket), one line for each frame:
/// `S< +14.0ms op=2 fin=1 len=1 b'\x01'`.
struct WebSocketTranscript: Sendable {
    enum Step: Sendable, Equatable {
        case server([UInt8])
        case client([UInt8])
        case serverCloses
    }

    let uri: String
    let subprotocol: String
    let steps: [Step]

    init(_ name: String) throws {
        let tests = #filePath.components(separatedBy: "/KubernetesClientTests/")[0]
        let bytes = try AtomicFile.read("\(tests)/Fixtures/websocket/\(name).ws") ?? []
        let lines = String(decoding: bytes, as: UTF8.self).components(separatedBy: "\n")
        uri = lines[0].components(separatedBy: " ")[1]
        subprotocol =
            lines.last { $0.hasPrefix("Sec-WebSocket-Protocol: ") }?.components(separatedBy: ": ")[1] ?? ""
        steps = lines.compactMap { line in
            guard let range = line.range(of: " b'"), line.hasPrefix("S<") || line.hasPrefix("C>") else { return nil }
            let payload = Self.bytes(line[range.upperBound...].dropLast())
            if line.contains("op=8") { return line.hasPrefix("S<") ? .serverCloses : nil }
            return line.hasPrefix("S<") ? .server(payload) : .client(payload)
        }
    }

    /// The inside of a Python bytes literal.
    private static func bytes(_ text: Substring) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let escape = rest.popFirst() else {
                bytes.append(byte)
                continue
            }
            switch escape {
            case UInt8(ascii: "n"): bytes.append(0x0A)
            case UInt8(ascii: "r"): bytes.append(0x0D)
            case UInt8(ascii: "t"): bytes.append(0x09)
            case UInt8(ascii: "x"):
                bytes.append(UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) ?? 0)
                rest = rest.dropFirst(2)
            default: bytes.append(escape)
            }
        }
        return bytes
    }
}
