import Findings
import JSONTree
import KubernetesModel

/// What is told step by step (a runbook, the way of a connection, what is looked at before an install), in the formats
/// of programs.
public struct StepList: Sendable {
    public enum State: String, Sendable, Hashable {
        case passed, failed
        case notChecked = "not-checked"
    }

    public struct Step: Sendable {
        public var name: String
        public var state: State
        /// What was found, or why it is not known.
        public var text: String
        /// Of the catalogue; empty where nothing is wrong or where it has none.
        public var codes: [String]

        public init(_ name: String, _ state: State, _ text: String = "", codes: [String] = []) {
            self.name = name
            self.state = state
            self.text = text
            self.codes = codes
        }
    }

    /// `poplin doctor why`
    public let name: String
    public let title: String
    public let steps: [Step]

    public init(_ name: String, _ title: String, _ steps: [Step]) {
        self.name = name
        self.title = title
        self.steps = steps
    }

    public var value: JSONValue {
        let steps: [JSONValue] = steps.map {
            [
                "name": .string($0.name), "state": .string($0.state.rawValue), "text": .string($0.text),
                "codes": .array($0.codes.map { .string($0) }),
            ]
        }
        return ["title": .string(title), "steps": .array(steps)]
    }

    /// - Parameter time: when it was observed, in seconds since 1970.
    public func junit(at time: Int64?) -> String {
        let cases = steps.map { step -> JUnitSuite.Case in
            let message = (step.codes + [step.text]).filter { !$0.isEmpty }.joined(separator: " ")
            return switch step.state {
            case .passed: .init(title, step.name, .passed)
            case .notChecked: .init(title, step.name, .skipped(message))
            case .failed: .init(title, step.name, .failed(kind: "failed", message: message, text: message))
            }
        }
        return JUnitSuite(name, at: time.map { "\(Timestamp(seconds: $0))" }, cases).text
    }

    /// SARIF 2.1.0: a result for each step that failed.
    public func sarif(version: String) -> JSONValue {
        let failed = steps.filter { $0.state == .failed }
        let results: [JSONValue] = failed.map { step in
            let text = [step.name, step.text].filter { !$0.isEmpty }.joined(separator: "\n")
            return [
                "ruleId": .string(step.codes.first ?? "poplin"), "level": "error", "message": ["text": .string(text)],
                "locations": [["logicalLocations": [["fullyQualifiedName": .string(title)]]]],
            ]
        }
        return SARIFLog.value(
            tool: name, version: version, codes: Set(failed.map { $0.codes.first ?? "poplin" }), results: results,
            open: steps.filter { $0.state == .notChecked }.map { "\($0.name) not checked: \($0.text)" })
    }

    /// The screen in one file that needs nothing else.
    public func html(_ screen: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(Markup.escaped(title))</title><style>\(DiagnosisReport.style)</style></head><body>
        <h1>\(Markup.escaped(title))</h1>
        <pre>\(Markup.escaped(screen))</pre>
        </body></html>
        """
    }
}

/// The frame of SARIF 2.1.0 (OASIS, sections 3.13, 3.14, 3.19, 3.20, 3.49 and 3.58).
enum SARIFLog {
    /// - Parameter open: what was not checked and why: a run without results may still have looked at little.
    static func value(
        tool: String, version: String, codes: Set<String>, results: [JSONValue], open: [String]
    ) -> JSONValue {
        let rules: [JSONValue] = codes.sorted().map { code in
            guard let cause = Cause.coded(code) else { return ["id": .string(code)] }
            return [
                "id": .string(code), "shortDescription": ["text": .string(cause.title)],
                "fullDescription": ["text": .string(cause.mechanism)],
            ]
        }
        let invocation: JSONValue = [
            "executionSuccessful": true,
            "toolExecutionNotifications": .array(
                open.map { ["level": "note", "message": ["text": .string($0)]] }),
        ]
        let driver: JSONValue = ["name": .string(tool), "version": .string(version), "rules": .array(rules)]
        return [
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0",
            "runs": [["tool": ["driver": driver], "invocations": [invocation], "results": .array(results)]],
        ]
    }
}

extension Runbook {
    public func stepList(_ report: DiagnosisReport) -> StepList {
        StepList(
            "poplin doctor runbook", title,
            states(report).map { step, state in
                switch state {
                case .passed: .init(step.question, .passed)
                case .notChecked(let reason): .init(step.question, .notChecked, reason)
                case .notApplicable: .init(step.question, .notChecked, "nothing of the kind here")
                case .failed(let findings):
                    .init(
                        step.question, .failed, findings.map(\.title).joined(separator: "; "),
                        codes: findings.map(\.code))
                }
            })
    }
}

extension PathTrace {
    public var stepList: StepList {
        StepList(
            "poplin doctor why", "\(source.text) to \(request.to):\(request.port)",
            steps.map { step in
                switch step.state {
                case .passed: .init(step.kind.rawValue, .passed, step.text)
                case .failed: .init(step.kind.rawValue, .failed, step.text, codes: step.codes)
                case .notChecked: .init(step.kind.rawValue, .notChecked, step.text)
                case .unreached: .init(step.kind.rawValue, .notChecked, "not reached")
                }
            })
    }
}
