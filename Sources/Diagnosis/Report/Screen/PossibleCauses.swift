import Findings

/// What a message may mean, where the message alone does not decide: the line, what it is a sign of, what was ruled
/// out, what is left with the fact that would decide, and what to type next.
struct PossibleCauses {
    private let possibilities: [Diagnosis.Possibility]
    private let quotations: [Diagnosis.Evidence]
    /// Commands that would narrow it.
    private let next: [String]
    private let style: ScreenStyle
    private static let shown = 6

    init(
        _ possibilities: [Diagnosis.Possibility], quoting quotations: [Diagnosis.Evidence], next: [String],
        _ style: ScreenStyle
    ) {
        self.possibilities = possibilities
        self.quotations = quotations
        self.next = next
        self.style = style
    }

    private var left: [Diagnosis.Possibility] { possibilities.filter { !$0.isRuledOut } }

    static func either(_ codes: [String]) -> String {
        guard let last = codes.last, codes.count > 1 else { return codes.first ?? "" }
        return codes.dropLast().joined(separator: ", ") + " or " + last
    }

    var lines: [String] {
        var lines: [String] = []
        for quotation in quotations.prefix(2) {
            lines += labelled("line", EvidenceLines(quotation, style, indent: 9).text)
            if !quotation.source.place.isEmpty {
                lines += WrappedText.lines("(\(quotation.source.place))", label: "         ").map {
                    style.paint.faint($0)
                }
            }
        }
        lines += WrappedText.lines(
            "this line alone means \(Self.either(possibilities.map(\.code)))", label: "  means  ")
        let out = possibilities.filter(\.isRuledOut).map(\.code)
        if !out.isEmpty {
            lines += WrappedText.lines(
                "ruled out: \(out.joined(separator: ", ")), looked for and not there", label: "         ")
        }
        let shown = style.isVerbose ? left.count : Self.shown
        var needs: Set<String> = []
        for (index, possibility) in left.prefix(shown).enumerated() {
            let title = Cause.coded(possibility.code)?.title ?? ""
            lines += WrappedText.lines(
                "\(possibility.code)  \(title)", label: index == 0 ? "  left   " : "         ")
            // Said once: what decides one usually decides its neighbour.
            for need in possibility.needs where needs.insert(need).inserted {
                lines += WrappedText.lines(need, label: "           need  ")
            }
        }
        if left.count > shown { lines.append("         and \(left.count - shown) more: -v shows all") }
        lines += next.enumerated().flatMap {
            WrappedText.step($0.element, label: $0.offset == 0 ? "  next   " : "         ")
        }
        return lines
    }

    private func labelled(_ word: String, _ lines: [String]) -> [String] {
        let label = "  \(word)" + String(repeating: " ", count: max(1, 7 - word.count))
        return lines.enumerated().map {
            ($0.offset == 0 ? label : String(repeating: " ", count: label.count)) + $0.element
        }
    }

    // MARK: What to type next

    /// - Parameter report: of what was collected; nil for a message alone.
    static func next(_ codes: [String], _ report: DiagnosisReport?) -> [String] {
        let layers = Set(codes.compactMap { Cause.coded($0)?.layer })
        var commands: [String] = []
        for (layer, subject, provider) in [
            (Cause.Layer.aws, OpenQuestion.Subject.aws, "aws"), (.azure, .azure, "azure"), (.gcp, .gcp, "gcp"),
        ] where layers.contains(layer) {
            if let known = report?.open.first(where: { $0.subject == subject }) {
                commands.append(known.command)
            } else if report?.counts.nodes ?? 0 == 0, let generic = CloudAnswer.commands(provider).first {
                commands.append("\(generic) | poplin doctor --\(provider) -")
            }
        }
        let ofMachines: Set<Cause.Layer> = [
            .installation, .configuration, .addresses, .routing, .bpf, .mtu, .node, .performance,
        ]
        if report?.counts.nodes ?? 0 == 0 {
            commands.append("poplin doctor   # with a kubeconfig: objects rule most out")
        }
        if !layers.isDisjoint(with: ofMachines), report?.counts.machines ?? 0 == 0 {
            let node = report?.example?.node
            commands.append("sudo poplin doctor node   # on \(node ?? "the node that says it")")
        }
        return commands
    }
}
