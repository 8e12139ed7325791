import ArgumentParser
import Findings
import JSONTree
import Lab
import LinuxHost

struct LabDownCommand: OutputCommand {
    static let configuration = CommandConfiguration(
        commandName: "down", abstract: "Take a cluster down, and look at what remains.",
        usage: "poplin lab down [<options>]",
        discussion: """
            Ends every process of the lab and removes its files; what the kernel holds for its namespaces goes with \
            them. Then processes, namespaces, mounts, control groups, files, links and pins are looked for. Works \
            without the lab's supervisor, and after a crash.

            Examples:
              poplin lab down
              poplin lab down --all

            \(CommandStatus.help)
            """)

    @OptionGroup var lab: LabNameOption

    @Flag(help: "Every lab of this machine.")
    var all = false

    @OptionGroup var output: OutputOptions

    func run(on console: Console) throws {
        if all { try LabNameOption.requireRoot() }
        let names = all ? LabDirectory.names() : [try lab.directory(console).name]
        var left: [Leftover] = []
        var removed: [String] = []
        do throws(LabFailure) {
            for name in names {
                var removal = LabRemoval(name)
                let isThere = removal.exists
                console.progress("taking lab \(name) down")
                // Also without its files: a crash may have left a process.
                try removal.run()
                left += try removal.leftovers()
                if isThere { removed.append(name) }
                console.endProgress()
            }
        } catch {
            console.endProgress()
            throw CommandFailure(error)
        }
        if output.format != .table {
            let value: JSONValue = [
                "removed": .array(removed.map { .string($0) }),
                "leftovers": .array(left.map { ["kind": .string($0.kind), "what": .string($0.what)] }),
            ]
            console.print(try output.format.text(value))
        } else {
            for name in names where !removed.contains(name) { console.print("lab \(name): nothing was there") }
            for name in removed { console.print("lab \(name): removed") }
            for leftover in left { console.print("left: \(leftover.kind) \(leftover.what)") }
            console.print("\(left.count) leftover\(left.count == 1 ? "" : "s")")
        }
        if !left.isEmpty { throw CommandFailure(.findings, []) }
    }
}

struct LabListCommand: OutputCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "The labs of this machine.",
        discussion: """
            Examples:
              poplin lab list
              poplin lab list -o json

            \(CommandStatus.help)
            """)

    @OptionGroup var output: OutputOptions

    func run(on console: Console) throws {
        try LabNameOption.requireRoot()
        var table = TextTable(["NAME", "STATE", "NODES", "BACKEND", "API"])
        var items: [JSONValue] = []
        for name in LabDirectory.names() {
            let directory = LabDirectory(name)
            let state: LabState?
            do throws(LabFailure) { state = try LabState.read(directory) } catch { throw CommandFailure(error) }
            let isRunning = ((try? LabRequest.ask(directory, "status", limit: .seconds(5))) ?? nil) != nil
            let word = isRunning ? "running" : (state == nil ? "remains" : "stopped")
            let server = state.map { "https://127.0.0.1:\($0.port)" } ?? ""
            table.add(
                "\(name)", TextTable.Cell(word, isRunning ? .good : .bad),
                "\(state.map { String($0.specification.nodes.count) } ?? "")",
                "\(state?.specification.backend.rawValue ?? "")", "\(server)")
            items.append([
                "name": .string(name), "state": .string(word),
                "nodes": .array(state?.specification.nodes.map { .string($0.name) } ?? []),
                "backend": .string(state?.specification.backend.rawValue ?? ""), "server": .string(server),
            ])
        }
        if output.format != .table { return console.print(try output.format.text(["items": .array(items)])) }
        console.print(table.isEmpty ? "no labs; poplin lab up makes one" : table.rendered(console.paint))
    }
}

struct LabKubeconfigCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "kubeconfig", abstract: "Print the path of a lab's kubeconfig.",
        discussion: """
            Examples:
              export KUBECONFIG=$(poplin lab kubeconfig)
              kubectl --kubeconfig $(poplin lab kubeconfig --name wide) get pods -A

            \(CommandStatus.help)
            """)

    @OptionGroup var lab: LabNameOption

    func run(on console: Console) throws { console.print(try lab.existing(console).0.kubeconfig) }
}
