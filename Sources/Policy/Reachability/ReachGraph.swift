import Findings
import JSONTree

/// Who reaches whom, drawn: classes as boxes in their namespaces, an arrow for everything that is open and not open to
/// everybody.
public struct ReachGraph: Sendable {
    public struct Node: Sendable {
        public var id: Int
        public var entry: ReachClass
        /// Takes connections from every class, or sends to every class, with the same traffic.
        public var takesFromAll: Bool
    }

    public struct Edge: Sendable {
        public var source: Int
        public var destination: Int
        public var traffic: TrafficSet
    }

    public let nodes: [Node]
    public let edges: [Edge]

    /// - Parameter includesOutside: whether nodes and addresses outside are drawn.
    public init(_ reachability: Reachability, includesOutside: Bool = true) {
        let classes = reachability.classes
        let shown = classes.indices.filter { includesOutside || classes[$0].isPods }
        var edges: [Edge] = []
        var isOpenToAll: Set<Int> = []
        for destination in shown {
            let sets = shown.filter { $0 != destination && (classes[$0].isPods || classes[destination].isPods) }.map {
                source in
                reachability.families.reduce(TrafficSet.nothing) {
                    $0.union(reachability.traffic(from: source, to: destination, $1))
                }
            }
            if classes[destination].isPods, !sets.isEmpty, sets.allSatisfy(\.isEverything) {
                isOpenToAll.insert(destination)
            }
        }
        for source in shown {
            for destination in shown {
                if source == destination, classes[source].members.count < 2 { continue }
                if isOpenToAll.contains(destination) { continue }
                let set = reachability.families.reduce(TrafficSet.nothing) {
                    $0.union(reachability.traffic(from: source, to: destination, $1))
                }
                if !set.isEmpty { edges.append(Edge(source: source, destination: destination, traffic: set)) }
            }
        }
        let used = Set(edges.flatMap { [$0.source, $0.destination] })
        nodes = shown.filter { classes[$0].isPods || used.contains($0) }
            .map { Node(id: $0, entry: classes[$0], takesFromAll: isOpenToAll.contains($0)) }
        self.edges = edges
    }

    private func label(_ node: Node) -> String {
        let name = node.entry.isPods ? String(node.entry.name.drop { $0 != "/" }.dropFirst()) : node.entry.name
        let count = node.entry.members.count
        let pods = node.entry.isPods && count > 1 ? " (\(count))" : ""
        return name + pods + (node.takesFromAll ? " [open]" : "")
    }

    private var groups: [(namespace: String?, nodes: [Node])] {
        let names = Set(nodes.map(\.entry.namespace))
        return names.sorted { ($0 ?? "~") < ($1 ?? "~") }.map { name in
            (name, nodes.filter { $0.entry.namespace == name })
        }
    }

    // MARK: Formats

    /// Graphviz.
    public var dot: String {
        func quoted(_ text: String) -> String {
            "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
        }
        var lines = ["digraph policies {", "  rankdir=LR;", "  node [shape=box, fontname=\"sans-serif\"];"]
        for (index, group) in groups.enumerated() {
            let indent = group.namespace == nil ? "  " : "    "
            if let namespace = group.namespace {
                lines += ["  subgraph cluster_\(index) {", "    label=\(quoted(namespace));"]
            }
            for node in group.nodes {
                let style = node.takesFromAll ? ", style=dashed" : ""
                lines.append("\(indent)c\(node.id) [label=\(quoted(label(node)))\(style)];")
            }
            if group.namespace != nil { lines.append("  }") }
        }
        for edge in edges {
            lines.append("  c\(edge.source) -> c\(edge.destination) [label=\(quoted("\(edge.traffic)"))];")
        }
        return (lines + ["}"]).joined(separator: "\n")
    }

    /// Mermaid, as forges draw it in Markdown.
    public var mermaid: String {
        func quoted(_ text: String) -> String { "\"" + text.replacing("\"", with: "#quot;") + "\"" }
        var lines = ["flowchart LR"]
        for (index, group) in groups.enumerated() {
            if let namespace = group.namespace { lines.append("  subgraph ns\(index) [\(quoted(namespace))]") }
            for node in group.nodes { lines.append("    c\(node.id)[\(quoted(label(node)))]") }
            if group.namespace != nil { lines.append("  end") }
        }
        for edge in edges { lines.append("  c\(edge.source) -->|\(quoted("\(edge.traffic)"))| c\(edge.destination)") }
        return lines.joined(separator: "\n")
    }

    /// For programs.
    public var value: JSONValue {
        [
            "nodes": .array(
                nodes.map { node in
                    [
                        "id": .int(Int64(node.id)), "name": .string(node.entry.name),
                        "namespace": node.entry.namespace.map { .string($0) } ?? .null,
                        "labels": .object(
                            node.entry.labels.sorted { $0.key < $1.key }.map { JSONMember($0.key, .string($0.value)) }),
                        "members": .array(node.entry.members.map { .string($0) }),
                        "openToAll": .bool(node.takesFromAll),
                    ]
                }),
            "edges": .array(
                edges.map { edge in
                    [
                        "source": .int(Int64(edge.source)), "destination": .int(Int64(edge.destination)),
                        "traffic": .string("\(edge.traffic)"),
                    ]
                }),
        ]
    }

    /// A picture without Graphviz: namespaces as columns of boxes, arrows as curves.
    public var svg: String {
        let width = 220
        let height = 34
        let gap = (horizontal: 140, vertical: 16)
        var boxes: [Int: (left: Int, top: Int)] = [:]
        var body: [String] = []
        var tallest = 0
        for (column, group) in groups.enumerated() {
            let left = 20 + column * (width + gap.horizontal)
            body.append(
                "<text x=\"\(left)\" y=\"24\" font-weight=\"bold\">\(Markup.escaped(group.namespace ?? "outside"))</text>"
            )
            for (row, node) in group.nodes.enumerated() {
                let top = 40 + row * (height + gap.vertical)
                boxes[node.id] = (left, top)
                tallest = max(tallest, top + height)
                let dash = node.takesFromAll ? " stroke-dasharray=\"4 3\"" : ""
                body.append(
                    "<rect x=\"\(left)\" y=\"\(top)\" width=\"\(width)\" height=\"\(height)\" rx=\"5\" fill=\"#f6f8fa\" stroke=\"#57606a\"\(dash)/>"
                )
                body.append("<text x=\"\(left + 10)\" y=\"\(top + 22)\">\(Markup.escaped(label(node)))</text>")
            }
        }
        for edge in edges {
            guard let from = boxes[edge.source], let to = boxes[edge.destination] else { continue }
            let goesRight = to.left > from.left
            let start = (goesRight || to.left == from.left ? from.left + width : from.left, from.top + height / 2)
            let end = (
                to.left > from.left ? to.left : to.left == from.left ? to.left + width : to.left + width,
                to.top + height / 2
            )
            let bend = to.left == from.left ? 60 : gap.horizontal / 2
            let first = start.0 + (goesRight || to.left == from.left ? bend : -bend)
            let second = end.0 + (to.left > from.left ? -bend : bend)
            body.append(
                "<path d=\"M\(start.0) \(start.1) C\(first) \(start.1) \(second) \(end.1) \(end.0) \(end.1)\" fill=\"none\" stroke=\"#0969da\" marker-end=\"url(#tip)\"><title>\(Markup.escaped("\(edge.traffic)"))</title></path>"
            )
            body.append(
                "<text x=\"\((start.0 + end.0 + first + second) / 4)\" y=\"\((start.1 + end.1) / 2 - 4)\" font-size=\"10\" text-anchor=\"middle\" fill=\"#0969da\">\(Markup.escaped("\(edge.traffic)"))</text>"
            )
        }
        let columns = max(1, groups.count)
        return """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(40 + columns * (width + gap.horizontal))" height="\(tallest + 30)" font-family="sans-serif" font-size="13">
            <defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" fill="#0969da"/></marker></defs>
            \(body.joined(separator: "\n"))
            </svg>
            """
    }
}
