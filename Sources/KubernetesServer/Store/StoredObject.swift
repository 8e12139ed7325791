import JSONTree

/// The number of a write, over the whole store: an object's `resourceVersion` is the revision of its last write. Only
/// ever grows, also across restarts; 0 is before everything.
public typealias Revision = UInt64

/// Where an object is.
public struct StoreKey: Hashable, Sendable, CustomStringConvertible {
    /// The group resource as `resource.group`, the core group without a dot: `pods`, `deployments.apps`. Versions of
    /// one resource are the same objects.
    public var collection: String
    /// Empty for objects of the whole cluster.
    public var namespace: String
    public var name: String

    public init(_ collection: String, namespace: String = "", name: String) {
        self.collection = collection
        self.namespace = namespace
        self.name = name
    }

    public var description: String {
        namespace.isEmpty ? "\(collection)/\(name)" : "\(collection)/\(namespace)/\(name)"
    }
}

/// One version of one object.
public struct StoredObject: Hashable, Sendable {
    public var key: StoreKey
    public var uid: String
    public var revision: Revision
    /// The object as JSON. `metadata.resourceVersion` is `revision`; otherwise the bytes are as they were given.
    public var bytes: [UInt8]

    public init(key: StoreKey, uid: String, revision: Revision, bytes: [UInt8]) {
        self.key = key
        self.uid = uid
        self.revision = revision
        self.bytes = bytes
    }
}

/// One write as a watcher sees it.
public struct StoreEvent: Hashable, Sendable {
    public enum Change: UInt8, Sendable {
        /// `object` is the new one, `previous` nil.
        case created = 1
        /// `object` is the new state, `previous` the old one.
        case updated = 2
        /// `object` is the last state with the revision of the deletion, `previous` the last state as it was.
        case deleted = 3
    }

    public var change: Change
    public var object: StoredObject
    /// What was there before: whoever watches with a selector needs it, because an object that leaves the selection
    /// is DELETED to that watcher, with its previous state and this revision.
    public var previous: StoredObject?

    public var revision: Revision { object.revision }

    public init(_ change: Change, _ object: StoredObject, previous: StoredObject?) {
        self.change = change
        self.object = object
        self.previous = previous
    }
}
