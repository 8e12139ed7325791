import CNI
import CNIRuntime
import Findings
import JSONTree

/// An operation's report on the screen and for programs.
struct ReportView {
    let report: OperationReport

    init(_ report: OperationReport) { self.report = report }

    static let titles = ["STEP", "PLUGIN", "TIME", "OUTCOME", ""]

    /// One row for each execution of a plugin.
    func add(to table: inout TextTable) {
        for step in report.steps {
            let summary = step.result.map { ResultView($0).summary } ?? ""
            table.add(
                .init(step.command.rawValue), .init(step.plugin), .init(step.duration.forPeople),
                step.succeeded ? .init("ok", .good) : .init("failed", .bad),
                .init(step.error?.message ?? summary, .faint))
        }
    }

    /// `bridge 3.1 ms, portmap 0.8 ms`.
    var times: String { report.steps.map { "\($0.plugin) \($0.duration.forPeople)" }.joined(separator: ", ") }

    /// What failed: each plugin that did, and the operation itself when no plugin is the reason.
    var findings: [Finding] {
        var findings: [Finding] = []
        for step in report.steps {
            guard let error = step.error else { continue }
            var finding = Finding(error, of: "\(step.command) of \(step.plugin)")
            if report.command == .collectGarbage, let attachment = step.attachment {
                finding.reasons.insert("attachment \(attachment)", at: 0)
            }
            findings.append(finding)
        }
        let told = report.steps.compactMap { $0.error?.message }
        if let error = report.error, !told.contains(where: { error.message.contains($0) }) {
            findings.insert(Finding(error), at: 0)
        }
        return findings
    }

    var notes: [Finding] {
        (report.notes + report.steps.flatMap(\.remarks)).map { Finding(.note, $0) }
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
        members.append(JSONMember("plugins", .array(report.steps.map(Self.value))))
        if let result = report.result, let value = try? result.value(as: .newest) {
            members.append(JSONMember("result", value))
        }
        members.append(JSONMember("errors", .array(findings.map(\.value))))
        members.append(JSONMember("notes", .array(notes.map { .string($0.message) })))
        return .object(members)
    }

    private static func value(_ step: OperationReport.Step) -> JSONValue {
        var members = [
            JSONMember("plugin", .string(step.plugin)), JSONMember("command", .string(step.command.rawValue)),
            JSONMember("milliseconds", step.duration.milliseconds),
            JSONMember("succeeded", .bool(step.succeeded)),
        ]
        if let path = step.path { members.append(JSONMember("path", .string(path))) }
        if let attachment = step.attachment {
            members.append(JSONMember("containerID", .string(attachment.containerID)))
            members.append(JSONMember("ifname", .string(attachment.interfaceName)))
        }
        if !step.versions.isEmpty {
            members.append(JSONMember("supportedVersions", .array(step.versions.map { .string($0) })))
        }
        if let error = step.error { members.append(JSONMember("error", error.value(version: .newest))) }
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
