import NIOCore

/// One frame of SPDY/3.1 (draft-mbelshe-httpbis-spdy-00 and -3.1), header blocks still compressed. Kubernetes multiplexes
/// the connections of a port-forward with it, also inside a WebSocket (KEP-4006).
package enum SPDYFrame: Hashable, Sendable {
    case data(stream: UInt32, isLast: Bool, bytes: [UInt8])
    case synStream(stream: UInt32, isLast: Bool, block: [UInt8])
    case synReply(stream: UInt32, isLast: Bool, block: [UInt8])
    /// `status`: 1 protocol error, 3 refused, 5 cancel.
    case rstStream(stream: UInt32, status: UInt32)
    case ping(UInt32)
    case goAway(lastStream: UInt32, status: UInt32)
    /// SETTINGS, HEADERS, WINDOW_UPDATE and what comes after them: read over.
    case other(type: UInt16)

    /// Bytes a frame may have; Go's peers write at most 32 KiB.
    static let limit = 1 << 20

    private static let last: UInt8 = 0x01

    /// Takes a frame off the front of the buffer; nil while it is not all there.
    package init?(readingFrom buffer: inout ByteBuffer) throws(SPDYFailure) {
        guard buffer.readableBytes >= 8, let word = buffer.getInteger(at: buffer.readerIndex, as: UInt32.self),
            let second = buffer.getInteger(at: buffer.readerIndex + 4, as: UInt32.self)
        else { return nil }
        let length = Int(second & 0x00FF_FFFF)
        guard length <= Self.limit else { throw SPDYFailure("a frame of \(length) bytes") }
        guard buffer.readableBytes >= 8 + length else { return nil }
        buffer.moveReaderIndex(forwardBy: 8)
        var payload = buffer.readSlice(length: length) ?? ByteBuffer()
        let isLast = UInt8(second >> 24) & Self.last != 0
        guard word & 0x8000_0000 != 0 else {
            self = .data(stream: word, isLast: isLast, bytes: Array(payload.readableBytesView))
            return
        }
        guard word >> 16 & 0x7FFF == 3 else { throw SPDYFailure("a frame of SPDY version \(word >> 16 & 0x7FFF)") }
        func number() throws(SPDYFailure) -> UInt32 {
            guard let number = payload.readInteger(as: UInt32.self) else { throw SPDYFailure("a frame is too short") }
            return number
        }
        switch UInt16(word & 0xFFFF) {
        case 1:
            let stream = try number() & 0x7FFF_FFFF
            guard payload.readableBytes >= 6 else { throw SPDYFailure("a SYN_STREAM is too short") }
            payload.moveReaderIndex(forwardBy: 6)
            self = .synStream(stream: stream, isLast: isLast, block: Array(payload.readableBytesView))
        case 2:
            let stream = try number() & 0x7FFF_FFFF
            self = .synReply(stream: stream, isLast: isLast, block: Array(payload.readableBytesView))
        case 3: self = .rstStream(stream: try number() & 0x7FFF_FFFF, status: try number())
        case 6: self = .ping(try number())
        case 7: self = .goAway(lastStream: try number() & 0x7FFF_FFFF, status: try number())
        case let type: self = .other(type: type)
        }
    }

    /// The frame as bytes; `other` is none.
    package var bytes: ByteBuffer {
        var buffer = ByteBuffer()
        func control(_ type: UInt16, isLast: Bool = false, _ payload: [UInt8]) {
            buffer.writeInteger(UInt32(0x8003_0000) | UInt32(type))
            buffer.writeInteger(UInt32(isLast ? Self.last : 0) << 24 | UInt32(payload.count))
            buffer.writeBytes(payload)
        }
        func big(_ number: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) } }
        switch self {
        case .data(let stream, let isLast, let bytes):
            buffer.writeInteger(stream & 0x7FFF_FFFF)
            buffer.writeInteger(UInt32(isLast ? Self.last : 0) << 24 | UInt32(bytes.count))
            buffer.writeBytes(bytes)
        case .synStream(let stream, let isLast, let block):
            control(1, isLast: isLast, big(stream) + [0, 0, 0, 0, 0, 0] + block)
        case .synReply(let stream, let isLast, let block): control(2, isLast: isLast, big(stream) + block)
        case .rstStream(let stream, let status): control(3, big(stream) + big(status))
        case .ping(let number): control(6, big(number))
        case .goAway(let stream, let status): control(7, big(stream) + big(status))
        case .other: break
        }
        return buffer
    }
}

/// Names and values of a header block; names are lower case, values of one name are joined by NUL.
package struct SPDYHeaders: Hashable, Sendable {
    package var fields: [String: String]

    package init(_ fields: [String: String] = [:]) { self.fields = fields }

    package subscript(_ name: String) -> String? { fields[name] }

    /// Reads an uncompressed block.
    init(block: [UInt8]) throws(SPDYFailure) {
        var buffer = ByteBuffer(bytes: block)
        func text() throws(SPDYFailure) -> String {
            guard let length = buffer.readInteger(as: UInt32.self), length <= buffer.readableBytes,
                let bytes = buffer.readBytes(length: Int(length))
            else { throw SPDYFailure("a header block is too short") }
            return String(decoding: bytes, as: UTF8.self)
        }
        guard let count = buffer.readInteger(as: UInt32.self), count <= 1024 else {
            throw SPDYFailure("a header block has no count")
        }
        fields = [:]
        for _ in 0..<count {
            let name = try text()
            fields[name.lowercased()] = try text()
        }
    }

    var block: [UInt8] {
        var buffer = ByteBuffer()
        buffer.writeInteger(UInt32(fields.count))
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
            for text in [name, value] {
                buffer.writeInteger(UInt32(text.utf8.count))
                buffer.writeString(text)
            }
        }
        return Array(buffer.readableBytesView)
    }
}

/// The header blocks of both directions of a connection. What is written is packed and not squeezed: stored blocks are
/// valid DEFLATE, and a port-forward sends few headers.
package struct SPDYHeaderCodec {
    private var inflater = Inflater()
    private var hasWritten = false

    package init() {}

    package mutating func read(_ block: [UInt8]) throws(SPDYFailure) -> SPDYHeaders {
        try SPDYHeaders(block: try inflater.content(of: block))
    }

    package mutating func write(_ headers: SPDYHeaders) -> [UInt8] {
        var output: [UInt8] = []
        if !hasWritten {
            // CMF and FLG of a 32 KiB window with a dictionary, then which one.
            output +=
                [0x78, 0x20] + (0..<4).map { UInt8(truncatingIfNeeded: SPDYDictionary.checksum >> (24 - 8 * $0)) }
            hasWritten = true
        }
        var rest = headers.block[...]
        while !rest.isEmpty {
            let part = rest.prefix(0xFFFF)
            rest = rest.dropFirst(part.count)
            let length = UInt16(part.count)
            output += [0, UInt8(truncatingIfNeeded: length), UInt8(length >> 8)]
            output += [UInt8(truncatingIfNeeded: ~length), UInt8(~length >> 8)]
            output += part
        }
        // An empty block flushes: without it Go's reader looks for the next block, finds the end and fails for good.
        return output + [0, 0, 0, 0xFF, 0xFF]
    }
}
