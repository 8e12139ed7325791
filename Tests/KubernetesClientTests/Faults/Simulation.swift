import KubernetesModel

@testable import KubernetesClient

/// A server, a network that misbehaves and an informer, in virtual time and out of one random number.
///
/// After every event the informer is compared with the truth. The central statement needs no tolerance: what the
/// store shows is *exactly* the state of the cluster at the version the informer says it is at.
struct Simulation {
    let seed: UInt64
    let steps: Int
    /// How often something goes wrong, of a hundred.
    let misery: Int
    private var random: SplitMix64
    private(set) var cluster: SimulatedCluster
    private var habits: ServerHabits
    private var core: InformerCore<SimulatedValue>
    private var connection: SimulatedConnection?
    private var now: Duration = .zero
    /// When the cluster came to each revision.
    private var history: [(time: Duration, revision: UInt64)] = []
    private var prompt = TransitionChecker()
    private var slow = TransitionChecker()
    private var slowQueue = DeliveryQueue<SimulatedValue>()
    private var late: (queue: DeliveryQueue<SimulatedValue>, checker: TransitionChecker)?
    /// When the informer last read anything or saw an orderly end.
    private var lastContact: Duration = .zero
    private var isHealthy = false
    /// Client-side sabotage, to see that the comparisons notice.
    private let sabotage: Sabotage?
    private(set) var events = 0

    /// What the schedule made happen.
    var coverage: Coverage {
        var coverage = Coverage()
        let (reflector, store) = (core.reflector.counters, core.store.counters)
        for (name, count) in [
            ("lists", reflector.lists), ("pages", reflector.pages), ("resumes", reflector.resumes),
            ("bookmarks", reflector.bookmarks), ("expired", reflector.expired), ("refused", reflector.refused),
            ("disconnects", reflector.disconnects), ("malformed", reflector.malformed),
            ("silences", reflector.silences), ("adds", store.adds), ("updates", store.updates),
            ("deletes", store.deletes), ("duplicates", store.duplicates), ("stale", store.stale),
            ("merged", slowQueue.merged), ("told", told),
        ] {
            coverage.counts[name, default: 0] += count
        }
        return coverage
    }

    struct Coverage: Equatable {
        var counts: [String: Int] = [:]

        mutating func add(_ other: Coverage) { counts.merge(other.counts, uniquingKeysWith: +) }
    }

    /// Changes that were compared one by one with what was told of them.
    private var told = 0

    /// Ways of breaking an informer from outside, each of which some comparison must notice.
    enum Sabotage: CaseIterable {
        case losesEvents, repeatsTransitions, reordersTransitions, mergesComings, claimsFreshness
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    init(seed: UInt64, steps: Int, sabotage: Sabotage? = nil) {
        self.seed = seed
        self.steps = steps
        self.sabotage = sabotage
        random = SplitMix64(seed: seed)
        let isOpaque = Int.random(in: 0..<8, using: &random) == 0
        cluster = SimulatedCluster(startingAt: 100, isOpaque: isOpaque)
        habits = ServerHabits(
            watchList: ServerHabits.WatchList.allCases.randomElement(using: &random) ?? .works,
            bookmarks: Bool.random(using: &random))
        misery = [0, 3, 10, 30].randomElement(using: &random) ?? 10
        var settings = ReflectorSettings()
        settings.pageSize = Int.random(in: 0...4, using: &random)
        settings.usesWatchList = Int.random(in: 0..<3, using: &random) > 0
        settings.firstList = Bool.random(using: &random) ? .cached : .consistent
        core = InformerCore(
            projection: SimulatedValue.projection,
            indices: [.byNamespace, InformerIndex("payload") { _, value in [value.payload] }],
            settings: settings, seed: seed &+ 1)
        history = [(.zero, cluster.revision)]
    }

    mutating func run() throws(Failure) {
        for _ in 0..<Int.random(in: 0...6, using: &random) { write() }
        core.start(at: now)
        try settle()
        for _ in 0..<steps { try step() }
        try converge()
    }

    private func fail(_ what: String) -> Failure {
        Failure(
            description: """
                \(what) (virtual time \(now), cluster at \(cluster.revision), informer at \
                \(core.reflector.version?.text ?? "nothing"), \(habits.watchList), bookmarks \(habits.bookmarks))
                """)
    }

    // MARK: - Steps

    private mutating func step() throws(Failure) {
        if Int.random(in: 0..<100, using: &random) < misery { try misbehave() }
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<30: write()
        case 30..<45: advance(by: .milliseconds(Int.random(in: 1...3000, using: &random)))
        case 45..<48: advance(by: .seconds(Int.random(in: 3...200, using: &random)))
        case 48..<52: connection?.sendBookmark(cluster, habits, at: now)
        case 52..<54: cluster.compact(to: cluster.revision - UInt64.random(in: 0...5, using: &random))
        case 54..<62: try drainSlowly()
        case 62..<63: subscribeLate()
        default: try read()
        }
        try settle()
        try compareContact()
    }

    private mutating func write() {
        let key = ObjectKey(
            namespace: ["a", "b", ""][Int.random(in: 0..<3, using: &random)],
            name: "o\(Int.random(in: 0..<4, using: &random))")
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<3: cluster.delete(key)
        case 3:
            // Deleted and made anew under the same name: another object.
            cluster.delete(key)
            cluster.write(key, payload: payload())
        default: cluster.write(key, payload: payload())
        }
        history.append((now, cluster.revision))
    }

    private mutating func payload() -> Int {
        Int.random(in: 0..<SimulatedCluster.payloads.count, using: &random)
    }

    private mutating func advance(by time: Duration) {
        now += time
        guard let open = connection, !open.isHalfOpen else { return }
        if case .watch(let query) = open.query, open.isAnswered {
            if habits.bookmarks, now - open.lastBookmark > .seconds(60) {
                connection?.deliver(cluster, habits)
                connection?.sendBookmark(cluster, habits, at: now)
            }
            if now - open.opened > .seconds(query.timeoutSeconds) { connection?.isFinished = true }
        }
    }

    /// The network brings some bytes, cut anywhere.
    private mutating func read() throws(Failure) {
        guard var open = connection, !open.isHalfOpen else { return }
        open.deliver(cluster, habits)
        if open.owesInitialEnd, Bool.random(using: &random) { open.sendBookmark(cluster, habits, at: now) }
        let most = Bool.random(using: &random) ? 60 : 4000
        let count = min(open.wire.count, Int.random(in: 1...most, using: &random))
        let chunk = Array(open.wire.prefix(count))
        open.wire.removeFirst(count)
        connection = open
        if !chunk.isEmpty || open.isFinished { lastContact = now }
        if !chunk.isEmpty {
            try tell { $0.received(open.number, chunk, at: $1) }
        } else if open.isFinished {
            connection = nil
            try tell { $0.ended(open.number, at: $1) }
        }
    }

    /// Does what the informer wants next, and passes the deadlines that time has come to.
    private mutating func settle() throws(Failure) {
        for _ in 0..<20 {
            switch core.step {
            case .stopped: throw fail("the informer has stopped")
            case .wait(let until):
                connection = nil
                guard until <= now else { return }
                try tell { $0.waited(at: $1) }
            case .request(let query, let number):
                if connection?.number != number { try open(query, number) }
                guard let deadline = core.reflector.deadline, core.isOpen(number) else { continue }
                guard deadline <= now else { return }
                try tell { $0.overdue(number, at: $1) }
            }
        }
        throw fail("the informer does not come to rest: it asks again and again without waiting")
    }

    private mutating func open(_ query: ReflectorQuery, _ number: Int) throws(Failure) {
        var open = SimulatedConnection(number: number, query: query, opened: now)
        if !isHealthy, Int.random(in: 0..<100, using: &random) < misery {
            switch Int.random(in: 0..<8, using: &random) {
            case 0: return try tell { $0.disconnected(number, "connection refused", at: $1) }
            case 1: return try refuse(number, 429, "TooManyRequests", retryAfter: Int.random(in: 0...5, using: &random))
            case 2: return try refuse(number, 500, "InternalError")
            case 3: return try refuse(number, 503, "ServiceUnavailable")
            case 4: return try refuse(number, 401, "Unauthorized")
            case 5: return try refuse(number, 410, "Expired")
            case 6: return try refuse(number, 504, "Timeout", cause: "ResourceVersionTooLarge")
            default:
                open.isHalfOpen = true
                connection = open
                return
            }
        }
        switch query {
        case .list(let list):
            if list.resourceVersion != nil, !isHealthy, Bool.random(using: &random) {
                // From a cache that is behind.
                let behind = cluster.revision - min(2, cluster.revision - cluster.compacted)
                var past = cluster
                past.restore(to: behind)
                try answer(past.list(list), &open)
            } else {
                try answer(cluster.list(list), &open)
            }
        case .watch(let watch): try answer(watch, &open)
        }
    }

    private mutating func answer(
        _ answer: SimulatedCluster.Answer, _ open: inout SimulatedConnection
    ) throws(Failure) {
        switch answer {
        case .status(let code, let body):
            let status = ServerStatus(httpStatus: code, headers: [], body: Array(body.utf8))
            let number = open.number
            try tell { $0.refused(number, status, at: $1) }
        case .body(let text):
            open.wire = Array(text.utf8)
            open.isAnswered = true
            open.isFinished = true
            connection = open
            let number = open.number
            try tell { $0.answered(number, at: $1) }
        }
    }

    private mutating func answer(_ watch: ReflectorQuery.Watch, _ open: inout SimulatedConnection) throws(Failure) {
        let number = open.number
        open.isAnswered = true
        if let version = watch.resourceVersion {
            guard let from = cluster.revision(of: version.text) else { throw fail("a watch from \(version)") }
            open.sent = from
            if from < cluster.compacted {
                if Bool.random(using: &random) { return try refuse(number, 410, "Expired") }
                open.wire = Array(SimulatedCluster.error(410, "Expired", "too old resource version").utf8)
                open.isFinished = true
            }
        } else {
            switch habits.watchList {
            case .refused: return try refuse(number, 422, "Invalid")
            case .refusedInside:
                let event = SimulatedCluster.error(
                    500, "InternalError", "the required storage feature RequestWatchProgress is disabled")
                open.wire = Array(event.utf8)
                open.isFinished = true
            case .works, .ignored:
                open.sent = cluster.revision
                open.owesInitialEnd = true
                for object in cluster.objects.values.sorted(by: { $0.key < $1.key }) {
                    open.wire += Array(cluster.event("ADDED", object).utf8)
                }
            }
        }
        connection = open
        try tell { $0.answered(number, at: $1) }
    }

    private mutating func refuse(
        _ number: Int, _ code: Int, _ reason: String, retryAfter: Int? = nil, cause: String? = nil
    ) throws(Failure) {
        let causes = cause.map { [ServerStatus.Cause(reason: $0, message: "")] } ?? []
        let status = ServerStatus(
            code: code, reason: reason, message: "simulated", retryAfter: retryAfter.map { .seconds($0) },
            causes: causes)
        connection = nil
        try tell { $0.refused(number, status, at: $1) }
    }

    // MARK: - Faults

    private mutating func misbehave() throws(Failure) {
        guard var open = connection else { return }
        switch Int.random(in: 0..<10, using: &random) {
        case 0:
            // A reset, possibly in the middle of an object.
            try read()
            guard connection?.number == open.number else { return }
            connection = nil
            try tell { $0.disconnected(open.number, "connection reset by peer", at: $1) }
        case 1: connection?.isHalfOpen = true
        case 2:
            // A proxy that ends the answer in order, wherever it is.
            let keep = Int.random(in: 0...open.wire.count, using: &random)
            open.wire.removeLast(open.wire.count - keep)
            open.isFinished = true
            connection = open
        case 3: inject(SimulatedCluster.error(410, "Expired", "too old resource version"), ends: true)
        case 4:
            let codes = [(500, "InternalError"), (429, "TooManyRequests"), (504, "Timeout")]
            let (code, reason) = codes[Int.random(in: 0..<3, using: &random)]
            inject(SimulatedCluster.error(code, reason, "simulated"), ends: true)
        case 5: inject(Self.malformed[Int.random(in: 0..<Self.malformed.count, using: &random)], ends: false)
        case 6: repeatEvent()
        case 7: sendAgainFromThePast()
        case 8: if habits.poisoned.count < 3 { habits.poisoned.insert(cluster.revision + 1) }
        default: cluster.compact(to: cluster.revision)
        }
    }

    static let malformed = [
        "<html>502</html>\n", "{\"type\":\"ADDED\"}\n", "{\"object\":{}}\n", "{}\n", "[]\n",
        "{\"type\":\"WHAT\",\"object\":{}}\n",
        "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"x\"}}}\n", "{\"type\":\"MODIFIED\",\"object\":{]}\n",
        "{\"type\":\"DELETED\",\"object\":{\"metadata\":{\"resourceVersion\":\"5\"}}}\n", "}\n",
        "{\"type\":\"BOOKMARK\",\"object\":{}}\n",
    ]

    /// Something between two events of a watch.
    private mutating func inject(_ text: String, ends: Bool) {
        guard var open = connection, case .watch = open.query, open.isAnswered, !open.isFinished else { return }
        open.deliver(cluster, habits)
        open.wire += Array(text.utf8)
        if ends { open.isFinished = true }
        connection = open
    }

    /// The last event once more.
    private mutating func repeatEvent() {
        guard var open = connection, !open.isFinished else { return }
        open.deliver(cluster, habits)
        if let last = open.lastSent, !habits.poisoned.contains(last.revision) {
            open.wire += Array(cluster.event(last.type.rawValue, last.object).utf8)
        }
        connection = open
    }

    /// Events that were sent before, or were before the watch began. Where versions have no order nobody could tell.
    private mutating func sendAgainFromThePast() {
        guard var open = connection, case .watch = open.query, !cluster.isOpaque, !open.owesInitialEnd, open.isAnswered,
            !open.isFinished
        else { return }
        open.deliver(cluster, habits)
        for change in cluster.changes where change.revision <= open.sent && Bool.random(using: &random) {
            open.wire += Array(cluster.event(change.type.rawValue, change.object).utf8)
        }
        connection = open
    }

    // MARK: - Comparing

    private mutating func tell(
        _ happened: (inout InformerCore<SimulatedValue>, Duration) -> Void
    ) throws(Failure) {
        let before = core.reflector
        happened(&core, now)
        events += 1
        var transitions = core.takeTransitions()
        _ = core.takeFaults()
        sabotage(&transitions)
        let synced = core.hasSynced && !prompt.wasSynced
        for transition in transitions {
            guard let event = transition.event else { throw fail("an empty transition") }
            if let wrong = prompt.take(event) { throw fail(wrong) }
            slowQueue.push(transition)
            late?.queue.push(transition)
        }
        if synced {
            if let wrong = prompt.take(.synced) { throw fail(wrong) }
            slowQueue.pushSynced()
            late?.queue.pushSynced()
        }
        try compare(before, transitions)
    }

    private mutating func compare(
        _ before: Reflector, _ transitions: [InformerTransition<SimulatedValue>]
    ) throws(Failure) {
        let shown = core.store.entries.mapValues(\.value)
        if shown != prompt.state { throw fail("the transitions lead to \(prompt.state), the store shows \(shown)") }
        guard core.hasSynced else {
            if !shown.isEmpty { throw fail("objects are shown before the first list is complete") }
            return
        }
        guard let version = core.reflector.version, let revision = cluster.revision(of: version.text),
            let truth = cluster.state(at: revision)
        else { throw fail("the informer is at a version that never was") }
        let expected = truth.mapValues { cluster.value($0) }
        if shown != expected { throw fail("at \(version) the cluster was \(expected), the store shows \(shown)") }
        try compareIndices(shown)
        try compareOrder(before, transitions, to: revision)
        try compareFreshness(revision)
    }

    private func compareIndices(_ shown: [ObjectKey: SimulatedValue]) throws(Failure) {
        for (index, extract) in [
            ("namespace", { (key: ObjectKey, _: SimulatedValue) in key.namespace }),
            ("payload", { (_: ObjectKey, value: SimulatedValue) in value.payload }),
        ] {
            let expected = Dictionary(grouping: shown.keys) { key in shown[key].map { extract(key, $0) } ?? "" }
            if Set(core.store.indexedValues(index)) != Set(expected.keys) {
                throw fail("index \(index) has other values")
            }
            for (value, keys) in expected where core.store.keys(index, value) != Set(keys) {
                throw fail("index \(index) has \(core.store.keys(index, value)) under \(value) and not \(keys)")
            }
        }
    }

    /// While a watch goes on, every single change is told, once and in order.
    private mutating func compareOrder(
        _ before: Reflector, _ transitions: [InformerTransition<SimulatedValue>], to revision: UInt64
    ) throws(Failure) {
        guard before.isWatching, before.counters.lists == core.reflector.counters.lists,
            let last = before.version, let from = cluster.revision(of: last.text)
        else { return }
        let expected = cluster.changes(after: from).filter { $0.revision <= revision }.map {
            "\($0.type.rawValue) \($0.object.key) \($0.object.uid)"
        }
        let told = transitions.map { transition in
            let type = transition.new == nil ? "DELETED" : transition.old == nil ? "ADDED" : "MODIFIED"
            return "\(type) \(transition.key) \((transition.new ?? transition.old)?.value.uid ?? "")"
        }
        self.told += told.count
        if told != expected { throw fail("what happened: \(expected); what was told: \(told)") }
    }

    private func compareFreshness(_ revision: UInt64) throws(Failure) {
        guard core.reflector.lastHeard != nil else { throw fail("synced, but nothing was ever heard") }
        if let consistent = core.reflector.consistentSince {
            let written = history.last { $0.time < consistent }?.revision ?? 0
            if written > revision { throw fail("\(written) was written before \(consistent) and is not in the store") }
        }
    }

    /// Nobody claims to have heard from the server when nothing came.
    private func compareContact() throws(Failure) {
        guard var heard = core.reflector.lastHeard else { return }
        if sabotage == .claimsFreshness { heard = now }
        if heard > lastContact { throw fail("heard at \(heard), but there was no contact since \(lastContact)") }
    }

    private mutating func drainSlowly() throws(Failure) {
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            if let event = slowQueue.pop(), let wrong = slow.take(event) { throw fail("slow subscriber: \(wrong)") }
            if let event = late?.queue.pop(), let wrong = late?.checker.take(event) {
                throw fail("late subscriber: \(wrong)")
            }
        }
    }

    private mutating func subscribeLate() {
        guard late == nil else { return }
        var queue = DeliveryQueue<SimulatedValue>()
        for (key, entry) in core.store.entries { queue.push(InformerTransition(key: key, old: nil, new: entry)) }
        if core.hasSynced { queue.pushSynced() }
        late = (queue, TransitionChecker())
    }

    // MARK: - The end

    /// Everything works again: the informer must come to the present within minutes, whatever state it was in.
    private mutating func converge() throws(Failure) {
        isHealthy = true
        habits.poisoned = []
        if connection?.isHalfOpen == false, connection?.isAnswered == false { connection = nil }
        let limit = now + .seconds(30 * 60)
        while now < limit {
            for _ in 0..<8 {
                try read()
                try settle()
            }
            if core.hasSynced, core.reflector.isWatching,
                core.reflector.version?.text == cluster.version(cluster.revision)
            {
                return try finish()
            }
            advance(by: .seconds(1))
            try settle()
        }
        throw fail("half an hour after the last fault the informer is not at the present: \(core.step)")
    }

    private mutating func finish() throws(Failure) {
        while let event = slowQueue.pop() {
            if let wrong = slow.take(event) { throw fail("slow subscriber: \(wrong)") }
        }
        if slow.state != prompt.state { throw fail("the slow subscriber ends with \(slow.state)") }
        if slow.comings != prompt.comings { throw fail("the slow subscriber missed a coming or going") }
        guard var late else { return }
        while let event = late.queue.pop() {
            if let wrong = late.checker.take(event) { throw fail("late subscriber: \(wrong)") }
        }
        if late.checker.state != prompt.state || !late.checker.wasSynced {
            throw fail("the late subscriber ends with \(late.checker.state)")
        }
    }

    private mutating func sabotage(_ transitions: inout [InformerTransition<SimulatedValue>]) {
        guard let sabotage, core.hasSynced, Bool.random(using: &random), !transitions.isEmpty else {
            return
        }
        switch sabotage {
        case .losesEvents: transitions.removeLast()
        case .repeatsTransitions: transitions.append(transitions[0])
        case .reordersTransitions: transitions.reverse()
        case .mergesComings: transitions.removeAll { $0.old == nil || $0.new == nil }
        case .claimsFreshness: break
        }
    }
}
