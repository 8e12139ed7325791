import ArgumentParser
import CNI
import CNIRuntime
import Findings
import JSONTree
import LinuxHost
import SystemCalls

struct ValidateCommand: OutputCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Find every problem of network configurations, with line and column.",
        usage: "poplin cni validate [<file> ...] [<options>]",
        discussion: """
            Reads the files, checks what can be checked without a plugin (all problems of a file, not \
            only the first), and runs VERSION of each plugin. Nothing is changed.

            Examples:
              poplin cni validate    every file of the configuration directory
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
        for file in files { findings += try check(file, console) }
        console.endProgress()
        let errors = findings.count { $0.severity == .error }
        let warnings = findings.count { $0.severity == .warning }
        if output.format == .table {
            let paint = console.paint
            for finding in findings { console.print(finding.rendered(paint) + "\n\n") }
            let checked = counted(files.count, "file")
            console.print(
                errors + warnings == 0
                    ? paint.green("\(checked), no problem")
                    : "\(checked), \(counted(errors, "error")), \(counted(warnings, "warning"))")
        } else {
            console.print(
                try output.format.text([
                    "files": .array(files.map { .string($0) }), "items": .array(findings.map(\.value)),
                ]))
        }
        if errors > 0 || (strict && warnings > 0) { throw CommandFailure(.findings, []) }
    }

    private func selected(_ console: Console) throws(CommandFailure) -> [String] {
        files.isEmpty ? try options.contents(console).files.map(\.path) : files
    }

    /// What the text says, what only loading finds (drop-ins), and what the programs answer, in the order of the text.
    private func check(_ file: String, _ console: Console) throws(CommandFailure) -> [Finding] {
        var source: [UInt8]?
        do throws(SystemCallError) {
            if try FileSystem.status(file).isRegularFile { source = try AtomicFile.read(file, limit: 16 << 20) }
        } catch {
            throw CommandFailure(CNIError(.inputOutput, "the file cannot be read: \(error)"))
        }
        guard let source else { throw CommandFailure(CNIError(.inputOutput, "\(file) is not a regular file")) }
        var findings = PluginLint.findings(in: source, file: file)
        do throws(ConfigurationDirectory.Problem) {
            let list = try ConfigurationDirectory.load(file: file)
            for (index, entry) in list.plugins.enumerated() {
                guard let dropIn = entry.file else { continue }
                findings += PluginLint.findings(in: entry.node, type: entry.type, file: dropIn, isFirst: index == 0)
            }
            if !noExec { findings += askVersions(list, file, console) }
        } catch {
            // Everything about the file itself is told already, more of it and each at its place.
            if !findings.contains(where: { $0.severity == .error }) { findings.append(Finding(error)) }
        }
        return findings.enumerated().sorted { left, right in
            let (first, second) = (left.element.place, right.element.place)
            guard let first, let second, first.file == second.file, let firstPosition = first.position,
                let secondPosition = second.position, firstPosition != secondPosition
            else { return left.offset < right.offset }
            return firstPosition < secondPosition
        }.map(\.element)
    }

    /// VERSION of every program; what is wrong is pointed out where the file names it.
    private func askVersions(
        _ list: NetworkConfigurationList, _ file: String, _ console: Console
    ) -> [Finding] {
        let report = options.runtime(console).versions(list)
        var findings: [Finding] = []
        for step in report.steps {
            var finding: Finding
            if let error = step.error {
                finding = Finding(error)
            } else if !step.versions.contains(list.cniVersion.description) {
                finding = VersionMismatch(step, list).finding
            } else {
                continue
            }
            let named = list.plugins.lazy.flatMap { entry in
                [entry.node["type"], entry.node["ipam"]?["type"]].compactMap { node in
                    node?.string == step.plugin ? (entry.file ?? file, node) : nil
                }
            }.first
            if let (file, node) = named, let node { finding.place = Finding.Place(file: file, node: node) }
            findings.append(finding)
        }
        return findings
    }
}
