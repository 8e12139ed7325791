import JSONTree

/// A command that was run in an agent's pod to see its machine.
public struct ExecutedCommand: Sendable, Hashable {
    public var namespace: String
    public var pod: String
    public var node: String
    public var words: [String]
    /// The pod was made for it.
    public var isMade = false
    /// And is gone; nil where it was there before.
    public var isDeleted: Bool?

    /// `kubectl -n kube-flannel exec kube-flannel-ds-x -- ip -j rule`
    public var text: String {
        if isMade {
            return "Pod/\(namespace)/\(pod) on \(node), \(isDeleted == true ? "deleted" : "NOT deleted"): "
                + words.joined(separator: " ")
        }
        return "kubectl -n \(namespace) exec \(pod) -- \(words.map { $0.isEmpty ? "\"\"" : $0 }.joined(separator: " "))"
    }

    static func all(_ facts: FactBase) -> [ExecutedCommand] {
        guard let document = facts.evidence[EvidencePath.executed],
            let root = try? JSONTree(parsing: document.bytes).root, root.kind == .array
        else { return [] }
        return root.elements.map { node in
            let words = node.member("command").map { Array($0.elements) } ?? []
            return ExecutedCommand(
                namespace: node.member("namespace")?.string ?? "", pod: node.member("pod")?.string ?? "",
                node: node.member("node")?.string ?? "", words: words.compactMap(\.string),
                isMade: node.member("created")?.bool ?? false, isDeleted: node.member("deleted")?.bool)
        }
    }
}
