import Addressing

/// Other machines that a machine's own routes refuse to reach: its tunnels end there, and the API server may run there
/// (RTE-04).
struct UnderlayRouteCheck: Check {
    let name = "ways to other machines"
    let codes = ["RTE-04"]
    let needs: [FactName] = [.node(.routes)]

    func applies(to facts: FactBase) -> Bool { facts.clusterMachines.contains { $0.routeLookup != nil } }

    func findings(_ facts: FactBase) -> [Diagnosis] { facts.clusterMachines.compactMap { refused($0, facts) } }

    private func refused(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        guard let lookup = machine.routeLookup else { return nil }
        for peer in facts.peers(of: machine) {
            guard case .refused(let kind, let route?) = lookup.lookup(.init(to: peer.address)), !route.isDefault else {
                continue
            }
            let range = route.destination
            return .machine(
                "RTE-04", "\(machine.name) refuses what it sends to \(peer.name) itself: \(kind) \(range)", .certain,
                at: [machine.place, "\(range)"],
                evidence: [
                    machine.quote(route.text, .routes, "ip route get \(peer.address)", telling: kind)
                ],
                because: [
                    "\(peer.address) is inside \(range): what is wrapped for \(peer.name) is dropped before it leaves, and "
                        + "whatever else runs there (an API server, a name server) is away for \(machine.name)"
                ], explains: facts.unreadyPods(on: machine.name),
                fix: .init(
                    ["ip route del \(kind) \(range)   # on \(machine.name); find out first who made it"],
                    undo: "ip route add \(kind) \(range)", risk: "none: these packets are lost now", seconds: 5),
                prevent: "routes that refuse only for ranges that no node has an address in")
        }
        return nil
    }
}
