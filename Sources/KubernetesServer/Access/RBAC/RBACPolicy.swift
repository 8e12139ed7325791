import KubernetesModel

/// Every role and binding of a cluster as one value, and what they say. Pure: whoever keeps it decides how old it is.
public struct RBACPolicy: Sendable {
    public struct Decision: Hashable, Sendable {
        public var isAllowed: Bool
        /// The binding that allows it, or what could not be resolved; often empty for a refusal.
        public var reason: String
    }

    /// Members of this group may do everything; it cannot be taken from them by deleting a role.
    public static let masters = "system:masters"

    private struct RoleKey: Hashable {
        var namespace: String
        var name: String
    }

    private var roles: [RoleKey: RBACRole]
    private var clusterBindings: [RBACBinding]
    /// By namespace.
    private var bindings: [String: [RBACBinding]]

    init(roles: [RBACRole] = [], bindings: [RBACBinding] = []) {
        var byKey: [RoleKey: RBACRole] = [:]
        for role in roles { byKey[RoleKey(namespace: role.namespace, name: role.name)] = role }
        let cluster = byKey.values.filter(\.isCluster).sorted { $0.name < $1.name }
        for role in cluster {
            guard let selectors = role.aggregated else { continue }
            byKey[RoleKey(namespace: "", name: role.name)]?.rules =
                Self.aggregate(cluster, selectors, except: role.name)
        }
        self.roles = byKey
        let ordered = bindings.sorted { ($0.namespace, $0.name) < ($1.namespace, $1.name) }
        clusterBindings = ordered.filter { $0.namespace.isEmpty }
        self.bindings = Dictionary(grouping: ordered.filter { !$0.namespace.isEmpty }, by: \.namespace)
    }

    /// The rules of every ClusterRole that a selector matches, each once. Aggregated roles may select aggregated roles
    /// (`admin` takes in `edit`, which takes in `view`): walked with what was seen, so that a circle ends.
    private static func aggregate(
        _ cluster: [RBACRole], _ selectors: [LabelSelector], except name: String
    ) -> [PolicyRule] {
        var rules: [PolicyRule] = []
        var known: Set<PolicyRule> = []
        var seen: Set<String> = [name]
        var waiting = [selectors]
        while let selectors = waiting.popLast() {
            for role in cluster where selectors.contains(where: { $0.matches(role.labels) }) {
                guard seen.insert(role.name).inserted else { continue }
                if let inner = role.aggregated { waiting.append(inner) }
                for rule in role.aggregated == nil ? role.rules : [] where known.insert(rule).inserted {
                    rules.append(rule)
                }
            }
        }
        return rules
    }

    /// Cluster roles made of others, with the rules those have; sorted by name.
    var aggregated: [(name: String, rules: [PolicyRule])] {
        roles.values.filter { $0.isCluster && $0.aggregated != nil }.sorted { $0.name < $1.name }
            .map { ($0.name, $0.rules) }
    }

    private func rules(of binding: RBACBinding) -> [PolicyRule]? {
        switch binding.roleKind {
        case "ClusterRole": roles[RoleKey(namespace: "", name: binding.roleName)]?.rules
        case "Role" where !binding.namespace.isEmpty:
            roles[RoleKey(namespace: binding.namespace, name: binding.roleName)]?.rules
        default: nil
        }
    }

    /// The rules of a role as a binding in `namespace` would grant them, aggregation done; nil when there is none.
    public func rules(ofRole kind: String, _ name: String, namespace: String) -> [PolicyRule]? {
        roles[RoleKey(namespace: kind == "ClusterRole" ? "" : namespace, name: name)]?.rules
    }

    private static func missing(_ binding: RBACBinding) -> String {
        "\(binding.roleKind.lowercased()).rbac.authorization.k8s.io \(GoText.quoted(binding.roleName)) not found"
    }

    /// Calls `visit` with every rule the user has in a namespace until it answers false: bindings of the cluster
    /// first, then of the namespace.
    private func eachRule(
        of user: UserInfo, in namespace: String, missing: inout [String],
        _ visit: (PolicyRule, RBACBinding, RBACSubject) -> Bool
    ) {
        let home = namespace.isEmpty ? [] : bindings[namespace] ?? []
        for binding in clusterBindings + home {
            guard let subject = binding.subjects.first(where: { $0.isUser(user, home: binding.namespace) }) else {
                continue
            }
            guard let rules = rules(of: binding) else {
                missing.append(Self.missing(binding))
                continue
            }
            for rule in rules where !visit(rule, binding, subject) { return }
        }
    }
}

// MARK: - Questions

extension RBACPolicy {
    public func decide(_ user: UserInfo, _ wanted: AccessAttributes) -> Decision {
        if user.groups.contains(Self.masters) { return Decision(isAllowed: true, reason: "") }
        var decision: Decision?
        var missing: [String] = []
        eachRule(of: user, in: wanted.namespace, missing: &missing) { rule, binding, subject in
            guard rule.allows(wanted) else { return true }
            decision = Decision(isAllowed: true, reason: "RBAC: allowed by \(binding.text(subject))")
            return false
        }
        if let decision { return decision }
        guard !missing.isEmpty else { return Decision(isAllowed: false, reason: "") }
        let text = missing.count == 1 ? missing[0] : "[\(missing.joined(separator: ", "))]"
        return Decision(isAllowed: false, reason: "RBAC: \(text)")
    }

    /// Everything the user may do in a namespace, with the roles that could not be found.
    public func rules(of user: UserInfo, in namespace: String) -> (rules: [PolicyRule], missing: [String]) {
        var rules: [PolicyRule] = []
        var missing: [String] = []
        if user.groups.contains(Self.masters) {
            rules.append(PolicyRule(verbs: ["*"], groups: ["*"], resources: ["*"]))
            rules.append(PolicyRule(verbs: ["*"], paths: ["*"]))
        }
        eachRule(of: user, in: namespace, missing: &missing) { rule, _, _ in
            rules.append(rule)
            return true
        }
        return (rules, missing)
    }
}
