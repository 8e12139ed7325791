import Findings

/// A report for a person: the answer first, one block for each cause, then what nothing explains and what was not
/// looked at.
public struct ReportScreen {
    private let report: DiagnosisReport
    private let style: ScreenStyle
    /// Causes of a page; `-v` shows all of them.
    private static let shownCauses = 6
    private static let shownUnexplained = 3
    private static let shownReasons = 4
    private static let shownWords = 2

    public init(_ report: DiagnosisReport, _ style: ScreenStyle = ScreenStyle()) {
        self.report = report
        self.style = style
    }

    /// Lines without a newline at the end.
    public var text: String {
        var lines = Headline(report).lines.enumerated().map {
            $0.offset == 0 ? style.paint.bold($0.element) : $0.element
        }
        let shown = style.isVerbose ? report.entries.count : Self.shownCauses
        for (index, entry) in report.entries.prefix(shown).enumerated() {
            lines.append("")
            let block = CauseBlock(entry, of: report, style)
            lines += index == 0 || style.isVerbose ? block.whole : block.short
        }
        if report.entries.count > shown {
            lines += ["", "\(WrappedText.count(report.entries.count - shown, "further cause")): -v shows all"]
        }
        let last = [compared, changed, unexplained, unserved, probed, executed, checked, notChecked, denied, cost]
            .filter {
                !$0.isEmpty
            }
        for part in last { lines += [""] + part }
        if let first = report.entries.first {
            lines += ["", style.paint.faint("explain: poplin explain \(first.root.code)")]
        }
        return lines.joined(separator: "\n")
    }

    private var compared: [String] {
        report.comparison.map { WrappedText.lines($0.text, label: "Compare  ") } ?? []
    }

    private var changed: [String] {
        let shown = style.isVerbose ? report.changes.count : 5
        var lines = report.changes.prefix(shown).enumerated().flatMap {
            WrappedText.lines($0.element, label: $0.offset == 0 ? "Changed  " : "         ")
        }
        if report.changes.count > shown {
            lines.append("         and \(report.changes.count - shown) more: -v shows all")
        }
        return lines
    }

    private var unserved: [String] {
        report.unserved.flatMap { WrappedText.lines($0, label: "Unserved ") }
    }

    private var unexplained: [String] {
        let left = report.unexplained
        if left.isEmpty { return [] }
        let label = "Not explained yet (\(left.count)): "
        let shown = style.isVerbose ? left.count : Self.shownUnexplained
        var lines = left.prefix(shown).enumerated().flatMap { index, symptom in
            WrappedText.lines(
                symptom.text + (index == left.count - 1 ? "." : ";"),
                label: index == 0 ? label : String(repeating: " ", count: label.count))
        }
        if left.count > shown {
            lines.append(String(repeating: " ", count: label.count) + "and \(left.count - shown) more: -v shows all")
        }
        return lines + said(of: left)
    }

    /// What events say of them, each message once.
    private func said(of symptoms: [Symptom]) -> [String] {
        var seen: Set<String> = []
        let words = symptoms.compactMap { report.lastWords[$0.id] }.filter { seen.insert($0.text).inserted }
        return words.prefix(style.isVerbose ? words.count : Self.shownWords).flatMap { words in
            WrappedText.lines(WrappedText.clean(words.text), label: "  said     ")
                + WrappedText.lines(WrappedText.clean(words.source.command), label: "             ").map(
                    style.paint.faint)
        }
    }

    // MARK: What was looked at

    private struct LayerState {
        var ran = 0
        var applied = 0
        var findings = 0
    }

    private var layers: [(layer: Cause.Layer, state: LayerState)] {
        var states: [Cause.Layer: LayerState] = [:]
        for outcome in report.outcomes {
            guard let layer = outcome.layer else { continue }
            switch outcome.state {
            case .notApplicable: continue
            case .notChecked: states[layer, default: LayerState()].applied += 1
            case .ran(let findings):
                states[layer, default: LayerState()].applied += 1
                states[layer, default: LayerState()].ran += 1
                states[layer, default: LayerState()].findings += findings
            }
        }
        return Cause.Layer.allCases.compactMap { layer in states[layer].map { (layer, $0) } }
    }

    private var checked: [String] {
        let words = layers.filter { $0.state.ran > 0 }.map { layer, state in
            let share = state.ran < state.applied ? " \(state.ran)/\(state.applied)" : ""
            return (state.findings > 0 ? found(layer) : style.good, layer.title + share)
        }
        return flowing(words, label: "Checked  ")
    }

    /// As sure as the surest cause of the layer.
    private func found(_ layer: Cause.Layer) -> String {
        let own = report.entries.flatMap(\.all).filter { Cause.coded($0.code)?.layer == layer }
        return own.isEmpty || own.contains { $0.confidence == .certain } ? style.bad : style.unsure
    }

    private var notChecked: [String] {
        var reasons: [(reason: String, layers: [String])] = []
        for outcome in report.outcomes {
            guard case .notChecked(let whole) = outcome.state else { continue }
            // `list ingresses: cannot reach the server`: what could not be reached is said once for all of them.
            var reason = whole
            if whole.hasPrefix("list "), let end = whole.firstRange(of: ": cannot reach ") {
                reason = String(whole[end.lowerBound...].dropFirst(2))
            }
            // The server's sentence says no more than the verb and the resource do.
            if let end = reason.firstRange(of: " was refused: ") { reason = "\(reason[..<end.lowerBound]) was refused" }
            let title = outcome.layer?.title ?? outcome.name
            if let known = reasons.firstIndex(where: { $0.reason == reason }) {
                if !reasons[known].layers.contains(title) { reasons[known].layers.append(title) }
            } else {
                reasons.append((reason, [title]))
            }
        }
        // What nobody asked for, with what to type.
        reasons += report.open.map { ("\($0.command)", [$0.text]) }
        if reasons.isEmpty { return [] }
        let shown = style.isVerbose ? reasons.count : Self.shownReasons
        var lines: [String] = []
        for (index, entry) in reasons.prefix(shown).enumerated() {
            let text = "\(entry.layers.joined(separator: ", ")): \(entry.reason)"
            var wrapped = WrappedText.lines(text, columns: ScreenStyle.columns - 11)
            if wrapped.count > 1, WrappedText.isCommand(entry.reason) {
                wrapped =
                    ["\(entry.layers.joined(separator: ", ")):"]
                    + WrappedText.command(entry.reason, columns: ScreenStyle.columns - 11)
            }
            for (row, line) in wrapped.enumerated() {
                let label = index == 0 && row == 0 ? "Not      " : lines.count == 1 ? "checked  " : "         "
                lines.append(label + (row == 0 ? "\(style.unknown) " : "  ") + line)
            }
        }
        if reasons.count > shown {
            lines.append("         and \(WrappedText.count(reasons.count - shown, "more reason")): -v shows all")
        }
        return lines
    }

    /// Which verb on which resource somebody would have to be granted.
    private var denied: [String] {
        guard let denials = report.denied else { return [] }
        var texts = denials.lines(shown: style.isVerbose ? .max : 5)
        texts[texts.count - 1] += denials.user.map { "; to \($0)" } ?? ""
        return texts.enumerated().flatMap {
            WrappedText.lines($0.element, label: $0.offset == 0 ? "Refused  " : "         ")
        }
    }

    /// What asking the cluster cost, and what was left out for it.
    private var cost: [String] {
        guard let record = report.collection else { return [] }
        return record.sentences.enumerated().flatMap {
            WrappedText.lines($0.element, label: $0.offset == 0 ? "Asked    " : "         ")
        }
    }

    // MARK: What was done

    /// What was sent: how much of it was answered, and each of it with -v.
    private var probed: [String] {
        if report.probes.isEmpty, report.unsentProbes.isEmpty { return [] }
        let label = "         "
        var lines: [String] = []
        for source in report.probes {
            let ran = source.records.filter { $0.outcome != .couldNotRun }
            let lost = ran.filter(\.isLost)
            let mark = ran.isEmpty ? style.unknown : lost.isEmpty ? style.good : style.bad
            let place = source.source.isMachine ? source.source.node : "\(source.source.text) (\(source.source.node))"
            var kinds: [String] = []
            for kind in PlannedProbe.Kind.allCases {
                let own = ran.filter { $0.probe.kind == kind }
                if !own.isEmpty {
                    kinds.append("\(kind.title) \(own.count { !$0.isLost })/\(own.count)")
                }
            }
            let text = "from \(place): " + (kinds.isEmpty ? "nothing could be sent" : kinds.joined(separator: ", "))
            lines += marked(WrappedText.lines(text, columns: ScreenStyle.columns - 11), mark)
            guard style.isVerbose else { continue }
            for record in source.records {
                let mark =
                    record.isLost ? style.bad : record.outcome == .couldNotRun ? style.unknown : style.good
                let words = record.outcome == .couldNotRun ? "not sent: \(record.detail)" : record.outcome.rawValue
                lines += marked(
                    WrappedText.lines(
                        "\(record.probe.kind.title) \(record.probe.text) \(record.probe.target): \(words)",
                        columns: ScreenStyle.columns - 13), "  \(mark)")
                lines += WrappedText.command(record.command, label: "    ").map { style.paint.faint($0) }
            }
        }
        lines += report.unsentProbes.prefix(style.isVerbose ? Int.max : 3).flatMap {
            marked(WrappedText.lines($0, columns: ScreenStyle.columns - 11), style.unknown)
        }
        return lines.enumerated().map { ($0.offset == 0 ? "Probed   " : label) + $0.element }
    }

    private func marked(_ lines: [String], _ mark: String) -> [String] {
        let blanks = mark.hasPrefix("  ") ? "    " : "  "
        return lines.enumerated().map { ($0.offset == 0 ? "\(mark) " : blanks) + $0.element }
    }

    private var executed: [String] {
        if report.executed.isEmpty { return [] }
        let own = report.executed.filter { !$0.isMade }
        let pods = Set(own.map { "\($0.namespace)/\($0.pod)" }).count
        let made = report.executed.count - own.count
        var parts: [String] = []
        if !own.isEmpty {
            parts.append(
                "\(WrappedText.count(own.count, "command")) in \(WrappedText.count(pods, "agent's pod", "agents' pods"))"
                    + ", all of them only read")
        }
        if made > 0 {
            let left = report.executed.count { $0.isMade && $0.isDeleted != true }
            parts.append(
                "\(WrappedText.count(made, "pod")) made to read \(made == 1 ? "its machine" : "their machines"), "
                    + (left == 0 ? "and deleted" : "\(left) of them NOT DELETED"))
        }
        let text = parts.joined(separator: "; ") + (style.isVerbose ? ":" : "; -v lists them")
        var lines = WrappedText.lines(text, label: "Run      ")
        if style.isVerbose { lines += report.executed.flatMap { WrappedText.command($0.text, label: "         ") } }
        return lines
    }

    /// Marks and words, as many in a line as fit. Colours take no room.
    private func flowing(_ words: [(mark: String, text: String)], label: String) -> [String] {
        if words.isEmpty { return [] }
        var lines: [String] = []
        var line = label
        var width = label.count
        let markWidth = style.hasGlyphs ? 1 : 2
        for (mark, text) in words {
            let added = markWidth + 1 + text.count
            if width > label.count, width + 2 + added > ScreenStyle.columns {
                lines.append(line)
                line = String(repeating: " ", count: label.count)
                width = label.count
            }
            if width > label.count {
                line += "  "
                width += 2
            }
            line += "\(mark) \(text)"
            width += added
        }
        return lines + [line]
    }
}

extension PlannedProbe.Kind {
    var title: String {
        switch self {
        case .dns: "DNS"
        case .tcp: "TCP"
        case .echo: "ping"
        case .large: "large packet"
        }
    }
}

extension Cause.Layer {
    /// What the last lines of a screen call it.
    public var title: String {
        switch self {
        case .installation: "CNI install"
        case .apiAccess: "API access"
        case .webhooks: "webhooks"
        case .configuration: "CNI config"
        case .addresses: "addresses"
        case .routing: "routes and overlay"
        case .bgp: "BGP"
        case .bpf: "eBPF"
        case .dns: "DNS"
        case .services: "Services"
        case .policy: "policy"
        case .ingress: "ingress"
        case .mesh: "mesh"
        case .mtu: "MTU"
        case .performance: "performance"
        case .node: "nodes"
        case .aws: "AWS"
        case .azure: "Azure"
        case .gcp: "GCP"
        case .multiCluster: "clusters"
        }
    }
}
