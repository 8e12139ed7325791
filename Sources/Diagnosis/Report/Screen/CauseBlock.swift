import Findings

/// One cause on the screen.
struct CauseBlock {
    private let entry: DiagnosisReport.Entry
    private let report: DiagnosisReport
    private let style: ScreenStyle
    private static let shownEvidence = 6
    private static let shownDeadEnds = 2

    init(_ entry: DiagnosisReport.Entry, of report: DiagnosisReport, _ style: ScreenStyle) {
        self.entry = entry
        self.report = report
        self.style = style
    }

    private var root: Diagnosis { entry.root }

    /// Title, how sure, and the first step.
    var short: [String] {
        var lines = title(with: " (\(root.confidence.rawValue))")
        if let first = root.because.first { lines += WrappedText.lines(first, label: "           ") }
        if let step = root.fix?.steps.first { lines += WrappedText.step(step, label: "  fix      ") }
        if root.confidence < .certain, let need = root.needs.first {
            lines += WrappedText.lines(need, label: "  need     ")
        }
        return lines
    }

    /// A message that has several causes, none of which is certain.
    private var isOpen: Bool {
        root.confidence < .certain && root.possibilities.count { !$0.isRuledOut } > 1
    }

    private var possible: [String] {
        let left = root.possibilities.filter { !$0.isRuledOut }.map(\.code)
        var lines = WrappedText.lines(
            "\(PossibleCauses.either(left))   \(root.confidence.rawValue)", columns: ScreenStyle.columns - 2
        ).enumerated().map { $0.offset == 0 ? "\(style.glyph(root.confidence)) \($0.element)" : "  \($0.element)" }
        let explained = report.symptoms.count { entry.explains.contains($0.id) }
        if explained > 0 {
            lines.append("  explains \(explained) of \(WrappedText.count(report.symptoms.count, "symptom"))")
        }
        lines += places
        lines +=
            PossibleCauses(
                root.possibilities, quoting: root.evidence, next: PossibleCauses.next(left, report), style
            ).lines
        return lines + consequences
    }

    var whole: [String] {
        if isOpen { return possible }
        var lines = title(with: "")
        lines += WrappedText.lines(sureness, label: "  ")
        lines += places
        lines += evidence
        lines += root.because.enumerated().flatMap {
            WrappedText.lines($0.element, label: $0.offset == 0 ? "  because  " : "           ")
        }
        lines += fix
        if !root.prevent.isEmpty { lines += WrappedText.step(root.prevent, label: "  prevent  ") }
        let deadEnds = style.isVerbose ? root.deadEnds[...] : root.deadEnds.prefix(Self.shownDeadEnds)
        lines += deadEnds.enumerated().flatMap {
            WrappedText.lines($0.element, label: $0.offset == 0 ? "  not      " : "           ")
        }
        if root.confidence < .certain {
            lines += root.needs.enumerated().flatMap {
                WrappedText.lines($0.element, label: $0.offset == 0 ? "  need     " : "           ")
            }
        }
        return lines + consequences
    }

    private func title(with ending: String) -> [String] {
        let label = "\(root.code)  "
        let wrapped = WrappedText.lines(root.title + ending, columns: ScreenStyle.columns - 2 - label.count)
        return wrapped.enumerated().map { index, line in
            index == 0
                ? "\(style.glyph(root.confidence)) \(style.paint.bold(root.code))  \(line)"
                : String(repeating: " ", count: label.count + 2) + line
        }
    }

    private var sureness: String {
        var parts = [root.confidence.rawValue]
        let explained = report.symptoms.count { entry.explains.contains($0.id) }
        if explained > 0 {
            parts.append("explains \(explained) of \(WrappedText.count(report.symptoms.count, "symptom"))")
        }
        return parts.joined(separator: " \(style.dot) ")
    }

    private var places: [String] {
        if root.places.isEmpty { return [] }
        let shown = style.isVerbose ? root.places.count : 5
        var text = root.places.prefix(shown).joined(separator: ", ")
        if root.places.count > shown { text += " and \(root.places.count - shown) more" }
        return WrappedText.lines(text, label: "  at       ")
    }

    private var evidence: [String] {
        if root.evidence.isEmpty { return [] }
        let shown = style.isVerbose ? root.evidence.count : Self.shownEvidence
        let bar = style.paint.blue("|")
        var lines = ["  \(bar)"]
        for (index, quotation) in root.evidence.prefix(shown).enumerated() {
            lines += EvidenceLines(quotation, style).text.map { $0.isEmpty ? "  \(bar)" : "  \(bar)  \($0)" }
            let next = index + 1 < min(shown, root.evidence.count) ? root.evidence[index + 1].source : nil
            if next != quotation.source { lines += sourceLines(quotation.source).map { "  \(bar)    \($0)" } }
        }
        if root.evidence.count > shown {
            lines.append("  \(bar)  and \(root.evidence.count - shown) more: -v shows all")
        }
        return lines + ["  \(bar)"]
    }

    /// Where it was read, how long ago, and what shows it again.
    private func sourceLines(_ source: FactSource) -> [String] {
        let arrow = style.hasGlyphs ? "└ " : "-> "
        var place = WrappedText.clean(source.place)
        let command = WrappedText.clean(source.command)
        if let age = source.age { place += " (\(WrappedText.duration(Int64(age))) ago)" }
        if command.isEmpty || place.contains(command) {
            return WrappedText.lines(place, label: arrow, columns: ScreenStyle.columns - 7).map {
                style.paint.faint($0)
            }
        }
        let room = ScreenStyle.columns - 7
        let blanks = String(repeating: " ", count: arrow.count)
        if arrow.count + place.count + 4 + command.count <= room {
            return [style.paint.faint("\(arrow)\(place):  \(command)")]
        }
        let lines =
            WrappedText.lines(place, label: arrow, columns: room)
            + WrappedText.command(command, label: blanks, columns: room)
        return lines.map { style.paint.faint($0) }
    }

    private var fix: [String] {
        guard let fix = root.fix else { return [] }
        var lines = fix.steps.enumerated().flatMap {
            WrappedText.step($0.element, label: $0.offset == 0 ? "  fix      " : "           ")
        }
        if !fix.undo.isEmpty { lines += WrappedText.step(fix.undo, label: "  undo     ") }
        if !fix.risk.isEmpty { lines += WrappedText.lines(fix.risk, label: "  risk     ") }
        return lines
    }

    private var consequences: [String] {
        let shown = style.isVerbose ? entry.consequences.count : 4
        var lines = entry.consequences.prefix(shown).enumerated().flatMap {
            WrappedText.lines(
                "\($0.element.code) \($0.element.title)", label: $0.offset == 0 ? "  hence    " : "           ")
        }
        if entry.consequences.count > shown {
            lines.append("           and \(entry.consequences.count - shown) more: -v shows all")
        }
        return lines
    }
}

/// A quotation with a caret under what matters, cut to the width around it. A long line without such a part is broken
/// into a few.
struct EvidenceLines {
    let text: [String]
    private static let brokenLines = 4

    /// - Parameter indent: columns that stand in front of each line.
    init(_ evidence: Diagnosis.Evidence, _ style: ScreenStyle, indent: Int = 5) {
        let room = ScreenStyle.columns - indent
        let characters = Array(evidence.text)
        var lines: [String] = []
        var start = 0
        for line in characters.split(separator: "\n", omittingEmptySubsequences: false) {
            let span = evidence.span.flatMap { Self.overlap($0, start..<(start + line.count)) }
            lines += Self.lines(
                line.map { Character(WrappedText.clean(String($0))) },
                span.map { ($0.lowerBound - start)..<($0.upperBound - start) }, style, room)
            start += line.count + 1
        }
        text = lines
    }

    private static func overlap(_ left: Range<Int>, _ right: Range<Int>) -> Range<Int>? {
        let both = left.clamped(to: right)
        return both.isEmpty ? nil : both
    }

    private static func lines(_ line: [Character], _ span: Range<Int>?, _ style: ScreenStyle, _ room: Int) -> [String] {
        if line.count > room, span == nil || span == 0..<line.count { return broken(line, style, room) }
        var window = 0..<line.count
        if line.count > room {
            // What stands before the span says where it is; the span itself must be whole if it fits.
            let start = span.map { max(0, min($0.lowerBound - 20, line.count - room + 8)) } ?? 0
            window = start..<min(line.count, start + room - 8)
        }
        let head = window.lowerBound > 0 ? "... " : ""
        let tail = window.upperBound < line.count ? " ..." : ""
        var lines = [head + String(line[window]) + tail]
        if let span = span?.clamped(to: window), !span.isEmpty, span != 0..<line.count {
            let blanks = String(repeating: " ", count: head.count + span.lowerBound - window.lowerBound)
            lines.append(blanks + style.paint.red(String(repeating: "^", count: span.count)))
        }
        return lines
    }

    /// Messages wrap each other, and the innermost, which says it, comes last: the beginning and the end are shown.
    private static func broken(_ line: [Character], _ style: ScreenStyle, _ room: Int) -> [String] {
        let all = WrappedText.lines(String(line), columns: room)
        if style.isVerbose || all.count <= brokenLines { return all }
        let end = WrappedText.lines("... " + String(line.suffix(2 * room - 24)), columns: room)
        return [all[0]] + end.prefix(3)
    }
}
