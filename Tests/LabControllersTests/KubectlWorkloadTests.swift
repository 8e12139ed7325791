import Addressing
import JSONTree
import KubernetesClient
import KubernetesModel
import Testing

@testable import LabControllers

/// kubectl as the judge: what it waits for has to happen, and what it shows has to be so.
@Suite(
    "Controllers, judged by kubectl", .serialized, .enabled(if: Kubectl.path != nil, "kubectl is not installed"),
    .timeLimit(.minutes(5)))
struct KubectlWorkloadTests {
    private func expect(_ answer: Kubectl.Answer, contains text: String = "") {
        #expect(answer.code == 0, "\(answer.error)\(answer.output)")
        #expect(text.isEmpty || answer.output.contains(text), "\(answer.error)\(answer.output)")
    }

    @Test("create deployment, rollout status, scale, set image, history, undo, delete")
    func deployment() async throws {
        try await TestCluster.with(nodes: 3) { cluster in
            expect(
                try await Kubectl.run(cluster, "create", "deployment", "web", "--image=nginx:1", "--replicas=3"))
            expect(
                try await Kubectl.run(cluster, "rollout", "status", "deployment/web", "--timeout=240s"),
                contains: "successfully rolled out")
            let first = try await cluster.pods("app=web")
            #expect(first.count == 3)
            #expect(Set(first.map(\.spec.nodeName)).count == 3, "one on each node")

            expect(try await Kubectl.run(cluster, "scale", "deployment/web", "--replicas=5"))
            expect(
                try await Kubectl.run(
                    cluster, "wait", "deployment/web", "--for=jsonpath={.status.readyReplicas}=5", "--timeout=240s"))
            expect(try await Kubectl.run(cluster, "scale", "deployment/web", "--replicas=2"))
            expect(
                try await Kubectl.run(
                    cluster, "wait", "deployment/web", "--for=jsonpath={.status.replicas}=2", "--timeout=240s"))

            expect(try await Kubectl.run(cluster, "set", "image", "deployment/web", "nginx=nginx:2"))
            expect(try await Kubectl.run(cluster, "rollout", "status", "deployment/web", "--timeout=240s"))
            let images = try await cluster.wait("only pods of the new image") {
                let pods = try await cluster.pods("app=web")
                return pods.count == 2 && pods.allSatisfy { $0.spec.containers.first?.image == "nginx:2" } ? pods : nil
            }
            #expect(images.count == 2)
            let history = try await Kubectl.run(cluster, "rollout", "history", "deployment/web")
            #expect(history.output.contains("1 ") && history.output.contains("2 "), "\(history.output)")
            expect(try await Kubectl.run(cluster, "rollout", "undo", "deployment/web"), contains: "rolled back")
            expect(try await Kubectl.run(cluster, "rollout", "status", "deployment/web", "--timeout=240s"))
            let revision = try await Kubectl.run(
                cluster, "get", "deployment", "web", "-o",
                #"jsonpath={.metadata.annotations.deployment\.kubernetes\.io/revision}"#)
            #expect(revision.output == "3")
            let sets = try await Kubectl.run(cluster, "get", "rs", "-o", "name")
            #expect(sets.output.split(separator: "\n").count == 2, "undo takes the old set again: \(sets.output)")

            let said = try await cluster.wait("events") {
                let text = try await Kubectl.run(cluster, "describe", "deployment", "web").output
                return text.contains("Scaled up replica set") ? text : nil
            }
            #expect(said.contains("deployment-controller"))

            expect(try await Kubectl.run(cluster, "delete", "deployment", "web"))
            _ = try await cluster.wait("nothing left of it") { () -> Bool? in
                let sets = try await cluster.client.collection(Watched.replicaSets.resource).all().items
                return try await cluster.pods().isEmpty && sets.isEmpty ? true : nil
            }
        }
    }

    @Test("expose: endpoints with named ports follow readiness, scale and deletion; describe says why a pod waits")
    func endpointsAndScheduling() async throws {
        try await TestCluster.with(nodes: 2) { cluster in
            let manifest = """
                {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"api"},"spec":{"replicas":2,
                "selector":{"matchLabels":{"app":"api"}},"template":{"metadata":{"labels":{"app":"api"}},
                "spec":{"containers":[{"name":"c","image":"nginx","ports":[{"name":"web","containerPort":8080}]}]}}}}
                """
            expect(try await Kubectl.run(cluster, "apply", "-f", "-", input: manifest))
            expect(
                try await Kubectl.run(
                    cluster, "expose", "deployment", "api", "--port=80", "--target-port=web", "--name=api"))
            let slice = try await cluster.wait("two ready endpoints") { () -> EndpointSlice? in
                let slices = try await cluster.client.list(
                    EndpointSlice.self, namespace: "default",
                    ListOptions(labelSelector: "kubernetes.io/service-name=api")
                ).objects
                return slices.first { $0.endpoints.count == 2 && $0.endpoints.allSatisfy(\.isReady) }
            }
            #expect(slice.ports.map(\.port) == [8080])
            #expect(slice.endpoints.allSatisfy { !$0.nodeName.isEmpty && $0.targetRef?.kind == "Pod" })
            let legacy = try await Kubectl.run(cluster, "get", "endpoints", "api", "-o", "jsonpath={.subsets[*].ports}")
            #expect(legacy.output.contains("8080"), "\(legacy.output)\(legacy.error)")

            expect(
                try await Kubectl.run(
                    cluster, "run", "picky", "--image=nginx", "--overrides",
                    """
                    {"spec":{"nodeSelector":{"disk":"ssd"}}}
                    """))
            let message = try await cluster.wait("the reason why") { () -> String? in
                try await cluster.pods("run=picky").first?.status.conditions
                    .first { $0.type == "PodScheduled" && $0.status == "False" }?.message
            }
            #expect(
                message
                    == "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector. preemption: "
                    + "0/2 nodes are available: 2 Preemption is not helpful for scheduling.")
            expect(try await Kubectl.run(cluster, "label", "node", "node-2", "disk=ssd"))
            expect(try await Kubectl.run(cluster, "wait", "pod/picky", "--for=condition=Ready", "--timeout=240s"))
            let node = try await cluster.pods("run=picky").first?.spec.nodeName
            #expect(node == "node-2")

            expect(try await Kubectl.run(cluster, "delete", "service", "api"))
            _ = try await cluster.wait("no endpoints of a service that is gone") { () -> Bool? in
                let slices = try await cluster.client.list(
                    EndpointSlice.self, namespace: "default",
                    ListOptions(labelSelector: "kubernetes.io/service-name=api")
                ).objects
                let old = try await cluster.client.collection(of: Endpoints.self, namespace: "default").find("api")
                return slices.isEmpty && old == nil ? true : nil
            }
        }
    }

    @Test("daemon set: a pod on every node, new nodes too, rolling update, ranges of pod addresses")
    func daemonSet() async throws {
        var settings = ControllerSettings()
        settings.nodeRanges = ["10.244.0.0/16", "fd00:10:244::/56"].compactMap { IPPrefix($0) }
            .compactMap { NodeRange($0, nodeLength: $0.family == .v4 ? 24 : 64) }
        try await TestCluster.with(nodes: 2, settings: settings) { cluster in
            func manifest(_ image: String) -> String {
                """
                {"apiVersion":"apps/v1","kind":"DaemonSet","metadata":{"name":"agent"},"spec":{
                "selector":{"matchLabels":{"app":"agent"}},"template":{"metadata":{"labels":{"app":"agent"}},
                "spec":{"hostNetwork":true,"tolerations":[{"operator":"Exists"}],
                "containers":[{"name":"c","image":"\(image)"}]}}}}
                """
            }
            expect(try await Kubectl.run(cluster, "apply", "-f", "-", input: manifest("agent:1")))
            expect(try await Kubectl.run(cluster, "rollout", "status", "ds/agent", "--timeout=240s"))
            try await cluster.addNode("node-3", 3)
            let pods = try await cluster.wait("a pod on the third node") {
                let pods = try await cluster.pods("app=agent")
                return Set(pods.filter(\.isReady).map(\.spec.nodeName)).count == 3 ? pods : nil
            }
            #expect(pods.count == 3)
            expect(try await Kubectl.run(cluster, "apply", "-f", "-", input: manifest("agent:2")))
            expect(try await Kubectl.run(cluster, "rollout", "status", "ds/agent", "--timeout=240s"))
            let images = try await cluster.pods("app=agent").compactMap { $0.spec.containers.first?.image }
            #expect(images == Array(repeating: "agent:2", count: 3))
            let history = try await Kubectl.run(cluster, "rollout", "history", "ds/agent")
            #expect(history.output.contains("2 "), "\(history.output)")

            let nodes = try await cluster.wait("ranges") {
                let nodes = try await cluster.client.list(Node.self).objects
                return nodes.allSatisfy { $0.podCIDRs.count == 2 } ? nodes : nil
            }
            #expect(Set(nodes.flatMap(\.podCIDRs)).count == 6)
            #expect(nodes.flatMap(\.podCIDRs).filter { $0.family == .v4 }.min() == IPPrefix("10.244.0.0/24"))

            expect(try await Kubectl.run(cluster, "delete", "node", "node-3"))
            _ = try await cluster.wait("its pod is gone") {
                try await cluster.pods("app=agent").count == 2 ? true : nil
            }
        }
    }
}
