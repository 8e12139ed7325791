import Addressing

/// Forwarding entries of a tunnel that lead to the machine itself: what is for another node's pods never leaves (RTE-03).
struct TunnelEntryCheck: Check {
    let name = "tunnel entries to oneself"
    let codes = ["RTE-03"]
    let needs: [FactName] = [.node(.forwarding)]

    func applies(to facts: FactBase) -> Bool { facts.clusterMachines.contains { $0.forwarding != nil } }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        facts.clusterMachines.compactMap { machine in
            let own = Set((machine.addresses ?? []).map(\.address.address))
            guard
                let entry = (machine.forwarding ?? []).first(where: { entry in
                    guard let destination = entry.destination, !entry.mac.isZero, !entry.mac.isMulticast else {
                        return false
                    }
                    return own.contains(destination) && machine.link(entry.device)?.isTunnel ?? false
                }), let destination = entry.destination
            else { return nil }
            let names = (machine.neighbours ?? []).filter { $0.device == entry.device && $0.mac == entry.mac }
                .map { "\($0.address)" }
            let whose = names.isEmpty ? "\(entry.mac)" : "\(listed(names)) (\(entry.mac))"
            return .machine(
                "RTE-03", "\(entry.device) of \(machine.name) sends what is for \(whose) to the machine itself",
                .certain,
                at: [machine.place, entry.device],
                evidence: [
                    machine.quote(
                        "\(entry.mac) dst \(destination)", .forwarding, "bridge fdb show dev \(entry.device)",
                        telling: "\(destination)")
                ],
                because: [
                    "\(destination) is \(machine.name)'s own address: these packets come back to it and to nobody else"
                ], explains: facts.unreadyPods(on: machine.name),
                fix: .init(
                    [
                        facts.restart(on: machine.name, "it writes its entries again"),
                        "or at once: bridge fdb replace \(entry.mac) dev \(entry.device) dst ADDRESS-OF-THAT-NODE self permanent",
                    ], undo: "none needed", risk: "none: these packets are lost now", seconds: 30))
        }
    }
}
