import Addressing
import ArgumentParser
import KubernetesClient
import LabControllers
import Logging

/// `poplin lab controllers`: the lab's controller manager and scheduler. The supervisor runs it; people seldom do.
struct ControllersCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "controllers",
        abstract: "Run the lab's scheduler and controllers against an API server (started by the supervisor).",
        discussion: """
            Scheduler, Deployment, ReplicaSet, DaemonSet, StatefulSet, Job, EndpointSlice, ranges and life of nodes, \
            eviction and garbage collection, in small. Not for production.

            Examples:
              poplin lab controllers --kubeconfig ./cluster/kubeconfig
              poplin lab controllers --kubeconfig F --cluster-cidr 10.244.0.0/16

            Ends with SIGTERM or SIGINT.

            \(CommandStatus.help)
            """, shouldDisplay: false)

    @OptionGroup(title: "Cluster options") var cluster: ClusterOptions

    @Option(
        name: .customLong("cluster-cidr"),
        help: ArgumentHelp(
            "Ranges that nodes get their pod addresses from, one for each family; none leaves that to others.",
            valueName: "prefix,..."))
    var clusterRanges = ""

    @Option(
        name: .customLong("service-cidr"),
        help: ArgumentHelp("The services' ranges: nodes get no addresses of them.", valueName: "prefix,..."))
    var serviceRanges = ""

    @Option(
        name: .customLong("node-cidr-mask-size"),
        help: ArgumentHelp("Bits of a node's IPv4 range.", valueName: "bits"))
    var nodeLength = 24

    @Option(
        name: .customLong("node-cidr-mask-size-ipv6"),
        help: ArgumentHelp("Bits of a node's IPv6 range.", valueName: "bits"))
    var nodeLengthV6 = 64

    @Option(
        name: .customLong("node-monitor-grace-period"),
        help: ArgumentHelp("A node is not reachable when its lease is this old.", valueName: "time"))
    var grace = "40s"

    @Option(help: "trace, debug, info, notice, warning, error or critical.")
    var logLevel = LogLevel.info

    @Option(help: "Log lines on standard error: text or json.")
    var logFormat = LogFormat.text

    func run(on console: Console) throws {
        var settings = ControllerSettings()
        settings.nodeRanges = try ranges()
        guard let patience = TimeText.duration(grace) else {
            throw CommandFailure.usage("--node-monitor-grace-period \(grace) is no time", next: "such as 40s")
        }
        settings.nodeMonitorGrace = patience
        let configuration = LabControllers.Configuration(
            connection: try cluster.connection(on: console, component: "lab-controllers"), settings: settings,
            logger: StandardErrorLog.logger("poplin.controllers", logFormat, logLevel.level))
        let signals = EndSignals()
        let outcome = Waiting<String>()
        Task {
            let work = Task { await LabControllers.run(configuration: configuration) }
            let signal = await signals.first()
            work.cancel()
            outcome.set(signal)
        }
        configuration.logger.info("stopping", metadata: ["signal": "\(outcome.wait())"])
    }

    private func ranges() throws(CommandFailure) -> [NodeRange] {
        let services = try prefixes(serviceRanges, "--service-cidr")
        var ranges: [NodeRange] = []
        for prefix in try prefixes(clusterRanges, "--cluster-cidr") {
            if let service = services.first(where: { $0.overlaps(prefix) }) {
                throw .usage(
                    "--cluster-cidr \(prefix) overlaps --service-cidr \(service)",
                    next: "pods and services need ranges of their own")
            }
            if ranges.contains(where: { $0.prefix.family == prefix.family }) {
                throw .usage("--cluster-cidr has two \(prefix.family) ranges: \(clusterRanges)")
            }
            let length = prefix.family == .v4 ? nodeLength : nodeLengthV6
            guard let range = NodeRange(prefix, nodeLength: length) else {
                let flag = prefix.family == .v4 ? "--node-cidr-mask-size" : "--node-cidr-mask-size-ipv6"
                throw .usage(
                    "\(flag) \(length) does not fit --cluster-cidr \(prefix)",
                    next: "\(prefix.length) to \(min(prefix.family.bitWidth, prefix.length + 16)) bits")
            }
            ranges.append(range)
        }
        return ranges
    }

    private func prefixes(_ text: String, _ flag: String) throws(CommandFailure) -> [IPPrefix] {
        var prefixes: [IPPrefix] = []
        for part in text.split(separator: ",") {
            guard let prefix = IPPrefix(String(part)) else {
                throw .usage("\(flag) \(part) is no prefix", next: "such as 10.244.0.0/16 or fd00:10:244::/56")
            }
            prefixes.append(prefix)
        }
        return prefixes
    }
}
