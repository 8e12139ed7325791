import Addressing
import JSONTree

// What the checks of machines ask again and again.

extension NodeEvidence {
    var place: String { "Node/\(name)" }

    /// A quotation of a part, with the command a person would type.
    func quote(_ text: String, _ part: Part, _ command: String, telling: String? = nil) -> Diagnosis.Evidence {
        quote(text, documents[part.path], command, telling: telling)
    }

    /// A quotation of a file of the machine.
    func quote(_ text: String, file path: String, telling: String? = nil) -> Diagnosis.Evidence {
        quote(text, file(path), "cat \(path)", telling: telling)
    }

    private func quote(
        _ text: String, _ document: EvidenceTree.Document?, _ command: String, telling: String?
    ) -> Diagnosis.Evidence {
        let source = FactSource("\(name): \(command)", command: command, age: document?.source.age)
        guard let telling, let range = text.firstRange(of: telling) else { return .init(text, from: source) }
        let start = text.distance(from: text.startIndex, to: range.lowerBound)
        return .init(text, from: source, span: start..<(start + telling.count))
    }

    /// Whether a process of that name was running when the machine was read; nil when processes were not collected.
    func runs(_ program: String) -> Bool? {
        guard let list = json(.processes)?.member("processes") else { return nil }
        // The kernel keeps fifteen bytes of a name.
        return list.elements.contains { $0.member("name")?.string == String(program.prefix(15)) }
    }

    /// Lines of its logs that hold all of the words.
    func logLines(_ part: Part, containing words: String...) -> [String] {
        guard let text = text(part) else { return [] }
        return text.split(whereSeparator: \.isNewline).filter { line in words.allSatisfy { line.contains($0) } }
            .map(String.init)
    }
}

extension Diagnosis {
    /// A finding whose dead ends are the catalogue's.
    static func machine(
        _ code: String, _ title: String, _ confidence: Confidence, at places: [String], evidence: [Evidence],
        because: [String], explains: Set<String> = [], fix: Fix? = nil, prevent: String = "", deadEnds: [String] = [],
        needs: [String] = []
    ) -> Diagnosis {
        let not = Cause.coded(code)?.not ?? ""
        return Diagnosis(
            code, title, confidence, at: places, evidence: evidence, because: because, explains: explains, fix: fix,
            prevent: prevent, deadEnds: deadEnds + (not.isEmpty ? [] : [not]), needs: needs)
    }
}

extension FactBase {
    func nodeObject(_ name: String) -> APIObject? { object("nodes", "", name) }

    /// Whether pods are run there: a machine that only happens to have a bridge is nobody's node.
    func isClusterNode(_ machine: NodeEvidence) -> Bool {
        if nodeObject(machine.name) != nil { return true }
        let marks = ["/var/lib/kubelet", "/var/lib/kubelet/config.yaml", "/var/lib/rancher"]
        if marks.contains(where: { machine.file($0) != nil || machine.fileList?[$0] != nil }) { return true }
        if machine.runs("kubelet") == true || machine.runs("k3s-server") == true || machine.runs("k3s-agent") == true {
            return true
        }
        // Whoever copied a few answers of a machine together did not list its processes, and asks about a node.
        if machine.json(.processes) == nil { return true }
        return (machine.links ?? []).contains { NodeEvidence.isPodInterface($0.name) && $0.name != "tunl0" }
    }

    var clusterMachines: [NodeEvidence] {
        derived.value("machines of the cluster") { machines.filter { isClusterNode($0) } }
    }

    /// `InternalIP` of a Node object.
    func internalAddresses(_ node: String) -> [IPAddress] {
        derived.value("internal addresses of nodes") {
            valuesByNode { object in
                object.list("status", "addresses").compactMap { item in
                    item.member("type")?.string == "InternalIP"
                        ? item.member("address")?.string.flatMap { IPAddress($0) } : nil
                }
            }
        }[node] ?? []
    }

    /// Node objects by each `InternalIP`; of two that claim one address the first.
    var nodesByAddress: [IPAddress: APIObject] {
        derived.value("nodes by address") { nodesByAddress(among: objects("nodes")) }
    }

    func nodesByAddress(among nodes: [APIObject]) -> [IPAddress: APIObject] {
        Dictionary(nodes.flatMap { node in internalAddresses(node.name).map { ($0, node) } }) { first, _ in first }
    }

    /// Of the Node objects, by name.
    private func valuesByNode<Value>(_ read: (APIObject) -> Value) -> [String: Value] {
        Dictionary(objects("nodes").map { ($0.name, read($0)) }) { first, _ in first }
    }

    /// What the Node objects announce, in their order.
    var tunnelEnds: [TunnelEnd] {
        derived.value("tunnel ends") { objects("nodes").compactMap { TunnelEnd($0) } }
    }

    /// `spec.podCIDRs` of a Node object.
    func podRanges(_ node: String) -> [IPPrefix] {
        derived.value("ranges of nodes") {
            valuesByNode { object in
                let several = object.list("spec", "podCIDRs").compactMap { $0.string.flatMap { IPPrefix($0) } }
                return several.isEmpty
                    ? [object.text("spec", "podCIDR")].compactMap { $0.flatMap { IPPrefix($0) } } : several
            }
        }[node] ?? []
    }

    /// Pods bound to a node that have not ended.
    func pods(on node: String) -> [APIObject] {
        let placed = derived.value("pods by node") {
            Dictionary(
                grouping: objects("pods").filter {
                    !["Succeeded", "Failed"].contains($0.text("status", "phase") ?? "")
                }
            ) { $0.text("spec", "nodeName") }
        }
        return placed[node] ?? []
    }

    /// Pods with addresses of their own that run on a node.
    func podAddresses(on node: String) -> [(pod: APIObject, address: IPAddress)] {
        derived.value("pods' addresses on \(node)") {
            pods(on: node).compactMap { pod in
                guard pod.bool("spec", "hostNetwork") != true,
                    let address = pod.text("status", "podIP").flatMap({ IPAddress($0) })
                else { return nil }
                return (pod, address)
            }
        }
    }

    /// Symptoms of pods on a node that wait for their sandbox.
    func stuckSandboxes(on node: String) -> Set<String> {
        var symptoms: Set<String> = []
        for pod in pods(on: node) where pod.text("status", "phase") == "Pending" && pod.text("status", "podIP") == nil {
            symptoms.insert("pod \(pod.namespace)/\(pod.name) sandbox")
        }
        return symptoms
    }

    /// Symptoms of pods on a node that run and are not ready.
    func unreadyPods(on node: String) -> Set<String> {
        var symptoms: Set<String> = []
        for pod in pods(on: node) where pod.text("status", "phase") == "Running" {
            let isReady = pod.list("status", "conditions").contains {
                $0.member("type")?.string == "Ready" && $0.member("status")?.string == "True"
            }
            if !isReady { symptoms.insert("pod \(pod.namespace)/\(pod.name) ready") }
        }
        return symptoms
    }

    /// `Ready` of a Node object: its message when it is not true.
    func notReady(_ node: String) -> String? {
        guard let object = nodeObject(node) else { return nil }
        for condition in object.list("status", "conditions") where condition.member("type")?.string == "Ready" {
            if condition.member("status")?.string == "True" { return nil }
            return condition.member("message")?.string ?? ""
        }
        return nil
    }

    /// The node's symptom when it is not ready, and its pods' that wait.
    func nodeSymptoms(_ node: String) -> Set<String> {
        stuckSandboxes(on: node).union(notReady(node) == nil ? [] : ["node \(node)"])
    }

    /// Images of all containers of DaemonSets, with the DaemonSet; nil when they were not collected.
    var daemonImages: [(set: APIObject, image: String)]? {
        guard self[.objects("daemonsets.apps")] != nil else { return nil }
        return objects("daemonsets.apps").flatMap { set in
            let template = set.node.at("spec", "template", "spec")
            return ["initContainers", "containers"].flatMap { key in
                (template?.member(key).map { Array($0.elements) } ?? []).compactMap { container in
                    container.member("image")?.string.map { (set, $0) }
                }
            }
        }
    }
}
