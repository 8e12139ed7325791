import JSONTree

/// What the lab's controllers may do: a user of their own, not the administrator, so that what they forget to be allowed
/// shows here and not first in a real cluster.
enum ControllerAccess {
    static let user = "system:poplin:lab-controllers"

    /// The role and its binding, which `lab up` applies before anything else.
    static var objects: [JSONValue] { [role, binding] }

    private static func rule(_ verbs: [String], _ group: String, _ resources: [String]) -> JSONValue {
        func list(_ words: [String]) -> JSONValue { .array(words.map { .string($0) }) }
        return ["verbs": list(verbs), "apiGroups": list([group]), "resources": list(resources)]
    }

    private static let role: JSONValue = [
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": ["name": .string(user)],
        "rules": [
            // The collector deletes what nobody owns, of whatever kind, and takes owners off; the others write states.
            rule(["get", "list", "watch", "patch", "delete"], "*", ["*"]),
            rule(["create"], "", ["pods", "pods/binding", "endpoints", "events"]),
            rule(["create"], "apps", ["replicasets", "controllerrevisions"]),
            rule(["create"], "discovery.k8s.io", ["endpointslices"]),
            rule(["create"], "events.k8s.io", ["events"]),
        ],
    ]

    private static let binding: JSONValue = [
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
        "metadata": ["name": .string(user)],
        "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": .string(user)],
        "subjects": [["kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": .string(user)]],
    ]
}
