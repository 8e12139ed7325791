import ArgumentParser
import Findings
import JSONTree
import KubernetesClient
import KubernetesModel
import LinuxHost

/// `poplin status`: the pod network of a cluster on one screen.
struct ClusterStatusCommand: OutputCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show on one screen how a cluster's pod network is.",
        usage: "poplin status [<options>]",
        discussion: """
            The agents, the nodes with their conditions and ranges, how many pods are Poplin's, address pools, and \
            every error with the object it is about. What this version does not act on (policies, services) is said.

            Examples:
              poplin status
              poplin status --wait --wait-duration 2m    for scripts: ends when all is well
              poplin status -o json | jq .errors

            Errors are findings; warnings alone are healthy. What may not be looked at is a warning; where that is \
            the agents, the nodes or the pods, the status is 3.

            \(CommandStatus.help)
            """)

    @OptionGroup var output: OutputOptions

    @OptionGroup(title: "Cluster options") var cluster: ClusterOptions

    @Flag(help: "Wait until there is no error.")
    var wait = false

    @Option(help: ArgumentHelp("How long to wait, such as 30s or 5m.", valueName: "time"))
    var waitDuration = "5m"

    @Option(help: ArgumentHelp("Where the agents are.", valueName: "namespace"))
    var agentNamespace = ClusterFacts.namespace

    func validate() throws {
        if TimeText.duration(waitDuration) == nil {
            throw ValidationError("--wait-duration \(waitDuration): write a number with s, m or h, such as 30s")
        }
    }

    func run(on console: Console) throws {
        let health = try look(on: console)
        console.print(output.format == .table ? health.screen(console.paint) : try output.format.text(health.value))
        if !health.errors.isEmpty { throw CommandFailure(.findings, []) }
        if health.isUndetermined { throw CommandFailure(.undetermined, []) }
    }

    private func look(on console: Console) throws(CommandFailure) -> ClusterHealth {
        let namespace = agentNamespace
        let patience = wait ? TimeText.duration(waitDuration) ?? .zero : .zero
        return try cluster.run(on: console, component: "status") { client throws(KubernetesFailure) in
            let deadline = ContinuousClock.now + patience
            while true {
                do throws(KubernetesFailure) {
                    let facts = try await ClusterFacts(client, namespace: namespace)
                    let health = ClusterHealth(facts, now: Timestamp(seconds: Int64(Clock.now() / 1_000_000_000)))
                    // A refusal does not pass by itself.
                    let isRefused = health.isUndetermined && health.unknown.allSatisfy(\.isRefused)
                    if health.isHealthy || isRefused || ContinuousClock.now >= deadline {
                        console.endProgress()
                        return health
                    }
                    let first = health.errors.first.map { "\($0.object): \($0.message)" }
                    console.progress("waiting: \(first ?? health.warnings.first?.message ?? "")")
                } catch {
                    // A server that comes up is waited for too.
                    if ContinuousClock.now >= deadline || error.status != nil { throw error }
                    console.progress("waiting for the API server")
                }
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }
}
