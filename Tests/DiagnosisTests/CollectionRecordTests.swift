import JSONTree
import Testing

@testable import Diagnosis

/// What a collection cost is in the evidence, on the screen and in the report for programs.
@Suite struct CollectionRecordTests {
    private static let record = CollectionRecord(
        requests: 214, requestBudget: 600, seconds: 4, deadline: 25,
        leftOut: ["logs and metrics of 436 of 500 network pods: the ailing are asked first"])

    private static var evidence: EvidenceTree {
        var tree = EvidenceTree(collectedAt: 1_795_230_000)
        tree.add(record.value.text, at: EvidencePath.collection, from: FactSource("requests"))
        return tree
    }

    @Test func itIsReadAsItWasWritten() {
        #expect(CollectionRecord(Self.evidence) == Self.record)
        #expect(CollectionRecord(EvidenceTree()) == nil)
    }

    @Test func itIsShown() {
        let report = DiagnosisReport(FactBase(reading: Self.evidence), [])
        let screen = ReportScreen(report).text
        #expect(screen.contains("Asked    214 of at most 600 API requests, 4 of at most 25 s"), "\(screen)")
        #expect(screen.contains("left out: logs and metrics of 436 of 500 network pods"), "\(screen)")
        let longest = screen.split(separator: "\n").map(\.count).max() ?? 0
        #expect(longest <= 80)
        #expect(report.value.at("collection", "requests") == .int(214))
        let silent = DiagnosisReport(FactBase(reading: EvidenceTree()), [])
        #expect(silent.value.member("collection") == nil)
    }
}
