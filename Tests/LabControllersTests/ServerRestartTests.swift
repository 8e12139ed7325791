import JSONTree
import KubernetesClient
import KubernetesModel
import Testing

@testable import LabControllers

/// What the API server does not do for the controllers: stay.
@Suite("Controllers and a server that comes and goes", .timeLimit(.minutes(5))) struct ServerRestartTests {
    private static let deployment: JSONValue = [
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": "web", "namespace": "default"],
        "spec": [
            "replicas": 3, "selector": ["matchLabels": ["app": "web"]],
            "template": [
                "metadata": ["labels": ["app": "web"]], "spec": ["containers": [["name": "c", "image": "nginx"]]],
            ],
        ],
    ]

    @Test func workGoesOnAfterARestart() async throws {
        try await TestCluster.with(nodes: 2) { cluster in
            let deployments = cluster.client.collection(Watched.deployments.resource, namespace: "default")
            _ = try await deployments.create(Self.deployment)
            let before = try await cluster.wait("three pods") {
                let pods = try await cluster.pods("app=web")
                return pods.count == 3 && pods.allSatisfy(\.isReady) ? pods : nil
            }
            try await cluster.restartServer()
            _ = try await cluster.wait("a server that answers") { try? await deployments.find("web") }
            _ = try await deployments.patch("web", .merge(["spec": ["replicas": 5]]))
            let after = try await cluster.wait("five pods") {
                let pods = try await cluster.pods("app=web")
                return pods.count == 5 && pods.allSatisfy(\.isReady) ? pods : nil
            }
            #expect(Set(before.map(\.metadata.uid)).isSubset(of: after.map(\.metadata.uid)), "none was lost by it")
            // A dependent whose owner went while nobody looked: the collector asks.
            let pods = cluster.client.collection(of: Pod.self, namespace: "default")
            _ = try await pods.create([
                "apiVersion": "v1", "kind": "Pod",
                "metadata": [
                    "name": "left", "namespace": "default",
                    "ownerReferences": [
                        [
                            "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "gone",
                            "uid": "00000000-0000-0000-0000-000000000001",
                        ]
                    ],
                ], "spec": ["containers": [["name": "c", "image": "nginx"]]],
            ])
            _ = try await cluster.wait("what nobody owns is gone") {
                try await pods.find("left") == nil ? true : nil
            }
        }
    }
}
