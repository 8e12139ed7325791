extension PacketFilterCheck {
    /// RTE-16: both flavours of iptables hold rules that programs of clusters wrote.
    func twoPrograms(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        guard let tables = machine.packetFilter?.tables else { return nil }
        /// Chains with rules that clusters' programs write, by program.
        func cluster(_ program: String) -> [String] {
            tables.filter { $0.program == program }.flatMap { table in
                [
                    "KUBE-SERVICES", "KUBE-FORWARD", "KUBE-POSTROUTING", "KUBE-NODEPORTS", "KUBE-SVC", "cali-",
                    "FLANNEL", "CILIUM", "WEAVE", "ANTREA", "CNI-", "AWS-SNAT",
                ].flatMap { table.chains.names(beginningWith: $0, withRules: true) }
                    .map { "\(table.name) \($0)" }
            }.sorted()
        }
        let legacy = cluster("iptables-legacy")
        guard let second = legacy.first else { return nil }
        let modern = cluster("iptables")
        guard let first = modern.first else { return nil }
        return .machine(
            "RTE-16", "Cluster rules of \(machine.name) are in both flavours of iptables", .certain,
            at: [machine.place],
            evidence: [
                machine.quote("\(first) (\(modern.count) chains)", .iptables, "iptables-nft-save"),
                machine.quote("\(second) (\(legacy.count) chains)", .iptablesLegacy, "iptables-legacy-save"),
            ],
            because: [
                "the kernel walks both, each program sees and orders only its own:",
                "a verdict of one is undone by the other, and jumps to \"first\" are first in one of them only",
            ], explains: facts.unreadyPods(on: machine.name),
            fix: .init(
                [
                    "update-alternatives --display iptables   # which one the host uses",
                    "set the agents to the same (Calico: iptablesBackend; kube-proxy: an image that detects it)",
                    "drain and reboot \(machine.name), so that the other flavour's rules are gone",
                ], undo: "set the old flavour again", risk: "pods of the node are moved", seconds: 600),
            prevent: "one flavour per node image")
    }
}
