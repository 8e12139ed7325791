import ArgumentParser
import Dispatch
import Findings
import Foundation
import KubernetesServer
import LinuxHost
import Logging

/// `poplin apiserver`: the embedded server alone.
struct APIServerCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the server: `poplin apiserver` without a word.",
        usage: "poplin apiserver --dir <directory> [<options>]",
        discussion: """
            A Kubernetes API server in one process with its state in one SQLite file: for labs, tests and looking at \
            a cluster's objects without the cluster. No scheduler, no controllers. Not for production.

            Examples:
              poplin apiserver --dir ./cluster --kubeconfig-out ./cluster/kubeconfig
              poplin apiserver --dir ./cluster --listen 127.0.0.1:0       any free port; the ready line names it
              kubectl --kubeconfig ./cluster/kubeconfig get nodes

            Ends with SIGTERM or SIGINT; nothing that was acknowledged is lost, also by a kill.

            \(CommandStatus.help)
            """)

    @Option(help: ArgumentHelp("Where objects, keys and certificates are kept.", valueName: "directory"))
    var dir: String

    @Option(help: ArgumentHelp("Address and port to serve on; port 0 is any free one.", valueName: "address:port"))
    var listen = "127.0.0.1:6443"

    @Option(help: ArgumentHelp("Write an administrator's kubeconfig here (mode 0600).", valueName: "file"))
    var kubeconfigOut: String?

    @Option(
        name: .customLong("tls-san"),
        help: ArgumentHelp("Another name or address for the server's certificate; may be repeated.", valueName: "name"))
    var names: [String] = []

    @Option(
        help: ArgumentHelp(
            "A bearer token for an administrator (env: POPLIN_APISERVER_TOKEN).", valueName: "token"))
    var token: String?

    @Option(help: "trace, debug (every request), info, notice, warning, error or critical.")
    var logLevel = LogLevel.info

    @Option(help: "Log lines on standard error: text or json.")
    var logFormat = LogFormat.text

    func run(on console: Console) throws {
        let (host, port) = try address()
        let logger = StandardErrorLog.logger("poplin.apiserver", logFormat, logLevel.level)
        var configuration = APIServer.Configuration(directory: dir, host: host, port: port, logger: logger)
        configuration.names = names
        if let token = token ?? console.environment["POPLIN_APISERVER_TOKEN"], !token.isEmpty {
            configuration.tokens[token] = UserInfo(name: "kubernetes-admin", groups: ["system:masters"])
        }
        let signals = EndSignals()
        let outcome = Waiting<CommandFailure?>()
        Task {
            do throws(CommandFailure) {
                try await serve(configuration, until: signals, console)
                outcome.set(nil)
            } catch {
                outcome.set(error)
            }
        }
        if let failure = outcome.wait() { throw failure }
    }

    private func serve(
        _ configuration: APIServer.Configuration, until signals: EndSignals, _ console: Console
    ) async throws(CommandFailure) {
        let server: APIServer
        do throws(APIServerFailure) {
            server = try await APIServer.start(configuration)
        } catch {
            throw Self.failure(error)
        }
        let path = kubeconfigOut ?? "\(dir)/kubeconfig"
        do {
            try server.kubeconfig.write(to: path)
        } catch {
            await server.shutdown()
            throw CommandFailure(
                .undetermined, Finding(code: "apiserver", "cannot write the kubeconfig \(path): \(error)"))
        }
        console.print("ready: \(server.endpoint)  try: kubectl --kubeconfig \(path) get namespaces")
        let signal = await signals.first()
        configuration.logger.info("stopping", metadata: ["signal": "\(signal)"])
        await server.shutdown()
    }

    private func address() throws(CommandFailure) -> (String, Int) {
        guard let colon = listen.lastIndex(of: ":"), let port = UInt16(listen[listen.index(after: colon)...]) else {
            throw .usage("--listen needs an address and a port: \(listen)", next: "such as 127.0.0.1:6443 or [::1]:0")
        }
        var host = String(listen[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
        } else if host.contains(":") {
            throw .usage("an IPv6 address stands in brackets: \(listen)", next: "--listen [\(host)]:\(port)")
        }
        return (host.isEmpty ? "0.0.0.0" : host, Int(port))
    }

    private static func failure(_ failure: APIServerFailure) -> CommandFailure {
        let next: String? =
            switch failure {
            case .listen: "choose another --listen (port 0: any free port), or stop what is there"
            default: nil
            }
        return CommandFailure(.undetermined, Finding(code: "apiserver", failure.description, next: next))
    }
}
