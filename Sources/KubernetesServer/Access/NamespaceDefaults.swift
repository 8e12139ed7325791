import JSONTree
import KubernetesModel

/// Gives every namespace what pods in it expect: the service account `default`, and the ConfigMap `kube-root-ca.crt`
/// with the authority that signed the API server's certificate. A controller manager does that in a real cluster.
public struct NamespaceDefaults: Sendable {
    private let store: ObjectStore
    /// PEM.
    private let authority: String

    static let accountName = "default"
    static let authorityName = "kube-root-ca.crt"

    public init(store: ObjectStore, authority: String) {
        self.store = store
        self.authority = authority
    }

    /// Makes what is missing in the namespaces there are.
    public func ensure() async throws(StoreFailure) {
        for namespace in try await store.list(ListQuery("namespaces")).objects {
            try await ensure(in: namespace.key.name)
        }
    }

    private func ensure(in namespace: String) async throws(StoreFailure) {
        let objects: [(StoreKey, JSONValue)] = [
            (
                StoreKey("serviceaccounts", namespace: namespace, name: Self.accountName),
                [
                    "kind": "ServiceAccount", "apiVersion": "v1",
                    "metadata": ["name": .string(Self.accountName), "namespace": .string(namespace)],
                ]
            ),
            (
                StoreKey("configmaps", namespace: namespace, name: Self.authorityName),
                [
                    "kind": "ConfigMap", "apiVersion": "v1",
                    "metadata": [
                        "name": .string(Self.authorityName), "namespace": .string(namespace),
                        "annotations": [
                            "kubernetes.io/description":
                                "Contains a CA bundle that can be used to verify the API server of this cluster."
                        ],
                    ], "data": .object([JSONMember("ca.crt", .string(authority))]),
                ]
            ),
        ]
        var missing = false
        for (key, _) in objects where try await store.object(key) == nil { missing = true }
        guard missing else { return }
        do throws(WriteFailure<Never>) {
            try await store.write { (transaction) throws(Never) in
                // A namespace on its way out gets nothing new.
                guard let stored = transaction.object(StoreKey("namespaces", name: namespace)),
                    let root = try? JSONTree(parsing: stored.bytes).root,
                    root.at("metadata", "deletionTimestamp") == nil
                else { return }
                for (key, object) in objects where transaction.object(key) == nil {
                    let (uid, bytes) = ServerObjects.new(object)
                    transaction.put(key, uid: uid, bytes)
                }
            }
        } catch {
            if case .store(let failure) = error { throw failure }
        }
    }

    /// Follows namespaces, and makes anew what is deleted, until the task is cancelled or the store is closed.
    public func follow() async {
        await withTaskGroup(of: Void.self) { group in
            for collection in ["namespaces", "serviceaccounts", "configmaps"] {
                group.addTask { await self.follow(collection) }
            }
        }
    }

    private func follow(_ collection: String) async {
        while !Task.isCancelled {
            do throws(StoreFailure) {
                let start = store.revision
                try await ensure()
                let name = ["serviceaccounts": Self.accountName, "configmaps": Self.authorityName][collection]
                for try await batch in try await store.watch(WatchQuery(collection, name: name, after: start)) {
                    for event in batch.events where (event.change == .deleted) != (name == nil) {
                        try await ensure(in: name == nil ? event.object.key.name : event.object.key.namespace)
                    }
                }
                return
            } catch {
                if case .closed = error { return }
                try? await Task.sleep(for: .milliseconds(200))
            }
        }
    }
}
