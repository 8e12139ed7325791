import Addressing
import Findings
import JSONTree

/// What matters before an install or an upgrade, question by question. It asks more than the checks do: nothing has to be
/// broken for a port to be taken, a range to be in use or another network's files to lie about.
public struct Preflight: Sendable {
    public enum State: Sendable, Hashable {
        /// With what was seen.
        case passed(String)
        case failed([String], codes: [String], fix: String)
        case notChecked(because: String)
    }

    public struct Step: Sendable {
        public let question: String
        public let state: State
        /// What shows it.
        public let command: String
    }

    public let steps: [Step]

    /// - Parameter planned: ranges that pods and Services are to get.
    public init(_ facts: FactBase, _ report: DiagnosisReport, planned: [IPPrefix] = []) {
        let reader = PreflightReader(facts: facts, report: report, planned: planned)
        steps = reader.steps()
    }

    public var status: DiagnosisReport.Status {
        if steps.contains(where: { if case .failed = $0.state { true } else { false } }) { return .findings }
        return passed == 0 ? .couldNotSay : .healthy
    }

    private var passed: Int { steps.count { if case .passed = $0.state { true } else { false } } }

    public var headline: String {
        let failed = steps.count { if case .failed = $0.state { true } else { false } }
        let open = steps.count - passed - failed
        let left = open > 0 ? ", \(open) not checked" : ""
        switch status {
        case .findings: return "NOT READY for an install or an upgrade: \(failed) of \(steps.count) against it\(left)."
        case .healthy: return "READY for an install or an upgrade: nothing against it\(left)."
        case .couldNotSay: return "CANNOT SAY: nothing could be looked at."
        }
    }

    /// Lines without a newline at the end.
    public func screen(_ style: ScreenStyle = ScreenStyle()) -> String {
        var lines = WrappedText.lines(headline).map { style.paint.bold($0) } + [""]
        for step in steps {
            switch step.state {
            case .passed(let seen):
                lines += marked(style.good, step.question + (seen.isEmpty ? "" : "  \(seen)"), style)
            case .notChecked(let reason):
                lines += marked(style.unknown, "\(step.question): not checked, \(reason)", style)
            case .failed(let found, let codes, let fix):
                lines += marked(style.bad, step.question, style)
                for text in found.prefix(style.isVerbose ? found.count : 4) {
                    lines += WrappedText.lines(text, label: "    ")
                }
                if found.count > 4, !style.isVerbose { lines.append("    and \(found.count - 4) more: -v shows all") }
                for (index, part) in fix.split(separator: "\n").enumerated() {
                    lines += WrappedText.step(String(part), label: index == 0 ? "    fix  " : "         ")
                }
                if !codes.isEmpty { lines.append("    explain: poplin explain \(codes[0])") }
            }
            if !step.command.isEmpty, style.isVerbose || { if case .passed = step.state { false } else { true } }() {
                lines += WrappedText.command(step.command, label: "    see  ").map { style.paint.faint($0) }
            }
        }
        return lines.joined(separator: "\n")
    }

    private func marked(_ mark: String, _ text: String, _ style: ScreenStyle) -> [String] {
        let width = style.hasGlyphs ? 1 : 2
        let blanks = String(repeating: " ", count: width + 1)
        return WrappedText.lines(text, columns: ScreenStyle.columns - width - 1).enumerated().map {
            ($0.offset == 0 ? "\(mark) " : blanks) + $0.element
        }
    }

    public var stepList: StepList {
        StepList(
            "poplin doctor --pre", headline,
            steps.map { step in
                switch step.state {
                case .passed(let seen): .init(step.question, .passed, seen)
                case .notChecked(let reason): .init(step.question, .notChecked, reason)
                case .failed(let found, let codes, _):
                    .init(step.question, .failed, found.joined(separator: "; "), codes: codes)
                }
            })
    }
}
