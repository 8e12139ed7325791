import ArgumentParser
import CNI
import Findings
import JSONTree
import Policy

struct PolicyLintCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "lint", abstract: "Find mistakes in policies that are valid, with line and column.",
        usage: "poplin policy lint -f <file> ... [<options>]",
        discussion: """
            Findings are exact: about the pods, namespaces and services that were read, or, where they say \
            "never", about any cluster. Codes are explained in docs/reference/lint-codes.md. A policy ignores \
            one with the annotation poplin.dev/lint-ignore: "POL-06: why"; the reason is required.

            Examples:
              poplin policy lint -f manifests
              kubectl get all,netpol,endpointslices,ns -A -o yaml | poplin policy lint -f -
              poplin policy lint -f manifests -o sarif > policies.sarif

            Exit status: 0 nothing found, 1 findings, 2 usage, 3 something could not be read, 4 internal.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case table, json, yaml, sarif, junit }
    enum Threshold: String, ExpressibleByArgument, CaseIterable { case error, warning, note }

    @OptionGroup var input: PolicyFiles
    @Option(
        name: [.customShort("o"), .customLong("output")], help: "table, json, yaml, sarif or junit.")
    var format: Format = .table
    @Option(help: "The least severity that makes the exit status 1: error, warning or note.")
    var failOn: Threshold = .warning
    @Option(help: "Colours: auto, always or never.")
    var color: ColorChoice = .auto

    func run(on console: Console) throws {
        var console = console
        console.color = color
        // What is wrong with the files is a finding like any other.
        let reading = try input.silentReading(console)
        let found = PolicyLint.findings(reading.cluster, reading.policies)
        let report = LintReport(
            readingFindings: reading.findings, found: found, policies: reading.policies.policies.count)
        console.print(try report.text(format, console.paint))
        let all = report.unignored
        if reading.hasErrors, all.allSatisfy({ $0.severity != .error }) { throw CommandFailure(.undetermined, []) }
        let failing: Set<Finding.Severity> =
            switch failOn {
            case .error: [.error]
            case .warning: [.error, .warning]
            case .note: [.error, .warning, .note]
            }
        if all.contains(where: { failing.contains($0.severity) }) { throw CommandFailure(.findings, []) }
    }
}

/// Findings of lint in the formats of terminals, programs and continuous integration.
struct LintReport {
    let readingFindings: [Finding]
    let found: [LintFinding]
    let policies: Int

    /// Those that are not ignored.
    var unignored: [Finding] { readingFindings + found.filter { $0.ignoredBecause == nil }.map(\.finding) }

    func text(_ format: PolicyLintCommand.Format, _ paint: Paint) throws(CommandFailure) -> String {
        switch format {
        case .table: table(paint)
        case .json: try OutputFormat.json.text(value)
        case .yaml: try OutputFormat.yaml.text(value)
        case .sarif: try OutputFormat.json.text(sarif)
        case .junit: junit
        }
    }

    private func table(_ paint: Paint) -> String {
        var parts = unignored.map { $0.rendered(paint) + "\n" }
        let ignored = found.count { $0.ignoredBecause != nil }
        let counts = [
            (unignored.count { $0.severity == .error }, "error"),
            (unignored.count { $0.severity == .warning }, "warning"),
            (unignored.count { $0.severity == .note }, "note"),
        ].filter { $0.0 > 0 }.map { counted($0.0, $0.1) }
        var last =
            "\(counted(policies, "policy", "policies")), \(counts.isEmpty ? "nothing found" : counts.joined(separator: ", "))"
        if ignored > 0 { last += ", \(ignored) ignored" }
        parts.append(counts.isEmpty ? paint.green(last) : last)
        return parts.joined(separator: "\n")
    }

    private var value: JSONValue {
        [
            "policies": .int(Int64(policies)),
            "items": .array(
                readingFindings.map(\.value)
                    + found.map { entry in
                        var value = entry.finding.value
                        if let policy = entry.policy { value = value.settingMember("policy", to: .string("\(policy)")) }
                        if let reason = entry.ignoredBecause {
                            value = value.settingMember("ignoredBecause", to: .string(reason))
                        }
                        return value
                    }),
        ]
    }

    // MARK: SARIF 2.1.0

    /// The identifier, in SARIF and JUnit, of what has no code of its own: a manifest that the API server would refuse.
    private static let unreadable = "invalid"

    private static func rule(_ finding: Finding) -> String { finding.code.isEmpty ? unreadable : finding.code }

    private static func described(_ id: String, _ title: String, _ explanation: String) -> JSONValue {
        [
            "id": .string(id), "shortDescription": ["text": .string(title)],
            "fullDescription": ["text": .string(explanation)],
        ]
    }

    private var sarif: JSONValue {
        let rules =
            LintCode.all.map { Self.described($0.code, $0.title, $0.explanation) } + [
                Self.described(
                    Self.unreadable, "Object that is refused",
                    """
                    The object cannot be read as what its kind says: a member is missing, has another type or a value that \
                    is out of range. The API server refuses it as well, so nothing of it is in force.
                    """)
            ]
        let results: [JSONValue] =
            readingFindings.map { Self.sarif($0, nil) } + found.map { Self.sarif($0.finding, $0.ignoredBecause) }
        return [
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0",
            "runs": [
                [
                    "tool": [
                        "driver": [
                            "name": "poplin policy lint", "version": .string(Release.version), "rules": .array(rules),
                        ]
                    ],
                    "results": .array(results),
                ]
            ],
        ]
    }

    private static func sarif(_ finding: Finding, _ ignored: String?) -> JSONValue {
        var members: [JSONMember] = [
            JSONMember("ruleId", .string(rule(finding))),
            JSONMember("level", .string(finding.severity.rawValue)),
            JSONMember(
                "message",
                [
                    "text": .string(
                        ([finding.message] + finding.reasons + (finding.next.map { [$0] } ?? [])).joined(
                            separator: "\n"))
                ]),
        ]
        if let place = finding.place {
            var physical: [JSONMember] = [JSONMember("artifactLocation", ["uri": .string(place.file)])]
            if let position = place.position {
                physical.append(
                    JSONMember(
                        "region",
                        ["startLine": .int(Int64(position.line)), "startColumn": .int(Int64(position.column))]))
            }
            members.append(JSONMember("locations", [["physicalLocation": .object(physical)]]))
        }
        if let ignored {
            members.append(JSONMember("suppressions", [["kind": "inSource", "justification": .string(ignored)]]))
        }
        return .object(members)
    }

    // MARK: JUnit

    private var junit: String {
        var cases = unignored.map { finding -> JUnitSuite.Case in
            let place = finding.place.map { place in
                place.file + (place.position.map { ":\($0.line):\($0.column)" } ?? "")
            }
            let text = [place ?? ""] + finding.reasons + (finding.next.map { ["next: \($0)"] } ?? [])
            return .init(
                Self.rule(finding), finding.message,
                .failed(
                    kind: finding.severity.rawValue, message: finding.message, text: text.joined(separator: "\n")))
        }
        cases += found.compactMap { entry in
            entry.ignoredBecause.map { .init(entry.finding.code, entry.finding.message, .skipped($0)) }
        }
        if cases.isEmpty {
            let name = "\(counted(policies, "policy", "policies")) without findings"
            cases.append(.init("poplin", name, .passed))
        }
        // Without a time the same manifests give the same file.
        return JUnitSuite("poplin policy lint", at: nil, cases).text
    }
}
