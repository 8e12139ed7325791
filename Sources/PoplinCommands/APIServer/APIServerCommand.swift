import ArgumentParser
import Dispatch
import Findings
import Foundation
import KubernetesServer
import LinuxHost
import Logging
import SystemCalls

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
              poplin apiserver --dir ./cluster --listen 127.0.0.1:0    any free port
              poplin apiserver --dir ./cluster --listen 10.0.0.1:6443 \\
                  --listen [::1]:6443 --advertise https://10.0.0.1:6443 \\
                  --tls-san api.example.org
              kubectl --kubeconfig ./cluster/kubeconfig get nodes

            Ends with SIGTERM or SIGINT; nothing that was acknowledged is lost, also by a kill.

            \(CommandStatus.help)
            """)

    @Option(help: ArgumentHelp("Where objects, keys and certificates are kept.", valueName: "directory"))
    var dir: String

    @Option(
        help: ArgumentHelp(
            "Address and port to serve on; port 0 is any free one. May be repeated. (default: 127.0.0.1:6443)",
            valueName: "address:port"))
    var listen: [String] = []

    @Option(
        name: .customLong("listen-fd"),
        help: ArgumentHelp(
            "A TCP socket that listens already, inherited under this number; may be repeated.", valueName: "number"))
    var descriptors: [Int32] = []

    @Option(
        help: ArgumentHelp(
            "The server's URL in the kubeconfig; by default the first address it serves on.", valueName: "url"))
    var advertise: String?

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

    @Option(
        help: ArgumentHelp(
            "Connections at once; one more is answered 429. By default as many as open files allow, less 256.",
            valueName: "number"))
    var maxConnections: Int?

    @Option(
        help: ArgumentHelp(
            "Changes kept for watchers that come back, at most (env: POPLIN_APISERVER_HISTORY). One that has missed "
                + "more is answered 410 and lists again.", valueName: "number"))
    var history: UInt64?

    @Option(help: "trace, debug (every request), info, notice, warning, error or critical.")
    var logLevel = LogLevel.info

    @Option(help: "Log lines on standard error: text or json.")
    var logFormat = LogFormat.text

    func run(on console: Console) throws {
        var listeners = try listen.map { (text) throws(CommandFailure) in try Self.listener(text) }
        listeners += descriptors.map { .descriptor($0) }
        if listeners.isEmpty { listeners = [.address(host: "127.0.0.1", port: 6443)] }
        let logger = StandardErrorLog.logger("poplin.apiserver", logFormat, logLevel.level)
        var configuration = APIServer.Configuration(directory: dir, listeners: listeners, logger: logger)
        configuration.advertised = advertise
        configuration.names = names
        configuration.limits.connectionLimit = try connectionLimit()
        let fromEnvironment = console.environment["POPLIN_APISERVER_HISTORY"].flatMap { UInt64($0) }
        if let count = history ?? fromEnvironment { configuration.retention.count = count }
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
        if server.addresses.count > 1 { console.print("listening: \(server.addresses.joined(separator: " "))") }
        console.print("ready: \(server.endpoint)  try: kubectl --kubeconfig \(path) get namespaces")
        let signal = await signals.first()
        configuration.logger.info("stopping", metadata: ["signal": "\(signal)"])
        await server.shutdown()
    }

    /// Files of the server's own, and connections to kubelets.
    private static let spareFiles = 256

    private func connectionLimit() throws(CommandFailure) -> Int {
        let files: Int
        do throws(SystemCallError) {
            files = try OpenFileLimit.raise()
        } catch {
            throw CommandFailure(.undetermined, Finding(code: "apiserver", "the limit of open files: \(error)"))
        }
        let possible = max(16, files - Self.spareFiles)
        guard let maxConnections else { return possible }
        guard maxConnections > 0 else { throw .usage("--max-connections must be 1 or more, not \(maxConnections)") }
        guard maxConnections <= possible else {
            throw .usage(
                "--max-connections \(maxConnections) needs \(maxConnections + Self.spareFiles) open files, and this "
                    + "process may have \(files)", next: "raise the hard limit (ulimit -Hn), or ask for \(possible)")
        }
        return maxConnections
    }

    private static func listener(_ text: String) throws(CommandFailure) -> HTTPServer.Listener {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            throw .usage("--listen needs an address and a port: \(text)", next: "such as 127.0.0.1:6443 or [::1]:0")
        }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
        } else if host.contains(":") {
            throw .usage("an IPv6 address stands in brackets: \(text)", next: "--listen [\(host)]:\(port)")
        }
        return .address(host: host.isEmpty ? "0.0.0.0" : host, port: Int(port))
    }

    private static func failure(_ failure: APIServerFailure) -> CommandFailure {
        let next: String? =
            switch failure {
            case .listen: "choose another --listen (port 0: any free port), or stop what is there"
            case .advertised: "write --advertise https://ADDRESS:PORT"
            default: nil
            }
        return CommandFailure(.undetermined, Finding(code: "apiserver", failure.description, next: next))
    }
}
