import Addressing
import ArgumentParser
import CNI
import Findings
import Foundation
import JSONTree
import Lab
import LinuxHost

struct LabUpCommand: OutputCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Make a cluster, or make sure that one runs.", usage: "poplin lab up [<options>]",
        discussion: """
            A lab that is there already is brought back to what it was: machines and programs that ended are started \
            again. Its shape does not change; `poplin lab node add` adds to it.

            Examples:
              poplin lab up
              poplin lab up --nodes 5 --racks 2 --dual-stack --name wide
              poplin lab up --backend host-gw -o json

            \(CommandStatus.help)
            """)

    @OptionGroup var lab: LabNameOption

    @Option(help: "How many nodes (3 unless said).")
    var nodes: Int?

    @Option(help: "How pods of different nodes reach each other: vxlan (unless said) or host-gw.")
    var backend: LabBackend?

    @Option(help: "How many segments the nodes stand on, joined by a router (1 unless said).")
    var racks: Int?

    @Flag(help: "IPv6 beside IPv4, for nodes and pods.")
    var dualStack = false

    @Option(help: ArgumentHelp("Bytes of a packet between nodes (1500 unless said).", valueName: "bytes"))
    var mtu: Int?

    @Option(
        name: .customLong("pod-cidr"),
        help: ArgumentHelp("The network of pods; may be repeated, one for each family.", valueName: "prefix"))
    var podNetworks: [String] = []

    @Option(
        name: .customLong("ipam"),
        help: "Where pods' addresses come from: kubernetes, a range for each node (unless said), or cluster-pool.")
    var addressMode: LabAddressMode?

    @Option(help: ArgumentHelp("How long each step may take.", valueName: "time"))
    var timeout = "60s"

    @Flag(help: "End when the machines run; do not wait until they are ready.")
    var noWait = false

    @OptionGroup var output: OutputOptions

    func run(on console: Console) throws {
        guard let limit = TimeText.duration(timeout) else {
            throw CommandFailure.usage("--timeout \(timeout): write a number with s, m or h, such as 60s")
        }
        let directory = try lab.directory(console)
        let program = try OwnProgram.path()
        let screen = ProgressScreen(console, isQuiet: output.format != .table)
        let work = LabBringUp(directory) { screen.show($0) }
        let outcome = Waiting<Result<LabState, LabFailure>>()
        let wanted = Result { () throws(CommandFailure) in try specification(directory.name) }
        let environment = console.environment
        let wait = !noWait
        do throws(LabFailure) {
            var state = try work.prepare(specification(wanted), program: program)
            try mentionDifferences(state)
            state.program = program
            try work.machines(state, environment: environment, limit: limit)
            let prepared = state
            Task {
                do throws(LabFailure) {
                    try await work.cluster(
                        prepared, environment: environment, version: Release.version, limit: limit, isWaiting: wait)
                    outcome.set(.success(prepared))
                } catch {
                    outcome.set(.failure(error))
                }
            }
            let ended = outcome.wait()
            screen.end()
            report(try ended.get(), directory, screen, console)
        } catch {
            screen.end()
            throw CommandFailure(error)
        }
    }

    private func specification(_ wanted: Result<LabSpecification, CommandFailure>) throws(LabFailure)
        -> LabSpecification
    {
        switch wanted {
        case .success(let specification): return specification
        case .failure(let failure): throw LabFailure(failure.findings, isUsage: true)
        }
    }

    private func specification(_ name: String) throws(CommandFailure) -> LabSpecification {
        var networks: [IPPrefix] = []
        for text in podNetworks {
            do throws(AddressError) {
                networks.append(try IPPrefix(parsing: text))
            } catch {
                throw .usage("--pod-cidr: \(error)", next: "write a network such as 10.244.0.0/16")
            }
        }
        return LabSpecification(
            name: name, nodeCount: nodes ?? 3, racks: racks ?? 1, backend: backend?.value ?? .vxlan,
            isDualStack: dualStack, mtu: mtu ?? 1500, podNetworks: networks,
            addressMode: addressMode?.value ?? .kubernetes)
    }

    /// A lab that is there keeps its shape: whoever asks for another one is told.
    private func mentionDifferences(_ state: LabState) throws(LabFailure) {
        let spec = state.specification
        var differences: [String] = []
        func compare<Value: Equatable>(_ asked: Value?, _ found: Value, _ option: String) {
            if let asked, asked != found { differences.append("\(option) is \(found), not \(asked)") }
        }
        compare(nodes, spec.nodes.count, "--nodes")
        compare(backend?.value.rawValue, spec.backend.rawValue, "--backend")
        compare(addressMode?.value.rawValue, spec.addressMode.rawValue, "--ipam")
        compare(racks, spec.racks, "--racks")
        compare(mtu, spec.mtu, "--mtu")
        if dualStack, !spec.isDualStack { differences.append("it has no IPv6 (--dual-stack)") }
        if !podNetworks.isEmpty, Set(podNetworks) != Set(spec.podNetworks.map(\.description)) {
            differences.append("--pod-cidr is \(spec.podNetworks.map(\.description).joined(separator: ", "))")
        }
        if !differences.isEmpty {
            throw LabFailure(
                [
                    Finding(
                        code: "lab", "lab \(spec.name) is there already, and it is different", because: differences,
                        next: "poplin lab down --name \(spec.name), or another --name")
                ], isUsage: true)
        }
    }

    private func report(_ state: LabState, _ directory: LabDirectory, _ screen: ProgressScreen, _ console: Console) {
        let spec = state.specification
        if output.format != .table {
            let value: JSONValue = [
                "name": .string(spec.name), "nodes": .array(spec.nodes.map { .string($0.name) }),
                "kubeconfig": .string(directory.kubeconfig), "seconds": .string(screen.elapsedText),
                "steps": .array(screen.steps.map { ["name": .string($0.0), "milliseconds": .int($0.1)] }),
            ]
            if let text = try? output.format.text(value) { console.print(text) }
            return
        }
        let option = spec.name == LabSpecification.defaultName ? "" : " --name \(spec.name)"
        console.print(
            """

            lab \(spec.name): \(spec.nodes.count) nodes after \(screen.elapsedText) s. Next:
              export KUBECONFIG=\(directory.kubeconfig)
              kubectl get nodes -o wide
              poplin lab down\(option)
            """)
    }
}

/// `--backend`.
enum LabBackend: String, ExpressibleByArgument, CaseIterable {
    case vxlan
    case hostGateway = "host-gw"

    var value: LabSpecification.Backend { self == .vxlan ? .vxlan : .hostGateway }
}

/// `--ipam`.
enum LabAddressMode: String, ExpressibleByArgument, CaseIterable {
    case kubernetes
    case clusterPool = "cluster-pool"

    var value: LabSpecification.AddressMode { self == .kubernetes ? .kubernetes : .clusterPool }
}

/// One line for each step, with the time it took.
final class ProgressScreen: @unchecked Sendable {
    // Steps come one after the other, first from the command's thread and then from its one task.
    private let console: Console
    private let isQuiet: Bool
    private let started = ContinuousClock.now
    private var stepStarted = ContinuousClock.now
    private(set) var steps: [(String, Int64)] = []

    init(_ console: Console, isQuiet: Bool) {
        self.console = console
        self.isQuiet = isQuiet
    }

    func show(_ step: LabBringUp.Step) {
        switch step {
        case .began(let text):
            stepStarted = .now
            console.progress(text)
        case .done(let text, let detail):
            let took = ContinuousClock.now - stepStarted
            let milliseconds = took.components.seconds * 1000 + took.components.attoseconds / 1_000_000_000_000_000
            steps.append((text, milliseconds))
            console.endProgress()
            guard !isQuiet else { return }
            let paint = console.paint
            let padded = text.padding(toLength: max(44, text.count + 1), withPad: " ", startingAt: 0)
            let time = String(repeating: " ", count: max(0, 6 - String(milliseconds).count)) + "\(milliseconds) ms"
            console.print("\(paint.green("ok")) \(padded)\(paint.faint(time))\(detail.isEmpty ? "" : "  \(detail)")")
        }
    }

    func end() { console.endProgress() }

    var elapsedText: String {
        let took = ContinuousClock.now - started
        let tenths = took.components.seconds * 10 + took.components.attoseconds / 100_000_000_000_000_000
        return "\(tenths / 10).\(tenths % 10)"
    }
}
