/// The head of an answer, and its body as it arrives.
public struct KubernetesResponse: Sendable {
    /// The HTTP status code. A transport answers with every code; the resource calls turn refusals into
    /// failures.
    public var status: Int
    public var headers: KubernetesHeaders
    public var body: KubernetesBody

    public init(status: Int, headers: KubernetesHeaders = [], body: KubernetesBody = KubernetesBody([])) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    public var isSuccess: Bool { (200..<300).contains(status) }
}

/// The bytes of an answer in chunks of any size, read once. A chunk is asked for only when the one before was taken,
/// so a slow reader slows the server down instead of filling memory. Letting go of the iterator closes the stream.
public struct KubernetesBody: AsyncSequence, Sendable {
    public typealias Element = [UInt8]
    public typealias Failure = KubernetesFailure

    private let begin: @Sendable () -> any KubernetesBodyReader
    /// When bytes last came.
    public let activity: StreamActivity

    /// A body with a reader of its own; called once.
    public init(
        activity: StreamActivity = StreamActivity(), _ begin: @escaping @Sendable () -> any KubernetesBodyReader
    ) {
        self.begin = begin
        self.activity = activity
    }

    /// A body that is already there.
    public init(_ bytes: [UInt8]) { self.init(chunks: bytes.isEmpty ? [] : [bytes]) }

    /// Prepared chunks, then the end or a failure: what tests and replays answer with.
    public init(chunks: [[UInt8]], failure: KubernetesFailure? = nil) {
        self.init { PreparedChunks(chunks: chunks[...], failure: failure) }
    }

    public struct AsyncIterator: AsyncIteratorProtocol {
        var reader: any KubernetesBodyReader
        let activity: StreamActivity

        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(KubernetesFailure) -> [UInt8]? {
            let chunk = try await reader.next(isolation: actor)
            if chunk != nil { activity.touch() }
            return chunk
        }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(reader: begin(), activity: activity) }

    /// The whole body.
    /// - Parameter limit: bytes; a longer body is refused while it arrives.
    public func collect(limit: Int) async throws(KubernetesFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        var iterator = makeAsyncIterator()
        while let chunk = try await iterator.next(isolation: #isolation) {
            if bytes.count + chunk.count > limit { throw KubernetesFailure(.tooLarge(limit: limit)) }
            if bytes.isEmpty { bytes = chunk } else { bytes += chunk }
        }
        return bytes
    }
}

/// What makes the chunks of a body. `next` is never called again before it has returned, nor after nil or a failure.
public protocol KubernetesBodyReader {
    mutating func next(isolation actor: isolated (any Actor)?) async throws(KubernetesFailure) -> [UInt8]?
}

private struct PreparedChunks: KubernetesBodyReader {
    var chunks: ArraySlice<[UInt8]>
    let failure: KubernetesFailure?

    mutating func next(isolation actor: isolated (any Actor)?) async throws(KubernetesFailure) -> [UInt8]? {
        if let chunk = chunks.popFirst() { return chunk }
        if let failure { throw failure }
        return nil
    }
}
