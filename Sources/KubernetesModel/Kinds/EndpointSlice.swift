import Addressing
import JSONTree

public struct EndpointSlice: KubernetesKind {
    public static let gvk = GroupVersionKind(group: "discovery.k8s.io", version: "v1", kind: "EndpointSlice")
    public static let resource = GroupVersionResource(
        group: "discovery.k8s.io", version: "v1", resource: "endpointslices")
    public static let isNamespaced = true

    public struct Endpoint: Hashable, Sendable {
        /// Texts, because a slice may hold host names.
        public var addresses: [String]
        /// True when nobody said otherwise.
        public var isReady: Bool
        /// Ready, whether it is terminating or not.
        public var isServing: Bool
        public var isTerminating: Bool
        public var hostname: String
        public var nodeName: String
        public var zone: String
        public var targetRef: ObjectReference?
        public var hintZones: [String]
        public var hintNodes: [String]

        public var ips: [IPAddress] { addresses.compactMap { IPAddress($0) } }
    }

    public struct Port: Hashable, Sendable {
        public var name: String
        public var transport: TransportProtocol
        /// nil means every port.
        public var port: UInt16?
        public var appProtocol: String
    }

    public var metadata: ObjectMeta
    /// `IPv4`, `IPv6` or `FQDN`.
    public var addressType: String
    public var endpoints: [Endpoint]
    public var ports: [Port]

    public init(decoding node: JSONNode) throws(FieldError) {
        let fields = try FieldReader(node)
        metadata = try ObjectMeta(of: node)
        addressType = try fields.string("addressType") ?? ""
        endpoints = try fields.objects("endpoints", Endpoint.init(reading:))
        ports = try fields.objects("ports") { port throws(FieldError) in
            Port(
                name: try port.string("name") ?? "", transport: try port.transportProtocol(),
                port: try port.port("port"), appProtocol: try port.string("appProtocol") ?? "")
        }
    }

    /// Names the service a slice belongs to.
    public static let serviceLabel = "kubernetes.io/service-name"

    public var serviceName: String? { metadata.labels[Self.serviceLabel] }
}

extension EndpointSlice.Endpoint {
    init(reading fields: FieldReader) throws(FieldError) {
        addresses = try fields.strings("addresses")
        let conditions = try fields.object("conditions")
        isReady = try conditions?.bool("ready") ?? true
        isTerminating = try conditions?.bool("terminating") ?? false
        isServing = try conditions?.bool("serving") ?? isReady
        hostname = try fields.string("hostname") ?? ""
        nodeName = try fields.string("nodeName") ?? ""
        zone = try fields.string("zone") ?? ""
        targetRef = try fields.object("targetRef").map(ObjectReference.init(reading:))
        let hints = try fields.object("hints")
        hintZones = try hints?.objects("forZones") { zone throws(FieldError) in try zone.string("name") ?? "" } ?? []
        hintNodes = try hints?.objects("forNodes") { node throws(FieldError) in try node.string("name") ?? "" } ?? []
    }
}
