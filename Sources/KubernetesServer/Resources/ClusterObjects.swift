import JSONTree
import KubernetesModel

/// What a cluster has from its first moment: its namespaces, and the service of the API server.
enum ClusterObjects {
    static let namespaces = ["default", "kube-system", "kube-public", "kube-node-lease"]

    static func ensure(in store: ObjectStore) async throws(StoreFailure) {
        do throws(WriteFailure<Never>) {
            try await store.write { (transaction) throws(Never) in
                for name in namespaces where transaction.object(StoreKey("namespaces", name: name)) == nil {
                    put(namespace(name), StoreKey("namespaces", name: name), transaction)
                }
                let service = StoreKey("services", namespace: "default", name: "kubernetes")
                if transaction.object(service) == nil { put(kubernetes, service, transaction) }
            }
        } catch {
            if case .store(let failure) = error { throw failure }
        }
    }

    private static func put(_ object: JSONValue, _ key: StoreKey, _ transaction: WriteTransaction) {
        let (uid, bytes) = ServerObjects.new(object)
        transaction.put(key, uid: uid, bytes)
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
