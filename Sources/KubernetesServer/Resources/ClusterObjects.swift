import Addressing
import JSONTree
import KubernetesModel

/// What a cluster has from its first moment: its namespaces, and the service of the API server.
enum ClusterObjects {
    static let namespaces = ["default", "kube-system", "kube-public", "kube-node-lease"]

    /// - Parameter address: where the server listens; an address that only this machine has is no endpoint.
    static func ensure(in store: ObjectStore, address: String) async throws(StoreFailure) {
        let endpoints = endpoints(address)
        do throws(WriteFailure<Never>) {
            try await store.write { (transaction) throws(Never) in
                for name in namespaces where transaction.object(StoreKey("namespaces", name: name)) == nil {
                    put(namespace(name), StoreKey("namespaces", name: name), transaction)
                }
                let service = StoreKey("services", namespace: "default", name: "kubernetes")
                if transaction.object(service) == nil { put(kubernetes, service, transaction) }
                for (name, value, text) in priorities {
                    let key = StoreKey("priorityclasses.scheduling.k8s.io", name: name)
                    if transaction.object(key) == nil { put(priority(name, value, text), key, transaction) }
                }
                for (key, object) in endpoints { replace(object, key, transaction) }
            }
        } catch {
            if case .store(let failure) = error { throw failure }
        }
    }

    private static func put(_ object: JSONValue, _ key: StoreKey, _ transaction: WriteTransaction) {
        let (uid, bytes) = ServerObjects.new(object)
        transaction.put(key, uid: uid, bytes)
    }

    /// The address may be another one than before a restart.
    private static func replace(_ object: JSONValue, _ key: StoreKey, _ transaction: WriteTransaction) {
        guard let stored = transaction.object(key), let root = try? JSONTree(parsing: stored.bytes).root else {
            put(object, key, transaction)
            return
        }
        let fields = ["subsets", "endpoints", "ports"]
        let isSame = fields.allSatisfy { field in
            let (old, new) = (root.member(field), object.member(field))
            return old.map { JSONValue.node($0).isEquivalent(to: new ?? .null) } ?? (new == nil)
        }
        if !isSame { put(object, key, transaction) }
    }

    /// What pods find behind the service of the API server.
    static func endpoints(_ address: String) -> [(StoreKey, JSONValue)] {
        guard let colon = address.lastIndex(of: ":"), let port = Int64(address[address.index(after: colon)...]),
            port > 0
        else { return [] }
        let host = address[..<colon].filter { $0 != "[" && $0 != "]" }
        guard let ip = IPAddress(host), !ip.isLoopback, !ip.isUnspecified, !ip.isLinkLocal else { return [] }
        let ports: JSONValue = [["name": "https", "port": .int(port), "protocol": "TCP"]]
        let slice: JSONValue = [
            "kind": "EndpointSlice", "apiVersion": "discovery.k8s.io/v1",
            "metadata": [
                "name": "kubernetes", "namespace": "default", "labels": ["kubernetes.io/service-name": "kubernetes"],
            ], "addressType": .string(ip.family.description),
            "endpoints": [["addresses": [.string(ip.description)], "conditions": ["ready": true]]], "ports": ports,
        ]
        let legacy: JSONValue = [
            "kind": "Endpoints", "apiVersion": "v1",
            "metadata": [
                "name": "kubernetes", "namespace": "default",
                "labels": ["endpointslice.kubernetes.io/skip-mirror": "true"],
            ], "subsets": [["addresses": [["ip": .string(ip.description)]], "ports": ports]],
        ]
        return [
            (StoreKey("endpointslices.discovery.k8s.io", namespace: "default", name: "kubernetes"), slice),
            (StoreKey("endpoints", namespace: "default", name: "kubernetes"), legacy),
        ]
    }

    /// Classes for what the cluster itself needs (scheduling.k8s.io, `SystemPriorityClasses`).
    private static let priorities: [(name: String, value: Int64, text: String)] = [
        ("system-cluster-critical", 2_000_000_000, "For pods the cluster cannot do without, on any node."),
        ("system-node-critical", 2_000_001_000, "For pods their node cannot do without."),
    ]

    private static func priority(_ name: String, _ value: Int64, _ text: String) -> JSONValue {
        [
            "kind": "PriorityClass", "apiVersion": "scheduling.k8s.io/v1",
            "metadata": ["name": .string(name), "generation": 1], "value": .int(value), "description": .string(text),
            "preemptionPolicy": "PreemptLowerPriority",
        ]
    }

    private static func namespace(_ name: String) -> JSONValue {
        [
            "kind": "Namespace", "apiVersion": "v1",
            "metadata": ["name": .string(name), "labels": .object([JSONMember(Namespace.nameLabel, .string(name))])],
            "spec": ["finalizers": ["kubernetes"]], "status": ["phase": "Active"],
        ]
    }

    private static let kubernetes: JSONValue = [
        "kind": "Service", "apiVersion": "v1",
        "metadata": [
            "name": "kubernetes", "namespace": "default",
            "labels": ["component": "apiserver", "provider": "kubernetes"],
        ],
        "spec": [
            "ports": [["name": "https", "protocol": "TCP", "port": 443, "targetPort": 6443]],
            "clusterIP": "10.96.0.1", "clusterIPs": ["10.96.0.1"], "type": "ClusterIP", "sessionAffinity": "None",
            "ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack", "internalTrafficPolicy": "Cluster",
        ], "status": ["loadBalancer": [:]],
    ]
}
