/// A check that runs after all others and sees what they said: what reads messages, which are signs of causes that the
/// others can compute.
public protocol LateCheck: Check {
    func findings(_ facts: FactBase, after earlier: EarlierFindings) -> [Diagnosis]
}

extension LateCheck {
    public func findings(_ facts: FactBase) -> [Diagnosis] { findings(facts, after: EarlierFindings()) }
}

/// What the checks before said.
public struct EarlierFindings: Sendable {
    public let findings: [Diagnosis]
    /// Codes that were found, likely at least.
    public let found: Set<String>
    /// Codes that a check looked for with everything it needs, and did not find.
    public let ruledOut: Set<String>
    /// Symptoms that are explained already.
    public let explained: Set<String>

    public init(_ findings: [Diagnosis] = [], _ outcomes: [CheckOutcome] = []) {
        self.findings = findings
        let found = Set(findings.map(\.code))
        self.found = found
        var looked: Set<String> = []
        var couldNot: Set<String> = []
        for outcome in outcomes {
            switch outcome.state {
            case .ran: looked.formUnion(outcome.codes)
            case .notChecked: couldNot.formUnion(outcome.codes)
            case .notApplicable: continue
            }
        }
        ruledOut = looked.subtracting(couldNot).subtracting(found)
        explained = findings.reduce(into: Set<String>()) { $0.formUnion($1.explains) }
    }
}
