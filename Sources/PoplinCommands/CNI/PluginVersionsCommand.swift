import ArgumentParser
import CNI
import CNIRuntime
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
        var answers: [PluginVersions] = []
        for list in networks {
            let (versions, problems) = runtime.probe(list)
            for answer in versions where !answers.contains(where: { $0.path == answer.path }) { answers.append(answer) }
            findings += problems.map { Finding($0) }
        }
        console.endProgress()
        if output.format == .table {
            var table = TextTable(["PLUGIN", "TIME", "VERSIONS", "PROGRAM"])
            for answer in answers {
                table.add(
                    .init(answer.type), .init(answer.duration.forPeople),
                    .init(answer.supported.joined(separator: " ")), .init(answer.path, .faint))
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

    private static func value(_ answer: PluginVersions) -> JSONValue {
        [
            "plugin": .string(answer.type), "path": .string(answer.path),
            "supportedVersions": .array(answer.supported.map { .string($0) }),
            "milliseconds": answer.duration.milliseconds,
        ]
    }
}
