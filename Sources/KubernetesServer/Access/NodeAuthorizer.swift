import JSONTree
import KubernetesModel

/// What a kubelet may do beyond a role: read the secrets, config maps and claims that pods on its node name, ask for
/// tokens of their accounts, keep its own lease (kubernetes/plugin/pkg/auth/authorizer/node). Everything else is as the
/// cluster role `system:node` says, without a binding.
struct NodeAuthorizer: Sendable {
    enum Opinion: Equatable, Sendable {
        case allowed(String)
        /// Nothing of the node's work needs it; a role may still allow it.
        case none(String)
    }

    let store: ObjectStore
    let policy: RBACPolicy

    static let group = "system:nodes"
    static let prefix = "system:node:"
    static let role = "system:node"
    /// Where the leases of nodes are.
    static let leases = "kube-node-lease"

    /// The node whose kubelet the user is; nil for anybody else.
    static func node(of user: UserInfo) -> String? {
        guard user.groups.contains(group), user.name.hasPrefix(prefix), user.name.utf8.count > prefix.utf8.count else {
            return nil
        }
        return String(user.name.dropFirst(prefix.count))
    }

    func opinion(_ node: String, _ wanted: AccessAttributes) async -> Opinion {
        switch (wanted.group, wanted.combinedResource) {
        case ("", "secrets"), ("", "configmaps"):
            guard ["get", "list", "watch"].contains(wanted.verb) else { return .none("") }
            if wanted.name.isEmpty {
                return .none("can only read resources of this type by their name, with a field selector")
            }
            let field = wanted.resource == "secrets" ? PodReferences.secrets : PodReferences.configMaps
            return await related(node, wanted) { field($0).contains(wanted.name) }
        case ("", "persistentvolumeclaims"):
            guard wanted.verb == "get" else { return .none("can only get individual resources of this type") }
            return await related(node, wanted) { PodReferences.claims($0).contains(wanted.name) }
        case ("", "persistentvolumes"):
            guard wanted.verb == "get" else { return .none("can only get individual resources of this type") }
            return await volume(node, wanted)
        case ("", "serviceaccounts/token"):
            guard wanted.verb == "create" else {
                return .none("can only create tokens for individual service accounts")
            }
            return await related(node, wanted) { PodReferences.account($0) == wanted.name }
        case ("coordination.k8s.io", "leases"):
            let verbs = ["get", "create", "update", "patch", "delete"]
            guard verbs.contains(wanted.verb), wanted.namespace == Self.leases else {
                return .none("can only access leases in the \"\(Self.leases)\" system namespace")
            }
            // The name of what is created is looked at when it is written.
            let isOwn = wanted.name == node || (wanted.verb == "create" && wanted.name.isEmpty)
            return isOwn ? .allowed("") : .none("can only access node lease with the same name as the requesting node")
        default:
            let rules = policy.rules(ofRole: "ClusterRole", Self.role, namespace: "") ?? []
            return rules.contains { $0.allows(wanted) } ? .allowed("") : .none("")
        }
    }

    private func related(
        _ node: String, _ wanted: AccessAttributes, _ holds: @escaping @Sendable (JSONNode) -> Bool
    ) async -> Opinion {
        let found = await pods(of: node, namespace: wanted.namespace, holds)
        return found.isEmpty ? .none(Self.stranger(node)) : .allowed("")
    }

    private static func stranger(_ node: String) -> String {
        "no relationship found between node '\(node)' and this object"
    }

    /// The volume is read through the claim it is bound to.
    private func volume(_ node: String, _ wanted: AccessAttributes) async -> Opinion {
        guard let stored = try? await store.object(StoreKey("persistentvolumes", name: wanted.name)),
            let claim = try? JSONTree(parsing: stored.bytes).root.at("spec", "claimRef"),
            let namespace = claim.member("namespace")?.string, let name = claim.member("name")?.string
        else { return .none(Self.stranger(node)) }
        let found = await pods(of: node, namespace: namespace) { PodReferences.claims($0).contains(name) }
        return found.isEmpty ? .none(Self.stranger(node)) : .allowed("")
    }

    private func pods(
        of node: String, namespace: String, _ holds: @escaping @Sendable (JSONNode) -> Bool
    ) async -> [StoredObject] {
        let mark = Array("\"\(node)\"".utf8)
        let query = ListQuery("pods", namespace: namespace.isEmpty ? nil : namespace, limit: 1) { object in
            guard object.bytes.holds(mark), let root = try? JSONTree(parsing: object.bytes).root else { return false }
            return root.at("spec", "nodeName")?.string == node && holds(root)
        }
        return (try? await store.list(query).objects) ?? []
    }
}

/// The objects of its namespace that a pod names (kubernetes/pkg/api/v1/pod/util.go, VisitPodSecretNames and others).
enum PodReferences {
    static func account(_ pod: JSONNode) -> String {
        pod.at("spec", "serviceAccountName")?.string ?? pod.at("spec", "serviceAccount")?.string ?? "default"
    }

    static func secrets(_ pod: JSONNode) -> Set<String> {
        var names = Set(pod.at("spec", "imagePullSecrets")?.elements.compactMap { $0.member("name")?.string } ?? [])
        names.formUnion(environment(pod, "secretRef", "secretKeyRef"))
        for volume in volumes(pod) {
            for path in [
                ["secret", "secretName"], ["azureFile", "secretName"], ["cephfs", "secretRef", "name"],
                ["cinder", "secretRef", "name"], ["flexVolume", "secretRef", "name"], ["rbd", "secretRef", "name"],
                ["iscsi", "secretRef", "name"], ["scaleIO", "secretRef", "name"], ["storageos", "secretRef", "name"],
                ["csi", "nodePublishSecretRef", "name"],
            ] {
                if let name = volume.at(path)?.string { names.insert(name) }
            }
            names.formUnion(projections(volume, "secret"))
        }
        return names
    }

    static func configMaps(_ pod: JSONNode) -> Set<String> {
        var names = environment(pod, "configMapRef", "configMapKeyRef")
        for volume in volumes(pod) {
            if let name = volume.at("configMap", "name")?.string { names.insert(name) }
            names.formUnion(projections(volume, "configMap"))
        }
        return names
    }

    static func claims(_ pod: JSONNode) -> Set<String> {
        var names: Set<String> = []
        for volume in volumes(pod) {
            if let name = volume.at("persistentVolumeClaim", "claimName")?.string { names.insert(name) }
            // A claim that lives with the pod is called after both.
            if volume.member("ephemeral") != nil, let name = volume.member("name")?.string,
                let owner = pod.at("metadata", "name")?.string
            {
                names.insert("\(owner)-\(name)")
            }
        }
        return names
    }

    private static func volumes(_ pod: JSONNode) -> [JSONNode] {
        pod.at("spec", "volumes").map { Array($0.elements) } ?? []
    }

    private static func projections(_ volume: JSONNode, _ kind: String) -> [String] {
        volume.at("projected", "sources")?.elements.compactMap { $0.at(kind, "name")?.string } ?? []
    }

    private static func environment(_ pod: JSONNode, _ whole: String, _ key: String) -> Set<String> {
        var names: Set<String> = []
        for list in ["initContainers", "containers", "ephemeralContainers"] {
            for container in pod.at("spec", list)?.elements.map({ $0 }) ?? [] {
                names.formUnion(container.member("envFrom")?.elements.compactMap { $0.at(whole, "name")?.string } ?? [])
                names.formUnion(
                    container.member("env")?.elements.compactMap { $0.at("valueFrom", key, "name")?.string } ?? [])
            }
        }
        return names
    }
}
