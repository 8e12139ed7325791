/// Pods' ends that are larger than the card their packets leave by (MTU-01): what a pod says it can take is then more than
/// its machine can.
extension MTUCheck {
    func wider(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        // A plain bridge of the machine's own and virtual ends of other programs have their own sizes.
        let ends = machine.podInterfaces.filter { $0.kind == "veth" && $0.isUp }
        guard let end = ends.max(by: { $0.mtu < $1.mtu }), let card = card(machine), card.mtu > 0,
            end.mtu > card.mtu
        else { return nil }
        let tunnels = (machine.links ?? []).filter { $0.isTunnel && $0.isUp && NodeEvidence.isPodInterface($0.name) }
        // What crosses by a tunnel is smaller still.
        let fits = tunnels.map(\.mtu).filter { $0 > 0 && $0 <= card.mtu }.min() ?? card.mtu
        return .machine(
            "MTU-01", "Pods' ends on \(machine.name) carry \(end.mtu) bytes, and \(card.name) carries \(card.mtu)",
            .likely, at: [machine.place, end.name, card.name],
            evidence: [
                machine.quote(
                    "\(card.name) mtu \(card.mtu)", .links, "ip link show \(card.name)", telling: "\(card.mtu)"),
                machine.quote("\(end.name) mtu \(end.mtu)", .links, "ip link show \(end.name)", telling: "\(end.mtu)"),
            ],
            because: [
                "a pod tells the other end that it takes segments of \(end.mtu - 40) bytes: packets of that size do not pass \(card.name), whose network is narrower.",
                "Small packets pass, large ones are lost where nobody says so: TLS and transfers hang. At most \(fits) fit.",
            ],
            explains: facts.unreadyPods(on: machine.name),
            fix: .init(
                [
                    "set the CNI's MTU to \(fits) (Calico: veth_mtu or spec.calicoNetwork.mtu; flannel: Backend.MTU)",
                    "kubectl delete pod POD   # pods get the new size when they are made anew, one by one",
                ], undo: "set the old value again", risk: "pods restart", seconds: 300),
            prevent: "leave the CNI's MTU on automatic where it has that",
            needs: ["ping -M do -s \(card.mtu - 28) and one byte more from another machine to a pod"])
    }

    /// The card of the way out; where nobody copied the routes, the one that carries the tunnel.
    private func card(_ machine: NodeEvidence) -> NetworkLink? {
        let lower = (machine.links ?? []).lazy.filter(\.isTunnel).compactMap { $0.tunnel?.lower }.first
        return (machine.uplink ?? lower).flatMap { machine.link($0) }
    }
}
