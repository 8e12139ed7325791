import ArgumentParser
import CNI
import JSONTree

struct VersionCommand: OutputCommand {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Show which Poplin this is and which CNI versions it speaks.",
        discussion: """
            Examples:
              poplin version
              poplin version -o json

            \(CommandStatus.help)
            """)

    @OptionGroup var output: OutputOptions

    func run(on console: Console) throws {
        let versions = CNIVersion.allCases.map(\.description)
        if output.format == .table {
            console.print("poplin \(Release.version)\nCNI    \(versions.joined(separator: ", "))")
            return
        }
        console.print(
            try output.format.text([
                "version": .string(Release.version), "cniVersions": .array(versions.map { .string($0) }),
            ]))
    }
}
