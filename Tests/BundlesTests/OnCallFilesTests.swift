import Diagnosis
import Foundation
import JSONTree
import Testing

@testable import Bundles

/// Files of a night on call, in the forms that machines and tools leave them.
@Suite struct OnCallFilesTests {
    @Test func theKernelsOwnTableOfConnections() throws {
        let text = """
            entries  searched found new invalid ignore delete delete_list insert insert_failed drop early_drop icmp_error
            00004400 00000000 00011f2a 00000000 000004a4 00000000 00000000 00000000 00000000 00001a40 00001a40 00000000 00000000
            00004400 00000000 00011f2b 00000000 000004a4 00000000 00000000 00000000 00000000 00000010 00001a40 00000000 00000000

            """
        let lines = try #require(MachineText.conntrack(text))
        let printed = String(decoding: lines, as: UTF8.self)
        #expect(
            printed.contains("cpu=0 ") && printed.contains("insert_failed=6720") && printed.contains("insert_failed=16")
        )
        #expect(MachineText.conntrack("entries allocs\n00000400 0001a111\n") == nil)
        #expect(MachineText.conntrack("") == nil)
    }

    @Test func aMessageOfTwoLines() throws {
        let text = """
            Name:             calico-node-x
            Namespace:        calico-system
            Node:             w2/10.7.32.12
            Status:           Running
            IP:               10.7.32.12
            Containers:
              calico-node:
                Image:         docker.io/calico/node:v3.30.3
                Ready:         False
                Restart Count: 0
            Conditions:
              Type    Status
              Ready   False
            Events:
              Type     Reason     Age                From     Message
              ----     ------     ----               ----     -------
              Warning  Unhealthy  20s (x40 over 9m)  kubelet  Readiness probe failed: number of node(s) = 0
            calico/node is not ready: BIRD is not ready: unable to connect to BIRDv4 socket
              Normal   Pulled     9m                 kubelet  image is there

            """
        let objects = DescribedObjects(text, now: 1_772_798_400).objects
        let messages = objects.filter { $0.kind == "Event" }.compactMap { $0.value["message"]?.word }
        #expect(
            messages == [
                "Readiness probe failed: number of node(s) = 0 calico/node is not ready: BIRD is not ready: unable to connect to BIRDv4 socket",
                "image is there",
            ])
    }

    private static func read(_ files: [String: String]) throws -> EvidenceTree {
        let folder = FileManager.default.temporaryDirectory.appending(path: "poplin-oncall-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        for (path, text) in files {
            let file = folder.appending(path: path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        return try Bundle.read(folder.path()).evidence
    }

    private static let pod =
        #"{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"Pod","metadata":{"name":"cilium-x7","namespace":"kube-system"},"spec":{"nodeName":"w1","containers":[{"name":"cilium-agent"}]}}]}"#

    @Test func metricsByTheirPodsName() throws {
        let tree = try Self.read([
            "api/pods.json": Self.pod,
            "metrics/kube-system/cilium-x7.prom":
                "# TYPE cilium_bpf_map_pressure gauge\ncilium_bpf_map_pressure 0.99\n",
        ])
        let found = tree.documents(under: "\(EvidencePath.metrics)kube-system/cilium-x7/")
        #expect(found.count == 1)
    }

    @Test func answersOfACloudInYAML() throws {
        let tree = try Self.read([
            "api/pods.json": Self.pod,
            "routes.yaml": """
            ---
            destRange: 10.132.0.0/20
            kind: compute#route
            name: default-route-r-1
            ---
            destRange: 10.38.0.0/16
            kind: compute#route
            name: peering-route-9c1
            nextHopPeering: warehouse

            """,
        ])
        let document = try #require(tree[EvidencePath.cloud("gcp", "compute-routes-list")])
        let names = try JSONTree(parsing: document.bytes).root.elements.compactMap { $0.member("name")?.string }
        #expect(names == ["default-route-r-1", "peering-route-9c1"])
    }
}
