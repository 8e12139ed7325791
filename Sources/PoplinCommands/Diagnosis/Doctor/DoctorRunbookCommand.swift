import ArgumentParser
import Diagnosis
import Findings
import JSONTree

/// `poplin doctor runbook`: the same checks told step by step.
struct DoctorRunbookCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "runbook", abstract: "The same checks step by step, each with the command that shows it.",
        usage: "poplin doctor runbook <runbook> [<options>]",
        discussion: """
            The order in which somebody would look by hand, stopping at the first step that is broken. The runbooks \
            are \(Runbook.all.map(\.name).joined(separator: ", ")).

            Examples:
              poplin doctor runbook container-creating
              poplin doctor runbook cross-node --bundle incident.tar.gz

            \(CommandStatus.help)
            """)

    @Argument(
        help: ArgumentHelp("Which one.", valueName: "runbook"), completion: .list(Runbook.all.map(\.name)))
    var name: String

    @OptionGroup var input: DoctorEvidence
    @OptionGroup var output: DoctorOutput
    @OptionGroup(title: "Cluster options") var cluster: ClusterOptions

    func run(on console: Console) throws {
        guard let runbook = Runbook.named(name) else {
            let near = EditDistance.nearest(to: name, in: Runbook.all.map(\.name))
            throw .usage(
                "there is no runbook \(name)",
                next: near.map { "did you mean \($0)?" }
                    ?? "there are \(Runbook.all.map(\.name).joined(separator: ", "))") as CommandFailure
        }
        let collected = try input.collect(cluster, on: console)
        let report = collected.report(on: console)
        collected.say(output, on: console)
        try output.print(value: runbook.value(report), runbook.stepList(report), on: console) {
            runbook.screen(report, $0)
        }
        let states = runbook.states(report).map(\.state)
        if states.contains(where: { if case .failed = $0 { true } else { false } }) {
            throw CommandFailure(.findings, [])
        }
        if !states.contains(.passed) || !report.refused.isEmpty { throw CommandFailure(.undetermined, []) }
    }
}

extension Runbook {
    func value(_ report: DiagnosisReport) -> JSONValue {
        let steps: [JSONValue] = states(report).map { step, state in
            var members = [
                JSONMember("question", .string(step.question)), JSONMember("command", .string(step.command(report))),
            ]
            switch state {
            case .passed: members.append(JSONMember("state", "passed"))
            case .notApplicable: members.append(JSONMember("state", "notApplicable"))
            case .notChecked(let reason):
                members += [JSONMember("state", "notChecked"), JSONMember("because", .string(reason))]
            case .failed(let findings):
                members += [
                    JSONMember("state", "failed"),
                    JSONMember("codes", .array(findings.map { .string($0.code) })),
                ]
            }
            return .object(members)
        }
        return ["runbook": .string(name), "title": .string(title), "steps": .array(steps)]
    }
}
