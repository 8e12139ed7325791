import Testing

@testable import Diagnosis

/// Facts to findings to a report: what is folded, what is left over, and what was not looked at.
@Suite struct ReportTests {
    private static let addresses = FactKey<String>("pod addresses")
    private static let rules = FactKey<String>("packet filter rules")

    private struct Fixed: Check {
        var name: String
        var codes: [String] { found.map(\.code) }
        var needs: [FactName]
        var found: [Diagnosis]

        func findings(_ facts: FactBase) -> [Diagnosis] { found }
    }

    private static func finding(
        _ code: String, _ confidence: Confidence = .certain, explains: Set<String> = []
    ) -> Diagnosis {
        Diagnosis(code, "title of \(code)", confidence, explains: explains)
    }

    @Test func consequencesAreFoldedUnderTheirCause() {
        let graph = CauseGraph(["A": ["B"], "B": ["C"]])
        let folded = graph.folded([
            Self.finding("C"), Self.finding("A"), Self.finding("X", .possible), Self.finding("B"),
        ])
        #expect(folded.map(\.root.code) == ["A", "X"])
        #expect(folded[0].consequences.map(\.code) == ["C", "B"])
        #expect(folded[1].consequences.isEmpty)
    }

    /// A guess does not hide what is certain.
    @Test func aGuessExplainsNothingSure() {
        let folded = CauseGraph(["A": ["B"]]).folded([Self.finding("A", .possible), Self.finding("B")])
        #expect(folded.map(\.root.code) == ["B", "A"])
    }

    @Test func circlesLoseNothing() {
        let folded = CauseGraph(["A": ["B"], "B": ["A"]]).folded([Self.finding("B"), Self.finding("A")])
        #expect(folded.map(\.root.code) == ["A"])
        #expect(folded[0].consequences.map(\.code) == ["B"])
    }

    @Test func theSurestAndTheWidestFirst() {
        let folded = CauseGraph([:]).folded([
            Self.finding("A", .likely), Self.finding("B", explains: ["x"]), Self.finding("C", explains: ["x", "y"]),
        ])
        #expect(folded.map(\.root.code) == ["C", "B", "A"])
    }

    @Test func whatCannotBeCheckedIsNeitherGoodNorBad() {
        var facts = FactBase()
        facts.add(Fact("10.0.0.1", from: FactSource("Node/a")), as: Self.addresses)
        facts.addMissing(Self.rules.erased, because: "no root")
        let checks: [any Check] = [
            Fixed(name: "addresses", needs: [Self.addresses.erased], found: []),
            Fixed(name: "filter", needs: [Self.addresses.erased, Self.rules.erased], found: [Self.finding("A")]),
        ]
        let report = DiagnosisReport(facts, checks)
        #expect(report.entries.isEmpty)
        #expect(
            report.outcomes == [
                CheckOutcome(name: "addresses", state: .ran(findings: 0)),
                CheckOutcome(name: "filter", state: .notChecked(because: "no root")),
            ])
        #expect(report.status == .healthy)
        // Nothing that could be looked at is no health.
        #expect(DiagnosisReport(FactBase(), checks).status == .couldNotSay)
        // An empty list is a fact.
        facts.addNothing(of: Self.rules)
        #expect(DiagnosisReport(facts, checks).status == .findings)
    }

    @Test func symptomsNobodyExplainsAreKept() {
        let checks: [any Check] = [Fixed(name: "one", needs: [], found: [Self.finding("A", explains: ["dns slow"])])]
        let report = DiagnosisReport(FactBase(), checks, symptoms: ["dns slow", "job restarts"])
        #expect(report.unexplained == ["job restarts"])
    }
}
