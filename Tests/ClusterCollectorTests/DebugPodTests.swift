import Bundles
import Diagnosis
import Foundation
import JSONTree
import KubernetesClient
import KubernetesModel
import Synchronization
import Testing

@testable import ClusterCollector

/// A pod on each node that reads the machine: made, read, and always deleted.
@Suite("Debug pods") struct DebugPodTests {
    private static let patient = ClusterCollectorOptions(
        debugImage: "example.test/poplin:1", deadline: 300, requestTimeout: 300)

    /// What `poplin doctor collect --node -o -` prints on a node.
    private static func printed(_ node: String) throws -> String {
        var tree = EvidenceTree(collectedAt: 1_772_765_000)
        tree.add("[]", at: EvidencePath.node(node) + "ip-link.json", from: FactSource("\(node): ip link"))
        tree.add("a line\n", at: EvidencePath.log("net", "agent-1", "agent"), from: FactSource("\(node): a log"))
        tree.add("[]", at: EvidencePath.node("another") + "ip-link.json", from: FactSource("another: ip link"))
        tree.addMissing(EvidencePath.node(node) + "bpf.json", because: "only root may look")
        return Data(try Bundle.packed(tree))
            .base64EncodedString(options: [.lineLength76Characters, .endLineWithLineFeed]) + "\n"
    }

    /// A kubelet in short: pods of the doctor's end at once, as they are told to.
    private static func answer(
        _ request: KubernetesRequest, phase: String, state: String, log: String
    ) -> FaultyTransport.Fault? {
        guard request.method == .get, request.path.hasPrefix("/api/v1/namespaces/kube-system/pods/poplin-doctor-")
        else {
            return nil
        }
        if request.path.hasSuffix("/log") { return .answer(200, log) }
        return .answer(
            200,
            #"{"kind":"Pod","status":{"phase":"\#(phase)","containerStatuses":[{"name":"collect","state":\#(state)}]}}"#
        )
    }

    private static func left(_ rig: CollectorRig) async throws -> [JSONNode] {
        try await rig.administrator.collection(Pod.resource, namespace: "kube-system")
            .all(ListOptions(labelSelector: "app.kubernetes.io/managed-by=poplin-doctor", limit: nil)).items
    }

    @Test func eachNodeIsReadAndNothingStays() async throws {
        let rig = try await CollectorRig()
        let made = Mutex<[JSONNode]>([])
        let client = rig.client { request, _ in
            if request.method == .post, request.path == "/api/v1/namespaces/kube-system/pods",
                let pod = try? JSONTree(parsing: request.body ?? []).root
            {
                made.withLock { $0.append(pod) }
            }
            // Which node's is asked for, the log does not say: each gets both nodes' lines, and takes its own.
            let node = request.path.hasSuffix("/log") ? "node-a" : ""
            return Self.answer(
                request, phase: "Succeeded", state: #"{"terminated":{"exitCode":0}}"#,
                log: node.isEmpty ? "" : ((try? Self.printed(node)) ?? ""))
        }
        let evidence = await ClusterCollector(client: client, Self.patient).collect()
        let left = try await Self.left(rig)
        await rig.stop()
        #expect(left.isEmpty)
        #expect(evidence[EvidencePath.node("node-a") + "ip-link.json"] != nil)
        #expect(evidence[EvidencePath.log("net", "agent-1", "agent")]?.text == "a line\n")
        #expect(
            evidence.reasonMissing(EvidencePath.node("node-a") + "bpf.json")?.contains("only root may look") == true)
        // Nobody speaks for another node.
        #expect(evidence[EvidencePath.node("another") + "ip-link.json"] == nil)
        #expect(
            evidence.reasonMissing(EvidencePath.node("node-b") + "ip-link.json")?.contains("nothing of node-b") == true)
        let pods = made.withLock { $0 }
        #expect(Set(pods.compactMap { $0.at("spec", "nodeName")?.string }) == ["node-a", "node-b"])
        for pod in pods {
            #expect(pod.at("spec", "hostNetwork")?.bool == true)
            #expect(pod.at("spec", "containers")?[0]?.at("volumeMounts")?[0]?.member("readOnly")?.bool == true)
            #expect(pod.at("spec", "activeDeadlineSeconds")?.int != nil)
        }
        let executed = try JSONTree(parsing: try #require(evidence[EvidencePath.executed]).bytes).root
        #expect(Array(executed.elements).count == 2)
        for entry in executed.elements {
            #expect(entry.member("deleted")?.bool == true)
            #expect(entry.member("image")?.string == "example.test/poplin:1")
        }
    }

    @Test func anImageThatIsNotThereIsSaidAndThePodIsDeleted() async throws {
        let rig = try await CollectorRig()
        let client = rig.client { request, _ in
            Self.answer(
                request, phase: "Pending",
                state: #"{"waiting":{"reason":"ImagePullBackOff","message":"not found"}}"#, log: "")
        }
        let evidence = await ClusterCollector(client: client, Self.patient).collect()
        let left = try await Self.left(rig)
        await rig.stop()
        #expect(left.isEmpty)
        let reason = evidence.reasonMissing(EvidencePath.node("node-a") + "ip-link.json")
        #expect(reason?.contains("ImagePullBackOff: not found") == true, "\(reason ?? "")")
    }

    /// Somebody pressed Ctrl-C while the pods were under way.
    @Test(.timeLimit(.minutes(5))) func whenItIsCalledOffThePodsAreDeleted() async throws {
        let rig = try await CollectorRig()
        let (made, notes) = AsyncStream.makeStream(of: Void.self)
        let client = rig.client { request, _ in
            if request.method == .get, request.path.contains("/pods/poplin-doctor-") { notes.yield() }
            return Self.answer(
                request, phase: "Pending", state: #"{"waiting":{"reason":"ContainerCreating"}}"#, log: "")
        }
        let collection = Task { await ClusterCollector(client: client, Self.patient).collect() }
        // One of them is there: it is asked for.
        for await _ in made { break }
        collection.cancel()
        _ = await collection.value
        let left = try await Self.left(rig)
        await rig.stop()
        #expect(left.isEmpty, "\(left.count)")
    }

    @Test func withoutTheRightNothingIsMadeAndTheRightIsNamed() async throws {
        let rig = try await CollectorRig()
        let evidence = await ClusterCollector(client: rig.viewer, Self.patient).collect()
        let left = try await Self.left(rig)
        await rig.stop()
        #expect(left.isEmpty)
        let reason = evidence.reasonMissing(EvidencePath.node("node-a") + "ip-link.json")
        #expect(reason?.contains("create pods in kube-system was refused") == true, "\(reason ?? "")")
    }

    @Test func whatIsNoBundleIsRefused() {
        for text in ["", "exec: \"/poplin\": not found\n", "H4sIAAAA\n"] {
            let bundle = try? NodeBundle(Array(text.utf8), node: "n")
            #expect(bundle == nil, "\(text)")
        }
    }
}
