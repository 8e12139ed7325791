import Foundation
import JSONTree
import Testing

@testable import Bundles
@testable import Diagnosis

/// Forms of the ordinary set: a folder that is called as one of ours, what `kubectl top` prints, a folder for a pod, a few
/// lines that somebody copied.
@Suite final class PlainFormsTests {
    private let directory: String

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "poplin-plain-\(UUID())").path()
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    private func write(_ text: String, _ path: String) throws {
        let file = URL(filePath: "\(directory)/\(path)")
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: file, atomically: true, encoding: .utf8)
    }

    private static let pods = """
        apiVersion: v1
        kind: List
        items:
        - apiVersion: v1
          kind: Pod
          metadata: {name: web-0, namespace: shop}
          spec: {nodeName: node-2, containers: [{name: web, image: x}]}
          status: {podIP: 10.244.1.5}
        """

    /// Lists in `cluster/` are somebody's own, and the logs beside that folder are of the pods in them.
    @Test func aFolderCalledCluster() throws {
        try write(Self.pods, "cluster/pods.yaml")
        try write("one\n", "shop/web-0/web.log")
        let reading = try Bundle.read(directory)
        #expect(FactBase(reading: reading.evidence).objects("pods").map(\.place) == ["Pod/shop/web-0"])
        #expect(reading.evidence[EvidencePath.log("shop", "web-0", "web")]?.text == "one\n")
    }

    @Test func whatKubectlTopPrints() throws {
        try write(Self.pods, "pods.yaml")
        try write(
            """
            NAMESPACE   NAME    CPU(cores)   MEMORY(bytes)
            shop        web-0   12m          4181Mi

            """, "top.txt")
        try write(
            """
            NAME     CPU(cores)   CPU(%)   MEMORY(bytes)   MEMORY(%)
            node-2   118m         2%       4181Mi          52%

            """, "top-nodes.txt")
        let usage = FactBase(reading: try Bundle.read(directory).evidence).objects("pods.metrics.k8s.io")
        #expect(usage.map(\.name) == ["web-0"])
        #expect(usage.first?.list("containers").first?.at("usage", "memory")?.string == "4181Mi")
    }

    @Test func aFolderForAPod() throws {
        try write(Self.pods, "pods.yaml")
        try write("node-2\n", "nodes/node-2/etc/hostname")
        try write(
            "169.254.1.1 dev eth0 lladdr 2a:17:55:90:1e:4c PERMANENT \n", "nodes/node-2/pods/shop_web-0/ip_neigh.txt")
        let facts = FactBase(reading: try Bundle.read(directory).evidence)
        let pod = facts.machine("node-2")?.pod("shop", "web-0")
        #expect(pod?.neighbours?.map { "\($0.address)" } == ["169.254.1.1"])
    }

    /// Evidence when a line names what broke; not when it is anybody's text.
    @Test func aFewLinesThatWereCopied() throws {
        try write("$ kubectl describe pod web-0 | tail -3\nEvents:\n  nothing of note\n", "paste.txt")
        #expect(throws: BundleError.self) { try Bundle.read(directory) }
        try write(
            """
            $ kubectl describe pod web-0 | tail -3
            Events:
              Warning  FailedCreatePodSandBox  44s (x63 over 14m)   kubelet  Failed to create pod sandbox: plugin type="calico" failed (add): stat /var/lib/calico/nodename: no such file or directory: check that the calico/node container is running and has mounted /var/lib/calico/

            """, "paste.txt")
        let report = DiagnosisReport(FactBase(reading: try Bundle.read(directory).evidence), CheckList.all)
        #expect(report.entries.first?.root.code == "INS-06")
    }
}
