import KubernetesModel

/// What an informer shows: the projection of every object, by key and by secondary indices. A pure value: the events
/// of the reflector go in, the transitions of what it shows come out.
///
/// Which events are old news is decided here, object by object, because the server may send an event twice, or send
/// again what a reset made it forget it had sent:
///
/// - An event at or below the *floor*, the version up to which the server has declared everything delivered (a complete
///   list, a bookmark), is old.
/// - So is one whose version is the object's known version or older, where versions have an order.
/// - An object that has been deleted since the floor was set is remembered by uid: an event of its life before does not
///   bring it back.
public struct InformerStore<Value: Sendable>: Sendable {
    typealias Entry = InformerEntry<Value>
    typealias Transition = InformerTransition<Value>

    private(set) var entries: [ObjectKey: Entry] = [:]
    private(set) var indices: [InformerIndex<Value>]
    /// The next state while a list comes, in the order of the list.
    private var replacement: Replacement?
    private var floor = ResourceVersion("")
    private var deleted: [ObjectUID: ResourceVersion] = [:]
    public private(set) var counters = InformerStoreCounters()

    private struct Replacement {
        var entries: [ObjectKey: Entry] = [:]
        var order: [ObjectKey] = []
        var trustsKnown: Bool
    }

    public init(indices: [InformerIndex<Value>] = []) { self.indices = indices }

    /// So many deletions are remembered where no bookmark ever says that they need not be.
    static var deletedLimit: Int { 65_536 }
}

public struct InformerStoreCounters: Sendable, Equatable {
    public var adds = 0
    public var updates = 0
    public var deletes = 0
    /// Events that were known already.
    public var duplicates = 0
    /// Events older than what is known.
    public var stale = 0
}

// MARK: - Reading

extension InformerStore {
    public var count: Int { entries.count }

    public subscript(_ key: ObjectKey) -> Value? { entries[key]?.value }

    /// The version of the object that the value was read from.
    public func version(of key: ObjectKey) -> ResourceVersion? { entries[key]?.version }

    public var keys: [ObjectKey] { Array(entries.keys) }

    public func forEach(_ body: (ObjectKey, Value) -> Void) {
        for (key, entry) in entries { body(key, entry.value) }
    }

    /// The keys that an index has under a value, in no order.
    public func keys(_ index: String, _ value: String) -> Set<ObjectKey> {
        indices.first { $0.name == index }?.table[value] ?? []
    }

    public func values(_ index: String, _ value: String) -> [Value] {
        keys(index, value).compactMap { entries[$0]?.value }
    }

    /// The values under which an index has anything.
    public func indexedValues(_ index: String) -> [String] {
        indices.first { $0.name == index }.map { Array($0.table.keys) } ?? []
    }
}

// MARK: - Replacing everything

extension InformerStore {
    mutating func beginReplacement(trustsKnown: Bool) { replacement = Replacement(trustsKnown: trustsKnown) }

    mutating func abandonReplacement() { replacement = nil }

    /// One object of the list. `value` is asked for only if the object is not known in this version.
    mutating func stage(_ identity: ObjectIdentity, _ value: () -> Value?) {
        guard var next = replacement else { return }
        // Taken out while it is changed, so that there is one owner and nothing is copied.
        replacement = nil
        defer { replacement = next }
        if let staged = next.entries[identity.key], staged.uid == identity.uid,
            identity.version.order(relativeTo: staged.version) == .older
        {
            counters.stale += 1
            return
        }
        if next.trustsKnown, let known = entries[identity.key], known.uid == identity.uid,
            known.version == identity.version
        {
            if next.entries.updateValue(known, forKey: identity.key) == nil { next.order.append(identity.key) }
            return
        }
        guard let value = value() else {
            next.entries[identity.key] = nil
            return
        }
        let entry = Entry(value: value, uid: identity.uid, version: identity.version)
        if next.entries.updateValue(entry, forKey: identity.key) == nil { next.order.append(identity.key) }
    }

    /// A deletion among the initial events of a watch-list.
    mutating func unstage(_ identity: ObjectIdentity) {
        guard let staged = replacement?.entries[identity.key], staged.uid == identity.uid else { return }
        replacement?.entries[identity.key] = nil
    }

    /// The replacement becomes the state. The transitions are exactly the differences: first what is gone, so that
    /// nothing is there twice (an address, say) at any moment, then what is new or changed, in the order of the list.
    mutating func commitReplacement(_ version: ResourceVersion) -> [Transition] {
        guard let next = replacement else { return [] }
        replacement = nil
        var events: [Transition] = []
        for (key, old) in entries {
            if let new = next.entries[key], new.uid == old.uid { continue }
            events.append(Transition(key: key, old: old, new: nil))
        }
        var seen: Set<ObjectKey> = []
        let mayRepeat = next.order.count > next.entries.count
        for key in next.order {
            guard let new = next.entries[key], !mayRepeat || seen.insert(key).inserted else { continue }
            guard let old = entries[key], old.uid == new.uid else {
                events.append(Transition(key: key, old: nil, new: new))
                continue
            }
            if old.version != new.version || !next.trustsKnown {
                events.append(Transition(key: key, old: old, new: new))
            }
        }
        entries = next.entries
        floor = version
        deleted = [:]
        for event in events { note(event) }
        return events
    }

    /// Everything up to this version has been delivered.
    mutating func advance(to version: ResourceVersion) {
        floor = version
        deleted = deleted.filter { !$0.value.isCovered(by: version) }
    }
}

// MARK: - Single events

extension InformerStore {
    public enum Verdict: Sendable, Equatable { case news, duplicate, stale }

    /// Whether an event tells anything that is not known.
    func judge(_ type: WatchFrame.Change, _ identity: ObjectIdentity) -> Verdict {
        switch identity.version.order(relativeTo: floor) {
        case .older: return .stale
        case .same: return .duplicate
        case .newer, nil: break
        }
        if let known = entries[identity.key] {
            let order = identity.version.order(relativeTo: known.version)
            if known.uid == identity.uid {
                if order == .older { return .stale }
                // A deletion in the version of the last change is news: old servers do not give it one of its own.
                return order == .same && type != .deleted ? .duplicate : .news
            }
            if order == .older || deleted[identity.uid] != nil { return .stale }
            // The deletion of an object that was here before the one we know.
            return type == .deleted && order != .newer ? .stale : .news
        }
        if type == .deleted { return .duplicate }
        guard let end = deleted[identity.uid] else { return .news }
        switch identity.version.order(relativeTo: end) {
        case .older: return .stale
        case .same: return .duplicate
        // An object that left a selector may come back.
        case .newer, nil: return .news
        }
    }

    /// One event that is news. A nil value is an object that could not be read: it is not shown.
    mutating func apply(
        _ type: WatchFrame.Change, _ identity: ObjectIdentity, _ value: Value?
    ) -> [Transition] {
        var events: [Transition] = []
        let known = entries[identity.key]
        let isSame = known?.uid == identity.uid
        if let known, type == .deleted || value == nil || !isSame {
            entries[identity.key] = nil
            events.append(Transition(key: identity.key, old: known, new: nil))
            remember(deleted: known.uid, at: type == .deleted || value == nil ? identity.version : known.version)
            if type == .deleted, !isSame { remember(deleted: identity.uid, at: identity.version) }
        }
        if type != .deleted, let value {
            let entry = Entry(value: value, uid: identity.uid, version: identity.version)
            entries[identity.key] = entry
            events.append(Transition(key: identity.key, old: isSame ? known : nil, new: entry))
        }
        for event in events { note(event) }
        return events
    }

    private mutating func remember(deleted uid: ObjectUID, at version: ResourceVersion) {
        if deleted.count >= Self.deletedLimit { deleted = [:] }
        deleted[uid] = version
    }

    /// Brings counters and indices up to date.
    private mutating func note(_ event: Transition) {
        switch (event.old?.value, event.new?.value) {
        case (nil, let new?):
            counters.adds += 1
            for index in indices.indices { indices[index].insert(event.key, new) }
        case (let old?, let new?):
            counters.updates += 1
            for index in indices.indices { indices[index].update(event.key, from: old, to: new) }
        case (let old?, nil):
            counters.deletes += 1
            for index in indices.indices { indices[index].remove(event.key, old) }
        case (nil, nil): break
        }
    }

    mutating func count(_ verdict: Verdict) {
        switch verdict {
        case .news: break
        case .duplicate: counters.duplicates += 1
        case .stale: counters.stale += 1
        }
    }
}

// MARK: - Indices

/// Keys by something that a value says: the node of a pod, a namespace, a label.
public struct InformerIndex<Value: Sendable>: Sendable {
    public let name: String
    /// All values under which an object stands in the index.
    let extract: @Sendable (ObjectKey, Value) -> [String]
    private(set) var table: [String: Set<ObjectKey>] = [:]

    public init(_ name: String, _ extract: @escaping @Sendable (ObjectKey, Value) -> [String]) {
        self.name = name
        self.extract = extract
    }

    public static var byNamespace: InformerIndex<Value> { InformerIndex("namespace") { key, _ in [key.namespace] } }

    mutating func insert(_ key: ObjectKey, _ value: Value) {
        for indexed in extract(key, value) { table[indexed, default: []].insert(key) }
    }

    mutating func remove(_ key: ObjectKey, _ value: Value) {
        for indexed in extract(key, value) {
            table[indexed]?.remove(key)
            if table[indexed]?.isEmpty == true { table[indexed] = nil }
        }
    }

    mutating func update(_ key: ObjectKey, from old: Value, to new: Value) {
        let before = extract(key, old)
        let after = extract(key, new)
        if before == after { return }
        remove(key, old)
        insert(key, new)
    }
}
