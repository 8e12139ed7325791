import JSONTree

/// A command that was run in an agent's pod to see its machine.
public struct ExecutedCommand: Sendable, Hashable {
    public var namespace: String
    public var pod: String
    public var node: String
    public var words: [String]

    /// `kubectl -n kube-flannel exec kube-flannel-ds-x -- ip -j rule`
    public var text: String {
        "kubectl -n \(namespace) exec \(pod) -- \(words.map { $0.isEmpty ? "\"\"" : $0 }.joined(separator: " "))"
    }

    static func all(_ facts: FactBase) -> [ExecutedCommand] {
        guard let document = facts.evidence[EvidencePath.executed],
            let root = try? JSONTree(parsing: document.bytes).root, root.kind == .array
        else { return [] }
        return root.elements.map { node in
            let words = node.member("command").map { Array($0.elements) } ?? []
            return ExecutedCommand(
                namespace: node.member("namespace")?.string ?? "", pod: node.member("pod")?.string ?? "",
                node: node.member("node")?.string ?? "", words: words.compactMap(\.string))
        }
    }
}
