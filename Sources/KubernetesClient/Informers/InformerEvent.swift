import KubernetesModel

/// One transition of what an informer shows. For each key the transitions alternate as they must: an object is added
/// once, updated while it is there, deleted once.
public enum InformerEvent<Value: Sendable>: Sendable {
    case added(ObjectKey, Value)
    case updated(ObjectKey, from: Value, to: Value)
    /// With the last state that was known.
    case deleted(ObjectKey, Value)
    /// Everything the first complete list had has been delivered. Comes once to each subscriber.
    case synced

    public var key: ObjectKey? {
        switch self {
        case .added(let key, _), .updated(let key, _, _), .deleted(let key, _): key
        case .synced: nil
        }
    }

    /// The state after it; nil after a deletion.
    public var value: Value? {
        switch self {
        case .added(_, let value), .updated(_, _, let value): value
        case .deleted, .synced: nil
        }
    }
}

/// What a store needs to know of an object to tell what an event means for it.
public struct ObjectIdentity: Sendable, Hashable {
    public var key: ObjectKey
    let uid: ObjectUID
    public var version: ResourceVersion

    public init(key: ObjectKey, uid: String, version: ResourceVersion) {
        self.key = key
        self.uid = ObjectUID(uid)
        self.version = version
    }
}

/// A projection with the object it was read from. A class, so that the store, a replacement that shares it and the
/// queues of slow subscribers have it once.
final class InformerEntry<Value: Sendable>: Sendable {
    let value: Value
    let uid: ObjectUID
    let version: ResourceVersion

    init(value: Value, uid: ObjectUID, version: ResourceVersion) {
        self.value = value
        self.uid = uid
        self.version = version
    }
}

/// A transition inside: without an old entry an addition, without a new one a deletion, with both an update.
struct InformerTransition<Value: Sendable>: Sendable {
    let key: ObjectKey
    var old: InformerEntry<Value>?
    var new: InformerEntry<Value>?

    var event: InformerEvent<Value>? {
        switch (old, new) {
        case (nil, let new?): .added(key, new.value)
        case (let old?, let new?): .updated(key, from: old.value, to: new.value)
        case (let old?, nil): .deleted(key, old.value)
        case (nil, nil): nil
        }
    }
}
