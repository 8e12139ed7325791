import Findings
import JSONTree
import KubernetesModel

/// The formats of continuous integration.
extension DiagnosisReport {
    // MARK: JUnit

    /// A test case for each check: failed by its causes, skipped where it could not look.
    public var junit: String {
        // Whoever reads these keeps cases apart by their names, which several checks may share.
        let names = Dictionary(grouping: outcomes.filter { $0.state != .notApplicable }, by: \.name)
        var cases = outcomes.compactMap { outcome -> JUnitSuite.Case? in
            let group = outcome.layer?.title ?? "doctor"
            let isShared = (names[outcome.name]?.count ?? 0) > 1 && !outcome.codes.isEmpty
            let name = isShared ? "\(outcome.name) (\(outcome.codes.joined(separator: ", ")))" : outcome.name
            return switch outcome.state {
            case .notApplicable: nil
            case .notChecked(let reason): .init(group, name, .skipped(reason))
            case .ran: .init(group, name, .passed)
            }
        }
        cases += entries.flatMap(\.all).map { finding in
            let text =
                [finding.confidence.rawValue] + finding.because + (finding.fix?.steps.map { "fix: \($0)" } ?? [])
            return .init(
                finding.code, finding.title,
                .failed(
                    kind: finding.confidence.rawValue, message: finding.title, text: text.joined(separator: "\n")))
        }
        let time = now.map { "\(Timestamp(seconds: $0))" }
        return JUnitSuite("poplin doctor", at: time, cases, output: [headline] + notChecked).text
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
        return unchecked + notChecked
    }

    /// What no check tells.
    private var notChecked: [String] {
        notes + unexplained.map { "not explained: \($0.text)" } + unsentProbes
            + (denied?.lines().map { "refused: \($0)" } ?? [])
            + open.map { "\($0.text) not looked at: \($0.command)" } + unserved + limits + problems.map(\.message)
    }

    private static func sarif(_ finding: Diagnosis) -> JSONValue {
        let level =
            switch finding.confidence {
            case .certain: "error"
            case .likely: "warning"
            case .possible: "note"
            }
        let text = [finding.title] + finding.because + (finding.fix?.steps.map { "fix: \($0)" } ?? [])
        // Each once: the schema has a set of them.
        var seen: Set<String> = []
        let places: [JSONValue] = finding.places.filter { seen.insert($0).inserted }.map {
            ["fullyQualifiedName": .string($0)]
        }
        return [
            "ruleId": .string(finding.code), "level": .string(level),
            "message": ["text": .string(text.joined(separator: "\n"))],
            "locations": places.isEmpty ? [] : [["logicalLocations": .array(places)]],
        ]
    }
}
