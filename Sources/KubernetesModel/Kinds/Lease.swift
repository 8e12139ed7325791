import JSONTree

public struct Lease: KubernetesKind {
    public static let gvk = GroupVersionKind(group: "coordination.k8s.io", version: "v1", kind: "Lease")
    public static let resource = GroupVersionResource(group: "coordination.k8s.io", version: "v1", resource: "leases")
    public static let isNamespaced = true

    public var metadata: ObjectMeta
    /// Empty when nobody holds it.
    public var holderIdentity: String
    public var leaseDurationSeconds: Int?
    public var acquireTime: MicroTime?
    public var renewTime: MicroTime?
    /// How often the lease changed hands: its fencing token.
    public var leaseTransitions: Int

    public init(decoding node: JSONNode) throws(FieldError) {
        let fields = try FieldReader(node)
        metadata = try ObjectMeta(of: node)
        let spec = try fields.object("spec")
        holderIdentity = try spec?.string("holderIdentity") ?? ""
        leaseDurationSeconds = try spec?.int("leaseDurationSeconds")
        acquireTime = try spec?.microTime("acquireTime")
        renewTime = try spec?.microTime("renewTime")
        leaseTransitions = try spec?.int("leaseTransitions") ?? 0
    }
}
