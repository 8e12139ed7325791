import ArgumentParser
import Findings
import JSONTree
import Policy

struct PolicyExplainCommand: OutputCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Why a connection is allowed or refused, and the smallest change that turns it.",
        usage: "poplin policy explain -f <file> <from> [->] <to>:<port>[/udp] [<options>]",
        discussion: """
            An end is namespace/pod, a workload's or service's name, node/NAME or an address. The change \
            shown was tried on the engine, together with everything else it would open or close.

            Examples:
              poplin policy explain -f manifests shop/web '->' pay/db:5432
              poplin policy explain -f dump.json web svc/kube-dns:53/udp -n shop
              poplin policy explain -f manifests shop/web 203.0.113.7:443 -o json

            Exit status: 0 allowed, 1 refused, 2 usage, 3 could not determine, 4 internal.
            """)

    @Argument(help: "Both ends.")
    var ends: [String] = []
    @Flag(name: .shortAndLong, help: "Every rule of every policy that applies, and every remedy.")
    var verbose = false
    @OptionGroup var input: PolicyFiles
    @OptionGroup var output: OutputOptions

    func run(on console: Console) throws {
        let reading = try input.reading(console)
        let parsed = try FlowArguments(cluster: reading.cluster, namespace: input.cluster.namespace ?? "default").parse(
            ends)
        let engine = PolicyEngine(cluster: reading.cluster, policies: reading.policies)
        let explanation: Explanation
        do throws(FlowError) {
            explanation = try Explanation(parsed.flow, in: engine)
        } catch {
            throw CommandFailure(.undetermined, Finding("\(error)"))
        }
        let screen = ExplanationScreen(
            explanation: explanation, cluster: reading.cluster, policies: reading.policies, remarks: parsed.remarks,
            isVerbose: verbose)
        console.print(try output.format == .table ? screen.rendered(console.paint) : output.format.text(screen.value))
        if reading.hasErrors { throw CommandFailure(.undetermined, []) }
        if !explanation.verdict.isAllowed { throw CommandFailure(.findings, []) }
    }
}
