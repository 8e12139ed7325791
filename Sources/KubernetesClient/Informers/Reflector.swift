/// The conversation of one informer with the server, as a state machine: list, watch from there, resume, start over.
///
/// Every event is one function that returns what to do, in order. Nothing in here looks at a clock (time is handed
/// in, as the time since some fixed moment), opens a socket, keeps objects or waits. The last action that is a
/// `.request` or a `.wait` is what the reflector does next; there is never more than one request open.
///
/// What the machine knows of time is monotonic. The server's clock (`Date`, timestamps in objects) decides nothing.
public struct Reflector: Sendable {
    public enum Action: Sendable, Equatable {
        /// Ask this; tell the answer with ``answered(at:)`` or ``refused(_:at:)``.
        case request(ReflectorQuery)
        /// Do nothing until then, and call ``waited(at:)``.
        case wait(until: Duration)
        /// The open answer is not read any further.
        case close
        /// What is listed from now on will replace what the store has. Unless `trustsKnown`, an object whose uid and
        /// version are as known counts as changed all the same.
        case beginReplacement(trustsKnown: Bool)
        /// Everything has been listed, as of this version.
        case commitReplacement(ResourceVersion)
        /// The replacement is incomplete and is forgotten; the store stays as it is.
        case abandonReplacement
        /// The event belongs into the replacement.
        case stage
        /// The event belongs into the store.
        case apply
        /// Everything up to this version has been delivered.
        case advance(ResourceVersion)
        case report(ReflectorFault)
    }

    enum Intent: Equatable {
        case list(trustsKnown: Bool)
        case watch
    }

    enum State: Equatable {
        case idle
        case waiting(until: Duration, then: Intent)
        case listing(Listing)
        case watching(Watching)
        case stopped
    }

    struct Listing: Equatable {
        var query: ReflectorQuery.List
        /// When the first page was asked for: what was written before is in a consistent list.
        var began: Duration
        var heard: Duration
        /// The version of the first page.
        var version: ResourceVersion?
    }

    struct Watching: Equatable {
        var query: ReflectorQuery.Watch
        var opened: Duration
        var heard: Duration
        var isAnswered = false
        /// The initial events of a watch-list are still coming.
        var isInitial: Bool
        /// Complete events of any type that were of use.
        var frames = 0
        var bookmarks = 0
    }

    /// Whether this server sends bookmarks, as far as has been seen.
    enum Bookmarks: Equatable { case unknown, coming, absent }

    public let settings: ReflectorSettings
    var state = State.idle
    var random: SplitMix64
    var backoff: Backoff
    var bookmarks = Bookmarks.unknown
    var watchListWorks: Bool
    var watchListAttempts = 0
    /// A continue token has expired: the next list is asked for in one piece.
    var listsInOnePiece = false
    /// Refusals and malformed events in a row at one and the same version.
    var failuresHere = 0
    var silentWatches = 0
    /// A watch brought something since the last list: a list that is needed now need not wait.
    var watchedSinceList = true

    /// The version to go on from; nil before the first complete list.
    public internal(set) var version: ResourceVersion?
    /// When the server last said something that the store now shows (a complete list, an event, a bookmark), or
    /// ended a watch in order.
    public internal(set) var lastHeard: Duration?
    /// Everything written before this moment is in the store: when the last consistent list was asked for.
    public internal(set) var consistentSince: Duration?
    /// What stands between the store and the server now; nil while a watch is open and answered.
    public internal(set) var trouble: ReflectorFault?
    public internal(set) var counters = ReflectorCounters()

    public init(settings: ReflectorSettings = ReflectorSettings(), seed: UInt64) {
        self.settings = settings
        random = SplitMix64(seed: seed)
        backoff = settings.backoff
        watchListWorks = settings.usesWatchList
    }

    /// Whether a watch is open and the server has agreed to it.
    public var isWatching: Bool {
        if case .watching(let watching) = state { watching.isAnswered && !watching.isInitial } else { false }
    }

    /// When the open request is to be given up with ``overdue(at:)``, unless something is heard first.
    public var deadline: Duration? {
        switch state {
        case .idle, .waiting, .stopped: return nil
        case .listing(let listing): return listing.heard + settings.listPatience
        case .watching(let watching):
            if !watching.isAnswered { return watching.opened + settings.headPatience }
            if watching.isInitial { return watching.heard + settings.listPatience }
            let end = watching.opened + .seconds(watching.query.timeoutSeconds) + settings.endGrace
            return bookmarks == .coming ? min(end, watching.heard + settings.bookmarkPatience) : end
        }
    }
}

/// What happened so far, for metrics and tests.
public struct ReflectorCounters: Sendable, Equatable {
    public var lists = 0
    public var pages = 0
    public var watches = 0
    public var bookmarks = 0
    /// Watches that went on from where the one before had ended.
    public var resumes = 0
    /// 410, as a status or as an event.
    public var expired = 0
    public var refused = 0
    public var disconnects = 0
    public var malformed = 0
    public var silences = 0
}

// MARK: - Beginning and waiting

extension Reflector {
    public mutating func start(at now: Duration) -> [Action] {
        guard case .idle = state else { return [] }
        return begin(.list(trustsKnown: true), at: now)
    }

    /// Nothing more is wanted.
    public mutating func stop() -> [Action] {
        let actions = closing()
        state = .stopped
        return actions
    }

    /// The time of `.wait` has come.
    public mutating func waited(at now: Duration) -> [Action] {
        guard case .waiting(let until, let intent) = state else { return [] }
        return now < until ? [.wait(until: until)] : begin(intent, at: now)
    }

    mutating func begin(_ intent: Intent, at now: Duration) -> [Action] {
        switch intent {
        case .list(let trustsKnown):
            watchedSinceList = false
            // A server that may have gone back in time is asked for a plain list: initial events would be compared
            // with what it remembers of us.
            if watchListWorks && trustsKnown { return openWatch(from: nil, at: now) }
            let isFirst = version == nil && counters.lists == 0
            counters.lists += 1
            let query = ReflectorQuery.List(
                limit: listsInOnePiece ? 0 : settings.pageSize, continuation: "",
                resourceVersion: isFirst && settings.firstList == .cached ? ResourceVersion("0") : nil)
            state = .listing(Listing(query: query, began: now, heard: now))
            return [.beginReplacement(trustsKnown: trustsKnown), .request(.list(query))]
        case .watch:
            guard let version else { return begin(.list(trustsKnown: true), at: now) }
            counters.resumes += 1
            return openWatch(from: version, at: now)
        }
    }

    mutating func openWatch(from version: ResourceVersion?, at now: Duration) -> [Action] {
        counters.watches += 1
        if version == nil {
            counters.lists += 1
            watchListAttempts += 1
        }
        let range = bookmarks == .coming ? settings.watchSeconds : settings.watchSecondsWithoutBookmarks
        let query = ReflectorQuery.Watch(
            resourceVersion: version, timeoutSeconds: Int.random(in: range, using: &random))
        state = .watching(Watching(query: query, opened: now, heard: now, isInitial: version == nil))
        return (version == nil ? [.beginReplacement(trustsKnown: true)] : []) + [.request(.watch(query))]
    }

    /// What has to be undone when the open request is left.
    func closing() -> [Action] {
        switch state {
        case .listing: [.close, .abandonReplacement]
        case .watching(let watching): watching.isInitial ? [.close, .abandonReplacement] : [.close]
        case .idle, .waiting, .stopped: []
        }
    }
}

// MARK: - Answers

extension Reflector {
    /// The answer's head is 200.
    public mutating func answered(at now: Duration) -> [Action] {
        heard(at: now)
        if case .watching(var watching) = state {
            watching.isAnswered = true
            state = .watching(watching)
            if !watching.isInitial { trouble = nil }
        }
        return []
    }

    /// Bytes have come, whatever they are. The server lives; whether the store is current is another question.
    public mutating func heard(at now: Duration) {
        switch state {
        case .listing(var listing):
            listing.heard = now
            state = .listing(listing)
        case .watching(var watching):
            watching.heard = now
            state = .watching(watching)
        case .idle, .waiting, .stopped: break
        }
    }

    /// A page of a list is complete: its objects have been staged by the caller while they came.
    public mutating func listed(
        version: ResourceVersion, continuation: String, at now: Duration
    ) -> [Action] {
        guard case .listing(var listing) = state else { return [] }
        counters.pages += 1
        if version.isEmpty { return malformed("the list has no metadata.resourceVersion", at: now) }
        // Should pages differ in their version, the watch begins at the first: it brings what the later ones had.
        let first = listing.version ?? version
        guard continuation.isEmpty else {
            listing.version = first
            listing.heard = now
            listing.query.continuation = continuation
            state = .listing(listing)
            return [.request(.list(listing.query))]
        }
        if listing.query.resourceVersion == nil { consistentSince = listing.began }
        listsInOnePiece = false
        return [.commitReplacement(first), complete(first, at: now)] + openWatch(from: first, at: now)
    }

    /// The store has been brought to this version by a list or by initial events.
    mutating func complete(_ version: ResourceVersion, at now: Duration) -> Action {
        self.version = version
        lastHeard = now
        failuresHere = 0
        silentWatches = 0
        return .advance(version)
    }

    /// The server said no, as the answer's status.
    public mutating func refused(_ status: ServerStatus, at now: Duration) -> [Action] {
        switch state {
        case .idle, .waiting, .stopped: return []
        case .listing(let listing): return listRefused(status, listing, at: now)
        case .watching(let watching): return watchRefused(status, watching, at: now)
        }
    }

    private mutating func listRefused(_ status: ServerStatus, _ listing: Listing, at now: Duration) -> [Action] {
        // An expired continue token (or, after a restart, one the server cannot read) is no reason to wait: the list
        // is asked for once more, in one piece, which cannot expire.
        if !listing.query.continuation.isEmpty, status.isExpired || status.code == 400 {
            counters.expired += 1
            if !listsInOnePiece {
                listsInOnePiece = true
                let actions = closing() + [.report(.expired(status.message))]
                return actions + begin(.list(trustsKnown: true), at: now)
            }
        }
        counters.refused += 1
        return fail(.refused(status), then: .list(trustsKnown: true), askedToWait: status.retryAfter, at: now)
    }

    func isWatchListRefusal(_ status: ServerStatus) -> Bool {
        !status.isAboutTheServer && !status.isExpired
    }

    mutating func watchRefused(_ status: ServerStatus, _ watching: Watching, at now: Duration) -> [Action] {
        if status.isExpired { return expired(status.message, at: now) }
        if watching.isInitial, isWatchListRefusal(status) {
            return listInstead("\(status.code) \(status.reason): \(status.message)", at: now)
        }
        counters.refused += 1
        if !status.isAboutTheServer { failuresHere += 1 }
        // A resource that is not served any more is for a list to tell.
        let lists = status.code == 404 || status.isFromTheFuture || failuresHere >= settings.failuresBeforeList
        return fail(
            .refused(status), then: lists || version == nil ? .list(trustsKnown: true) : .watch,
            askedToWait: status.retryAfter, at: now)
    }

    /// The version to go on from is gone. A list follows; at once if there has been progress since the last one, so
    /// that a server that compacts faster than we read does not get us into a tight loop.
    mutating func expired(_ message: String, at now: Duration) -> [Action] {
        counters.expired += 1
        if watchedSinceList {
            let actions = closing() + [.report(.expired(message))]
            trouble = .expired(message)
            return actions + begin(.list(trustsKnown: true), at: now)
        }
        return fail(.expired(message), then: .list(trustsKnown: true), at: now)
    }

    /// The server does not know watch-lists: this reflector does not ask for one again.
    mutating func listInstead(_ reason: String, at now: Duration) -> [Action] {
        let actions = closing() + [.report(.noWatchList(reason))]
        watchListWorks = false
        return actions + begin(.list(trustsKnown: true), at: now)
    }

    mutating func fail(
        _ fault: ReflectorFault, then intent: Intent, askedToWait: Duration? = nil, at now: Duration
    ) -> [Action] {
        trouble = fault
        let until = now + backoff.failed(askedToWait: askedToWait, random: &random)
        let actions = closing() + [.report(fault), .wait(until: until)]
        state = .waiting(until: until, then: intent)
        return actions
    }
}
