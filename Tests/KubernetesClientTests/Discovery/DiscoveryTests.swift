import JSONTree
import KubernetesClient
import KubernetesModel
import Testing

@Suite struct DiscoveryTests {
    /// As kube-apiserver 1.36 answers, cut down.
    private static let aggregated = #"""
        {"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","metadata":{},"items":[
        {"metadata":{"name":"apps"},"versions":[{"version":"v1","freshness":"Current","resources":[
        {"resource":"deployments","responseKind":{"group":"","version":"","kind":"Deployment"},"scope":"Namespaced","singularResource":"deployment","verbs":["get","list"],"shortNames":["deploy"],"categories":["all"],
        "subresources":[{"subresource":"scale","responseKind":{"group":"autoscaling","version":"v1","kind":"Scale"},"verbs":["get"]},{"subresource":"status","verbs":["get"]}]}]}]},
        {"metadata":{"name":"metrics.k8s.io"},"versions":[{"version":"v1beta1","freshness":"Stale","resources":[
        {"resource":"pods","responseKind":{"kind":"PodMetrics"},"scope":"Namespaced","singularResource":"pod","verbs":["list"]}]}]}]}
        """#

    private static let core = #"""
        {"kind":"APIGroupDiscoveryList","items":[{"metadata":{},"versions":[{"version":"v1","freshness":"Current","resources":[
        {"resource":"pods","responseKind":{"kind":"Pod"},"scope":"Namespaced","singularResource":"pod","verbs":["list"],"shortNames":["po"]},
        {"resource":"namespaces","responseKind":{"kind":"Namespace"},"scope":"Cluster","singularResource":"namespace","shortNames":["ns"]}]}]}]}
        """#

    private static func modern() -> ScriptedTransport {
        ScriptedTransport { request in
            ScriptedTransport.json(200, request.path == "/api" ? core : aggregated)
        }
    }

    @Test func inTwoRequests() async throws {
        let transport = Self.modern()
        let discovery = Discovery(ClusterClient(transport))
        let served = try await discovery.resources()
        _ = try await discovery.resources()
        #expect(transport.requests.map(\.path) == ["/api", "/apis"])
        #expect(transport.requests.first?.headers["Accept"]?.contains("v=v2;as=APIGroupDiscoveryList") == true)
        #expect(served.unavailable == ["metrics.k8s.io/v1beta1": "the server behind it does not answer"])
        let deployments = served.resource(of: GroupVersionKind(group: "apps", version: "v1", kind: "Deployment"))
        #expect(
            deployments
                == ServedResource(
                    resource: GroupVersionResource(group: "apps", version: "v1", resource: "deployments"),
                    kind: GroupVersionKind(group: "apps", version: "v1", kind: "Deployment"), shortNames: ["deploy"],
                    categories: ["all"], isNamespaced: true, verbs: ["get", "list"], subresources: ["scale", "status"]))
    }

    @Test(arguments: [
        ("po", "v1/pods"), ("pod", "v1/pods"), ("Pods", "v1/pods"),
        ("pods.metrics.k8s.io", "metrics.k8s.io/v1beta1/pods"),
        ("deploy", "apps/v1/deployments"), ("deployment.apps", "apps/v1/deployments"),
        ("deployments.v1.apps", "apps/v1/deployments"), ("podmetrics", "metrics.k8s.io/v1beta1/pods"),
        ("deployments.v2.apps", nil), ("deployments.extensions", nil), ("nothing", nil), ("", nil), (".", nil),
    ])
    func whatAPersonMeans(_ name: String, _ expected: String?) async throws {
        let served = try await Discovery(ClusterClient(Self.modern())).resources()
        #expect(served.resource(named: name)?.resource.description == expected)
    }

    @Test func anOlderServerAndAGroupThatIsDown() async throws {
        let transport = ScriptedTransport { request in
            switch request.path {
            case "/api": ScriptedTransport.json(200, #"{"kind":"APIVersions","versions":["v1"]}"#)
            case "/api/v1":
                ScriptedTransport.json(
                    200,
                    #"{"kind":"APIResourceList","groupVersion":"v1","resources":[{"name":"pods","singularName":"","namespaced":true,"kind":"Pod","verbs":["get"],"shortNames":["po"]},{"name":"pods/log","singularName":"","namespaced":true,"kind":"Pod","verbs":["get"]}]}"#
                )
            case "/apis":
                ScriptedTransport.json(
                    200,
                    #"{"kind":"APIGroupList","groups":[{"name":"a","versions":[{"groupVersion":"a/v1","version":"v1"},{"groupVersion":"a/v2","version":"v2"}],"preferredVersion":{"groupVersion":"a/v2"}},{"name":"down","versions":[{"groupVersion":"down/v1"}]}]}"#
                )
            case "/apis/a/v1", "/apis/a/v2":
                ScriptedTransport.json(
                    200,
                    #"{"groupVersion":"\#(request.path.dropFirst(6))","resources":[{"name":"things","kind":"Thing","namespaced":false}]}"#
                )
            default: ScriptedTransport.json(503, "service unavailable")
            }
        }
        let served = try await Discovery(ClusterClient(transport)).resources()
        #expect(served.resource(named: "po")?.subresources == ["log"])
        #expect(served.resource(named: "thing")?.resource.description == "a/v2/things", "the preferred version")
        #expect(served.resource(named: "things.v1.a")?.resource.version == "v1")
        #expect(served.unavailable == ["down/v1": "service unavailable (503)"])
    }

    @Test func somethingNewIsNotAskedForAtEveryMiss() async throws {
        let transport = Self.modern()
        let discovery = Discovery(ClusterClient(transport))
        for _ in 0..<5 {
            let found = try await discovery.resource(named: "widgets")
            #expect(found == nil)
        }
        #expect(transport.requests.count == 2)
    }
}
