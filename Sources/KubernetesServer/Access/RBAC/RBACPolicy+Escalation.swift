import JSONTree
import KubernetesModel

extension RBACPolicy {
    static let group = "rbac.authorization.k8s.io"

    /// Why a write to a role or a binding is refused: nobody grants what they do not hold, unless they may `escalate`
    /// the role or `bind` it (kubernetes/pkg/registry/rbac). Nil for every other write.
    func refusal(
        by user: UserInfo, _ resource: GroupResource, namespace: String, name: String, before: JSONValue?,
        after: JSONValue?
    ) -> Status? {
        guard resource.group == Self.group, let after, !user.groups.contains(Self.masters),
            let tree = try? after.tree()
        else { return nil }
        let old = before.flatMap { try? $0.tree() }
        switch resource.resource {
        case "roles", "clusterroles":
            let role = RBACRole(tree.root)
            if let old = old.map({ RBACRole($0.root) }), old.rules == role.rules, old.aggregated == role.aggregated {
                return nil
            }
            if holds("escalate", user, resource.resource, namespace: namespace, name) { return nil }
            if role.aggregated != nil, role.isCluster {
                let everything = [
                    PolicyRule(verbs: ["*"], groups: ["*"], resources: ["*"]), PolicyRule(verbs: ["*"], paths: ["*"]),
                ]
                if !PolicyRule.missing(from: rules(of: user, in: "").rules, wanted: everything).isEmpty {
                    return .forbidden(
                        resource, name,
                        "must have cluster-admin privileges to use the aggregationRule")
                }
            }
            return escalation(user, resource, namespace, name, granting: role.rules)
        case "rolebindings", "clusterrolebindings":
            let binding = RBACBinding(tree.root)
            if let old = old.map({ RBACBinding($0.root) }), old.roleKind == binding.roleKind,
                old.roleName == binding.roleName, old.subjects == binding.subjects
            {
                return nil
            }
            let roles = binding.roleKind == "ClusterRole" ? "clusterroles" : "roles"
            if holds("bind", user, roles, namespace: namespace, binding.roleName) { return nil }
            guard let rules = rules(ofRole: binding.roleKind, binding.roleName, namespace: namespace) else {
                return .notFound(GroupResource(group: Self.group, resource: roles), binding.roleName)
            }
            return escalation(user, resource, namespace, name, granting: rules)
        default: return nil
        }
    }

    private func holds(
        _ verb: String, _ user: UserInfo, _ resource: String, namespace: String, _ name: String
    ) -> Bool {
        decide(
            user,
            AccessAttributes(verb: verb, group: Self.group, resource: resource, namespace: namespace, name: name)
        ).isAllowed
    }

    private func escalation(
        _ user: UserInfo, _ resource: GroupResource, _ namespace: String, _ name: String, granting wanted: [PolicyRule]
    ) -> Status? {
        let held = rules(of: user, in: namespace)
        let missing = PolicyRule.missing(from: held.rules, wanted: wanted)
        guard !missing.isEmpty else { return nil }
        var text =
            "user \(GoText.quoted(user.name)) (groups=\(GoText.quoted(user.groups))) is attempting to grant RBAC "
            + "permissions not currently held:\n" + missing.map(\.compactText).sorted().joined(separator: "\n")
        if !held.missing.isEmpty { text += "; resolution errors: [\(held.missing.joined(separator: " "))]" }
        return .forbidden(resource, name, text)
    }
}
