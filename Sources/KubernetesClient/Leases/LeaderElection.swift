import JSONTree
import KubernetesModel
import LinuxHost
import Synchronization

/// The right to act as the leader, for the body that leads.
public final class Leadership: Sendable {
    public let token: FencingToken
    private let client: ClusterClient
    private let key: ObjectKey
    private let identity: String
    private let validUntil: Mutex<Duration?>

    init(token: FencingToken, client: ClusterClient, key: ObjectKey, identity: String, validUntil: Duration) {
        self.token = token
        self.client = client
        self.key = key
        self.identity = identity
        self.validUntil = Mutex(validUntil)
    }

    func extend(until moment: Duration?) { validUntil.withLock { $0 = moment } }

    /// Whether the term still runs, by our own clock: cheap, to be asked before every write.
    public var isValid: Bool {
        let now = LeaderElection.now()
        return validUntil.withLock { $0.map { now < $0 } ?? false }
    }

    /// Asks the server as well: the lease is still ours and in the same term. For writes that must not be wrong.
    public func verify() async throws(KubernetesFailure) -> Bool {
        guard isValid else { return false }
        let lease = try await client.get(Lease.self, key)
        return lease.holderIdentity == identity && lease.leaseTransitions == token.transitions && isValid
    }
}

/// Runs a body while we lead.
public struct LeaderElection: Sendable {
    public let client: ClusterClient
    public let key: ObjectKey
    public let settings: LeaderElector.Settings
    /// Told who leads, and why a term ended.
    public var onSignal: (@Sendable (LeaderElector.Signal) -> Void)?

    /// - Parameter name: of the lease, in `namespace`. The identity gets random digits: two processes of one name on one
    ///   host are two.
    public init(
        _ client: ClusterClient, namespace: String, name: String, identity: String,
        leaseDuration: Duration = .seconds(15), renewDeadline: Duration = .seconds(10),
        retryPeriod: Duration = .seconds(2), onSignal: (@Sendable (LeaderElector.Signal) -> Void)? = nil
    ) {
        self.client = client
        key = ObjectKey(namespace: namespace, name: name)
        let digits = String(UInt64.random(in: .min ... .max), radix: 36)
        settings = LeaderElector.Settings(
            identity: "\(identity)_\(digits)", leaseDuration: leaseDuration, renewDeadline: renewDeadline,
            retryPeriod: retryPeriod)
        self.onSignal = onSignal
    }

    static func now() -> Duration { .nanoseconds(Int64(Clock.monotonic())) }

    /// Until the body returns while it leads, or this task is cancelled. When a term ends the body's task is cancelled and
    /// waited for, and the lease is sought again. Leaving gives the lease back.
    public func run(_ body: @escaping @Sendable (Leadership) async -> Void) async {
        var elector = LeaderElector(settings)
        var leading: (leadership: Leadership, task: Task<Void, Never>, isDone: Flag)?
        while !Task.isCancelled {
            if let done = leading?.isDone, done.isSet { break }
            var signals = elector.expire(now: Self.now())
            if signals.isEmpty {
                let action = elector.next(now: Self.now(), time: Self.time(), jitter: Double.random(in: 0...1))
                if case .wait(let until) = action {
                    await pause(until: until, leading?.isDone)
                } else if let event = await perform(action, before: elector.validUntil) {
                    signals += elector.handle(event, now: Self.now())
                }
            }
            leading?.leadership.extend(until: elector.validUntil)
            for signal in signals {
                onSignal?(signal)
                switch signal {
                case .leading(let token):
                    let leadership = Leadership(
                        token: token, client: client, key: key, identity: settings.identity,
                        validUntil: elector.validUntil ?? .zero)
                    let flag = Flag()
                    let task = Task {
                        await body(leadership)
                        flag.set()
                    }
                    leading = (leadership, task, flag)
                case .lost:
                    leading?.leadership.extend(until: nil)
                    leading?.task.cancel()
                    await leading?.task.value
                    leading = nil
                case .following: break
                }
            }
        }
        leading?.task.cancel()
        await leading?.task.value
        leading?.leadership.extend(until: nil)
        if let action = elector.release(now: Self.now(), time: Self.time()) {
            // The task may be cancelled, and the lease is to be given back all the same.
            let election = self
            await Task { _ = await election.perform(action, before: nil) }.value
        }
    }

    private static func time() -> MicroTime { MicroTime(microseconds: Int64(Clock.now() / 1000)) }

    /// Sleeps in short steps, so that a body that ends is noticed.
    private func pause(until moment: Duration, _ flag: Flag?) async {
        while Self.now() < moment, !Task.isCancelled, flag?.isSet != true {
            let left = moment - Self.now()
            try? await Task.sleep(for: flag == nil ? left : min(left, .milliseconds(200)))
        }
    }

    private func perform(_ action: LeaderElector.Action, before deadline: Duration?) async -> LeaderElector.Event? {
        var client = client
        client.requestTimeout = deadline.map { max(.milliseconds(100), $0 - Self.now()) } ?? settings.renewDeadline
        let leases = client.collection(of: Lease.self, namespace: key.namespace)
        do throws(KubernetesFailure) {
            switch action {
            case .wait: return nil
            case .read:
                guard let node = try await leases.find(key.name) else { return .absent }
                let lease = try ClusterClient.decode(Lease.self, node)
                return .read(LeaseRecord(lease), resourceVersion: lease.metadata.resourceVersion)
            case .create(let record):
                let node = try await leases.create(Self.object(record, key))
                return .written(resourceVersion: Self.version(of: node))
            case .replace(let record, let resourceVersion):
                // A merge patch leaves labels and everything else alone; the version makes it a condition.
                let patch: JSONValue = [
                    "metadata": ["resourceVersion": .string(resourceVersion)], "spec": Self.spec(record),
                ]
                let node = try await leases.patch(key.name, .merge(patch))
                return .written(resourceVersion: Self.version(of: node))
            }
        } catch {
            // Nowhere to create it: the namespace is not there (yet). Seen as a conflict, it would be tried again at once.
            if case .create = action, error.status?.isNotFound == true { return .failed }
            if let status = error.status, status.isConflict || status.isAlreadyExists || status.isNotFound {
                return .conflict
            }
            return .failed
        }
    }

    private static func version(of node: JSONNode) -> String {
        node.member("metadata")?.member("resourceVersion")?.string ?? ""
    }

    static func object(_ record: LeaseRecord, _ key: ObjectKey) -> JSONValue {
        [
            "apiVersion": .string(Lease.gvk.apiVersion), "kind": .string(Lease.gvk.kind),
            "metadata": ["name": .string(key.name), "namespace": .string(key.namespace)], "spec": spec(record),
        ]
    }

    /// `spec`; nobody is null, because an empty holder is refused by some versions.
    static func spec(_ record: LeaseRecord) -> JSONValue {
        var spec = [
            JSONMember("holderIdentity", record.holder.isEmpty ? .null : .string(record.holder)),
            JSONMember("leaseDurationSeconds", .int(Int64(record.durationSeconds))),
            JSONMember("leaseTransitions", .int(Int64(record.transitions))),
        ]
        if let time = record.acquireTime { spec.append(JSONMember("acquireTime", .string("\(time)"))) }
        if let time = record.renewTime { spec.append(JSONMember("renewTime", .string("\(time)"))) }
        return .object(spec)
    }
}

/// Set once.
final class Flag: Sendable {
    private let value = Mutex(false)
    var isSet: Bool { value.withLock { $0 } }
    func set() { value.withLock { $0 = true } }
}
