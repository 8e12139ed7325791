import Synchronization

/// A running watch. Ends when its time is over, its task is cancelled or the store is closed; throws
/// `StoreFailure.expired` when the watcher has fallen behind what the store still knows.
///
/// For one consumer: calls of `next` do not overlap.
public final class WatchSubscription: AsyncSequence, Sendable {
    public typealias Element = WatchBatch
    public typealias Failure = StoreFailure

    /// At most so many events in a batch.
    static let batchLimit = 512

    private let query: WatchQuery
    private let hub: WatchHub
    private let database: StoreDatabase
    private let endsAt: ContinuousClock.Instant?
    /// Everything up to here has been delivered or is of no interest.
    private let seen: Mutex<Revision>

    init(_ query: WatchQuery, _ hub: WatchHub, _ database: StoreDatabase) {
        self.query = query
        self.hub = hub
        self.database = database
        endsAt = query.timeout.map { ContinuousClock.now + $0 }
        seen = Mutex(query.after)
    }

    /// The next events, or an empty batch when a bookmark is due.
    public func next() async throws(StoreFailure) -> WatchBatch? {
        let bookmarkAt = query.bookmarkInterval.map { ContinuousClock.now + $0 }
        while !Task.isCancelled {
            if let endsAt, endsAt <= .now { return nil }
            let revision = seen.withLock { $0 }
            switch hub.pull(query, after: revision, limit: Self.batchLimit) {
            case .closed: return nil
            case .behind:
                if let batch = try await batch(after: revision) { return batch }
            case .events(let events, let upTo) where !events.isEmpty:
                advance(to: upTo)
                return WatchBatch(events: events, revision: upTo)
            case .events(_, let upTo):
                advance(to: upTo)
                let wakeAt = [bookmarkAt, endsAt].compactMap { $0 }.min()
                switch await hub.sleep(query, after: upTo, until: wakeAt) {
                case .closed: return nil
                case .news(let after): advance(to: after)
                case .time(let upTo):
                    advance(to: upTo)
                    if let bookmarkAt, bookmarkAt <= .now, (endsAt.map { $0 > .now } ?? true) {
                        return WatchBatch(events: [], revision: seen.withLock { $0 })
                    }
                }
            }
        }
        return nil
    }

    /// From the database. Nil when there is nothing up to what is in memory.
    private func batch(after revision: Revision) async throws(StoreFailure) -> WatchBatch? {
        let query = query
        let batch = try await database.read { reading in
            let state = try reading.state()
            guard revision >= state.compacted else {
                throw StoreFailure.expired(requested: revision, oldest: state.compacted)
            }
            let events = try reading.events(
                query.collection, namespace: query.namespace, name: query.name, after: revision,
                limit: Self.batchLimit)
            let isWhole = events.count < Self.batchLimit
            return WatchBatch(events: events, revision: isWhole ? state.revision : events.last?.revision ?? revision)
        }
        advance(to: batch.revision)
        return batch.events.isEmpty ? nil : batch
    }

    private func advance(to revision: Revision) { seen.withLock { $0 = Swift.max($0, revision) } }

    public struct AsyncIterator: AsyncIteratorProtocol {
        let subscription: WatchSubscription

        public mutating func next() async throws(StoreFailure) -> WatchBatch? { try await subscription.next() }

        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(StoreFailure) -> WatchBatch? { try await subscription.next() }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(subscription: self) }
}
