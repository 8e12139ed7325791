/// What a list is to hold.
public struct ListQuery: Sendable {
    /// Of when the list is to be.
    public enum Age: Hashable, Sendable {
        /// As it is now, everything acknowledged included.
        case newest
        /// Now, and now must not be before this revision (`resourceVersionMatch=NotOlderThan`).
        case notOlderThan(Revision)
        /// As it was right after this revision (`resourceVersionMatch=Exact`).
        case exactly(Revision)
    }

    public var collection: String
    /// Nil for every namespace.
    public var namespace: String?
    public var age: Age
    /// At most so many objects in the page; nil for all.
    public var limit: Int?
    /// `continue` of the page before; it decides the age.
    public var token: String?
    /// Objects it refuses are not counted towards the limit.
    public var filter: (@Sendable (StoredObject) -> Bool)?

    public init(
        _ collection: String, namespace: String? = nil, age: Age = .newest, limit: Int? = nil, token: String? = nil,
        filter: (@Sendable (StoredObject) -> Bool)? = nil
    ) {
        self.collection = collection
        self.namespace = namespace
        self.age = age
        self.limit = limit
        self.token = token
        self.filter = filter
    }
}

/// Objects in the order of their namespaces and names (bytewise, as etcd has them).
public struct ListPage: Sendable {
    public var objects: [StoredObject]
    /// The list's `resourceVersion`: a watch from here misses nothing. The same for every page of one list.
    public var revision: Revision
    /// For the next page; nil on the last.
    public var next: String?
    /// `remainingItemCount`: nil on the last page and with a filter.
    public var remaining: Int?

    public init(objects: [StoredObject], revision: Revision, next: String? = nil, remaining: Int? = nil) {
        self.objects = objects
        self.revision = revision
        self.next = next
        self.remaining = remaining
    }
}
