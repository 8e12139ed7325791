import ArgumentParser
import CNI
import CNIRuntime
import JSONTree
import LinuxHost

struct ValidateCommand: OutputCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Find every problem of network configurations, with line and column.",
        usage: "poplin cni validate [<file> ...] [<options>]",
        discussion: """
            Reads the files, checks what can be checked without a plugin (all problems of a file, not \
            only the first), and runs VERSION of each plugin. Nothing is changed.

            Examples:
              poplin cni validate                            every file of the configuration directory
              poplin cni validate 10-pods.conflist --no-exec
              poplin cni validate -o json | jq '.items[].message'

            \(CommandStatus.help)
            """)

    @Argument(help: "Files; without one, every file of the configuration directory.", completion: .file())
    var files: [String] = []
    @Flag(help: "Do not execute the plugins.")
    var noExec = false
    @Flag(help: "Warnings count as errors.")
    var strict = false
    @OptionGroup var options: RuntimeOptions
    @OptionGroup var output: OutputOptions

    func run(on console: Console) throws {
        let files = try selected(console)
        var findings: [Finding] = []
        for file in files { findings += check(file, console) }
        console.endProgress()
        let errors = findings.count { $0.severity == .error }
        let warnings = findings.count { $0.severity == .warning }
        if output.format == .table {
            let paint = console.paint
            for finding in findings { console.print(finding.rendered(paint) + "\n\n") }
            let checked = Self.count(files.count, "file")
            console.print(
                errors + warnings == 0
                    ? paint.green("\(checked), no problem")
                    : "\(checked), \(Self.count(errors, "error")), \(Self.count(warnings, "warning"))")
        } else {
            console.print(
                try output.format.text([
                    "files": .array(files.map { .string($0.path) }), "items": .array(findings.map(\.value)),
                ]))
        }
        if errors > 0 || (strict && warnings > 0) { throw CommandFailure(.findings, []) }
    }

    private static func count(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }

    private func selected(_ console: Console) throws(CommandFailure) -> [ConfigurationFile] {
        if files.isEmpty {
            _ = try options.networks(nil, console)
            return try options.directory(console).files
        }
        let selected = files.flatMap { ConfigurationDirectory(file: $0).files }
        let unreadable = selected.flatMap(\.problems).filter {
            $0.code == ConfigurationProblem.Code.unreadable && files.contains($0.file)
        }
        if !unreadable.isEmpty { throw CommandFailure(.undetermined, unreadable.map { Finding($0) }) }
        return selected
    }

    /// What the runtime finds, what the plugins' own keys say, and what the programs answer, in the order of the text.
    private func check(_ file: ConfigurationFile, _ console: Console) -> [Finding] {
        var findings = file.problems.map { Finding($0) }
        if let list = file.list {
            for (index, plugin) in list.plugins.enumerated() {
                findings += PluginLint.findings(
                    in: plugin.node, type: plugin.type, file: plugin.file, isFirst: index == 0)
            }
            if !noExec { findings += options.runtime(console).probe(list).problems.map { Finding($0) } }
        } else if let source = try? AtomicFile.read(file.path) {
            // What is told already, is told by its position; what plugins mind comes on top.
            let told = findings.compactMap(\.place?.position)
            findings += PluginLint.findings(inBroken: source, file: file.path).filter { finding in
                finding.place?.position.map { !told.contains($0) } ?? true
            }
        }
        return findings.enumerated().sorted { left, right in
            let (first, second) = (left.element.place, right.element.place)
            guard let first, let second, first.file == second.file, let firstPosition = first.position,
                let secondPosition = second.position, firstPosition != secondPosition
            else { return left.offset < right.offset }
            return firstPosition < secondPosition
        }.map(\.element)
    }
}
