import ArgumentParser
import Findings
import Lab
import LinuxHost

struct LabShellCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "shell", abstract: "A shell, or one command, on a node.",
        discussion: """
            Runs in all of the node's namespaces, with this machine's programs. The exit status is the command's.

            Examples:
              poplin lab shell node-1
              poplin lab shell node-2 -- ip -d link
              poplin lab shell node-2 -- cat /etc/cni/net.d/10-poplin.conflist
            """)

    @Argument(help: "The node.", completion: .custom { words, _, _ in LabLogsCommand.nodeCompletions(words) })
    var node: String

    @Argument(parsing: .postTerminator, help: "The command and its arguments, after --; $SHELL unless said.")
    var command: [String] = []

    @OptionGroup var lab: LabNameOption

    func run(on console: Console) throws {
        let (_, state) = try lab.existing(console)
        let shell = console.environment["SHELL"].flatMap { $0.isEmpty ? nil : $0 } ?? "/bin/sh"
        do throws(LabFailure) {
            let end = try NodeEntry.run(
                command.isEmpty ? [shell] : command, on: node, of: state, environment: console.environment)
            switch end {
            case .exited(let status): Self.exit(withError: ExitCode(status))
            case .killed(let signal): Self.exit(withError: ExitCode(128 + signal))
            }
        } catch {
            throw CommandFailure(error)
        }
    }
}
