import Findings
import JSONTree
import Policy

/// The way of a connection as a person reads it: a line for each step, and at the broken one what stands in the way,
/// the smallest change, and exactly what that change opens.
public struct PathScreen {
    private let trace: PathTrace
    private let style: ScreenStyle
    private let yaml: (JSONValue) -> [String]

    private static let shown = 6

    /// - Parameter yaml: lines of a piece of a manifest.
    public init(_ trace: PathTrace, _ style: ScreenStyle, yaml: @escaping (JSONValue) -> [String]) {
        self.trace = trace
        self.style = style
        self.yaml = yaml
    }

    public var text: String {
        var lines = [headline]
        lines += trace.remarks.map { style.paint.faint("  \(WrappedText.clean($0))") }
        let way = trace.steps.filter { $0.kind != .reply }
        for (index, step) in way.enumerated() where step.state != .unreached { lines += self.step(step, index + 1) }
        lines += unreached(way)
        if let reply = trace.steps.first(where: { $0.kind == .reply }) {
            lines += WrappedText.lines(
                "\(glyph(reply.verified)) \(WrappedText.clean(reply.text))", label: " reply path ")
        }
        lines += remedy
        if let who = trace.who { lines += WrappedText.lines(WrappedText.clean(who), label: " who   ") }
        return lines.joined(separator: "\n")
    }

    private var arrow: String { style.hasGlyphs ? "──▶" : "-->" }

    private var headline: String {
        var from = trace.source.text
        if case .pod(let pod) = trace.source, !pod.node.isEmpty { from += " (\(pod.node))" }
        let transport = trace.request.transport == .tcp ? "" : "/\(trace.request.transport)".lowercased()
        let pair = WrappedText.clean("\(from)  \(arrow)  \(trace.request.to):\(trace.request.port)\(transport)")
        let way = trace.steps.filter { $0.kind != .reply }
        let plain: String
        let answer: String
        switch trace.verdict {
        case .open:
            plain = "OPEN"
            answer = style.paint.green(plain)
        case .unknown:
            let count = trace.steps.count { $0.state == .notChecked }
            plain = "NOTHING IN THE WAY, \(count) of \(trace.steps.count) not checked"
            answer = style.paint.yellow(plain)
        case .blocked:
            let place =
                way.firstIndex { $0.state == .failed }.map { "step \($0 + 1) of \(way.count)" } ?? "the way back"
            plain = "BLOCKED at \(place)"
            answer = style.paint.red(plain)
        }
        // Colours are no columns, and an answer that does not fit stands below.
        let isWide = pair.count + 3 + plain.count > ScreenStyle.columns
        return "\(style.paint.bold(pair))\(isWide ? "\n  " : "   ")\(answer)"
    }

    private func glyph(_ state: PathTrace.Step.State) -> String {
        switch state {
        case .passed: style.good
        case .failed: style.bad
        case .notChecked: style.unknown
        case .unreached: style.dot
        }
    }

    private func step(_ step: PathTrace.Step, _ number: Int) -> [String] {
        let name = step.kind.rawValue + String(repeating: " ", count: max(0, 9 - step.kind.rawValue.count))
        // Colours are no columns.
        let label = " \(number) g \(name) "
        let note = step.state == .notChecked ? "not checked: " : ""
        var lines = WrappedText.lines(note + WrappedText.clean(step.text), label: label)
        if let first = lines.first {
            lines[0] = " \(number) \(glyph(step.state)) " + first.dropFirst(" \(number) g ".count)
        }
        if step.state == .failed {
            let codes = step.codes.joined(separator: ", ")
            if !codes.isEmpty { lines.append("       |  \(style.paint.bold(codes))") }
            for detail in step.details { lines += WrappedText.lines(WrappedText.clean(detail), label: "       |  ") }
        }
        if step.state == .failed || style.isVerbose {
            for evidence in step.evidence.prefix(style.isVerbose ? 6 : 3) {
                let age = evidence.source.age.map { "  (\($0) s ago)" } ?? ""
                lines += WrappedText.lines(
                    "\(WrappedText.clean(evidence.text))   \(WrappedText.clean(evidence.source.place))\(age)",
                    label: "       |  ")
                if style.isVerbose, !evidence.source.command.isEmpty {
                    lines += WrappedText.command(evidence.source.command, label: "       |    ")
                }
            }
        }
        return lines
    }

    private func unreached(_ way: [PathTrace.Step]) -> [String] {
        let left = way.enumerated().filter { $0.element.state == .unreached }
        guard let first = left.first, let last = left.last else { return [] }
        let known = left.map { "\($0.element.kind.rawValue) \(glyph($0.element.verified))" }.joined(separator: ", ")
        let numbers = first.offset == last.offset ? "\(first.offset + 1)" : "\(first.offset + 1)-\(last.offset + 1)"
        return [" \(numbers) \(style.dot) not reached (by itself: \(known))"]
    }

    private var remedy: [String] {
        guard trace.broken != nil else { return [] }
        if let remedy = trace.explanation?.remedies.first {
            var lines: [String] = []
            for (index, edit) in remedy.edits.enumerated() {
                lines += WrappedText.lines(
                    WrappedText.clean(edit.instruction), label: index == 0 ? " fix   " : " and   ")
                if let snippet = edit.snippet { lines += yaml(snippet).map { "         \(WrappedText.clean($0))" } }
            }
            let opened = trace.newlyAllowed
            if !opened.isEmpty { lines.append("       would newly allow exactly:") }
            for entry in opened.prefix(Self.shown) {
                let count = entry.pods > 2 ? "   (\(entry.pods) pods)" : ""
                lines += WrappedText.lines(
                    WrappedText.clean(
                        "\(entry.from) \(style.hasGlyphs ? "→" : "->") \(entry.to)  \(entry.traffic)\(count)"),
                    label: "         ")
            }
            if opened.count > Self.shown { lines.append("         and \(opened.count - Self.shown) more pairs") }
            return lines
        }
        guard let fix = trace.fix else { return [] }
        var lines: [String] = []
        for (index, step) in fix.steps.enumerated() {
            let label = index == 0 ? " fix   " : "       "
            // What is to be copied is not broken into lines.
            for (place, line) in step.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
                lines.append((place == 0 ? label : "       ") + WrappedText.clean(line))
            }
        }
        if !fix.undo.isEmpty { lines += WrappedText.lines(WrappedText.clean(fix.undo), label: " undo  ") }
        if !fix.risk.isEmpty { lines += WrappedText.lines(WrappedText.clean(fix.risk), label: " risk  ") }
        return lines
    }
}
