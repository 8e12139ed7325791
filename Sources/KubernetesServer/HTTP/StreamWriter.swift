import NIOCore
import NIOHTTP1
import Synchronization

/// Takes the pieces of a streamed body from any task to the channel.
///
/// Pieces that come while the event loop is busy are joined and leave as one chunk: a lonely event is flushed at once,
/// a thousand cost few system calls. When the client reads too slowly, `write` waits.
final class StreamWriter: ResponseWriter {
    /// So much may wait to be handed to the channel before writers wait.
    static let limit = 256 << 10

    private struct State {
        var pending: [UInt8] = []
        var isScheduled = false
        var isWritable = true
        var isClosed = false
        var waiting: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var nextIdentifier: UInt64 = 0
    }

    private let channel: any Channel
    private let state = Mutex(State())

    init(_ channel: any Channel) { self.channel = channel }

    /// Whether the event loop will come back to hand over what is pending.
    var isScheduled: Bool { state.withLock { $0.isScheduled } }
    var hasPending: Bool { state.withLock { !$0.pending.isEmpty } }

    func write(_ bytes: [UInt8]) async throws(ResponseClosed) {
        if Task.isCancelled { throw ResponseClosed() }
        if bytes.isEmpty { return }
        let (isClosed, mustSchedule, mustWait) = state.withLock { state in
            if state.isClosed { return (true, false, false) }
            state.pending += bytes
            let mustSchedule = !state.isScheduled && state.isWritable
            if mustSchedule { state.isScheduled = true }
            return (false, mustSchedule, !state.isWritable || state.pending.count > Self.limit)
        }
        if isClosed { throw ResponseClosed() }
        if mustSchedule { channel.eventLoop.execute { self.flush() } }
        if mustWait { try await drained() }
    }

    /// Waits until what was written has left, or nobody wants it any more.
    private func drained() async throws(ResponseClosed) {
        let identifier = state.withLock { state in
            state.nextIdentifier += 1
            return state.nextIdentifier
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDone = state.withLock { state in
                    if state.isClosed || Task.isCancelled || (state.isWritable && state.pending.isEmpty) {
                        return true
                    }
                    state.waiting[identifier] = continuation
                    return false
                }
                if isDone { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: identifier) }?.resume()
        }
        if Task.isCancelled || state.withLock({ $0.isClosed }) { throw ResponseClosed() }
    }

    /// On the event loop: what is pending goes to the channel.
    func flush() {
        let bytes = state.withLock { state in
            state.isScheduled = false
            if state.isClosed { return [UInt8]() }
            defer { state.pending = [] }
            return state.pending
        }
        if !bytes.isEmpty {
            channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: bytes))), promise: nil)
        }
        writabilityChanged(channel.isWritable)
    }

    /// On the event loop.
    func writabilityChanged(_ isWritable: Bool) {
        let (mustFlush, woken) = state.withLock { state in
            state.isWritable = isWritable
            // A closed writer flushes nothing: asking again would spin the event loop for ever.
            guard isWritable, !state.isClosed else { return (false, [CheckedContinuation<Void, Never>]()) }
            if !state.pending.isEmpty, !state.isScheduled {
                state.isScheduled = true
                return (true, [])
            }
            guard state.pending.isEmpty else { return (false, []) }
            defer { state.waiting = [:] }
            return (false, Array(state.waiting.values))
        }
        for continuation in woken { continuation.resume() }
        if mustFlush { channel.eventLoop.execute { self.flush() } }
    }

    func close() {
        let woken = state.withLock { state in
            state.isClosed = true
            state.pending = []
            defer { state.waiting = [:] }
            return Array(state.waiting.values)
        }
        for continuation in woken { continuation.resume() }
    }
}
