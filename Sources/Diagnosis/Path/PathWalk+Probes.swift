import Addressing
import Policy

/// What probes of exactly this way tell: they decide what objects and machines leave open.
extension PathWalk {
    /// The Service's address and up to four places behind it, of TCP connections.
    var ends: [(address: IPAddress, port: UInt16, target: String, node: String)] {
        guard request.transport == .tcp else { return [] }
        var ends: [(address: IPAddress, port: UInt16, target: String, node: String)] = []
        if case .service(let id) = destination, let entry = map.entries.first(where: { $0.id == id }),
            !entry.isHeadless,
            let address = entry.addresses.first,
            let port = entry.ports.first(where: { $0.name == request.port || "\($0.number)" == request.port }),
            let number = UInt16(exactly: port.number)
        {
            ends.append((address, number, "Service \(id)", ""))
        }
        for backend in backends.prefix(4) {
            guard let port = UInt16(exactly: backend.port) else { continue }
            ends.append((backend.address, port, backend.pod?.id ?? "\(backend.address)", backend.pod?.node ?? ""))
        }
        return ends
    }

    mutating func addProbes() {
        guard let report = facts.probes.first(where: { $0.source.text == source.text }) else { return }
        addNames(report)
        let asked = report.records.filter { $0.probe.role == .asked && $0.outcome != .couldNotRun }
        let direct = asked.filter { !$0.probe.target.hasPrefix("Service ") }
        if !direct.isEmpty { addConnections(direct, report) }
        if let service = asked.first(where: { $0.probe.target.hasPrefix("Service ") }),
            service.isLost || service.outcome == .refused,
            direct.contains(where: { $0.outcome == .answered })
        {
            set(
                .service, .failed, "\(service.probe.text) gets no answer, and what is behind it does", service, report,
                ["SVC-03"])
        }
    }

    private mutating func addNames(_ report: ProbeReport) {
        let servers = report.records.filter { $0.probe.role == .dnsServer && $0.outcome != .couldNotRun }
        let service = report.records.first { $0.probe.role == .dnsService && $0.outcome != .couldNotRun }
        guard let place = steps.firstIndex(where: { $0.kind == .resolve }), steps[place].state == .passed,
            !servers.isEmpty || service != nil, IPAddress(request.to) == nil
        else { return }
        let byPod = servers.contains { !$0.isLost }
        let byService = service.map { !$0.isLost }
        if byPod, byService ?? true {
            steps[place].text +=
                byService == nil ? " (asked by pod IP: answers)" : " (asked by pod IP and by ClusterIP: both answer)"
        } else if let service, byPod {
            set(
                .resolve, .failed, "DNS answers at its pods' addresses and not at \(service.probe.text)", service,
                report, ["SVC-03"])
        } else if let first = servers.first(where: \.isLost) ?? service {
            set(
                .resolve, .failed, "DNS does not answer \(source.text): \(first.probe.target) at \(first.probe.text)",
                first, report, [])
        }
    }

    private mutating func addConnections(_ records: [ProbeRecord], _ report: ProbeReport) {
        if let open = records.first(where: { $0.outcome == .answered }) {
            for kind in [PathTrace.Step.Kind.route, .listener, .reply] {
                guard let place = steps.firstIndex(where: { $0.kind == kind }), steps[place].state == .notChecked else {
                    continue
                }
                set(kind, .passed, "a connection to \(open.probe.text) was opened (probe)", open, report, [])
            }
            return
        }
        guard let first = records.first else { return }
        if first.outcome == .refused {
            set(.listener, .failed, "\(first.probe.text) refuses: nobody listens there", first, report, ["SVC-02"])
        } else if !steps.contains(where: { $0.state == .failed }) {
            set(.route, .failed, "nothing comes back from \(first.probe.text)", first, report, [])
        }
    }

    private mutating func set(
        _ kind: PathTrace.Step.Kind, _ state: PathTrace.Step.State, _ text: String, _ record: ProbeRecord,
        _ report: ProbeReport, _ codes: [String]
    ) {
        guard let place = steps.firstIndex(where: { $0.kind == kind }), steps[place].state != .failed else { return }
        let words = record.outcome == .answered ? "answers" : record.outcome == .refused ? "refused" : "no answer"
        var step = PathTrace.Step(
            kind, state, text, details: steps[place].details,
            evidence: [
                .init(
                    "\(source.text) -> \(record.probe.text): \(words)",
                    from: FactSource("probe from \(source.text)", command: record.command, age: report.origin.age))
            ], codes: codes)
        step.evidence += steps[place].evidence
        steps[place] = step
    }
}

extension PathTrace {
    /// Where to send from and to, to try exactly this way; nil where it does not begin in a pod.
    public func probeEnds(_ plan: ProbePlan)
        -> (source: ProbeSource, ends: [(address: IPAddress, port: UInt16, target: String, node: String)])?
    {
        guard case .pod(let pod) = source, let place = plan.source(pod.namespace, pod.name), !ends.isEmpty else {
            return nil
        }
        return (place, ends)
    }
}
