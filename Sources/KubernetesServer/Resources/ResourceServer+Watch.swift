import JSONTree
import KubernetesModel
import NIOHTTP1

extension ResourceServer {
    /// A watch as a stream of lines. What there is already comes first when the client has no revision, and then
    /// everything that happens, each event once and in order.
    func watch(
        _ wanted: ListRequest, _ answer: ObjectAnswer, _ selection: ObjectSelection, _ namespace: String?
    ) async throws(Status) -> ServerResponse {
        let resource = answer.resource
        var initial: [StoredObject] = []
        var start = wanted.revision ?? 0
        let isWatchList = wanted.sendsInitialEvents == true
        if start == 0 || isWatchList {
            if wanted.sendsInitialEvents == false {
                start = store.revision
            } else {
                var list = wanted
                list.match = start == 0 ? nil : "NotOlderThan"
                list.limit = nil
                let page = try await page(list, resource, selection, namespace)
                initial = page.objects
                start = page.revision
            }
        }
        let query = WatchQuery(
            resource.collection, namespace: namespace, name: selection.fields.required("metadata.name"), after: start,
            bookmarkInterval: wanted.allowsBookmarks ? .seconds(60) : nil,
            timeout: .seconds(wanted.timeoutSeconds ?? Int64.random(in: 1800...3600)))
        let lines = WatchLines(answer: answer, selection: selection)
        let first = initial
        let beginning = start
        let store = store
        let allowsBookmarks = wanted.allowsBookmarks
        let subscription: WatchSubscription
        do throws(StoreFailure) {
            subscription = try await store.watch(query)
        } catch {
            // Too old is told inside the stream, as clients expect it.
            let line = lines.failure(error, query.after)
            return stream { writer in try await writer.write(line) }
        }
        return stream { writer in
            var bytes: [UInt8] = []
            for object in first {
                bytes += lines.event("ADDED", object)
                if bytes.count > 64 << 10 {
                    try await writer.write(bytes)
                    bytes = []
                }
            }
            if isWatchList, allowsBookmarks { bytes += lines.bookmark(beginning, endsInitialEvents: true) }
            try await writer.write(bytes)
            do {
                for try await batch in subscription {
                    if batch.events.isEmpty {
                        try await writer.write(lines.bookmark(batch.revision))
                        continue
                    }
                    var bytes: [UInt8] = []
                    for event in batch.events { bytes += lines.lines(event) }
                    try await writer.write(bytes)
                }
            } catch let failure as StoreFailure {
                try await writer.write(lines.failure(failure, query.after))
            }
        }
    }

    private func stream(_ body: @escaping @Sendable (any ResponseWriter) async throws -> Void) -> ServerResponse {
        ServerResponse(
            status: 200, headers: ["Content-Type": "application/json", "Cache-Control": "no-cache, private"],
            body: .stream(body))
    }
}

/// Events to lines of JSON.
struct WatchLines: Sendable {
    private let resource: ServedResource
    private let representation: Representation
    private let includeObject: String
    private let selection: ObjectSelection
    private let now: Int64

    init(answer: ObjectAnswer, selection: ObjectSelection) {
        resource = answer.resource
        representation = answer.representation
        includeObject = answer.includeObject
        now = answer.now
        self.selection = selection
    }

    private var answer: ObjectAnswer {
        ObjectAnswer(
            resource: resource, representation: representation, now: WallClock.seconds(), includeObject: includeObject)
    }

    func event(_ type: String, _ object: StoredObject) -> [UInt8] {
        var line = Array("{\"type\":\"\(type)\",\"object\":".utf8)
        line += answer.object(object)
        line += "}\n".utf8
        return line
    }

    /// None for an event that the watcher's selection does not see. An object that leaves the selection is deleted to
    /// the watcher, one that comes into it is new.
    func lines(_ event: StoreEvent) -> [UInt8] {
        let isIn = event.change != .deleted && selection.includes(event.object)
        let wasIn = event.previous.map { selection.includes($0) } ?? false
        switch (wasIn, isIn) {
        case (false, false): return []
        case (false, true): return self.event("ADDED", event.object)
        case (true, true): return self.event("MODIFIED", event.object)
        case (true, false):
            if event.change == .deleted { return self.event("DELETED", event.object) }
            guard var last = event.previous else { return [] }
            last.revision = event.revision
            last.bytes = ObjectBytes.settingResourceVersion(event.revision, in: last.bytes)
            return self.event("DELETED", last)
        }
    }

    func bookmark(_ revision: Revision, endsInitialEvents: Bool = false) -> [UInt8] {
        var metadata: JSONValue = ["resourceVersion": .string(String(revision))]
        if endsInitialEvents {
            metadata = metadata.settingMember("annotations", to: ["k8s.io/initial-events-end": "true"])
        }
        let kind = representation == .object ? resource.kind.kind : "PartialObjectMetadata"
        let apiVersion = representation == .object ? resource.kind.apiVersion : "meta.k8s.io/v1"
        let object: JSONValue = ["kind": .string(kind), "apiVersion": .string(apiVersion), "metadata": metadata]
        let line: JSONValue = ["type": "BOOKMARK", "object": object]
        return line.serialized() + [UInt8(ascii: "\n")]
    }

    func failure(_ failure: StoreFailure, _ requested: Revision) -> [UInt8] {
        let status: Status =
            switch failure {
            case .expired(let requested, let oldest): .expired("too old resource version: \(requested) (\(oldest))")
            default: Status(failure)
            }
        let line: JSONValue = ["type": "ERROR", "object": status.value]
        return line.serialized() + [UInt8(ascii: "\n")]
    }
}
