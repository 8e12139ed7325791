/// What a run of checks says: the causes, what follows from them, what nothing explains, and what was not looked at.
public struct DiagnosisReport: Sendable {
    public struct Entry: Sendable {
        public var root: Diagnosis
        public var consequences: [Diagnosis]
    }

    public let entries: [Entry]
    public let outcomes: [CheckOutcome]
    /// Symptoms of the facts that no finding explains.
    public let unexplained: [String]

    /// - Parameter symptoms: what people see, by the names findings use in ``Diagnosis/explains``.
    public init(
        _ facts: FactBase, _ checks: [any Check], symptoms: [String] = [], graph: CauseGraph = .standard
    ) {
        var found: [Diagnosis] = []
        var outcomes: [CheckOutcome] = []
        for check in checks {
            if !check.applies(to: facts) {
                outcomes.append(CheckOutcome(name: check.name, state: .notApplicable))
                continue
            }
            if let reason = check.needs.lazy.compactMap({ facts.reasonMissing($0) }).first {
                outcomes.append(CheckOutcome(name: check.name, state: .notChecked(because: reason)))
                continue
            }
            let findings = check.findings(facts).map(Self.bounded)
            outcomes.append(CheckOutcome(name: check.name, state: .ran(findings: findings.count)))
            found += findings
        }
        entries = graph.folded(found).map { Entry(root: $0.root, consequences: $0.consequences) }
        self.outcomes = outcomes
        let explained = found.reduce(into: Set<String>()) { $0.formUnion($1.explains) }
        unexplained = symptoms.filter { !explained.contains($0) }
    }

    /// No check is surer than the catalogue: where its row says that other causes look the same, a finding is likely at
    /// most, and says what would decide.
    static func bounded(_ finding: Diagnosis) -> Diagnosis {
        guard finding.confidence == .certain, let cause = Cause.coded(finding.code), !cause.isDecisive else {
            return finding
        }
        var finding = finding
        finding.confidence = .likely
        if finding.needs.isEmpty, !cause.shows.isEmpty { finding.needs = [cause.shows] }
        return finding
    }

    public enum Status: Sendable, Hashable { case healthy, findings, couldNotSay }

    /// Nothing found is healthy only when at least one check could look.
    public var status: Status {
        if !entries.isEmpty { return .findings }
        let ran = outcomes.contains { if case .ran = $0.state { true } else { false } }
        return ran && unexplained.isEmpty ? .healthy : .couldNotSay
    }
}
