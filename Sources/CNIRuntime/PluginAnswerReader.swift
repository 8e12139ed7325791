import CNI
import JSONTree
import LinuxHost

/// Turns what a plugin's process left behind into an answer. Pure.
struct PluginAnswerReader {
    let type: String
    let command: CNIRequest.Command
    /// The limit the process had, for the message when it passed.
    var limit: Duration?

    struct Reading {
        var answer: PluginInvocation.Answer
        var remarks: [String] = []
    }

    func read(_ outcome: ChildProcess.Outcome) -> Reading {
        if outcome.ranOutOfTime {
            let time = limit.map { " within \($0.inWords)" } ?? ""
            return failed("plugin \(type) did not answer \(command)\(time) and was ended", outcome)
        }
        let documents = Documents(outcome.output)
        // An error object counts however the process ended: it is the most anybody knows.
        if let error = documents.error { return Reading(answer: .failure(described(error, documents))) }
        switch outcome.termination {
        case .killed:
            return failed("plugin \(type) died during \(command): \(outcome.termination)", outcome)
        case .exited(0):
            return succeeded(documents, outcome)
        case .exited:
            return unsuccessful(documents, outcome)
        }
    }

    /// Exit status 0 and no error object.
    private func succeeded(_ documents: Documents, _ outcome: ChildProcess.Outcome) -> Reading {
        guard command == .add || command == .version else {
            guard case .none = documents else {
                return Reading(
                    answer: .done, remarks: ["\(type) printed something for \(command), which has no result"])
            }
            return Reading(answer: .done)
        }
        switch documents {
        case .none:
            return failed("plugin \(type) answered \(command) with nothing", outcome)
        case .one(let tree):
            if tree.root.kind == .object || tree.root.isNull { return Reading(answer: .result(tree)) }
            return failed(
                "plugin \(type) answered \(command) with \(tree.root.kind) instead of an object", outcome)
        case .two:
            return failed("plugin \(type) answered \(command) with more than one JSON document", outcome, showing: true)
        case .malformed(let error):
            return failed(
                "plugin \(type) answered \(command) with something that is not JSON: \(error.reason)", outcome,
                first: error.caret)
        }
    }

    /// Another exit status and no error object.
    private func unsuccessful(_ documents: Documents, _ outcome: ChildProcess.Outcome) -> Reading {
        let status = outcome.termination
        switch documents {
        case .none:
            // libcni's sentence.
            return failed("netplugin failed with no error message: plugin \(type), \(command), \(status)", outcome)
        case .one:
            return failed(
                "plugin \(type) failed (\(status)) though it answered \(command) with a result", outcome, showing: true)
        case .two:
            return failed(
                "plugin \(type) failed (\(status)) and printed more than one JSON document", outcome, showing: true)
        case .malformed:
            return failed("plugin \(type) failed (\(status)) without an error object", outcome, showing: true)
        }
    }

    private func described(_ error: CNIError, _ documents: Documents) -> CNIError {
        guard case .two = documents else { return error }
        return error.adding(
            "plugin \(type) printed a result and then this error: what it had made by then may still be there")
    }

    private func failed(
        _ message: String, _ outcome: ChildProcess.Outcome, first: String? = nil, showing: Bool = false
    ) -> Reading {
        var lines: [String] = []
        if let first { lines.append(first) }
        if showing { lines += Self.quoted(outcome.output, named: "standard output") }
        lines += Self.quoted(outcome.errors, named: "standard error")
        return Reading(answer: .failure(CNIError(.pluginFailed, message, details: lines.joined(separator: "\n"))))
    }

    /// The last lines of an output, indented.
    static func quoted(_ bytes: [UInt8], named name: String) -> [String] {
        let text = String(decoding: bytes.suffix(4096), as: UTF8.self)
        let lines = text.split(whereSeparator: \.isNewline)
        if lines.isEmpty { return [] }
        let shown = lines.suffix(12)
        let heading = shown.count < lines.count || bytes.count > 4096 ? "the end of its \(name)" : "its \(name)"
        return ["\(heading):"] + shown.map { "  \($0)" }
    }
}

/// What is on a plugin's standard output.
private enum Documents {
    case none
    case one(JSONTree)
    /// The reference library's answer to some failures: a result, and then an error object.
    case two(JSONTree, JSONTree)
    case malformed(JSONSyntaxError)

    init(_ output: [UInt8]) {
        let isBlank = output.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
        if isBlank {
            self = .none
            return
        }
        do throws(JSONSyntaxError) {
            self = .one(try JSONTree(parsing: output))
        } catch {
            let cut = error.position.offset
            if cut > 0, let first = try? JSONTree(parsing: Array(output[..<cut])),
                let second = try? JSONTree(parsing: Array(output[cut...]))
            {
                self = .two(first, second)
            } else {
                self = .malformed(error)
            }
        }
    }

    /// The error object in it, if there is one. An object with members of a result is none.
    var error: CNIError? {
        switch self {
        case .none, .malformed: nil
        case .one(let tree): Self.error(in: tree.root)
        case .two(let first, let second): Self.error(in: second.root) ?? Self.error(in: first.root)
        }
    }

    private static func error(in node: JSONNode) -> CNIError? {
        for key in ["interfaces", "ips", "ip4", "ip6", "supportedVersions"] where node[key] != nil { return nil }
        return CNIError(decoding: node)
    }
}

extension Duration {
    /// `90 s`, `1.5 s`, `250 ms`: for sentences.
    var inWords: String {
        let (seconds, attoseconds) = components
        let milliseconds = attoseconds / 1_000_000_000_000_000
        if milliseconds == 0 { return "\(seconds) s" }
        if seconds == 0 { return "\(milliseconds) ms" }
        return "\(seconds).\(String(milliseconds + 1000).dropFirst()) s"
    }
}
