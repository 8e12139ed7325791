import Findings

/// What a message may mean, or what a code stands for: the screens of `poplin explain`.
public struct ExplainScreen {
    private let style: ScreenStyle

    public init(_ style: ScreenStyle = ScreenStyle()) { self.style = style }

    // MARK: Messages

    public func message(_ text: String, _ causes: [LogReader.Candidate]) -> String {
        guard let first = causes.first, let cause = Cause.coded(first.code) else {
            return WrappedText.lines(
                "Nothing in this message is known as a sign of a network fault. With a kubeconfig poplin doctor looks at "
                    + "the cluster itself."
            ).joined(separator: "\n")
        }
        var lines: [String] = []
        let quotation = Diagnosis.Evidence(text, from: FactSource(""))
        if first.confidence < .certain, causes.count > 1 {
            let facts = Set(causes.flatMap(\.needs)).count
            let missing = facts > 0 ? ", \(WrappedText.count(facts, "fact")) missing" : ""
            lines += bold("CAUSE NOT CERTAIN: \(causes.count) possible, the likeliest first\(missing).")
            let codes = causes.map(\.code)
            lines +=
                PossibleCauses(
                    causes.map { .init($0.code, needs: $0.needs) }, quoting: [quotation],
                    next: PossibleCauses.next(codes, nil), style
                ).lines
        } else {
            let word = first.confidence == .certain ? "means" : "may mean"
            lines += bold("This \(word) \(cause.code): \(cause.title).")
            let quoted = EvidenceLines(quotation, style, indent: 11).text
            lines += quoted.enumerated().map { ($0.offset == 0 ? "  line     " : "           ") + $0.element }
            lines += WrappedText.lines(cause.mechanism, label: "  because  ")
            for need in first.needs where first.confidence < .certain {
                lines += WrappedText.lines(need, label: "  need     ")
            }
            lines += remedy(cause)
            let others = causes.dropFirst().map(\.code)
            if !others.isEmpty { lines += WrappedText.lines(others.joined(separator: ", "), label: "  also     ") }
        }
        let like = causes.filter(\.isByLikeness).map(\.code)
        if !like.isEmpty {
            lines += WrappedText.lines(
                "\(like.joined(separator: ", ")): by likeness to known messages of \(like.count > 1 ? "these causes" : "this cause"); "
                    + "nothing in the text proves it",
                label: "  like   ")
        }
        lines += ["", style.paint.faint("explain: poplin explain \(cause.code)")]
        return lines.joined(separator: "\n")
    }

    private func bold(_ text: String) -> [String] { WrappedText.lines(text).map { style.paint.bold($0) } }

    private func remedy(_ cause: Cause) -> [String] {
        var lines: [String] = []
        if !cause.fix.isEmpty { lines += WrappedText.step(cause.fix, label: "  fix      ") }
        if !cause.not.isEmpty { lines += WrappedText.lines(cause.not, label: "  not      ") }
        return lines
    }

    // MARK: Codes

    public func code(_ cause: Cause) -> String {
        let label = "\(cause.code)  "
        var lines = WrappedText.lines(cause.title, label: label)
        lines[0] = style.paint.bold(cause.code) + lines[0].dropFirst(cause.code.count)
        lines += WrappedText.lines(cause.mechanism, label: "  ")
        if !cause.shows.isEmpty { lines += WrappedText.lines(cause.shows, label: "  shown by ") }
        if !cause.isDecisive {
            lines += WrappedText.lines("that is the usual cause, and not the only one", label: "  sure     ")
        }
        return (lines + remedy(cause)).joined(separator: "\n")
    }

    // MARK: For programs

    public static func stepList(_ text: String, _ causes: [LogReader.Candidate]) -> StepList {
        StepList(
            "poplin explain", String(text.prefix(200)),
            causes.isEmpty
                ? [.init("a known sign of a fault", .passed)]
                : causes.map { cause in
                    .init(
                        "\(cause.code) \(cause.confidence.rawValue)", .failed,
                        Cause.coded(cause.code)?.title ?? "", codes: [cause.code])
                })
    }

    public static func stepList(_ cause: Cause) -> StepList {
        StepList("poplin explain", "\(cause.code) \(cause.title)", [])
    }
}
