import GRDB
import Synchronization

/// Every object of the cluster, in one SQLite file in a directory that no other process uses meanwhile.
///
/// - Writes (`write`) are read-modify-write transactions, one after the other, and durable when they return; many at a
///   time share an fsync.
/// - Reads (`object`, `list`) see a snapshot of everything acknowledged, and never wait for writers.
/// - Watches (`watch`) deliver what comes after a revision, in order, once, also across restarts, as long as the
///   change log reaches back (`Retention`).
public final class ObjectStore: Sendable {
    /// How far back watches can resume and lists can be continued.
    public struct Retention: Hashable, Sendable {
        /// Events younger than this are kept (kube-apiserver has etcd compacted every 5 minutes)...
        public var age: Duration
        /// ...but no more than so many.
        public var count: UInt64

        public init(age: Duration = .seconds(900), count: UInt64 = 100_000) {
            self.age = age
            self.count = count
        }
    }

    /// The database in its directory.
    public static let fileName = "poplin.sqlite"

    public let directory: String
    let database: StoreDatabase
    let hub: WatchHub
    private let queue: CommitQueue
    private let holder: DirectoryHolder
    private let upkeep: StoreUpkeep
    private let isClosed = Mutex(false)

    /// Opens the store of a directory, which is made if missing.
    public convenience init(directory: String, retention: Retention = Retention()) throws(StoreFailure) {
        try self.init(holding: DirectoryHolder(directory), retention: retention)
    }

    /// The store of a directory that this process holds already.
    init(holding holder: DirectoryHolder, retention: Retention = Retention()) throws(StoreFailure) {
        let database = try StoreDatabase(path: "\(holder.directory)/\(Self.fileName)")
        let state = try StoreDatabase.translating(database.path) {
            try database.pool.read { try StoreReading(database: $0).state() }
        }
        let hub = WatchHub(revision: state.revision)
        self.holder = holder
        directory = holder.directory
        self.database = database
        self.hub = hub
        queue = CommitQueue(database, revision: state.revision) { hub.publish($0, $1) }
        upkeep = StoreUpkeep(database, hub, retention, compacted: state.compacted)
        upkeep.start()
    }

    deinit { close() }

    /// Ends every watch, finishes the writes that were accepted, and closes the file. Later calls fail with `closed`.
    public func close() {
        let isFirst = isClosed.withLock { isClosed in
            defer { isClosed = true }
            return !isClosed
        }
        if !isFirst { return }
        queue.close()
        upkeep.stop()
        // Runs behind everything that is queued on the writer. The file is then whole by itself: whoever copies it
        // needs no `-wal` file beside it.
        _ = try? database.pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
        hub.close()
        try? database.pool.close()
        holder.release()
    }

    /// The revision of the last write that is durable.
    public var revision: Revision { hub.revision }

    /// Changes objects: `body` reads, decides and writes, alone; it may run on any thread, and only once. When it
    /// throws nothing is written.
    public func write<Value: Sendable, Refusal: Error>(
        _ body: @escaping @Sendable (WriteTransaction) throws(Refusal) -> Value
    ) async throws(WriteFailure<Refusal>) -> Value {
        let result = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<Value, WriteFailure<Refusal>>, Never>) in
            let isAccepted = queue.submit { transaction in
                let outcome: Result<Value, WriteFailure<Refusal>>
                let isWanted: Bool
                do throws(Refusal) {
                    outcome = .success(try body(transaction))
                    isWanted = true
                } catch {
                    outcome = .failure(.refused(error))
                    isWanted = false
                }
                return CommitQueue.Ending(isWanted: isWanted) { failure in
                    continuation.resume(returning: failure.map { .failure(.store($0)) } ?? outcome)
                }
            }
            if !isAccepted { continuation.resume(returning: .failure(.store(.closed))) }
        }
        return try result.get()
    }

    /// One object as it is now.
    public func object(_ key: StoreKey) async throws(StoreFailure) -> StoredObject? {
        try await database.read { try $0.object(key) }
    }

    /// What happens after a revision. Fails at once with `expired` when the change log does not reach back so far.
    public func watch(_ query: WatchQuery) async throws(StoreFailure) -> WatchSubscription {
        let compacted = upkeep.compacted
        if query.after < compacted { throw .expired(requested: query.after, oldest: compacted) }
        return WatchSubscription(query, hub, database)
    }

    /// Forgets events up to a revision now, whatever the retention says.
    public func compact(upTo revision: Revision) async throws(StoreFailure) {
        try await upkeep.compact(upTo: min(revision, hub.revision))
    }

    /// Events after this revision can be watched.
    public var compacted: Revision { upkeep.compacted }
}
