import Findings
import JSONTree

/// The formats of continuous integration.
extension DiagnosisReport {
    // MARK: JUnit

    /// A test case for each check: failed by its causes, skipped where it could not look.
    public var junit: String {
        var cases: [String] = []
        for outcome in outcomes {
            let head =
                "  <testcase classname=\"\(Markup.escaped(outcome.layer?.title ?? "doctor"))\" name=\"\(Markup.escaped(outcome.name))\""
            switch outcome.state {
            case .notApplicable: continue
            case .notChecked(let reason):
                cases.append("\(head)><skipped message=\"\(Markup.escaped(reason))\"/></testcase>")
            case .ran: cases.append("\(head)/>")
            }
        }
        let findings = entries.flatMap(\.all)
        cases += findings.map { finding in
            let text =
                ([finding.confidence.rawValue] + finding.because + (finding.fix?.steps.map { "fix: \($0)" } ?? []))
            return """
                  <testcase classname="\(Markup.escaped(finding.code))" name="\(Markup.escaped(finding.title))">
                    <failure type="\(finding.confidence.rawValue)" message="\(Markup.escaped(finding.title))">\(Markup.escaped(text.joined(separator: "\n")))</failure>
                  </testcase>
                """
        }
        let skipped = outcomes.count { if case .notChecked = $0.state { true } else { false } }
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuite name="poplin doctor" tests="\(cases.count)" failures="\(findings.count)" errors="0" skipped="\(skipped)">
            \(cases.joined(separator: "\n"))
            </testsuite>
            """
    }

    // MARK: SARIF 2.1.0

    public func sarif(version: String) -> JSONValue {
        let findings = entries.flatMap(\.all)
        return SARIFLog.value(
            tool: "poplin doctor", version: version, codes: Set(findings.map(\.code)),
            results: findings.map(Self.sarif), open: openTexts)
    }

    private var openTexts: [String] {
        let unchecked = outcomes.compactMap { outcome -> String? in
            guard case .notChecked(let reason) = outcome.state else { return nil }
            return "\(outcome.name) not checked: \(reason)"
        }
        return notes + unexplained.map { "not explained: \($0.text)" } + unchecked + unsentProbes
            + (denied?.lines().map { "refused: \($0)" } ?? [])
            + open.map { "\($0.text) not looked at: \($0.command)" } + limits + problems.map(\.message)
    }

    private static func sarif(_ finding: Diagnosis) -> JSONValue {
        let level =
            switch finding.confidence {
            case .certain: "error"
            case .likely: "warning"
            case .possible: "note"
            }
        let text = [finding.title] + finding.because + (finding.fix?.steps.map { "fix: \($0)" } ?? [])
        let places: [JSONValue] = finding.places.map { ["fullyQualifiedName": .string($0)] }
        return [
            "ruleId": .string(finding.code), "level": .string(level),
            "message": ["text": .string(text.joined(separator: "\n"))],
            "locations": places.isEmpty ? [] : [["logicalLocations": .array(places)]],
        ]
    }
}
