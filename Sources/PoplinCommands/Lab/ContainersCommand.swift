import ArgumentParser
import Findings
import Kubelet
import SystemCalls

/// `poplin lab containers`: the parent of a node's containers. The kubelet starts it, and it outlives the kubelet.
struct ContainersCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "containers", abstract: "The parent of a node's containers (started by the kubelet).",
        shouldDisplay: false)

    @Option(help: ArgumentHelp("Where its socket and the layers of containers are.", valueName: "directory"))
    var runDirectory = "/run/poplin/kubelet"

    func run(on console: Console) throws {
        do throws(SystemCallError) {
            try ContainerDaemon.run(runDirectory: runDirectory)
        } catch {
            throw CommandFailure(.undetermined, Finding(code: "containers", "\(error)"))
        }
    }
}
