import Addressing

/// What policies select from: the part of the cluster's state that a verdict depends on. A plain value; the compiler
/// takes the same records one by one as they change.
public struct Cluster: Sendable {
    public private(set) var namespaces: [String: ClusterNamespace] = [:]
    public private(set) var pods: [PodName: ClusterPod] = [:]
    public private(set) var nodes: [String: ClusterNode] = [:]
    public private(set) var services: [ServiceName: ClusterService] = [:]
    public private(set) var networkSets: [NetworkSetName: NetworkSet] = [:]
    public private(set) var serviceAccounts: [ServiceAccountName: ClusterServiceAccount] = [:]

    public init() {}

    @discardableResult
    public mutating func update(_ namespace: ClusterNamespace) -> ClusterNamespace? {
        namespaces.updateValue(namespace, forKey: namespace.name)
    }
    @discardableResult
    public mutating func update(_ pod: ClusterPod) -> ClusterPod? { pods.updateValue(pod, forKey: pod.id) }
    @discardableResult
    public mutating func update(_ node: ClusterNode) -> ClusterNode? { nodes.updateValue(node, forKey: node.name) }
    @discardableResult
    public mutating func update(_ service: ClusterService) -> ClusterService? {
        services.updateValue(service, forKey: service.id)
    }
    @discardableResult
    public mutating func update(_ set: NetworkSet) -> NetworkSet? { networkSets.updateValue(set, forKey: set.id) }
    @discardableResult
    public mutating func update(_ account: ClusterServiceAccount) -> ClusterServiceAccount? {
        serviceAccounts.updateValue(account, forKey: account.id)
    }

    @discardableResult
    public mutating func removeNamespace(_ name: String) -> ClusterNamespace? { namespaces.removeValue(forKey: name) }
    @discardableResult
    public mutating func removePod(_ id: PodName) -> ClusterPod? { pods.removeValue(forKey: id) }
    @discardableResult
    public mutating func removeNode(_ name: String) -> ClusterNode? { nodes.removeValue(forKey: name) }
    @discardableResult
    public mutating func removeService(_ id: ServiceName) -> ClusterService? { services.removeValue(forKey: id) }
    @discardableResult
    public mutating func removeNetworkSet(_ id: NetworkSetName) -> NetworkSet? { networkSets.removeValue(forKey: id) }
    @discardableResult
    public mutating func removeServiceAccount(_ id: ServiceAccountName) -> ClusterServiceAccount? {
        serviceAccounts.removeValue(forKey: id)
    }
}

extension Cluster {
    /// The labels of a namespace as selectors see them: with the label of its name, which the API server guarantees.
    /// A namespace that no object describes has that one label.
    public func labels(ofNamespace name: String) -> [String: String] {
        var labels = namespaces[name]?.labels ?? [:]
        labels[LabelKey.namespaceName.name] = name
        return labels
    }

    /// What selectors see of a pod.
    public func labels(of pod: ClusterPod) -> LabelView {
        let account = ServiceAccountName(namespace: pod.id.namespace, name: pod.serviceAccount)
        var accountLabels = serviceAccounts[account]?.labels ?? [:]
        accountLabels[LabelKey.serviceAccountName.name] = pod.serviceAccount
        return LabelView(
            own: pod.labels, namespace: labels(ofNamespace: pod.id.namespace), serviceAccount: accountLabels)
    }

    /// Where the API server answers: the endpoints of default/kubernetes.
    public var apiServerAddresses: [IPAddress] {
        services[ServiceName(namespace: "default", name: "kubernetes")]?.endpoints ?? []
    }
}

/// Namespace and name of a pod, printed `shop/cart-0`.
public struct PodName: Hashable, Sendable, Comparable, CustomStringConvertible {
    public var namespace: String
    public var name: String

    public init(namespace: String, name: String) {
        self.namespace = namespace
        self.name = name
    }

    /// `namespace/name`; nil when the slash or one side is missing.
    public init?(_ text: String) {
        guard let slash = text.utf8.firstIndex(of: UInt8(ascii: "/")) else { return nil }
        namespace = String(text[..<slash])
        name = String(text[text.index(after: slash)...])
        if namespace.isEmpty || name.isEmpty || name.utf8.contains(UInt8(ascii: "/")) { return nil }
    }

    public var description: String { "\(namespace)/\(name)" }

    public static func < (left: PodName, right: PodName) -> Bool {
        (left.namespace, left.name) < (right.namespace, right.name)
    }
}

public typealias ServiceName = PodName
public typealias ServiceAccountName = PodName

public struct ClusterNamespace: Sendable, Hashable {
    public var name: String
    public var labels: [String: String]

    public init(name: String, labels: [String: String] = [:]) {
        self.name = name
        self.labels = labels
    }
}

public struct ClusterPod: Sendable, Hashable {
    public var id: PodName
    public var labels: [String: String]
    /// Of both families, as in status.podIPs; empty before the pod network has answered.
    public var addresses: [IPAddress]
    /// Empty while not scheduled.
    public var node: String
    /// The pod has the node's addresses: it is treated as its node everywhere.
    public var isOnHostNetwork: Bool
    public var ports: [ContainerPort]
    /// `default` when the manifest says nothing.
    public var serviceAccount: String
    /// Succeeded or Failed: its addresses may be another pod's by now, so nothing selects it and no address is
    /// resolved to it.
    public var isFinished: Bool

    public init(
        id: PodName, labels: [String: String] = [:], addresses: [IPAddress] = [], node: String = "",
        isOnHostNetwork: Bool = false, ports: [ContainerPort] = [], serviceAccount: String = "default",
        isFinished: Bool = false
    ) {
        self.id = id
        self.labels = labels
        self.addresses = addresses
        self.node = node
        self.isOnHostNetwork = isOnHostNetwork
        self.ports = ports
        self.serviceAccount = serviceAccount
        self.isFinished = isFinished
    }

    /// Whether policies apply to it and selectors see it.
    public var isPolicyEndpoint: Bool { !isOnHostNetwork && !isFinished }
}

/// A declared port of any container that serves (restartable init containers included).
public struct ContainerPort: Sendable, Hashable, Comparable {
    /// Nil when it has none.
    public var name: String?
    public var number: UInt16
    public var transport: TransportProtocol

    public init(name: String? = nil, number: UInt16, transport: TransportProtocol = .tcp) {
        self.name = name
        self.number = number
        self.transport = transport
    }

    public static func < (left: ContainerPort, right: ContainerPort) -> Bool {
        (left.name ?? "", left.transport, left.number) < (right.name ?? "", right.transport, right.number)
    }
}

public struct ClusterNode: Sendable, Hashable {
    public var name: String
    public var labels: [String: String]
    public var addresses: [IPAddress]

    public init(name: String, labels: [String: String] = [:], addresses: [IPAddress] = []) {
        self.name = name
        self.labels = labels
        self.addresses = addresses
    }
}

/// A Service with the endpoints its EndpointSlices name.
public struct ClusterService: Sendable, Hashable {
    public var id: ServiceName
    public var labels: [String: String]
    public var selector: [String: String]
    public var clusterAddresses: [IPAddress]
    public var ports: [ServicePort]
    /// Addresses of ready endpoints.
    public var endpoints: [IPAddress]

    public init(
        id: ServiceName, labels: [String: String] = [:], selector: [String: String] = [:],
        clusterAddresses: [IPAddress] = [], ports: [ServicePort] = [], endpoints: [IPAddress] = []
    ) {
        self.id = id
        self.labels = labels
        self.selector = selector
        self.clusterAddresses = clusterAddresses
        self.ports = ports
        self.endpoints = endpoints
    }
}

public struct ServicePort: Sendable, Hashable {
    public enum Target: Sendable, Hashable {
        case number(UInt16)
        case name(String)
    }

    public var name: String?
    public var number: UInt16
    public var transport: TransportProtocol
    /// Where the connection arrives at the pod, which is what policies see.
    public var target: Target

    public init(name: String? = nil, number: UInt16, transport: TransportProtocol = .tcp, target: Target? = nil) {
        self.name = name
        self.number = number
        self.transport = transport
        self.target = target ?? .number(number)
    }
}

/// Named lists of prefixes: Calico's NetworkSet (namespaced) and GlobalNetworkSet, Cilium's CiliumCIDRGroup.
public struct NetworkSet: Sendable, Hashable {
    public var id: NetworkSetName
    public var labels: [String: String]
    public var prefixes: [IPPrefix]

    public init(id: NetworkSetName, labels: [String: String] = [:], prefixes: [IPPrefix]) {
        self.id = id
        self.labels = labels
        self.prefixes = prefixes
    }
}

public struct NetworkSetName: Hashable, Sendable, CustomStringConvertible {
    /// Empty for global sets.
    public var namespace: String
    public var name: String

    public init(namespace: String = "", name: String) {
        self.namespace = namespace
        self.name = name
    }

    public var description: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }
}

public struct ClusterServiceAccount: Sendable, Hashable {
    public var id: ServiceAccountName
    public var labels: [String: String]

    public init(id: ServiceAccountName, labels: [String: String] = [:]) {
        self.id = id
        self.labels = labels
    }
}
