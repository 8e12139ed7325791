import ArgumentParser
import Findings
import JSONTree
import Policy

struct PolicySuggestCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "suggest", abstract: "Policies that admit what was observed, few and readable.",
        usage: "poplin policy suggest -f <file> ... --flows <file> [<options>]",
        discussion: """
            Flows are JSON, one object a line: {"src": {"pod": "shop/web-1"}, "dst": {"pod": "pay/db-0"}, \
            "protocol": "TCP", "port": 5432}. One policy for each workload and direction; the cluster's DNS \
            is recognised. The result is tried on the engine: every observed flow must pass, and what else \
            opens is said. What was not observed is refused, so read the coverage first.

            Examples:
              poplin policy suggest -f dump.json --flows flows.jsonl > policies.yaml
              poplin policy suggest -f dump.json --flows flows.jsonl --only shop -o json
              poplin policy suggest --live --flows flows.jsonl --dialect cilium

            \(CommandStatus.help)
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case yaml, json }

    @OptionGroup var input: PolicyFiles
    @Option(help: "Recorded flows, one JSON object a line; - for standard input.", completion: .file())
    var flows: String
    @Option(help: ArgumentHelp("Only policies of this namespace; may be given again.", valueName: "namespace"))
    var only: [String] = []
    @Option(help: "Whose policies to write: kubernetes (which every agent enforces), calico or cilium.")
    var dialect: SuggestionDialect = .kubernetes
    @Option(name: [.customShort("o"), .customLong("output")], help: "yaml or json.")
    var format: Format = .yaml

    func run(on console: Console) throws {
        let reading = try input.reading(console)
        let file = try FlowFile(path: flows)
        console.printError(file.findings)
        let suggestion = PolicySuggestion(
            from: file.flows, times: file.times, in: reading.cluster,
            namespaces: only.isEmpty ? nil : Set(only), dialect: dialect)
        switch format {
        case .yaml: console.print(try yaml(suggestion))
        case .json: console.print(try OutputFormat.json.text(value(suggestion)))
        }
        let refused = suggestion.refused
        if !refused.isEmpty {
            throw CommandFailure(
                .findings,
                Finding(
                    "\(counted(refused.count, "observed flow")) would still be refused, such as \(refused[0])",
                    next: "NetworkPolicy cannot say them: protocols without ports, pods on the host's network"))
        }
        if reading.hasErrors || !file.findings.isEmpty { throw CommandFailure(.undetermined, []) }
    }

    private func coverage(_ suggestion: PolicySuggestion) -> [String] {
        let coverage = suggestion.coverage
        var lines: [String] = []
        var first = "\(counted(coverage.flows, "flow")) observed"
        if let from = coverage.first, let to = coverage.last {
            first += " from \(from) to \(to)"
        } else {
            first += ", without times"
        }
        lines.append(first)
        if !coverage.neverSeen.isEmpty {
            lines.append("never seen, so not admitted: \(coverage.neverSeen.joined(separator: ", "))")
        }
        if !coverage.unknownEnds.isEmpty {
            lines.append("not in the cluster any more: \(coverage.unknownEnds.joined(separator: ", "))")
        }
        if suggestion.wider.isEmpty {
            lines.append("nothing is open between pods that was not observed")
        } else {
            lines.append("open, though never observed:")
            for entry in suggestion.wider.prefix(10) {
                lines.append("  \(entry.source.name) -> \(entry.destination.name)  \(entry.gained)")
            }
            if suggestion.wider.count > 10 { lines.append("  and \(suggestion.wider.count - 10) more pairs") }
        }
        return lines
    }

    private func yaml(_ suggestion: PolicySuggestion) throws(CommandFailure) -> String {
        var text = coverage(suggestion).map { "# \($0)" }.joined(separator: "\n") + "\n"
        for entry in suggestion.policies {
            text += "---\n" + entry.because.map { "# \($0)\n" }.joined()
            text += try ExplanationScreen.yaml(entry.manifest).joined(separator: "\n") + "\n"
        }
        return text
    }

    private func value(_ suggestion: PolicySuggestion) -> JSONValue {
        let coverage = suggestion.coverage
        return [
            "apiVersion": "v1", "kind": "List",
            "coverage": [
                "flows": .int(Int64(coverage.flows)), "first": coverage.first.map { .string($0) } ?? .null,
                "last": coverage.last.map { .string($0) } ?? .null,
                "neverSeen": .array(coverage.neverSeen.map { .string($0) }),
                "unknownEnds": .array(coverage.unknownEnds.map { .string($0) }),
                "openThoughNeverObserved": .array(suggestion.wider.map(\.value)),
                "refused": .array(suggestion.refused.map(\.value)),
            ],
            "items": .array(suggestion.policies.map(\.manifest)),
        ]
    }
}

extension SuggestionDialect: ExpressibleByArgument {}
