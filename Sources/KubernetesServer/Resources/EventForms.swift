import JSONTree

/// Events are one collection with two faces: `v1` and `events.k8s.io/v1` name some fields differently
/// (kubernetes/pkg/apis/events/v1/conversion.go). Stored are those of `v1`. Pure.
enum EventForms {
    static let group = "events.k8s.io"

    private static let names: [(core: String, events: String)] = [
        ("involvedObject", "regarding"), ("message", "note"), ("source", "deprecatedSource"),
        ("firstTimestamp", "deprecatedFirstTimestamp"), ("lastTimestamp", "deprecatedLastTimestamp"),
        ("count", "deprecatedCount"), ("reportingComponent", "reportingController"),
    ]
    private static let coreNames = Dictionary(uniqueKeysWithValues: names.map { ($0.events, $0.core) })
    private static let eventsNames = Dictionary(uniqueKeysWithValues: names.map { ($0.core, $0.events) })

    /// The event of `v1` that says what this one of `events.k8s.io/v1` says.
    static func core(_ event: JSONValue) -> JSONValue { renamed(event, coreNames, "v1") }

    /// The event of `events.k8s.io/v1` that says what this one of `v1` says.
    static func events(_ event: JSONValue) -> JSONValue { renamed(event, eventsNames, "events.k8s.io/v1") }

    private static func renamed(_ event: JSONValue, _ names: [String: String], _ apiVersion: String) -> JSONValue {
        .object(
            event.members.map { member in
                if member.key == "apiVersion" { return JSONMember("apiVersion", .string(apiVersion)) }
                return JSONMember(names[member.key] ?? member.key, member.value)
            })
    }

    /// A field that events are selected by, as it is stored: `regarding.name` is `involvedObject.name`.
    static func coreField(_ field: String) -> String {
        var parts = field.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        parts[0] = coreNames[parts[0]] ?? parts[0]
        return parts.joined(separator: ".")
    }
}
