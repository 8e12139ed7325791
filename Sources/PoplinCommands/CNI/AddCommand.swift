import ArgumentParser
import CNI
import CNIRuntime
import Findings
import JSONTree
import SystemCalls

struct AddCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Attach a network namespace to a network (ADD).",
        usage: "poplin cni add <network> [<namespace>] [<options>]",
        discussion: """
            Prints the result of the last plugin: with -o json exactly what a container runtime \
            would get. When a plugin fails, DEL of all of them is run.

            Examples:
              poplin cni add pods blue            the namespace /run/netns/blue
              poplin cni add pods --make-netns    a new namespace with a name of its own
              poplin cni add pods blue --make-netns -o json
              poplin cni add pods /proc/4711/ns/net --ifname net1 --args 'IP=10.1.0.9'
              CAP_ARGS='{"mac": "02:00:00:00:00:01"}' poplin cni add pods blue

            \(CommandStatus.help)
            """)

    @OptionGroup var attachment: AttachmentOptions
    @Flag(help: "Make the namespace (with the name given, or one of its own); del removes it again.")
    var makeNetns = false
    @OptionGroup var options: RuntimeOptions
    @OptionGroup var output: OutputOptions

    func run(on console: Console) throws {
        let list = try options.network(attachment.network, console)
        guard makeNetns || attachment.namespace != nil else {
            throw CommandFailure.usage(
                "ADD needs a network namespace", next: "name one of `ip netns list`, or let one be made: --make-netns")
        }
        // An end between two plugins would leave a half-made attachment behind.
        try HeldSignals.during { () throws(CommandFailure) in
            let namespace = try namespace(console)
            do throws(CommandFailure) {
                try add(list, namespace, console)
            } catch {
                if makeNetns { try MadeNamespaces().remove(namespace) }
                throw error
            }
        }
    }

    private func namespace(_ console: Console) throws(CommandFailure) -> NamespaceReference {
        guard makeNetns else { return NamespaceReference(attachment.namespace) }
        if let name = attachment.namespace, name.contains("/") {
            throw .usage("--make-netns makes a namespace with a name, not a path: \(name)")
        }
        let made = try MadeNamespaces().make(named: attachment.namespace)
        console.printError("made network namespace \(made.path)")
        return made
    }

    private func add(
        _ list: NetworkConfigurationList, _ namespace: NamespaceReference, _ console: Console
    ) throws(CommandFailure) {
        let wanted = try attachment.parameters(in: namespace, console)
        let report = options.runtime(console).add(list, wanted)
        console.endProgress()
        try ReportView(report).finish(console)
        guard let result = report.result else { return }
        guard output.format == .table else {
            let value: JSONValue
            do throws(CNIError) { value = try result.value(as: list.cniVersion) } catch { throw CommandFailure(error) }
            return console.print(try output.format.text(value))
        }
        let paint = console.paint
        console.print(
            """
            \(paint.bold("\(wanted.interfaceName) of \(wanted.containerID) on network \(list.name)"))

            \(ResultView(result).rendered(paint))

            \(paint.faint("ADD: \(ReportView(report).times)"))
            """)
    }
}
