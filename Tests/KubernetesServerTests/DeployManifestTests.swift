import Foundation
import JSONTree
import Testing

@testable import KubernetesServer

/// The manifests of deploy/ against our own server, with kubectl as the judge: `apply` validates every field.
@Suite("The manifests of deploy/", .enabled(if: Kubectl.path != nil, "kubectl is not installed"))
struct DeployManifestTests {
    private static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("deploy").path

    @Test func kustomizeRendersThemAndTheServerTakesThemTwice() async throws {
        let directory = NSTemporaryDirectory() + "/poplin-deploy-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let server = try await APIServer.start(.init(directory: directory, port: 0))
        let path = "\(directory)/kubeconfig"
        try server.kubeconfig.write(to: path)
        let first = try await Kubectl.run(["apply", "-k", Self.directory], kubeconfig: path)
        #expect(first.code == 0 && first.error.isEmpty, "\(first.error)")
        let again = try await Kubectl.run(["apply", "-k", Self.directory], kubeconfig: path)
        let unlike = again.output.split(separator: "\n").filter { !$0.hasSuffix(" unchanged") }
        #expect(again.code == 0 && unlike.isEmpty, "\(again.output)\(again.error)")
        let read = try await Kubectl.run(
            ["get", "daemonset", "poplin-agent", "-n", "poplin-system", "-o", "json"], kubeconfig: path)
        let pod = try #require(try JSONTree(parsing: read.output).root.at("spec", "template", "spec"))
        #expect(pod.member("hostNetwork")?.bool == true)
        #expect(pod.member("priorityClassName")?.string == "system-node-critical")
        // Every toleration: no key, no effect.
        let tolerations = Array(try #require(pod.member("tolerations")).elements)
        #expect(tolerations.count == 1 && tolerations[0].member("operator")?.string == "Exists")
        #expect(tolerations[0].member("key") == nil && tolerations[0].member("effect") == nil)
        await server.shutdown()
    }

    /// What the agent asks the API server for, and what it has no business with.
    static let questions: [(String, Bool)] = [
        ("list nodes", true), ("patch nodes", true), ("patch nodes/status", true), ("delete nodes", false),
        ("watch pods --all-namespaces", true), ("patch pods -n default", false),
        ("list networkpolicies.networking.k8s.io --all-namespaces", true), ("get secrets --all-namespaces", false),
        ("create events -n default", true), ("list events --all-namespaces", true),
        ("update leases.coordination.k8s.io/poplin-agent-warnings -n poplin-system", true),
        ("update leases.coordination.k8s.io/other -n poplin-system", false),
    ]

    @Test func theRoleIsMinimal() async throws {
        let directory = NSTemporaryDirectory() + "/poplin-role-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let server = try await APIServer.start(.init(directory: directory, port: 0))
        let path = "\(directory)/kubeconfig"
        try server.kubeconfig.write(to: path)
        let applied = try await Kubectl.run(["apply", "-k", Self.directory], kubeconfig: path)
        #expect(applied.code == 0, "\(applied.error)")
        for (question, isAllowed) in Self.questions {
            let words = question.split(separator: " ").map(String.init)
            let answer = try await Kubectl.run(
                ["auth", "can-i", "--as=system:serviceaccount:poplin-system:poplin-agent"] + words, kubeconfig: path)
            let isExpected = answer.output.hasPrefix(isAllowed ? "yes" : "no")
            #expect(isExpected, "\(question): \(answer.output)\(answer.error)")
        }
        await server.shutdown()
    }
}
