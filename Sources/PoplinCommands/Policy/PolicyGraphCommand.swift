import ArgumentParser
import Findings
import JSONTree
import Policy

struct PolicyGraphCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "graph", abstract: "Who reaches whom, by classes of pods that policies tell apart.",
        usage: "poplin policy graph -f <file> ... [<options>]",
        discussion: """
            Examples:
              poplin policy graph -f manifests                        a table
              poplin policy graph -f manifests -o svg > policies.svg
              poplin policy graph -f manifests -o dot | dot -Tpng > policies.png
              poplin policy graph -f manifests -o mermaid --pods-only

            \(CommandStatus.help)
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case table, dot, svg, mermaid, json, yaml }

    @OptionGroup var input: PolicyFiles
    @Option(name: [.customShort("o"), .customLong("output")], help: "table, dot, svg, mermaid, json or yaml.")
    var format: Format = .table
    @Flag(help: "Leave out nodes and what is outside the cluster.")
    var podsOnly = false
    @Option(help: "Colours: auto, always or never.")
    var color: ColorChoice = .auto

    func run(on console: Console) throws {
        var console = console
        console.color = color
        let reading = try input.reading(console)
        let graph = ReachGraph(Reachability(reading.cluster, reading.policies), includesOutside: !podsOnly)
        switch format {
        case .dot: console.print(graph.dot)
        case .svg: console.print(graph.svg)
        case .mermaid: console.print(graph.mermaid)
        case .json: console.print(try OutputFormat.json.text(graph.value))
        case .yaml: console.print(try OutputFormat.yaml.text(graph.value))
        case .table: console.print(table(graph, console.paint))
        }
        if reading.hasErrors { throw CommandFailure(.undetermined, []) }
    }

    private func table(_ graph: ReachGraph, _ paint: Paint) -> String {
        var table = TextTable(["FROM", "TO", "TRAFFIC"])
        let names = Dictionary(uniqueKeysWithValues: graph.nodes.map { ($0.id, $0.entry.name) })
        for edge in graph.edges {
            table.add(.init(names[edge.source] ?? "?"), .init(names[edge.destination] ?? "?"), .init("\(edge.traffic)"))
        }
        let open = graph.nodes.filter(\.takesFromAll).map(\.entry.name)
        var parts = table.isEmpty ? [] : [table.rendered(paint)]
        if !open.isEmpty { parts.append("open to everybody: \(open.joined(separator: ", "))") }
        return parts.isEmpty ? "no pods" : parts.joined(separator: "\n\n")
    }
}
