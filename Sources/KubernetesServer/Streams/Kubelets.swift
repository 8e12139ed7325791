import JSONTree
import KubernetesModel
import NIOSSL

/// Where a node's kubelet listens, and how to speak to it.
public struct KubeletEndpoint: Sendable {
    public enum Security: Sendable {
        /// For a lab on one machine.
        case plain
        /// With the certificates of the context; the name is what the kubelet's certificate must be for, nil for its
        /// address.
        case tls(NIOSSLContext, name: String?)
    }

    public var host: String
    public var port: Int
    public var security: Security

    public init(host: String, port: Int, security: Security) {
        self.host = host
        self.port = port
        self.security = security
    }

    var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// Finds the kubelet of a node.
public protocol KubeletLocator: Sendable {
    func endpoint(ofNode name: String) async throws(Status) -> KubeletEndpoint
}

/// What the nodes say of themselves: the first internal address, otherwise an external one, otherwise the host name,
/// as kubeadm configures a kube-apiserver; the port of `daemonEndpoints`, otherwise 10250.
public struct NodeKubelets: KubeletLocator {
    private let store: ObjectStore
    private let security: KubeletEndpoint.Security

    static let defaultPort = 10250
    static let preferredTypes = ["InternalIP", "ExternalIP", "Hostname"]

    public init(store: ObjectStore, security: KubeletEndpoint.Security) {
        self.store = store
        self.security = security
    }

    public func endpoint(ofNode name: String) async throws(Status) -> KubeletEndpoint {
        let resource = GroupResource(resource: "nodes")
        guard let root = try await PodStreams.object(StoreKey("nodes", name: name), in: store) else {
            throw .notFound(resource, name)
        }
        let node: Node
        do throws(FieldError) {
            node = try Node(decoding: root)
        } catch {
            throw .internalError("node \(GoText.quoted(name)): \(error)")
        }
        for type in Self.preferredTypes {
            if let address = node.addresses.first(where: { $0.type == type && !$0.address.isEmpty }) {
                let port = node.kubeletPort == 0 ? Self.defaultPort : Int(node.kubeletPort)
                return KubeletEndpoint(host: address.address, port: port, security: security)
            }
        }
        let known = node.addresses.map { "{\($0.type) \($0.address)}" }.joined(separator: " ")
        throw .internalError("no preferred addresses found; known addresses: [\(known)]")
    }
}
