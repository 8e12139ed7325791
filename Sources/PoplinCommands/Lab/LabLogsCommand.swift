import ArgumentParser
import CNI
import Findings
import Foundation
import KubernetesClient
import KubernetesModel
import Lab
import LinuxHost
import Synchronization

struct LabLogsCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "What a part of the lab, a node, its agent or a pod printed.",
        usage: "poplin lab logs [<subject>] [<options>]",
        discussion: """
            Parts are supervisor, apiserver, controllers; of a node it is its kubelet's log, with /agent after it the \
            agent's. agent and kubelet alone are those of all nodes, each line with its node before it. Without a \
            subject it lists what there is.

            Examples:
              poplin lab logs
              poplin lab logs apiserver
              poplin lab logs agent --tail 5
              poplin lab logs node-2/agent -f
              poplin lab logs kube-system/web-0 --tail 20

            \(CommandStatus.help)
            """)

    @Argument(
        help: "A part, agent, kubelet, a node, NODE/agent, a pod, or NAMESPACE/POD.",
        completion: .custom { words, _, _ in LabLogsCommand.completions(words) })
    var subject: String?

    @Option(name: [.customShort("n"), .long], help: "The pod's namespace.")
    var namespace = "default"

    @Option(name: [.customShort("c"), .long], help: "The pod's container; the first unless said.")
    var container = ""

    @Flag(name: [.customShort("f"), .long], help: "Go on with what is printed from now on.")
    var follow = false

    @Option(help: "Begin with this many of the last lines.")
    var tail: Int?

    @Flag(name: [.customShort("p"), .long], help: "Of a pod: what its container printed before it was started again.")
    var previous = false

    @OptionGroup var lab: LabNameOption

    func run(on console: Console) throws {
        let (directory, state) = try lab.existing(console)
        let nodes = state.specification.nodes.map(\.name)
        guard let subject else { return console.print(LabLogChoices(directory, nodes: nodes).screen) }
        if let tail, tail < 0 { throw CommandFailure.usage("--tail \(tail): a number of lines, from 0") }
        switch LabLogSubject(subject, namespace: namespace, nodes: nodes) {
        case .part(let part): try show([LogFollower(directory.log(of: part), nil)])
        case .kubelets(let names):
            try show(names.map { LogFollower(directory.log(of: $0), names.count > 1 ? $0 : nil) })
        case .agents(let names):
            try show(directory, console) { cluster throws(KubernetesFailure) in try await agents(cluster, names) }
        case .pod(let key): try show(directory, console, LabLogChoices(directory, nodes: nodes)) { _ in [(key, nil)] }
        }
    }

    /// - Parameter words: those of the line that is typed.
    static func completions(_ words: [String]) -> [String] {
        guard let (directory, nodes) = lab(of: words) else { return LabLogSubject.parts }
        return LabLogChoices(directory, nodes: nodes).words
    }

    /// Names of nodes, for the commands that take one.
    static func nodeCompletions(_ words: [String]) -> [String] { lab(of: words)?.nodes ?? [] }

    private static func lab(of words: [String]) -> (directory: LabDirectory, nodes: [String])? {
        var name = Environment.current()["POPLIN_LAB"] ?? LabSpecification.defaultName
        if let at = words.firstIndex(of: "--name"), at + 1 < words.count { name = words[at + 1] }
        let directory = LabDirectory(name)
        guard LabSpecification.isName(name, limit: 32), let state = try? LabState.read(directory) else {
            return nil
        }
        return (directory, state.specification.nodes.map(\.name))
    }

    // MARK: Pods

    private typealias Subject = (pod: ObjectKey, writer: String?)

    /// The agents' pods, in the order of their nodes.
    private func agents(_ cluster: LabCluster, _ nodes: [String]) async throws(KubernetesFailure) -> [Subject] {
        let pods = try await cluster.client.list(
            Pod.self, namespace: ClusterFacts.namespace,
            ListOptions(labelSelector: "app.kubernetes.io/name=poplin-agent")
        ).objects
        return nodes.flatMap { node -> [Subject] in
            pods.filter { $0.spec.nodeName == node }.map { ($0.metadata.key, nodes.count > 1 ? node : nil) }
        }
    }

    private func show(
        _ directory: LabDirectory, _ console: Console, _ choices: LabLogChoices? = nil,
        _ subjects: @escaping @Sendable (LabCluster) async throws(KubernetesFailure) -> [Subject]
    ) throws(CommandFailure) {
        let environment = console.environment
        let outcome = Waiting<LabFailure?>()
        Task {
            do throws(LabFailure) {
                let cluster = try LabCluster(
                    directory, environment: environment, version: Release.version, component: "logs")
                var failure: LabFailure?
                do throws(KubernetesFailure) {
                    let all = try await subjects(cluster)
                    if all.isEmpty { failure = LabFailure("no agent has a pod there", next: "poplin lab status") }
                    if let found = await stream(all, cluster.transport) {
                        var finding = found.finding
                        if found.status?.isNotFound == true, let choices, let pod = all.first?.pod {
                            finding.next = choices.next(for: pod)
                        }
                        failure = LabFailure([finding])
                    }
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

    /// One after the other, or all at once when what comes is waited for.
    ///
    /// - Returns: the first failure; the others are shown all the same.
    private func stream(_ subjects: [Subject], _ transport: HTTPTransport) async -> KubernetesFailure? {
        let turn = Mutex(())
        let all = subjects.map { subject in
            { @Sendable () async -> KubernetesFailure? in
                var lines = LinePrefix(subject.writer)
                defer { turn.withLock { _ in try? StandardStreams.write(lines.end()) } }
                do throws(KubernetesFailure) {
                    let body = try await PodStreams(transport).log(
                        subject.pod, container: container, follow: follow, tailLines: tail, previous: previous)
                    for try await piece in body {
                        let text = lines.lines(piece)
                        turn.withLock { _ in try? StandardStreams.write(text) }
                    }
                    return nil
                } catch {
                    return error
                }
            }
        }
        guard follow else {
            var failure: KubernetesFailure?
            for one in all {
                let outcome = await one()
                failure = failure ?? outcome
            }
            return failure
        }
        return await withTaskGroup(of: KubernetesFailure?.self) { group in
            for one in all { group.addTask(operation: one) }
            return await group.reduce(nil as KubernetesFailure?) { $0 ?? $1 }
        }
    }

    // MARK: Files

    private func show(_ files: [LogFollower]) throws(CommandFailure) {
        var files = files
        for index in files.indices {
            guard let bytes = files[index].begin(tail: tail) else {
                throw CommandFailure(.undetermined, Finding(code: "lab", "there is no log \(files[index].path) yet"))
            }
            try? StandardStreams.write(bytes)
        }
        while follow {
            var isSilent = true
            for index in files.indices {
                let more = files[index].more()
                if more.isEmpty { continue }
                isSilent = false
                do { try StandardStreams.write(more) } catch { return }
            }
            if isSilent { Thread.sleep(forTimeInterval: 0.2) }
        }
    }
}

/// A file that grows.
private struct LogFollower {
    let path: String
    private var handle: FileHandle?
    private var prefix: LinePrefix

    init(_ path: String, _ writer: String?) {
        self.path = path
        prefix = LinePrefix(writer)
    }

    /// What is in it, or its last lines; nil when it is not there.
    mutating func begin(tail: Int?) -> [UInt8]? {
        guard let handle = FileHandle(forReadingAtPath: path) else { return nil }
        self.handle = handle
        var bytes = Array((try? handle.readToEnd()) ?? Data())
        if let tail {
            let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            // After the last newline stands an empty piece.
            bytes = Array(lines.suffix(tail + 1).joined(separator: [UInt8(ascii: "\n")]))
        }
        return prefix.lines(bytes)
    }

    mutating func more() -> [UInt8] { prefix.lines(handle?.availableData ?? Data()) }
}
