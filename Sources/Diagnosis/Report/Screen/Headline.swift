import KubernetesModel

/// The first sentence: what is broken, where, since when, and how far it reaches.
struct Headline {
    private let report: DiagnosisReport
    private let entry: DiagnosisReport.Entry?
    private let explained: [Symptom]

    init(_ report: DiagnosisReport) {
        self.report = report
        entry = report.entries.first
        let ids = entry?.explains ?? []
        explained = report.symptoms.filter { ids.contains($0.id) }
    }

    var lines: [String] {
        switch report.status {
        case .findings: WrappedText.lines(effect) + WrappedText.lines(summary)
        case .healthy: WrappedText.lines("HEALTHY: \(ranText) found nothing.\(sizeText)")
        case .couldNotSay: WrappedText.lines(couldNotSay)
        }
    }

    // MARK: Findings

    /// What people see of the first cause; where nobody sees anything, the cause itself.
    private var effect: String {
        guard let entry else { return "" }
        let isOpen = entry.root.confidence < .certain && entry.root.possibilities.count { !$0.isRuledOut } > 1
        let what =
            Self.effect(of: explained, report.counts)
            ?? (isOpen ? "A message that may mean several things" : entry.root.title)
        var text = what + sinceText
        text += text.hasSuffix(".") ? "" : "."
        if let reach = reachText { text += " \(reach)." }
        return text
    }

    /// By the gravest kind of symptom.
    static func effect(of symptoms: [Symptom], _ counts: DiagnosisReport.Counts) -> String? {
        let order: [Symptom.Kind] = [
            .node, .sandbox, .schedule, .service, .probe, .ready, .image, .restarts, .terminate,
        ]
        guard let kind = order.first(where: { kind in symptoms.contains { $0.kind == kind } }) else { return nil }
        let own = symptoms.filter { $0.kind == kind }
        let one = own.count == 1 ? own[0].subject : nil
        let number = own.count
        switch kind {
        case .node:
            if let one { return "NODE \(one) IS NOT READY" }
            return number == counts.nodes
                ? "ALL \(number) NODES ARE NOT READY" : "\(number) OF \(counts.nodes) NODES ARE NOT READY"
        case .sandbox: return "NEW PODS DO NOT START" + whereText(own, counts)
        case .schedule: return "PODS WAIT FOR A NODE WHOSE NETWORK IS READY"
        case .service:
            return one.map { "SERVICE \($0) HAS NO READY ENDPOINT" } ?? "\(number) SERVICES HAVE NO READY ENDPOINT"
        case .ready:
            return (one.map { "POD \($0) IS NOT READY" } ?? "\(number) PODS ARE NOT READY") + whereText(own, counts)
        case .image: return "NEW PODS DO NOT GET THEIR IMAGE" + whereText(own, counts)
        case .restarts:
            return (one.map { "POD \($0) KEEPS RESTARTING" } ?? "\(number) PODS KEEP RESTARTING")
                + whereText(own, counts)
        case .probe:
            return "\(number) OF THE CONNECTIONS THAT WERE TRIED \(number == 1 ? "GETS" : "GET") NO ANSWER"
                + whereText(own, counts)
        case .terminate: return "PODS CANNOT BE TAKEN DOWN" + whereText(own, counts)
        }
    }

    private static func whereText(_ symptoms: [Symptom], _ counts: DiagnosisReport.Counts) -> String {
        let nodes = Set(symptoms.map(\.node)).subtracting([""]).sorted()
        if nodes.isEmpty { return "" }
        if nodes.count == 1 { return " on \(nodes[0])" }
        if nodes.count == counts.nodes { return " on all \(nodes.count) nodes" }
        return counts.nodes > 0 ? " on \(nodes.count) of \(counts.nodes) nodes" : " on \(nodes.count) nodes"
    }

    private var sinceText: String {
        guard let since = explained.compactMap(\.since).min() else { return "" }
        let clock = "\(Timestamp(seconds: since))"
        guard let now = report.now else { return " since \(clock)" }
        let day =
            now - since < 86_400
            ? String(clock.dropFirst(11).prefix(5)) : clock.prefix(10) + " " + clock.dropFirst(11).prefix(5)
        return " since \(day) UTC (\(WrappedText.duration(now - since)))"
    }

    private var reachText: String? {
        let pods = Set(explained.filter { ![.node, .service, .probe].contains($0.kind) }.map(\.subject)).count
        let services = explained.count { $0.kind == .service }
        let nodes = explained.count { $0.kind == .node }
        if explained.isEmpty, let there = report.podsThere {
            return "\(WrappedText.count(there, "pod")) \(there == 1 ? "runs" : "run") there"
        }
        let parts = [
            pods > 0 ? WrappedText.count(pods, "pod") : nil,
            services > 0 ? WrappedText.count(services, "service") : nil,
            nodes > 1 ? WrappedText.count(nodes, "node") : nil,
        ].compactMap { $0 }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }

    private var summary: String {
        guard let entry else { return "" }
        let number = report.entries.count
        let byConfidence = Confidence.allCases.reversed().compactMap { confidence -> String? in
            let count = report.entries.count { $0.root.confidence == confidence }
            return count > 0 ? "\(count) \(confidence.rawValue)" : nil
        }
        if entry.root.confidence < .certain {
            let left = entry.root.possibilities.filter { !$0.isRuledOut }
            let isOpen = left.count > 1 && number == 1
            let missing = Set(isOpen ? left.flatMap(\.needs) : report.entries.flatMap(\.root.needs)).count
            let facts = missing > 0 ? ", \(WrappedText.count(missing, "fact")) missing" : ""
            if isOpen { return "CAUSE NOT CERTAIN: \(left.count) possible\(facts)." }
            return "CAUSE NOT CERTAIN: \(byConfidence.joined(separator: ", "))\(facts)."
        }
        var text =
            number == 1
            ? "1 cause found, certain." : "\(number) causes found: \(byConfidence.joined(separator: ", "))."
        if let seconds = entry.root.fix?.seconds {
            text += " The first one's fix takes ~\(WrappedText.duration(Int64(seconds)))."
        }
        return text
    }

    // MARK: Nothing found

    private var ranText: String {
        let ran = report.outcomes.count { if case .ran = $0.state { true } else { false } }
        return WrappedText.count(ran, "check")
    }

    /// Where no check could look, that nothing was found says nothing.
    private var restText: String {
        let hasRun = report.outcomes.contains { if case .ran = $0.state { true } else { false } }
        return hasRun ? " \(ranText) found nothing in what could be read." : ""
    }

    private var sizeText: String {
        let counts = report.counts
        let parts = [
            counts.nodes > 0 ? WrappedText.count(counts.nodes, "node") : nil,
            counts.pods > 0 ? WrappedText.count(counts.pods, "pod") : nil,
            counts.services > 0 ? WrappedText.count(counts.services, "service") : nil,
            counts.machines > 0 ? WrappedText.count(counts.machines, "machine") + " looked into" : nil,
        ].compactMap { $0 }
        return parts.isEmpty ? "" : " \(parts.joined(separator: ", "))."
    }

    /// Where the same thing kept everything from being read it is said once: a server that is away, not each list.
    private static func refusals(_ reasons: [String]) -> String {
        let denied = reasons.filter { $0.contains(" was refused") }
        if !denied.isEmpty {
            let names = denied.compactMap { $0.split(separator: ":").first.map(String.init) }
            let user = denied.lazy.compactMap { AccessDenial($0)?.user }.first
            let others = reasons.filter { !denied.contains($0) }
            return "listing \(names.joined(separator: ", ")) was refused\(user.map { " to \($0)" } ?? "")"
                + (others.isEmpty ? "" : "; \(refusals(others))")
        }
        let tails = Set(reasons.map { reason in reason.components(after: ": list ") ?? reason })
        guard reasons.count > 1, tails.count == 1, let tail = tails.first else {
            return reasons.joined(separator: "; ")
        }
        let names = reasons.compactMap { $0.split(separator: ":").first.map(String.init) }
        let list = names.count > 2 ? names.joined(separator: ", ") : names.joined(separator: " and ")
        return "\(list) cannot be read: \(tail)"
    }

    private var couldNotSay: String {
        if !report.refused.isEmpty {
            return "CANNOT SAY: \(Self.refusals(report.refused)).\(restText)"
        }
        let left = report.unexplained.filter(\.isOfNetwork)
        if left.isEmpty, !report.limits.isEmpty {
            return "CANNOT SAY: \(report.limits.joined(separator: "; ")).\(restText)"
        }
        if !left.isEmpty {
            let effect = Self.effect(of: left, report.counts) ?? WrappedText.count(left.count, "symptom")
            return "\(effect). NO CAUSE FOUND: \(ranText) found nothing that explains it."
        }
        return "CANNOT SAY: no check could run on what was collected."
    }
}

extension String {
    /// What follows the first colon after `part`: `nodes: list nodes: cannot reach ...`, after ": list ", is `cannot
    /// reach ...`.
    fileprivate func components(after part: String) -> String? {
        guard let range = firstRange(of: part), let colon = self[range.upperBound...].firstRange(of: ": ") else {
            return nil
        }
        return String(self[colon.upperBound...])
    }
}
