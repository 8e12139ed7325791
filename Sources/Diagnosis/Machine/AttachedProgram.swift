import JSONTree

/// A BPF program on an interface of a machine: it sees packets before routes and packet filters do (XDP and tc on what
/// comes in) or after them (tc on what goes out), and what it makes of them cannot be read from outside.
public struct AttachedProgram: Sendable, Hashable {
    public var device: String
    /// As bpftool has it: `driver`, `generic`, `tcx/ingress`, `clsact/egress`, ...
    public var kind: String
    /// At most fifteen bytes of it, or the classifier's, which is whole.
    public var name: String
    public var id: Int64

    init?(_ node: JSONNode) {
        guard let device = node.member("devname")?.string, let id = node.member("id")?.int else { return nil }
        self.device = device
        self.id = id
        kind = node.member("kind")?.string ?? "xdp"
        name = node.member("name")?.string ?? ""
    }

    /// Whether it is of a pod network that works by such programs, and whose policies and Services are asked elsewhere:
    /// Cilium (bpf/bpf_lxc.c, bpf_host.c, bpf_overlay.c, bpf_xdp.c), Calico (felix/bpf-gpl), the policy agent of AWS
    /// (pkg/ebpf/c).
    var isOfKnownNetwork: Bool {
        ["cil_", "cali_", "calico_"].contains { name.hasPrefix($0) }
            || ["from-container", "to-container", "from-netdev", "to-netdev", "from-overlay", "to-overlay"].contains {
                name.contains($0)
            } || ["handle_ingress", "handle_egress"].contains(name)
    }
}

extension NodeEvidence {
    /// Nil when they were not collected.
    public var attachedPrograms: [AttachedProgram]? {
        decoded.value("attached programs") { () -> [AttachedProgram]? in
            guard let net = json(.bpf)?.member("net") else { return nil }
            // bpftool prints a list of one.
            let places = net.kind == .array ? Array(net.elements) : [net]
            return places.flatMap { place in
                ["xdp", "tc"].flatMap { place.member($0).map { Array($0.elements) } ?? [] }
                    .compactMap { AttachedProgram($0) }
            }
        }
    }
}
