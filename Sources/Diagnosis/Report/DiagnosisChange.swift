import JSONTree

/// What is otherwise between two reports: `doctor watch` tells only this.
public struct DiagnosisChange: Sendable {
    public let found: [Diagnosis]
    public let gone: [Diagnosis]
    /// The same cause, surer or less sure than before.
    public let changed: [(from: Diagnosis, to: Diagnosis)]
    public let newSymptoms: [Symptom]
    public let goneSymptoms: [Symptom]

    public init(from old: DiagnosisReport?, to new: DiagnosisReport) {
        func keyed(_ report: DiagnosisReport?) -> [String: Diagnosis] {
            Dictionary(
                (report?.entries ?? []).map { (Self.key($0.root), $0.root) }, uniquingKeysWith: { first, _ in first })
        }
        let (before, after) = (keyed(old), keyed(new))
        found = after.filter { before[$0.key] == nil }.map(\.value).sorted { Self.key($0) < Self.key($1) }
        gone = before.filter { after[$0.key] == nil }.map(\.value).sorted { Self.key($0) < Self.key($1) }
        changed = after.keys.sorted().compactMap { key in
            guard let was = before[key], let now = after[key], was.confidence != now.confidence else { return nil }
            return (was, now)
        }
        let (oldSymptoms, symptoms) = (Set(old?.unexplained.map(\.id) ?? []), Set(new.unexplained.map(\.id)))
        newSymptoms = new.unexplained.filter { !oldSymptoms.contains($0.id) }
        goneSymptoms = (old?.unexplained ?? []).filter { !symptoms.contains($0.id) }
    }

    /// The same cause at the same places is the same finding, whatever its counters say by now.
    private static func key(_ finding: Diagnosis) -> String {
        ([finding.code] + finding.places.sorted()).joined(separator: " ")
    }

    public var isEmpty: Bool {
        found.isEmpty && gone.isEmpty && changed.isEmpty && newSymptoms.isEmpty && goneSymptoms.isEmpty
    }

    /// One line for each: `+ RTE-02 certain  node-7 announces ...`.
    public var lines: [String] {
        found.map { "+ \($0.code) \($0.confidence.rawValue)  \(WrappedText.clean($0.title))" }
            + changed.map { "~ \($0.to.code) \($0.from.confidence.rawValue), now \($0.to.confidence.rawValue)" }
            + gone.map { "- \($0.code)  \(WrappedText.clean($0.title))" }
            + newSymptoms.map { "+ not explained: \(WrappedText.clean($0.text))" }
            + goneSymptoms.map { "- not explained: \(WrappedText.clean($0.text))" }
    }
}

extension DiagnosisChange {
    /// The same for programs.
    public var value: JSONValue {
        func cause(_ change: String, _ finding: Diagnosis) -> JSONValue {
            [
                "change": .string(change), "code": .string(finding.code),
                "confidence": .string(finding.confidence.rawValue), "title": .string(finding.title),
                "where": .array(finding.places.map { .string($0) }),
            ]
        }
        func symptom(_ change: String, _ symptom: Symptom) -> JSONValue {
            ["change": .string(change), "symptom": .string(symptom.id), "text": .string(symptom.text)]
        }
        return .array(
            found.map { cause("found", $0) } + changed.map { cause("confidence", $0.to) }
                + gone.map { cause("gone", $0) } + newSymptoms.map { symptom("unexplained", $0) }
                + goneSymptoms.map { symptom("no longer unexplained", $0) })
    }
}

extension DiagnosisReport {
    /// Prometheus' text format, version 0.0.4.
    public var metrics: String {
        func escaped(_ text: String) -> String {
            text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
        }
        var lines = [
            "# HELP poplin_doctor_causes Causes that were found, by code and confidence.",
            "# TYPE poplin_doctor_causes gauge",
        ]
        var counts: [String: Int] = [:]
        for entry in entries {
            counts[
                "code=\"\(escaped(entry.root.code))\",confidence=\"\(entry.root.confidence.rawValue)\"", default: 0] +=
                1
        }
        lines += counts.sorted { $0.key < $1.key }.map { "poplin_doctor_causes{\($0.key)} \($0.value)" }
        lines += [
            "# HELP poplin_doctor_symptoms What people see, explained or not.",
            "# TYPE poplin_doctor_symptoms gauge",
            "poplin_doctor_symptoms{explained=\"true\"} \(symptoms.count - unexplained.count)",
            "poplin_doctor_symptoms{explained=\"false\"} \(unexplained.count)",
            "# HELP poplin_doctor_checks Checks by what became of them.",
            "# TYPE poplin_doctor_checks gauge",
        ]
        var states = ["ran": 0, "not_checked": 0, "not_applicable": 0]
        for outcome in outcomes {
            switch outcome.state {
            case .ran: states["ran", default: 0] += 1
            case .notChecked: states["not_checked", default: 0] += 1
            case .notApplicable: states["not_applicable", default: 0] += 1
            }
        }
        lines += states.sorted { $0.key < $1.key }.map { "poplin_doctor_checks{state=\"\($0.key)\"} \($0.value)" }
        lines += [
            "# HELP poplin_doctor_healthy Whether the last look found the cluster healthy.",
            "# TYPE poplin_doctor_healthy gauge", "poplin_doctor_healthy \(status == .healthy ? 1 : 0)",
        ]
        if let now {
            lines += [
                "# HELP poplin_doctor_last_run_timestamp_seconds When the last look was.",
                "# TYPE poplin_doctor_last_run_timestamp_seconds gauge",
                "poplin_doctor_last_run_timestamp_seconds \(now)",
            ]
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
