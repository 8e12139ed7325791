import Findings
import Foundation
import JSONTree
import Testing

@testable import Diagnosis

/// The screens of a report, whole.
@Suite struct ReportScreenTests {
    private struct Fixed: Check {
        var name: String
        var codes: [String]
        var needs: [FactName] = []
        var found: [Diagnosis] = []

        func findings(_ facts: FactBase) -> [Diagnosis] { found }
    }

    private static let wrongAddress = Diagnosis(
        "RTE-02", "node-7 announces a VXLAN MAC that its flannel.1 does not have", .certain, at: ["Node/node-7"],
        evidence: [
            Diagnosis.Evidence(
                "announced  e6:7c:02:8e:e8:7e",
                from: FactSource("Node/node-7", command: "kubectl get nodes node-7 -o yaml"), span: 11..<28),
            Diagnosis.Evidence(
                "actual     ee:8d:cf:69:b3:7c",
                from: FactSource("node-7: ip -d link", command: "ip -d link", age: 9), span: 11..<28),
            Diagnosis.Evidence(
                "Nov 21 02:40:59 node-7 systemd-udevd[612]: flannel.1: the address was changed to ee:8d:cf:69:b3:7c by MACAddressPolicy\u{1B}[2J",
                from: FactSource("node-7: journalctl -k"), span: 81..<98),
        ],
        because: ["systemd-udevd rewrote the MAC after flannel had published it: MACAddressPolicy=persistent."],
        explains: Set((0..<31).map { Symptom.pod("shop", "web-\($0)", .sandbox) }),
        fix: Diagnosis.Fix(
            ["ip link set flannel.1 address e6:7c:02:8e:e8:7e"],
            undo: "ip link set flannel.1 address ee:8d:cf:69:b3:7c", risk: "nothing that works now is interrupted",
            seconds: 5),
        prevent: "write /etc/systemd/network/10-flannel.link with MACAddressPolicy=none",
        deadEnds: ["restarting CoreDNS, deleting NetworkPolicies: neither changes a MAC address."])

    private static let full = Diagnosis(
        "IPM-02", "node-3 has 13 of 254 pod addresses left", .likely, at: ["Node/node-3"],
        because: ["All 241 belong to live pods: nothing leaks."],
        fix: Diagnosis.Fix(["lower the load of node-3, or add a node"]), needs: ["the host-local store of node-3"])

    private static let symptoms =
        (0..<31).map {
            Symptom(.sandbox, "shop", "web-\($0)", on: "node-7", since: 1_795_228_860, detail: "does not start")
        } + [Symptom(.restarts, "default", "report-job", detail: "restarts (job 3 times, exit 137)")]

    private static func facts(nodes: Int = 12) -> FactBase {
        Evidence(at: "2026-11-21T02:53:00Z") { evidence in
            for index in 0..<nodes { evidence.objects("nodes", "{\"metadata\":{\"name\":\"node-\(index)\"}}") }
            evidence.objects("pods")
        }.facts
    }

    static func report(_ name: String) -> DiagnosisReport {
        let dns = Fixed(name: "DNS servers", codes: ["DNS-02"])
        let cloud = Fixed(name: "security groups", codes: ["AWS-02"], needs: [FactName("describe-security-groups")])
        let overlay = Fixed(name: "overlay", codes: ["RTE-02"], found: [wrongAddress])
        let addresses = Fixed(name: "ranges", codes: ["IPM-02"], found: [full])
        let checks: [any Check] =
            switch name {
            case "doctor-findings": [overlay, addresses, dns, cloud]
            case "doctor-uncertain": [addresses, dns]
            case "doctor-healthy": [dns, cloud]
            case "doctor-unexplained": [dns]
            default: [cloud]
            }
        let hasSymptoms = name != "doctor-healthy" && name != "doctor-nothing" && name != "doctor-uncertain"
        return DiagnosisReport(facts(), checks, symptoms: hasSymptoms ? symptoms : [])
    }

    static let names = [
        "doctor-findings", "doctor-uncertain", "doctor-healthy", "doctor-unexplained", "doctor-nothing",
    ]

    /// What is quoted is not broken by a shell, and JSON is not by a line end: a long document fits the screen all the same.
    @Test func longDocumentsInCommands() throws {
        let document =
            #"{"spec":{"egress":[{"to":[{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"kube-system, x"}}}]}]}}"#
        let lines = WrappedText.command(
            "kubectl patch netpol a --type merge -p '\(document)' -o yaml", label: "  fix      ")
        #expect(lines.count > 2 && lines.allSatisfy { $0.count <= ScreenStyle.columns }, "\(lines)")
        let text = lines.joined(separator: "\n")
        let start = try #require(text.firstIndex(of: "'"))
        let end = try #require(text.lastIndex(of: "'"))
        let quoted = text[text.index(after: start)..<end]
        let original = try JSONTree(parsing: document).root
        #expect(JSONValue(try JSONTree(parsing: String(quoted)).root) == JSONValue(original))
        #expect(text[end...] == "' -o yaml" || text[end...].hasPrefix("' \\\n"))
        // An apostrophe of a comment opens no quotation.
        let comment = WrappedText.command(
            "modprobe vxlan # it is missing where the kernel's extra modules are not installed, as on small images of clouds"
        )
        #expect(comment.count > 1 && comment.allSatisfy { $0.count <= ScreenStyle.columns }, "\(comment)")
    }

    @Test(arguments: names)
    func screen(_ name: String) throws {
        let text = ReportScreen(Self.report(name)).text
        for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
        #expect(!text.utf8.contains(0x1B))
        try expectScreen(text, name)
    }

    @Test func statuses() {
        let statuses = Self.names.map { Self.report($0).status }
        #expect(statuses == [.findings, .findings, .healthy, .couldNotSay, .couldNotSay])
    }

    @Test func withoutGlyphs() throws {
        let text = ReportScreen(Self.report("doctor-findings"), ScreenStyle(hasGlyphs: false)).text
        #expect(text.utf8.allSatisfy { $0 < 0x80 })
        #expect(ReportScreen(Self.report("doctor-findings"), ScreenStyle(isVerbose: true)).text.count > text.count)
    }

    @Test func formats() throws {
        let report = Self.report("doctor-findings")
        try expectScreen(String(decoding: report.value.serialized(indent: 2), as: UTF8.self), "doctor-findings-json")
        try expectScreen(report.junit, "doctor-findings-junit")
        let sarif = report.sarif(version: "0")
        #expect(sarif.at("runs")?.elements.first?.at("results")?.elements.count == 2)
        let html = report.html
        #expect(html.contains("<mark>ee:8d:cf:69:b3:7c</mark>"))
        for words in ["http", "<script", "src=", "@import", "\u{1B}"] { #expect(!html.contains(words), "\(words)") }
    }

    /// What is quoted of a log may hold what nobody should read in a ticket.
    @Test func secretsAreNotQuoted() throws {
        let line = "Get https://admin:hunter2@10.96.0.1/api?token=abcDEF123456hunter2: connection refused"
        let finding = Diagnosis(
            "API-03", "no answer to \(line)", .certain,
            evidence: [.init(line, marking: "connection refused", from: FactSource("log"))], because: [line])
        let report = DiagnosisReport(FactBase(), [Fixed(name: "x", codes: ["API-03"], found: [finding])])
        let shown = try #require(report.entries.first?.root.evidence.first)
        let marked = shown.span.map { String(Array(shown.text)[$0]) }
        #expect(marked == "connection refused")
        let texts = [
            ReportScreen(report).text, report.html, report.junit, report.value.text, report.sarif(version: "0").text,
        ]
        for text in texts { #expect(!text.contains("hunter2") && text.contains("REDACTED"), "\(text)") }
    }

    @Test func markupIsEscaped() {
        let finding = Diagnosis("RTE-02", "<img src=x onerror=y>&\"", .certain, evidence: [])
        let report = DiagnosisReport(FactBase(), [Fixed(name: "x", codes: ["RTE-02"], found: [finding])])
        #expect(!report.html.contains("<img"))
        #expect(!report.junit.contains("<img"))
    }

    @Test(arguments: [
        (["LANG": "C"], false), (["LANG": "en_GB.UTF-8"], true), (["LANG": "de", "LC_ALL": "C.utf8"], true),
    ])
    func locales(_ environment: [String: String], _ expected: Bool) {
        #expect(ScreenStyle.hasGlyphs { environment[$0] } == expected)
    }

    /// Commands to copy stay commands when they are broken.
    @Test func longCommandsAreBrokenForTheShell() {
        let command =
            "kubectl -n kube-system patch configmap coredns --type merge -p '{\"data\": {\"Corefile\": \"a b c\"}}' --dry-run=server"
        let lines = WrappedText.step(command, label: "  fix      ")
        #expect(lines.count > 1)
        #expect(lines.dropLast().allSatisfy { $0.hasSuffix(" \\") })
        let joined = lines.joined(separator: "\n").dropFirst(11).replacing(" \\\n             ", with: " ")
        #expect(joined == command)
    }
}

/// A screen, kept whole under Tests/Fixtures/Screens and compared whole. POPLIN_UPDATE_SNAPSHOTS=1 writes it anew.
func expectScreen(_ text: String, _ name: String) throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/Screens/\(name).txt")
    let text = text + "\n"
    if ProcessInfo.processInfo.environment["POPLIN_UPDATE_SNAPSHOTS"] == "1" {
        return try text.write(to: file, atomically: true, encoding: .utf8)
    }
    let kept = try String(contentsOf: file, encoding: .utf8)
    #expect(text == kept, "\(name).txt")
}
