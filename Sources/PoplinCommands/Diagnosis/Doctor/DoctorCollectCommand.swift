import ArgumentParser
import Bundles
import Diagnosis
import Findings

/// `poplin doctor collect`: the evidence in one file, without its secrets.
struct DoctorCollectCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "collect", abstract: "Write the evidence to one file, without secrets.",
        usage: "poplin doctor collect -o <file> [<options>]",
        discussion: """
            The file gives the identical screen later and elsewhere: poplin doctor --bundle FILE. Data of Secrets, \
            private keys, signatures of tokens, passwords and environment variables named like secrets are left out, \
            and what was left out is said. Collected when all is well it is a baseline: poplin doctor --baseline FILE \
            tells what changed since.

            Examples:
              poplin doctor collect -o incident.tar.gz
              poplin doctor collect -o healthy.tar.gz        and later: poplin doctor --baseline healthy.tar.gz
              poplin doctor collect --node -o node-7.tar.gz

            \(CommandStatus.help)
            """)

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: ArgumentHelp("Where to: .tar.gz, .tar, or a folder that is made.", valueName: "file"))
    var file: String

    @Flag(help: "This machine alone.")
    var node = false

    @OptionGroup var input: DoctorEvidence
    @OptionGroup(title: "Cluster options") var cluster: ClusterOptions

    func run(on console: Console) throws {
        let collected = try input.collect(node ? nil : cluster, on: console)
        let redaction = Redaction(collected.evidence)
        do throws(BundleError) {
            try Bundle.write(redaction.evidence, to: file)
        } catch {
            throw CommandFailure(.undetermined, Finding("\(error)"))
        }
        let evidence = redaction.evidence
        var lines = ["\(file): \(evidence.documents.count) documents. See it with: poplin doctor --bundle \(file)"]
        lines += collected.notes
        lines += redaction.leftOut.map { "left out: \($0)" }
        lines += evidence.missing.sorted { $0.key < $1.key }.prefix(20).map { "not there: \($0.key): \($0.value)" }
        if evidence.missing.count > 20 { lines.append("and \(evidence.missing.count - 20) more that could not be had") }
        console.print(lines.joined(separator: "\n"))
        console.printError(collected.problems)
        if evidence.documents.isEmpty { throw CommandFailure(.undetermined, []) }
    }
}
