import ArgumentParser
import Diagnosis
import Findings
import JSONTree
import LinuxHost
import SystemCalls

/// `poplin explain`: what an error message may mean, and what a code stands for. It needs no cluster.
struct ExplainCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "What an error message may mean, or what a code stands for.",
        usage: "poplin explain <message|code|-> [--each] [-o <format>] [<options>]",
        discussion: """
            A message is read for what it says of the mechanism, whoever wrote it: the causes it is a sign of, the \
            likeliest first, and what would tell them apart. "certain" means that it has no other cause. Where it names \
            none, "possible" causes are those of known messages that it is like. A code (POL-06, RTE-02) is explained from the catalogue. - reads lines from standard input, as one message, or \
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
    @OptionGroup var output: DoctorOutput

    func run(on console: Console) throws {
        if words == ["-"] {
            let lines = try standardInput()
            if each { return try answer(each: lines, console) }
            // The line end of the last line is no line.
            let end = lines.lastIndex { !$0.isEmpty }.map { $0 + 1 } ?? 0
            if end == 0 {
                // A program that failed before the pipe is no sign of health.
                throw CommandFailure(
                    .undetermined,
                    Finding("standard input is empty", next: "see whether the command before the pipe printed anything")
                )
            }
            let first = lines[0].split(whereSeparator: \.isWhitespace)
            if end == 1, first.count == 1, let cause = Cause.coded(first[0].uppercased()) {
                return try answer(cause, console)
            }
            return try answer(lines[..<end].joined(separator: "\n"), console)
        }
        if each {
            throw .usage("--each is for lines of standard input", next: "poplin explain - --each") as CommandFailure
        }
        if words.count == 1, let cause = Cause.coded(words[0].uppercased()) { return try answer(cause, console) }
        if words.count > 1, words.allSatisfy({ Cause.coded($0.uppercased()) != nil }) {
            throw .usage("one code at a time", next: "poplin explain \(words[0].uppercased())") as CommandFailure
        }
        if words.count == 1, Self.looksLikeCode(words[0]) {
            let near = EditDistance.nearest(to: words[0].uppercased(), in: Cause.all.map(\.code))
            throw .usage(
                "there is no code \(words[0])", next: near.map { "did you mean \($0)?" } ?? "codes look like RTE-02")
                as CommandFailure
        }
        if words.allSatisfy({ $0.allSatisfy(\.isWhitespace) }) {
            throw .usage(
                "the message is empty", next: "poplin explain 'the text of an error', or a code such as RTE-02")
                as CommandFailure
        }
        // As it was copied from a terminal, with its colours.
        try answer(LogEncoding.text(Array(words.joined(separator: " ").utf8)), console)
    }

    private func answer(_ cause: Cause, _ console: Console) throws {
        try output.print(value: Self.value(cause), ExplainScreen.stepList(cause), on: console) {
            ExplainScreen($0).code(cause)
        }
    }

    /// `RTE-99`, and `rte02` where RTE is a layer.
    private static func looksLikeCode(_ word: String) -> Bool {
        guard let match = word.wholeMatch(of: /([A-Za-z]{3})(-?)\d{1,3}/) else { return false }
        return !match.2.isEmpty || Cause.all.contains { $0.code.hasPrefix(match.1.uppercased()) }
    }

    /// Of any encoding, with a terminal's colours or without.
    private func standardInput() throws(CommandFailure) -> [String] {
        let bytes: [UInt8]
        do {
            bytes = try StandardStreams.readInput()
        } catch  where error.errno == .EFBIG {
            throw CommandFailure(
                .undetermined,
                Finding(
                    "standard input has more than 64 MiB, which is no message",
                    next: "poplin doctor --logs - reads the end of a whole log"))
        } catch {
            throw CommandFailure(.undetermined, Finding("cannot read standard input: \(error.errno)"))
        }
        return LogEncoding.text(bytes).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    // MARK: Messages

    private func answer(_ message: String, _ console: Console) throws {
        let causes = LogReader.answer(to: message)
        try output.print(value: Self.value(causes), ExplainScreen.stepList(message, causes), on: console) {
            ExplainScreen($0).message(message, causes)
        }
        if !causes.isEmpty { throw CommandFailure(.findings, []) }
    }

    private func answer(each lines: [String], _ console: Console) throws {
        var lines = lines
        if lines.last?.isEmpty ?? false { lines.removeLast() }
        var hasCauses = false
        for line in lines {
            let causes = LogReader.answer(to: line)
            hasCauses = hasCauses || !causes.isEmpty
            switch output.format {
            case .json: console.print(Self.value(causes).text)
            case .yaml: console.print("---\n" + (try OutputFormat.yaml.text(Self.value(causes))))
            case .junit, .sarif, .html:
                throw .usage(
                    "-o \(output.format.rawValue) is for one answer, and --each gives one a line",
                    next: "poplin explain - --each -o json") as CommandFailure
            case .text:
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
                    var members = [
                        JSONMember("code", .string(cause.code)),
                        JSONMember("confidence", .string(cause.confidence.rawValue)),
                        JSONMember("needs", .array(cause.needs.map { .string($0) })),
                    ]
                    if cause.isByLikeness { members.append(JSONMember("likeness", true)) }
                    return .object(members)
                })
        ]
    }

    // MARK: Codes

    private static func value(_ cause: Cause) -> JSONValue {
        [
            "code": .string(cause.code), "title": .string(cause.title), "mechanism": .string(cause.mechanism),
            "shows": .string(cause.shows), "fix": .string(cause.fix), "not": .string(cause.not),
            "decisive": .bool(cause.isDecisive),
        ]
    }
}
