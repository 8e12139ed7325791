import JSONTree
import KubernetesModel

/// A Role or a ClusterRole.
struct RBACRole: Hashable, Sendable {
    /// Empty for a ClusterRole.
    var namespace: String
    var name: String
    var labels: [String: String]
    var rules: [PolicyRule]
    /// `aggregationRule.clusterRoleSelectors`: the rules are those of every ClusterRole that one of them selects.
    var aggregated: [LabelSelector]?

    var isCluster: Bool { namespace.isEmpty }

    init(_ node: JSONNode) {
        let metadata = try? ObjectMeta(of: node)
        namespace = metadata?.namespace ?? ""
        name = metadata?.name ?? ""
        labels = metadata?.labels ?? [:]
        rules = node.member("rules")?.elements.map { PolicyRule($0) } ?? []
        aggregated = node.at("aggregationRule", "clusterRoleSelectors").map { list in
            list.elements.compactMap { try? LabelSelector($0) }
        }
    }
}

/// Whom a binding is for.
struct RBACSubject: Hashable, Sendable {
    /// `User`, `Group` or `ServiceAccount`.
    var kind: String
    var namespace: String
    var name: String

    init(_ node: JSONNode) {
        kind = node.member("kind")?.string ?? ""
        namespace = node.member("namespace")?.string ?? ""
        name = node.member("name")?.string ?? ""
    }

    /// - Parameter home: the namespace of a RoleBinding, where its service accounts are looked for.
    func isUser(_ user: UserInfo, home: String) -> Bool {
        switch kind {
        case "User": user.name == name
        case "Group": user.groups.contains(name)
        case "ServiceAccount":
            user.name == ServiceAccountName(namespace: namespace.isEmpty ? home : namespace, name: name).user
        default: false
        }
    }

    /// `ServiceAccount "agent/tx"`.
    func text(home: String) -> String {
        kind == "ServiceAccount"
            ? "\(kind) \(GoText.quoted("\(name)/\(namespace.isEmpty ? home : namespace)"))"
            : "\(kind) \(GoText.quoted(name))"
    }
}

/// A RoleBinding or a ClusterRoleBinding.
struct RBACBinding: Hashable, Sendable {
    /// Empty for a ClusterRoleBinding.
    var namespace: String
    var name: String
    var roleKind: String
    var roleName: String
    var subjects: [RBACSubject]

    init(_ node: JSONNode) {
        namespace = node.at("metadata", "namespace")?.string ?? ""
        name = node.at("metadata", "name")?.string ?? ""
        roleKind = node.at("roleRef", "kind")?.string ?? ""
        roleName = node.at("roleRef", "name")?.string ?? ""
        subjects = node.member("subjects")?.elements.map { RBACSubject($0) } ?? []
    }

    func text(_ subject: RBACSubject) -> String {
        let own =
            namespace.isEmpty
            ? "ClusterRoleBinding \(GoText.quoted(name))" : "RoleBinding \(GoText.quoted("\(name)/\(namespace)"))"
        return "\(own) of \(roleKind) \(GoText.quoted(roleName)) to \(subject.text(home: namespace))"
    }
}

/// The user name of a service account: `system:serviceaccount:NAMESPACE:NAME`.
public struct ServiceAccountName: Hashable, Sendable {
    public var namespace: String
    public var name: String

    static let prefix = "system:serviceaccount:"

    public init(namespace: String, name: String) {
        self.namespace = namespace
        self.name = name
    }

    /// Nil for users that are no service accounts.
    public init?(user: String) {
        guard user.hasPrefix(Self.prefix) else { return nil }
        let parts = user.dropFirst(Self.prefix.count).split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
        self.init(namespace: String(parts[0]), name: String(parts[1]))
    }

    public var user: String { "\(Self.prefix)\(namespace):\(name)" }
    public var groups: [String] { ["system:serviceaccounts", "system:serviceaccounts:\(namespace)"] }
}
