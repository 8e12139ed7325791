import ArgumentParser
import CNI
import Findings
import JSONTree
import Lab
import LinuxHost

/// `poplin lab node`: machines of a running lab.
struct LabNodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "node", abstract: "Add, remove, reboot, partition and heal nodes.",
        discussion: """
            Examples:
              poplin lab node add
              poplin lab node reboot node-2
              poplin lab node partition node-3    pulls its cable; `heal` plugs it in again

            \(CommandStatus.help)
            """,
        subcommands: [Add.self, Remove.self, Reboot.self, Partition.self, Heal.self])

    struct Add: ConsoleCommand {
        static let configuration = CommandConfiguration(
            commandName: "add", abstract: "Add a node.",
            discussion: """
                Examples:
                  poplin lab node add
                  poplin lab node add gpu-1 --rack 2

                \(CommandStatus.help)
                """)

        @Argument(help: "Its name; the next number unless said.")
        var node: String?

        @Option(help: "The rack it stands in, from 1.")
        var rack: Int?

        @OptionGroup var lab: LabNameOption

        func run(on console: Console) throws {
            var members: [JSONMember] = []
            if let node { members.append(JSONMember("node", .string(node))) }
            if let rack { members.append(JSONMember("rack", .int(Int64(rack - 1)))) }
            let answer = try LabNodeCommand.ask("node-add", members, lab, console)
            console.print("\(answer.member("node")?.string ?? "") added")
        }
    }

    struct Remove: ConsoleCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove", abstract: "Remove a node, its files and its Node object.",
            discussion: """
                Examples:
                  poplin lab node remove node-3

                \(CommandStatus.help)
                """)

        @OptionGroup var target: Target

        func run(on console: Console) throws {
            let (directory, _) = try target.lab.existing(console)
            // The machine first: its kubelet would register it again.
            try target.ask("node-remove", console)
            let environment = console.environment
            let name = target.node
            let outcome = Waiting<LabFailure?>()
            Task {
                do throws(LabFailure) {
                    let cluster = try LabCluster(directory, environment: environment, version: Release.version)
                    do throws(LabFailure) {
                        try await cluster.deleteNode(name)
                    } catch {
                        await cluster.close()
                        throw error
                    }
                    await cluster.close()
                    outcome.set(nil)
                } catch {
                    outcome.set(error)
                }
            }
            if let failure = outcome.wait() { throw CommandFailure(failure) }
            console.print("\(target.node) removed")
        }
    }

    struct Reboot: ConsoleCommand {
        static let configuration = CommandConfiguration(
            commandName: "reboot", abstract: "End every process of a node at once and start it anew.",
            discussion: """
                Examples:
                  poplin lab node reboot node-2

                \(CommandStatus.help)
                """)

        @OptionGroup var target: Target

        func run(on console: Console) throws {
            try target.ask("node-reboot", console)
            console.print("\(target.node) is starting again")
        }
    }

    struct Partition: ConsoleCommand {
        static let configuration = CommandConfiguration(
            commandName: "partition", abstract: "Pull a node's cable.",
            discussion: """
                Examples:
                  poplin lab node partition node-3

                \(CommandStatus.help)
                """)

        @OptionGroup var target: Target

        func run(on console: Console) throws {
            try target.ask("node-partition", console)
            console.print("\(target.node) is cut off")
        }
    }

    struct Heal: ConsoleCommand {
        static let configuration = CommandConfiguration(
            commandName: "heal", abstract: "Plug a node's cable in again.",
            discussion: """
                Examples:
                  poplin lab node heal node-3

                \(CommandStatus.help)
                """)

        @OptionGroup var target: Target

        func run(on console: Console) throws {
            try target.ask("node-heal", console)
            console.print("\(target.node) is connected again")
        }
    }

    /// One node of one lab.
    struct Target: ParsableArguments {
        @Argument(help: "Its name.", completion: .custom { words, _, _ in LabLogsCommand.nodeCompletions(words) })
        var node: String

        @OptionGroup var lab: LabNameOption

        func ask(_ operation: String, _ console: Console) throws(CommandFailure) {
            _ = try LabNodeCommand.ask(operation, [JSONMember("node", .string(node))], lab, console)
        }
    }

    /// Asks the lab's supervisor, which must run.
    private static func ask(
        _ operation: String, _ members: [JSONMember], _ lab: LabNameOption, _ console: Console
    ) throws(CommandFailure) -> JSONNode {
        let (directory, _) = try lab.existing(console)
        do throws(LabFailure) {
            guard let answer = try LabRequest.ask(directory, operation, members) else {
                throw LabFailure(
                    "the supervisor of lab \(directory.name) does not run",
                    next: "poplin lab up --name \(directory.name)")
            }
            return answer
        } catch {
            throw CommandFailure(error)
        }
    }
}
