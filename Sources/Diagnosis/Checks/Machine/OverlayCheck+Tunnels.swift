/// What machines really send through, whatever is configured.
extension OverlayCheck {
    /// Machines of Calico of which one sends to the others by IPIP alone and another by VXLAN alone (RTE-11): an agent that was
    /// held back in a change of the pool. Two pools with two tunnels have both on every machine.
    func mixedTunnels(_ facts: FactBase) -> Diagnosis? {
        let kinds = ["tunl0": "IPIP", "vxlan.calico": "VXLAN"]
        var users: [String: [NodeEvidence]] = [:]
        for machine in facts.clusterMachines {
            let used = Set(
                (machine.routes ?? []).filter { $0.gateway != nil && $0.kind == "unicast" }.compactMap(\.device)
                    .filter { kinds[$0] != nil })
            if used.count == 1, let device = used.first { users[device, default: []].append(machine) }
        }
        guard users.count == 2, let first = users["tunl0"], let second = users["vxlan.calico"] else { return nil }
        let pool = facts.objects("ippools.crd.projectcalico.org").first { $0.bool("spec", "disabled") != true }
        let wantsVXLAN =
            pool.map { ($0.text("spec", "vxlanMode") ?? "Never") != "Never" } ?? (second.count >= first.count)
        let (odd, others) = wantsVXLAN ? (first, second) : (second, first)
        let (device, usual) = wantsVXLAN ? ("tunl0", "vxlan.calico") : ("vxlan.calico", "tunl0")
        return .machine(
            "RTE-11",
            "\(listed(odd.map(\.name), countedAs: "node")) send\(odd.count == 1 ? "s" : "") by \(kinds[device] ?? "") where the others use \(kinds[usual] ?? "")",
            .certain, at: odd.map(\.place),
            evidence: [
                odd[0].quote(
                    "routes to other nodes: dev \(device)", .routes, "ip route show dev \(device)", telling: device),
                others[0].quote(
                    "routes to other nodes: dev \(usual)   on \(others[0].name)", .routes, "ip route show dev \(usual)"),
            ]
                + (pool.map {
                    [
                        .init(
                            "ipipMode: \($0.text("spec", "ipipMode") ?? "Never"), vxlanMode: \($0.text("spec", "vxlanMode") ?? "Never")",
                            from: $0.source)
                    ]
                } ?? []),
            because: ["each expects the other's packets in its own form, and drops the rest"],
            explains: odd.reduce(into: []) { $0.formUnion(facts.unreadyPods(on: $1.name)) },
            fix: Self.restarts(odd.map(\.name), "it reads the pool again", facts),
            prevent:
                "change a pool's encapsulation when all agents run the same release, and look at every node afterwards")
    }
}
