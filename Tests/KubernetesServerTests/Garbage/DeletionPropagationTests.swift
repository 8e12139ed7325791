import Foundation
import JSONTree
import Testing

@testable import KubernetesServer

@Suite("Deletion and dependents")
struct DeletionPropagationTests {
    @Test(
        "What is asked for now wins over what was marked earlier",
        arguments: [
            (["a"], "Orphan", ["a", "orphan"]), (["a"], "Foreground", ["a", "foregroundDeletion"]),
            (["a"], "Background", ["a"]), (["a", "orphan"], nil, ["a", "orphan"]),
            (["foregroundDeletion", "a"], nil, ["foregroundDeletion", "a"]),
            (["foregroundDeletion"], "Orphan", ["orphan"]), (["orphan", "foregroundDeletion"], "Background", []),
            (["orphan", "foregroundDeletion"], nil, ["orphan"]), ([], nil, []),
        ] as [([String], String?, [String])])
    func finalizers(_ present: [String], _ policy: String?, _ expected: [String]) {
        #expect(DeletionPropagation.finalizers(present, policy: policy) == expected)
    }

    @Test(
        "Bytes in bytes",
        arguments: [("abcabd", "abd", true), ("abcab", "abd", false), ("", "a", false), ("a", "", true)])
    func search(_ text: String, _ wanted: String, _ found: Bool) {
        #expect(Array(text.utf8).holds(Array(wanted.utf8)) == found)
    }

    private static func set(_ name: String, _ owners: [(String, String)], finalizer: String? = nil) -> String {
        let references = owners.map { owner in
            #"{"apiVersion":"apps/v1","kind":"Deployment","name":"\#(owner.0)","uid":"\#(owner.1)","#
                + #""controller":\#(owners.count == 1),"blockOwnerDeletion":true}"#
        }
        return """
            {"apiVersion":"apps/v1","kind":"ReplicaSet","metadata":{"name":"\(name)",
            "finalizers":[\(finalizer.map { "\"\($0)\"" } ?? "")],
            "ownerReferences":[\(references.joined(separator: ","))]},
            "spec":{"replicas":0,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},
            "spec":{"containers":[{"name":"c","image":"i"}]}}}}
            """
    }

    @Test(
        "kubectl delete --cascade=orphan, foreground, background",
        .enabled(if: Kubectl.path != nil, "kubectl is not installed"))
    func kubectl() async throws {
        let directory = NSTemporaryDirectory() + "/poplin-cascade-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let server = try await APIServer.start(.init(directory: directory, port: 0))
        let path = "\(directory)/kubeconfig"
        try server.kubeconfig.write(to: path)
        @discardableResult func run(_ line: String, input: String? = nil) async throws -> String {
            let words = line.split(separator: " ").map(String.init)
            let answer = try await Kubectl.run(words, kubeconfig: path, input: input.map { Array($0.utf8) })
            #expect(answer.code == 0, "kubectl \(line): \(answer.error)")
            return answer.output
        }
        var uids: [String: String] = [:]
        for name in ["one", "two", "three", "four"] {
            uids[name] = try await run("create deployment \(name) --image=i --replicas=0 -o jsonpath={.metadata.uid}")
        }
        func owner(_ name: String) -> (String, String) { (name, uids[name] ?? "") }
        try await run(
            "create -f -",
            input: [
                Self.set("of-one", [owner("one")]),
                Self.set("of-two", [owner("two")], finalizer: "example.com/hold"),
                Self.set("of-three", [owner("three")]), Self.set("of-both", [owner("three"), owner("four")]),
            ].joined(separator: "\n---\n"))

        try await run("delete deployment one --cascade=orphan --timeout=60s")
        #expect(try await run("get rs of-one -o jsonpath={.metadata.ownerReferences}{.metadata.name}") == "of-one")

        try await run("delete deployment two --cascade=foreground --wait=false")
        #expect(
            try await run("get deployment two -o jsonpath={.metadata.finalizers[*]}") == "foregroundDeletion")
        let held = try await run("get rs of-two -o jsonpath={.metadata.deletionTimestamp}")
        #expect(!held.isEmpty)
        let release = #"[{"op":"remove","path":"/metadata/finalizers"}]"#
        try await run("patch rs of-two --type=json -p \(release)")
        try await run("wait --for=delete deployment/two rs/of-two --timeout=60s")

        try await run("delete deployment three --cascade=background --timeout=60s")
        #expect(try await run("get rs -o name") == "replicaset.apps/of-both\nreplicaset.apps/of-one\n")
        #expect(try await run("get rs of-both -o jsonpath={.metadata.ownerReferences[*].name}") == "four")
        await server.shutdown()
    }
}
