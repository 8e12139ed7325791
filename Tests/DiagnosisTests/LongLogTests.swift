import Testing

@testable import Diagnosis

/// Whole logs that somebody hands in: what passed while the program went on is over, what stays is told.
@Suite struct LongLogTests {
    private static let refused =
        #"E0803 06:08:21.084427 1 reflector.go:158] Failed to watch *v1.Node: Get "https://10.96.0.1:443/api/v1/nodes": dial tcp 10.96.0.1:443: connect: connection refused"#
    private static let ordinary = "I0803 06:08:22.000001 1 kube.go:510] Skip setting NodeNetworkUnavailable"

    private static func codes(_ lines: [String]) -> [String] {
        let text = lines.joined(separator: "\n") + "\n"
        let evidence = Evidence { $0.document("logs/a.log", text) }
        return DiagnosisReport(evidence.facts, [MessageCheck()]).entries.map(\.root.code)
    }

    private static func days(_ count: Int) -> [String] { [String](repeating: ordinary, count: count) }

    @Test func restartOfTheServer() {
        let said = Self.codes(Self.days(30) + [Self.refused, Self.refused] + Self.days(60))
        #expect(said.isEmpty, "\(said)")
    }

    @Test func untilTheEnd() {
        let said = Self.codes(Self.days(80) + [Self.refused, Self.refused])
        #expect(said.first == "API-03", "\(said)")
    }

    /// A message of a few lines is what somebody asks about, whatever follows.
    @Test func fewLines() {
        let said = Self.codes([Self.refused] + Self.days(5))
        #expect(said.first == "API-03", "\(said)")
    }

    /// What is wrong with a file or a range does not pass.
    @Test(arguments: [
        (
            #"E0803 06:08:21.0 1 x.go:1] failed to allocate for range 0: no IP addresses available in range set: 10.1.0.1-10.1.0.254"#,
            "IPM-03"
        ),
        (
            #"F0803 06:08:21.0 1 x.go:1] nodes is forbidden: User "system:serviceaccount:kube-flannel:flannel" cannot list resource "nodes" in API group "" at the cluster scope"#,
            "API-02"
        ),
    ])
    func whatStays(_ line: String, _ code: String) {
        let said = Self.codes(Self.days(10) + [line] + Self.days(90))
        #expect(said.contains(code), "\(said)")
    }

    /// What a program calls information, and warnings that name no mechanism.
    @Test func information() {
        let lines = [
            "2026-08-03 06:00:26.126 [INFO][9] startup.go 452: Hit error connecting to datastore - retry error=Get \"https://10.96.0.1:443/\": dial tcp 10.96.0.1:443: connect: connection refused",
            "W0803 06:08:21.084427 1 client_config.go:618] Neither --kubeconfig nor --master was specified.",
        ]
        let said = Self.codes(Self.days(60) + lines)
        #expect(said.isEmpty, "\(said)")
    }
}
