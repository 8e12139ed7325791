import Addressing
import JSONTree

public struct Service: KubernetesKind {
    public static let gvk = GroupVersionKind(version: "v1", kind: "Service")
    public static let resource = GroupVersionResource(version: "v1", resource: "services")
    public static let isNamespaced = true

    public enum ServiceType: String, Hashable, Sendable, CaseIterable {
        case clusterIP = "ClusterIP"
        case nodePort = "NodePort"
        case loadBalancer = "LoadBalancer"
        case externalName = "ExternalName"
    }

    public struct Port: Hashable, Sendable {
        public var name: String
        public var transport: TransportProtocol
        public var port: UInt16
        /// A number or the name of a container's port; the service's own port when the field is absent.
        public var targetPort: IntOrString
        /// 0 for none.
        public var nodePort: UInt16
        /// `http`, `kubernetes.io/h2c`, ...; empty for none.
        public var appProtocol: String
    }

    /// What a load balancer gave the service.
    public struct Ingress: Hashable, Sendable {
        public var ip: IPAddress?
        public var hostname: String
        /// `VIP` or `Proxy`: whether packets for the address are to be handled by nodes.
        public var ipMode: String
    }

    public var metadata: ObjectMeta
    public var type = ServiceType.clusterIP
    public var ports: [Port] = []
    /// nil for a service without selector: somebody else writes its endpoints.
    public var selector: [String: String]?
    /// Empty for headless services and external names.
    public var clusterIPs: [IPAddress] = []
    /// `clusterIP: None`.
    public var isHeadless = false
    public var externalIPs: [IPAddress] = []
    public var externalName = ""
    /// `IPv4`, `IPv6` in order of preference.
    public var ipFamilies: [String] = []
    public var ipFamilyPolicy = ""
    /// `Cluster` or `Local`.
    public var internalTrafficPolicy = "Cluster"
    public var externalTrafficPolicy = "Cluster"
    /// 0 for none; only for load balancers with local traffic policy.
    public var healthCheckNodePort: UInt16 = 0
    /// Seconds a client stays with its endpoint; nil without affinity.
    public var clientAffinitySeconds: Int?
    public var publishesNotReadyAddresses = false
    public var loadBalancerClass = ""
    public var loadBalancerSourceRanges: [IPPrefix] = []
    public var allocatesLoadBalancerNodePorts = true
    /// `PreferClose`, `PreferSameZone`, `PreferSameNode`, or empty.
    public var trafficDistribution = ""
    public var ingress: [Ingress] = []

    public init(decoding node: JSONNode) throws(FieldError) {
        let fields = try FieldReader(node)
        metadata = try ObjectMeta(of: node)
        if let spec = try fields.object("spec") {
            try readKind(spec)
            try readTraffic(spec)
        }
        ingress =
            try fields.object("status")?.object("loadBalancer")?.objects("ingress") { entry throws(FieldError) in
                Ingress(
                    ip: try entry.address("ip"), hostname: try entry.string("hostname") ?? "",
                    ipMode: try entry.string("ipMode") ?? "VIP")
            } ?? []
    }

    private mutating func readKind(_ spec: FieldReader) throws(FieldError) {
        if let value = spec.field("type"), let name = try spec.string("type"), !name.isEmpty {
            guard let type = ServiceType(rawValue: name) else {
                throw FieldError(.notSupported(ServiceType.allCases.map(\.rawValue).sorted()), at: value)
            }
            self.type = type
        }
        ports = try spec.objects("ports") { port throws(FieldError) in
            let number = try port.port("port") ?? 0
            return Port(
                name: try port.string("name") ?? "", transport: try port.transportProtocol(), port: number,
                targetPort: try Self.targetPort(port) ?? .int(Int32(number)),
                nodePort: try port.port("nodePort") ?? 0, appProtocol: try port.string("appProtocol") ?? "")
        }
        selector = spec.field("selector") == nil ? nil : try spec.stringMap("selector")
        let first = try spec.string("clusterIP") ?? ""
        let all = try spec.strings("clusterIPs")
        isHeadless = first == "None" || all == ["None"]
        if !isHeadless {
            clusterIPs =
                all.isEmpty ? try spec.address("clusterIP").map { [$0] } ?? [] : try spec.addresses("clusterIPs")
        }
        externalIPs = try spec.addresses("externalIPs")
        externalName = try spec.string("externalName") ?? ""
        ipFamilies = try spec.strings("ipFamilies")
        ipFamilyPolicy = try spec.string("ipFamilyPolicy") ?? ""
    }

    /// 0 and the empty name are the same as absent.
    private static func targetPort(_ port: FieldReader) throws(FieldError) -> IntOrString? {
        let target = try port.intOrString("targetPort")
        return target == .int(0) || target == .string("") ? nil : target
    }

    private mutating func readTraffic(_ spec: FieldReader) throws(FieldError) {
        internalTrafficPolicy = try spec.string("internalTrafficPolicy") ?? "Cluster"
        externalTrafficPolicy = try spec.string("externalTrafficPolicy") ?? "Cluster"
        healthCheckNodePort = try spec.port("healthCheckNodePort") ?? 0
        if try spec.string("sessionAffinity") == "ClientIP" {
            clientAffinitySeconds =
                try spec.object("sessionAffinityConfig")?.object("clientIP")?.int("timeoutSeconds") ?? 10_800
        }
        publishesNotReadyAddresses = try spec.bool("publishNotReadyAddresses") ?? false
        loadBalancerClass = try spec.string("loadBalancerClass") ?? ""
        loadBalancerSourceRanges = try spec.prefixes("loadBalancerSourceRanges")
        allocatesLoadBalancerNodePorts = try spec.bool("allocateLoadBalancerNodePorts") ?? true
        trafficDistribution = try spec.string("trafficDistribution") ?? ""
    }
}
