import JSONTree

public struct DaemonSet: KubernetesKind {
    public static let gvk = GroupVersionKind(group: "apps", version: "v1", kind: "DaemonSet")
    public static let resource = GroupVersionResource(group: "apps", version: "v1", resource: "daemonsets")
    public static let isNamespaced = true

    public var metadata: ObjectMeta
    /// nil (which no server accepts) selects nothing.
    public var selector: LabelSelector?
    /// Of the pods: labels, annotations and spec, to be made into pods.
    public var template: JSONNode?
    public var templateLabels: [String: String]
    public var desiredNumberScheduled: Int
    public var currentNumberScheduled: Int
    public var updatedNumberScheduled: Int
    public var numberReady: Int
    public var numberAvailable: Int
    public var observedGeneration: Int

    public init(decoding node: JSONNode) throws(FieldError) {
        let fields = try FieldReader(node)
        metadata = try ObjectMeta(of: node)
        let spec = try fields.object("spec")
        selector = try spec?.field("selector").map(LabelSelector.init(_:))
        template = spec?.field("template")
        templateLabels = try spec?.object("template")?.object("metadata")?.stringMap("labels") ?? [:]
        let status = try fields.object("status")
        desiredNumberScheduled = try status?.int("desiredNumberScheduled") ?? 0
        currentNumberScheduled = try status?.int("currentNumberScheduled") ?? 0
        updatedNumberScheduled = try status?.int("updatedNumberScheduled") ?? 0
        numberReady = try status?.int("numberReady") ?? 0
        numberAvailable = try status?.int("numberAvailable") ?? 0
        observedGeneration = try status?.int("observedGeneration") ?? 0
    }
}
