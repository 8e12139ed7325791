import Foundation
import JSONTree
import KubernetesModel

/// The roles and bindings every cluster begins with (kubernetes/plugin/pkg/auth/authorizer/rbac/bootstrappolicy), as
/// far as they are about resources this server serves.
/// Nobody is bound to `system:node`: ``NodeAuthorizer`` looks at what runs on the node.
enum BootstrapPolicy {
    struct Role {
        var name: String
        var rules: [PolicyRule] = []
        /// `rbac.authorization.k8s.io/aggregate-to-NAME`.
        var aggregatesTo: String?
        /// Labels of the roles it is made of.
        var aggregates: String?
    }

    struct Binding {
        var role: String
        var groups: [String] = []
        var users: [String] = []
    }

    private static let read = ["get", "list", "watch"]
    private static let write = ["create", "delete", "deletecollection", "patch", "update"]
    private static let networking = "networking.k8s.io"

    private static func rule(_ verbs: [String], _ group: String, _ resources: String...) -> PolicyRule {
        PolicyRule(verbs: verbs, groups: [group], resources: resources)
    }

    static let roles: [Role] = [
        Role(
            name: "cluster-admin",
            rules: [
                PolicyRule(verbs: ["*"], groups: ["*"], resources: ["*"]), PolicyRule(verbs: ["*"], paths: ["*"]),
            ]),
        Role(
            name: "system:discovery",
            rules: [
                PolicyRule(
                    verbs: ["get"],
                    paths: [
                        "/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*", "/readyz",
                        "/version", "/version/",
                    ])
            ]),
        Role(
            name: "system:public-info-viewer",
            rules: [PolicyRule(verbs: ["get"], paths: ["/healthz", "/livez", "/readyz", "/version", "/version/"])]),
        Role(
            name: "system:basic-user",
            rules: [
                rule(["create"], "authorization.k8s.io", "selfsubjectaccessreviews", "selfsubjectrulesreviews"),
                rule(["create"], "authentication.k8s.io", "selfsubjectreviews"),
            ]),
        Role(
            name: "system:monitoring",
            rules: [
                PolicyRule(
                    verbs: ["get"],
                    paths: ["/healthz", "/healthz/*", "/livez", "/livez/*", "/metrics", "/readyz", "/readyz/*"])
            ]),
        Role(
            name: "system:auth-delegator",
            rules: [
                rule(["create"], "authentication.k8s.io", "tokenreviews"),
                rule(["create"], "authorization.k8s.io", "subjectaccessreviews"),
            ]),
        Role(
            name: "system:service-account-issuer-discovery",
            rules: [
                PolicyRule(
                    verbs: ["get"],
                    paths: [
                        "/.well-known/openid-configuration", "/.well-known/openid-configuration/", "/openid/v1/jwks",
                        "/openid/v1/jwks/",
                    ])
            ]),
        Role(
            name: "system:node",
            rules: [
                rule(["create"], "authentication.k8s.io", "tokenreviews"),
                rule(["create"], "authorization.k8s.io", "localsubjectaccessreviews", "subjectaccessreviews"),
                rule(
                    read, "", "services", "configmaps", "secrets", "persistentvolumeclaims", "persistentvolumes",
                    "endpoints"),
                rule(read + ["create", "patch", "update", "delete"], "", "nodes"),
                rule(["patch", "update"], "", "nodes/status", "pods/status"),
                rule(["create", "patch", "update"], "", "events"),
                rule(["create", "patch", "update"], "events.k8s.io", "events"),
                rule(read + ["create", "delete"], "", "pods"),
                rule(["create"], "", "pods/eviction", "serviceaccounts/token"),
                rule(["get"], "", "serviceaccounts"),
                rule(["create", "delete", "get", "patch", "update"], "coordination.k8s.io", "leases"),
                rule(read, "node.k8s.io", "runtimeclasses"),
            ]),
        Role(
            name: "system:node-proxier",
            rules: [
                rule(["list", "watch"], "", "services", "endpoints"), rule(["get", "list", "watch"], "", "nodes"),
                rule(["create", "patch", "update"], "", "events"),
                rule(["list", "watch"], "discovery.k8s.io", "endpointslices"),
                rule(["list", "watch"], networking, "servicecidrs"),
            ]),
        Role(name: "admin", aggregates: "admin"),
        Role(name: "edit", aggregatesTo: "admin", aggregates: "edit"),
        Role(name: "view", aggregatesTo: "edit", aggregates: "view"),
        Role(
            name: "system:aggregate-to-admin",
            rules: [
                rule(["create"], "authorization.k8s.io", "localsubjectaccessreviews"),
                rule(read + write, RBACPolicy.group, "roles", "rolebindings"),
            ], aggregatesTo: "admin"),
        Role(
            name: "system:aggregate-to-edit",
            rules: [
                rule(
                    read, "", "pods/attach", "pods/exec", "pods/portforward", "pods/proxy", "secrets", "services/proxy"),
                rule(["impersonate"], "", "serviceaccounts"),
                rule(write, "", "pods", "pods/attach", "pods/exec", "pods/portforward", "pods/proxy"),
                rule(["create"], "", "pods/eviction", "serviceaccounts/token"),
                rule(
                    write, "", "configmaps", "events", "persistentvolumeclaims", "replicationcontrollers",
                    "replicationcontrollers/scale", "secrets", "serviceaccounts", "services", "services/proxy"),
                rule(
                    write, "apps", "daemonsets", "deployments", "deployments/rollback", "deployments/scale",
                    "replicasets",
                    "replicasets/scale", "statefulsets", "statefulsets/scale"),
                rule(write, "batch", "cronjobs", "jobs"), rule(write, "policy", "poddisruptionbudgets"),
                rule(write, networking, "ingresses", "networkpolicies"),
                rule(read + write, "coordination.k8s.io", "leases"),
            ], aggregatesTo: "edit"),
        Role(
            name: "system:aggregate-to-view",
            rules: [
                rule(
                    read, "", "bindings", "configmaps", "endpoints", "events", "limitranges", "namespaces",
                    "namespaces/status",
                    "persistentvolumeclaims", "persistentvolumeclaims/status", "pods", "pods/log", "pods/status",
                    "replicationcontrollers", "replicationcontrollers/scale", "replicationcontrollers/status",
                    "resourcequotas", "resourcequotas/status", "serviceaccounts", "services", "services/status"),
                rule(read, "discovery.k8s.io", "endpointslices"),
                rule(
                    read, "apps", "controllerrevisions", "daemonsets", "daemonsets/status", "deployments",
                    "deployments/scale",
                    "deployments/status", "replicasets", "replicasets/scale", "replicasets/status", "statefulsets",
                    "statefulsets/scale", "statefulsets/status"),
                rule(read, "batch", "cronjobs", "cronjobs/status", "jobs", "jobs/status"),
                rule(read, "policy", "poddisruptionbudgets", "poddisruptionbudgets/status"),
                rule(read, networking, "ingresses", "ingresses/status", "networkpolicies"),
            ], aggregatesTo: "view"),
    ]

    static let bindings: [Binding] = [
        Binding(role: "cluster-admin", groups: [RBACPolicy.masters]),
        Binding(role: "system:discovery", groups: [Authenticator.authenticated]),
        Binding(role: "system:basic-user", groups: [Authenticator.authenticated]),
        Binding(
            role: "system:public-info-viewer", groups: [Authenticator.authenticated, Authenticator.unauthenticated]),
        Binding(role: "system:monitoring", groups: ["system:monitoring"]),
        Binding(role: "system:service-account-issuer-discovery", groups: ["system:serviceaccounts"]),
        Binding(role: "system:node"),
        Binding(role: "system:node-proxier", users: ["system:kube-proxy"]),
    ]

    // MARK: - As objects

    static let apiVersion = "\(RBACPolicy.group)/v1"
    private static let bootstrapping = JSONMember("kubernetes.io/bootstrapping", "rbac-defaults")
    private static let aggregation = "rbac.authorization.k8s.io/aggregate-to-"

    /// Every object with its place, without what the store's writer adds (uid, time).
    static var objects: [(key: StoreKey, object: JSONValue)] {
        func metadata(_ name: String, _ labels: [JSONMember]) -> JSONValue {
            [
                "name": .string(name), "labels": .object([bootstrapping] + labels),
                "annotations": ["rbac.authorization.kubernetes.io/autoupdate": "true"],
            ]
        }
        let roles = roles.map { role -> (StoreKey, JSONValue) in
            let labels = role.aggregatesTo.map { [JSONMember(aggregation + $0, "true")] } ?? []
            var object: JSONValue = [
                "kind": "ClusterRole", "apiVersion": .string(apiVersion), "metadata": metadata(role.name, labels),
                "rules": .array(role.rules.map(\.value)),
            ]
            if let label = role.aggregates {
                object = object.settingMember(
                    "aggregationRule",
                    to: ["clusterRoleSelectors": [["matchLabels": .object([JSONMember(aggregation + label, "true")])]]])
            }
            return (StoreKey("clusterroles.\(RBACPolicy.group)", name: role.name), object)
        }
        let bindings = bindings.map { binding -> (StoreKey, JSONValue) in
            let subjects = binding.groups.map { ("Group", $0) } + binding.users.map { ("User", $0) }
            var object: JSONValue = [
                "kind": "ClusterRoleBinding", "apiVersion": .string(apiVersion), "metadata": metadata(binding.role, []),
                "roleRef": [
                    "apiGroup": .string(RBACPolicy.group), "kind": "ClusterRole", "name": .string(binding.role),
                ],
            ]
            if !subjects.isEmpty {
                let list = subjects.map { kind, name -> JSONValue in
                    ["kind": .string(kind), "apiGroup": .string(RBACPolicy.group), "name": .string(name)]
                }
                object = object.settingMember("subjects", to: .array(list))
            }
            return (StoreKey("clusterrolebindings.\(RBACPolicy.group)", name: binding.role), object)
        }
        return roles + bindings
    }

    /// Earlier versions let every node do everything of `system:node` by this binding.
    private static func releaseNodes(_ transaction: WriteTransaction) {
        let key = StoreKey("clusterrolebindings.\(RBACPolicy.group)", name: NodeAuthorizer.role)
        guard let stored = transaction.object(key), let root = try? JSONTree(parsing: stored.bytes).root,
            root.at("metadata", "annotations", "rbac.authorization.kubernetes.io/autoupdate")?.string == "true",
            let subjects = root.member("subjects")?.elements.map({ RBACSubject($0) }),
            subjects.map(\.name) == [NodeAuthorizer.group]
        else { return }
        transaction.put(key, uid: stored.uid, JSONValue.node(root).removingMember("subjects").serialized())
    }

    /// Puts what is missing into the store; what somebody changed stays as it is.
    static func ensure(in store: ObjectStore) async throws(StoreFailure) {
        do throws(WriteFailure<Never>) {
            try await store.write { (transaction) throws(Never) in
                for (key, object) in objects where transaction.object(key) == nil {
                    let (uid, bytes) = ServerObjects.new(object)
                    transaction.put(key, uid: uid, bytes)
                }
                releaseNodes(transaction)
            }
        } catch {
            if case .store(let failure) = error { throw failure }
        }
    }
}

/// Objects the server makes by itself.
enum ServerObjects {
    /// The object with a uid and its time of creation, ready for the store.
    static func new(_ object: JSONValue, now: Int64 = WallClock.seconds()) -> (uid: String, bytes: [UInt8]) {
        let uid = UUID().uuidString.lowercased()
        let made = object.setting(at: ["metadata", "uid"], to: .string(uid))
            .setting(at: ["metadata", "creationTimestamp"], to: .string("\(Timestamp(seconds: now))"))
        return (uid, made.serialized())
    }
}
