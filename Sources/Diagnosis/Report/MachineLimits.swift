import JSONTree

/// What a diagnosis of machines alone, or of a part of a cluster's objects, cannot say. With a cluster's API beside it the
/// objects say what is a node, and checks say themselves what they lack.
struct MachineLimits {
    /// Without these nearly every check of a machine is silent. One of a line is enough.
    private static let essential: [(what: String, parts: [NodeEvidence.Part])] = [
        ("links and routes", [.links]), ("packet filters", [.nftables, .iptables, .iptablesLegacy]),
        ("settings of the kernel", [.sysctls]), ("files", [.fileList]),
    ]

    let sentences: [String]

    init(_ facts: FactBase) {
        let hasObjects = facts.has(.objects("nodes")) || facts.has(.objects("pods"))
        guard !hasObjects else {
            sentences = Self.partial(facts)
            return
        }
        sentences = facts.machines.flatMap { machine -> [String] in
            guard facts.isClusterNode(machine) else { return [Self.noNode(machine)] }
            return Self.essential.compactMap { what, parts in
                if parts.contains(where: { machine[$0] != nil }) { return nil }
                return "\(what) of \(machine.name) could not be read: \(machine.reasonMissing(parts[0]) ?? "")"
            }
        }
    }

    /// Of a cluster of which only some lists were handed in, or that has no machine, nothing found is no health.
    private static func partial(_ facts: FactBase) -> [String] {
        for resource in ["nodes", "pods"]
        where !facts.has(.objects(resource)) && facts.missing[.objects(resource)] == nil {
            return ["the list of \(resource) is not there"]
        }
        if facts.has(.objects("nodes")), facts.objects("nodes").isEmpty { return ["this cluster has no node"] }
        return complaints(facts)
    }

    /// What Poplin's agents say is wrong on their Nodes (condition PodNetworkProblem), once for all that say the same:
    /// where no check has found it this is all that is known.
    private static func complaints(_ facts: FactBase) -> [String] {
        var nodes: [String: [String]] = [:]
        var messages: [String] = []
        for node in facts.objects("nodes") where node.isCondition("PodNetworkProblem") {
            let told = node.condition("PodNetworkProblem")?.member("message")?.string ?? ""
            let message = told.replacing(" on node \(node.name)", with: "")
            if message.isEmpty { continue }
            if nodes[message] == nil { messages.append(message) }
            nodes[message, default: []].append(node.name)
        }
        return messages.map { message in
            let names = nodes[message] ?? []
            return
                "the \(names.count == 1 ? "agent" : "agents") of \(listed(names, countedAs: "node")) \(names.count == 1 ? "says" : "say"): \(message)"
        }
    }

    /// `build-7 is no node of a cluster as far as can be seen: no kubelet, no CNI configuration in /etc/cni/net.d, ...`.
    private static func noNode(_ machine: NodeEvidence) -> String {
        var signs: [String] = []
        if machine.runs("kubelet") != true { signs.append("no kubelet") }
        let configurations = machine.files(under: "/etc/cni/net.d").filter { path, _ in
            [".conf", ".conflist", ".json"].contains(where: path.hasSuffix)
        }
        if configurations.isEmpty { signs.append("no CNI configuration in /etc/cni/net.d") }
        let sockets = ["/run/containerd/containerd.sock", "/run/crio/crio.sock", "/run/k3s/containerd/containerd.sock"]
        if !sockets.contains(where: { machine.fileList?[$0] != nil }) { signs.append("no container runtime") }
        let text = "\(machine.name) is no node of a cluster as far as can be seen"
        return signs.isEmpty ? text : "\(text): \(signs.joined(separator: ", "))"
    }
}
