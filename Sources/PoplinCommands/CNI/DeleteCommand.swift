import ArgumentParser
import CNI
import CNIRuntime
import Findings
import LinuxHost
import SystemCalls

struct DeleteCommand: OutputCommand {
    static let configuration = CommandConfiguration(
        commandName: "del", abstract: "Take an attachment away (DEL).",
        usage: "poplin cni del <network> [<namespace>] [<options>]",
        discussion: """
            Runs DEL of every plugin in reverse order with what was kept of the ADD, also when the \
            namespace is gone or the network's file is, and any number of times. A namespace that \
            `add --make-netns` made goes with its last attachment.

            Examples:
              poplin cni del pods blue
              poplin cni del pods --container-id web-0
              poplin cni del pods blue --keep-going

            \(CommandStatus.help)
            """)

    @OptionGroup var attachment: AttachmentOptions
    @Flag(help: "Call every plugin even if one fails.")
    var keepGoing = false
    @OptionGroup var options: RuntimeOptions
    @OptionGroup var output: OutputOptions

    func run(on console: Console) throws {
        let runtime = options.runtime(console)
        let wanted = try attachment.existing(console)
        let (network, list) = try configuration(wanted, runtime, console)
        let path =
            wanted.networkNamespace.isEmpty ? Self.keptNamespace(network, wanted, runtime) : wanted.networkNamespace
        try HeldSignals.during { () throws(CommandFailure) in
            let report = runtime.delete(
                network: network, configured: list, wanted, continuesPastErrors: keepGoing)
            console.endProgress()
            try output.show(ReportView(report), console)
            try removeNamespace(NamespaceReference(path), runtime, console)
        }
    }

    /// Where the ADD was for, when the user does not say.
    private static func keptNamespace(_ network: String, _ wanted: RuntimeAttachment, _ runtime: NetworkRuntime)
        -> String
    {
        guard case .found(let entry) = try? runtime.cache.answer(network: network, wanted.attachment) else { return "" }
        return entry.attachment.networkNamespace
    }

    /// The network as it is configured now. When that cannot be had, what was kept of the ADD will do.
    private func configuration(
        _ wanted: RuntimeAttachment, _ runtime: NetworkRuntime, _ console: Console
    ) throws(CommandFailure) -> (name: String, list: NetworkConfigurationList?) {
        do throws(CommandFailure) {
            let list = try options.network(attachment.network, console)
            return (list.name, list)
        } catch {
            guard CNINames.isIdentifier(attachment.network),
                case .found(let entry) = try? runtime.cache.answer(network: attachment.network, wanted.attachment),
                entry.list != nil
            else { throw error }
            return (attachment.network, nil)
        }
    }

    /// Removes a namespace that we made and nothing else is attached to.
    private func removeNamespace(
        _ namespace: NamespaceReference, _ runtime: NetworkRuntime, _ console: Console
    ) throws(CommandFailure) {
        let made = MadeNamespaces()
        guard made.isOurs(namespace) else { return }
        do throws(CNIError) {
            let others = try runtime.cache.entries()
            if let other = others.first(where: { $0.attachment.networkNamespace == namespace.path }) {
                console.printError(
                    "kept network namespace \(namespace.path): network \(other.network) is attached to it")
                return
            }
        } catch {
            throw CommandFailure(.undetermined, Finding(error))
        }
        try made.remove(namespace)
        console.printError("removed network namespace \(namespace.path)")
    }
}
