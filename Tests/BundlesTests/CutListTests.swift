import Diagnosis
import Findings
import Foundation
import JSONTree
import Testing

@testable import Bundles

/// Lists that end in the middle, as kubectl prints them: its keys are sorted, so that the kind of the list stands at its end.
@Suite final class CutListTests {
    private let directory: String

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "poplin-cut-\(UUID())").path()
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    private static func object(_ kind: String, _ name: String) -> String {
        """
                {
                    "apiVersion": "v1",
                    "kind": "\(kind)",
                    "metadata": {
                        "name": "\(name)",
                        "ownerReferences": [{"kind": "ReplicaSet", "name": "a \\"quoted] one"}]
                    }
                }
        """
    }

    private static func json(_ objects: [(String, String)]) -> String {
        let items = objects.map { object($0.0, $0.1) }.joined(separator: ",\n")
        return """
            {
                "apiVersion": "v1",
                "items": [
            \(items)
                ],
                "kind": "List",
                "metadata": {"resourceVersion": ""}
            }
            """
    }

    private static func yaml(_ objects: [(String, String)]) -> String {
        let items = objects.map { "- apiVersion: v1\n  kind: \($0.0)\n  metadata:\n    name: \($0.1)\n" }.joined()
        return "apiVersion: v1\nitems:\n\(items)kind: List\nmetadata:\n  resourceVersion: \"\"\n"
    }

    private static let some = [("Node", "n1"), ("Node", "n2"), ("Pod", "a"), ("Pod", "b"), ("Pod", "c")]

    private static func names(_ values: [JSONValue]) -> [String] {
        values.compactMap { $0["metadata"]?["name"]?.word }
    }

    private func write(_ text: String, _ path: String) throws {
        try text.write(toFile: "\(directory)/\(path)", atomically: true, encoding: .utf8)
    }

    @Test(arguments: [json(some), yaml(some)])
    func whatIsWholeIsNotCut(_ text: String) {
        let cut = CutList(Array(text.utf8))
        #expect(cut == nil)
    }

    @Test(arguments: [json(some), yaml(some)])
    func kindsThatWereOverAreWhole(_ text: String) throws {
        let end = try #require(text.range(of: "name\": \"c\"") ?? text.range(of: "name: c")).lowerBound
        let cut = try #require(CutList(Array(text[..<end].utf8)))
        #expect(Self.names(cut.whole) == ["n1", "n2"])
        #expect(cut.begun.map(\.resource) == ["pods"])
        #expect(Self.names(cut.begun[0].objects) == ["a", "b"])
        #expect(cut.count == 4)
    }

    /// The object in which the text ends tells that those before it were all of their kind.
    @Test(arguments: [json(some), yaml(some)])
    func theNextKindIsRead(_ text: String) throws {
        let end = try #require(text.range(of: "name\": \"a\"") ?? text.range(of: "name: a")).lowerBound
        let cut = try #require(CutList(Array(text[..<end].utf8)))
        #expect(Self.names(cut.whole) == ["n1", "n2"])
        #expect(cut.begun.isEmpty)
    }

    @Test func mixedKindsMayAllGoOn() throws {
        let text = Self.json([("Node", "n1"), ("Pod", "a"), ("Node", "n2"), ("Pod", "b"), ("Pod", "c")])
        let end = try #require(text.range(of: "name\": \"c\"")).lowerBound
        let cut = try #require(CutList(Array(text[..<end].utf8)))
        #expect(cut.whole.isEmpty)
        #expect(Set(cut.begun.map(\.resource)) == ["nodes", "pods"])
    }

    @Test func itemsOfATypedListHaveItsKind() throws {
        let text = """
            {"kind":"PodList","apiVersion":"v1","items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"},"spec":{"nod
            """
        let cut = try #require(CutList(Array(text.utf8)))
        #expect(cut.begun.map(\.resource) == ["pods"])
        #expect(Self.names(cut.begun[0].objects) == ["a"])
    }

    /// Wherever it ends: never more than was there, and nothing that is not a prefix of it.
    @Test(arguments: [json(some), yaml(some)])
    func anyEnd(_ text: String) {
        let bytes = Array(text.utf8)
        let all = Self.some.map(\.1)
        for end in bytes.indices {
            guard let cut = CutList(Array(bytes[..<end])) else { continue }
            let names = Self.names(cut.whole) + cut.begun.flatMap { Self.names($0.objects) }
            #expect(names == Array(all.prefix(names.count)), "cut at \(end)")
        }
    }

    // MARK: As evidence

    @Test func theRestOfABundleStands() throws {
        try write(Self.json([("Node", "n1")]), "nodes.json")
        let pods = Self.json([("Pod", "a"), ("Pod", "b")])
        try write(String(pods.prefix(pods.count - 120)), "pods.json")
        let events = Self.json([("Event", "e1"), ("Event", "e2")])
        try write(String(events.prefix(events.count - 120)), "events.json")
        let reading = try Bundle.read(directory)
        let facts = FactBase(reading: reading.evidence)
        #expect(facts.objects("nodes").map(\.name) == ["n1"])
        // Who counts pods would be wrong.
        #expect(facts.objects("pods").isEmpty)
        #expect(facts.missing[FactName("pods")]?.contains("pods.json ends in the middle: only the first 1") == true)
        // No list of events is ever whole.
        #expect(facts.objects("events").map(\.name) == ["e1"])
        let told = reading.problems.map(\.message).filter { $0.contains("ends in the middle of an object") }
        #expect(told.count == 2)
    }

    @Test(arguments: [json(some), yaml(some)])
    func oneFileThatIsCut(_ text: String) throws {
        try write(String(text.prefix(text.count - 100)), "all")
        let reading = try Bundle.read("\(directory)/all")
        let facts = FactBase(reading: reading.evidence)
        #expect(facts.objects("nodes").map(\.name) == ["n1", "n2"])
        #expect(facts.objects("pods").isEmpty)
        #expect(facts.missing[FactName("pods")]?.contains("ends in the middle") == true)
        let isTold = reading.problems.contains { $0.message.contains("ends in the middle of an object") }
        #expect(isTold)
    }

    /// `kubectl cluster-info dump` has a list for each namespace: what the others say of pods is not lost with one.
    @Test func oneOfSeveralLists() throws {
        try write(Self.json([("Pod", "x")]), "pods-first.json")
        let pods = Self.json([("Pod", "a"), ("Pod", "b")])
        try write(String(pods.prefix(pods.count - 120)), "pods-second.json")
        let facts = FactBase(reading: try Bundle.read(directory).evidence)
        #expect(Set(facts.objects("pods").map(\.name)) == ["a", "x"])
    }
}
