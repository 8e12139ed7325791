import Addressing
import Conntest
import Diagnosis
import JSONTree
import KubernetesClient
import KubernetesModel

/// Sends what a ``ProbePlan`` says: from one pod of each node by whatever shell it has, or from this machine.
struct ProbeRun: Sendable {
    let plan: ProbePlan
    private let streams: PodStreams?
    private static let patience = Duration.seconds(20)
    private static let atOnce = 4

    init(_ plan: ProbePlan, _ transport: any KubernetesTransport) {
        self.plan = plan
        streams = (transport as? HTTPTransport).map { PodStreams($0) }
    }

    /// What came of it, as evidence; where nothing could be sent from, why.
    func evidence(
        only: ProbeSource? = nil, _ ends: [(address: IPAddress, port: UInt16, target: String, node: String)] = [],
        progress: @escaping @Sendable (String) -> Void
    ) async -> EvidenceTree {
        var tree = EvidenceTree()
        guard let streams else {
            tree.addMissing(EvidencePath.probes, because: "this connection cannot run commands in pods")
            return tree
        }
        let nodes = only.map { [$0.node] } ?? plan.nodes
        if nodes.isEmpty {
            tree.addMissing(EvidencePath.probes, because: "no pod of the pod network is ready: nothing to send from")
        }
        progress("probing from \(nodes.count) nodes")
        await withTaskGroup(of: (String, Result<ProbeReport, Unsent>).self) { group in
            var waiting = nodes[...]
            func addOne() {
                guard let node = waiting.popFirst() else { return }
                group.addTask { (node, await report(node, only.map { [$0] } ?? plan.sources(on: node), ends, streams)) }
            }
            for _ in 0..<Self.atOnce { addOne() }
            for await (node, result) in group {
                switch result {
                case .success(let report):
                    tree.add(
                        report.value.text, at: report.path,
                        from: FactSource("probes from \(report.source.text)", age: 0))
                case .failure(let unsent): tree.addMissing("\(EvidencePath.probes)\(node).json", because: unsent.reason)
                }
                addOne()
            }
        }
        return tree
    }

    struct Unsent: Error {
        var reason: String
    }

    /// The first pod that has a shell.
    private func report(
        _ node: String, _ sources: [ProbeSource],
        _ ends: [(address: IPAddress, port: UInt16, target: String, node: String)], _ streams: PodStreams
    ) async -> Result<ProbeReport, Unsent> {
        var reasons: [String] = []
        for source in sources {
            let probes = ends.isEmpty ? plan.probes(from: source) : plan.probes(from: source, to: ends)
            if probes.isEmpty { continue }
            let script = ProbeScript(probes)
            switch await execute(script.command, source, streams) {
            case .success(let output):
                let records = script.records(output)
                if records.allSatisfy({ $0.outcome == .couldNotRun }) {
                    reasons.append("\(source.text) has no program to probe with")
                    continue
                }
                return .success(ProbeReport(source, records))
            case .failure(let unsent): reasons.append(unsent.reason)
            }
        }
        let nothing = sources.isEmpty ? "no pod there can be probed from" : "nothing is known that could be asked"
        return .failure(Unsent(reason: reasons.first ?? nothing))
    }

    private func execute(
        _ words: [String], _ source: ProbeSource, _ streams: PodStreams
    ) async -> Result<String, Unsent> {
        let output = ProbeOutput()
        return await withTaskGroup(of: Result<String, Unsent>.self) { group in
            group.addTask {
                do throws(KubernetesFailure) {
                    let end = try await streams.exec(
                        ObjectKey(namespace: source.namespace, name: source.pod),
                        ExecOptions(words, container: source.container)
                    ) { await output.add($0) }
                    switch end {
                    case .exited(126), .exited(127): return .failure(Unsent(reason: "\(source.text) has no shell"))
                    case .exited: return .success(await output.text)
                    case .failed(let status):
                        let isMissing = status.message.contains("not found") || status.message.contains("no such file")
                        return .failure(
                            Unsent(
                                reason: isMissing ? "\(source.text) has no shell" : "\(source.text): \(status.message)")
                        )
                    }
                } catch {
                    if error.status?.code == 403 {
                        return .failure(
                            Unsent(reason: "create on pods/exec in \(source.namespace) was refused: \(error.sentence)"))
                    }
                    return .failure(Unsent(reason: "\(source.text): \(error.sentence)"))
                }
            }
            group.addTask {
                do { try await Task.sleep(for: Self.patience) } catch {}
                return .failure(Unsent(reason: "\(source.text) did not answer within 20 s"))
            }
            let first = await group.next() ?? .failure(Unsent(reason: "nothing was run"))
            group.cancelAll()
            return first
        }
    }
}

/// From where this program runs.
enum MachineProbes {
    static func report(_ plan: ProbePlan, node: String) -> ProbeReport {
        let source = ProbeSource.machine(node)
        let kinds: [PlannedProbe.Kind: Probe.Kind] = [.dns: .dns, .tcp: .connect, .echo: .icmp, .large: .icmpMTU]
        let records = plan.probes(from: source).map { planned in
            let result = Probe(kinds[planned.kind] ?? .connect, to: planned.address, port: planned.port)
                .run(patience: .seconds(3))
            return ProbeRecord(
                planned, outcome(result.outcome), detail: detail(result.outcome),
                command: ProbeScript.words(planned))
        }
        return ProbeReport(source, records)
    }

    private static func outcome(_ outcome: ProbeResult.Outcome) -> ProbeRecord.Outcome {
        switch outcome {
        case .reached, .wrongAnswer: .answered
        case .timedOut: .timedOut
        case .failed(_, "ECONNREFUSED"): .refused
        case .failed(.open, _): .couldNotRun
        case .failed: .failed
        }
    }

    private static func detail(_ outcome: ProbeResult.Outcome) -> String {
        if case .failed(let stage, let errno) = outcome { return "\(stage.rawValue): \(errno)" }
        return ""
    }
}

private actor ProbeOutput {
    private var bytes: [UInt8] = []
    private static let limit = 256 << 10

    var text: String { String(decoding: bytes, as: UTF8.self) }

    func add(_ piece: ExecOutput) {
        if case .output(let more) = piece, bytes.count < Self.limit { bytes += more }
    }
}
