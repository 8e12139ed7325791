/// How a reflector asks and how long it waits. The defaults suit a real cluster; tests shorten them.
public struct ReflectorSettings: Sendable, Equatable {
    /// Objects on one page of a list. 0: everything in one answer.
    public var pageSize = 500

    /// What the very first list may be answered from. Lists after it are always consistent: a cached answer could be
    /// older than what the store already shows.
    public var firstList = FirstList.consistent

    public enum FirstList: Sendable, Equatable {
        /// No `resourceVersion`: everything written before the request is in the answer.
        case consistent
        /// `resourceVersion=0`: whatever the server has in its cache, which spares it but may be old.
        case cached
    }

    /// Ask for the objects as a stream of initial events (watch-list, KEP-3157) before asking for lists.
    public var usesWatchList = true

    /// A list, or the initial events of a watch-list, that brings no byte for this long is given up.
    public var listPatience: Duration = .seconds(60)

    /// A watch whose answer's head does not come for this long is given up.
    public var headPatience: Duration = .seconds(30)

    /// `timeoutSeconds` of a watch is drawn from this range where the server sends bookmarks.
    public var watchSeconds: ClosedRange<Int> = 300...600

    /// `timeoutSeconds` where no bookmark has been seen: a quiet resource then shows no sign of life but the end of
    /// its watch. Longer than a minute, so that a server that has bookmarks gets to send one (kube-apiserver sends
    /// one a minute, and one shortly before the end).
    public var watchSecondsWithoutBookmarks: ClosedRange<Int> = 90...120

    /// Where bookmarks come, a watch that brings nothing for this long is taken for half-open: two were missed.
    public var bookmarkPatience: Duration = .seconds(130)

    /// How long past its `timeoutSeconds` a server may take to end a watch.
    public var endGrace: Duration = .seconds(15)

    /// A watch that ends in order, but sooner than this and without having brought anything, counts as a failure.
    public var shortestWatch: Duration = .seconds(1)

    public var backoff = Backoff(base: .milliseconds(500), limit: .seconds(30))

    /// So many refusals or malformed events in a row at one and the same version end in a new list.
    public var failuresBeforeList = 3

    /// So many watches in a row that brought nothing at all end in a new list: a server that went back in time (its
    /// store restored from a backup) answers a watch from the future with silence.
    public var silentWatchesBeforeList = 3

    public init() {}
}
