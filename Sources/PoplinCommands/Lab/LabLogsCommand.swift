import ArgumentParser
import CNI
import Findings
import Foundation
import KubernetesClient
import KubernetesModel
import Lab
import LinuxHost

struct LabLogsCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "What a part of the lab, a node or a pod printed.",
        usage: "poplin lab logs <subject> [<options>]",
        discussion: """
            Parts are supervisor, apiserver, controllers; of a node it is its kubelet's log.

            Examples:
              poplin lab logs apiserver
              poplin lab logs node-2 -f
              poplin lab logs kube-system/web-0 --tail 20

            \(CommandStatus.help)
            """)

    @Argument(help: "A part, a node, a pod, or NAMESPACE/POD.")
    var subject: String

    @Option(name: [.customShort("n"), .long], help: "The pod's namespace.")
    var namespace = "default"

    @Option(name: [.customShort("c"), .long], help: "The pod's container; the first unless said.")
    var container = ""

    @Flag(name: [.customShort("f"), .long], help: "Go on with what is printed from now on.")
    var follow = false

    @Option(help: "Begin with this many of the last lines.")
    var tail: Int?

    @OptionGroup var lab: LabNameOption

    func run(on console: Console) throws {
        let (directory, state) = try lab.existing(console)
        let parts = ["supervisor", "apiserver", "controllers", "control", "fabric"]
        if parts.contains(subject) || state.specification.node(named: subject) != nil {
            return try show(file: directory.log(of: subject), console)
        }
        let key = LabPods.key(subject, namespace)
        let (container, follow, tail) = (container, follow, tail)
        let environment = console.environment
        let outcome = Waiting<LabFailure?>()
        Task {
            do throws(LabFailure) {
                let cluster = try LabCluster(
                    directory, environment: environment, version: Release.version, component: "logs")
                var failure: LabFailure?
                do throws(KubernetesFailure) {
                    let body = try await PodStreams(cluster.transport).log(
                        key, container: container, follow: follow, tailLines: tail)
                    for try await piece in body { try? StandardStreams.write(piece) }
                } catch {
                    failure = LabFailure([error.finding])
                }
                await cluster.close()
                outcome.set(failure)
            } catch {
                outcome.set(error)
            }
        }
        if let failure = outcome.wait() { throw CommandFailure(failure) }
    }

    private func show(file: String, _ console: Console) throws(CommandFailure) {
        guard let handle = FileHandle(forReadingAtPath: file) else {
            throw CommandFailure(.undetermined, Finding(code: "lab", "there is no log \(file) yet"))
        }
        defer { try? handle.close() }
        var bytes = Array((try? handle.readToEnd()) ?? Data())
        if let tail {
            let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            // After the last newline stands an empty piece.
            bytes = Array(lines.suffix(tail + 1).joined(separator: [UInt8(ascii: "\n")]))
        }
        try? StandardStreams.write(bytes)
        while follow {
            let more = handle.availableData
            if more.isEmpty {
                Thread.sleep(forTimeInterval: 0.2)
            } else {
                do { try StandardStreams.write(Array(more)) } catch { return }
            }
        }
    }
}
