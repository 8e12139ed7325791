import ArgumentParser
import Findings
import Lab
import LinuxHost

/// `poplin lab`: a cluster on this machine.
struct LabCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lab", abstract: "A Kubernetes cluster on this machine, its nodes in namespaces.",
        discussion: """
            Real kernel networking, real CNI calls, the real agent and a Kubernetes API over TLS; only the machines are \
            namespaces. Nothing is made in this machine's own network.

            Examples:
              poplin lab up              three nodes, vxlan between them
              export KUBECONFIG=$(poplin lab kubeconfig)
              kubectl get nodes -o wide
              poplin lab shell node-2    a shell on a node
              poplin lab down            ends with "0 leftovers"

            \(CommandStatus.help)
            """,
        subcommands: [
            LabUpCommand.self, LabDownCommand.self, LabStatusCommand.self, LabListCommand.self,
            LabKubeconfigCommand.self, LabNodeCommand.self, LabExecCommand.self, LabShellCommand.self,
            LabLogsCommand.self, LabSuperviseCommand.self, LabMachineCommand.self,
            LabInitCommand.self, LabKubeletCommand.self, ControllersCommand.self,
            WorkloadCommand.self, ContainersCommand.self,
        ])
}

/// `--name`.
struct LabNameOption: ParsableArguments {
    @Option(help: ArgumentHelp("Which lab (env: POPLIN_LAB).", valueName: "lab"))
    var name: String?

    func resolved(_ console: Console) -> String {
        if let name { return name }
        if let name = console.environment["POPLIN_LAB"], !name.isEmpty { return name }
        return LabSpecification.defaultName
    }

    /// The directory of a lab that is there.
    func existing(_ console: Console) throws(CommandFailure) -> (LabDirectory, LabState) {
        let name = resolved(console)
        let directory = try self.directory(console)
        do throws(LabFailure) {
            guard let state = try LabState.read(directory) else {
                let others = LabDirectory.names()
                throw LabFailure(
                    "there is no lab \(name)",
                    next: others.isEmpty
                        ? "poplin lab up" : "labs of this machine: \(others.joined(separator: ", "))")
            }
            return (directory, state)
        } catch {
            throw CommandFailure(error)
        }
    }

    static func requireRoot() throws(CommandFailure) {
        do throws(LabFailure) { try LabDirectory.requireRoot() } catch { throw CommandFailure(error) }
    }

    func directory(_ console: Console) throws(CommandFailure) -> LabDirectory {
        let name = resolved(console)
        guard LabSpecification.isName(name, limit: 32) else {
            throw .usage("--name \(name): a lab's name has 1 to 32 lower-case letters, digits and inner dashes")
        }
        try Self.requireRoot()
        return LabDirectory(name)
    }
}

extension CommandFailure {
    init(_ failure: LabFailure) {
        self.init(failure.isUsage ? .usage : .undetermined, failure.findings)
    }
}

/// This program as a path that another process can run.
enum OwnProgram {
    static func path() throws(CommandFailure) -> String {
        do {
            return try ProgramFile.path()
        } catch {
            throw CommandFailure(.internalError, Finding(code: "internal", "cannot find this program: \(error)"))
        }
    }
}
