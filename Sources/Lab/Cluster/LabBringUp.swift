import Addressing
import CLinux
import Findings
import JSONTree
import KubernetesClient
import KubernetesModel
import LinuxHost
import SystemCalls

/// Brings a lab up: makes sure of its supervisor, waits for its parts in turn, and says what it waits for.
public struct LabBringUp: Sendable {
    public let directory: LabDirectory
    /// Told what is being done, and that it is done.
    private let progress: @Sendable (Step) -> Void

    public enum Step: Sendable {
        case began(String)
        /// With what there is to say about it.
        case done(String, detail: String)
    }

    public init(_ directory: LabDirectory, progress: @escaping @Sendable (Step) -> Void) {
        self.directory = directory
        self.progress = progress
    }

    /// Writes the lab's first state when there is none; answers the state there is.
    public func prepare(
        _ wanted: @autoclosure () throws(LabFailure) -> LabSpecification, program: String
    ) throws(LabFailure) -> LabState {
        try LabDirectory.requireRoot()
        if var state = try LabState.read(directory) {
            if state.program != program {
                state.program = program
                try state.write(directory)
            }
            return state
        }
        let specification = try wanted()
        let wrong = specification.findings()
        if !wrong.isEmpty { throw LabFailure(wrong, isUsage: true) }
        let directory = directory
        try doing("make \(directory.path)") { () throws(SystemCallError) in
            try Directories.make(directory.path, mode: 0o700)
            try Directories.make(directory.logs)
        }
        let state = LabState(specification: specification, program: program)
        try state.write(directory)
        return state
    }

    /// Starts a supervisor unless one runs.
    public func supervise(_ state: LabState, environment: Environment) throws(LabFailure) {
        if try LabRequest.ask(directory, "status") != nil { return }
        let directory = directory
        let log = directory.log(of: "supervisor")
        let process = try doing("start the lab's supervisor") { () throws(SystemCallError) in
            let output = try FileDescriptor.open(log, O_WRONLY | O_CREAT | O_APPEND, mode: 0o644)
            return try BackgroundProcess.start(
                BackgroundProcess.Launch(
                    state.program, ["lab", "supervise", "--name", directory.name],
                    environment: environment.setting("POPLIN_LAB_MEMBER", to: directory.name),
                    output: output.rawValue, errors: output.rawValue))
        }
        let deadline = Clock.monotonic() + 30_000_000_000
        while try LabRequest.ask(directory, "status") == nil {
            guard process.isAlive, Clock.monotonic() < deadline else {
                throw LabFailure("the lab's supervisor ended", because: tail(of: log), next: "its log is \(log)")
            }
            Clock.sleep(nanoseconds: 20_000_000)
        }
    }

    /// Waits until every machine and program of the lab runs.
    public func awaitProcesses(limit: Duration = .seconds(60)) throws(LabFailure) {
        let deadline = ContinuousClock.now + limit
        while true {
            guard let status = try LabRequest.ask(directory, "status"), let state = try LabState.read(directory) else {
                throw LabFailure("the lab's supervisor ended", because: tail(of: directory.log(of: "supervisor")))
            }
            var running: Set<String> = []
            for process in status.member("processes")?.elements.map({ $0 }) ?? [] {
                if let name = process.member("name")?.string, process.member("running")?.bool == true {
                    running.insert(name)
                }
            }
            let wanted =
                state.specification.nodes.map { LabSupervisor.process(of: $0.name) } + [LabSupervisor.apiServer]
            let missing = wanted.filter { !running.contains($0) }
            if missing.isEmpty { return }
            guard ContinuousClock.now < deadline else {
                throw LabFailure(
                    "these do not start: \(missing.joined(separator: ", "))",
                    because: tail(of: directory.log(of: "supervisor")), next: "look at \(directory.logs)")
            }
            Clock.sleep(nanoseconds: 20_000_000)
        }
    }

    /// The last lines of a log.
    func tail(of path: String, lines: Int = 5) -> [String] {
        guard let bytes = (try? AtomicFile.read(path)) ?? nil else { return [] }
        return String(decoding: bytes.suffix(4096), as: UTF8.self).split(separator: "\n").suffix(lines).map(String.init)
    }

    func began(_ text: String) { progress(.began(text)) }

    func done(_ text: String, _ detail: String = "") { progress(.done(text, detail: detail)) }
}

extension LabBringUp {
    /// The part that needs no API: supervisor, machines, programs.
    public func machines(_ state: LabState, environment: Environment, limit: Duration) throws(LabFailure) {
        began("starting the supervisor")
        try supervise(state, environment: environment)
        done("supervisor")
        let spec = state.specification
        began("starting machines")
        try awaitProcesses(limit: limit)
        done(
            "machines",
            "\(spec.nodes.count) nodes on \(spec.racks) rack\(spec.racks == 1 ? "" : "s"), \(spec.mtu) bytes")
    }

    /// The part that goes through the API: until nodes are there, the agent is applied, and everything is ready.
    public func cluster(
        _ state: LabState, environment: Environment, version: String, limit: Duration, isWaiting: Bool
    ) async throws(LabFailure) {
        began("waiting for the API server")
        let cluster = try LabCluster(directory, environment: environment, version: version)
        do throws(LabFailure) {
            try await run(cluster, state, environment, limit, isWaiting)
        } catch {
            await cluster.close()
            throw error
        }
        await cluster.close()
    }

    private func run(
        _ cluster: LabCluster, _ state: LabState, _ environment: Environment, _ limit: Duration, _ isWaiting: Bool
    ) async throws(LabFailure) {
        try await cluster.awaitAPI(limit: limit)
        done("API server", "https://127.0.0.1:\(try LabState.read(directory)?.port ?? 0)")
        let spec = state.specification
        try await cluster.apply(ControllerAccess.objects, limit: limit)
        began("applying the agent")
        let place = try LabManifests.find(program: state.program, environment: environment)
        let manifests = try LabManifests(directory: place, for: spec)
        try await cluster.apply(manifests.objects, limit: limit)
        if spec.addressMode == .clusterPool { try await cluster.makePoolUnlessThereIsOne(spec) }
        done(
            "agent applied",
            "\(manifests.objects.count) objects, \(spec.backend.rawValue), \(spec.podNetworks.map(\.description).joined(separator: " "))"
        )
        began("waiting for nodes to register")
        let names = Set(spec.nodes.map(\.name))
        try await cluster.awaitNodes(limit: limit) { reports in names.isSubset(of: reports.map(\.name)) }
        done("nodes registered")
        guard isWaiting else { return }
        began("waiting for nodes to be ready")
        try await cluster.awaitNodes(limit: limit) { reports in
            names.isSubset(of: reports.filter(\.isReady).map(\.name))
        }
        done("nodes ready")
    }
}
