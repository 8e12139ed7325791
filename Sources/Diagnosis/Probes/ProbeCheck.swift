import Addressing

/// What probes tell that objects and machines do not: which way answers and which does not. It runs after the checks
/// that compute: where one of them has found why, the probe is one more piece of its evidence.
struct ProbeCheck: LateCheck {
    let name = "probes"
    /// None: what it does not find is not ruled out, because only some ways were tried.
    let codes: [String] = []
    let needs: [FactName] = []

    func applies(to facts: FactBase) -> Bool { !facts.probes.isEmpty }

    private struct Loss {
        var source: ProbeSource
        var record: ProbeRecord
        var origin: FactSource

        var probe: PlannedProbe { record.probe }
        var symptom: String { Symptom(record, from: source).id }
        /// Both ends of the way, as far as they are known.
        var nodes: Set<String> { Set([source.node, probe.node]).subtracting([""]) }
        var isBetweenNodes: Bool { !probe.node.isEmpty && probe.node != source.node }

        var evidence: Diagnosis.Evidence {
            let words =
                record.outcome == .refused ? "refused" : record.outcome == .failed ? "no way there" : "no answer"
            return .init(
                "\(source.text) (\(source.node)) -> \(probe.target) \(probe.text): \(words)", marking: words,
                from: FactSource("probe from \(source.text)", command: record.command, age: origin.age))
        }
    }

    func findings(_ facts: FactBase, after earlier: EarlierFindings) -> [Diagnosis] {
        let reports = facts.probes
        var left = reports.flatMap { report in
            report.records.filter(\.isLost).map { Loss(source: report.source, record: $0, origin: report.origin) }
        }
        var findings: [Diagnosis] = []
        findings += Self.explained(&left, by: earlier)
        findings += Self.services(&left, reports)
        findings += Self.largePackets(&left, reports)
        findings += Self.betweenNodes(&left, reports)
        return findings
    }

    // MARK: What was found already

    private static func explained(_ left: inout [Loss], by earlier: EarlierFindings) -> [Diagnosis] {
        var findings: [Diagnosis] = []
        for finding in earlier.findings where finding.confidence >= .likely {
            guard let layer = Cause.coded(finding.code)?.layer else { continue }
            let own = left.filter { loss in
                layers(of: loss).contains(layer)
                    && loss.nodes.contains { node in finding.places.contains { isPlace($0, on: node) } }
            }
            guard !own.isEmpty else { continue }
            var copy = finding
            copy.explains = Set(own.map(\.symptom))
            copy.evidence = own.prefix(2).map(\.evidence)
            findings.append(copy)
            let symptoms = copy.explains
            left.removeAll { symptoms.contains($0.symptom) }
        }
        return findings
    }

    private static func isPlace(_ place: String, on node: String) -> Bool {
        place == node || place == "Node/\(node)" || place.hasPrefix("\(node):") || place.hasPrefix("Node/\(node) ")
    }

    private static func layers(of loss: Loss) -> Set<Cause.Layer> {
        if loss.probe.kind == .large { return [.mtu, .routing] }
        var layers: Set<Cause.Layer> = [.node, .routing, .bgp, .bpf, .aws, .azure, .gcp, .multiCluster, .addresses]
        if loss.probe.role.isService { layers.formUnion([.services, .dns]) }
        if loss.probe.kind == .dns { layers.insert(.dns) }
        return layers
    }

    // MARK: Services

    /// Servers answer at their own addresses, and the Service's address leads nowhere.
    private static func services(_ left: inout [Loss], _ reports: [ProbeReport]) -> [Diagnosis] {
        var lost: [Loss] = []
        var nodes: [String] = []
        var good: Diagnosis.Evidence?
        for report in reports {
            let own = left.filter { $0.source == report.source && $0.probe.role.isService }
            let answered = report.records.filter { $0.outcome == .answered }
            guard !own.isEmpty, !answered.contains(where: { $0.probe.role.isService }),
                let server = answered.first(where: { $0.probe.role == .dnsServer })
            else { continue }
            lost += own
            nodes.append(report.source.node)
            good =
                good
                ?? .init(
                    "\(report.source.text) (\(report.source.node)) -> \(server.probe.target) \(server.probe.text): answers",
                    from: FactSource(
                        "probe from \(report.source.text)", command: server.command, age: report.origin.age))
        }
        guard let first = lost.first, let good else { return [] }
        let symptoms = Set(lost.map(\.symptom))
        left.removeAll { symptoms.contains($0.symptom) }
        let places = Set(nodes).sorted()
        return [
            .of(
                "SVC-03", "On \(listed(places)) the addresses of Services lead nowhere", .likely,
                at: places.map { "Node/\($0)" }, evidence: lost.prefix(2).map(\.evidence) + [good],
                because: [
                    "pods answer there at their own addresses, and none of the Services that were asked does: "
                        + "\(first.source.node) does not translate them"
                ], explains: symptoms,
                needs: ["the rules for \(first.probe.address) on \(first.source.node): sudo poplin doctor node, there"])
        ]
    }

    // MARK: Size

    /// A small echo comes back from a pod and one of the MTU's size does not.
    private static func largePackets(_ left: inout [Loss], _ reports: [ProbeReport]) -> [Diagnosis] {
        let lost = left.filter { loss in
            loss.probe.kind == .large
                && reports.contains { report in
                    report.source == loss.source
                        && report.records.contains {
                            $0.probe.kind == .echo && $0.probe.address == loss.probe.address && $0.outcome == .answered
                        }
                }
        }
        guard let first = lost.first else { return [] }
        let symptoms = Set(lost.map(\.symptom))
        left.removeAll { symptoms.contains($0.symptom) }
        let nodes = lost.reduce(into: Set<String>()) { $0.formUnion($1.nodes) }.sorted()
        return [
            .of(
                "MTU-01", "Packets as large as the pods' MTU get lost, small ones arrive", .likely,
                at: nodes.map { "Node/\($0)" }, evidence: lost.prefix(3).map(\.evidence),
                because: [
                    "between \(first.source.text) and \(first.probe.target) an echo of 64 bytes comes back and one that "
                        + "fills the interface's MTU does not: something on the way takes less"
                ], explains: symptoms,
                needs: [
                    "the MTU of the cards and tunnels of \(listed(nodes)): poplin doctor --exec, or doctor node there"
                ])
        ]
    }

    // MARK: Between nodes

    /// Nothing between two nodes, while the same places answer on their own node.
    private static func betweenNodes(_ left: inout [Loss], _ reports: [ProbeReport]) -> [Diagnosis] {
        let ways = left.filter { $0.isBetweenNodes && $0.probe.kind != .large && $0.record.outcome != .refused }
        var pairs: [[String]: (lost: [Loss], answered: [ProbeRecord])] = [:]
        for report in reports {
            for record in report.records where !record.probe.node.isEmpty && record.probe.node != report.source.node {
                let key = [report.source.node, record.probe.node].sorted()
                if record.outcome == .answered || record.outcome == .refused {
                    pairs[key, default: ([], [])].answered.append(record)
                }
            }
        }
        for loss in ways { pairs[loss.nodes.sorted(), default: ([], [])].lost.append(loss) }
        let broken = pairs.filter { !$0.value.lost.isEmpty && $0.value.answered.isEmpty }
        var findings: [Diagnosis] = []
        if !broken.isEmpty {
            // The node that all broken ways have in common, if there is one.
            let shared = broken.keys.reduce(Set(broken.keys.first ?? [])) { $0.intersection($1) }
            let nodes = shared.count == 1 && broken.count > 1 ? Array(shared) : Set(broken.keys.joined()).sorted()
            let lost = broken.sorted { $0.key.lexicographicallyPrecedes($1.key) }.flatMap(\.value.lost)
            findings.append(between(nodes, lost, isAll: broken.count == pairs.count))
        }
        // TCP passes between two nodes and queries do not.
        let queries = pairs.filter { pair in
            !pair.value.answered.isEmpty && !pair.value.answered.contains { $0.probe.kind == .dns }
                && !pair.value.lost.isEmpty && pair.value.lost.allSatisfy { $0.probe.kind == .dns }
        }
        if let first = queries.values.first?.lost.first {
            let lost = queries.sorted { $0.key.lexicographicallyPrecedes($1.key) }.flatMap(\.value.lost)
            findings.append(
                .of(
                    "DNS-09", "DNS queries get lost between nodes that reach each other otherwise", .likely,
                    at: Set(queries.keys.joined()).sorted().map { "Node/\($0)" },
                    evidence: lost.prefix(3).map(\.evidence),
                    because: [
                        "\(first.source.text) opens TCP connections to \(first.probe.node), and UDP to port "
                            + "\(first.probe.port) there gets no answer"
                    ], explains: Set(lost.map(\.symptom))))
        }
        let symptoms = findings.reduce(into: Set<String>()) { $0.formUnion($1.explains) }
        left.removeAll { symptoms.contains($0.symptom) }
        return findings
    }

    private static func between(_ nodes: [String], _ lost: [Loss], isAll: Bool) -> Diagnosis {
        let title =
            nodes.count == 1
            ? "Pods on \(nodes[0]) do not reach those of other nodes"
            : isAll
                ? "Pods of different nodes do not reach each other" : "Pods of \(listed(nodes)) do not reach each other"
        return .of(
            "RTE-01", title, .likely, at: nodes.map { "Node/\($0)" }, evidence: lost.prefix(3).map(\.evidence),
            because: [
                "nothing that was sent between these nodes came back, and policies allow it: the network between them "
                    + "does not carry it, or a node has no way for it"
            ], explains: Set(lost.map(\.symptom)),
            needs: [
                "tunnels, routes and rules of \(listed(nodes)): poplin doctor --exec --probe, or sudo poplin doctor node there"
            ])
    }
}
