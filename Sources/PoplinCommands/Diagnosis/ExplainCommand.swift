import ArgumentParser
import Diagnosis
import Findings
import Foundation
import JSONTree

/// `poplin explain`: what an error message may mean, and what a code stands for. It needs no cluster.
struct ExplainCommand: OutputCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "What an error message may mean, or what a code stands for.",
        usage: "poplin explain <message|code|-> [--each] [<options>]",
        discussion: """
            A message is read for what it says of the mechanism, whoever wrote it: the causes it is a sign of, the \
            likeliest first, and what would tell them apart. "certain" means that it has no other cause. A code \
            (POL-06, RTE-02) is explained from the catalogue. - reads lines from standard input, as one message, or \
            with --each as one message a line.

            Examples:
              poplin explain 'failed to find plugin "loopback" in path [/opt/cni/bin]'
              poplin explain RTE-02
              journalctl -u containerd | poplin explain - --each -o json

            Exit status: 0 healthy: nothing in it is known as a fault, 1 causes were found, 2 usage, \
            3 could not determine, 4 internal.
            """)

    @Argument(help: "An error message, a code, or - for standard input.")
    var words: [String]
    @Flag(help: "Each line of standard input is a message of its own; one answer a line.")
    var each = false
    @OptionGroup var output: OutputOptions

    func run(on console: Console) throws {
        if words == ["-"] {
            let lines = try standardInput()
            if each { return try answer(each: lines, console) }
            return try answer(lines.joined(separator: "\n"), console)
        }
        if each {
            throw .usage("--each is for lines of standard input", next: "poplin explain - --each") as CommandFailure
        }
        if words.count == 1, let cause = Cause.coded(words[0].uppercased()) {
            return console.print(
                try output.format == .table ? Self.screen(cause, console.paint) : output.format.text(Self.value(cause)))
        }
        if words.count == 1, Self.looksLikeCode(words[0]) {
            let near = EditDistance.nearest(to: words[0].uppercased(), in: Cause.all.map(\.code))
            throw .usage(
                "there is no code \(words[0])", next: near.map { "did you mean \($0)?" } ?? "codes look like RTE-02")
                as CommandFailure
        }
        try answer(words.joined(separator: " "), console)
    }

    private static func looksLikeCode(_ word: String) -> Bool {
        word.wholeMatch(of: /[A-Za-z]{3}-\d{1,3}/) != nil
    }

    /// Bytes that are no text are replaced, so that any log can be read.
    private func standardInput() throws(CommandFailure) -> [String] {
        let bytes: Data
        do {
            bytes = try FileHandle.standardInput.readToEnd() ?? Data()
        } catch {
            throw CommandFailure(.undetermined, Finding("cannot read standard input: \(error)"))
        }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)
    }

    // MARK: Messages

    private func answer(_ message: String, _ console: Console) throws {
        let causes = LogReader.causes(of: message)
        console.print(
            try output.format == .table
                ? Self.screen(causes, console.paint) : output.format.text(Self.value(causes)))
        if !causes.isEmpty { throw CommandFailure(.findings, []) }
    }

    private func answer(each lines: [String], _ console: Console) throws {
        var lines = lines
        if lines.last?.isEmpty ?? false { lines.removeLast() }
        var hasCauses = false
        for line in lines {
            let causes = LogReader.causes(of: line)
            hasCauses = hasCauses || !causes.isEmpty
            switch output.format {
            case .json: console.print(Self.value(causes).text)
            case .yaml: console.print("---\n" + (try output.format.text(Self.value(causes))))
            case .table:
                console.print(
                    causes.isEmpty ? "-" : causes.map { "\($0.code) \($0.confidence.rawValue)" }.joined(separator: ", ")
                )
            }
        }
        if hasCauses { throw CommandFailure(.findings, []) }
    }

    private static func value(_ causes: [LogReader.Candidate]) -> JSONValue {
        [
            "causes": .array(
                causes.map { cause in
                    [
                        "code": .string(cause.code), "confidence": .string(cause.confidence.rawValue),
                        "title": .string(Cause.coded(cause.code)?.title ?? ""),
                        "needs": .array(cause.needs.map { .string($0) }),
                    ]
                })
        ]
    }

    private static func screen(_ causes: [LogReader.Candidate], _ paint: Paint) -> String {
        guard let first = causes.first else {
            return "Nothing in this message is known as a sign of a network fault."
        }
        var lines: [String] = []
        if first.confidence == .certain {
            lines.append(paint.bold("This means \(first.code)."))
        } else if causes.count == 1 {
            lines.append(paint.bold("This may mean \(first.code)."))
        } else {
            lines.append(paint.bold("CAUSE NOT CERTAIN: \(causes.count) possible, the likeliest first."))
        }
        for cause in causes {
            guard let known = Cause.coded(cause.code) else { continue }
            lines += ["", "\(paint.bold(cause.code))  \(known.title)   \(cause.confidence.rawValue)"]
            if cause == first { lines += wrapped(known.mechanism, indent: "  ") }
            for need in cause.needs { lines += wrapped(need, indent: "  need     ") }
            if cause == first, !known.fix.isEmpty { lines += wrapped(known.fix, indent: "  fix      ") }
            if cause == first, !known.not.isEmpty { lines += wrapped(known.not, indent: "  not      ") }
        }
        lines += ["", "explain: poplin explain \(first.code)"]
        return lines.joined(separator: "\n")
    }

    // MARK: Codes

    private static func value(_ cause: Cause) -> JSONValue {
        [
            "code": .string(cause.code), "title": .string(cause.title), "mechanism": .string(cause.mechanism),
            "shows": .string(cause.shows), "fix": .string(cause.fix), "not": .string(cause.not),
            "decisive": .bool(cause.isDecisive),
        ]
    }

    private static func screen(_ cause: Cause, _ paint: Paint) -> String {
        var lines = ["\(paint.bold(cause.code))  \(cause.title)"]
        lines += wrapped(cause.mechanism, indent: "  ")
        lines += wrapped(cause.shows, indent: "  shown by ")
        if !cause.isDecisive {
            lines += wrapped("that is the usual cause, and not the only one", indent: "  sure     ")
        }
        if !cause.fix.isEmpty { lines += wrapped(cause.fix, indent: "  fix      ") }
        if !cause.not.isEmpty { lines += wrapped(cause.not, indent: "  not      ") }
        return lines.joined(separator: "\n")
    }

    /// In 80 columns; the first line has the word, the others its width in blanks.
    static func wrapped(_ text: String, indent: String) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, indent.count + line.count + word.count + 1 > 80 {
                lines.append(line)
                line = ""
            }
            line += line.isEmpty ? word : " \(word)"
        }
        lines.append(line)
        let blanks = String(repeating: " ", count: indent.count)
        return lines.enumerated().map { ($0.offset == 0 ? indent : blanks) + $0.element }
    }
}
