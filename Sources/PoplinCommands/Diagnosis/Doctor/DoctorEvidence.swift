import ArgumentParser
import Bundles
import ClusterCollector
import Diagnosis
import Findings
import JSONTree
import KubernetesClient
import KubernetesModel
import LinuxHost
import MachineCollector
import RuntimeSocket
import SystemCalls

/// Where a diagnosis looks: a bundle, the cluster, this machine, and what a person hands in.
struct DoctorEvidence: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Evidence of another time or place: a folder, .tar.gz, .tar, or objects.", valueName: "path"),
        completion: .file())
    var bundle: String?

    @Option(
        help: ArgumentHelp(
            "Text of a log as further evidence, - for standard input; may be repeated.", valueName: "file"),
        completion: .file())
    var logs: [String] = []

    @Option(
        help: ArgumentHelp(
            "Answers of the AWS command line (JSON), - for standard input; may be repeated.", valueName: "file"),
        completion: .file())
    var aws: [String] = []

    @Option(help: ArgumentHelp("The same of Azure's.", valueName: "file"), completion: .file())
    var azure: [String] = []

    @Option(help: ArgumentHelp("The same of Google Cloud's.", valueName: "file"), completion: .file())
    var gcp: [String] = []

    @Option(
        help: ArgumentHelp("An earlier bundle, of when all was well: what changed since.", valueName: "path"),
        completion: .file())
    var baseline: String?

    @Option(
        help: ArgumentHelp("A range outside the cluster that pods must reach, such as 10.0.0.0/8.", valueName: "range"))
    var externalRange: [String] = []

    @Flag(help: "Run read-only commands inside agents' pods that already run; they are listed.")
    var exec = false

    @Option(
        help: ArgumentHelp(
            "Make a privileged pod of this image (poplin is its entrypoint) on each node, read the machine, delete it.",
            valueName: "image"))
    var debugPod: String?

    @Flag(
        help: ArgumentHelp(
            """
            Send traffic, which nothing else does: from one pod of each node (exec) a DNS query to each server and to \
            the Service, TCP connections without data to the API's Service and to pods of other nodes, pings of 64 bytes \
            and of the MTU. What came of each is in the report.
            """))
    var probe = false

    @Flag(inversion: .prefixedNo, help: "Look into this machine as well, where it is a node of the cluster.")
    var thisMachine = false

    func validate() throws {
        if ([logs, aws, azure, gcp].joined().count { $0 == "-" }) + (bundle == "-" ? 1 : 0) > 1 {
            throw ValidationError("standard input can be only one of the inputs")
        }
    }

    /// The connection somebody asks about: only its own way is probed. No option.
    var path: PathRequest?

    enum CodingKeys: CodingKey {
        case bundle, logs, aws, azure, gcp, baseline, externalRange, exec, debugPod, probe, thisMachine
    }

    /// What was collected, and what was wrong with it.
    struct Collected {
        var evidence: EvidenceTree
        var problems: [Finding] = []
        /// Said before the report: that there is no cluster, for one.
        var notes: [String] = []

        /// In lines of 80 columns.
        var wrappedNotes: [String] { notes.map { WrappedText.lines($0).joined(separator: "\n") } }
    }

    // MARK: Collecting

    /// - Parameter cluster: nil for this machine alone.
    func collect(_ cluster: ClusterOptions?, on console: Console) throws -> Collected {
        var collected: Collected
        if let bundle {
            collected = try Self.read(bundle)
            if probe { collected.notes.append("Nothing is sent: a bundle is of another time.") }
        } else if let cluster {
            collected = try live(cluster, on: console)
        } else if hasOnlyText {
            collected = Collected(evidence: EvidenceTree(collectedAt: Self.now))
        } else {
            collected = Collected(evidence: Self.machine(named: nil, on: console))
        }
        try addInputs(to: &collected)
        return collected
    }

    /// Whether somebody only asks about text.
    private var hasOnlyText: Bool { !(logs + aws + azure + gcp).isEmpty }

    private static var now: Int64 { Int64(Clock.now() / 1_000_000_000) }

    private static func read(_ path: String) throws(CommandFailure) -> Collected {
        do throws(BundleError) {
            let reading: BundleReading
            if path == "-" {
                reading = try Bundle.read(bytes: try input(), named: "standard input")
            } else {
                reading = try Bundle.read(path)
            }
            return Collected(evidence: reading.evidence, problems: reading.problems)
        } catch {
            throw CommandFailure(.undetermined, Finding("cannot read the bundle \(error.path): \(error.reason)"))
        }
    }

    private static func input() throws(BundleError) -> [UInt8] {
        do {
            // As much as a file may have.
            return try StandardStreams.readInput(limit: 256 << 20)
        } catch {
            throw BundleError("standard input", "\(error.errno)")
        }
    }

    /// Without a cluster to ask it is the doctor of this machine, and says so.
    private func live(_ cluster: ClusterOptions, on console: Console) throws(CommandFailure) -> Collected {
        do {
            if try !cluster.isConfigured(on: console) {
                if hasOnlyText { return Collected(evidence: EvidenceTree(collectedAt: Self.now)) }
                return Collected(
                    evidence: Self.machine(named: nil, on: console),
                    notes: ["No cluster to ask (no kubeconfig): this is the diagnosis of this machine alone."])
            }
            return try asked(cluster, on: console)
        } catch {
            // What was handed in, and the machine that was asked for, are looked at all the same.
            let reason = error.findings.first?.message ?? "no answer"
            guard hasOnlyText || thisMachine else { throw error.offeringNode }
            var evidence =
                thisMachine ? Self.machine(named: nil, on: console) : EvidenceTree(collectedAt: Self.now)
            // Nothing found in the rest is no health of the cluster.
            for resource in ["nodes", "pods"] {
                evidence.addMissing(EvidencePath.resource(resource), because: "list \(resource): \(reason)")
            }
            return Collected(
                evidence: evidence, problems: error.findings, notes: ["The cluster could not be asked: \(reason)."])
        }
    }

    private func asked(_ cluster: ClusterOptions, on console: Console) throws(CommandFailure) -> Collected {
        // Images have to be pulled.
        var options = ClusterCollectorOptions(
            executes: exec, debugImage: debugPod, deadline: debugPod == nil ? 25 : 180)
        if let given = cluster.requestTimeout.flatMap(TimeText.duration) {
            options.requestTimeout = Int(clamping: max(1, min(given.components.seconds, Int64(options.deadline))))
        }
        let asking = options
        let sends = probe
        let path = path
        let evidence = try cluster.run(on: console, component: "doctor") { client throws(KubernetesFailure) in
            let begun = ContinuousClock.now
            try await ClusterCollector(client: client, asking).contact()
            // A server that is slow to open the door has had that much of the time.
            var left = asking
            left.deadline = max(5, asking.deadline - Int((ContinuousClock.now - begun).components.seconds))
            let collector = ClusterCollector(client: client, left)
            var tree = await Self.collected(by: collector, makesPods: asking.debugImage != nil, console)
            if sends {
                let facts = FactBase(reading: tree)
                let plan = ProbePlan(facts)
                let asked = path.flatMap { try? PathTrace($0, facts) }?.probeEnds(plan)
                tree.merge(
                    await ProbeRun(plan, client.transport).evidence(only: asked?.source, asked?.ends ?? []) {
                        console.progress($0)
                    })
            }
            console.endProgress()
            return tree
        }
        var collected = Collected(evidence: evidence)
        if collected.evidence.collectedAt == nil { collected.evidence.collectedAt = Self.now }
        if thisMachine {
            let machine = Self.withClock(Self.machine(named: nil, on: console))
            collected.evidence.merge(machine)
            if probe {
                let facts = FactBase(reading: collected.evidence)
                let name = FactBase(reading: machine).machines.first?.name ?? "this-machine"
                let report = MachineProbes.report(ProbePlan(facts), node: name)
                collected.evidence.add(
                    report.value.text, at: report.path, from: FactSource("probes from \(name)", age: 0))
            }
        }
        return collected
    }

    /// Pods that were made are deleted although somebody interrupts; then the signal has its way.
    private static func collected(
        by collector: ClusterCollector, makesPods: Bool, _ console: Console
    ) async -> EvidenceTree {
        if !makesPods { return await collector.collect { console.progress($0) } }
        let signals = EndSignals()
        let collection = Task { await collector.collect { console.progress($0) } }
        let watcher = Task {
            let name = await signals.next()
            if name != nil { collection.cancel() }
            return name
        }
        let tree = await collection.value
        watcher.cancel()
        signals.release()
        if let name = await watcher.value {
            console.endProgress()
            let left = tree.missing.filter { $0.key.hasSuffix("/debug-pod") }.map(\.value).sorted()
            console.printError(
                left.isEmpty ? "interrupted; the debug pods are deleted" : left.joined(separator: "\n"))
            EndSignals.end(by: name)
        }
        return tree
    }

    /// Of this very machine: its clock is ours.
    private static func withClock(_ evidence: EvidenceTree) -> EvidenceTree {
        var evidence = evidence
        for (path, document) in evidence.documents where path.hasSuffix("/\(NodeEvidence.Part.clock.path)") {
            var marked = document
            marked.bytes = MachineClock.marked(document.bytes, seen: Clock.now())
            evidence.add(marked, at: path)
        }
        return evidence
    }

    /// From where a machine is looked at.
    struct MachinePlace {
        /// Its root file system: `/host` in a debug pod.
        var root = "/"
        /// Folders of it that an agent's pod has mounted; nil where all is seen.
        var mounted: [String]?
    }

    static func machine(named given: String?, _ place: MachinePlace = MachinePlace(), on console: Console)
        -> EvidenceTree
    {
        var name = given ?? "this-machine"
        if given == nil, let bytes = try? AtomicFile.read("/proc/sys/kernel/hostname") {
            name = String(decoding: bytes.prefix { $0 > 0x20 }, as: UTF8.self)
        }
        console.progress("looking into this machine")
        // The runtime thinks about its answers while files and the kernel are read.
        let runtime = place.mounted == nil ? RuntimeReading(.init(node: name, root: place.root)) : nil
        let options = MachineCollectorOptions(node: name, root: place.root, mounted: place.mounted)
        var evidence = MachineCollector(options).collect { runtime?.evidence() }
        console.endProgress()
        if evidence.collectedAt == nil { evidence.collectedAt = now }
        return evidence
    }

    // MARK: What a person hands in

    private func addInputs(to collected: inout Collected) throws(CommandFailure) {
        for (index, file) in logs.enumerated() {
            let name = file == "-" ? "standard-input" : String(file.split(separator: "/").last ?? "log")
            let path = "\(EvidencePath.looseLogs)\(index == 0 ? "" : "\(index)-")\(name)"
            let (bytes, skipped) = try Self.end(of: file)
            if skipped > 0 {
                collected.problems.append(
                    Finding(
                        .warning, code: "logs",
                        "\(file == "-" ? "standard input" : file) has \((bytes.count + skipped) >> 20) MiB: its last \(bytes.count >> 20) are read",
                        next: "hand in the hour that matters: journalctl --since, or grep"))
            }
            let text = LogEncoding.text(bytes)
            let source = FactSource(file == "-" ? "standard input" : file)
            guard let pasted = Bundle.read(pasted: text, now: Self.now) else {
                collected.evidence.add(text, at: path, from: source)
                continue
            }
            // What the cluster itself answered is newer and more.
            for (inner, document) in pasted.evidence.documents where collected.evidence[inner] == nil {
                collected.evidence.add(document, at: inner)
            }
            collected.problems += pasted.problems
        }
        for (provider, files) in [("aws", aws), ("azure", azure), ("gcp", gcp)] {
            if files.isEmpty { continue }
            var answer = CloudAnswer(provider)
            for file in files { answer.add(try Self.bytes(file), from: file == "-" ? "standard input" : file) }
            for (operation, bytes) in answer.documents {
                let path = EvidencePath.cloud(provider, operation)
                collected.evidence.add(EvidenceTree.Document(bytes, from: EvidencePath.source(of: path)), at: path)
            }
            for (operation, reason) in answer.refused where answer.documents[operation] == nil {
                collected.evidence.addMissing(EvidencePath.cloud(provider, operation), because: reason)
            }
            collected.problems += answer.problems
        }
        if let baseline {
            let earlier = try Self.read(baseline)
            for (path, document) in earlier.evidence.documents {
                collected.evidence.add(document, at: "baseline/\(path)")
            }
            if let time = earlier.evidence.collectedAt {
                collected.evidence.add(
                    "{\"collectedAt\":\"\(Timestamp(seconds: time))\"}", at: "baseline/evidence.json",
                    from: FactSource("baseline"))
            }
            collected.problems += earlier.problems
        }
        if !externalRange.isEmpty {
            let value: JSONValue = ["externalRanges": .array(externalRange.map { .string($0) })]
            collected.evidence.add(value.text, at: "user.json", from: FactSource("--external-range"))
        }
    }

    private static func unreadable(_ file: String, _ error: SystemCallError) -> CommandFailure {
        CommandFailure(.undetermined, Finding("cannot read \(file == "-" ? "standard input" : file): \(error.errno)"))
    }

    /// Of a log what was written last, 64 MiB of it.
    private static func end(of file: String) throws(CommandFailure) -> (bytes: [UInt8], skipped: Int) {
        let limit = 64 << 20
        do throws(SystemCallError) {
            if file == "-" { return try StandardStreams.readInputEnd(limit: limit) }
            if let end = try AtomicFile.readEnd(file, limit: limit) { return end }
            throw SystemCallError("open", .ENOENT, on: file)
        } catch {
            throw Self.unreadable(file, error)
        }
    }

    private static func bytes(_ file: String) throws(CommandFailure) -> [UInt8] {
        do throws(SystemCallError) {
            if file == "-" { return try StandardStreams.readInput() }
            if let bytes = try AtomicFile.read(file, limit: 256 << 20) { return bytes }
            throw SystemCallError("open", .ENOENT, on: file)
        } catch {
            throw Self.unreadable(file, error)
        }
    }
}
