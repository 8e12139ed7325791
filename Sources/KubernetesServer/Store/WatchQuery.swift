/// What a watch is to see.
public struct WatchQuery: Sendable {
    public var collection: String
    /// Nil for every namespace.
    public var namespace: String?
    /// Nil for every name. (A watch of one object: `fieldSelector=metadata.name=...`.)
    public var name: String?
    /// Everything after this revision is delivered.
    public var after: Revision
    /// An empty batch that only tells how far the watch has come, after so long without any other; nil for none.
    public var bookmarkInterval: Duration?
    /// The watch ends after so long (`timeoutSeconds`); nil for never.
    public var timeout: Duration?

    public init(
        _ collection: String, namespace: String? = nil, name: String? = nil, after: Revision,
        bookmarkInterval: Duration? = nil, timeout: Duration? = nil
    ) {
        self.collection = collection
        self.namespace = namespace
        self.name = name
        self.after = after
        self.bookmarkInterval = bookmarkInterval
        self.timeout = timeout
    }
}

/// What a watch delivers at a time: everything that has come since the last, in order.
public struct WatchBatch: Sendable {
    /// Empty for a bookmark.
    public var events: [StoreEvent]
    /// Everything up to this revision that the watch is to see has been delivered, this batch included.
    public var revision: Revision

    public init(events: [StoreEvent], revision: Revision) {
        self.events = events
        self.revision = revision
    }
}
