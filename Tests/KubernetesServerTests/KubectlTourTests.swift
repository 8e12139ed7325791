import Foundation
import Testing

@testable import KubernetesServer

/// kubectl itself against the server in this process: `scripts/kubectl-tour.sh`.
@Suite struct KubectlTourTests {
    private static let kubectl = ["/usr/bin/kubectl", "/usr/local/bin/kubectl"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    @Test(.enabled(if: kubectl != nil, "needs kubectl (Debian's kubernetes-client)"))
    func everyVerb() async throws {
        let directory = NSTemporaryDirectory() + "/poplin-tour-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let server = try await APIServer.start(.init(directory: directory, port: 0))
        let path = "\(directory)/kubeconfig"
        try server.kubeconfig.write(to: path)
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../scripts/kubectl-tour.sh").standardized.path
        let (code, text) = try await Self.run("/bin/bash", [script, path], kubectl: Self.kubectl ?? "kubectl")
        await server.shutdown()
        #expect(code == 0, "\(text.split(separator: "\n").filter { !$0.hasPrefix("ok ") }.joined(separator: "\n"))")
        #expect(text.contains(" passed, 0 failed"))
    }

    private static func run(
        _ program: String, _ arguments: [String], kubectl: String
    ) async throws -> (Int32, String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(["KUBECTL": kubectl]) { $1 }
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        // Read on a thread of its own: the server needs those of the tasks.
        let bytes = await withCheckedContinuation { continuation in
            Thread { continuation.resume(returning: output.fileHandleForReading.readDataToEndOfFile()) }.start()
        }
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: bytes, as: UTF8.self))
    }
}
