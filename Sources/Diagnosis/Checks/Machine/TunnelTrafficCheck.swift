import Addressing
import JSONTree

/// Tunnels that send and to which nothing ever comes: what carries them between the machines keeps the packets
/// (RTE-01), or takes their port for itself (RTE-18).
struct TunnelTrafficCheck: Check {
    let name = "tunnels"
    let codes = ["RTE-01", "RTE-18"]
    let needs: [FactName] = []

    /// So many packets sent are no start-up.
    private static let enough: Int64 = 200

    func applies(to facts: FactBase) -> Bool {
        facts.clusterMachines.contains { machine in
            machine[.counters] != nil && (machine.links ?? []).contains { Self.isOverlay($0) }
        }
    }

    private static func isOverlay(_ link: NetworkLink) -> Bool { link.kind == "vxlan" || link.kind == "geneve" }

    private struct Deaf {
        var machine: NodeEvidence
        var tunnel: NetworkLink
        var card: NetworkLink
        var sent: Int64
        var port: Int
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        let deaf = facts.clusterMachines.compactMap(deaf)
        guard let first = deaf.first, let finding = finding(deaf, first, facts) else { return [] }
        return [finding]
    }

    /// It sends through a card that receives, there are other machines behind it, and not one packet came back.
    private func deaf(_ machine: NodeEvidence) -> Deaf? {
        guard let text = machine.text(.counters), let links = machine.links else { return nil }
        let counters = DeviceCounters(text)
        for tunnel in links where Self.isOverlay(tunnel) {
            guard tunnel.isUp, let own = counters[tunnel.name], own.received == 0, own.sent >= Self.enough,
                let card = card(of: tunnel, links, machine)
            else { continue }
            // Where nobody counted what the card hears, the tunnel's own numbers are all there is.
            if let below = counters[card.name], below.received < own.sent { continue }
            // The default of both kinds, where the device does not say (drivers/net/vxlan: 8472; IANA Geneve: 6081).
            let port = tunnel.tunnel?.port ?? (tunnel.kind == "geneve" ? 6081 : 8472)
            return Deaf(machine: machine, tunnel: tunnel, card: card, sent: own.sent, port: port)
        }
        return nil
    }

    /// The interface its packets leave by: what it is bound to, or what has its local address.
    private func card(of tunnel: NetworkLink, _ links: [NetworkLink], _ machine: NodeEvidence) -> NetworkLink? {
        if let lower = tunnel.tunnel?.lower, let found = links.first(where: { $0.name == lower }) { return found }
        if let local = tunnel.tunnel?.local,
            let device = (machine.addresses ?? []).first(where: { $0.address.address == local })?.device
        {
            return links.first { $0.name == device }
        }
        let device = (machine.routes ?? []).first { $0.destination.length == 0 }?.device
        return links.first { $0.name == device }
    }

    private func finding(_ deaf: [Deaf], _ first: Deaf, _ facts: FactBase) -> Diagnosis? {
        let driver = first.machine.json(.offloads)?.member(first.card.name)?.member("driver")?.string
        let known =
            first.card.mac.flatMap { VirtualCard.of($0) }
            ?? .of(
                driver: driver,
                provider: facts.nodeObject(first.machine.name)?.text("spec", "providerID"))
        let virtual = known.flatMap { card in
            deaf.allSatisfy { $0.port == first.port && card.ports.contains($0.port) } ? card : nil
        }
        let names = listed(deaf.map(\.machine.name))
        let evidence = deaf.prefix(2).map { one in
            one.machine.quote(
                "\(one.tunnel.name): \(one.sent) packets sent, 0 received", .counters,
                "ip -s link show \(one.tunnel.name)",
                telling: "0 received")
        }
        let peer = facts.objects("nodes").first { $0.name != first.machine.name }
        let address = peer?.nodeAddresses().first ?? "OTHER-NODE"
        let probe = [
            "on \(first.machine.name): tcpdump -ni \(first.card.name) udp port \(first.port)   # packets leave",
            "on \(peer?.name ?? "the other node"), at the same time: the same   # do they arrive?",
        ]
        let explains: Set<String> = deaf.reduce(into: []) { $0.formUnion(facts.unreadyPods(on: $1.machine.name)) }
        guard let virtual, let mac = first.card.mac else {
            return .machine(
                "RTE-01", "Tunnel packets (UDP \(first.port)) leave \(names) and none comes back", .likely,
                at: deaf.map(\.machine.place), evidence: evidence,
                because: [
                    "\(first.card.name) receives other packets, so the machines see each other; what is wrapped for UDP "
                        + "\(first.port) does not come through: pods of one node talk, pods of two do not"
                ], explains: explains,
                fix: .init(
                    [
                        "open UDP \(first.port) between all nodes, in both directions, wherever a firewall stands between"
                    ],
                    undo: "close it again", risk: "only between nodes", seconds: nil),
                prevent: "the overlay's port beside the other ports of nodes in the firewall's rules",
                deadEnds: ["restarting the agents: their packets leave"], needs: probe)
        }
        return .machine(
            "RTE-18",
            "The network below the machines takes UDP \(first.port): tunnel packets of \(names) do not arrive",
            .likely, at: deaf.map(\.machine.place),
            evidence: evidence + [
                first.machine.quote(
                    "\(first.card.name): \(driver ?? "\(mac)"), a card of \(virtual.maker)", .links,
                    "ip link show \(first.card.name)",
                    telling: driver ?? "\(mac)"),
                first.machine.quote(
                    "\(first.tunnel.name): dstport \(first.port)", .links, "ip -d link show \(first.tunnel.name)",
                    telling: "\(first.port)"),
            ],
            because: [
                "\(virtual.maker)'s network wraps its own segments at UDP \(first.port) and its cards take over the checksums of that port: "
                    + "packets of guests with the same port are swallowed or broken on the way",
                "\(first.card.name) receives other packets, so the machines see each other",
            ], explains: explains, fix: otherPort(first, facts),
            prevent: "another port than \(first.port) for the overlay from the start on such machines",
            deadEnds: ["opening the port in the guests' own firewall: the packets do not reach it"],
            needs: [
                "on \(first.machine.name): ethtool -K \(first.tunnel.name) tx-checksum-ip-generic off; ping a pod of \(peer?.name ?? "another node") (\(address)) once with and once without it"
            ] + probe)
    }

    /// Where the port is set depends on whose overlay it is.
    private func otherPort(_ deaf: Deaf, _ facts: FactBase) -> Diagnosis.Fix {
        let other = 8472
        let risk = "all nodes change at once: traffic between nodes stops for the seconds that takes"
        if deaf.tunnel.name == "vxlan.calico" {
            return .init(
                [
                    "kubectl patch felixconfiguration default --type merge -p '{\"spec\":{\"vxlanPort\":\(other)}}'"
                ],
                undo:
                    "kubectl patch felixconfiguration default --type merge -p '{\"spec\":{\"vxlanPort\":\(deaf.port)}}'",
                risk: risk, seconds: 60)
        }
        return .init(
            [
                "set the overlay's port to \(other) in the provider's configuration, then restart its agents node by node"
            ],
            undo: "set it back to \(deaf.port)", risk: risk, seconds: 300)
    }
}

/// Packets of each interface since it was made, from /proc/net/dev.
struct DeviceCounters: Sendable {
    private let values: [String: (received: Int64, sent: Int64)]

    /// Lines of `eth0: bytes packets errs drop fifo frame compressed multicast bytes packets ...`; others are passed over.
    init(_ text: String) {
        var values: [String: (received: Int64, sent: Int64)] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let numbers = line[line.index(after: colon)...].split(separator: " ").compactMap { Int64($0) }
            guard numbers.count >= 10 else { continue }
            values[line[..<colon].filter { $0 != " " }] = (numbers[1], numbers[9])
        }
        self.values = values
    }

    subscript(device: String) -> (received: Int64, sent: Int64)? { values[device] }
}
