/// What a diagnosis of machines alone cannot say. With a cluster's API beside it the objects say what is a node, and
/// checks say themselves what they lack.
struct MachineLimits {
    /// Without these nearly every check of a machine is silent. One of a line is enough.
    private static let essential: [(what: String, parts: [NodeEvidence.Part])] = [
        ("links and routes", [.links]), ("packet filters", [.nftables, .iptables, .iptablesLegacy]),
        ("settings of the kernel", [.sysctls]), ("files", [.fileList]),
    ]

    let sentences: [String]

    init(_ facts: FactBase) {
        guard !facts.has(.objects("nodes")), !facts.has(.objects("pods")) else {
            sentences = []
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
