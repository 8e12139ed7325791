import Foundation
import GRDB

/// Writes inside a transaction.
struct StoreWriting: TransactionReader {
    let database: Database
    let path: String

    private var reading: StoreReading { StoreReading(database: database) }

    func object(_ key: StoreKey) throws(StoreFailure) -> StoredObject? {
        try StoreDatabase.translating(path) { try reading.object(key) }
    }

    func objects(_ collection: String, namespace: String?) throws(StoreFailure) -> [StoredObject] {
        try StoreDatabase.translating(path) { try reading.objects(collection, namespace: namespace) }
    }

    func apply(_ events: [StoreEvent]) throws {
        for event in events { try apply(event) }
    }

    private func apply(_ event: StoreEvent) throws {
        let key = event.object.key
        if key.name.utf8.contains(0) || key.namespace.utf8.contains(0) || key.collection.utf8.contains(0) {
            throw DatabaseError(resultCode: .SQLITE_CONSTRAINT, message: "a name with a NUL in it")
        }
        let insert = try database.cachedStatement(
            sql: """
                INSERT INTO versions (revision, change, previous, collection, namespace, name, uid, bytes)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """)
        insert.setUncheckedArguments([
            Int64(clamping: event.revision), Int64(event.change.rawValue),
            event.previous.map { Int64(clamping: $0.revision) }, key.collection, key.namespace, key.name,
            event.object.uid, Data(event.object.bytes),
        ])
        try insert.execute()
        if event.change == .deleted {
            let remove = try database.cachedStatement(
                sql: "DELETE FROM current WHERE collection = ? AND namespace = ? AND name = ?")
            remove.setUncheckedArguments([key.collection, key.namespace, key.name])
            try remove.execute()
        } else {
            let point = try database.cachedStatement(
                sql: """
                    INSERT INTO current (collection, namespace, name, revision) VALUES (?, ?, ?, ?)
                    ON CONFLICT (collection, namespace, name) DO UPDATE SET revision = excluded.revision
                    """)
            point.setUncheckedArguments([
                key.collection, key.namespace, key.name, Int64(clamping: event.revision),
            ])
            try point.execute()
        }
    }

    func advance(to revision: Revision) throws {
        let statement = try database.cachedStatement(sql: "UPDATE state SET revision = ?")
        statement.setUncheckedArguments([Int64(clamping: revision)])
        try statement.execute()
    }

    /// Forgets the events after `start` up to `end`, with the versions they replaced.
    func compact(after start: Revision, upTo end: Revision) throws {
        let arguments: StatementArguments = [Int64(clamping: start), Int64(clamping: end)]
        for sql in [
            """
            DELETE FROM versions WHERE revision IN
                (SELECT previous FROM versions WHERE revision > ? AND revision <= ? AND previous IS NOT NULL)
            """,
            "DELETE FROM versions WHERE revision > ? AND revision <= ? AND change = 3",
        ] {
            let statement = try database.cachedStatement(sql: sql)
            statement.setUncheckedArguments(arguments)
            try statement.execute()
        }
        let statement = try database.cachedStatement(sql: "UPDATE state SET compacted = ?")
        statement.setUncheckedArguments([Int64(clamping: end)])
        try statement.execute()
    }
}
