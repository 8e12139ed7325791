import Testing

@testable import Diagnosis

/// What `doctor watch --metrics` serves, read as Prometheus reads it (text format 0.0.4, and what `promtool check
/// metrics` demands of names).
@Suite struct MetricsTextTests {
    private struct Sample: Hashable {
        var name: String
        var labels: [String: String]
        var value: Double
    }

    private struct Wrong: Error, CustomStringConvertible {
        var description: String
    }

    /// Every line, strictly: HELP, TYPE, then the samples of that name; no sample twice; a newline at the end.
    private static func samples(_ text: String) throws -> [Sample] {
        guard text.hasSuffix("\n"), !text.hasSuffix("\n\n") else {
            throw Wrong(description: "no single newline ends it")
        }
        var samples: [Sample] = []
        var helped: Set<String> = []
        var typed: [String: String] = [:]
        var seen: Set<String> = []
        var current = ""
        for line in text.dropLast().split(separator: "\n", omittingEmptySubsequences: false) {
            let words = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
            if line.hasPrefix("# HELP ") {
                guard words.count == 4, words[3].hasSuffix("."), helped.insert(words[2]).inserted else {
                    throw Wrong(description: "help: \(line)")
                }
                continue
            }
            if line.hasPrefix("# TYPE ") {
                guard words.count == 4, ["gauge", "counter"].contains(words[3]), typed[words[2]] == nil,
                    helped.contains(words[2]), words[3] == "counter" ? words[2].hasSuffix("_total") : true
                else { throw Wrong(description: "type: \(line)") }
                typed[words[2]] = words[3]
                current = words[2]
                continue
            }
            let sample = try Self.sample(line)
            guard sample.name == current, typed[current] != nil else {
                throw Wrong(description: "not below its TYPE: \(line)")
            }
            let identity = "\(sample.name)\(sample.labels.sorted { $0.key < $1.key })"
            guard seen.insert(identity).inserted else { throw Wrong(description: "twice: \(line)") }
            samples.append(sample)
        }
        return samples
    }

    private static func sample(_ line: Substring) throws -> Sample {
        let pattern = /([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? ([-+0-9.eE]+|NaN|[+-]Inf)/
        guard let match = line.wholeMatch(of: pattern), let value = Double(match.3) else {
            throw Wrong(description: "sample: \(line)")
        }
        var labels: [String: String] = [:]
        var rest = match.2 ?? ""
        while !rest.isEmpty {
            // Within the quotes a backslash stands before itself, a quote or an n.
            guard let label = rest.prefixMatch(of: /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)/),
                labels.updateValue(String(label.2), forKey: String(label.1)) == nil
            else { throw Wrong(description: "labels: \(rest)") }
            rest = rest[label.range.upperBound...]
        }
        return Sample(name: String(match.1), labels: labels, value: value)
    }

    private struct Fixed: Check {
        let name = "fixed"
        let codes = ["RTE-01", "RTE-02"]
        let needs: [FactName] = []
        var found: [Diagnosis] = []
        func findings(_ facts: FactBase) -> [Diagnosis] { found }
    }

    @Test("a page is what Prometheus reads, also with odd names in it")
    func page() throws {
        var facts = FactBase()
        facts.now = 1_772_798_400
        let odd = Diagnosis("RTE-0\"1\\\n", "title", .certain, at: ["Node/a"])
        let twice = [
            Diagnosis("RTE-02", "one", .likely, at: ["Node/a"]), Diagnosis("RTE-02", "two", .likely, at: ["Node/b"]),
        ]
        let samples = try Self.samples(DiagnosisReport(facts, [Fixed(found: [odd] + twice)]).metrics)
        let causes = samples.filter { $0.name == "poplin_doctor_causes" }
        #expect(causes.contains { $0.labels == ["code": #"RTE-0\"1\\\n"#, "confidence": "certain"] && $0.value == 1 })
        #expect(causes.contains { $0.labels == ["code": "RTE-02", "confidence": "likely"] && $0.value == 2 })
        #expect(samples.contains { $0.name == "poplin_doctor_healthy" && $0.value == 0 })
        #expect(
            samples.contains { $0.name == "poplin_doctor_last_run_timestamp_seconds" && $0.value == 1_772_798_400 })
        let quiet = try Self.samples(DiagnosisReport(FactBase(), [Fixed()]).metrics)
        #expect(quiet.contains { $0.name == "poplin_doctor_healthy" && $0.value == 1 })
        #expect(!quiet.contains { $0.name == "poplin_doctor_causes" })
    }

    @Test("the reader itself refuses what Prometheus does")
    func reader() {
        for wrong in [
            "a 1", "# HELP a A.\n# TYPE a gauge\nb 1\n", "# HELP a A.\n# TYPE a gauge\na 1\na 1\n",
            "# HELP a A.\n# TYPE a counter\na 1\n", "# HELP a A.\n# TYPE a gauge\na{b=\"c\"d\"} 1\n", "a 1\n",
            "# HELP a A.\n# TYPE a gauge\na one\n",
        ] { #expect(throws: Wrong.self) { try Self.samples(wrong) } }
    }
}
