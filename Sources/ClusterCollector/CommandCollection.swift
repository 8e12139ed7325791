import Diagnosis
import JSONTree
import KubernetesClient
import KubernetesModel

/// Runs ``AgentCommand/all`` in agents' pods and writes what they print among the evidence of their nodes.
struct CommandCollection: Sendable {
    let run: CollectionRun
    private static let outputLimit = 16 << 20
    /// Files of a configuration directory at most.
    private static let files = 24

    func read(_ executors: [Subjects.Executor]) async {
        guard let transport = run.transport as? HTTPTransport else {
            for executor in executors {
                run.addMissing(EvidencePath.node(executor.node), "this connection cannot run commands in pods")
            }
            return
        }
        let streams = PodStreams(transport)
        for executor in executors {
            for command in AgentCommand.of(executor.provider) {
                run.plan(EvidencePath.node(executor.node) + command.path)
            }
        }
        await forEach(executors, atOnce: run.options.parallel) { executor in
            if executor.provider == "poplin", await readWhole(executor, streams) { return }
            for command in AgentCommand.of(executor.provider) {
                if Task.isCancelled { return }
                let path = EvidencePath.node(executor.node) + command.path
                switch await execute(command.words, in: executor, streams, needsSuccess: command.form == .asItIs) {
                case .success(let output):
                    run.add(
                        command.kept(output.bytes), at: path, source(command.words, executor), isTruncated: output.isCut
                    )
                case .failure(let refusal): run.addMissing(path, refusal.reason)
                }
            }
            await readConfigurations(executor, streams)
        }
    }

    /// Our own agent brings the doctor along: it reads the machine in one go, from as much of it as its pod has. False
    /// where that fails; then the commands of other agents are tried.
    private func readWhole(_ executor: Subjects.Executor, _ streams: PodStreams) async -> Bool {
        // Folders that have the same path on both sides.
        let folders = executor.mounts.filter { $0.host == $0.path }.map(\.path).sorted()
        let arguments =
            ["doctor", "collect", "--node", "--name", executor.node, "-o", "-"]
            + (folders.isEmpty ? ["/nonexistent"] : folders).flatMap { ["--mounted", $0] }
        // As the image has it, and as a program that is installed.
        for program in ["/poplin", "poplin"] {
            guard case .success(let output) = await execute([program] + arguments, in: executor, streams),
                !output.isCut, let bundle = try? NodeBundle(output.bytes, node: executor.node)
            else { continue }
            for command in AgentCommand.of(executor.provider) {
                run.addMissing(EvidencePath.node(executor.node) + command.path, "the agent's pod does not show it")
            }
            bundle.add(to: run, via: "in the agent's pod")
            return true
        }
        return false
    }

    /// The machine's CNI configuration, where the agent mounts its directory. Kubeconfigs beside it hold tokens and are
    /// left where they are.
    private func readConfigurations(_ executor: Subjects.Executor, _ streams: PodStreams) async {
        for mount in executor.mounts where mount.host.hasSuffix("/cni/net.d") || mount.host.hasSuffix("/cni/net.d/") {
            guard case .success(let listing) = await execute(["ls", "-1", mount.path], in: executor, streams) else {
                continue
            }
            let names = String(decoding: listing.bytes, as: UTF8.self).split(separator: "\n").map(String.init)
            let endings = [".conf", ".conflist", ".json", ".cilium_bak"]
            let configurations = names.filter { name in
                !name.contains("/") && !name.contains("kubeconfig") && endings.contains { name.hasSuffix($0) }
            }
            for name in configurations.prefix(Self.files) {
                let words = ["cat", "\(mount.path)/\(name)"]
                guard case .success(let output) = await execute(words, in: executor, streams) else { continue }
                let host = mount.host.hasSuffix("/") ? String(mount.host.dropLast()) : mount.host
                run.add(
                    output.bytes, at: EvidencePath.file(executor.node, "\(host)/\(name)"), source(words, executor),
                    isTruncated: output.isCut)
            }
        }
    }

    private func source(_ words: [String], _ executor: Subjects.Executor) -> FactSource {
        FactSource(
            "\(executor.node): \(words.joined(separator: " "))", command: commandLine(words, executor), age: 0)
    }

    private func commandLine(_ words: [String], _ executor: Subjects.Executor) -> String {
        let quoted = words.map { $0.isEmpty ? "\"\"" : $0 }.joined(separator: " ")
        return "kubectl -n \(executor.namespace) exec \(executor.pod) -c \(executor.container) -- \(quoted)"
    }

    private struct Output: Sendable {
        var bytes: [UInt8]
        var isCut: Bool
    }

    private func execute(
        _ words: [String], in executor: Subjects.Executor, _ streams: PodStreams, needsSuccess: Bool = true
    ) async -> Result<Output, Refusal> {
        if run.isRefused("create", "pods/exec", namespace: executor.namespace) {
            return .failure(Refusal("create pods/exec in \(executor.namespace) was refused"))
        }
        if let reason = run.takeOne() { return .failure(Refusal(reason)) }
        let key = ObjectKey(namespace: executor.namespace, name: executor.pod)
        let options = ExecOptions(words, container: executor.container)
        let collected = CommandOutput(limit: Self.outputLimit)
        let seconds = run.options.requestTimeout
        let end = await withTaskGroup(of: Result<CommandEnd, Refusal>.self) { group in
            group.addTask {
                do throws(KubernetesFailure) {
                    return .success(try await streams.exec(key, options) { await collected.add($0) })
                } catch {
                    return .failure(Refusal(error))
                }
            }
            group.addTask {
                do { try await Task.sleep(for: .seconds(seconds)) } catch {}
                return .failure(Refusal("the command did not end within \(seconds) s"))
            }
            let first = await group.next() ?? .failure(Refusal("the command was not run"))
            group.cancelAll()
            return first
        }
        let line = words.joined(separator: " ")
        var exitCode: JSONValue = .null
        let result: Result<Output, Refusal>
        switch end {
        case .success(.exited(let code)):
            exitCode = .int(Int64(code))
            // grep says 2 when one of its files is not there, and prints the others all the same.
            let printed = await collected.output
            let isUseful = code == 0 || (!needsSuccess && !printed.isEmpty)
            if isUseful {
                result = .success(Output(bytes: await collected.output, isCut: await collected.isCut))
            } else {
                let message = String(decoding: await collected.errors.prefix(200), as: UTF8.self).trimmed
                result = .failure(Refusal("`\(line)` ended with \(code): \(message)"))
            }
        case .success(.failed(let status)): result = .failure(Refusal("`\(line)`: \(status.message)"))
        case .failure(let refusal):
            let isRefused = refusal.isForbidden
            if isRefused { run.noteAccess("create", "pods/exec", namespace: executor.namespace, isAllowed: false) }
            result = .failure(Refusal(refusal.saying("create", "pods/exec in \(executor.namespace)")))
            // Nothing ran.
            if isRefused { return result }
        }
        run.noteExecuted(
            .object([
                JSONMember("namespace", .string(executor.namespace)), JSONMember("pod", .string(executor.pod)),
                JSONMember("container", .string(executor.container)), JSONMember("node", .string(executor.node)),
                JSONMember("command", .array(words.map { .string($0) })), JSONMember("exitCode", exitCode),
            ]))
        return result
    }
}

private actor CommandOutput {
    private let limit: Int
    private(set) var output: [UInt8] = []
    private(set) var errors: [UInt8] = []
    private(set) var isCut = false

    init(limit: Int) { self.limit = limit }

    func add(_ piece: ExecOutput) {
        switch piece {
        case .output(let bytes):
            if output.count + bytes.count > limit {
                isCut = true
                output += bytes.prefix(limit - output.count)
            } else {
                output += bytes
            }
        case .errorOutput(let bytes): if errors.count < 4096 { errors += bytes }
        }
    }
}

extension String {
    /// Without white space at either end.
    fileprivate var trimmed: String {
        var rest = self[...]
        while let first = rest.first, first.isWhitespace { rest.removeFirst() }
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return String(rest)
    }
}
