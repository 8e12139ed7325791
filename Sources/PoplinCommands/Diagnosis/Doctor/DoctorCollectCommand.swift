import ArgumentParser
import Bundles
import Diagnosis
import Findings
import Foundation

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
              poplin doctor collect -o healthy.tar.gz        a baseline, for later
              poplin doctor collect --node -o node-7.tar.gz
              poplin doctor collect --node --root /host -o - | base64 -d > node-7.tar.gz

            \(CommandStatus.help)
            """)

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: ArgumentHelp(
            "Where to: .tar.gz, .tar, a folder that is made, or - for standard output (.tar.gz in base64).",
            valueName: "file"))
    var file: String

    @Flag(help: "This machine alone.")
    var node = false

    @Option(help: ArgumentHelp("With --node: the name of its Node object.", valueName: "node"))
    var name: String?

    @Option(help: ArgumentHelp("With --node: where the machine's root file system is seen.", valueName: "folder"))
    var root = "/"

    @Option(
        help: ArgumentHelp(
            "With --node, in an agent's pod: a folder of the machine that is mounted there; may be repeated.",
            valueName: "folder"))
    var mounted: [String] = []

    @OptionGroup var input: DoctorEvidence
    @OptionGroup(title: "Cluster options") var cluster: ClusterOptions

    func validate() throws {
        if !node, name != nil || root != "/" || !mounted.isEmpty {
            throw ValidationError("--name, --root and --mounted are of one machine: they need --node")
        }
    }

    private var place: DoctorEvidence.MachinePlace {
        DoctorEvidence.MachinePlace(root: root, mounted: mounted.isEmpty ? nil : mounted)
    }

    func run(on console: Console) throws {
        let collected =
            node && input.bundle == nil
            ? DoctorEvidence.Collected(evidence: DoctorEvidence.machine(named: name, place, on: console))
            : try input.collect(node ? nil : cluster, on: console)
        let redaction = Redaction(collected.evidence)
        do throws(BundleError) {
            // Nothing else is printed: whoever reads this decodes it.
            if file == "-" { return console.print(try Self.text(redaction.evidence)) }
            try Bundle.write(redaction.evidence, to: file)
        } catch {
            throw CommandFailure(
                .undetermined, Finding("\(error)", next: "name another place with -o, in a folder that is there"))
        }
        let evidence = redaction.evidence
        var lines = ["\(file): \(evidence.documents.count) documents. See it with: poplin doctor --bundle \(file)"]
        lines += collected.notes
        lines += redaction.leftOut.map { "left out: \($0)" }
        lines += evidence.missing.sorted { $0.key < $1.key }.prefix(20).map { "not there: \($0.key): \($0.value)" }
        if evidence.missing.count > 20 { lines.append("and \(evidence.missing.count - 20) more that could not be had") }
        console.print(lines.joined(separator: "\n"))
        console.printWrappedError(collected.problems)
        if evidence.documents.isEmpty { throw CommandFailure(.undetermined, []) }
    }

    /// In lines of 76 letters (RFC 2045), which pass through logs and terminals.
    private static func text(_ evidence: EvidenceTree) throws(BundleError) -> String {
        Data(try Bundle.packed(evidence))
            .base64EncodedString(options: [.lineLength76Characters, .endLineWithLineFeed])
    }
}
