import Addressing
import Findings

/// Answers the questions of ``Preflight``.
struct PreflightReader {
    let facts: FactBase
    let report: DiagnosisReport
    let planned: [IPPrefix]

    /// Machines that run pods or are about to: all that were looked into.
    var machines: [NodeEvidence] { facts.machines }
    var noMachine: String { "no machine was looked into: sudo poplin doctor node --pre, on each" }

    func steps() -> [Preflight.Step] {
        [kernel, forwarding, ports, ranges, leftovers, managers, versions, room, agents, access, size]
    }

    /// What checks found of some codes.
    struct Known {
        var texts: [String]
        var codes: [String]
        /// The first one's, a step a line.
        var fix: String
    }

    func found(_ codes: Set<String>) -> Known {
        let own = report.entries.flatMap(\.all).filter { codes.contains($0.code) }
        return Known(
            texts: own.map { "\($0.code)  \($0.title)" }, codes: own.map(\.code),
            fix: own.first?.fix?.steps.joined(separator: "\n") ?? "")
    }

    func ran(_ codes: Set<String>) -> Bool {
        report.outcomes.contains { outcome in
            if case .ran = outcome.state { outcome.codes.contains(where: codes.contains) } else { false }
        }
    }

    /// Why none of their checks could look; nil where what they look at is not there.
    private func reasonNotRun(_ codes: Set<String>) -> String? {
        report.outcomes.lazy.filter { $0.codes.contains(where: codes.contains) }.compactMap { outcome in
            if case .notChecked(let reason) = outcome.state { reason } else { nil }
        }.first
    }

    func codes(_ layers: Cause.Layer...) -> Set<String> {
        Set(Cause.all.filter { $0.layer.map(layers.contains) ?? false }.map(\.code))
    }

    /// A question that checks answer alone.
    func step(
        _ text: String, _ codes: Set<String>, without reason: String? = nil, command: String
    ) -> Preflight.Step {
        let question = PreflightQuestion(text, command: command)
        let known = found(codes)
        if let failed = question.failed(known.texts, known, otherwise: "") { return failed }
        if let reason { return question.step(.notChecked(because: reason)) }
        if ran(codes) { return question.step(.passed("")) }
        return question.step(.notChecked(because: reasonNotRun(codes) ?? "there is nothing of the kind here yet"))
    }
}

/// A question whose answer is still looked for.
struct PreflightQuestion {
    let text: String
    let command: String

    init(_ text: String, command: String) {
        self.text = text
        self.command = command
    }

    func step(_ state: Preflight.State) -> Preflight.Step {
        Preflight.Step(question: text, state: state, command: command)
    }

    /// Nil when nothing is against it.
    ///
    /// - Parameter otherwise: the fix where no check has a better one.
    func failed(
        _ problems: [String], _ known: PreflightReader.Known, otherwise: String
    ) -> Preflight.Step? {
        problems.isEmpty
            ? nil
            : step(.failed(problems, codes: known.codes, fix: known.fix.isEmpty ? otherwise : known.fix))
    }
}
