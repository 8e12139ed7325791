import JSONTree

/// `v1` Event: what kubectl describe shows at its end.
public struct Event: KubernetesKind {
    public static let gvk = GroupVersionKind(version: "v1", kind: "Event")
    public static let resource = GroupVersionResource(version: "v1", resource: "events")
    public static let isNamespaced = true

    public var metadata: ObjectMeta
    public var involvedObject: ObjectReference
    /// `Normal` or `Warning`.
    public var type: String
    public var reason: String
    public var message: String
    public var sourceComponent: String
    public var sourceHost: String
    public var reportingComponent: String
    public var count: Int
    public var firstTimestamp: Timestamp?
    public var lastTimestamp: Timestamp?
    public var eventTime: MicroTime?

    public init(decoding node: JSONNode) throws(FieldError) {
        let fields = try FieldReader(node)
        metadata = try ObjectMeta(of: node)
        involvedObject =
            try fields.object("involvedObject").map(ObjectReference.init(reading:))
            ?? ObjectReference(kind: "", name: "")
        type = try fields.string("type") ?? ""
        reason = try fields.string("reason") ?? ""
        message = try fields.string("message") ?? ""
        let source = try fields.object("source")
        sourceComponent = try source?.string("component") ?? ""
        sourceHost = try source?.string("host") ?? ""
        reportingComponent = try fields.string("reportingComponent") ?? ""
        count = try fields.int("count") ?? 0
        firstTimestamp = try fields.timestamp("firstTimestamp")
        lastTimestamp = try fields.timestamp("lastTimestamp")
        eventTime = try fields.microTime("eventTime")
    }
}
