import ArgumentParser
import Findings
import Kubelet
import Lab
import LinuxHost
import Logging

// What a lab runs of this program; people do not.

struct LabSuperviseCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "supervise", abstract: "Keep a lab running (started by `poplin lab up`).", shouldDisplay: false)

    @OptionGroup var lab: LabNameOption

    func run(on console: Console) throws {
        do throws(LabFailure) {
            try LabSupervisor(lab.resolved(console)).run()
        } catch {
            throw CommandFailure(error)
        }
    }
}

struct LabMachineCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "machine", abstract: "Make the namespaces of one machine (started by the supervisor).",
        shouldDisplay: false)

    @OptionGroup var machine: MachineOptions

    @Option(help: "network or node.")
    var role: String

    func run(on console: Console) throws {
        guard let role = MachineStart.Role(rawValue: role) else {
            throw CommandFailure.usage("--role \(role): network or node")
        }
        let order = machine.order(role, try OwnProgram.path())
        do throws(LabFailure) {
            try MachineStart.run(order)
        } catch {
            throw CommandFailure(error)
        }
    }
}

struct LabInitCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "The first process of a node (started by the supervisor).", shouldDisplay: false)

    @OptionGroup var machine: MachineOptions

    func run(on console: Console) throws {
        let order = machine.order(.node, try OwnProgram.path())
        do throws(LabFailure) {
            var first = NodeInit(order)
            try first.run()
        } catch {
            throw CommandFailure(error)
        }
    }
}

struct MachineOptions: ParsableArguments {
    @Option(help: "The lab.")
    var name: String

    @Option(help: "The machine.")
    var machine: String

    func order(_ role: MachineStart.Role, _ program: String) -> MachineStart.Order {
        MachineStart.Order(lab: name, name: machine, role: role, program: program)
    }
}

struct LabKubeletCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "kubelet", abstract: "The kubelet of a node (started by the node).", shouldDisplay: false)

    func run(on console: Console) throws {
        let node: NodeConfiguration
        do throws(LabFailure) { node = try NodeConfiguration.read() } catch { throw CommandFailure(error) }
        let place = NodeConfiguration.directory
        var configuration = KubeletConfiguration(
            nodeName: node.node, nodeAddresses: node.addresses, kubeconfig: "\(place)/kubeconfig",
            program: try OwnProgram.path(),
            logger: StandardErrorLog.logger("poplin.kubelet", .text, .info))
        configuration.serving = KubeletConfiguration.Serving(
            certificate: "\(place)/serving.crt", key: "\(place)/serving.key", clientAuthority: "\(place)/clients.crt")
        configuration.cgroupRoot = "kubepods"
        let kubelet = Kubelet(configuration: configuration)
        let outcome = Waiting<KubeletFailure?>()
        Task {
            do throws(KubeletFailure) {
                try await kubelet.run()
                outcome.set(nil)
            } catch {
                outcome.set(error)
            }
        }
        if let failure = outcome.wait() {
            throw CommandFailure(.undetermined, Finding(code: "kubelet", failure.description))
        }
    }
}
