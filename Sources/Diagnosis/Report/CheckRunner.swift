/// Runs checks where they apply and have what they need, and says of the others why they did not run.
struct CheckRunner: Sendable {
    struct Run: Sendable {
        var outcome: CheckOutcome
        var findings: [Diagnosis] = []
    }

    private let facts: FactBase
    /// Whether a cluster was asked at all.
    private let hasCluster: Bool

    init(_ facts: FactBase) {
        self.facts = facts
        hasCluster =
            facts.evidence.documents.keys.contains { $0.hasPrefix("cluster/") }
            || facts.evidence.missing.keys.contains { $0.hasPrefix("cluster/") }
    }

    /// - Parameter earlier: for a check that runs after others.
    func run(_ check: any Check, after earlier: EarlierFindings? = nil) -> Run {
        let ofMachines = check.needs.contains { $0.description.hasSuffix(" of machines") }
        func run(_ state: CheckOutcome.State, _ findings: [Diagnosis] = []) -> Run {
            Run(
                outcome: CheckOutcome(name: check.name, codes: check.codes, state: state, needsMachine: ofMachines),
                findings: findings)
        }
        if !check.applies(to: facts) {
            // Of what could not be read nobody knows whether it is there.
            let objects = check.needs.filter { !$0.description.hasSuffix(" of machines") }
            let unread = hasCluster ? objects.lazy.compactMap { facts.missing[$0] }.first : nil
            return run(unread.map { .notChecked(because: $0) } ?? .notApplicable)
        }
        if let reason = check.needs.lazy.compactMap({ facts.reasonMissing($0) }).first {
            return run(.notChecked(because: hasCluster || !Self.isAbsent(reason) ? reason : "no cluster was asked"))
        }
        let late = earlier.flatMap { earlier in (check as? any LateCheck).map { $0.findings(facts, after: earlier) } }
        let findings = late ?? check.findings(facts)
        return run(.ran(findings: findings.count), findings.map(DiagnosisReport.bounded))
    }

    private static func isAbsent(_ reason: String) -> Bool {
        ["nodes", "pods", "services"].contains { reason == "\($0) was not collected" }
    }
}
