import ArgumentParser
import CNI
import CNIRuntime
import Findings
import JSONTree

struct ListCommand: OutputCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the networks of this machine.",
        usage: "poplin cni list [<options>]",
        discussion: """
            In the order in which runtimes read the files; the first is the one they use for pods. A \
            file that cannot be used is reported and does not hide the others.

            Examples:
              poplin cni list
              poplin cni list --conf-dir ./net.d -o json

            \(CommandStatus.help)
            """)

    @OptionGroup var options: RuntimeOptions
    @OptionGroup var output: OutputOptions

    func run(on console: Console) throws {
        let contents = try options.contents(console)
        if output.format == .table {
            var table = TextTable(["NETWORK", "VERSION", "PLUGINS", "FILE"])
            for file in contents.files {
                let list = try? file.network.get()
                table.add(
                    .init(list?.name ?? "?"), list.map { .init($0.cniVersion.description) } ?? .init("broken", .bad),
                    .init(list?.plugins.map(\.type).joined(separator: ", ") ?? ""), .init(file.path, .faint))
            }
            console.print(table.rendered(console.paint))
        } else {
            console.print(try output.format.text(["items": .array(contents.files.map(Self.value))]))
        }
        console.printError(
            contents.networks.compactMap { list in
                contents.shadowing(list).map { winner in
                    Finding(
                        .warning,
                        "network \(list.name) of \(list.file ?? "") is never used: \(winner) has that name too",
                        next: "rename one of the two")
                }
            })
        if !contents.problems.isEmpty { throw CommandFailure(.findings, contents.problems.map { Finding($0) }) }
    }

    private static func value(
        _ file: (path: String, network: Result<NetworkConfigurationList, ConfigurationDirectory.Problem>)
    ) -> JSONValue {
        switch file.network {
        case .success(let list):
            [
                "name": .string(list.name), "file": .string(file.path), "usable": true,
                "cniVersion": .string(list.cniVersion.description),
                "plugins": .array(list.plugins.map { .string($0.type) }), "disableCheck": .bool(list.disableCheck),
                "disableGC": .bool(list.disableGC),
            ]
        case .failure(let problem):
            ["name": nil, "file": .string(file.path), "usable": false, "problems": [Finding(problem).value]]
        }
    }
}
