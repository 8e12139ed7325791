import JSONTree
import KubernetesModel
import Testing

@testable import KubernetesServer

func parsed(_ text: String) throws -> JSONNode { try JSONTree(parsing: text).root }

@Suite("RBAC")
struct RBACPolicyTests {
    static func role(_ name: String, namespace: String = "", labels: String = "{}", _ rules: String) throws -> RBACRole
    {
        RBACRole(
            try parsed(
                #"{"metadata":{"name":"\#(name)","namespace":"\#(namespace)","labels":\#(labels)},"rules":\#(rules)}"#))
    }

    static func binding(
        _ name: String, namespace: String = "", role: String, kind: String = "ClusterRole", _ subjects: String
    ) throws -> RBACBinding {
        RBACBinding(
            try parsed(
                #"{"metadata":{"name":"\#(name)","namespace":"\#(namespace)"},"roleRef":{"kind":"\#(kind)","name":"\#(role)"},"subjects":\#(subjects)}"#
            ))
    }

    static let agent = UserInfo(
        name: "system:serviceaccount:tx:agent", groups: ["system:serviceaccounts", "system:authenticated"])

    struct Case: Sendable, CustomTestStringConvertible {
        var rule: String
        var wanted: AccessAttributes
        var isAllowed: Bool

        init(
            _ rule: String, _ verb: String, _ resource: String, group: String = "", sub: String = "", name: String = "",
            _ isAllowed: Bool
        ) {
            self.rule = rule
            wanted = AccessAttributes(
                verb: verb, group: group, resource: resource, subresource: sub, namespace: "n", name: name)
            self.isAllowed = isAllowed
        }

        init(_ rule: String, path: String, _ isAllowed: Bool) {
            self.rule = rule
            wanted = AccessAttributes(verb: "get", path: path)
            self.isAllowed = isAllowed
        }

        var testDescription: String { "\(rule): \(wanted)" }
    }

    static let cases = [
        Case(#"{"verbs":["get"],"apiGroups":[""],"resources":["pods"]}"#, "get", "pods", true),
        Case(#"{"verbs":["get"],"apiGroups":[""],"resources":["pods"]}"#, "list", "pods", false),
        Case(#"{"verbs":["get"],"apiGroups":[""],"resources":["pods"]}"#, "get", "pods", sub: "log", false),
        Case(#"{"verbs":["get"],"apiGroups":[""],"resources":["pods/log"]}"#, "get", "pods", sub: "log", true),
        Case(#"{"verbs":["get"],"apiGroups":[""],"resources":["pods/log"]}"#, "get", "pods", false),
        Case(#"{"verbs":["*"],"apiGroups":[""],"resources":["*/scale"]}"#, "patch", "deployments", sub: "scale", true),
        Case(#"{"verbs":["*"],"apiGroups":[""],"resources":["*/scale"]}"#, "patch", "deployments", false),
        Case(
            #"{"verbs":["get"],"apiGroups":["apps"],"resources":["*"]}"#, "get", "deployments", group: "apps",
            sub: "status", true),
        Case(#"{"verbs":["get"],"apiGroups":["apps"],"resources":["*"]}"#, "get", "pods", false),
        Case(
            #"{"verbs":["get"],"apiGroups":["*"],"resources":["pods"]}"#, "get", "pods", group: "metrics.k8s.io", true),
        Case(
            #"{"verbs":["get"],"apiGroups":[""],"resources":["pods"],"resourceNames":["a"]}"#, "get", "pods", name: "a",
            true),
        Case(
            #"{"verbs":["get"],"apiGroups":[""],"resources":["pods"],"resourceNames":["a"]}"#, "get", "pods", name: "b",
            false),
        Case(#"{"verbs":["list"],"apiGroups":[""],"resources":["pods"],"resourceNames":["a"]}"#, "list", "pods", false),
        Case(#"{"verbs":["get"],"resources":["pods"]}"#, "get", "pods", false),
        Case(#"{"verbs":"get","apiGroups":[""],"resources":["pods"]}"#, "get", "pods", false),
        Case(#"{"verbs":["get"],"nonResourceURLs":["/healthz"]}"#, path: "/healthz", true),
        Case(#"{"verbs":["get"],"nonResourceURLs":["/healthz"]}"#, path: "/healthz/x", false),
        Case(#"{"verbs":["get"],"nonResourceURLs":["/healthz/*"]}"#, path: "/healthz/x/y", true),
        Case(#"{"verbs":["get"],"nonResourceURLs":["/healthz/*"]}"#, path: "/healthz", false),
        Case(#"{"verbs":["get"],"nonResourceURLs":["*"]}"#, path: "/anything", true),
        Case(#"{"verbs":["*"],"apiGroups":["*"],"resources":["*"]}"#, path: "/metrics", false),
    ]

    @Test(arguments: cases)
    func rules(_ example: Case) throws {
        let policy = RBACPolicy(
            roles: [try Self.role("r", "[\(example.rule)]")],
            bindings: [try Self.binding("b", role: "r", #"[{"kind":"User","name":"u"}]"#)])
        #expect(policy.decide(UserInfo(name: "u"), example.wanted).isAllowed == example.isAllowed)
        #expect(!policy.decide(UserInfo(name: "v"), example.wanted).isAllowed)
    }

    @Test("14-selfsubjectaccessreview: the recorded reason; a role binding names its namespace")
    func reasons() throws {
        let rules = #"[{"verbs":["list"],"apiGroups":[""],"resources":["pods"]}]"#
        let subject = #"[{"kind":"ServiceAccount","name":"agent","namespace":"tx"}]"#
        let wanted = AccessAttributes(verb: "list", resource: "pods", namespace: "tx")
        let cluster = RBACPolicy(
            roles: [try Self.role("agent", rules)], bindings: [try Self.binding("agent", role: "agent", subject)])
        #expect(
            cluster.decide(Self.agent, wanted).reason
                == #"RBAC: allowed by ClusterRoleBinding "agent" of ClusterRole "agent" to ServiceAccount "agent/tx""#)
        let local = RBACPolicy(
            roles: [try Self.role("r", namespace: "tx", rules)],
            bindings: [
                try Self.binding(
                    "b", namespace: "tx", role: "r", kind: "Role", #"[{"kind":"ServiceAccount","name":"agent"}]"#)
            ])
        #expect(
            local.decide(Self.agent, wanted).reason
                == #"RBAC: allowed by RoleBinding "b/tx" of Role "r" to ServiceAccount "agent/tx""#)
        for namespace in ["", "other"] {
            #expect(
                !local.decide(Self.agent, AccessAttributes(verb: "list", resource: "pods", namespace: namespace))
                    .isAllowed)
        }
        let dangling = RBACPolicy(bindings: [try Self.binding("b", role: "gone", subject)])
        #expect(
            dangling.decide(Self.agent, wanted)
                == .init(isAllowed: false, reason: #"RBAC: clusterrole.rbac.authorization.k8s.io "gone" not found"#))
    }

    @Test("A role binding to a ClusterRole grants it in its namespace only")
    func clusterRoleInNamespace() throws {
        let policy = RBACPolicy(
            roles: [try Self.role("r", #"[{"verbs":["get"],"apiGroups":[""],"resources":["pods","nodes"]}]"#)],
            bindings: [try Self.binding("b", namespace: "n", role: "r", #"[{"kind":"Group","name":"g"}]"#)])
        let user = UserInfo(name: "u", groups: ["g"])
        #expect(
            policy.decide(user, AccessAttributes(verb: "get", resource: "pods", namespace: "n", name: "p")).isAllowed)
        #expect(
            !policy.decide(user, AccessAttributes(verb: "get", resource: "pods", namespace: "m", name: "p")).isAllowed)
        #expect(!policy.decide(user, AccessAttributes(verb: "get", resource: "nodes", name: "p")).isAllowed)
    }

    static func bootstrapped(_ more: [RBACBinding] = []) throws -> RBACPolicy {
        var roles: [RBACRole] = []
        var bindings = more
        for (key, object) in BootstrapPolicy.objects {
            let node = try object.tree().root
            if key.collection.hasPrefix("clusterroles.") {
                roles.append(RBACRole(node))
            } else {
                bindings.append(RBACBinding(node))
            }
        }
        return RBACPolicy(roles: roles, bindings: bindings)
    }

    @Test("admin takes in edit, which takes in view; view sees no secrets")
    func aggregation() throws {
        let policy = try Self.bootstrapped(
            ["admin", "edit", "view"].map {
                try Self.binding($0, namespace: "n", role: $0, #"[{"kind":"User","name":"\#($0)"}]"#)
            })
        func may(_ user: String, _ verb: String, _ resource: String, group: String = "") -> Bool {
            policy.decide(
                UserInfo(name: user), AccessAttributes(verb: verb, group: group, resource: resource, namespace: "n")
            ).isAllowed
        }
        #expect(may("view", "list", "pods") && may("edit", "list", "pods") && may("admin", "list", "pods"))
        #expect(!may("view", "create", "pods") && may("edit", "create", "pods") && may("admin", "create", "pods"))
        #expect(!may("view", "get", "secrets") && may("edit", "get", "secrets"))
        #expect(
            !may("edit", "create", "roles", group: RBACPolicy.group)
                && may("admin", "create", "roles", group: RBACPolicy.group))
        #expect(may("view", "watch", "networkpolicies", group: "networking.k8s.io"))
        #expect(!may("admin", "create", "namespaces"))
    }

    @Test("system:masters may everything, everybody may look at discovery, nobody may look at /livez")
    func bootstrap() throws {
        let policy = try Self.bootstrapped()
        let admin = UserInfo(name: "a", groups: [RBACPolicy.masters])
        let user = UserInfo(name: "u", groups: [Authenticator.authenticated])
        let node = UserInfo(name: "system:node:n", groups: ["system:nodes"])
        #expect(policy.decide(admin, AccessAttributes(verb: "x", group: "y", resource: "z")).isAllowed)
        #expect(RBACPolicy().decide(admin, AccessAttributes(verb: "get", path: "/z")).isAllowed)
        #expect(policy.decide(user, AccessAttributes(verb: "get", path: "/apis/apps/v1")).isAllowed)
        #expect(!policy.decide(.anonymous, AccessAttributes(verb: "get", path: "/apis")).isAllowed)
        #expect(policy.decide(.anonymous, AccessAttributes(verb: "get", path: "/livez")).isAllowed)
        #expect(
            policy.decide(
                user,
                AccessAttributes(verb: "create", group: "authorization.k8s.io", resource: "selfsubjectaccessreviews")
            ).isAllowed)
        // Nobody is bound to system:node.
        #expect(
            !policy.decide(node, AccessAttributes(verb: "patch", resource: "nodes", subresource: "status", name: "n"))
                .isAllowed)
        #expect(policy.rules(ofRole: "ClusterRole", "system:node", namespace: "")?.isEmpty == false)
    }

    @Test("A circle of aggregation ends")
    func circle() throws {
        func role(_ name: String, selecting label: String) throws -> RBACRole {
            RBACRole(
                try parsed(
                    #"{"metadata":{"name":"\#(name)","labels":{"l":"\#(name)"}},"aggregationRule":{"clusterRoleSelectors":[{"matchLabels":{"l":"\#(label)"}}]}}"#
                ))
        }
        let policy = RBACPolicy(
            roles: [
                try role("a", selecting: "b"), try role("b", selecting: "a"),
                try Self.role(
                    "c", labels: #"{"l":"a"}"#, #"[{"verbs":["get"],"apiGroups":[""],"resources":["pods"]}]"#),
            ])
        #expect(policy.rules(ofRole: "ClusterRole", "b", namespace: "")?.count == 1)
        #expect(policy.rules(ofRole: "ClusterRole", "a", namespace: "")?.count == 1)
    }

    // MARK: - Escalation

    static let roles = GroupResource(group: RBACPolicy.group, resource: "roles")
    static let roleBindings = GroupResource(group: RBACPolicy.group, resource: "rolebindings")

    @Test("Nobody grants what they do not hold, unless they may escalate or bind")
    func escalation() throws {
        let rules =
            #"[{"verbs":["get","list"],"apiGroups":[""],"resources":["pods"]},{"verbs":["*"],"apiGroups":["\#(RBACPolicy.group)"],"resources":["roles"],"resourceNames":["free"]}]"#
        let subject = #"[{"kind":"User","name":"u"}]"#
        let policy = RBACPolicy(
            roles: [
                try Self.role("mine", rules),
                try Self.role("big", #"[{"verbs":["*"],"apiGroups":["*"],"resources":["*"]}]"#),
                try Self.role(
                    "binder",
                    #"[{"verbs":["bind"],"apiGroups":["\#(RBACPolicy.group)"],"resources":["clusterroles"],"resourceNames":["big"]}]"#
                ),
            ],
            bindings: [
                try Self.binding("b", namespace: "n", role: "mine", subject),
                try Self.binding("c", namespace: "m", role: "binder", subject),
            ])
        let user = UserInfo(name: "u", groups: ["g", "system:authenticated"])
        func write(
            _ resource: GroupResource, _ name: String, in namespace: String = "n", _ object: String,
            before: String? = nil
        ) throws -> Status? {
            policy.refusal(
                by: user, resource, namespace: namespace, name: name, before: try before.map { .node(try parsed($0)) },
                after: .node(try parsed(object)))
        }
        let small = #"{"metadata":{"name":"x"},"rules":[{"verbs":["get"],"apiGroups":[""],"resources":["pods"]}]}"#
        let large =
            #"{"metadata":{"name":"x"},"rules":[{"verbs":["get","delete","watch"],"apiGroups":[""],"resources":["pods"]}]}"#
        #expect(try write(Self.roles, "x", small) == nil)
        #expect(
            try write(Self.roles, "x", large)?.message
                == """
                roles.rbac.authorization.k8s.io "x" is forbidden: user "u" (groups=["g" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:
                {APIGroups:[""], Resources:["pods"], Verbs:["delete" "watch"]}
                """.replacing("\"delete\" \"watch\"", with: "\"delete\", \"watch\""))
        #expect(try write(Self.roles, "free", large) == nil, "escalate")
        #expect(try write(Self.roles, "x", large, before: large) == nil, "labels may be changed")
        let bind = { (role: String) in
            #"{"metadata":{"name":"y"},"roleRef":{"kind":"ClusterRole","name":"\#(role)"},"subjects":[{"kind":"User","name":"v"}]}"#
        }
        #expect(try write(Self.roleBindings, "y", bind("mine")) == nil)
        #expect(try write(Self.roleBindings, "y", bind("big"))?.code == 403)
        #expect(try write(Self.roleBindings, "y", in: "m", bind("big")) == nil, "bind")
        #expect(try write(Self.roleBindings, "y", bind("gone"))?.code == 404)
        #expect(try write(GroupResource(resource: "pods"), "x", large) == nil)
    }

    @Test("What covers what: parts against a plain enumeration of requests")
    func coverage() {
        struct Numbers: RandomNumberGenerator {
            var state: UInt64 = 7
            mutating func next() -> UInt64 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return state >> 16 | state << 48
            }
        }
        var random = Numbers()
        let (verbs, groups, resources) = (
            ["get", "list", "*"], ["", "apps", "*"], ["pods", "pods/log", "*/log", "*"]
        )
        func pick(_ all: [String]) -> [String] {
            Array(all.shuffled(using: &random).prefix(Int.random(in: 1...2, using: &random)))
        }
        func rule() -> PolicyRule {
            PolicyRule(
                verbs: pick(verbs), groups: pick(groups), resources: pick(resources),
                names: Bool.random(using: &random) ? [] : pick(["a", "b"]))
        }
        // Wildcards stand for names nobody has heard of, too.
        let requests = ["get", "list", "other"].flatMap { verb in
            ["", "apps", "other"].flatMap { group in
                [("pods", ""), ("pods", "log"), ("x", "log"), ("x", "")].flatMap { resource in
                    ["a", "b", "c"].map {
                        AccessAttributes(
                            verb: verb, group: group, resource: resource.0, subresource: resource.1, name: $0)
                    }
                }
            }
        }
        var covered = 0
        for _ in 0..<4000 {
            let held = [rule(), rule()]
            let wanted = rule()
            let missing = PolicyRule.missing(from: held, wanted: [wanted])
            if missing.isEmpty {
                covered += 1
                for request in requests where wanted.allows(request) {
                    #expect(held.contains { $0.allows(request) }, "\(held) was said to cover \(wanted)")
                }
            }
            for part in missing {
                #expect(!held.contains { PolicyRule.missing(from: [$0], wanted: [part]).isEmpty })
            }
        }
        #expect(covered > 100)
    }
}
