import Addressing
import Fabric
import Findings
import IPAMKubernetes
import JSONTree
import KubernetesClient
import KubernetesModel

/// What `poplin status` asks the API server, as it stood there.
struct ClusterFacts: Sendable {
    var server = ""
    var version = ""
    var daemonSets: [DaemonSet] = []
    /// Containers' images by DaemonSet.
    var images: [String: [String]] = [:]
    var agentPods: [Pod] = []
    /// Definitions of our group: name, and whether they are served.
    var definitions: [(name: String, isEstablished: Bool)] = []
    var nodes: [Node] = []
    var pods: [Pod] = []
    var pools: [IPPool] = []
    /// Pools that cannot be read, by name, with what is wrong.
    var unreadablePools: [String: String] = [:]
    var blocks: [IPAMBlock] = []
    var addressMode = "kubernetes"
    /// `serviceCIDRs` of poplin.json.
    var serviceRanges: [IPPrefix] = []
    /// `Network` and `IPv6Network` of net-conf.json.
    var podNetworks: [IPPrefix] = []
    /// What is wrong in ConfigMap `poplin-config`: a place and a sentence each.
    var configurationErrors: [String] = []
    /// What has no effect there, or may surprise.
    var configurationWarnings: [String] = []
    /// Cluster addresses with the Service that has each.
    var serviceAddresses: [(service: ObjectKey, address: IPAddress)] = []
    var networkPolicies = 0
    /// Policies of other makers that no version of ours acts on: kind and number.
    var otherPolicies: [(kind: String, count: Int)] = []
    /// With a cluster address, the API server's own not counted.
    var services = 0
    var hasServiceProxy = false
    var warnings: [Event] = []
    /// What could not be looked at.
    var unknown: [Unknown] = []
    /// Where the agents are looked for.
    var agentNamespace = Self.namespace

    struct Unknown: Sendable, Equatable {
        /// A resource, with its group where it has one.
        var resource: String
        /// In the server's words.
        var reason: String
        /// Who asked may not (403), as opposed to a server that could not answer.
        var isRefused = true
    }

    static let namespace = "poplin-system"

    /// Every request on its own: what one is refused does not hide the rest. A server that does not answer is a failure.
    init(_ client: ClusterClient, namespace: String) async throws(KubernetesFailure) {
        agentNamespace = namespace
        version = try await client.serverVersion().gitVersion
        server = client.transport.origin.server ?? ""
        daemonSets = try await look("daemonsets.apps", []) { () async throws(KubernetesFailure) in
            try await client.list(DaemonSet.self, namespace: namespace).objects
        }
        for set in daemonSets {
            images[set.key.name] =
                set.template?.at("spec", "containers")?.elements.compactMap { $0.member("image")?.string } ?? []
        }
        nodes = try await look("nodes", []) { () async throws(KubernetesFailure) in
            try await client.list(Node.self).objects
        }
        pods = try await look("pods", []) { () async throws(KubernetesFailure) in
            try await client.list(Pod.self).objects
        }
        agentPods = pods.filter { $0.metadata.namespace == namespace }
        let definitions = try await look("customresourcedefinitions.apiextensions.k8s.io", []) {
            () async throws(KubernetesFailure) in
            try await client.collection(
                GroupVersionResource(
                    group: "apiextensions.k8s.io", version: "v1", resource: "customresourcedefinitions")
            ).all().items
        }
        self.definitions = definitions.filter { $0.at("spec", "group")?.string == "poplin.dev" }.map { definition in
            let conditions = definition.at("status", "conditions")?.elements.map { $0 } ?? []
            let isEstablished = conditions.contains {
                $0.member("type")?.string == "Established" && $0.member("status")?.string == "True"
            }
            return (definition.at("metadata", "name")?.string ?? "", isEstablished)
        }
        let reading = try await look("ippools.poplin.dev", PoolReading([])) { () async throws(KubernetesFailure) in
            try await client.pools()
        }
        pools = reading.pools
        unreadablePools = reading.unreadable
        blocks = try await look("ipamblocks.poplin.dev", []) { () async throws(KubernetesFailure) in
            try await client.list(IPAMBlock.self).objects
        }
        try await readConfiguration(client, namespace)
        try await readTraffic(client)
        warnings = try await look("events", []) { () async throws(KubernetesFailure) in
            try await client.list(Event.self, ListOptions(fieldSelector: "type=Warning")).objects
        }
    }

    /// Nothing is known yet: for tests, which fill it in.
    init() {}

    private mutating func readConfiguration(
        _ client: ClusterClient, _ namespace: String
    ) async throws(KubernetesFailure) {
        let map = try await look("configmaps", nil) { () async throws(KubernetesFailure) in
            try await client.collection(of: ConfigMap.self, namespace: namespace).find("poplin-config")
        }
        let data = map?.member("data")
        let reading = FabricConfiguration.read(
            netConf: data?.member("net-conf.json")?.string, poplin: data?.member("poplin.json")?.string)
        if let mode = reading.configuration?.ipam.mode.rawValue { addressMode = mode }
        serviceRanges = reading.configuration?.serviceCIDRs ?? []
        podNetworks = reading.configuration?.networks ?? []
        if map == nil { return }
        configurationErrors = reading.findings.filter { $0.severity == .error }.map(\.sentence)
        configurationWarnings = reading.findings.filter { $0.severity != .error }.map(\.sentence)
    }

    private mutating func readTraffic(_ client: ClusterClient) async throws(KubernetesFailure) {
        func count(_ group: String, _ version: String, _ plural: String) async throws(KubernetesFailure) -> Int {
            try await client.collection(GroupVersionResource(group: group, version: version, resource: plural)).all()
                .items.count
        }
        networkPolicies = try await look("networkpolicies.networking.k8s.io", 0) { () async throws(KubernetesFailure) in
            try await count("networking.k8s.io", "v1", "networkpolicies")
        }
        let others = [
            ("AdminNetworkPolicy", "policy.networking.k8s.io", "v1alpha1", "adminnetworkpolicies"),
            ("ClusterNetworkPolicy", "policy.networking.k8s.io", "v1alpha2", "clusternetworkpolicies"),
            ("CiliumNetworkPolicy", "cilium.io", "v2", "ciliumnetworkpolicies"),
            ("Calico NetworkPolicy", "crd.projectcalico.org", "v1", "networkpolicies"),
        ]
        for (kind, group, version, plural) in others {
            let number = try await look("\(plural).\(group)", 0) { () async throws(KubernetesFailure) in
                try await count(group, version, plural)
            }
            if number > 0 { otherPolicies.append((kind, number)) }
        }
        let services = try await look("services", []) { () async throws(KubernetesFailure) in
            try await client.list(Service.self).objects
        }
        serviceAddresses = services.flatMap { service in service.clusterIPs.map { (service.key, $0) } }
        self.services = services.count { service in
            service.key != ObjectKey(namespace: "default", name: "kubernetes") && !service.clusterIPs.isEmpty
        }
        hasServiceProxy = pods.contains { pod in
            pod.metadata.namespace == "kube-system"
                && (pod.metadata.labels["k8s-app"] == "kube-proxy" || pod.metadata.name.hasPrefix("kube-proxy-"))
        }
    }

    /// A collection that the server does not have is empty; one that may not be listed is unknown.
    private mutating func look<Value: Sendable>(
        _ what: String, _ nothing: Value, _ ask: () async throws(KubernetesFailure) -> Value
    ) async throws(KubernetesFailure) -> Value {
        do throws(KubernetesFailure) {
            return try await ask()
        } catch {
            switch error.kind {
            // Whom the server does not know gets this one answer to everything.
            case .status(let status) where status.code == 401: throw error
            case .status(let status):
                if !status.isNotFound {
                    unknown.append(Unknown(resource: what, reason: status.message, isRefused: status.code == 403))
                }
            case .malformed(let reason):
                unknown.append(Unknown(resource: what, reason: reason, isRefused: false))
            default: throw error
            }
            return nothing
        }
    }
}
