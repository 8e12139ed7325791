import ArgumentParser
import CNI
import CNIRuntime
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
        let (_, problems) = try options.networks(nil, console)
        let files = try options.directory(console).files
        if output.format == .table {
            var table = TextTable(["NETWORK", "VERSION", "PLUGINS", "FILE"])
            for file in files {
                table.add(
                    .init(file.name ?? "?"),
                    file.list.map { .init($0.version.description) } ?? .init("broken", .bad),
                    .init(file.types.joined(separator: ", ")), .init(file.path, .faint))
            }
            console.print(table.rendered(console.paint))
        } else {
            console.print(try output.format.text(["items": .array(files.map(Self.value))]))
        }
        if !problems.isEmpty { throw CommandFailure(.findings, problems) }
    }

    private static func value(_ file: ConfigurationFile) -> JSONValue {
        var members = [
            JSONMember("name", file.name.map { .string($0) } ?? .null),
            JSONMember("file", .string(file.path)),
            JSONMember("usable", .bool(file.list != nil)),
            JSONMember("plugins", .array(file.types.map { .string($0) })),
        ]
        if let list = file.list {
            members.append(JSONMember("cniVersion", .string(list.version.description)))
            members.append(JSONMember("disableCheck", .bool(list.disableCheck)))
            members.append(JSONMember("disableGC", .bool(list.disableGC)))
        }
        members.append(JSONMember("problems", .array(file.problems.map { Finding($0).value })))
        return .object(members)
    }
}
