import JSONTree

/// Rules that a mode of kube-proxy left behind which is not the one that runs (SVC-04).
extension ServiceRulesCheck {
    func leftover(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        guard let tables = machine.packetFilter?.tables else { return nil }
        let chains = tables.flatMap { $0.chains.names(beginningWith: "KUBE-SVC-", withRules: true) }
        if chains.isEmpty { return nil }
        if let table = tables.first(where: { $0.name == "kube-proxy" && $0.family == "ip" }), !table.sets.isEmpty {
            return leftChains(machine, chains.count, table, facts)
        }
        guard let device = machine.link("kube-ipvs0") else { return nil }
        let servers = machine.text(.ipvs)?.split(whereSeparator: \.isNewline).filter {
            $0.hasPrefix("-A") || $0.hasPrefix("TCP") || $0.hasPrefix("UDP")
        }.count
        let bound = (machine.addresses ?? []).filter { $0.device == device.name }.count
        guard bound > 0 || (servers ?? 0) > 0 else { return nil }
        return .machine(
            "SVC-04", "\(machine.name) has the Services of two kube-proxy modes", .certain,
            at: [machine.place, "kube-ipvs0"],
            evidence: [
                machine.quote(
                    "kube-ipvs0 with \(bound) addresses\(servers.map { ", \($0) virtual servers" } ?? "")", .links,
                    "ip addr show kube-ipvs0; ipvsadm -Ln"),
                machine.quote(
                    "\(chains.count) chains KUBE-SVC-*", .iptables, "iptables-save -t nat | grep -c ':KUBE-SVC-'"),
            ],
            because: [
                "Services are in iptables now, and what ipvs left still answers: kube-ipvs0 has their addresses,",
                "so that packets for them are taken for local ones",
            ], explains: facts.unreadyPods(on: machine.name),
            fix: .init(
                [
                    "kubectl -n kube-system get configmap kube-proxy -o yaml | grep mode   # which one is meant",
                    "ip link delete kube-ipvs0   # on \(machine.name), when iptables is meant",
                    "ipvsadm -C   # virtual servers only; when iptables is meant",
                ], undo: "kube-proxy in mode ipvs makes both again", risk: "connections that still go through ipvs end",
                seconds: 10),
            prevent: "kube-proxy --cleanup on each node before the mode is changed")
    }

    /// The table of mode nftables beside the chains of mode iptables: both have a rule for each Service, and which of them
    /// a packet meets first is the order of their hooks.
    private func leftChains(
        _ machine: NodeEvidence, _ chains: Int, _ table: PacketFilter.Table, _ facts: FactBase
    ) -> Diagnosis {
        .machine(
            "SVC-04", "\(machine.name) has the Services of two kube-proxy modes", .certain,
            at: [machine.place, "table ip kube-proxy"],
            evidence: [
                machine.quote(
                    "table ip kube-proxy with \(counted(table.sets.count, "set"))", .nftables,
                    "nft list table ip kube-proxy"),
                machine.quote("\(chains) chains KUBE-SVC-*", .iptables, "iptables-save -t nat | grep -c ':KUBE-SVC-'"),
            ],
            because: [
                "kube-proxy writes one of them now; the other keeps the endpoints of the day it was left,",
                "and answers for them as long as nobody takes it away",
            ], explains: facts.unreadyPods(on: machine.name),
            fix: .init(
                [
                    "kubectl -n kube-system get configmap kube-proxy -o yaml | grep mode   # which one is meant",
                    "kube-proxy --cleanup   # on \(machine.name), in its image; then let its pod be made anew",
                ], undo: "kube-proxy makes its own rules again when it starts",
                risk: "new connections of that node wait until kube-proxy has written its rules", seconds: 30),
            prevent: "kube-proxy --cleanup on each node before the mode is changed")
    }
}
