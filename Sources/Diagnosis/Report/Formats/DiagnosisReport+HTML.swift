import Findings
import KubernetesModel

/// One file that needs nothing else: no script, no font, no picture, nothing from another machine.
extension DiagnosisReport {
    public var html: String {
        let title = Markup.escaped(headline)
        let state = status == .healthy ? "good" : status == .findings ? "bad" : "unknown"
        var body = ["<h1 class=\"\(state)\">\(title)</h1>"]
        if let now { body.append("<p class=\"faint\">collected at \(Timestamp(seconds: now))</p>") }
        body += notes.map { "<p>\(Markup.escaped($0))</p>" }
        body += entries.map { Self.section($0, symptoms: symptoms) }
        if !unexplained.isEmpty {
            body.append("<h2>Not explained yet (\(unexplained.count))</h2>")
            body.append(
                Self.list(
                    unexplained.map { symptom in
                        symptom.text + (lastWords[symptom.id].map { ": \($0.text)" } ?? "")
                    }))
        }
        if let comparison { body += ["<h2>Compare</h2>", "<p>\(Markup.escaped(comparison.text))</p>"] }
        if !changes.isEmpty { body += ["<h2>Changed</h2>", Self.list(changes)] }
        if !probes.isEmpty { body += ["<h2>Probed</h2>", probeTable] }
        body.append("<h2>Checked</h2>")
        body.append(table)
        if !unserved.isEmpty { body += ["<h2>Not served</h2>", Self.list(unserved)] }
        let unsent = unsentProbes.map { "<li>\(Markup.escaped($0))</li>" }
        let left =
            open.map { "<li>\(Markup.escaped($0.text)): <code>\(Markup.escaped($0.command))</code></li>" } + unsent
        if !left.isEmpty { body += ["<h2>Not looked at</h2>", "<ul>\(left.joined())</ul>"] }
        if let denied { body += ["<h2>Refused by the API server</h2>", Self.list(denied.lines())] }
        if !executed.isEmpty { body += ["<h2>Run in agents' pods</h2>", Self.list(executed.map(\.text))] }
        if let collection { body += ["<h2>Asked</h2>", Self.list(collection.sentences)] }
        let wrong =
            limits
            + problems.map {
                ([$0.message] + $0.reasons + [$0.next ?? ""]).filter { !$0.isEmpty }.joined(separator: "; ")
            }
        if !wrong.isEmpty { body += ["<h2>Of the evidence itself</h2>", Self.list(wrong)] }
        return """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(title)</title><style>\(Self.style)</style></head><body>
            \(body.joined(separator: "\n"))
            </body></html>
            """
    }

    static let style = """
        :root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;\
        padding:0 1rem;color:#1b1f24;background:#fff;overflow-wrap:anywhere}h1{font-size:1.35rem}h2{font-size:1.05rem;margin-top:2rem}\
        pre{background:#f4f5f7;padding:.6rem .8rem;overflow-x:auto;border-left:3px solid #57606a;margin:.4rem 0}\
        mark{background:#ffd7d5;color:inherit}.faint{color:#57606a;font-size:.87rem}\
        .bad,.certain{color:#b42318}.good{color:#1a7f37}.likely,.possible,.unknown{color:#8a5a00}\
        summary{cursor:pointer;font-weight:600}details{border:1px solid #d0d7de;border-radius:6px;\
        padding:.7rem 1rem;margin:.8rem 0}dt{font-weight:600;margin-top:.6rem}dd{margin:0 0 0 1rem}\
        table{border-collapse:collapse}td,th{text-align:left;padding:.15rem 1rem .15rem 0;vertical-align:top}\
        @media(prefers-color-scheme:dark){body{background:#0d1117;color:#e6edf3}pre{background:#161b22}\
        mark{background:#67060c}details{border-color:#30363d}.faint{color:#8b949e}.bad,.certain{color:#ff7b72}\
        .good{color:#3fb950}.likely,.possible,.unknown{color:#d29922}}\
        @media(max-width:40rem){body{margin:1rem auto}table,tbody,tr,td{display:block}\
        tr{border-top:1px solid #d0d7de;padding:.3rem 0}td{padding:0}}\
        @media print{:root{color-scheme:light}body{max-width:none;margin:0;color:#000;background:#fff}\
        pre{white-space:pre-wrap;background:none;border-left-color:#000}mark{background:none;outline:1px solid #000}\
        details{border-color:#000}pre,tr,summary{break-inside:avoid}h2,summary{break-after:avoid}}
        """

    /// All of them open: paper and a reader in a hurry unfold nothing.
    private static func section(_ entry: Entry, symptoms: [Symptom]) -> String {
        let root = entry.root
        let explained = symptoms.count { entry.explains.contains($0.id) }
        var parts = [
            "<details open><summary>\(Markup.escaped(root.code)) \(Markup.escaped(root.title)) "
                + "<span class=\"\(root.confidence.rawValue)\">\(root.confidence.rawValue)</span></summary>"
        ]
        if explained > 0 { parts.append("<p>explains \(explained) of \(symptoms.count) symptoms</p>") }
        parts += root.evidence.map { quotation in
            let age = quotation.source.age.map { " (\(WrappedText.duration(Int64($0))) ago)" } ?? ""
            // `node-3: ip link show flannel.1` has told it already.
            let isTold = quotation.source.command.isEmpty || quotation.source.place.hasSuffix(quotation.source.command)
            let command =
                isTold ? "" : " · <code>\(Markup.escaped(quotation.source.command))</code>"
            return
                "<pre>\(marked(quotation))</pre><p class=\"faint\">\(Markup.escaped(quotation.source.place))\(age)\(command)</p>"
        }
        parts.append("<dl>")
        parts += term("at", root.places) + term("because", root.because)
        if let fix = root.fix {
            parts.append("<dt>fix</dt><dd><pre>\(Markup.escaped(fix.steps.joined(separator: "\n")))</pre></dd>")
            parts += term("undo", fix.undo.isEmpty ? [] : [fix.undo]) + term("risk", fix.risk.isEmpty ? [] : [fix.risk])
        }
        parts += term("prevent", root.prevent.isEmpty ? [] : [root.prevent]) + term("not", root.deadEnds)
        if root.confidence < .certain {
            parts += term(
                "it may mean",
                root.possibilities.map {
                    "\($0.code) \(Cause.coded($0.code)?.title ?? "")\($0.isRuledOut ? " (ruled out)" : "")"
                })
            parts += term("need", root.needs)
        }
        parts += term("hence", entry.consequences.map { "\($0.code) \($0.title)" })
        return (parts + ["</dl></details>"]).joined(separator: "\n")
    }

    private static func marked(_ quotation: Diagnosis.Evidence) -> String {
        let text = Array(quotation.text)
        guard let span = quotation.span?.clamped(to: 0..<text.count), !span.isEmpty else {
            return Markup.escaped(quotation.text)
        }
        return Markup.escaped(String(text[..<span.lowerBound])) + "<mark>" + Markup.escaped(String(text[span]))
            + "</mark>" + Markup.escaped(String(text[span.upperBound...]))
    }

    private static func term(_ name: String, _ texts: [String]) -> [String] {
        texts.isEmpty ? [] : ["<dt>\(name)</dt>"] + texts.map { "<dd>\(Markup.escaped($0))</dd>" }
    }

    private static func list(_ texts: [String]) -> String {
        "<ul>" + texts.map { "<li>\(Markup.escaped($0))</li>" }.joined() + "</ul>"
    }

    private var probeTable: String {
        let rows = probes.flatMap { report in
            report.records.map { record in
                let state = record.isLost ? "bad" : record.outcome == .couldNotRun ? "unknown" : "good"
                let cells = [report.source.text, record.probe.kind.title, record.probe.text, record.probe.target]
                return "<tr>" + cells.map { "<td>\(Markup.escaped($0))</td>" }.joined()
                    + "<td class=\"\(state)\">\(record.outcome.rawValue)</td></tr>"
            }
        }
        return "<table>\(rows.joined(separator: "\n"))</table>"
    }

    private var table: String {
        let rows = outcomes.compactMap { outcome -> String? in
            let (state, text): (String, String)
            switch outcome.state {
            case .notApplicable: return nil
            case .ran(let findings):
                (state, text) = findings > 0 ? ("bad", "\(findings) found") : ("good", "nothing found")
            case .notChecked(let reason): (state, text) = ("unknown", "not checked: \(reason)")
            }
            return "<tr><td>\(Markup.escaped(outcome.layer?.title ?? ""))</td><td>\(Markup.escaped(outcome.name))</td>"
                + "<td class=\"\(state)\">\(Markup.escaped(text))</td></tr>"
        }
        return "<table>\(rows.joined(separator: "\n"))</table>"
    }
}
