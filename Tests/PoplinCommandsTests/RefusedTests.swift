import Foundation
import KubernetesServer
import LinuxHost
import Testing

@testable import PoplinCommands

/// Commands of somebody whom the API server refuses everything: what nobody could see is told as that, never as not there.
@Suite struct RefusedTests {
    private static func invoke(_ arguments: [String]) async -> (status: CommandStatus, output: String, errors: String) {
        await onOwnThread {
            guard let recorder = try? Recorder() else { return (.internalError, "", "no directory") }
            let status = PoplinCommand.invoke(arguments, on: recorder.console())
            return (status, recorder.output, recorder.errors)
        }
    }

    @Test func whatIsRefusedIsNotAbsent() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "poplin-refused-\(UUID())").path()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let server = try await APIServer.start(.init(directory: directory, port: 0))
        let kubeconfig = "\(directory)/kubeconfig"
        try server.kubeconfig.write(to: kubeconfig)
        let nobody = ["--kubeconfig", kubeconfig, "--as", "nobody", "--request-timeout", "60s"]

        let status = await Self.invoke(["status"] + nobody)
        #expect(status.status == .undetermined, "\(status.errors)")
        #expect(!status.output.contains("not installed") && !status.output.contains("OK"), "\(status.output)")
        #expect(status.output.contains("refused to nobody: daemonsets.apps, nodes, pods"), "\(status.output)")

        let conntest = await Self.invoke(["conntest"] + nobody)
        #expect(conntest.status == .undetermined)
        #expect(conntest.errors.contains("cannot create"), "\(conntest.errors)")
        #expect(!(conntest.output + conntest.errors).contains("is still there"), "\(conntest.output)\(conntest.errors)")

        let why = await Self.invoke(["doctor", "why", "shop/web", "to", "shop/db:5432"] + nobody)
        #expect(why.status == .undetermined)
        #expect(why.errors.contains("it is not known what pods there are"), "\(why.errors)")

        // A cluster that has no agent, to somebody who may look.
        let admin = await Self.invoke(["status", "--kubeconfig", kubeconfig, "--agent-namespace", "network"])
        #expect(admin.status == .findings)
        #expect(admin.output.contains("Namespace network: there is no agent DaemonSet"), "\(admin.output)")
        await server.shutdown()
    }

    /// Whom the server does not know it tells nothing: that is one error and no screen.
    @Test func whoIsNotKnown() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "poplin-unknown-\(UUID())").path()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let server = try await APIServer.start(.init(directory: directory, port: 0))
        let kubeconfig = "\(directory)/kubeconfig"
        try server.kubeconfig.write(to: kubeconfig)
        let text = try String(contentsOfFile: kubeconfig, encoding: .utf8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.contains("client-") }
        try lines.joined(separator: "\n").replacing("  user:\n", with: "  user:\n    token: wrong\n").write(
            toFile: "\(directory)/token", atomically: true, encoding: .utf8)
        let status = await Self.invoke(["status", "--kubeconfig", "\(directory)/token"])
        #expect(status.status == .undetermined)
        #expect(status.output.isEmpty && status.errors.contains("Unauthorized"), "\(status.output)\(status.errors)")
        await server.shutdown()
    }
}
