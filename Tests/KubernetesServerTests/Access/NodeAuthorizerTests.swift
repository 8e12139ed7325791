import JSONTree
import KubernetesModel
import Testing

@testable import KubernetesServer

@Suite("Node authorizer")
struct NodeAuthorizerTests {
    static let pod = """
        {"metadata":{"name":"web","namespace":"shop"},"spec":{"nodeName":"n1","serviceAccountName":"robot",
        "imagePullSecrets":[{"name":"pull"}],"initContainers":[{"name":"i","envFrom":[{"secretRef":{"name":"env"}}]}],
        "containers":[{"name":"c","env":[{"name":"A","valueFrom":{"configMapKeyRef":{"name":"one","key":"k"}}},
        {"name":"B","valueFrom":{"secretKeyRef":{"name":"key","key":"k"}}}]}],"volumes":[
        {"name":"s","secret":{"secretName":"files"}},{"name":"m","configMap":{"name":"map"}},
        {"name":"p","projected":{"sources":[{"configMap":{"name":"ca"}},{"secret":{"name":"part"}}]}},
        {"name":"d","persistentVolumeClaim":{"claimName":"disk"}},{"name":"e","ephemeral":{}}]}}
        """

    @Test("The names a pod gives")
    func references() throws {
        let pod = try JSONTree(parsing: Self.pod).root
        #expect(PodReferences.secrets(pod) == ["pull", "env", "key", "files", "part"])
        #expect(PodReferences.configMaps(pod) == ["one", "map", "ca"])
        #expect(PodReferences.claims(pod) == ["disk", "web-e"])
        #expect(PodReferences.account(pod) == "robot")
    }

    private static let requests: [(node: String, request: String, isAllowed: Bool)] = [
        ("n1", "get secrets shop files", true), ("n1", "get secrets shop other", false),
        ("n1", "list secrets shop ", false), ("n1", "watch secrets shop key", true),
        ("n1", "update secrets shop files", false), ("n1", "get secrets kube-system files", false),
        ("n2", "get secrets shop files", false), ("n1", "get configmaps shop ca", true),
        ("n2", "get configmaps shop ca", false), ("n1", "create serviceaccounts/token shop robot", true),
        ("n1", "create serviceaccounts/token shop default", false),
        ("n2", "create serviceaccounts/token shop robot", false),
        ("n1", "get persistentvolumeclaims shop disk", true), ("n1", "get persistentvolumes  vol", true),
        ("n2", "get persistentvolumes  vol", false),
        ("n1", "update leases.coordination.k8s.io kube-node-lease n1", true),
        ("n1", "update leases.coordination.k8s.io kube-node-lease n2", false),
        ("n1", "update leases.coordination.k8s.io shop n1", false), ("n1", "list pods  ", true),
        ("n1", "patch nodes/status  n1", true), ("n1", "list services  ", true), ("n1", "create events shop ", true),
        ("n1", "list secrets  ", false), ("n1", "delete namespaces  shop", false),
    ]

    @Test("A kubelet reads what its pods name, and nothing else")
    func opinions() async throws {
        try await TemporaryDirectory.with { directory in
            let store = try ObjectStore(directory: directory)
            defer { store.close() }
            try await BootstrapPolicy.ensure(in: store)
            let volume = #"{"metadata":{"name":"vol"},"spec":{"claimRef":{"namespace":"shop","name":"disk"}}}"#
            _ = try await store.write { (transaction) throws(Never) in
                transaction.put(StoreKey("pods", namespace: "shop", name: "web"), uid: "u-1", Array(Self.pod.utf8))
                transaction.put(StoreKey("persistentvolumes", name: "vol"), uid: "u-2", Array(volume.utf8))
            }
            let control = AccessControl(store: store)
            try await control.load()
            for (node, request, isAllowed) in Self.requests {
                let words = request.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
                let resource = words[1].split(separator: ".", maxSplits: 1).map(String.init)
                let parts = resource[0].split(separator: "/").map(String.init)
                let wanted = AccessAttributes(
                    verb: words[0], group: resource.count == 2 ? resource[1] : "", resource: parts[0],
                    subresource: parts.count == 2 ? parts[1] : "", namespace: words[2], name: words[3])
                let user = UserInfo(name: "system:node:\(node)", groups: ["system:nodes", "system:authenticated"])
                let decision = await control.decide(user, wanted)
                #expect(decision.isAllowed == isAllowed, "\(node): \(request): \(decision.reason)")
            }
        }
    }

    @Test(
        "A kubelet writes its own node and lease, and the status of its own pods",
        arguments: [
            ("nodes", "n1", "", true), ("nodes", "n2", "", false), ("pods", "p", "n1", true),
            ("pods", "p", "n2", false),
            ("pods", "p", "", false), ("configmaps", "c", "", true),
        ])
    func writes(_ resource: String, _ name: String, _ bound: String, _ isAllowed: Bool) throws {
        let user = UserInfo(name: "system:node:n1", groups: ["system:nodes"])
        let object: JSONValue = ["spec": ["nodeName": .string(bound)]]
        let refusal = NodeRestriction.refusal(
            by: user, GroupResource(resource: resource), namespace: "", name: name, before: object, after: object)
        #expect((refusal == nil) == isAllowed)
        let admin = NodeRestriction.refusal(
            by: UserInfo(name: "admin", groups: []), GroupResource(resource: resource), namespace: "", name: name,
            before: object, after: object)
        #expect(admin == nil)
    }

    @Test("An aggregated role shows the rules it is made of, and follows them")
    func aggregates() async throws {
        try await TemporaryDirectory.with { directory in
            let store = try ObjectStore(directory: directory)
            defer { store.close() }
            try await BootstrapPolicy.ensure(in: store)
            let control = AccessControl(store: store)
            try await control.load()
            try await control.writeAggregates()
            let key = StoreKey("clusterroles.rbac.authorization.k8s.io", name: "view")
            func rules() async throws -> [PolicyRule] {
                let stored = try #require(try await store.object(key))
                return RBACRole(try JSONTree(parsing: stored.bytes).root).rules
            }
            let parts = try #require(BootstrapPolicy.roles.first { $0.name == "system:aggregate-to-view" })
            #expect(try await rules() == parts.rules)
            let more = """
                {"metadata":{"name":"more","labels":{"rbac.authorization.k8s.io/aggregate-to-view":"true"}},
                "rules":[{"apiGroups":["example.com"],"resources":["things"],"verbs":["get"]}]}
                """
            _ = try await store.write { (transaction) throws(Never) in
                transaction.put(
                    StoreKey("clusterroles.rbac.authorization.k8s.io", name: "more"), uid: "u", Array(more.utf8))
            }
            try await control.load()
            try await control.writeAggregates()
            #expect(try await rules().contains { $0.groups == ["example.com"] })
            let before = store.revision
            try await control.writeAggregates()
            #expect(store.revision == before)
        }
    }
}
