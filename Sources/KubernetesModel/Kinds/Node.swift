import Addressing
import JSONTree

public struct Node: KubernetesKind {
    public static let gvk = GroupVersionKind(version: "v1", kind: "Node")
    public static let resource = GroupVersionResource(version: "v1", resource: "nodes")
    public static let isNamespaced = false

    public struct Address: Hashable, Sendable {
        /// `InternalIP`, `ExternalIP`, `Hostname`, `InternalDNS`, `ExternalDNS`.
        public var type: String
        public var address: String
    }

    public struct Taint: Hashable, Sendable {
        public var key: String
        public var value: String
        /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
        public var effect: String
    }

    public struct SystemInfo: Hashable, Sendable {
        public var kubeletVersion = ""
        public var kernelVersion = ""
        public var osImage = ""
        public var operatingSystem = ""
        public var architecture = ""
        public var containerRuntimeVersion = ""
    }

    public var metadata: ObjectMeta
    /// What the controller manager or a cloud assigned; empty when nobody does.
    public var podCIDRs: [IPPrefix] = []
    public var providerID = ""
    public var isUnschedulable = false
    public var taints: [Taint] = []
    public var addresses: [Address] = []
    public var conditions: [Condition] = []
    /// Where the kubelet listens on the node's addresses; 0 when unknown.
    public var kubeletPort: UInt16 = 0
    public var systemInfo = SystemInfo()

    public init(decoding node: JSONNode) throws(FieldError) {
        let fields = try FieldReader(node)
        metadata = try ObjectMeta(of: node)
        if let spec = try fields.object("spec") { try read(spec: spec) }
        if let status = try fields.object("status") { try read(status: status) }
    }

    private mutating func read(spec: FieldReader) throws(FieldError) {
        podCIDRs = try spec.prefixes("podCIDRs")
        if podCIDRs.isEmpty, let text = try spec.string("podCIDR"), let prefix = InterfaceAddress(text)?.prefix {
            podCIDRs = [prefix]
        }
        providerID = try spec.string("providerID") ?? ""
        isUnschedulable = try spec.bool("unschedulable") ?? false
        taints = try spec.objects("taints") { taint throws(FieldError) in
            Taint(
                key: try taint.string("key") ?? "", value: try taint.string("value") ?? "",
                effect: try taint.string("effect") ?? "")
        }
    }

    private mutating func read(status: FieldReader) throws(FieldError) {
        addresses = try status.objects("addresses") { address throws(FieldError) in
            Address(type: try address.string("type") ?? "", address: try address.string("address") ?? "")
        }
        conditions = try status.objects("conditions", Condition.init(reading:))
        kubeletPort = try status.object("daemonEndpoints")?.object("kubeletEndpoint")?.port("Port") ?? 0
        if let info = try status.object("nodeInfo") {
            systemInfo.kubeletVersion = try info.string("kubeletVersion") ?? ""
            systemInfo.kernelVersion = try info.string("kernelVersion") ?? ""
            systemInfo.osImage = try info.string("osImage") ?? ""
            systemInfo.operatingSystem = try info.string("operatingSystem") ?? ""
            systemInfo.architecture = try info.string("architecture") ?? ""
            systemInfo.containerRuntimeVersion = try info.string("containerRuntimeVersion") ?? ""
        }
    }
}

extension Node {
    /// Addresses inside the cluster, one or two families, in the node's order.
    public var internalIPs: [IPAddress] {
        addresses.filter { $0.type == "InternalIP" }.compactMap { IPAddress($0.address) }
    }

    public var externalIPs: [IPAddress] {
        addresses.filter { $0.type == "ExternalIP" }.compactMap { IPAddress($0.address) }
    }

    public var isReady: Bool { conditions.contains { $0.type == "Ready" && $0.isTrue } }
}
