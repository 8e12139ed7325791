import JSONTree

/// What an Event is about: `involvedObject` of `v1`, `regarding` of `events.k8s.io/v1`.
public struct EventSubject: Sendable, Hashable {
    /// `Pod`, `Node`, `Service`; empty where the event does not say.
    public let kind: String
    /// Empty for what has none. A Pod's is its event's where only that is told.
    public let namespace: String
    public let name: String

    /// `shop/cart-7d9`; `/node-7` where there is no namespace.
    public var key: String { "\(namespace)/\(name)" }

    func isPod(_ namespace: String, _ name: String) -> Bool {
        kind == "Pod" && self.namespace == namespace && self.name == name
    }
}

extension FactBase {
    /// Of both APIs, as they were listed.
    public var events: [APIObject] { objects("events", "events.events.k8s.io") }

    /// Events of one pod, the newest last.
    func events(ofPod pod: APIObject, _ reasons: String...) -> [APIObject] {
        events.filter { event in
            event.subject?.isPod(pod.namespace, pod.name) ?? false
                && (reasons.isEmpty || reasons.contains(event.text("reason") ?? ""))
        }.sorted { ($0.lastSeen ?? 0) < ($1.lastSeen ?? 0) }
    }
}

extension APIObject {
    /// Of an event; nil where it names no object.
    public var subject: EventSubject? {
        guard let object = self["involvedObject"] ?? self["regarding"], let name = object.member("name")?.string else {
            return nil
        }
        let kind = object.member("kind")?.string ?? ""
        return EventSubject(
            kind: kind, namespace: object.member("namespace")?.string ?? (kind == "Pod" ? namespace : ""), name: name)
    }

    /// Of an event, in any of its forms, in seconds since 1970.
    var lastSeen: Int64? {
        time("lastTimestamp") ?? time("series", "lastObservedTime") ?? time("deprecatedLastTimestamp")
            ?? time("eventTime") ?? createdAt
    }

    /// Of an event: `message` of `v1`, `note` of `events.k8s.io/v1`.
    var message: String { text("message") ?? text("note") ?? "" }
}
