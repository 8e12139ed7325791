import JSONTree

/// Rules that a mode of kube-proxy left behind which is not the one that runs (SVC-04).
extension ServiceRulesCheck {
    func leftover(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        guard let tables = machine.packetFilter?.tables else { return nil }
        let chains = tables.flatMap { $0.chains.names(beginningWith: "KUBE-SVC-", withRules: true) }
        if chains.isEmpty { return nil }
        if let table = tables.first(where: { $0.name == "kube-proxy" && $0.family == "ip" }), !table.sets.isEmpty {
            return besideNFTables(machine, chains.count, table, facts)
        }
        return besideIPVS(machine, chains.count, facts)
    }

    private func besideIPVS(_ machine: NodeEvidence, _ chains: Int, _ facts: FactBase) -> Diagnosis? {
        guard let device = machine.link("kube-ipvs0") else { return nil }
        let servers = machine.text(.ipvs)?.split(whereSeparator: \.isNewline).filter {
            $0.hasPrefix("-A") || $0.hasPrefix("TCP") || $0.hasPrefix("UDP")
        }.count
        let bound = (machine.addresses ?? []).filter { $0.device == device.name }.count
        guard bound > 0 || (servers ?? 0) > 0 else { return nil }
        return twoModes(
            machine, chains, beside: "kube-ipvs0",
            machine.quote(
                "kube-ipvs0 with \(bound) addresses\(servers.map { ", \($0) virtual servers" } ?? "")", .links,
                "ip addr show kube-ipvs0; ipvsadm -Ln"),
            because: [
                "Services are in iptables now, and what ipvs left still answers: kube-ipvs0 has their addresses,",
                "so that packets for them are taken for local ones",
            ],
            steps: [
                "ip link delete kube-ipvs0   # on \(machine.name), when iptables is meant; no packet reaches ipvs without it"
            ],
            undo: "kube-proxy in mode ipvs makes it again", risk: "connections that still go through ipvs end",
            seconds: 10, facts)
    }

    /// The table of mode nftables beside the chains of mode iptables: both have a rule for each Service, and which of them
    /// a packet meets first is the order of their hooks.
    private func besideNFTables(
        _ machine: NodeEvidence, _ chains: Int, _ table: PacketFilter.Table, _ facts: FactBase
    ) -> Diagnosis {
        twoModes(
            machine, chains, beside: "table ip kube-proxy",
            machine.quote(
                "table ip kube-proxy with \(counted(table.sets.count, "set"))", .nftables,
                "nft list table ip kube-proxy"),
            because: [
                "kube-proxy writes one of them now; the other keeps the endpoints of the day it was left,",
                "and answers for them as long as nobody takes it away",
            ],
            steps: ["kube-proxy --cleanup   # on \(machine.name), in its image; then let its pod be made anew"],
            undo: "kube-proxy makes its own rules again when it starts",
            risk: "new connections of that node wait until kube-proxy has written its rules", seconds: 30, facts)
    }

    /// - Parameter place: what stands beside the chains of mode iptables, which `evidence` is of.
    private func twoModes(
        _ machine: NodeEvidence, _ chains: Int, beside place: String, _ evidence: Diagnosis.Evidence,
        because: [String], steps: [String], undo: String, risk: String, seconds: Int, _ facts: FactBase
    ) -> Diagnosis {
        .machine(
            "SVC-04", "\(machine.name) has the Services of two kube-proxy modes", .certain, at: [machine.place, place],
            evidence: [
                evidence,
                machine.quote("\(chains) chains KUBE-SVC-*", .iptables, "iptables-save -t nat | grep -c ':KUBE-SVC-'"),
            ], because: because, explains: facts.unreadyPods(on: machine.name),
            fix: .init(
                [
                    "kubectl -n kube-system get configmap kube-proxy -o yaml | grep mode   # which one is meant"
                ] + steps, undo: undo, risk: risk, seconds: seconds),
            prevent: "kube-proxy --cleanup on each node before the mode is changed")
    }
}
