import Agent
import ArgumentParser
import CNI
import Findings
import Foundation
import KubernetesClient
import LinuxHost
import Logging

/// `poplin agent`: what runs on every node.
struct AgentGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agent", abstract: "What runs on every node of a cluster: addresses, routes, readiness.",
        discussion: """
            Examples:
              poplin agent --config-dir /etc/poplin --node-name node-1
              poplin agent install-cni --dir /opt/cni/bin
              poplin help agent run                          every option of running it

            \(CommandStatus.help)
            """,
        subcommands: [AgentCommand.self, InstallCNICommand.self], defaultSubcommand: AgentCommand.self)
}

/// `poplin agent run`, which is `poplin agent` without a word.
struct AgentCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run the agent of this node: `poplin agent` without a word.",
        usage: "poplin agent --node-name <name> [<options>]",
        discussion: """
            Serves the CNI plugin `poplin` over a unix socket, gives pods their addresses, keeps routes and tunnels to \
            other nodes, and writes the runtime's configuration when all of it works. Runs as a DaemonSet; see deploy/.

            Examples:
              poplin agent --config-dir /etc/poplin --node-name $(NODE_NAME)
              curl http://127.0.0.1:9277/readyz?verbose

            Ends with SIGTERM or SIGINT and leaves the kernel as it is: pods go on. Killed, it goes on where it was.

            \(CommandStatus.help)
            """)

    @OptionGroup var cluster: ClusterOptions

    @Option(help: ArgumentHelp("The name of this node's Node object (env: NODE_NAME).", valueName: "name"))
    var nodeName: String?

    @Option(
        help: ArgumentHelp(
            "ConfigMap poplin-config as files: net-conf.json and poplin.json.", valueName: "directory"))
    var configDir = "/etc/poplin"

    @Option(help: ArgumentHelp("Where the plugin asks.", valueName: "path"))
    var socket = "/run/poplin/agent.sock"

    @Option(help: ArgumentHelp("Where the runtime looks for networks.", valueName: "directory"))
    var cniConfDir = "/etc/cni/net.d"

    @Option(help: ArgumentHelp("What outlives the agent: addresses that are given out.", valueName: "directory"))
    var stateDir = "/var/lib/poplin"

    @Option(help: ArgumentHelp("What does not outlive a reboot: the lock.", valueName: "directory"))
    var runDir = "/run/poplin"

    @Option(
        help: ArgumentHelp(
            "Where /healthz, /readyz and /metrics are served; port 0 is any free one.", valueName: "address:port"))
    var healthAddress = "127.0.0.1:9277"

    @Option(help: "trace, debug, info, notice, warning, error or critical.")
    var logLevel = LogLevel.info

    @Option(help: "Log lines on standard error: text or json.")
    var logFormat = LogFormat.text

    func run(on console: Console) throws {
        let logger = StandardErrorLog.logger("poplin.agent", logFormat, logLevel.level)
        let configuration = try settings(console, logger)
        // Before the kubeconfig, which without root may not be read either.
        if let objection = AgentConfiguration.objection(user: geteuid()) {
            throw CommandFailure(.undetermined, [objection])
        }
        let connection = try cluster.connection(on: console, component: "agent")
        let signals = EndSignals()
        let outcome = Waiting<AgentFault?>()
        Task {
            let transport = HTTPTransport(connection, environment: console.environment)
            let client = ClusterClient(
                transport, namespace: connection.namespace, fieldManager: "poplin-agent",
                requestTimeout: connection.requestTimeout)
            let agent = Agent(configuration, client: client, version: Release.version)
            let running = Task { () -> AgentFault? in
                do throws(AgentFault) {
                    try await agent.run()
                    return nil
                } catch {
                    return error
                }
            }
            let ending = Task {
                guard let signal = await signals.next() else { return }
                logger.notice("stopping", metadata: ["signal": "\(signal)"])
                running.cancel()
            }
            let fault = await running.value
            ending.cancel()
            await transport.close()
            outcome.set(fault)
        }
        if let fault = outcome.wait() { throw CommandFailure(.undetermined, fault.findings) }
    }

    private func settings(_ console: Console, _ logger: Logger) throws(CommandFailure) -> AgentConfiguration {
        guard let name = nodeName ?? console.environment["NODE_NAME"], !name.isEmpty else {
            throw .usage(
                "--node-name is missing, and NODE_NAME is not set", next: "name the Node object of this machine")
        }
        guard let colon = healthAddress.lastIndex(of: ":"),
            let port = UInt16(healthAddress[healthAddress.index(after: colon)...])
        else {
            throw .usage("--health-address needs an address and a port: \(healthAddress)", next: "such as 127.0.0.1:0")
        }
        var configuration = AgentConfiguration(nodeName: name, logger: logger)
        configuration.podNamespace = console.environment["POD_NAMESPACE"] ?? ""
        configuration.podName = console.environment["POD_NAME"] ?? ""
        configuration.configDirectory = configDir
        configuration.socketPath = socket
        configuration.stateDirectory = stateDir
        configuration.runDirectory = runDir
        configuration.networkDirectory = cniConfDir
        let host = healthAddress[..<colon]
        configuration.healthHost =
            host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : String(host)
        configuration.healthPort = Int(port)
        return configuration
    }
}

/// `poplin agent install-cni`.
struct InstallCNICommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "install-cni", abstract: "Put the CNI plugins into a node's plugin directory.",
        discussion: """
            Copies poplin-cni, which lies beside poplin (env: POPLIN_CNI), and makes one link to it for each plugin; \
            every name changes in one moment. Plugins of others keep their names unless --replace is given.

            Examples:
              poplin agent install-cni
              poplin agent install-cni --dir /usr/lib/cni --replace

            \(CommandStatus.help)
            """)

    @Option(help: ArgumentHelp("The plugin directory, as the node's runtime has it.", valueName: "directory"))
    var dir = "/opt/cni/bin"

    @Flag(help: "Also take names that plugins of others have; theirs are kept as NAME.before-poplin.")
    var replace = false

    func run(on console: Console) throws {
        do {
            let program = try CNIInstallation.findProgram(console.environment)
            let outcome = try CNIInstallation(directory: dir, program: program, replacesOthers: replace).run()
            console.print("installed in \(dir): \(outcome.installed.joined(separator: " "))")
            if !outcome.left.isEmpty {
                console.print("of others, left as they are: \(outcome.left.joined(separator: " "))")
            }
        } catch {
            throw CommandFailure(.undetermined, error.findings)
        }
    }
}
