import ArgumentParser
import CNI
import CNIRuntime
import Findings
import JSONTree

struct StatusCommand: OutputCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Ask the plugins whether they could serve an ADD now (STATUS).",
        usage: "poplin cni status [<network>] [<options>]",
        discussion: """
            Examples:
              poplin cni status              every network
              poplin cni status pods -o json

            \(CommandStatus.help)
            """)

    @Argument(help: "The network's name, or the path of its file; without one, every network.")
    var network: String?
    @OptionGroup var options: RuntimeOptions
    @OptionGroup var output: OutputOptions

    func run(on console: Console) throws {
        let (networks, problems) = try options.networks(network, console)
        let runtime = options.runtime(console)
        let views = networks.map { ReportView(runtime.status($0)) }
        console.endProgress()
        if output.format == .table {
            var table = TextTable(["NETWORK", "PLUGIN", "TIME", "OUTCOME", ""])
            for view in views {
                for step in view.report.steps {
                    table.add(
                        .init(view.report.network), .init(step.plugin), .init(step.duration.forPeople),
                        step.succeeded ? .init("ready", .good) : .init("not ready", .bad),
                        .init(step.error?.message ?? "", .faint))
                }
                if view.report.steps.isEmpty {
                    table.add(
                        .init(view.report.network), "", "", "unknown", .init(view.report.error?.message ?? "", .faint))
                }
            }
            if !table.isEmpty { console.print(table.rendered(console.paint)) }
        } else {
            console.print(try output.format.text(["items": .array(views.map(\.value))]))
        }
        let findings = problems + views.flatMap(\.findings)
        if findings.isEmpty { return }
        let isOnlyUnknown = problems.isEmpty && views.allSatisfy { $0.status != .findings }
        throw CommandFailure(isOnlyUnknown ? .undetermined : .findings, findings)
    }
}
