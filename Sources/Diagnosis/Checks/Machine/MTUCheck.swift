import Addressing

/// Sizes along pods' way: what a tunnel adds must fit into what carries it (MTU-01, MTU-03), and nodes must agree
/// (MTU-02).
struct MTUCheck: Check {
    let name = "MTU"
    let codes = ["MTU-01", "MTU-02", "MTU-03"]
    let needs: [FactName] = []

    func applies(to facts: FactBase) -> Bool { facts.clusterMachines.contains { $0.links != nil } }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        let machines = facts.clusterMachines.filter { $0.links != nil }
        var found = Self.perCause(machines.compactMap { tooLarge($0, facts) ?? wider($0, facts) })
        // Where the packets are too large for the one card that differs, the card is the cause.
        if let drift = drift(machines, facts), drift.code == "MTU-02" {
            let odd = Set(drift.places.filter { $0.hasPrefix("Node/") })
            let narrow = Set(found.flatMap(\.places).filter { $0.hasPrefix("Node/") })
            if narrow.isSubset(of: odd), narrow.count < machines.count { found.removeAll { $0.code == "MTU-01" } }
        }
        let already = Set(found.flatMap(\.places))
        if let drift = drift(machines, facts),
            !drift.places.contains(where: { already.contains($0) && $0.hasPrefix("Node/") })
        {
            found.append(drift)
        }
        return found
    }

    /// One finding for all nodes with the same arithmetic.
    private static func perCause(_ findings: [Diagnosis]) -> [Diagnosis] {
        var merged: [Diagnosis] = []
        for finding in findings {
            if let index = merged.firstIndex(where: { $0.code == finding.code && $0.because == finding.because }) {
                merged[index].places += finding.places.filter { !merged[index].places.contains($0) }
                merged[index].explains.formUnion(finding.explains)
            } else {
                merged.append(finding)
            }
        }
        return merged
    }

    /// What a tunnel puts around a packet, in bytes: RFC 7348 over IPv4 14+8+8+20, over IPv6 20 more; RFC 2003; RFC 8926
    /// without options; WireGuard 32+8+20.
    static func overhead(_ kind: String, over family: IPFamily) -> Int? {
        let more = family == .v6 ? 20 : 0
        return switch kind {
        case "vxlan", "geneve": 50 + more
        case "ipip", "sit": 20
        case "wireguard": 60 + more
        default: nil
        }
    }

    /// How programs of private networks call their devices: WireGuard, OpenVPN, Tailscale, ZeroTier, Nebula, NetBird, pppd.
    private static let privateNetworks = ["wg", "tun", "tailscale", "zt", "nebula", "wt", "ppp"]

    // MARK: MTU-01, MTU-03

    private func tooLarge(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        for tunnel in machine.links ?? [] where tunnel.isTunnel && tunnel.isUp {
            // A port of a switch is sent to by the switch: no route names it.
            let isSwitched = tunnel.master.flatMap { machine.link($0) }?.kind == "openvswitch"
            guard let kind = tunnel.kind, NodeEvidence.isPodInterface(tunnel.name) || kind == "vxlan",
                isSwitched || machine.routes == nil
                    || (machine.routes ?? []).contains(where: { $0.device == tunnel.name })
            else { continue }
            let family = tunnel.tunnel?.local?.family ?? .v4
            guard let overhead = Self.overhead(kind, over: family), let lower = carrier(tunnel, machine, facts) else {
                continue
            }
            // A tunnel's own default is larger than its card's where nobody sends that much (tunl0 of 1480 on 1500).
            let inside = largestPod(machine, tunnel)
            let size = min(tunnel.mtu, max(inside, 0))
            guard size + overhead > lower.mtu, lower.mtu > 0, size > 0 else { continue }
            let fits = lower.mtu - overhead
            let isNested =
                lower.isTunnel || ["tun", "ppp", "wireguard"].contains(lower.kind ?? "")
                || Self.privateNetworks.contains { lower.name.hasPrefix($0) }
            return .machine(
                isNested ? "MTU-03" : "MTU-01",
                isNested
                    ? "The nodes reach each other over \(lower.name) (\(lower.mtu)), which is too small for pods of \(size)"
                    : "Pods' packets of \(size) bytes do not fit through \(tunnel.name) over \(lower.name) (\(lower.mtu))",
                .certain, at: [machine.place, tunnel.name, lower.name],
                evidence: [
                    machine.quote(
                        "\(lower.name) mtu \(lower.mtu)", .links, "ip link show \(lower.name)", telling: "\(lower.mtu)"),
                    machine.quote(
                        "\(tunnel.name) mtu \(tunnel.mtu)", .links, "ip link show \(tunnel.name)",
                        telling: "\(tunnel.mtu)"),
                ],
                because: [
                    "\(kind) adds \(overhead) bytes: \(size) + \(overhead) = \(size + overhead), and \(lower.name) carries \(lower.mtu).",
                    isNested
                        ? "\(lower.name) is a tunnel itself, so that two headers come together. At most \(fits) fit."
                        : "At most \(fits) fit. Small packets pass, large ones are lost: TLS and transfers hang.",
                ], explains: facts.unreadyPods(on: machine.name),
                fix: .init(
                    [
                        "set the CNI's MTU to \(fits) (Calico: spec.calicoNetwork.mtu or veth_mtu; flannel: Backend.MTU)",
                        "kubectl delete pod POD   # pods get the new size when they are made anew, one by one",
                    ], undo: "set the old value again", risk: "pods restart", seconds: 300),
                prevent: "leave the CNI's MTU on automatic where it has that",
                deadEnds: [
                    "ping -M do -s 8951: it fails on every network of 8950; send \(fits - 28) (must pass) and \(fits - 27)"
                ])
        }
        return nil
    }

    /// The interface the tunnel's outer packets leave by.
    private func carrier(_ tunnel: NetworkLink, _ machine: NodeEvidence, _ facts: FactBase) -> NetworkLink? {
        if let name = tunnel.tunnel?.lower, let link = machine.link(name) { return link }
        if let local = tunnel.tunnel?.local,
            let name = (machine.addresses ?? []).first(where: { $0.address.address == local })?.device
        {
            return machine.link(name)
        }
        let peer = facts.objects("nodes").filter { $0.name != machine.name }.lazy
            .flatMap { facts.internalAddresses($0.name) }.first
        guard let peer, let name = machine.routeLookup?.lookup(.init(to: peer)).devices.first, name != tunnel.name
        else { return nil }
        return machine.link(name)
    }

    /// What pods may send: the largest of their links; the tunnel's own size where there are none.
    private func largestPod(_ machine: NodeEvidence, _ tunnel: NetworkLink) -> Int {
        let ports = (machine.links ?? []).filter { $0.kind == "veth" && $0.master != nil && $0.master == tunnel.master }
        let pods = (machine.podInterfaces.filter { $0.kind == "veth" } + ports).map(\.mtu)
        return pods.max() ?? tunnel.mtu
    }

    // MARK: MTU-02

    /// The machine's own door into a network of Open vSwitch, whose tunnel has no device: it is as large as the pods.
    private static let gates: Set<String> = ["ovn-k8s-mp0", "antrea-gw0"]

    /// Cards of the nodes, by what reaches the other nodes.
    private func drift(_ machines: [NodeEvidence], _ facts: FactBase) -> Diagnosis? {
        guard machines.count > 1 else { return nil }
        let cards = machines.compactMap { machine -> (NodeEvidence, NetworkLink)? in
            let own = facts.internalAddresses(machine.name).first
            let name =
                own.flatMap { address in (machine.addresses ?? []).first { $0.address.address == address }?.device }
                ?? machine.uplink
            return name.flatMap { machine.link($0) }.map { (machine, $0) }
        }
        if let found = odd(cards, facts, "card", needsLarge: true) { return found }
        let tunnels = Dictionary(
            grouping: machines.flatMap { machine in
                (machine.links ?? []).filter {
                    ($0.isTunnel || Self.gates.contains($0.name)) && $0.isUp && NodeEvidence.isPodInterface($0.name)
                }.map {
                    (machine, $0)
                }
            }
        ) { $0.1.name }
        for name in tunnels.keys.sorted() {
            if let found = odd(tunnels[name] ?? [], facts, "tunnel", needsLarge: false) { return found }
        }
        return nil
    }

    private func odd(
        _ links: [(NodeEvidence, NetworkLink)], _ facts: FactBase, _ what: String, needsLarge: Bool
    ) -> Diagnosis? {
        let sizes = Dictionary(grouping: links) { $0.1.mtu }
        guard sizes.count > 1 else { return nil }
        let usual = sizes.max { ($0.value.count, $0.key) < ($1.value.count, $1.key) }?.key ?? 0
        guard let small = sizes.keys.min(), small < usual || sizes.count > 1 else { return nil }
        let few = sizes.filter { $0.key != usual }.flatMap(\.value).sorted { $0.0.name < $1.0.name }
        guard let first = few.first, let peer = sizes[usual]?.first else { return nil }
        // A card larger than the others' carries theirs; one that is smaller matters where pods send more than it takes.
        if needsLarge {
            let smallest = few.filter { $0.1.mtu < usual }
            let podSize =
                facts.clusterMachines.flatMap { $0.podInterfaces.filter { $0.kind == "veth" }.map(\.mtu) }.max()
                ?? usual
            guard smallest.contains(where: { $0.1.mtu < podSize }) else { return nil }
        }
        return .machine(
            "MTU-02", "\(first.0.name)'s \(what) \(first.1.name) has MTU \(first.1.mtu), the others' has \(usual)",
            .certain,
            at: few.map(\.0.place) + [first.1.name],
            evidence: [
                first.0.quote(
                    "\(first.1.name) mtu \(first.1.mtu)", .links, "ip link show \(first.1.name)",
                    telling: "\(first.1.mtu)"),
                peer.0.quote(
                    "\(peer.1.name) mtu \(peer.1.mtu)   on \(peer.0.name)", .links, "ip link show \(peer.1.name)"),
            ],
            because: [
                "a packet that fits on \(peer.0.name) is too large for \(first.0.name) and is lost on the way between them"
            ], explains: few.reduce(into: []) { $0.formUnion(facts.unreadyPods(on: $1.0.name)) },
            fix: .init(
                ["ip link set \(first.1.name) mtu \(usual)   # on \(first.0.name), and in its network configuration"],
                undo: "ip link set \(first.1.name) mtu \(first.1.mtu)", risk: "the switch's port must carry \(usual)",
                seconds: 5),
            prevent: "one MTU for all nodes, from the same template")
    }
}
