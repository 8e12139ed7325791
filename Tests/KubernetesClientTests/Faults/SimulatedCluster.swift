import JSONTree
import KubernetesModel

@testable import KubernetesClient

/// The truth: what the objects of one resource are at every revision, and the wire form of what happened. The plainest
/// thing that can be right, to compare an informer with.
struct SimulatedCluster {
    struct Object: Equatable {
        var key: ObjectKey
        var uid: String
        var revision: UInt64
        /// Of ``payloads``.
        var payload: Int
    }

    /// What makes finding the end of an object hard, as it is written and as it reads.
    static let payloads: [(json: String, text: String)] = [
        ("\"plain\"", "plain"), ("\"\"", ""), (#""a \"quoted\" } brace""#, #"a "quoted" } brace"#),
        (#""back\\slash\\""#, #"back\slash\"#), (#""[{]}\\""#, #"[{]}\"#), (#""\u007b\ud83d\ude00""#, "{😀"),
        ("\"Grüße ✓\"", "Grüße ✓"), (#""\"items\":[""#, #""items":["#),
        ("\"" + String(repeating: "long ", count: 60) + "\"", String(repeating: "long ", count: 60)),
    ]

    struct Change {
        var type: WatchFrame.Change
        var object: Object
        var revision: UInt64 { object.revision }
    }

    private(set) var revision: UInt64
    private(set) var changes: [Change] = []
    /// The state at each revision since the beginning, `first` being the oldest.
    private(set) var states: [[ObjectKey: Object]] = [[:]]
    private let first: UInt64
    /// Watches from before this revision, and lists at it, are refused.
    private(set) var compacted: UInt64
    /// Versions that are no numbers: only equality may be used.
    var isOpaque: Bool
    private var lastUID: UInt64 = 0

    init(startingAt revision: UInt64 = 100, isOpaque: Bool = false) {
        self.revision = revision
        first = revision
        compacted = revision
        self.isOpaque = isOpaque
    }

    var objects: [ObjectKey: Object] { states.last ?? [:] }

    func state(at revision: UInt64) -> [ObjectKey: Object]? {
        revision < first || revision > self.revision ? nil : states[Int(revision - first)]
    }

    func changes(after revision: UInt64) -> [Change] { changes.filter { $0.revision > revision } }

    mutating func write(_ key: ObjectKey, payload: Int) {
        revision += 1
        var state = objects
        let old = state[key]
        if old == nil { lastUID += 1 }
        let object = Object(
            key: key, uid: old?.uid ?? Self.uid(lastUID, isOpaque: isOpaque), revision: revision, payload: payload)
        state[key] = object
        states.append(state)
        changes.append(Change(type: old == nil ? .added : .modified, object: object))
    }

    mutating func delete(_ key: ObjectKey) {
        var state = objects
        guard var object = state.removeValue(forKey: key) else { return }
        revision += 1
        object.revision = revision
        states.append(state)
        changes.append(Change(type: .deleted, object: object))
    }

    mutating func compact(to revision: UInt64) { compacted = max(compacted, min(revision, self.revision)) }

    /// The store is restored from a backup: revisions go on from an earlier one, and what came after is forgotten.
    mutating func restore(to revision: UInt64) {
        guard revision >= first, revision < self.revision else { return }
        changes.removeAll { $0.revision > revision }
        states.removeSubrange(Int(revision - first + 1)...)
        self.revision = revision
        compacted = min(compacted, revision)
    }

    private static func uid(_ number: UInt64, isOpaque: Bool) -> String {
        let digits = String(number, radix: 16)
        let tail = String(repeating: "0", count: 12 - digits.count) + digits
        return isOpaque ? "object-\(number)" : "5d2f0b1e-8a7c-4c3d-9e21-\(tail)"
    }

    /// What an informer should show for an object.
    func value(_ object: Object) -> SimulatedValue {
        SimulatedValue(
            uid: object.uid, version: version(object.revision), payload: Self.payloads[object.payload].text)
    }

    // MARK: Wire

    func version(_ revision: UInt64) -> String { isOpaque ? "v\(revision)x" : String(revision) }

    func revision(of version: String) -> UInt64? {
        isOpaque ? UInt64(version.dropFirst().dropLast()) : UInt64(version)
    }

    func json(_ object: Object, withKind: Bool) -> String {
        let kind = withKind ? "\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\"," : ""
        let namespace = object.key.namespace.isEmpty ? "" : "\"namespace\":\"\(object.key.namespace)\","
        // A clock in the past: nothing may depend on it.
        return """
            {\(kind)"metadata":{"name":"\(object.key.name)",\(namespace)"uid":"\(object.uid)",\
            "resourceVersion":"\(version(object.revision))","creationTimestamp":"1971-01-01T00:00:00Z"},\
            "data":{"payload":\(Self.payloads[object.payload].json)}}
            """
    }

    func event(_ type: String, _ object: Object) -> String {
        "{\"type\":\"\(type)\",\"object\":\(json(object, withKind: true))}\n"
    }

    func bookmark(_ revision: UInt64, endsInitialEvents: Bool) -> String {
        let annotations = endsInitialEvents ? ",\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}" : ""
        return """
            {"type":"BOOKMARK","object":{"kind":"ConfigMap","apiVersion":"v1","metadata":\
            {"resourceVersion":"\(version(revision))"\(annotations)}}}\n
            """
    }

    static func status(_ code: Int, _ reason: String, _ message: String, retryAfter: Int? = nil) -> String {
        let details = retryAfter.map { ",\"details\":{\"retryAfterSeconds\":\($0)}" } ?? ""
        return """
            {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"\(message)",\
            "reason":"\(reason)"\(details),"code":\(code)}
            """
    }

    static func error(_ code: Int, _ reason: String, _ message: String) -> String {
        "{\"type\":\"ERROR\",\"object\":\(status(code, reason, message))}\n"
    }

    /// One page of a list, or why not.
    func list(_ query: ReflectorQuery.List) -> Answer {
        var at = revision
        var after: ObjectKey?
        if !query.continuation.isEmpty {
            let parts = query.continuation.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 3, let pinned = UInt64(parts[0]) else {
                return .status(400, Self.status(400, "BadRequest", "invalid continue token"))
            }
            if pinned < compacted || pinned > revision {
                return .status(410, Self.status(410, "Expired", "The provided continue parameter is too old"))
            }
            at = pinned
            after = ObjectKey(namespace: parts[1], name: parts[2])
        }
        let objects = (state(at: at) ?? [:]).values.sorted { $0.key < $1.key }
        var rest = objects.filter { object in after.map { $0 < object.key } ?? true }[...]
        var metadata = "\"resourceVersion\":\"\(version(at))\""
        if query.limit > 0, rest.count > query.limit, let last = rest.prefix(query.limit).last {
            metadata += ",\"continue\":\"\(at)|\(last.key.namespace)|\(last.key.name)\""
            metadata += ",\"remainingItemCount\":\(rest.count - query.limit)"
            rest = rest.prefix(query.limit)
        }
        let items = rest.map { json($0, withKind: false) }.joined(separator: ",")
        return .body(
            "{\"kind\":\"ConfigMapList\",\"apiVersion\":\"v1\",\"metadata\":{\(metadata)},\"items\":[\(items)]}\n")
    }

    enum Answer {
        case status(Int, String)
        case body(String)
    }
}

/// What the tests' informers keep.
struct SimulatedValue: Equatable, Sendable, CustomStringConvertible {
    var uid: String
    var version: String
    var payload: String

    var description: String { "\(uid)@\(version)" }

    static let projection = Projection { (node) throws(FieldError) in
        SimulatedValue(
            uid: node.at("metadata", "uid")?.string ?? "",
            version: node.at("metadata", "resourceVersion")?.string ?? "",
            payload: node.at("data", "payload")?.string ?? "")
    }
}
