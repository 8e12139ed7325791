import NIOCore

/// One message of a WebSocket, its fragments put together.
package enum WebSocketMessage: Hashable, Sendable {
    case binary([UInt8])
    case text([UInt8])
    case ping([UInt8])
    case pong
    /// The status code, 1005 when there is none.
    case close(UInt16)
}

/// Takes messages off the bytes a client sends, and makes the bytes of what a server sends (RFC 6455 section 5). Pure.
package struct WebSocketReader {
    package struct Malformed: Error, Hashable, CustomStringConvertible {
        package var description: String
    }

    /// Bytes of one message.
    static let limit = 16 << 20

    private var buffer = ByteBuffer()
    private var fragments: (isText: Bool, bytes: [UInt8])?

    package init() {}

    package mutating func append(_ bytes: ByteBuffer) {
        buffer.discardReadBytes()
        buffer.writeImmutableBuffer(bytes)
    }

    /// The next message; nil until more bytes come.
    package mutating func next() throws(Malformed) -> WebSocketMessage? {
        while let (isFinal, opcode, bytes) = try frame() {
            switch opcode {
            case 0x0:
                guard var whole = fragments else { throw Malformed(description: "a fragment of nothing") }
                whole.bytes += bytes
                guard whole.bytes.count <= Self.limit else { throw Malformed(description: "a message is too long") }
                fragments = isFinal ? nil : whole
                if isFinal { return whole.isText ? .text(whole.bytes) : .binary(whole.bytes) }
            case 0x1, 0x2:
                guard fragments == nil else { throw Malformed(description: "a message within a message") }
                if isFinal { return opcode == 1 ? .text(bytes) : .binary(bytes) }
                fragments = (opcode == 1, bytes)
            case 0x8: return .close(bytes.count >= 2 ? UInt16(bytes[0]) << 8 | UInt16(bytes[1]) : 1005)
            case 0x9: return .ping(bytes)
            case 0xA: return .pong
            default: throw Malformed(description: "an unknown opcode, \(opcode)")
            }
        }
        return nil
    }

    private mutating func frame() throws(Malformed) -> (isFinal: Bool, opcode: UInt8, bytes: [UInt8])? {
        var peek = buffer
        guard let first = peek.readInteger(as: UInt8.self), let second = peek.readInteger(as: UInt8.self) else {
            return nil
        }
        guard first & 0x70 == 0 else { throw Malformed(description: "reserved bits are set") }
        guard second & 0x80 != 0 else { throw Malformed(description: "a client's frame is not masked") }
        var length = UInt64(second & 0x7F)
        if length == 126 {
            guard let long = peek.readInteger(as: UInt16.self) else { return nil }
            length = UInt64(long)
        } else if length == 127 {
            guard let long = peek.readInteger(as: UInt64.self) else { return nil }
            length = long
        }
        guard length <= UInt64(Self.limit) else { throw Malformed(description: "a frame of \(length) bytes") }
        if first & 0x08 != 0, length > 125 || first & 0x80 == 0 {
            throw Malformed(description: "a control frame is long or in pieces")
        }
        guard let mask = peek.readBytes(length: 4), var bytes = peek.readBytes(length: Int(length)) else { return nil }
        for index in bytes.indices { bytes[index] ^= mask[index & 3] }
        buffer = peek
        return (first & 0x80 != 0, first & 0x0F, bytes)
    }

    /// A frame of the server, whole and not masked.
    package static func frame(_ opcode: UInt8, _ bytes: [UInt8]) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.writeInteger(0x80 | opcode)
        switch bytes.count {
        case ..<126: buffer.writeInteger(UInt8(bytes.count))
        case ..<65536:
            buffer.writeInteger(UInt8(126))
            buffer.writeInteger(UInt16(bytes.count))
        default:
            buffer.writeInteger(UInt8(127))
            buffer.writeInteger(UInt64(bytes.count))
        }
        buffer.writeBytes(bytes)
        return buffer
    }

    package static func binary(_ bytes: [UInt8]) -> ByteBuffer { frame(0x2, bytes) }

    package static func close(_ code: UInt16) -> ByteBuffer {
        frame(0x8, [UInt8(code >> 8), UInt8(truncatingIfNeeded: code)])
    }
}
