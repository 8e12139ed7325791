import Addressing
import JSONTree
import KubernetesModel

extension PolicyInput {
    /// Reads an object that policies select or refer to. Answers whether the kind is one of them.
    mutating func readCluster(_ document: PolicyDocument) throws(FieldError) -> Bool {
        let node = document.node
        switch (document.gvk.group, document.gvk.kind) {
        case ("", "Pod"): cluster.update(ClusterPod(try Pod(decoding: node)))
        case ("", "Namespace"): cluster.update(ClusterNamespace(try Namespace(decoding: node)))
        case ("", "Node"): cluster.update(ClusterNode(try Node(decoding: node)))
        case ("", "Service"): cluster.update(ClusterService(try Service(decoding: node)))
        case ("", "ServiceAccount"): cluster.update(ClusterServiceAccount(try ObjectMeta(of: node)))
        case ("discovery.k8s.io", "EndpointSlice"): slices.append(try EndpointSlice(decoding: node))
        case ("apps", "Deployment"), ("apps", "StatefulSet"), ("apps", "DaemonSet"), ("apps", "ReplicaSet"),
            ("", "ReplicationController"), ("batch", "Job"):
            if let template = node.at("spec", "template") { try readTemplate(template, of: node) }
        case ("batch", "CronJob"):
            if let template = node.at("spec", "jobTemplate", "spec", "template") {
                try readTemplate(template, of: node)
            }
        default: return false
        }
        return true
    }

    /// A workload stands for one pod of its own name, unless it is owned by another workload or pods of it are there:
    /// manifests in a repository have templates, dumps of a cluster have both.
    private mutating func readTemplate(_ template: JSONNode, of workload: JSONNode) throws(FieldError) {
        let owner = try ObjectMeta(of: workload)
        guard owner.controller == nil else { return }
        var pod = ClusterPod(try Pod(decoding: template))
        pod.id = PodName(namespace: owner.namespace.isEmpty ? "default" : owner.namespace, name: owner.name)
        pod.isFinished = false
        templates.append(pod)
    }

    /// Services get the addresses of their EndpointSlices, or, where there are none, of the pods they select.
    func joinEndpoints(_ cluster: inout Cluster) {
        var endpoints: [ServiceName: [IPAddress]] = [:]
        for slice in slices {
            guard let name = slice.serviceName else { continue }
            let id = ServiceName(namespace: slice.metadata.namespace, name: name)
            endpoints[id, default: []] += slice.endpoints.filter(\.isReady).flatMap(\.ips)
        }
        for service in cluster.services.values {
            var service = service
            if let listed = endpoints[service.id] {
                service.endpoints = listed
            } else if !service.selector.isEmpty {
                service.endpoints = cluster.pods.values.filter { pod in
                    pod.id.namespace == service.id.namespace && !pod.isFinished
                        && service.selector.allSatisfy { pod.labels[$0.key] == $0.value }
                }.sorted { $0.id < $1.id }.flatMap(\.addresses)
            }
            cluster.update(service)
        }
        // Selector-less services whose object is missing, such as default/kubernetes in a partial dump.
        for (id, addresses) in endpoints where cluster.services[id] == nil {
            cluster.update(ClusterService(id: id, endpoints: addresses))
        }
    }

    /// Adds the pods that templates stand for where no pod of the same labels exists in the namespace.
    func addTemplates(_ cluster: inout Cluster) {
        for pod in templates where cluster.pods[pod.id] == nil {
            let hasRunning = cluster.pods.values.contains { other in
                other.id.namespace == pod.id.namespace && !other.isFinished
                    && pod.labels.allSatisfy { other.labels[$0.key] == $0.value }
            }
            if !hasRunning { cluster.update(pod) }
        }
    }
}

extension ClusterPod {
    public init(_ pod: Pod) {
        let namespace = pod.metadata.namespace.isEmpty ? "default" : pod.metadata.namespace
        self.init(
            id: PodName(namespace: namespace, name: pod.metadata.name), labels: pod.metadata.labels,
            addresses: pod.status.podIPs, node: pod.spec.nodeName, isOnHostNetwork: pod.spec.hostNetwork,
            ports: pod.servingContainers.flatMap(\.ports).compactMap { port in
                TransportProtocol(name: port.transport.rawValue).map {
                    ContainerPort(
                        name: port.name.isEmpty ? nil : port.name, number: port.containerPort, transport: $0)
                }
            },
            serviceAccount: pod.spec.serviceAccountName.isEmpty ? "default" : pod.spec.serviceAccountName,
            isFinished: pod.isFinished)
    }
}

extension ClusterNamespace {
    public init(_ namespace: Namespace) {
        self.init(name: namespace.metadata.name, labels: namespace.metadata.labels)
    }
}

extension ClusterNode {
    public init(_ node: Node) {
        self.init(
            name: node.metadata.name, labels: node.metadata.labels,
            addresses: node.addresses.compactMap { IPAddress($0.address) })
    }
}

extension ClusterServiceAccount {
    public init(_ metadata: ObjectMeta) {
        let namespace = metadata.namespace.isEmpty ? "default" : metadata.namespace
        self.init(id: ServiceAccountName(namespace: namespace, name: metadata.name), labels: metadata.labels)
    }
}

extension ClusterService {
    public init(_ service: Service) {
        let namespace = service.metadata.namespace.isEmpty ? "default" : service.metadata.namespace
        self.init(
            id: ServiceName(namespace: namespace, name: service.metadata.name), labels: service.metadata.labels,
            selector: service.selector ?? [:], clusterAddresses: service.clusterIPs,
            ports: service.ports.compactMap { port in
                TransportProtocol(name: port.transport.rawValue).map { transport in
                    let target: ServicePort.Target =
                        switch port.targetPort {
                        case .int(let number): .number(UInt16(truncatingIfNeeded: number))
                        case .string(let name): .name(name)
                        }
                    return ServicePort(
                        name: port.name.isEmpty ? nil : port.name, number: port.port, transport: transport,
                        target: target)
                }
            })
    }
}
