import Synchronization

/// The transitions of an informer, for one consumer at its own pace. A subscriber that comes late is first told of
/// everything that is there as additions. Dropping the subscription ends it.
public final class InformerSubscription<Value: Sendable>: AsyncSequence, Sendable {
    public typealias Element = InformerEvent<Value>
    public typealias Failure = Never

    let mailbox: Mailbox<Value>
    private let cancel: @Sendable () -> Void

    init(mailbox: Mailbox<Value>, cancel: @escaping @Sendable () -> Void) {
        self.mailbox = mailbox
        self.cancel = cancel
    }

    deinit { cancel() }

    /// Transitions that wait for this subscriber.
    public var backlog: Int { mailbox.backlog }

    /// Updates that were merged into earlier ones because this subscriber had not come to them yet.
    public var merged: Int { mailbox.merged }

    /// The next transition; nil once the informer has ended and everything has been told, or the task is cancelled.
    public func next() async -> InformerEvent<Value>? { await mailbox.next() }

    /// The next transition if one waits.
    public func poll() -> InformerEvent<Value>? { mailbox.poll() }

    public struct AsyncIterator: AsyncIteratorProtocol {
        let subscription: InformerSubscription<Value>

        public mutating func next() async -> InformerEvent<Value>? { await subscription.next() }

        public mutating func next(isolation actor: isolated (any Actor)?) async -> InformerEvent<Value>? {
            await subscription.next()
        }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(subscription: self) }
}

/// A delivery queue with somebody waiting at its end.
final class Mailbox<Value: Sendable>: Sendable {
    private struct State {
        var queue = DeliveryQueue<Value>()
        var waiting: CheckedContinuation<InformerEvent<Value>?, Never>?
        var isFinished = false
    }

    private let state = Mutex(State())

    var backlog: Int { state.withLock { $0.queue.count } }
    var merged: Int { state.withLock { $0.queue.merged } }

    func push(_ transitions: [InformerTransition<Value>], thenSynced: Bool) {
        wake { state in
            for transition in transitions { state.queue.push(transition) }
            if thenSynced { state.queue.pushSynced() }
        }
    }

    func finish() { wake { $0.isFinished = true } }

    private func wake(_ change: (inout State) -> Void) {
        let wakeUp: (() -> Void)? = state.withLock { state in
            change(&state)
            guard let waiting = state.waiting, !state.queue.isEmpty || state.isFinished else { return nil }
            state.waiting = nil
            let event = state.queue.pop()
            return { waiting.resume(returning: event) }
        }
        wakeUp?()
    }

    func poll() -> InformerEvent<Value>? { state.withLock { $0.queue.pop() } }

    func next() async -> InformerEvent<Value>? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let wakeUp: (() -> Void)? = state.withLock { state in
                    if let event = state.queue.pop() { return { continuation.resume(returning: event) } }
                    if state.isFinished || Task.isCancelled { return { continuation.resume(returning: nil) } }
                    // One consumer: a second one that waits at the same time takes the first one's place.
                    let earlier = state.waiting
                    state.waiting = continuation
                    return earlier.map { earlier in { earlier.resume(returning: nil) } }
                }
                wakeUp?()
            }
        } onCancel: {
            let waiting = state.withLock { state in
                defer { state.waiting = nil }
                return state.waiting
            }
            waiting?.resume(returning: nil)
        }
    }
}
