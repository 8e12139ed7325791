import ArgumentParser
import Findings
import JSONTree
import Policy

/// `poplin policy verdict`: many flows judged in one call, for tests, simulators and CI.
struct PolicyVerdictCommand: OutputCommand {
    static let configuration = CommandConfiguration(
        commandName: "verdict", abstract: "Judge many flows at once, each with its rule.",
        discussion: """
            A flow is one JSON object on a line:
              {"src":{"pod":"shop/a"},"dst":{"pod":"pay/db"},"protocol":"TCP","port":5432}
            An end is a pod, {"node": "name"} or {"ip": "address"}; "family" is IPv4 unless an address says otherwise; \
            the port is the pod's, as after any Service. With -o json each answer is one line as well, in the order of \
            the flows: the flow with "verdict", and for each direction the reason, the deciding rule and the walk that \
            led there.

            Examples:
              poplin policy verdict -f manifests --flows flows.jsonl
              poplin policy verdict --live --flows flows.jsonl -o json

            Exit status: 0 every flow was judged (allowed or not), 1 a flow or a manifest could not be used, 2 usage, \
            3 a file could not be read, 4 internal.
            """)

    @OptionGroup var files: PolicyFiles

    @Option(help: "Flows, one JSON object on each line; - for standard input.", completion: .file())
    var flows: String

    @Flag(inversion: .prefixedNo, help: "How every rule that applies fared, with -o json and yaml.")
    var walk = true

    @OptionGroup var output: OutputOptions

    func run(on console: Console) throws {
        let reading = try files.reading(console)
        let list = try FlowFile(path: flows)
        console.printError(list.findings)
        let engine = PolicyEngine(cluster: reading.cluster, policies: reading.policies)
        var hasProblems = reading.hasErrors || list.findings.contains { $0.severity == .error }
        var table = TextTable(["FROM", "TO", "PORT", "VERDICT", "SIDE", "REASON", "RULE"])
        var records: [JSONValue] = []
        for flow in list.flows {
            do throws(FlowError) {
                switch output.format {
                case .json: console.print(try engine.record(of: flow, withWalk: walk).text)
                case .yaml: records.append(try engine.record(of: flow, withWalk: walk))
                case .table: try add(flow, engine, to: &table)
                }
            } catch {
                hasProblems = true
                console.printError([Finding(.error, "\(flow): \(error)")])
                if output.format == .json {
                    console.print(
                        JSONValue.object(flow.value.members + [JSONMember("error", .string(error.description))]).text)
                }
            }
        }
        if output.format == .yaml { console.print(try output.format.text(.array(records))) }
        if output.format == .table, !table.isEmpty { console.print(table.rendered(console.paint)) }
        if hasProblems { throw CommandFailure(.findings, []) }
    }

    /// A row names the side that matters: the one that denies, else the one where a rule allowed.
    private func add(_ flow: Flow, _ engine: PolicyEngine, to table: inout TextTable) throws(FlowError) {
        let verdict = try engine.verdict(flow)
        let direction: Direction =
            !verdict.egress.isAllowed
            ? .egress : !verdict.ingress.isAllowed ? .ingress : verdict.ingress.decidedBy != nil ? .ingress : .egress
        let side = verdict[direction]
        let isolating =
            try side.reason == .noRule
            ? (direction == .egress ? engine.walk(flow).egress : engine.walk(flow).ingress).isolatedBy : []
        let port = flow.transport.hasPorts ? "\(flow.port)/\(flow.transport)" : "\(flow.transport)"
        table.add(
            "\(flow.source.description)", "\(flow.destination.description)", "\(port)",
            verdict.isAllowed ? TextTable.Cell("allow", .good) : TextTable.Cell("deny", .bad), "\(direction.rawValue)",
            "\(side.reason.rawValue)",
            "\(side.decidedBy?.description ?? isolating.map(\.description).joined(separator: ", "))")
    }
}
