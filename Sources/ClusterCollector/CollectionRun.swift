import Diagnosis
import JSONTree
import KubernetesClient
import KubernetesModel
import LinuxHost
import Synchronization

/// What one collection has, what it asked, and what it may still ask. Shared by everything that runs beside each other,
/// so that whatever is there survives when time is up.
final class CollectionRun: Sendable {
    private struct State {
        var tree: EvidenceTree
        var requests = 0
        /// Failures to reach the server in a row.
        var unreached = 0
        /// Why nothing more is asked.
        var end: String?
        /// Asked for or about to be, without an answer so far, and the words for it.
        var open: Set<String> = []
        var access: [String: (verb: String, resource: String, namespace: String, isAllowed: Bool)] = [:]
        var executed: [JSONValue] = []
        var leftOut: [String] = []
        /// The closest look at the server's clock so far.
        var clock: ClockOffset?
    }

    let options: ClusterCollectorOptions
    private let client: ClusterClient
    private let begun = ContinuousClock.now
    private let state: Mutex<State>

    init(_ client: ClusterClient, _ options: ClusterCollectorOptions) {
        self.client = client
        self.options = options
        state = Mutex(State(tree: EvidenceTree(collectedAt: Int64(Clock.now() / 1_000_000_000))))
    }

    var transport: any KubernetesTransport { client.transport }

    /// What is there so far.
    var tree: EvidenceTree { state.withLock { $0.tree } }
    var requests: Int { state.withLock { $0.requests } }

    // MARK: What is there

    /// It will be asked for: when time runs out before, it is missing for that reason and not for none.
    func plan(_ path: String) { state.withLock { _ = $0.open.insert(path) } }

    func add(_ bytes: [UInt8], at path: String, _ source: FactSource, isTruncated: Bool = false) {
        state.withLock {
            $0.open.remove(path)
            $0.tree.add(EvidenceTree.Document(bytes, from: source, isTruncated: isTruncated), at: path)
        }
    }

    /// A folder that was planned for has what it will have.
    func close(_ path: String) { state.withLock { _ = $0.open.remove(path) } }

    func addMissing(_ path: String, _ reason: String) {
        state.withLock {
            $0.open.remove(path)
            $0.tree.addMissing(path, because: reason)
        }
    }

    /// Whether the server let us: what `kubectl auth can-i` would have said.
    func noteAccess(_ verb: String, _ resource: String, namespace: String = "", isAllowed: Bool) {
        state.withLock { $0.access["\(verb) \(resource) \(namespace)"] = (verb, resource, namespace, isAllowed) }
    }

    /// Whether the server has refused it already: asking once more costs a request and says the same.
    func isRefused(_ verb: String, _ resource: String, namespace: String) -> Bool {
        state.withLock { $0.access["\(verb) \(resource) \(namespace)"].map { !$0.isAllowed } ?? false }
    }

    /// What is not even asked for, because the budget is for what matters more.
    func leaveOut(_ what: [String]) { state.withLock { $0.leftOut += what } }

    func noteExecuted(_ record: JSONValue) { state.withLock { $0.executed.append(record) } }

    // MARK: Requests

    /// Counts one more request; otherwise says why there may be none.
    private func take() -> String? {
        state.withLock {
            if let end = $0.end { return end }
            if $0.requests >= options.requestBudget {
                return "the budget of \(options.requestBudget) requests was used up"
            }
            $0.requests += 1
            return nil
        }
    }

    /// The reason why nothing can be asked any more, for those that do not ask through ``ask(_:_:limit:)``.
    func takeOne() -> String? { take() }

    /// The same client, its requests counted: for those that ask by themselves.
    func counted(_ client: ClusterClient) -> ClusterClient {
        var counted = ClusterClient(
            CountedTransport(real: client.transport) { [self] in state.withLock { $0.requests += 1 } },
            namespace: client.namespace, fieldManager: client.fieldManager)
        counted.requestTimeout = client.requestTimeout
        return counted
    }

    private func noteReached() { state.withLock { $0.unreached = 0 } }

    /// What the server's clock said; the answer that came fastest says it best.
    private func noteClock(_ headers: KubernetesHeaders, sent: UInt64) {
        guard let date = headers.date else { return }
        let seen = ClockOffset(date: date.seconds, sent: sent, came: Clock.now())
        state.withLock { if seen.within < $0.clock?.within ?? .max { $0.clock = seen } }
    }

    /// A server that cannot be reached three times in a row is not asked again: it died, or never was there.
    private func noteUnreached(_ failure: KubernetesFailure) {
        state.withLock {
            $0.unreached += 1
            if $0.unreached >= 3, $0.end == nil { $0.end = failure.sentence }
        }
    }

    /// Time is up: nothing more is asked.
    func expire() {
        state.withLock { $0.end = "\(options.deadline) s were over before it could be read" }
    }

    /// Failures that the next attempt may not meet: the server was busy, or a connection broke.
    private static func isPassing(_ failure: KubernetesFailure) -> Bool {
        switch failure.kind {
        case .status(let status): status.code >= 500 && status.code != 501 || status.code == 429
        case .cutOff, .unreachable: true
        default: false
        }
    }

    /// As long as a busy server asks for, while that is bearable.
    private static func pause(after failure: KubernetesFailure) -> Duration {
        min(max(failure.status?.retryAfter ?? .zero, .milliseconds(250)), .seconds(3))
    }

    private static func isUnreached(_ failure: KubernetesFailure) -> Bool {
        switch failure.kind {
        case .unreachable, .tls, .authentication: true
        default: false
        }
    }

    /// One answer.
    func ask(
        _ path: String, _ query: [KubernetesField] = [], limit: Int? = nil, accept: String? = nil, attempts: Int = 2
    ) async throws(Refusal) -> KubernetesAnswer {
        var attempt = 1
        while true {
            if let reason = take() { throw Refusal(reason) }
            var headers: KubernetesHeaders = []
            if let accept { headers["Accept"] = accept }
            let request = KubernetesRequest(
                .get, path: path, query: query, headers: headers, timeout: .seconds(options.requestTimeout))
            let sent = Clock.now()
            do throws(KubernetesFailure) {
                let answer = try await transport.answer(request, limit: limit)
                noteReached()
                noteClock(answer.headers, sent: sent)
                return answer
            } catch {
                if Task.isCancelled || error.isCancelled { throw Refusal(expiredReason) }
                if Self.isUnreached(error) { noteUnreached(error) } else { noteReached() }
                guard attempt < attempts, Self.isPassing(error) else { throw Refusal(error) }
                attempt += 1
                do { try await Task.sleep(for: Self.pause(after: error)) } catch { throw Refusal(expiredReason) }
            }
        }
    }

    var expiredReason: String {
        state.withLock { $0.end } ?? "\(options.deadline) s were over before it could be read"
    }

    // MARK: The end

    /// The evidence, with everything that is still open as missing.
    func finish() -> EvidenceTree {
        state.withLock { state in
            let reason = state.end ?? "\(options.deadline) s were over before it could be read"
            for path in state.open { state.tree.addMissing(path, because: reason) }
            state.open = []
            let answers = state.access.sorted { $0.key < $1.key }.map { _, entry in
                JSONValue.object([
                    JSONMember("verb", .string(entry.verb)), JSONMember("resource", .string(entry.resource)),
                    JSONMember("namespace", .string(entry.namespace)), JSONMember("allowed", .bool(entry.isAllowed)),
                ])
            }
            state.tree.add(
                EvidenceTree.Document(
                    JSONValue.array(answers).serialized(indent: 2),
                    from: FactSource("answers of the API server", command: "kubectl auth can-i --list", age: 0)),
                at: EvidencePath.access)
            if !state.executed.isEmpty {
                state.tree.add(
                    EvidenceTree.Document(
                        JSONValue.array(state.executed).serialized(indent: 2),
                        from: FactSource("commands that were run")),
                    at: EvidencePath.executed)
            }
            let time = begun.duration(to: .now)
            let record = CollectionRecord(
                requests: state.requests, requestBudget: options.requestBudget,
                // Begun seconds count.
                seconds: Int(time.components.seconds) + (time.components.attoseconds > 0 ? 1 : 0),
                deadline: options.deadline, leftOut: state.leftOut + CollectionLosses(state.tree.missing).lines,
                clock: state.clock)
            state.tree.add(
                EvidenceTree.Document(
                    record.value.serialized(indent: 2), from: FactSource("requests to the API server", age: 0)),
                at: EvidencePath.collection)
            return state.tree
        }
    }
}

/// Counts what goes through it.
private struct CountedTransport: KubernetesTransport {
    let real: any KubernetesTransport
    let count: @Sendable () -> Void

    var origin: KubernetesFailure.Origin { real.origin }

    func send(_ request: KubernetesRequest) async throws(KubernetesFailure) -> KubernetesResponse {
        count()
        return try await real.send(request)
    }
}

/// Why something could not be had, in a sentence for a person.
struct Refusal: Error {
    let reason: String
    let status: ServerStatus?

    init(_ reason: String) {
        self.reason = reason
        status = nil
    }

    init(_ failure: KubernetesFailure) {
        reason = failure.sentence
        status = failure.status
    }

    var isForbidden: Bool { status?.code == 403 || status?.code == 401 }
    var isNotFound: Bool { status?.isNotFound ?? false }
    var isGone: Bool { status?.isGone ?? false }

    /// `list pods was refused (403): pods is forbidden: ...`.
    func saying(_ verb: String, _ resource: String) -> String {
        isForbidden ? "\(verb) \(resource) was refused: \(reason)" : "\(verb) \(resource): \(reason)"
    }
}
