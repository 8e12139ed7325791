import Foundation
import GRDB
import SystemCalls

/// The SQLite file: one row for every version of every object, the newest of each key in an index of its own.
///
/// `versions` is object store and change log in one (as etcd has it): a write adds one row, which names the row it
/// replaces, so that an event's previous object and a list of the past need no second copy. Compaction removes rows
/// that were replaced, and deletions, up to a revision. WAL mode with `synchronous=FULL`: a commit that was
/// acknowledged survives a kill and a power cut.
final class StoreDatabase: Sendable {
    static let formatVersion = 1
    /// "Popl", in the file's header: says whose file it is.
    static let applicationID = 0x506F_706C

    let path: String
    let pool: DatabasePool

    /// Opens or makes the file and checks that it is ours and readable.
    init(path: String) throws(StoreFailure) {
        self.path = path
        var configuration = Configuration()
        configuration.label = "poplin.store"
        configuration.maximumReaderCount = 8
        configuration.busyMode = .timeout(10)
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA cache_size = -16384")
            if !database.configuration.readonly { try database.execute(sql: "PRAGMA wal_autocheckpoint = 4000") }
        }
        do throws(SystemCallError) {
            // Secrets are in it. SQLite gives the files beside it the same mode.
            _ = try FileDescriptor.open(path, O_RDWR | O_CREAT, mode: 0o600)
        } catch {
            throw error.errno == .ENOSPC
                ? .full(path: path) : .unavailable(path: path, reason: "\(error)")
        }
        pool = try Self.translating(path) { try DatabasePool(path: path, configuration: configuration) }
        do throws(StoreFailure) {
            try prepare()
        } catch {
            try? pool.close()
            throw error
        }
    }

    private func prepare() throws(StoreFailure) {
        let version = try Self.translating(path) { () -> Int in
            try pool.writeWithoutTransaction { database in
                // GRDB sets NORMAL when it switches to WAL.
                try database.execute(sql: "PRAGMA synchronous = FULL")
                return try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
            }
        }
        if version > Self.formatVersion {
            throw .newer(path: path, version: version, supported: Self.formatVersion)
        }
        let reason = try Self.translating(path) { () -> String? in
            try pool.writeWithoutTransaction { database in
                if version == 0 {
                    let tables = try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM sqlite_schema") ?? 0
                    if tables > 0 { return "it is another program's database" }
                    try Self.create(in: database)
                }
                let ours = try Int.fetchOne(database, sql: "PRAGMA application_id") == Self.applicationID
                return ours ? nil : "it is another program's database"
            }
        }
        if let reason { throw .corrupt(path: path, reason: reason) }
    }

    private static func create(in database: Database) throws {
        try database.inTransaction(.immediate) {
            try database.execute(
                sql: """
                    CREATE TABLE versions (
                        revision INTEGER PRIMARY KEY,
                        change INTEGER NOT NULL,
                        previous INTEGER,
                        collection TEXT NOT NULL,
                        namespace TEXT NOT NULL,
                        name TEXT NOT NULL,
                        uid TEXT NOT NULL,
                        bytes BLOB NOT NULL
                    );
                    CREATE TABLE current (
                        collection TEXT NOT NULL,
                        namespace TEXT NOT NULL,
                        name TEXT NOT NULL,
                        revision INTEGER NOT NULL,
                        PRIMARY KEY (collection, namespace, name)
                    ) WITHOUT ROWID;
                    CREATE TABLE state (
                        only INTEGER PRIMARY KEY CHECK (only = 1),
                        revision INTEGER NOT NULL,
                        compacted INTEGER NOT NULL
                    );
                    INSERT INTO state VALUES (1, 1, 1);
                    PRAGMA application_id = \(applicationID);
                    PRAGMA user_version = \(formatVersion);
                    """)
            return .commit
        }
    }

    /// Reads a snapshot: nothing that commits meanwhile shows.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (StoreReading) throws -> Value
    ) async throws(StoreFailure) -> Value {
        // By callback and not by GRDB's async form: that one gives the connection back on a thread of the tasks, and
        // `close`, which waits for it, may hold the last of them.
        let result: Result<Value, any Error> = await withCheckedContinuation { continuation in
            pool.asyncRead { database in
                continuation.resume(
                    returning: Result { try body(StoreReading(database: try database.get())) })
            }
        }
        return try Self.translating(path) { try result.get() }
    }

    static func translating<Value>(_ path: String, _ body: () throws -> Value) throws(StoreFailure) -> Value {
        do {
            return try body()
        } catch {
            throw failure(error, path)
        }
    }

    static func failure(_ error: any Error, _ path: String) -> StoreFailure {
        if let failure = error as? StoreFailure { return failure }
        guard let error = error as? DatabaseError else {
            return error is CancellationError ? .closed : .unavailable(path: path, reason: "\(error)")
        }
        let reason = error.message ?? "\(error.resultCode)"
        switch (error.resultCode, error.extendedResultCode) {
        case (.SQLITE_FULL, _), (_, .SQLITE_IOERR_SHMSIZE): return .full(path: path)
        case (.SQLITE_CORRUPT, _), (.SQLITE_NOTADB, _): return .corrupt(path: path, reason: reason)
        case (.SQLITE_INTERRUPT, _), (.SQLITE_ABORT, _): return .closed
        case (.SQLITE_MISUSE, _) where reason.contains("closed"): return .closed
        default: return .unavailable(path: path, reason: "\(reason) (SQLite \(error.extendedResultCode.rawValue))")
        }
    }
}
