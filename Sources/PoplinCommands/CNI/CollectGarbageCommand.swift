import ArgumentParser
import CNI
import CNIRuntime
import Findings
import JSONTree
import LinuxHost
import SystemCalls

struct CollectGarbageCommand: OutputCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc", abstract: "Remove what is left of attachments that are no longer valid (GC).",
        usage: "poplin cni gc <network> (--valid[-from|-existing] ... | --none-valid)",
        discussion: """
            Runs DEL for every kept attachment of the network that is not valid, then (from CNI \
            1.1.0) GC of every plugin. Which attachments are valid must be said: everything else is \
            removed.

            Examples:
              poplin cni gc pods --valid-existing    those whose namespace still exists
              poplin cni gc pods --valid web-0/eth0 --valid web-1/eth0
              runtime-list | poplin cni gc pods --valid-from -
              poplin cni gc pods --none-valid        the node is empty

            --valid-from reads a JSON array as the specification has it: \
            [{"containerID": "web-0", "ifname": "eth0"}].

            \(CommandStatus.help)
            """)

    @Argument(help: "The network's name, or the path of its file.")
    var network: String
    @Option(help: ArgumentHelp("A valid attachment; may be repeated.", valueName: "container/ifname"))
    var valid: [String] = []
    @Option(help: ArgumentHelp("A file with valid attachments; - is standard input.", valueName: "file"))
    var validFrom: String?
    @Flag(help: "Kept attachments whose network namespace still exists are valid.")
    var validExisting = false
    @Flag(help: "Nothing is valid: remove everything of this network.")
    var noneValid = false
    @OptionGroup var options: RuntimeOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        let says = !valid.isEmpty || validFrom != nil || validExisting
        if says == noneValid {
            throw ValidationError(
                noneValid
                    ? "--none-valid contradicts the other options"
                    : "say what is valid: --valid, --valid-from, --valid-existing, or --none-valid")
        }
    }

    func run(on console: Console) throws {
        let list = try options.network(network, console)
        let runtime = options.runtime(console)
        let valid = try attachments(list, runtime)
        try HeldSignals.during { () throws(CommandFailure) in
            let report = runtime.collectGarbage(list, valid: valid)
            console.endProgress()
            try output.show(ReportView(report), console)
        }
    }

    private func attachments(
        _ list: NetworkConfigurationList, _ runtime: NetworkRuntime
    ) throws(CommandFailure) -> [CNIAttachment] {
        var attachments: [CNIAttachment] = []
        for text in valid {
            let halves = text.split(separator: "/", omittingEmptySubsequences: false)
            guard halves.count == 2, !halves[0].isEmpty, !halves[1].isEmpty else {
                throw .usage("--valid \(text): write container/ifname, such as web-0/eth0")
            }
            attachments.append(CNIAttachment(containerID: String(halves[0]), interfaceName: String(halves[1])))
        }
        if let validFrom { attachments += try Self.read(validFrom) }
        if validExisting {
            do throws(CNIError) {
                attachments += try runtime.stale(list, valid: attachments)
                    .filter { Self.exists($0.attachment.networkNamespace) }.map(\.attachment.attachment)
            } catch {
                throw CommandFailure(.undetermined, Finding(error))
            }
        }
        return attachments
    }

    /// A namespace that cannot be looked at is taken for one that exists: GC must not remove what may be alive.
    private static func exists(_ path: String) -> Bool {
        do throws(NetworkNamespace.Failure) {
            _ = try NetworkNamespace.open(path)
            return true
        } catch {
            return !error.meansGone
        }
    }

    private static func read(_ file: String) throws(CommandFailure) -> [CNIAttachment] {
        let bytes: [UInt8]
        do throws(SystemCallError) {
            if file == "-" {
                bytes = try StandardStreams.readInput()
            } else {
                bytes = try FileDescriptor.open(file, 0).readAll()
            }
        } catch {
            throw CommandFailure(.undetermined, Finding("cannot read the valid attachments: \(error)"))
        }
        let root: JSONNode
        do throws(JSONSyntaxError) {
            root = try JSONTree(parsing: bytes).root
        } catch {
            throw CommandFailure(.usage, Finding(code: "usage", error.reason, at: .init(file: file, error)))
        }
        guard root.kind == .array else {
            throw CommandFailure(
                .usage, Finding(code: "usage", "must be an array, not \(root.kind)", at: .init(file: file, node: root)))
        }
        var attachments: [CNIAttachment] = []
        for entry in root.elements {
            guard let containerID = entry["containerID"]?.string, let interfaceName = entry["ifname"]?.string else {
                throw CommandFailure(
                    .usage,
                    Finding(code: "usage", "needs \"containerID\" and \"ifname\"", at: .init(file: file, node: entry)))
            }
            attachments.append(CNIAttachment(containerID: containerID, interfaceName: interfaceName))
        }
        return attachments
    }
}
