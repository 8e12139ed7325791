import ArgumentParser
import CNI
import Dispatch
import Findings
import Foundation
import KubernetesClient
import KubernetesModel
import Lab
import LinuxHost
import SystemCalls

struct LabExecCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "exec", abstract: "Run a command in a pod.",
        usage: "poplin lab exec <pod> [<options>] -- <command> ...",
        discussion: """
            As `kubectl exec`, without a kubeconfig. The exit status is the command's.

            Examples:
              poplin lab exec web-0 -- hostname
              poplin lab exec -n shop -c app web-0 -- cat /etc/resolv.conf
              echo hello | poplin lab exec -i web-0 -- cat
              poplin lab exec -it web-0 -- sh
            """)

    @Argument(help: "The pod, or NAMESPACE/POD.")
    var pod: String

    @Argument(parsing: .postTerminator, help: "The command and its arguments, after --.")
    var command: [String]

    @Option(name: [.customShort("n"), .long], help: "The pod's namespace.")
    var namespace = "default"

    @Option(name: [.customShort("c"), .long], help: "The container; the first unless said.")
    var container = ""

    @Flag(name: [.customShort("i"), .customLong("stdin")], help: "Pass standard input on.")
    var passesInput = false

    @Flag(
        name: [.customShort("t"), .customLong("tty")],
        help: "Give the command a terminal; with -i keys go to it as they are pressed.")
    var isTerminal = false

    @OptionGroup var lab: LabNameOption

    func run(on console: Console) throws {
        let (directory, _) = try lab.existing(console)
        guard !command.isEmpty else {
            throw CommandFailure.usage("there is no command", next: "poplin lab exec \(pod) -- hostname")
        }
        let key = LabPods.key(pod, namespace)
        let options = ExecOptions(command, container: container, hasInput: passesInput, isTerminal: isTerminal)
        let environment = console.environment
        let keyboard = isTerminal && passesInput ? RawKeyboard() : nil
        defer { keyboard?.restore() }
        let size = isTerminal ? TerminalSizes() : nil
        let outcome = Waiting<Result<CommandEnd, LabFailure>>()
        Task {
            do throws(LabFailure) {
                let cluster = try LabCluster(
                    directory, environment: environment, version: Release.version, component: "exec")
                let result: Result<CommandEnd, LabFailure>
                do throws(KubernetesFailure) {
                    result = .success(
                        try await PodStreams(cluster.transport).exec(
                            key, options,
                            input: { input throws(KubernetesFailure) in
                                let sizing = size.map { size in Task { await Self.follow(size, input) } }
                                defer { sizing?.cancel() }
                                if options.hasInput { try await Self.pump(input) }
                                // Sizes are told until the command ends, and this with it.
                                await sizing?.value
                            }
                        ) { piece in
                            // A reader that went away is no error of ours.
                            switch piece {
                            case .output(let bytes): try? StandardStreams.write(bytes)
                            case .errorOutput(let bytes): try? StandardStreams.write(bytes, to: .error)
                            }
                        })
                } catch {
                    result = .failure(LabFailure([error.finding]))
                }
                await cluster.close()
                outcome.set(result)
            } catch {
                outcome.set(.failure(error))
            }
        }
        switch outcome.wait() {
        case .failure(let failure): throw CommandFailure(failure)
        case .success(.exited(let code)):
            keyboard?.restore()
            Self.exit(withError: ExitCode(Int32(clamping: code)))
        case .success(.failed(let status)):
            throw CommandFailure(.undetermined, Finding(code: "lab", "cannot run \(command[0]): \(status.message)"))
        }
    }

    private static func follow(_ sizes: TerminalSizes, _ input: ExecInput) async {
        for await size in sizes.stream { try? await input.resize(width: size.width, height: size.height) }
    }

    /// Standard input, read by a thread of its own: a read that blocks must not hold up the tasks.
    @Sendable private static func pump(_ input: ExecInput) async throws(KubernetesFailure) {
        let (pieces, feed) = AsyncStream.makeStream(of: [UInt8].self)
        Thread.detachNewThread {
            let file = FileHandle.standardInput
            while true {
                let piece = file.availableData
                if piece.isEmpty { break }
                feed.yield(Array(piece))
            }
            feed.finish()
        }
        for await piece in pieces { try await input.write(piece) }
        try await input.close()
    }
}

/// How a pod is named on a command line.
enum LabPods {
    static func key(_ text: String, _ namespace: String) -> ObjectKey {
        let parts = text.split(separator: "/", maxSplits: 1).map(String.init)
        return parts.count == 2
            ? ObjectKey(namespace: parts[0], name: parts[1]) : ObjectKey(namespace: namespace, name: text)
    }
}
