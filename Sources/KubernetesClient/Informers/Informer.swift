import KubernetesModel
import Synchronization

/// The objects of one resource as the server has them, kept current in memory and readable without waiting.
///
/// `run` keeps it current until its task is cancelled. Whatever happens on the way (see the room's design page), what
/// is shown stays a state the server once had, and only moves forward.
public final class Informer<Value: Sendable>: Sendable {
    public let scope: InformerScope
    private let transport: any KubernetesTransport
    private let clock: InformerClock
    private let report: @Sendable (ReflectorFault) -> Void
    private let state: Mutex<State>

    private struct State {
        var core: InformerCore<Value>
        var mailboxes: [Int: Mailbox<Value>] = [:]
        var waiters: [Int: CheckedContinuation<Bool, Never>] = [:]
        var lastNumber = 0
        var toldSynced = false
        var hasBegun = false
        var hasEnded = false
    }

    /// - Parameter report: called with everything that goes wrong on the way, after the reflector has dealt with it.
    public init(
        _ scope: InformerScope, projection: Projection<Value>, indices: [InformerIndex<Value>] = [],
        over transport: any KubernetesTransport, settings: ReflectorSettings = ReflectorSettings(),
        clock: InformerClock = .continuous, seed: UInt64 = .random(in: .min ... .max),
        report: @escaping @Sendable (ReflectorFault) -> Void = { _ in }
    ) {
        self.scope = scope
        self.transport = transport
        self.clock = clock
        self.report = report
        state = Mutex(
            State(
                core: InformerCore(projection: projection, indices: indices, settings: settings, seed: seed)))
    }
}

// MARK: - Reading

extension Informer {
    public subscript(_ key: ObjectKey) -> Value? { state.withLock { $0.core.store[key] } }

    public var count: Int { state.withLock { $0.core.store.count } }

    /// Several reads of one and the same state. Nothing changes meanwhile, so it should be short.
    public func read<Answer>(_ body: (borrowing InformerStore<Value>) -> sending Answer) -> sending Answer {
        state.withLock { body($0.core.store) }
    }

    /// The state as a value that stays as it is. The first change afterwards copies the table of keys.
    public var snapshot: InformerStore<Value> { state.withLock { $0.core.store } }

    public func values(_ index: String, _ value: String) -> [Value] {
        state.withLock { $0.core.store.values(index, value) }
    }

    /// Whether the first complete list has been taken in.
    public var hasSynced: Bool { state.withLock { $0.core.hasSynced } }

    /// Objects that exist and are not shown because the projection could not read them, with the reason.
    public var unreadable: [ObjectKey: String] { state.withLock { $0.core.unreadable } }

    public var freshness: InformerFreshness {
        let now = clock.now()
        return state.withLock { InformerFreshness($0.core, now: now) }
    }

    public var counters: (reflector: ReflectorCounters, store: InformerStoreCounters) {
        state.withLock { ($0.core.reflector.counters, $0.core.store.counters) }
    }

    /// Returns once the first complete list has been taken in.
    /// - Throws: `CancellationError` if the task is cancelled or the informer ends first.
    public func waitUntilSynced() async throws {
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        let synced = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = state.withLock { state in
                    if state.core.hasSynced { return true }
                    if state.hasEnded || Task.isCancelled { return false }
                    state.waiters[number] = continuation
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let waiter = state.withLock { $0.waiters.removeValue(forKey: number) }
            waiter?.resume(returning: false)
        }
        if !synced { throw CancellationError() }
    }

    /// Every transition from here on, after an addition for everything that is there now.
    public func subscribe() -> InformerSubscription<Value> {
        let mailbox = Mailbox<Value>()
        let number = state.withLock { state in
            state.lastNumber += 1
            state.mailboxes[state.lastNumber] = mailbox
            let present = state.core.store.entries.map { InformerTransition(key: $0.key, old: nil, new: $0.value) }
            mailbox.push(present, thenSynced: state.toldSynced)
            if state.hasEnded { mailbox.finish() }
            return state.lastNumber
        }
        return InformerSubscription(mailbox: mailbox) { [weak self] in
            self?.state.withLock { _ = $0.mailboxes.removeValue(forKey: number) }
        }
    }
}

/// How far what an informer shows may be behind the server.
public struct InformerFreshness: Sendable, Equatable {
    public var hasSynced: Bool
    /// A watch is open and the server has agreed to it.
    public var isWatching: Bool
    /// The version the store is at; nil before the first complete list.
    public var version: ResourceVersion?
    /// How long ago the server last gave proof that the store is current: a list, an event, a bookmark, or the orderly
    /// end of a watch. What lies on the way (a slow network, a server that is behind its own store) is not in it.
    public var age: Duration?
    /// How long ago the last consistent list was asked for. Everything written before is certainly in the store,
    /// whatever the network did. Nil before the first.
    public var consistentAge: Duration?
    /// What stands between the store and the server; nil while all is well.
    public var trouble: ReflectorFault?

    init<Value>(_ core: InformerCore<Value>, now: Duration) {
        hasSynced = core.hasSynced
        isWatching = core.reflector.isWatching
        version = core.reflector.version
        age = core.reflector.lastHeard.map { now - $0 }
        consistentAge = core.reflector.consistentSince.map { now - $0 }
        trouble = core.reflector.trouble
    }
}

// MARK: - Running

extension Informer {
    /// Keeps the store current until the task is cancelled. Once; a second call returns at once.
    public func run() async {
        let isFirst = state.withLock { state in
            defer { state.hasBegun = true }
            return !state.hasBegun
        }
        guard isFirst else { return }
        tell { $0.start(at: $1) }
        while !Task.isCancelled {
            switch state.withLock({ $0.core.step }) {
            case .stopped: return end()
            case .wait(let until):
                do { try await clock.sleep(until) } catch { return end() }
                tell { $0.waited(at: $1) }
            case .request(let query, let number): await perform(query, number: number)
            }
        }
        end()
    }

    /// Hands something to the core, and what comes of it to whoever waits for it.
    private func tell(_ happened: (inout InformerCore<Value>, Duration) -> Void) {
        let now = clock.now()
        let (faults, waiters) = state.withLock { state in
            happened(&state.core, now)
            let transitions = state.core.takeTransitions()
            let synced = state.core.hasSynced && !state.toldSynced
            if !transitions.isEmpty || synced {
                for mailbox in state.mailboxes.values { mailbox.push(transitions, thenSynced: synced) }
            }
            var waiters: [CheckedContinuation<Bool, Never>] = []
            if synced {
                state.toldSynced = true
                waiters = Array(state.waiters.values)
                state.waiters = [:]
            }
            return (state.core.takeFaults(), waiters)
        }
        for waiter in waiters { waiter.resume(returning: true) }
        for fault in faults { report(fault) }
    }

    private func end() {
        let (mailboxes, waiters) = state.withLock { state in
            state.hasEnded = true
            state.core.stop()
            defer { state.waiters = [:] }
            return (Array(state.mailboxes.values), Array(state.waiters.values))
        }
        for mailbox in mailboxes { mailbox.finish() }
        for waiter in waiters { waiter.resume(returning: false) }
    }

    /// One request, with somebody beside it who gives it up when nothing has come for too long.
    private func perform(_ query: ReflectorQuery, number: Int) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.exchange(query, number: number) }
            group.addTask { await self.watchOver(number) }
            await group.next()
            group.cancelAll()
        }
    }

    private func isOpen(_ number: Int) -> Bool { state.withLock { $0.core.isOpen(number) } }

    private func exchange(_ query: ReflectorQuery, number: Int) async {
        do throws(KubernetesFailure) {
            let response = try await transport.send(scope.request(query))
            guard response.isSuccess else {
                let body = try await response.body.collect(limit: 1 << 20)
                let status = ServerStatus(httpStatus: response.status, headers: response.headers, body: body)
                return tell { $0.refused(number, status, at: $1) }
            }
            tell { $0.answered(number, at: $1) }
            var body = response.body.makeAsyncIterator()
            while isOpen(number), let chunk = try await body.next(isolation: nil) {
                tell { $0.received(number, chunk, at: $1) }
            }
            if Task.isCancelled { return }
            tell { $0.ended(number, at: $1) }
        } catch {
            // Whoever cancelled knows why.
            if Task.isCancelled { return }
            tell { $0.disconnected(number, "\(error)", at: $1) }
        }
    }

    private func watchOver(_ number: Int) async {
        while !Task.isCancelled {
            let deadline = state.withLock { $0.core.isOpen(number) ? $0.core.reflector.deadline : nil }
            guard let deadline else { return }
            do { try await clock.sleep(deadline) } catch { return }
            tell { $0.overdue(number, at: $1) }
        }
    }
}
