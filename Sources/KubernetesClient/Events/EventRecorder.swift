import JSONTree
import KubernetesModel
import LinuxHost
import Synchronization

/// Sends events without ever holding up whoever has something to tell: notes go into a queue of bounded length, and a
/// task sends them (``run()``). What does not fit is dropped and counted.
public final class EventRecorder: Sendable {
    public struct Counts: Sendable, Hashable {
        public var sent = 0
        /// The queue was full, or the object had too many.
        public var dropped = 0
        /// The server refused or did not answer.
        public var failed = 0

        public init(sent: Int = 0, dropped: Int = 0, failed: Int = 0) {
            self.sent = sent
            self.dropped = dropped
            self.failed = failed
        }
    }

    /// Which of the two event APIs is spoken: events.k8s.io/v1 since Kubernetes 1.19, core v1 everywhere.
    public enum API: Sendable, Hashable {
        case events
        case core
    }

    private struct State {
        var counts = Counts()
        var aggregator: EventAggregator
    }

    private let client: ClusterClient
    private let api: API
    /// `poplin.dev/agent`
    private let controller: String
    /// The pod or node that reports.
    private let instance: String
    private let state: Mutex<State>
    private let queue: AsyncStream<EventAggregator.Write>
    private let input: AsyncStream<EventAggregator.Write>.Continuation

    public init(
        _ client: ClusterClient, controller: String, instance: String, api: API = .events,
        settings: EventAggregator.Settings = EventAggregator.Settings(), capacity: Int = 1000
    ) {
        self.client = client
        self.api = api
        self.controller = controller
        self.instance = instance
        state = Mutex(State(aggregator: EventAggregator(settings)))
        (queue, input) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(capacity))
    }

    public var counts: Counts {
        state.withLock { state in
            var counts = state.counts
            counts.dropped += state.aggregator.dropped
            return counts
        }
    }

    /// Never waits.
    public func record(_ note: EventNote) {
        let suffix = String(UInt64.random(in: .min ... .max), radix: 16)
        let time = MicroTime(microseconds: Int64(Clock.now() / 1000))
        let now = Duration.nanoseconds(Int64(Clock.monotonic()))
        let write = state.withLock { $0.aggregator.add(note, now: now, time: time, suffix: suffix) }
        guard let write else { return }
        if case .enqueued = input.yield(write) { return }
        state.withLock { $0.counts.dropped += 1 }
    }

    /// Sends what is recorded until ``finish()`` or until the task is cancelled.
    public func run() async {
        for await write in queue {
            let isSent = await send(write)
            state.withLock { state in
                if isSent { state.counts.sent += 1 } else { state.counts.failed += 1 }
            }
        }
    }

    /// Nothing more is taken; ``run()`` ends when what is there has been sent.
    public func finish() { input.finish() }

    private func send(_ write: EventAggregator.Write) async -> Bool {
        let group = api == .events ? "events.k8s.io" : ""
        let resource = GroupVersionResource(group: group, version: "v1", resource: "events")
        let body = EventBody(controller: controller, instance: instance, api: api)
        switch write {
        case .create(let name, let note, let time):
            let events = client.collection(resource, namespace: EventBody.namespace(of: note))
            return await isDone { () async throws(KubernetesFailure) in
                _ = try await events.create(body.object(name, note, time))
            }
        case .series(let name, let note, let first, let count, let last):
            let events = client.collection(resource, namespace: EventBody.namespace(of: note))
            return await isDone { () async throws(KubernetesFailure) in
                do throws(KubernetesFailure) {
                    _ = try await events.patch(name, .merge(body.series(count, last)))
                } catch {
                    // Events go after an hour; the series goes on with a new one.
                    guard error.status?.isNotFound == true else { throw error }
                    var object = body.object(name, note, first)
                    for member in body.series(count, last).members {
                        object = object.settingMember(member.key, to: member.value)
                    }
                    _ = try await events.create(object)
                }
            }
        }
    }

    private func isDone(_ body: () async throws(KubernetesFailure) -> Void) async -> Bool {
        do throws(KubernetesFailure) {
            try await body()
            return true
        } catch { return false }
    }
}

/// Events as the two APIs write them.
struct EventBody: Sendable {
    let controller: String
    let instance: String
    let api: EventRecorder.API

    /// Bytes of a note that the server takes.
    static let noteLimit = 1024

    /// Events about cluster-scoped objects stand in `default`.
    static func namespace(of note: EventNote) -> String {
        note.regarding.namespace.isEmpty ? "default" : note.regarding.namespace
    }

    func object(_ name: String, _ note: EventNote, _ time: MicroTime) -> JSONValue {
        let metadata: JSONValue = ["name": .string(name), "namespace": .string(Self.namespace(of: note))]
        let text = JSONValue.string(Self.cut(note.note))
        let type = JSONValue.string(note.severity.rawValue)
        switch api {
        case .events:
            return [
                "apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": metadata,
                "eventTime": .string("\(time)"), "reportingController": .string(controller),
                "reportingInstance": .string(instance), "action": .string(note.action),
                "reason": .string(note.reason), "type": type, "note": text, "regarding": reference(note.regarding),
            ]
        case .core:
            return [
                "apiVersion": "v1", "kind": "Event", "metadata": metadata, "involvedObject": reference(note.regarding),
                "reason": .string(note.reason), "message": text, "type": type,
                "source": ["component": .string(controller), "host": .string(instance)],
                "firstTimestamp": .string("\(time.timestamp)"), "lastTimestamp": .string("\(time.timestamp)"),
                "count": 1, "reportingComponent": .string(controller), "reportingInstance": .string(instance),
            ]
        }
    }

    /// What changes when it happens again.
    func series(_ count: Int, _ last: MicroTime) -> JSONValue {
        switch api {
        case .events: ["series": ["count": .int(Int64(count)), "lastObservedTime": .string("\(last)")]]
        case .core: ["count": .int(Int64(count)), "lastTimestamp": .string("\(last.timestamp)")]
        }
    }

    private func reference(_ object: ObjectReference) -> JSONValue {
        var members = [JSONMember("kind", .string(object.kind)), JSONMember("name", .string(object.name))]
        if !object.apiVersion.isEmpty { members.append(JSONMember("apiVersion", .string(object.apiVersion))) }
        if !object.namespace.isEmpty { members.append(JSONMember("namespace", .string(object.namespace))) }
        if !object.uid.isEmpty { members.append(JSONMember("uid", .string(object.uid))) }
        return .object(members)
    }

    /// Whole characters that fit.
    static func cut(_ text: String) -> String {
        if text.utf8.count <= noteLimit { return text }
        var kept = ""
        var size = 3
        for character in text {
            size += character.utf8.count
            if size > noteLimit { break }
            kept.append(character)
        }
        return kept + "..."
    }
}
