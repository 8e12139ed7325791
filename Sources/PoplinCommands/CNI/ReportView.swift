import CNI
import CNIRuntime
import JSONTree

/// An operation's report on the screen and for programs.
struct ReportView {
    let report: OperationReport

    init(_ report: OperationReport) { self.report = report }

    static let titles = ["STEP", "PLUGIN", "TIME", "OUTCOME", ""]

    /// One row for each execution of a plugin, those of the operations within this one included.
    func add(to table: inout TextTable) {
        let (before, after) = report.command == .collectGarbage ? (report.others, []) : ([], report.others)
        for other in before { ReportView(other).add(to: &table) }
        for step in report.steps {
            table.add(
                .init(step.command.rawValue), .init(step.type), .init(step.duration.forPeople),
                step.failure == nil ? .init("ok", .good) : .init("failed", .bad),
                .init(step.failure?.message ?? summary(of: step), .faint))
        }
        for other in after { ReportView(other).add(to: &table) }
    }

    private func summary(of step: PluginInvocation) -> String {
        guard report.command == .add, let root = step.result?.root,
            let result = try? CNIResult(decoding: root, assuming: report.version)
        else { return "" }
        return ResultView(result).summary
    }

    /// `bridge 3.1 ms, portmap 0.8 ms`.
    var times: String { report.steps.map { "\($0.type) \($0.duration.forPeople)" }.joined(separator: ", ") }

    /// What failed: each plugin that did, and the operation itself when no plugin is the reason.
    var findings: [Finding] {
        var findings: [Finding] = []
        for step in report.steps {
            guard let error = step.failure else { continue }
            findings.append(Finding(error, of: "\(step.command) of \(step.type)"))
        }
        let nested = report.others.flatMap { other in
            ReportView(other).findings.map { finding in
                var finding = finding
                if report.command == .collectGarbage, let attachment = other.parameters?.attachment {
                    finding.reasons.insert("attachment \(attachment)", at: 0)
                }
                return finding
            }
        }
        if let error = report.error, findings.isEmpty, report.command != .collectGarbage || nested.isEmpty {
            findings.append(Finding(error))
        }
        return findings + nested
    }

    var notes: [Finding] {
        var notes = (report.remarks + report.others.flatMap(\.remarks)).map { Finding(.note, $0) }
        if case .skipped(let why) = report.outcome { notes.insert(Finding(.note, "nothing was done: \(why)"), at: 0) }
        for step in report.steps { notes += step.remarks.map { Finding(.note, $0) } }
        return notes
    }

    var value: JSONValue {
        let outcome =
            switch report.outcome {
            case .succeeded: "succeeded"
            case .skipped: "skipped"
            case .failed: "failed"
            case .undetermined: "undetermined"
            }
        var members = [
            JSONMember("command", .string(report.command.rawValue)),
            JSONMember("network", .string(report.network)),
            JSONMember("outcome", .string(outcome)),
            JSONMember("milliseconds", report.duration.milliseconds),
        ]
        if let parameters = report.parameters {
            members.append(JSONMember("containerID", .string(parameters.containerID)))
            members.append(JSONMember("ifname", .string(parameters.interfaceName)))
        }
        members.append(JSONMember("plugins", .array(report.steps.map(Self.value))))
        if let result = report.result { members.append(JSONMember("result", result)) }
        if !report.others.isEmpty {
            members.append(JSONMember("operations", .array(report.others.map { ReportView($0).value })))
        }
        members.append(JSONMember("errors", .array(findings.map(\.value))))
        members.append(JSONMember("notes", .array(notes.map { .string($0.message) })))
        return .object(members)
    }

    private static func value(_ step: PluginInvocation) -> JSONValue {
        var members = [
            JSONMember("plugin", .string(step.type)), JSONMember("command", .string(step.command.rawValue)),
            JSONMember("milliseconds", step.duration.milliseconds),
            JSONMember("succeeded", .bool(step.failure == nil)),
        ]
        if let path = step.path { members.append(JSONMember("path", .string(path))) }
        if let error = step.failure { members.append(JSONMember("error", error.value(version: .newest))) }
        return .object(members)
    }

    /// How the command ends for this outcome.
    var status: CommandStatus {
        switch report.outcome {
        case .succeeded, .skipped: .healthy
        case .failed: .findings
        case .undetermined: .undetermined
        }
    }

    /// Prints notes and, when the operation failed, ends the command with its findings.
    func finish(_ console: Console) throws(CommandFailure) {
        console.printError(notes)
        if report.error != nil { throw CommandFailure(status, findings) }
    }
}

extension OutputOptions {
    /// A report's steps, its notes, and its failure.
    func show(_ view: ReportView, _ console: Console) throws(CommandFailure) {
        if format == .table {
            var table = TextTable(ReportView.titles)
            view.add(to: &table)
            if !table.isEmpty { console.print(table.rendered(console.paint)) }
        } else {
            console.print(try format.text(view.value))
        }
        try view.finish(console)
    }
}

extension Duration {
    private var microseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }

    /// Three figures: `850 µs`, `3.14 ms`, `1.20 s`.
    var forPeople: String {
        if microseconds < 1000 { return "\(microseconds) µs" }
        if microseconds < 1_000_000 { return Self.threeFigures(microseconds, per: 1000) + " ms" }
        return Self.threeFigures(microseconds, per: 1_000_000) + " s"
    }

    private static func threeFigures(_ value: Int64, per unit: Int64) -> String {
        let whole = value / unit
        if whole >= 100 { return String(whole) }
        let decimals: Int64 = whole >= 10 ? 10 : 100
        return "\(whole).\(String(value % unit * decimals / unit + decimals).dropFirst())"
    }

    /// With microseconds as decimals.
    var milliseconds: JSONValue {
        .number("\(microseconds / 1000).\(String(microseconds % 1000 + 1000).dropFirst())")
    }
}
