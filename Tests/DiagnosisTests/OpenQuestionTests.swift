import Findings
import JSONTree
import Testing

@testable import Diagnosis

/// What was not looked at, with the exact command; messages with several causes; steps in the formats of programs.
@Suite struct OpenQuestionTests {
    private static func node(_ identity: String) -> String {
        #"{"metadata":{"name":"node-1"},"spec":{"providerID":"\#(identity)"},"status":{"conditions":[{"type":"Ready","status":"True"}]}}"#
    }

    @Test(
        arguments: [
            (
                "aws:///eu-west-1a/i-0abc", OpenQuestion.Subject.aws,
                "aws ec2 describe-subnets --region eu-west-1 --output json"
            ),
            (
                "azure:///subscriptions/0-1/resourceGroups/mc_shop/providers/Microsoft.Compute/x", .azure,
                "az network nsg list --subscription 0-1 -o json"
            ),
            (
                "gce://shop-prod/europe-west1-b/n1", .gcp,
                "gcloud compute firewall-rules list --project shop-prod --format=json"
            ),
        ])
    func theExactCommand(_ identity: String, _ subject: OpenQuestion.Subject, _ command: String) {
        let questions = OpenQuestion.all(Evidence { $0.objects("nodes", Self.node(identity)) }.facts)
        let asked = questions.first { $0.subject == subject }
        #expect(asked?.command.contains(command) == true, "\(questions)")
        #expect(asked?.command.hasSuffix("| poplin doctor --\(subject.rawValue) -") == true)
        #expect(questions.contains { $0.command == "poplin doctor --probe" })
    }

    /// A name that is no name does not get into a command.
    @Test func namesAreNotTrusted() {
        let facts = Evidence { $0.objects("nodes", Self.node("aws:///$(reboot)a/i-0")) }.facts
        #expect(OpenQuestion.all(facts).allSatisfy { !$0.command.contains("reboot") })
    }

    @Test func whatWasHandedInIsNotAskedFor() {
        let facts = Evidence { evidence in
            evidence.objects("nodes", Self.node("aws:///eu-west-1a/i-0abc"))
            evidence.document("cloud/aws/describe-subnets.json", #"{"Subnets":[]}"#)
        }.facts
        let rest = OpenQuestion.all(facts).first { $0.subject == .aws }?.command ?? ""
        #expect(rest.contains("describe-instances") && !rest.contains("describe-subnets"), "\(rest)")
        let all = Evidence { evidence in
            evidence.objects("nodes", Self.node("aws:///eu-west-1a/i-0abc"))
            for operation in CloudAnswer.used { evidence.document("cloud/aws/\(operation).json", "{}") }
        }.facts
        #expect(!OpenQuestion.all(all).contains { $0.subject == .aws })
    }

    // MARK: When it does not know

    private static let line = "add cmd: failed to assign an IP address to container"

    private static let possibilities = [
        Diagnosis.Possibility("AWS-02", needs: ["free addresses of the subnet"]),
        Diagnosis.Possibility("AWS-03", needs: ["free addresses of the subnet"]),
        Diagnosis.Possibility("AWS-01", isRuledOut: true), Diagnosis.Possibility("AWS-06", isRuledOut: true),
    ]

    /// The line, what it means, what is ruled out, what is left, what decides, what to type: in this order.
    private static func expectUncertain(_ text: String, _ sourceLocation: SourceLocation = #_sourceLocation) {
        var rest = text[...]
        for words in [
            "CAUSE NOT CERTAIN: 2 possible, 1 fact missing.", "  line   \(line)",
            "  means  this line alone means AWS-02, AWS-03, AWS-01 or AWS-06",
            "         ruled out: AWS-01, AWS-06, looked for and not there", "  left   AWS-02 ",
            "           need  free addresses of the subnet", "         AWS-03 ", "  next   aws ec2 describe-",
        ] {
            guard let found = rest.firstRange(of: words) else {
                Issue.record("\(words) is not there, or not in its place:\n\(text)", sourceLocation: sourceLocation)
                return
            }
            rest = rest[found.upperBound...]
        }
        for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)", sourceLocation: sourceLocation) }
    }

    @Test func aMessageWithSeveralCauses() throws {
        var finding = Diagnosis(
            "AWS-02", "x", .possible, evidence: [.init(Self.line, from: FactSource("kubelet (38 times)"))])
        finding.possibilities = Self.possibilities
        let report = DiagnosisReport(FactBase(), [One(found: finding)])
        Self.expectUncertain(ReportScreen(report).text)
        #expect(report.value.at("causes")?.elements.first?.at("possibilities")?.elements.count == 4)
    }

    /// Of what the reader of messages says of a real line.
    @Test func aRealMessage() throws {
        let facts = Evidence { $0.document("logs/kubelet.log", Self.line) }.facts
        let text = ReportScreen(DiagnosisReport(facts, CheckList.all)).text
        let explained = ExplainScreen().message(Self.line, LogReader.causes(of: Self.line))
        for screen in [text, explained] {
            #expect(screen.contains("CAUSE NOT CERTAIN"), "\(screen)")
            #expect(screen.contains("  next   "), "\(screen)")
            for line in screen.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
        }
    }

    @Test func aMessageWithOne() throws {
        let line = "failed to find plugin \"loopback\" in path [/opt/cni/bin]"
        let text = ExplainScreen().message(line, LogReader.causes(of: line))
        #expect(text.hasPrefix("This means INS-03: "), "\(text)")
        #expect(text.contains("  line     failed to find plugin"))
        #expect(text.hasSuffix("explain: poplin explain INS-03"))
        let code = ExplainScreen().code(try #require(Cause.coded("POL-06")))
        #expect(code.hasPrefix("POL-06  Empty policyTypes\n  An empty"), "\(code)")
    }

    private struct One: Check {
        let name = "one"
        let codes = ["RTE-02"]
        let needs: [FactName] = []
        let found: Diagnosis
        func findings(_ facts: FactBase) -> [Diagnosis] { [found] }
    }

    /// Names may be as long as the API lets them.
    @Test func longNames() {
        let name = String(repeating: "a-very-long-name-", count: 15)
        let finding = Diagnosis(
            "RTE-02", "\(name) announces a MAC that \(name) does not have", .certain, at: ["Node/\(name)"],
            evidence: [.init("announced \(name)", from: FactSource("Node/\(name)"))], because: [name],
            fix: .init(["mend \(name)"], undo: name, risk: name), prevent: name, deadEnds: [name])
        let report = DiagnosisReport(FactBase(), [One(found: finding)])
        for line in ReportScreen(report).text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
        for line in Runbook.all[2].screen(report).split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    }

    // MARK: Formats

    @Test func steps() throws {
        let list = StepList(
            "poplin doctor why", "a <to> b",
            [
                .init("resolve", .passed), .init("route", .failed, "no \"way\"", codes: ["RTE-04"]),
                .init("mtu", .notChecked, "x"),
            ])
        let junit = list.junit(at: 1_700_000_000)
        #expect(junit.contains("tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"1\""))
        #expect(junit.contains("timestamp=\"2023-11-14T22:13:20\""))
        #expect(junit.contains("RTE-04 no &quot;way&quot;"))
        #expect(list.html("a < b").contains("a &lt; b") && !list.html("").contains("<script"))
        try expectSARIF(list.sarif(version: "0"))
        let finding = Diagnosis("RTE-02", "x", .likely, at: ["Node/n"])
        try expectSARIF(DiagnosisReport(FactBase(), [One(found: finding)]).sarif(version: "0"))
    }

    /// What the schema of SARIF 2.1.0 requires: version and runs; tool.driver.name; of a result its message with a text;
    /// of a rule its id; a level of four; and every ruleId is a rule's.
    private func expectSARIF(_ log: JSONValue) throws {
        let root = try JSONTree(parsing: log.serialized()).root
        #expect(root.member("version")?.string == "2.1.0")
        let run = try #require(root.member("runs")?[0])
        #expect(run.at("tool", "driver", "name")?.string?.isEmpty == false)
        let rules = run.at("tool", "driver", "rules")?.elements.compactMap { $0.member("id")?.string } ?? []
        let results = try #require(run.member("results"))
        #expect(results.count > 0)
        for result in results.elements {
            #expect(result.at("message", "text")?.string?.isEmpty == false)
            #expect(["none", "note", "warning", "error"].contains(result.member("level")?.string))
            #expect(rules.contains(result.member("ruleId")?.string ?? ""))
        }
    }
}
