import Foundation
import GRDB

/// Reads inside one snapshot, or inside the transaction that is being written.
struct StoreReading {
    let database: Database

    struct State: Equatable {
        var revision: Revision
        /// Events up to here are gone; lists before here too.
        var compacted: Revision
    }

    func state() throws -> State {
        let statement = try database.cachedStatement(sql: "SELECT revision, compacted FROM state")
        guard let row = try Row.fetchOne(statement) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "the table \"state\" is empty")
        }
        return State(revision: Self.revision(row, 0), compacted: Self.revision(row, 1))
    }

    func object(_ key: StoreKey) throws -> StoredObject? {
        // SQLite reads a text up to its first NUL; no object has such a name.
        if key.name.utf8.contains(0) || key.namespace.utf8.contains(0) || key.collection.utf8.contains(0) {
            return nil
        }
        let statement = try database.cachedStatement(
            sql: """
                SELECT v.revision, v.uid, v.bytes FROM current c JOIN versions v ON v.revision = c.revision
                WHERE c.collection = ? AND c.namespace = ? AND c.name = ?
                """)
        statement.setUncheckedArguments([key.collection, key.namespace, key.name])
        return try Row.fetchOne(statement).map {
            try StoredObject(
                key: key, uid: Self.text($0, 1), revision: Self.revision($0, 0), bytes: Self.bytes($0, 2))
        }
    }

    func objects(_ collection: String, namespace: String?) throws -> [StoredObject] {
        var objects: [StoredObject] = []
        try eachObject(collection, namespace: namespace, after: nil) {
            objects.append($0)
            return true
        }
        return objects
    }

    /// A place in the order of a collection.
    struct Place: Hashable {
        var namespace: String
        var name: String
    }

    /// The newest version of each object in order, until `body` answers false.
    func eachObject(
        _ collection: String, namespace: String?, after place: Place?, _ body: (StoredObject) throws -> Bool
    ) throws {
        let (condition, arguments) = Self.condition(collection, namespace, after: place)
        let statement = try database.cachedStatement(
            sql: """
                SELECT c.namespace, c.name, v.uid, v.revision, v.bytes
                FROM current c CROSS JOIN versions v ON v.revision = c.revision
                WHERE \(condition) ORDER BY c.namespace, c.name
                """)
        let rows = try Row.fetchCursor(statement, arguments: arguments)
        while let row = try rows.next() {
            let key = StoreKey(collection, namespace: try Self.text(row, 0), name: try Self.text(row, 1))
            let object = StoredObject(
                key: key, uid: try Self.text(row, 2), revision: Self.revision(row, 3), bytes: try Self.bytes(row, 4))
            if try !body(object) { return }
        }
    }

    func count(_ collection: String, namespace: String?, after place: Place?) throws -> Int {
        let (condition, arguments) = Self.condition(collection, namespace, after: place)
        let statement = try database.cachedStatement(sql: "SELECT COUNT(*) FROM current c WHERE \(condition)")
        return try Int.fetchOne(statement, arguments: arguments) ?? 0
    }

    private static func condition(
        _ collection: String, _ namespace: String?, after place: Place?
    ) -> (String, StatementArguments) {
        switch (namespace, place) {
        case (nil, nil): ("c.collection = ?", [collection])
        case (nil, let place?):
            ("c.collection = ? AND (c.namespace, c.name) > (?, ?)", [collection, place.namespace, place.name])
        case (let namespace?, nil): ("c.collection = ? AND c.namespace = ?", [collection, namespace])
        case (let namespace?, let place?):
            ("c.collection = ? AND c.namespace = ? AND c.name > ?", [collection, namespace, place.name])
        }
    }

    // MARK: - Columns

    static func revision(_ row: Row, _ index: Int) -> Revision {
        Revision(clamping: (row[index] as Int64?) ?? 0)
    }

    static func text(_ row: Row, _ index: Int) throws -> String {
        guard let text = String.fromDatabaseValue(row[index]) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a column that is to hold text does not")
        }
        return text
    }

    static func bytes(_ row: Row, _ index: Int) throws -> [UInt8] {
        try row.withUnsafeData(atIndex: index) { data in
            guard let data else {
                throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a version without its bytes")
            }
            return [UInt8](data)
        }
    }
}

// MARK: - The past

extension StoreReading {
    struct Version {
        var object: StoredObject
        var change: StoreEvent.Change
    }

    /// A version that has not been compacted.
    func version(_ revision: Revision) throws -> StoredObject? {
        let statement = try database.cachedStatement(
            sql: "SELECT collection, namespace, name, uid, bytes FROM versions WHERE revision = ?")
        statement.setUncheckedArguments([Int64(clamping: revision)])
        return try Row.fetchOne(statement).map { row in
            let key = StoreKey(
                try Self.text(row, 0), namespace: try Self.text(row, 1), name: try Self.text(row, 2))
            return StoredObject(
                key: key, uid: try Self.text(row, 3), revision: revision, bytes: try Self.bytes(row, 4))
        }
    }

    /// Events after a revision, in order, at most `limit`.
    func events(
        _ collection: String, namespace: String?, name: String?, after revision: Revision, limit: Int
    ) throws -> [StoreEvent] {
        let statement = try database.cachedStatement(
            sql: """
                SELECT revision, change, previous, namespace, name, uid, bytes FROM versions
                WHERE revision > ? AND collection = ? AND (? IS NULL OR namespace = ?) AND (? IS NULL OR name = ?)
                ORDER BY revision LIMIT ?
                """)
        let rows = try Row.fetchCursor(
            statement,
            arguments: [Int64(clamping: revision), collection, namespace, namespace, name, name, limit])
        var events: [StoreEvent] = []
        while let row = try rows.next() {
            guard let change = StoreEvent.Change(rawValue: row[1]) else {
                throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a change of unknown kind")
            }
            let key = StoreKey(collection, namespace: try Self.text(row, 3), name: try Self.text(row, 4))
            let object = StoredObject(
                key: key, uid: try Self.text(row, 5), revision: Self.revision(row, 0), bytes: try Self.bytes(row, 6))
            let previous: Int64? = row[2]
            events.append(
                StoreEvent(change, object, previous: try previous.flatMap { try version(Revision(clamping: $0)) }))
        }
        return events
    }

    /// What is different between now and right after `revision`: for each key that was written since, the version it
    /// had then (nil: it did not exist).
    func differences(
        _ collection: String, namespace: String?, since revision: Revision
    ) throws -> [Place: Revision?] {
        let statement = try database.cachedStatement(
            sql: """
                SELECT namespace, name, previous FROM versions
                WHERE revision > ? AND collection = ? AND (? IS NULL OR namespace = ?) ORDER BY revision
                """)
        let rows = try Row.fetchCursor(
            statement, arguments: [Int64(clamping: revision), collection, namespace, namespace])
        var then: [Place: Revision?] = [:]
        while let row = try rows.next() {
            let place = Place(namespace: try Self.text(row, 0), name: try Self.text(row, 1))
            if then[place] != nil { continue }
            let previous: Int64? = row[2]
            then[place] = .some(previous.map { Revision(clamping: $0) })
        }
        return then
    }

    /// Places and versions of a collection now, in no order.
    func places(_ collection: String, namespace: String?) throws -> [Place: Revision] {
        let (condition, arguments) = Self.condition(collection, namespace, after: nil)
        let statement = try database.cachedStatement(
            sql: "SELECT c.namespace, c.name, c.revision FROM current c WHERE \(condition)")
        let rows = try Row.fetchCursor(statement, arguments: arguments)
        var places: [Place: Revision] = [:]
        while let row = try rows.next() {
            places[Place(namespace: try Self.text(row, 0), name: try Self.text(row, 1))] = Self.revision(row, 2)
        }
        return places
    }
}
