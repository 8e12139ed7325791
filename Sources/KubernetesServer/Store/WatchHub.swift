import Synchronization

/// Hands committed events to those who watch.
///
/// There is no queue for each watcher: the recent events of each collection are kept once, and a watcher is a revision
/// up to which it has seen everything. A slow watcher costs nobody anything; when the recent events have moved past
/// it, it reads the change log in the database, and when that is compacted, it is told so (410). Nothing is lost,
/// doubled or reordered, because a watcher only ever asks for what comes after its revision.
final class WatchHub: Sendable {
    /// What is kept of one collection's events in memory.
    static let eventLimit = 8192
    static let byteLimit = 16 << 20

    /// The recent events of a collection.
    private struct Recent {
        var events: [StoreEvent] = []
        var bytes = 0
        /// Every event after this revision is here.
        var since: Revision

        mutating func append(_ event: StoreEvent) {
            events.append(event)
            bytes += event.object.bytes.count
            guard events.count > WatchHub.eventLimit * 2 || bytes > WatchHub.byteLimit * 2 else { return }
            // Half at a time, so that moving the rest costs little for each event.
            var dropped = 0
            while events.count - dropped > WatchHub.eventLimit || bytes > WatchHub.byteLimit {
                bytes -= events[dropped].object.bytes.count
                dropped += 1
            }
            since = events[dropped - 1].revision
            events.removeFirst(dropped)
        }

        /// The index of the first event after a revision.
        func index(after revision: Revision) -> Int {
            var low = 0
            var high = events.count
            while low < high {
                let middle = (low + high) / 2
                if events[middle].revision > revision { high = middle } else { low = middle + 1 }
            }
            return low
        }
    }

    /// Whom an event wakes.
    private struct Interest: Hashable {
        var collection: String
        /// Nil for watchers of every namespace.
        var namespace: String?
    }

    private struct Sleeper {
        var continuation: CheckedContinuation<Wake, Never>
        var wakeAt: ContinuousClock.Instant?
    }

    private struct State {
        var committed: Revision
        let start: Revision
        var recent: [String: Recent] = [:]
        var sleepers: [Interest: [UInt64: Sleeper]] = [:]
        var nextIdentifier: UInt64 = 0
        var isClosed = false
    }

    enum Wake: Sendable {
        /// There is news; up to this revision there was none for the sleeper.
        case news(after: Revision)
        /// The time asked for has come; up to this revision there was none for the sleeper.
        case time(upTo: Revision)
        case closed
    }

    enum Pull: Sendable {
        case events([StoreEvent], upTo: Revision)
        /// The revision is older than what is in memory.
        case behind
        case closed
    }

    private let state: Mutex<State>

    init(revision: Revision) { state = Mutex(State(committed: revision, start: revision)) }

    var revision: Revision { state.withLock { $0.committed } }

    func publish(_ events: [StoreEvent], _ revision: Revision) {
        let (woken, before) = state.withLock { state -> ([Sleeper], Revision) in
            let before = state.committed
            var interests: Set<Interest> = []
            for event in events {
                let key = event.object.key
                state.recent[key.collection, default: Recent(since: state.start)].append(event)
                interests.insert(Interest(collection: key.collection, namespace: nil))
                interests.insert(Interest(collection: key.collection, namespace: key.namespace))
            }
            state.committed = revision
            var woken: [Sleeper] = []
            for interest in interests {
                if let sleepers = state.sleepers.removeValue(forKey: interest) { woken += sleepers.values }
            }
            return (woken, before)
        }
        for sleeper in woken { sleeper.continuation.resume(returning: .news(after: before)) }
    }

    /// What came after a revision, as far as it is in memory.
    func pull(_ query: WatchQuery, after revision: Revision, limit: Int) -> Pull {
        state.withLock { state in
            if state.isClosed { return .closed }
            guard revision < state.committed else { return .events([], upTo: revision) }
            guard let recent = state.recent[query.collection] else {
                return revision >= state.start ? .events([], upTo: state.committed) : .behind
            }
            guard revision >= recent.since else { return .behind }
            var events: [StoreEvent] = []
            for event in recent.events[recent.index(after: revision)...] where query.sees(event.object.key) {
                events.append(event)
                if events.count == limit { return .events(events, upTo: event.revision) }
            }
            return .events(events, upTo: state.committed)
        }
    }

    /// Waits for news after a revision, for a time, or for the end. Cancellation is an end too.
    func sleep(_ query: WatchQuery, after revision: Revision, until time: ContinuousClock.Instant?) async -> Wake {
        let interest = Interest(collection: query.collection, namespace: query.namespace)
        let identifier = state.withLock { state in
            state.nextIdentifier += 1
            return state.nextIdentifier
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let now: Wake? = state.withLock { state in
                    if state.isClosed || Task.isCancelled { return .closed }
                    // Committed since the caller looked: it looks again. A watch from the future sleeps on.
                    if state.committed > revision { return .news(after: revision) }
                    state.sleepers[interest, default: [:]][identifier] = Sleeper(
                        continuation: continuation, wakeAt: time)
                    return nil
                }
                if let now { continuation.resume(returning: now) }
            }
        } onCancel: {
            let sleeper = state.withLock { $0.sleepers[interest]?.removeValue(forKey: identifier) }
            sleeper?.continuation.resume(returning: .closed)
        }
    }

    /// Wakes those whose time has come.
    func tick(_ now: ContinuousClock.Instant) {
        let (woken, revision) = state.withLock { state -> ([Sleeper], Revision) in
            var woken: [Sleeper] = []
            for (interest, sleepers) in state.sleepers {
                for (identifier, sleeper) in sleepers {
                    guard let time = sleeper.wakeAt, time <= now else { continue }
                    state.sleepers[interest]?.removeValue(forKey: identifier)
                    woken.append(sleeper)
                }
            }
            return (woken, state.committed)
        }
        for sleeper in woken { sleeper.continuation.resume(returning: .time(upTo: revision)) }
    }

    func close() {
        let woken = state.withLock { state in
            state.isClosed = true
            defer { state.sleepers = [:] }
            return state.sleepers.values.flatMap(\.values)
        }
        for sleeper in woken { sleeper.continuation.resume(returning: .closed) }
    }
}

extension WatchQuery {
    func sees(_ key: StoreKey) -> Bool {
        key.collection == collection && (namespace == nil || key.namespace == namespace)
            && (name == nil || key.name == name)
    }
}
