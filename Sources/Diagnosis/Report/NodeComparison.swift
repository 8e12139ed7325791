/// What all ailing machines have in common and no healthy one has: often the strongest clue there is.
public struct NodeComparison: Sendable, Hashable {
    public let ailing: [String]
    /// `kernel 7.2.0 only on them; the other 8 nodes have 6.12.4`.
    public let differences: [String]

    /// Nil where there is nothing to compare: every node ails, or none, or nothing differs.
    public init?(_ facts: FactBase) {
        let nodes = facts.objects("nodes")
        let bad = Set(facts.symptoms(.node, .sandbox, .terminate).map(\.node)).subtracting([""])
        let ailing = nodes.filter { bad.contains($0.name) }
        let healthy = nodes.filter { !bad.contains($0.name) }
        // One healthy node says nothing about what is usual.
        guard !ailing.isEmpty, healthy.count >= 2 else { return nil }
        var differences: [String] = []
        for (field, title) in [
            ("kernelVersion", "kernel"), ("osImage", "system"), ("containerRuntimeVersion", "runtime"),
            ("kubeletVersion", "kubelet"), ("architecture", "architecture"),
        ] {
            let own = Set(ailing.map { $0.text("status", "nodeInfo", field) ?? "" })
            let others = Set(healthy.map { $0.text("status", "nodeInfo", field) ?? "" })
            guard own.count == 1, let value = own.first, !value.isEmpty, !others.contains(value), !others.contains("")
            else { continue }
            let rest = others.count == 1 ? "have \(others.first ?? "")" : "have others"
            differences.append("\(title) \(value) only there; the other \(healthy.count) nodes \(rest)")
        }
        if differences.isEmpty { return nil }
        self.ailing = ailing.map(\.name).sorted()
        self.differences = differences
    }

    public var text: String {
        let shown = ailing.prefix(3).joined(separator: ", ") + (ailing.count > 3 ? " and \(ailing.count - 3) more" : "")
        return "\(shown): \(differences.joined(separator: "; "))"
    }
}
