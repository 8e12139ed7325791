import ArgumentParser
import CNI
import CNIRuntime
import Findings
import JSONTree

struct PluginVersionsCommand: OutputCommand {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Ask the plugins which CNI versions they speak (VERSION).",
        usage: "poplin cni version [<network>] [<options>]",
        discussion: """
            Asks the plugins of a network and the address managers they name.

            Examples:
              poplin cni version             the plugins of every network
              poplin cni version pods -o json

            \(CommandStatus.help)
            """)

    @Argument(help: "The network's name, or the path of its file; without one, every network.")
    var network: String?
    @OptionGroup var options: RuntimeOptions
    @OptionGroup var output: OutputOptions

    func run(on console: Console) throws {
        let (networks, problems) = try options.networks(network, console)
        let runtime = options.runtime(console)
        var findings = problems
        var answers: [OperationReport.Step] = []
        for list in networks {
            let report = runtime.versions(list)
            for step in report.steps where !answers.contains(where: { $0.plugin == step.plugin }) {
                answers.append(step)
            }
            for step in report.steps { findings += step.error.map { [Finding($0)] } ?? [] }
            for step in report.steps where step.succeeded && !step.versions.contains(list.cniVersion.description) {
                findings.append(VersionMismatch(step, list).finding)
            }
        }
        console.endProgress()
        if output.format == .table {
            var table = TextTable(["PLUGIN", "TIME", "VERSIONS", "PROGRAM"])
            for answer in answers {
                table.add(
                    .init(answer.plugin), .init(answer.duration.forPeople),
                    .init(answer.versions.joined(separator: " ")), .init(answer.path ?? "", .faint))
            }
            if !table.isEmpty { console.print(table.rendered(console.paint)) }
        } else {
            console.print(
                try output.format.text([
                    "items": .array(answers.map(Self.value)), "errors": .array(findings.map(\.value)),
                ]))
        }
        if !findings.isEmpty { throw CommandFailure(.findings, findings) }
    }

    private static func value(_ answer: OperationReport.Step) -> JSONValue {
        [
            "plugin": .string(answer.plugin), "path": .string(answer.path ?? ""),
            "supportedVersions": .array(answer.versions.map { .string($0) }),
            "milliseconds": answer.duration.milliseconds,
        ]
    }
}

/// A program that does not speak the version of the network it is in.
struct VersionMismatch {
    let step: OperationReport.Step
    let list: NetworkConfigurationList

    init(_ step: OperationReport.Step, _ list: NetworkConfigurationList) {
        self.step = step
        self.list = list
    }

    var finding: Finding {
        Finding(
            code: "CNI-\(CNIError.Code.incompatibleVersion)",
            "network \(list.name) speaks CNI \(list.cniVersion), and plugin \(step.plugin) does not",
            because: ["it speaks \(step.versions.joined(separator: ", "))"],
            next: "change cniVersion, or install another \(step.plugin)")
    }
}
