import Findings
import KubernetesModel
import Lab
import LinuxHost

/// What the log of is asked for.
enum LabLogSubject: Hashable {
    /// A process of the lab itself, which has a file of that name.
    case part(String)
    /// The kubelets of these nodes.
    case kubelets([String])
    /// The agents' pods of these nodes.
    case agents([String])
    case pod(ObjectKey)

    static let parts = ["supervisor", "apiserver", "controllers", "control", "fabric"]
    /// As people call them.
    private static let otherNames = [
        "api": "apiserver", "kube-apiserver": "apiserver", "api-server": "apiserver", "controller": "controllers",
        "controller-manager": "controllers", "scheduler": "controllers",
    ]

    /// - Parameter nodes: those of the lab.
    init(_ text: String, namespace: String, nodes: [String]) {
        let pieces = text.split(separator: "/", maxSplits: 1).map(String.init)
        if let part = Self.otherNames[text] ?? (Self.parts.contains(text) ? text : nil) {
            self = .part(part)
        } else if nodes.contains(text) {
            self = .kubelets([text])
        } else if let role = Self.role(text) {
            self = role(nodes)
        } else if pieces.count == 2, nodes.contains(pieces[0]), let role = Self.role(pieces[1]) {
            self = role([pieces[0]])
        } else {
            self = .pod(LabPods.key(text, namespace))
        }
    }

    /// What runs once a node.
    private static func role(_ word: String) -> (([String]) -> LabLogSubject)? {
        switch word {
        case "agent", "agents", "poplin-agent": { .agents($0) }
        case "kubelet", "kubelets": { .kubelets($0) }
        default: nil
        }
    }
}

/// What there is to ask for, found without the API: a pod that ever had a container has a folder of logs on its node.
struct LabLogChoices {
    var nodes: [String]
    var pods: [ObjectKey] = []

    init(_ directory: LabDirectory, nodes: [String]) {
        self.nodes = nodes
        for node in nodes {
            let folders = (try? Directories.sortedList(directory.node(node, "/var/log/pods"))) ?? []
            // NAMESPACE_NAME_UID: none of the three has an underscore.
            pods += folders.compactMap { folder in
                let words = folder.split(separator: "_").map(String.init)
                return words.count == 3 ? ObjectKey(namespace: words[0], name: words[1]) : nil
            }
        }
        pods = Set(pods).sorted()
    }

    /// For a shell, as they are typed.
    var words: [String] {
        LabLogSubject.parts + ["agent", "kubelet"] + nodes + nodes.map { "\($0)/agent" }
            + pods.map { $0.namespace == "default" ? $0.name : "\($0)" }
    }

    var screen: String {
        var table = TextTable(["WHAT", "NAMES"])
        table.add("parts", "\(LabLogSubject.parts.joined(separator: ", "))")
        table.add("of all nodes", "agent, kubelet")
        table.add("of one node", "\(nodes.map { "\($0)/agent" }.joined(separator: ", "))")
        table.add("kubelets", "\(nodes.joined(separator: ", "))")
        for (index, pod) in pods.enumerated() { table.add(index == 0 ? "pods" : "", "\(pod)") }
        return table.rendered()
    }

    /// What somebody may have meant who asked for a pod that there is not.
    func next(for key: ObjectKey) -> String {
        // `node-9/agent`, where there is neither such a namespace nor such a node.
        if ["agent", "kubelet"].contains(key.name), !pods.contains(where: { $0.namespace == key.namespace }) {
            return "the nodes of this lab are \(nodes.joined(separator: ", "))"
        }
        if let elsewhere = pods.first(where: { $0.name == key.name && $0 != key }) {
            return "poplin lab logs \(elsewhere)"
        }
        if let near = EditDistance.nearest(to: key.name, in: words) { return "did you mean \(near)?" }
        return "poplin lab logs, without a word, lists what there is"
    }
}

/// Whole lines out of pieces, each with who wrote it before it.
struct LinePrefix {
    let prefix: [UInt8]
    private var rest: [UInt8] = []

    init(_ writer: String?) { prefix = writer.map { Array("[\($0)] ".utf8) } ?? [] }

    mutating func lines(_ piece: some Collection<UInt8>) -> [UInt8] {
        if prefix.isEmpty { return Array(piece) }
        var lines: [UInt8] = []
        for byte in piece {
            if rest.isEmpty { rest = prefix }
            rest.append(byte)
            guard byte == UInt8(ascii: "\n") else { continue }
            lines += rest
            rest = []
        }
        return lines
    }

    /// The last line, which has no end.
    mutating func end() -> [UInt8] {
        defer { rest = [] }
        return rest.isEmpty ? [] : rest + [UInt8(ascii: "\n")]
    }
}
