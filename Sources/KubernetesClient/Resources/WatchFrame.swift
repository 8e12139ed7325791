import JSONTree

/// One message of a watch.
public enum WatchFrame: Sendable {
    case change(Change, JSONNode)
    /// Everything up to this object's `metadata.resourceVersion` has been sent. Only kind, apiVersion and metadata are set.
    case bookmark(JSONNode)
    /// The watch is over. A 410 comes this way too, inside an answer whose HTTP status is 200.
    case error(ServerStatus)

    public enum Change: String, Sendable, Hashable {
        case added = "ADDED"
        case modified = "MODIFIED"
        case deleted = "DELETED"
    }
}

/// Cuts the body of a watch into its messages, wherever the chunks happen to break.
///
/// A message ends where its outermost brace closes, not where a line does: no newline is waited for, and one message may
/// take several lines. Each byte is looked at once, however many chunks an object spans. What cannot be the beginning
/// of a message is refused at the first wrong byte, so that a broken stream is noticed before it fills the buffer.
public struct WatchFrameDecoder: Sendable {
    /// The largest message by default, in bytes. etcd refuses objects above 1.5 MiB; managed fields and the old server
    /// versions' larger limits are well inside this.
    public static let defaultLimit = 16 << 20

    private let limit: Int
    private var buffer: [UInt8] = []
    /// Where the message being read begins.
    private var start = 0
    /// How far the message has been looked at.
    private var scanned = 0
    private var depth = 0
    private var isInString = false
    private var isEscaped = false

    public init(limit: Int = WatchFrameDecoder.defaultLimit) { self.limit = limit }

    /// Bytes of an unfinished message (or of messages not asked for yet).
    public var pending: Int { buffer.count - start }

    public mutating func append(_ chunk: [UInt8]) {
        if start == buffer.count {
            buffer = chunk
            start = 0
            scanned = 0
        } else {
            if start > buffer.count / 2 {
                buffer.removeSubrange(..<start)
                scanned -= start
                start = 0
            }
            buffer += chunk
        }
    }

    /// The next whole message, or nil until more bytes come. After a failure the stream cannot be read further.
    public mutating func next() throws(KubernetesFailure) -> WatchFrame? {
        guard let end = try endOfMessage() else {
            if pending > limit { throw KubernetesFailure(.tooLarge(limit: limit)) }
            return nil
        }
        let message = Array(buffer[start..<end])
        start = end
        scanned = end
        if message.count > limit { throw KubernetesFailure(.tooLarge(limit: limit)) }
        return try WatchFrame(parsing: message)
    }

    /// To be called at the end of the body: a message that was begun and not finished is a failure.
    public func finish() throws(KubernetesFailure) {
        if buffer[start...].contains(where: { !Self.isBlank($0) }) {
            throw KubernetesFailure(.cutOff("the watch ended inside an event, \(pending) bytes into it"))
        }
    }

    private mutating func endOfMessage() throws(KubernetesFailure) -> Int? {
        var refusal: String?
        let end = buffer.withUnsafeBufferPointer { bytes -> Int? in
            if depth == 0 {
                while scanned < bytes.count, Self.isBlank(bytes[scanned]) { scanned += 1 }
                start = scanned
                if start == bytes.count { return nil }
                if bytes[start] != UInt8(ascii: "{") {
                    refusal = "an event must begin with {, here is \(Self.shown(bytes[start...].prefix(40)))"
                    return nil
                }
            }
            var index = scanned
            defer { scanned = index }
            while index < bytes.count {
                let byte = bytes[index]
                index += 1
                if isInString {
                    if isEscaped {
                        isEscaped = false
                    } else if byte == UInt8(ascii: "\"") {
                        isInString = false
                    } else if byte == UInt8(ascii: "\\") {
                        isEscaped = true
                    } else if byte < 0x20 {
                        refusal = "a string of an event holds a bare control character (\(byte))"
                        return nil
                    }
                    continue
                }
                switch byte {
                case UInt8(ascii: "\""): isInString = true
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    depth -= 1
                    if depth == 0 { return index }
                default: break
                }
            }
            return nil
        }
        if let refusal { throw KubernetesFailure(.malformed(refusal)) }
        return end
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private static func shown(_ bytes: some Sequence<UInt8>) -> String {
        JSONValue.string(String(decoding: Array(bytes), as: UTF8.self)).text
    }
}

extension WatchFrame {
    /// A whole message.
    public init(parsing message: [UInt8]) throws(KubernetesFailure) {
        let root: JSONNode
        do {
            root = try JSONTree(parsing: message).root
        } catch {
            throw KubernetesFailure(.malformed("an event is no JSON: \(error)"))
        }
        guard let type = root.member("type")?.string else {
            throw KubernetesFailure(.malformed("an event has no type: \(Self.excerpt(message))"))
        }
        guard let object = root.member("object"), object.kind == .object else {
            throw KubernetesFailure(.malformed("an event of type \(type) has no object: \(Self.excerpt(message))"))
        }
        switch type {
        case "BOOKMARK": self = .bookmark(object)
        case "ERROR": self = .error(ServerStatus(decoding: object, httpStatus: 500))
        default:
            guard let change = Change(rawValue: type) else {
                throw KubernetesFailure(.malformed("an event has the unknown type \(JSONValue.string(type).text)"))
            }
            self = .change(change, object)
        }
    }

    private static func excerpt(_ message: [UInt8]) -> String { String(decoding: message.prefix(80), as: UTF8.self) }
}

/// The messages of a watch as they arrive.
public struct WatchFrames: AsyncSequence, Sendable {
    public typealias Element = WatchFrame
    public typealias Failure = KubernetesFailure

    private let body: KubernetesBody
    private let limit: Int
    /// When bytes last came.
    public var activity: StreamActivity { body.activity }

    public init(_ body: KubernetesBody, limit: Int = WatchFrameDecoder.defaultLimit) {
        self.body = body
        self.limit = limit
    }

    public struct AsyncIterator: AsyncIteratorProtocol {
        var chunks: KubernetesBody.AsyncIterator
        var decoder: WatchFrameDecoder

        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(KubernetesFailure) -> WatchFrame? {
            while true {
                if let frame = try decoder.next() { return frame }
                guard let chunk = try await chunks.next(isolation: actor) else {
                    try decoder.finish()
                    return nil
                }
                decoder.append(chunk)
            }
        }
    }

    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(chunks: body.makeAsyncIterator(), decoder: WatchFrameDecoder(limit: limit))
    }
}
