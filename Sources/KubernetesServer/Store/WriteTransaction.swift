/// A read-modify-write: what it reads nobody else changes until it is committed, and all of its writes are committed
/// together or not at all. Writes are seen by its own later reads.
///
/// A read that the database refuses answers as if nothing were there; the transaction then fails with the database's
/// reason, whatever its body answers.
public final class WriteTransaction {
    let reader: any TransactionReader
    private(set) var failure: StoreFailure?
    /// The revision of the last write, committed or of this transaction.
    public private(set) var revision: Revision
    private(set) var events: [StoreEvent] = []
    /// What this transaction wrote last under a key; nil for a deletion.
    private var written: [StoreKey: StoredObject?] = [:]

    init(reader: any TransactionReader, revision: Revision) {
        self.reader = reader
        self.revision = revision
    }

    public func object(_ key: StoreKey) -> StoredObject? {
        if let own = written[key] { return own }
        return reading(nil) { () throws(StoreFailure) in try reader.object(key) }
    }

    /// Every object of a collection, or of it in one namespace, in order.
    public func objects(_ collection: String, namespace: String? = nil) -> [StoredObject] {
        var objects = reading([]) { () throws(StoreFailure) in
            try reader.objects(collection, namespace: namespace)
        }
        let own = written.filter {
            $0.key.collection == collection && (namespace == nil || $0.key.namespace == namespace)
        }
        if own.isEmpty { return objects }
        objects.removeAll { own.keys.contains($0.key) }
        objects += own.values.compactMap { $0 }
        return objects.sorted {
            $0.key.namespace == $1.key.namespace
                ? $0.key.name.utf8.lexicographicallyPrecedes($1.key.name.utf8)
                : $0.key.namespace.utf8.lexicographicallyPrecedes($1.key.namespace.utf8)
        }
    }

    /// Creates or replaces what is under `key`, and answers the object as it will be stored: with its new
    /// `metadata.resourceVersion`.
    @discardableResult
    public func put(_ key: StoreKey, uid: String, _ bytes: [UInt8]) -> StoredObject {
        let previous = object(key)
        revision += 1
        let object = StoredObject(
            key: key, uid: uid, revision: revision, bytes: ObjectBytes.settingResourceVersion(revision, in: bytes))
        written[key] = .some(object)
        events.append(StoreEvent(previous == nil ? .created : .updated, object, previous: previous))
        return object
    }

    /// Removes what is under `key` and answers its last state, with the revision of the deletion; nil when there is
    /// nothing.
    @discardableResult
    public func delete(_ key: StoreKey) -> StoredObject? {
        guard let previous = object(key) else { return nil }
        revision += 1
        let last = StoredObject(
            key: key, uid: previous.uid, revision: revision,
            bytes: ObjectBytes.settingResourceVersion(revision, in: previous.bytes))
        written[key] = .some(nil)
        events.append(StoreEvent(.deleted, last, previous: previous))
        return last
    }

    private func reading<Value>(_ fallback: Value, _ read: () throws(StoreFailure) -> Value) -> Value {
        do throws(StoreFailure) {
            return try read()
        } catch {
            failure = failure ?? error
            return fallback
        }
    }
}

/// What a transaction reads from: the database with the writes of the transactions before it.
protocol TransactionReader {
    func object(_ key: StoreKey) throws(StoreFailure) -> StoredObject?
    func objects(_ collection: String, namespace: String?) throws(StoreFailure) -> [StoredObject]
}
