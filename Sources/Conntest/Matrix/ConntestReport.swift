import Addressing
import Findings
import JSONTree

/// Results by test, as text, JSON and JUnit.
public struct ConntestReport: Sendable {
    public struct Test: Sendable {
        public var name: String
        public var results: [ActionResult]

        public var failed: [ActionResult] { results.filter { !$0.isPassed && !$0.isUnknown } }
        public var unknown: [ActionResult] { results.filter(\.isUnknown) }
        public var isPassed: Bool { results.allSatisfy(\.isPassed) }
    }

    public let tests: [Test]
    public let explanation: Explanation
    public let seconds: Double

    public init(_ results: [ActionResult], order: [String], _ facts: ConntestFacts, seconds: Double) {
        let groups = Dictionary(grouping: results) { $0.action.test }
        tests = order.compactMap { name in groups[name].map { Test(name: name, results: $0) } }
        explanation = Explanation(results, facts)
        self.seconds = seconds
    }

    public var failedTests: Int { tests.count { !$0.failed.isEmpty } }
    public var isPassed: Bool { tests.allSatisfy(\.isPassed) }
    /// Nothing failed, and not everything could be tried.
    public var isUndetermined: Bool { failedTests == 0 && !isPassed }

    /// The last line: what happened to how many.
    public var verdict: String {
        let actions = tests.map(\.results.count).reduce(0, +)
        if isPassed { return "all \(tests.count) tests (\(actions) probes) passed" }
        let failed = tests.map(\.failed.count).reduce(0, +)
        let unknown = tests.map(\.unknown.count).reduce(0, +)
        var parts: [String] = []
        if failed > 0 { parts.append("\(failedTests) of \(tests.count) tests failed (\(failed) of \(actions) probes)") }
        if unknown > 0 { parts.append("\(unknown) of \(actions) probes could not be tried") }
        return parts.joined(separator: ", ")
    }

    /// A failed probe with its reasons, in lines.
    public func lines(of result: ActionResult) -> [String] {
        ["\(result.action.title): \(Explanation.symptom(of: result))"] + explanation.reasons(for: result)
    }

    public var value: JSONValue {
        [
            "apiVersion": "poplin.dev/v1alpha1", "kind": "ConnectivityReport", "passed": .bool(isPassed),
            "seconds": .number(Self.decimal(seconds)),
            "tests": .array(
                tests.map { test in
                    [
                        "name": .string(test.name), "passed": .bool(test.isPassed),
                        "probes": .array(test.results.map(value)),
                    ]
                }),
        ]
    }

    private func value(_ result: ActionResult) -> JSONValue {
        func end(_ participant: Participant) -> JSONValue {
            ["pod": .string(participant.pod), "node": .string(participant.node)]
        }
        var members = [
            JSONMember("source", end(result.action.source)), JSONMember("target", end(result.action.target)),
            JSONMember("address", .string(result.action.probe.address.description)),
            JSONMember("port", .int(Int64(result.action.probe.port))),
            JSONMember("passed", .bool(result.isPassed)),
        ]
        switch result.outcome {
        case .probed(let probe): members.append(JSONMember("probe", probe.value))
        case .unknown(let reason): members.append(JSONMember("unknown", .string(reason)))
        }
        if !result.isPassed {
            members.append(JSONMember("symptom", .string(Explanation.symptom(of: result))))
            members.append(
                JSONMember("reasons", .array(explanation.reasons(for: result).map { .string($0) })))
        }
        return .object(members)
    }

    /// A number of seconds with three digits after the point.
    static func decimal(_ seconds: Double) -> String {
        let thousandths = Int((seconds * 1000).rounded())
        let rest = String(thousandths % 1000)
        return "\(thousandths / 1000).\(String(repeating: "0", count: 3 - rest.count))\(rest)"
    }

    /// As continuous integration reads it: a test suite for each scenario's test, a test case for each probe.
    public var junit: String {
        let count = tests.map(\.results.count).reduce(0, +)
        let failed = tests.map(\.failed.count).reduce(0, +)
        let unknown = tests.map(\.unknown.count).reduce(0, +)
        var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        text +=
            "<testsuites name=\"poplin conntest\" tests=\"\(count)\" failures=\"\(failed)\" errors=\"\(unknown)\" "
            + "time=\"\(Self.decimal(seconds))\">\n"
        for test in tests {
            text +=
                "  <testsuite name=\"\(Markup.escaped(test.name))\" tests=\"\(test.results.count)\" "
                + "failures=\"\(test.failed.count)\" errors=\"\(test.unknown.count)\">\n"
            for result in test.results {
                var time = 0.0
                if case .probed(let probe) = result.outcome { time = Double(probe.microseconds) / 1e6 }
                let head =
                    "    <testcase classname=\"\(Markup.escaped(test.name))\" name=\"\(Markup.escaped(result.action.title))\" "
                    + "time=\"\(Self.decimal(time))\""
                if result.isPassed {
                    text += head + "/>\n"
                    continue
                }
                let word = result.isUnknown ? "error" : "failure"
                let reasons = explanation.reasons(for: result).joined(separator: "\n")
                text +=
                    head + ">\n      <\(word) message=\"\(Markup.escaped(Explanation.symptom(of: result)))\">"
                    + "\(Markup.escaped(reasons))</\(word)>\n    </testcase>\n"
            }
            text += "  </testsuite>\n"
        }
        return text + "</testsuites>\n"
    }
}
