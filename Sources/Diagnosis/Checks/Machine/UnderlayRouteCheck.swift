import Addressing

/// Other machines that a machine's own routes refuse to reach: its tunnels end there, and the API server may run there
/// (RTE-04). In AWS also the address that tells a machine what it is (AWS-07).
struct UnderlayRouteCheck: Check {
    let name = "ways to other machines"
    let codes = ["RTE-04", "AWS-07"]
    let needs: [FactName] = [.node(.routes)]

    func applies(to facts: FactBase) -> Bool { facts.clusterMachines.contains { $0.routeLookup != nil } }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        facts.clusterMachines.flatMap { [refused($0, facts), unknowing($0, facts)].compactMap { $0 } }
    }

    /// The instance metadata service, link-local on every instance (EC2 User Guide, "Instance metadata and user data").
    private static let metadata = IPAddress.v4(IPv4Address(169, 254, 169, 254))

    /// The address daemon of the VPC's plugin asks it for its instance and cards before anything else.
    private func unknowing(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        guard let winner = NodeNetworkFiles(machine, facts).winner, NetworkProvider.owner(of: winner)?.name == "aws",
            let lookup = machine.routeLookup,
            case .refused(let kind, let route?) = lookup.lookup(.init(to: Self.metadata))
        else { return nil }
        return .machine(
            "AWS-07", "\(machine.name) refuses what it sends to the instance metadata service", .likely,
            at: [machine.place, "\(Self.metadata)"],
            evidence: [
                machine.quote(route.text, .routes, "ip route get \(Self.metadata)", telling: kind)
            ],
            because: [
                "the address daemon asks \(Self.metadata) which instance and cards are its own, and does not start without "
                    + "an answer: \"Retrying waiting for IPAM-D\", and new pods get no address"
            ], explains: facts.nodeSymptoms(machine.name),
            fix: removal(
                of: kind, "\(route.destination)", on: machine,
                risk: "pods that share the node's network reach the metadata service again"),
            prevent: "keep pods from the metadata service by its hop limit or a policy, and not by a route of the node",
            needs: ["curl -sm 2 http://\(Self.metadata)/latest/meta-data/instance-id   # on \(machine.name)"])
    }

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
                fix: removal(of: kind, "\(range)", on: machine, risk: "none: these packets are lost now"),
                prevent: "routes that refuse only for ranges that no node has an address in")
        }
        return nil
    }

    private func removal(
        of kind: String, _ range: String, on machine: NodeEvidence, risk: String
    ) -> Diagnosis.Fix {
        .init(
            ["ip route del \(kind) \(range)   # on \(machine.name); find out first who made it"],
            undo: "ip route add \(kind) \(range)", risk: risk, seconds: 5)
    }
}
