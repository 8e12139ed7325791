import Testing

@testable import Diagnosis

/// Messages: read where somebody asks or something ails, decided by the line or by what the other checks saw.
@Suite struct MessageCheckTests {
    private struct Fixed: Check {
        var name: String
        var codes: [String]
        var needs: [FactName] = []
        var found: [Diagnosis] = []

        func findings(_ facts: FactBase) -> [Diagnosis] { found }
    }

    private static let loopback =
        "plugin type=\"bridge\" failed (add): failed to find plugin \"portmap\" in path [/opt/cni/bin]"
    private static let assign = "add cmd: failed to assign an IP address to container"

    private static func report(_ text: String, _ others: Fixed..., at path: String = "logs/a.log") -> DiagnosisReport {
        let evidence = Evidence { $0.document(path, "all is well\n\(text)\nall is well\n") }
        return DiagnosisReport(evidence.facts, others + [MessageCheck()])
    }

    @Test func theLineAlone() {
        let entry = Self.report(Self.loopback).entries.first
        #expect(entry?.root.code == "INS-03")
        #expect(entry?.root.confidence == .certain)
        #expect(entry?.root.evidence.first?.text == Self.loopback)
    }

    /// Screen 3: several causes, one ruled out, one fact missing.
    @Test func whatOthersLookedForIsRuledOut() throws {
        let codes = LogReader.causes(of: Self.assign).map(\.code)
        try #require(codes.count > 2)
        let plain = Self.report(Self.assign).entries.first?.root
        #expect(plain?.code == codes[0])
        #expect(plain.map { $0.confidence < .certain && !$0.needs.isEmpty } ?? false)
        let narrowed = Self.report(Self.assign, Fixed(name: "limits", codes: [codes[0]])).entries.first?.root
        #expect(narrowed?.code == codes[1])
        #expect(narrowed?.because.contains("ruled out by what was looked at: \(codes[0])") ?? false)
        // A check that could not look rules nothing out.
        let blind = Self.report(Self.assign, Fixed(name: "limits", codes: [codes[0]], needs: [FactName("x")]))
        #expect(blind.entries.first?.root.code == codes[0])
        // What was computed is not said twice.
        let found = Diagnosis(codes[1], "computed", .certain)
        let known = Self.report(Self.assign, Fixed(name: "subnets", codes: [codes[1]], found: [found]))
        #expect(known.entries.map(\.root) == [found])
    }

    /// Old errors of a cluster in which nothing ails mean nothing.
    @Test func logsOfAHealthyClusterAreNotRead() {
        #expect(Self.report(Self.loopback, at: "cluster/logs/kube-system/agent/agent.log").entries.isEmpty)
    }

    /// UTF-16, as PowerShell redirects write it.
    @Test func otherEncodings() {
        var tree = EvidenceTree()
        let wide = Array((Self.loopback + "\n").utf16).flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        tree.add(EvidenceTree.Document([0xFF, 0xFE] + wide, from: FactSource("x")), at: "logs/a.log")
        let report = DiagnosisReport(FactBase(reading: tree), [MessageCheck()])
        #expect(report.entries.first?.root.code == "INS-03")
    }
}
