import ArgumentParser
import CNI
import CNIRuntime
import Findings
import JSONTree
import LinuxHost
import SystemCalls

struct TryCommand: OutputCommand {
    static let configuration = CommandConfiguration(
        commandName: "try", abstract: "Does a network work? ADD, CHECK and DEL in a namespace made for it.",
        usage: "poplin cni try <network> [<options>]",
        discussion: """
            Shows how long each plugin took. DEL is run and the namespace removed whatever happens: \
            a failure, ^C or a SIGTERM.

            Examples:
              poplin cni try pods
              poplin cni try ./10-pods.conflist --plugin-dir dist/cni
              poplin cni try pods -o json

            \(CommandStatus.help)
            """)

    @Argument(help: "The network's name, or the path of its file.")
    var network: String
    @Option(name: [.customShort("i"), .customLong("ifname")], help: "The interface's name in the namespace.")
    var interfaceName = "eth0"
    @OptionGroup var arguments: ArgumentOptions
    @OptionGroup var options: RuntimeOptions
    @OptionGroup var output: OutputOptions

    func run(on console: Console) throws {
        let list = try options.network(network, console)
        let arguments = (pairs: try arguments.pairs(console), capabilities: try arguments.capabilities(console))
        let runtime = options.runtime(console)

        // From here to the removal of the namespace nothing ends this process but SIGKILL; and then the namespace's
        // name and the cached result are still there for `del` and `gc`. A signal that came acts at the end, so that a
        // shell sees what it expects.
        let findings = try HeldSignals.during { () throws(CommandFailure) in
            let made = MadeNamespaces()
            let namespace = try made.make(named: try MadeNamespaces.freshName("poplin-try"))
            var trial = Trial(
                list: list,
                attachment: RuntimeAttachment(
                    containerID: namespace.containerID, networkNamespace: namespace.path,
                    interfaceName: interfaceName, arguments: arguments.pairs,
                    capabilityArguments: arguments.capabilities))
            trial.run(runtime, isInterrupted: { HeldSignals.pending != nil })
            console.endProgress()
            var findings = trial.findings
            do throws(CommandFailure) { try made.remove(namespace) } catch { findings += error.findings }
            try show(trial, console)
            if HeldSignals.pending != nil {
                findings.append(Finding(.warning, "interrupted: DEL was run and the namespace removed"))
                console.printError(findings)
            }
            return findings
        }
        if !findings.isEmpty { throw CommandFailure(.findings, findings) }
    }

    private func show(_ trial: Trial, _ console: Console) throws(CommandFailure) {
        guard output.format == .table else {
            console.print(try output.format.text(trial.value))
            return
        }
        let paint = console.paint
        var table = TextTable(ReportView.titles)
        for report in trial.reports {
            ReportView(report).add(to: &table)
        }
        console.print(table.rendered(paint))
        if trial.succeeded {
            let sum = trial.reports.reduce(Duration.zero) { $0 + $1.duration }
            console.print("\n" + paint.green("network \(trial.list.name) works: \(trial.verbs) in \(sum.forPeople)"))
        }
    }
}
