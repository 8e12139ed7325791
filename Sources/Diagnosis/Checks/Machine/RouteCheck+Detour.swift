import Addressing
import JSONTree

extension RouteCheck {
    /// To the router, while that node sends what comes back straight to this one: somebody wrote it by hand. What a
    /// routing daemon learned of a router is as it should be.
    func detour(
        _ machine: NodeEvidence, _ node: APIObject, _ range: IPPrefix, _ route: NetworkRoute,
        _ hops: [NetworkRoute.Hop], _ facts: FactBase
    ) -> Diagnosis? {
        guard let gateway = hops.first?.gateway, hops.count == 1, ["boot", "static"].contains(route.origin),
            (machine.routes ?? []).contains(where: { $0.isDefault && $0.gateway == gateway }),
            let address = facts.internalAddresses(node.name).first(where: { $0.family == gateway.family }),
            machine.globalAddresses.contains(where: { own in
                own.address.prefix.contains(address) && own.address.prefix.contains(gateway)
            }),
            let theirs = facts.clusterMachines.first(where: { $0.name == node.name })?.routeLookup,
            let back = facts.podRanges(machine.name).first(where: { $0.family == range.family })?.first.advanced(by: 1),
            case .forward(let other, let ways) = theirs.lookup(.init(to: back)), !other.isDefault,
            let straight = ways.first?.gateway, facts.internalAddresses(machine.name).contains(straight)
        else { return nil }
        return .machine(
            "RTE-04", "\(machine.name) sends \(range) of \(node.name) to the router \(gateway)", .likely,
            at: [machine.place, "\(range)"],
            evidence: [
                machine.quote(route.text, .routes, "ip route get \(range.first)", telling: "\(gateway)")
            ],
            because: [
                "\(node.name) has \(address) on the same network and sends what comes back straight to \(straight); the "
                    + "router has to know \(range) for this to work"
            ], explains: facts.unreadyPods(on: machine.name),
            fix: .init(
                ["ip route replace \(range) via \(address)   # on \(machine.name)"],
                undo: "ip route replace \(range) via \(gateway)", risk: "none where these packets are lost now",
                seconds: 5),
            needs: ["traceroute from \(machine.name) to a pod of \(node.name): does it pass \(gateway)?"])
    }

    /// The bridge of the machine's own pods, when a route ends on it.
    func ownBridge(_ hops: [NetworkRoute.Hop], _ machine: NodeEvidence) -> String? {
        guard hops.count == 1, hops[0].gateway == nil, let name = hops[0].device, machine.link(name)?.kind == "bridge",
            (machine.links ?? []).contains(where: { $0.master == name && $0.kind == "veth" && $0.isLinkedElsewhere }),
            !(machine.links ?? []).contains(where: { $0.master == name && $0.kind != "veth" })
        else { return nil }
        return name
    }
}
