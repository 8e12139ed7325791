import Foundation
import JSONTree
import KubernetesServer
import LinuxHost
import Testing

@testable import PoplinCommands

/// `--live`: every command of `poplin policy` asks an API server, our own on loopback, and says what it says of the
/// same objects in files.
@Suite struct PolicyLiveTests {
    private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/policy/live")

    private static func invoke(_ arguments: [String]) async -> (status: CommandStatus, output: String, errors: String) {
        await onOwnThread {
            guard let recorder = try? Recorder() else { return (.internalError, "", "no directory") }
            let status = PoplinCommand.invoke(arguments, on: recorder.console())
            return (status, recorder.output, recorder.errors)
        }
    }

    @Test func everyCommandAgainstAServer() async throws {
        let files = ["cluster.yaml", "policies.yaml", "flows.jsonl"].map { Self.fixtures.appending(path: $0).path() }
        let directory = FileManager.default.temporaryDirectory.appending(path: "poplin-live-\(UUID())").path()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let imported = await Self.invoke(["apiserver", "import", files[0], files[1], "--dir", directory])
        #expect(imported.status == .healthy, "\(imported.output)\(imported.errors)")
        let server = try await APIServer.start(.init(directory: directory, port: 0))
        let kubeconfig = "\(directory)/kubeconfig"
        try server.kubeconfig.write(to: kubeconfig)
        // Patient: the machine may be busy with other tests.
        let live = ["--live", "--kubeconfig", kubeconfig, "--request-timeout", "120s"]
        let given = ["-f", files[0], "-f", files[1]]

        let commands: [(words: [String], status: CommandStatus)] = [
            (["verdict", "--flows", files[2], "-o", "json"], .healthy),
            (["explain", "shop/cart-0", "->", "svc/pay/db:5432", "-o", "json"], .healthy),
            (["explain", "shop/web-0", "->", "pay/db-0:sql", "-o", "json"], .findings),
            (["graph", "--pods-only", "-o", "yaml"], .healthy),
            (["suggest", "--flows", files[2]], .healthy),
        ]
        for (words, status) in commands {
            let asked = await Self.invoke(["policy"] + words + live)
            let read = await Self.invoke(["policy"] + words + given)
            #expect(asked.status == status, "\(words): \(asked.errors)")
            #expect(!asked.output.isEmpty && asked.output == read.output, "\(words): \(asked.output)\(asked.errors)")
        }
        let lint = await Self.invoke(["policy", "lint", "-o", "json"] + live)
        let inFiles = await Self.invoke(["policy", "lint", "-o", "json"] + given)
        #expect(lint.output.contains("POL-21") && lint.status == .findings, "\(lint.output)\(lint.errors)")
        #expect(Self.messages(lint.output) == Self.messages(inFiles.output))

        // The server's side of a difference, against the same policies and against others.
        let same = await Self.invoke(["policy", "diff", "live", files[1], "-f", files[0]] + live.dropFirst())
        #expect(same.status == .healthy, "\(same.output)\(same.errors)")
        try Data("{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": []}".utf8).write(
            to: URL(filePath: "\(directory)/none.json"))
        let none = await Self.invoke(
            ["policy", "diff", "live", "\(directory)/none.json", "-f", files[0]] + live.dropFirst())
        #expect(none.status == .findings && none.output.contains("pay/app=db"), "\(none.output)\(none.errors)")

        await server.shutdown()
        let gone = await Self.invoke(["policy", "lint"] + live)
        #expect(gone.status == .undetermined, "\(gone.output)\(gone.errors)")
    }

    /// Findings without the places, which only files have.
    private static func messages(_ output: String) -> [String] {
        let items = (try? JSONTree(parsing: Array(output.utf8)).root)?.member("items")
        return items?.elements.map { "\($0.member("code")?.string ?? "") \($0.member("message")?.string ?? "")" }
            .sorted()
            ?? []
    }
}
