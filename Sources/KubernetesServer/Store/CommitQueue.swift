import GRDB
import Synchronization

/// Group commit: writers queue, and whoever is waiting when a transaction begins shares it, and its one fsync.
///
/// Bodies run one after the other on the database's writer, each seeing the writes of those before it. Nobody hears of
/// an ending before the commit, not even of a refusal: it may rest on a write of the same group that the disk then
/// does not take.
final class CommitQueue: Sendable {
    /// Runs a body in its transaction, and answers what is to be done with it and who waits for the ending.
    typealias Job = @Sendable (WriteTransaction) -> Ending

    struct Ending: Sendable {
        /// Whether the writes are wanted.
        var isWanted: Bool
        /// Called once the group is committed (nil) or is not.
        var finish: @Sendable (StoreFailure?) -> Void
    }

    /// How many bodies share a transaction at most, so that the first of them need not wait for long.
    static let groupLimit = 256

    private struct State {
        var jobs: [Job] = []
        var isDraining = false
        var isClosed = false
    }

    private let state = Mutex(State())
    private let database: StoreDatabase
    /// The last revision that is durable; touched on the writer only, after opening.
    private let revision: Mutex<Revision>
    /// Called on the writer, in order, with what was committed.
    private let committed: @Sendable ([StoreEvent], Revision) -> Void

    init(
        _ database: StoreDatabase, revision: Revision, committed: @escaping @Sendable ([StoreEvent], Revision) -> Void
    ) {
        self.database = database
        self.revision = Mutex(revision)
        self.committed = committed
    }

    /// False when the queue is closed: the job will not run.
    func submit(_ job: @escaping Job) -> Bool {
        let start: Bool? = state.withLock { state in
            if state.isClosed { return nil }
            state.jobs.append(job)
            defer { state.isDraining = true }
            return !state.isDraining
        }
        if start == true { database.pool.asyncWriteWithoutTransaction { [self] in drain($0) } }
        return start != nil
    }

    /// No more jobs; what is queued still runs.
    func close() { state.withLock { $0.isClosed = true } }

    private func drain(_ connection: Database) {
        while true {
            let group: [Job] = state.withLock { state in
                let group = Array(state.jobs.prefix(Self.groupLimit))
                state.jobs.removeFirst(group.count)
                if group.isEmpty { state.isDraining = false }
                return group
            }
            if group.isEmpty { return }
            run(group, connection)
        }
    }

    private func run(_ group: [Job], _ connection: Database) {
        let start = revision.withLock { $0 }
        let writing = StoreWriting(database: connection, path: database.path)
        var endings: [(finish: @Sendable (StoreFailure?) -> Void, own: StoreFailure?)] = []
        var waiting = group[...]
        var events: [StoreEvent] = []
        do {
            try connection.inTransaction(.immediate) {
                var latest = start
                while let job = waiting.popFirst() {
                    let transaction = WriteTransaction(reader: writing, revision: latest)
                    let ending = job(transaction)
                    endings.append((ending.finish, transaction.failure))
                    if transaction.failure != nil || !ending.isWanted { continue }
                    try writing.apply(transaction.events)
                    events += transaction.events
                    latest = transaction.revision
                }
                if latest > start { try writing.advance(to: latest) }
                return .commit
            }
        } catch {
            let failure = StoreDatabase.failure(error, database.path)
            for ending in endings { ending.finish(failure) }
            // Those whose turn did not come get another try: what failed may have been one oversized write.
            if endings.isEmpty {
                fail(waiting, failure)
            } else {
                state.withLock { $0.jobs.insert(contentsOf: waiting, at: 0) }
            }
            return
        }
        if let last = events.last {
            revision.withLock { $0 = last.revision }
            committed(events, last.revision)
        }
        for ending in endings { ending.finish(ending.own) }
    }

    /// Ends jobs that never ran: the transaction could not even begin. A body must be called to be ended, and gets a
    /// transaction whose reads fail.
    private func fail(_ jobs: ArraySlice<Job>, _ failure: StoreFailure) {
        let nothing = FailingReader(failure: failure)
        for job in jobs { job(WriteTransaction(reader: nothing, revision: 0)).finish(failure) }
    }
}

private struct FailingReader: TransactionReader {
    let failure: StoreFailure

    func object(_ key: StoreKey) throws(StoreFailure) -> StoredObject? { throw failure }

    func objects(_ collection: String, namespace: String?) throws(StoreFailure) -> [StoredObject] { throw failure }
}
