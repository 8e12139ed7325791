import JSONTree

public struct Namespace: KubernetesKind {
    public static let gvk = GroupVersionKind(version: "v1", kind: "Namespace")
    public static let resource = GroupVersionResource(version: "v1", resource: "namespaces")
    public static let isNamespaced = false

    public var metadata: ObjectMeta
    /// `Active` or `Terminating`.
    public var phase: String
    /// `kubernetes` until the namespace is empty.
    public var specFinalizers: [String]

    public init(decoding node: JSONNode) throws(FieldError) {
        let fields = try FieldReader(node)
        metadata = try ObjectMeta(of: node)
        phase = try fields.object("status")?.string("phase") ?? "Active"
        specFinalizers = try fields.object("spec")?.strings("finalizers") ?? []
    }

    /// The label every server keeps on every namespace: its name.
    public static let nameLabel = "kubernetes.io/metadata.name"
}
