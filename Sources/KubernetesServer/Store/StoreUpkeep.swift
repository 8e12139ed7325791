import GRDB
import Synchronization

/// What the store does by itself: wakes watchers whose time has come, and compacts the change log.
final class StoreUpkeep: Sendable {
    /// Bookmarks and ends of watches are this precise.
    static let tick = Duration.milliseconds(250)
    /// How often the log's length is looked at.
    static let compactionInterval = Duration.seconds(10)
    /// Events forgotten in one transaction, so that writers wait only briefly.
    static let compactionStep: UInt64 = 1000

    private struct State {
        var compacted: Revision
        /// Which revision the store had when: how old events are. After a restart every event counts as new.
        var history: [(time: ContinuousClock.Instant, revision: Revision)] = []
        var task: Task<Void, Never>?
    }

    private let state: Mutex<State>
    private let database: StoreDatabase
    private let hub: WatchHub
    private let retention: ObjectStore.Retention

    init(_ database: StoreDatabase, _ hub: WatchHub, _ retention: ObjectStore.Retention, compacted: Revision) {
        self.database = database
        self.hub = hub
        self.retention = retention
        state = Mutex(State(compacted: compacted))
    }

    var compacted: Revision { state.withLock { $0.compacted } }

    func start() {
        let task = Task.detached { [self] in
            var compactAt = ContinuousClock.now + Self.compactionInterval
            while (try? await Task.sleep(for: Self.tick)) != nil {
                hub.tick(.now)
                guard compactAt <= .now else { continue }
                compactAt = .now + Self.compactionInterval
                // A full disk stops compaction too; the next round tries again.
                try? await compact(upTo: due(at: .now, revision: hub.revision))
            }
        }
        state.withLock { $0.task = task }
    }

    func stop() { state.withLock { $0.task }?.cancel() }

    /// Up to where the retention lets events go.
    func due(at now: ContinuousClock.Instant, revision: Revision) -> Revision {
        state.withLock { state in
            state.history.append((now, revision))
            let old = state.history.prefix { $0.time <= now - retention.age }
            let byAge = old.last?.revision ?? 0
            state.history.removeFirst(max(0, old.count - 1))
            let byCount = revision > retention.count ? revision - retention.count : 0
            return max(byAge, byCount)
        }
    }

    func compact(upTo revision: Revision) async throws(StoreFailure) {
        var start = compacted
        while start < revision {
            let step = (after: start, upTo: min(revision, start + Self.compactionStep))
            do {
                let path = database.path
                try await database.pool.writeWithoutTransaction { database in
                    try database.inTransaction(.immediate) {
                        try StoreWriting(database: database, path: path).compact(after: step.after, upTo: step.upTo)
                        return .commit
                    }
                }
            } catch {
                throw StoreDatabase.failure(error, database.path)
            }
            state.withLock { $0.compacted = step.upTo }
            start = step.upTo
        }
    }
}
