import Findings
import Foundation
import JSONTree
import KubernetesModel
import LinuxHost
import Manifests
import SystemCalls
import Testing

@Suite("Manifests")
struct ManifestReadingTests {
    private func read(_ text: String) -> ManifestReading {
        var reading = ManifestReading()
        reading.read(Array(text.utf8), file: "x.yaml")
        return reading
    }

    private func names(_ reading: ManifestReading) -> [String] {
        reading.manifests.map { "\($0.gvk.kind) \($0.key)" }
    }

    @Test(
        "notations, lists and exports",
        arguments: [
            (
                "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: ns}\n---\nkind: Node\napiVersion: v1\nmetadata: {name: b}\n",
                ["Pod ns/a", "Node b"]
            ),
            (#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}"#, ["Pod a"]),
            (
                #"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}{"apiVersion":"v1","kind":"Pod","metadata":{"name":"b"}}"#,
                ["Pod a", "Pod b"]
            ),
            ("{apiVersion: v1, kind: Pod, metadata: {name: a}}\n", ["Pod a"]),
            (
                "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: a}}\n- apiVersion: v1\n  kind: List\n  items: [{apiVersion: v1, kind: Node, metadata: {name: b}}]\n",
                ["Pod a", "Node b"]
            ),
            (
                #"{"kind":"PodList","apiVersion":"v1","metadata":{},"items":[{"metadata":{"name":"a","namespace":"n"}}]}"#,
                ["Pod n/a"]
            ),
            (#"{"kind":"PodList","apiVersion":"v1","items":null}"#, []),
            ("apiVersion: v1\nkind: Pod\nmetadata: {generateName: a-}\n", ["Pod "]),
        ] as [(String, [String])])
    func notations(text: String, expected: [String]) {
        let reading = read(text)
        #expect(names(reading) == expected)
        #expect(reading.findings.isEmpty)
    }

    @Test("what kubectl cluster-info dump prints: lists between logs, which may look like anything")
    func dump() {
        let text = """
            {
                "kind": "NodeList",
                "apiVersion": "v1",
                "items": [{"metadata": {"name": "w1"}}]
            }
            {
                "kind": "PodList",
                "apiVersion": "v1",
                "items": [{"metadata": {"name": "a", "namespace": "n"}}]
            }
            ==== START logs for container c of pod n/a ====
            { "kind": "broken
            ---
            apiVersion: v1
            ==== END logs for container c of pod n/a ====
            ==== START logs for container d of pod n/a ====
            ==== END logs for container d of pod n/a ====
            {"kind": "EventList", "apiVersion": "v1", "items": []}
            """
        let reading = read(text)
        #expect(names(reading) == ["Node w1", "Pod n/a"])
        #expect(reading.findings.isEmpty)
    }

    @Test("every mistake is told with its place, and the rest is used")
    func mistakes() {
        let text =
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\nkind: Pod\nmetadata: {name: b}\n---\na: b: c\n---\n"
            + "- 1\n---\napiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {}\n"
            + "- {apiVersion: v1, kind: Pod, metadata: {name: c}}\n---\napiVersion: v1\nkind: Pod\nkind: Pod\nmetadata: {name: d}\n"
        let reading = read(text)
        #expect(names(reading) == ["Pod a", "Pod c", "Pod d"])
        let told = reading.findings.map { "\($0.severity) \($0.place?.position?.line ?? 0) \($0.message)" }
        #expect(
            told.sorted() == [
                "error 10 Invalid value: [1]: an object is expected, this is an array",
                "error 15 this object has no metadata.name",
                "error 5 this object has no apiVersion",
                "error 8 a colon cannot stand here: check the indentation, or put the text in quotes",
                "warning 22 the key kind stands here a second time: what stands at line 21, column 1 does not count",
            ])
    }

    @Test("JSON that is broken shows its place in the file")
    func brokenJSON() {
        let reading = read("{\"kind\": \"Pod\",\n \"a\": ]}\n")
        #expect(reading.findings.count == 1)
        #expect(reading.findings.first?.place?.position?.line == 2)
    }

    @Test("directories are read with what is below them, sorted; files by name whatever they are called")
    func directories() throws {
        let root = NSTemporaryDirectory() + "pm-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: root) }
        try Directories.make("\(root)/b/c")
        func pod(_ name: String) -> [UInt8] { Array("apiVersion: v1\nkind: Pod\nmetadata: {name: \(name)}\n".utf8) }
        try AtomicFile.write("\(root)/b/c/x.yml", pod("p2"))
        try AtomicFile.write("\(root)/a.yaml", pod("p1"))
        try AtomicFile.write("\(root)/c.json", pod("p3"))
        try AtomicFile.write("\(root)/notes.txt", pod("px"))
        try AtomicFile.write("\(root)/.hidden.yaml", pod("px"))
        let reading = ManifestReading(paths: [root, "\(root)/notes.txt", "\(root)/missing.yaml"])
        #expect(names(reading) == ["Pod p1", "Pod p2", "Pod p3", "Pod px"])
        #expect(reading.manifests.first?.file == "\(root)/a.yaml")
        #expect(reading.findings.count == 1)
        #expect(reading.findings.first?.next == "check the path")
    }
}
