import NIOCore
import NIOHTTP1

/// The head of a kubelet's answer, read from bytes. Pure; refuses what is no HTTP/1 and what is too long.
struct BackendHead: Hashable, Sendable {
    var status: Int
    var headers: HTTPHeaders

    static func == (left: BackendHead, right: BackendHead) -> Bool {
        left.status == right.status && left.headers == right.headers
    }

    func hash(into hasher: inout Hasher) { hasher.combine(status) }

    /// Bytes a head may have.
    static let limit = 64 << 10

    struct Malformed: Error, Hashable, CustomStringConvertible {
        var description: String
    }

    /// Takes the head off the front of the buffer; nil while it is not all there.
    init?(readingFrom buffer: inout ByteBuffer) throws(Malformed) {
        let view = buffer.readableBytesView
        guard let end = Self.end(of: view) else {
            if view.count > Self.limit { throw Malformed(description: "the head of the answer does not end") }
            return nil
        }
        let text = String(decoding: view[..<end.head], as: UTF8.self)
        buffer.moveReaderIndex(forwardBy: view.distance(from: view.startIndex, to: end.body))
        var lines = text.split(separator: "\r\n", omittingEmptySubsequences: true)
        let words = lines.isEmpty ? [] : lines.removeFirst().split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]), (100...599).contains(status)
        else { throw Malformed(description: "the answer does not begin with an HTTP/1 status line") }
        self.status = status
        headers = HTTPHeaders()
        for line in lines {
            guard let colon = line.firstIndex(of: ":"), colon != line.startIndex else {
                throw Malformed(description: "a line of the answer's head is no header")
            }
            let value = line[line.index(after: colon)...]
            headers.add(name: String(line[..<colon]), value: value.trimmingBlanks)
        }
    }

    private static func end(of view: ByteBufferView) -> (head: Int, body: Int)? {
        let (cr, lf) = (UInt8(ascii: "\r"), UInt8(ascii: "\n"))
        var index = view.startIndex
        while let line = view[index...].firstIndex(of: lf) {
            if line + 2 < view.endIndex, view[line + 1] == cr, view[line + 2] == lf { return (line + 1, line + 3) }
            index = line + 1
        }
        return nil
    }
}

extension Substring {
    fileprivate var trimmingBlanks: String {
        var text = self
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return String(text)
    }
}

/// Takes the frame off a body: by its length, in chunks, or until the connection ends. Pure.
struct BackendBody {
    private enum Framing {
        case length(Int)
        case untilEnd
        case chunkHead
        case chunk(Int)
        case chunkEnd
        case done
    }

    private var framing: Framing
    private var pending = ByteBuffer()

    init(_ head: BackendHead) {
        if head.headers[canonicalForm: "transfer-encoding"].contains(where: { $0.lowercased() == "chunked" }) {
            framing = .chunkHead
        } else if let length = head.headers.first(name: "content-length").flatMap({ Int($0) }), length >= 0 {
            framing = length == 0 ? .done : .length(length)
        } else {
            framing = head.status == 204 || head.status == 304 ? .done : .untilEnd
        }
    }

    var isDone: Bool {
        if case .done = framing { return true }
        return false
    }

    /// Whether an end of the connection here is the end of the body and not its breaking off.
    var mayEnd: Bool {
        switch framing {
        case .done, .untilEnd: true
        default: false
        }
    }

    /// The content in these bytes.
    mutating func content(of buffer: ByteBuffer) throws(BackendHead.Malformed) -> [UInt8] {
        var buffer = buffer
        pending.writeBuffer(&buffer)
        var content: [UInt8] = []
        while true {
            switch framing {
            case .done: return content
            case .untilEnd:
                content += pending.readBytes(length: pending.readableBytes) ?? []
                pending.clear()
                return content
            case .length(let left):
                let bytes = pending.readBytes(length: min(left, pending.readableBytes)) ?? []
                content += bytes
                framing = bytes.count == left ? .done : .length(left - bytes.count)
                if bytes.count < left || bytes.isEmpty { return compacted(content) }
            case .chunk(let left):
                let bytes = pending.readBytes(length: min(left, pending.readableBytes)) ?? []
                content += bytes
                if bytes.count < left {
                    framing = .chunk(left - bytes.count)
                    return compacted(content)
                }
                framing = .chunkEnd
            case .chunkEnd:
                guard pending.readableBytes >= 2 else { return compacted(content) }
                pending.moveReaderIndex(forwardBy: 2)
                framing = .chunkHead
            case .chunkHead:
                guard let line = try line() else { return compacted(content) }
                let digits = line.prefix { $0 != ";" }.filter { $0 != " " }
                guard let size = Int(digits, radix: 16), size >= 0 else {
                    throw BackendHead.Malformed(description: "a chunk of the answer has no size")
                }
                framing = size == 0 ? .done : .chunk(size)
            }
        }
    }

    private mutating func compacted(_ content: [UInt8]) -> [UInt8] {
        pending.discardReadBytes()
        return content
    }

    private mutating func line() throws(BackendHead.Malformed) -> String? {
        let view = pending.readableBytesView
        guard let end = view.firstIndex(of: UInt8(ascii: "\n")) else {
            if view.count > 1024 { throw BackendHead.Malformed(description: "a chunk of the answer has no size") }
            return nil
        }
        let text = String(decoding: view[..<end], as: UTF8.self).filter { $0 != "\r" && $0 != "\r\n" }
        pending.moveReaderIndex(forwardBy: view.distance(from: view.startIndex, to: end) + 1)
        return text
    }
}
