import JSONTree

public struct ConfigMap: KubernetesKind {
    public static let gvk = GroupVersionKind(version: "v1", kind: "ConfigMap")
    public static let resource = GroupVersionResource(version: "v1", resource: "configmaps")
    public static let isNamespaced = true

    public var metadata: ObjectMeta
    public var data: [String: String]

    public init(decoding node: JSONNode) throws(FieldError) {
        metadata = try ObjectMeta(of: node)
        data = try FieldReader(node).stringMap("data")
    }
}

public struct Secret: KubernetesKind {
    public static let gvk = GroupVersionKind(version: "v1", kind: "Secret")
    public static let resource = GroupVersionResource(version: "v1", resource: "secrets")
    public static let isNamespaced = true

    public var metadata: ObjectMeta
    /// `Opaque`, `kubernetes.io/tls`, ...
    public var type: String
    /// As it stands there: in base64.
    public var encodedData: [String: String]

    public init(decoding node: JSONNode) throws(FieldError) {
        let fields = try FieldReader(node)
        metadata = try ObjectMeta(of: node)
        type = try fields.string("type") ?? "Opaque"
        encodedData = try fields.stringMap("data")
    }
}

public struct ServiceAccount: KubernetesKind {
    public static let gvk = GroupVersionKind(version: "v1", kind: "ServiceAccount")
    public static let resource = GroupVersionResource(version: "v1", resource: "serviceaccounts")
    public static let isNamespaced = true

    public var metadata: ObjectMeta

    public init(decoding node: JSONNode) throws(FieldError) { metadata = try ObjectMeta(of: node) }
}
