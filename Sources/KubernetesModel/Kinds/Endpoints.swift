import Addressing
import JSONTree

/// The predecessor of EndpointSlice. Still written by hand for services without selector.
public struct Endpoints: KubernetesKind {
    public static let gvk = GroupVersionKind(version: "v1", kind: "Endpoints")
    public static let resource = GroupVersionResource(version: "v1", resource: "endpoints")
    public static let isNamespaced = true

    public struct Address: Hashable, Sendable {
        public var ip: IPAddress
        public var hostname: String
        public var nodeName: String
        public var targetRef: ObjectReference?
    }

    public struct Port: Hashable, Sendable {
        public var name: String
        public var transport: TransportProtocol
        public var port: UInt16
        public var appProtocol: String
    }

    public struct Subset: Hashable, Sendable {
        public var addresses: [Address]
        public var notReadyAddresses: [Address]
        public var ports: [Port]
    }

    public var metadata: ObjectMeta
    public var subsets: [Subset]

    public init(decoding node: JSONNode) throws(FieldError) {
        let fields = try FieldReader(node)
        metadata = try ObjectMeta(of: node)
        subsets = try fields.objects("subsets") { subset throws(FieldError) in
            Subset(
                addresses: try subset.objects("addresses", Address.init(reading:)),
                notReadyAddresses: try subset.objects("notReadyAddresses", Address.init(reading:)),
                ports: try subset.objects("ports") { port throws(FieldError) in
                    Port(
                        name: try port.string("name") ?? "", transport: try port.transportProtocol(),
                        port: try port.port("port") ?? 0, appProtocol: try port.string("appProtocol") ?? "")
                })
        }
    }
}

extension Endpoints.Address {
    init(reading fields: FieldReader) throws(FieldError) {
        guard let ip = try fields.address("ip") else {
            throw FieldError(.required, at: fields.node.path + ".ip", node: fields.node)
        }
        self.ip = ip
        hostname = try fields.string("hostname") ?? ""
        nodeName = try fields.string("nodeName") ?? ""
        targetRef = try fields.object("targetRef").map(ObjectReference.init(reading:))
    }
}
