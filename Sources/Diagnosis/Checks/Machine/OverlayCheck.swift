import Addressing
import JSONTree

/// The tunnel between nodes: its MAC as announced, known and real (RTE-02), entries for every other node (RTE-03), the
/// address it sends from (RTE-10), one kind of it for all nodes (RTE-11).
struct OverlayCheck: Check {
    let name = "overlay"
    let codes = ["RTE-02", "RTE-03", "RTE-10", "RTE-11"]
    let needs: [FactName] = []

    func applies(to facts: FactBase) -> Bool {
        !facts.tunnelEnds.isEmpty
            || facts.machines.contains { ($0.links ?? []).contains(where: \.isTunnel) }
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        let ends = Dictionary(facts.tunnelEnds.map { ($0.node, $0) }) { first, _ in first }
        var found: [Diagnosis] = []
        let known = Self.known(facts)
        for machine in facts.machines {
            if let changed = changedMAC(machine, ends, known, facts) { found.append(changed) }
        }
        let changed = Set(found.flatMap(\.places))
        let owners = RouteOwners(facts)
        for machine in facts.machines where !changed.contains(machine.place) {
            if let lost = lostEntries(machine, ends, owners, facts, changed) { found.append(lost) }
            if let wrong = foreignAddress(machine, facts) ?? wrongAddress(machine, ends, facts) { found.append(wrong) }
        }
        if let mixed = mixedBackends(ends, facts) ?? mixedTunnels(facts) ?? mixedSettings(ends, facts) {
            found.append(mixed)
        }
        return found
    }

    /// Tunnels of one name that differ in number or port: each drops what the other sends.
    private func mixedSettings(_ ends: [String: TunnelEnd], _ facts: FactBase) -> Diagnosis? {
        struct Setting: Hashable {
            var identifier: Int
            var port: Int
            var text: String { "VNI \(identifier), UDP port \(port)" }
        }
        let devices = facts.clusterMachines.compactMap { machine -> (NodeEvidence, NetworkLink, Setting)? in
            guard let device = machine.overlay(ends[machine.name]?.identifier) ?? machine.overlay(nil), device.isUp,
                let identifier = device.tunnel?.identifier, let port = device.tunnel?.port
            else { return nil }
            return (machine, device, Setting(identifier: identifier, port: port))
        }
        let names = Set(devices.map(\.1.name))
        let groups = Dictionary(grouping: devices) { $0.2 }.sorted { $0.value.count > $1.value.count }
        guard names.count == 1, groups.count > 1 else { return nil }
        // What the agents announce tells which of two is right.
        let announced = groups.first { group in
            group.value.contains { machine, _, setting in ends[machine.name]?.identifier == setting.identifier }
                && !group.value.contains { machine, _, setting in
                    ends[machine.name]?.identifier.map { $0 != setting.identifier } ?? false
                }
        }
        let usual = groups[0].value.count > groups[1].value.count ? groups[0] : announced ?? groups[0]
        let odd = groups.filter { $0.key != usual.key }.flatMap(\.value)
        let nodes = odd.map(\.0.name).sorted()
        return .machine(
            "RTE-11",
            "\(odd[0].1.name) of \(listed(nodes, countedAs: "node")) has \(odd[0].2.text) where others have \(usual.key.text)",
            .certain, at: odd.map(\.0.place) + [odd[0].1.name],
            evidence: (odd.prefix(2) + usual.value.prefix(1)).map { machine, device, setting in
                machine.quote(
                    "\(machine.name): \(device.name) \(setting.text)", .links, "ip -d link show \(device.name)",
                    telling: setting.text)
            },
            because: [
                "a tunnel takes only packets of its own number and port: what \(listed(nodes, countedAs: "node")) and the others send each other is dropped"
            ],
            explains: odd.reduce(into: []) { $0.formUnion(symptoms(facts, $1.0.name)) },
            fix: Self.restarts(nodes, "it makes the device anew from the common configuration", facts),
            prevent: "change number and port for all nodes at once")
    }

    /// What makes the odd nodes' tunnels like those of the others.
    static func restarts(_ nodes: [String], _ effect: String, _ facts: FactBase) -> Diagnosis.Fix {
        .init(
            nodes.prefix(5).map { facts.restart(on: $0, effect) }, undo: "none needed",
            risk: "pods of that node are cut off for a second more", seconds: 30)
    }

    /// Pods that miss their peers, on a node.
    private func symptoms(_ facts: FactBase, _ node: String) -> Set<String> { facts.unreadyPods(on: node) }

    // MARK: RTE-02

    /// What the others send to, by machine: the MAC of their entries for a tunnel end.
    private struct KnownEnd {
        var machine: NodeEvidence
        var mac: MACAddress
    }

    private static func known(_ facts: FactBase) -> [IPAddress: [KnownEnd]] {
        var known: [IPAddress: [KnownEnd]] = [:]
        for peer in facts.machines {
            for entry in peer.forwarding ?? [] where entry.isPermanent && !entry.mac.isZero {
                guard let address = entry.destination else { continue }
                known[address, default: []].append(KnownEnd(machine: peer, mac: entry.mac))
            }
        }
        return known
    }

    private static func isAnothers(_ address: IPAddress, than machine: NodeEvidence, _ facts: FactBase) -> Bool {
        facts.objects("nodes").contains {
            $0.name != machine.name && facts.internalAddresses($0.name).contains(address)
        }
            || facts.machines.contains { other in
                other.name != machine.name && other.globalAddresses.contains { $0.address.address == address }
            }
    }

    private func changedMAC(
        _ machine: NodeEvidence, _ ends: [String: TunnelEnd], _ known: [IPAddress: [KnownEnd]], _ facts: FactBase
    ) -> Diagnosis? {
        let end = ends[machine.name]
        guard let device = machine.overlay(end?.identifier), let actual = device.mac else { return nil }
        var addresses = facts.internalAddresses(machine.name)
        if let local = device.tunnel?.local { addresses.append(local) }
        if let announcedAddress = end?.address { addresses.append(announcedAddress) }
        // Of an address that another node has, or says it has, nobody can tell whose MAC the entries for it are.
        let own = Set(addresses).filter { !Self.isAnothers($0, than: machine, facts) }
        let peers = own.flatMap { (known[$0] ?? []).filter { $0.machine.name != machine.name } }
        let strangers = peers.filter { $0.mac != actual }
        let announced = end?.mac
        // Somebody must say something else than the device: the annotation, or all of those who send to it.
        let isAnnouncedElse = announced.map { $0 != actual } ?? false
        guard isAnnouncedElse || (!peers.isEmpty && strangers.count == peers.count) else { return nil }
        // An annotation that is newer than the peers' entries is an agent that is just spreading it.
        if !isAnnouncedElse, announced != nil, strangers.count < peers.count { return nil }
        let wanted = announced.flatMap { $0 == actual ? nil : $0 } ?? strangers[0].mac
        var evidence: [Diagnosis.Evidence] = []
        if let announced, let end, let object = facts.nodeObject(machine.name) {
            evidence.append(
                .init(
                    "announced \(announced)",
                    from: FactSource(
                        "Node/\(machine.name) annotation \(end.annotation)",
                        command: "kubectl get node \(machine.name) -o yaml", age: object.age)))
        }
        evidence.append(
            machine.quote("actual    \(actual)", .links, "ip link show \(device.name)", telling: "\(actual)"))
        if let first = strangers.first {
            let names = Set(strangers.map(\.machine.name)).sorted()
            evidence.append(
                first.machine.quote(
                    "peers use \(first.mac)   on \(names.joined(separator: ", "))", .forwarding,
                    "bridge fdb show dev \(device.name)"))
        }
        var because = [
            "the other nodes put \(wanted) into their frames for \(machine.name); \(device.name) has \(actual) and drops them"
        ]
        let links = machine.files(under: "/etc/systemd/network") + machine.files(under: "/usr/lib/systemd/network")
        if let policy = links.first(where: { $0.document.text.contains("MACAddressPolicy=persistent") }) {
            because.append(
                "\(policy.path) has MACAddressPolicy=persistent: udev rewrites the address of new interfaces")
        }
        return .machine(
            "RTE-02", "\(machine.name) announces a tunnel MAC that its \(device.name) does not have", .certain,
            at: [machine.place, device.name], evidence: evidence, because: because,
            explains: symptoms(facts, machine.name),
            fix: .init(
                ["ip link set \(device.name) address \(wanted)   # on \(machine.name)"],
                undo: "ip link set \(device.name) address \(actual)", risk: "none: these packets are dropped now",
                seconds: 5),
            prevent:
                "write /etc/systemd/network/10-\(device.name).link on \(machine.name): [Match] OriginalName=\(device.name), [Link] MACAddressPolicy=none"
        )
    }

    // MARK: RTE-03

    private func lostEntries(
        _ machine: NodeEvidence, _ ends: [String: TunnelEnd], _ owners: RouteOwners, _ facts: FactBase,
        _ changed: Set<String>
    ) -> Diagnosis? {
        let own = ends[machine.name]
        guard let device = machine.overlay(own?.identifier), let routes = machine.routes else { return nil }
        let tunnelRoutes = routes.filter { $0.device == device.name && $0.gateway != nil && $0.kind == "unicast" }
        var missing: [String] = []
        var quotes: [Diagnosis.Evidence] = []
        var nodes: [String] = []
        let neighbours = machine.neighbours.map { all in
            Dictionary(all.filter { $0.device == device.name }.map { ($0.address, $0) }) { first, _ in first }
        }
        let forwarded = machine.forwarding.map { all in
            Dictionary(grouping: all.filter { $0.device == device.name && $0.destination != nil }, by: \.mac)
        }
        // The gateways of routes through the tunnel need a neighbour, and its MAC an entry.
        for route in tunnelRoutes {
            guard let gateway = route.gateway else { continue }
            let node = owners.node(of: route.destination, through: gateway)
            // A route to a node that is gone is the agent's to remove, and harms nobody: where ranges are those of nodes.
            if own?.mac != nil && !facts.podRanges(machine.name).isEmpty && node == nil { continue }
            if let neighbours {
                guard let mac = neighbours[gateway]?.mac else {
                    missing.append("neighbour \(gateway) (route \(route.destination)\(node.map { " of \($0)" } ?? ""))")
                    nodes.append(node ?? "\(route.destination)")
                    quotes.append(
                        machine.quote(
                            "no entry for \(gateway)", .neighbours, "ip neigh show \(gateway) dev \(device.name)"))
                    continue
                }
                // Where that node is, by its own object: an entry of before leads elsewhere.
                if let entries = forwarded?[mac], let node, let end = entries.first?.destination {
                    let right = Set(facts.internalAddresses(node) + [ends[node]?.address].compactMap { $0 })
                    if !right.isEmpty, right.contains(where: { $0.family == end.family }),
                        entries.allSatisfy({ $0.destination.map { !right.contains($0) } ?? false })
                    {
                        missing.append(
                            "forwarding entry of \(mac): it leads to \(end), and \(node) is \(listed(right.sorted().map { "\($0)" }))"
                        )
                        nodes.append(node)
                        quotes.append(
                            machine.quote(
                                "\(mac) dst \(end)", .forwarding, "bridge fdb show dev \(device.name)",
                                telling: "\(end)"))
                    }
                }
                if let forwarded, forwarded[mac] == nil {
                    missing.append("forwarding entry of \(mac)\(node.map { " (\($0))" } ?? "")")
                    nodes.append(node ?? "\(route.destination)")
                    quotes.append(
                        machine.quote("no entry for \(mac)", .forwarding, "bridge fdb show dev \(device.name)"))
                }
            }
        }
        // A node whose range has no route at all, where others go through the tunnel.
        if own?.mac != nil, let lookup = machine.routeLookup {
            for end in ends.values.sorted(by: { $0.node < $1.node }) where end.node != machine.name && end.mac != nil {
                for range in facts.podRanges(end.node) where range.family == .v4 {
                    guard let address = range.first.advanced(by: 1) else { continue }
                    let answer = lookup.lookup(RouteLookup.Packet(to: address))
                    var isCovered = false
                    if case .forward(let route, _) = answer { isCovered = !route.isDefault }
                    if isCovered { continue }
                    let neighbourIsThere = (machine.forwarding ?? []).contains { $0.mac == end.mac }
                    // Only the route is gone: that is another cause (RTE-04).
                    if neighbourIsThere { continue }
                    missing.append("route, neighbour and forwarding entry for \(range) of \(end.node)")
                    nodes.append(end.node)
                    quotes.append(
                        machine.quote("\(range): \(answer.text)", .routes, "ip route get \(address)"))
                }
            }
        }
        guard !missing.isEmpty else { return nil }
        return .machine(
            "RTE-03", "\(machine.name) has no way through \(device.name) to \(listed(nodes, countedAs: "node"))",
            .certain,
            at: [machine.place, device.name], evidence: Array(quotes.prefix(4)),
            because: ["missing on \(machine.name): \(missing.prefix(6).joined(separator: "; "))"]
                + (missing.count > 6 ? ["and \(missing.count - 6) more"] : [])
                + ["frames for those nodes have nowhere to go and are dropped"],
            explains: symptoms(facts, machine.name),
            fix: .init(
                [facts.restart(on: machine.name, "it writes the entries again")],
                undo: "none needed", risk: "none: the agent only adds what is missing", seconds: 30),
            needs: [])
    }

    // MARK: RTE-10

    /// The address a Node gives as its own, where no interface of the machine has it: a floating or public one. Others
    /// send to it, and nothing there ends their tunnels.
    private func foreignAddress(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        let said = facts.internalAddresses(machine.name)
        let own = machine.globalAddresses
        guard let first = said.first, !own.isEmpty,
            !said.contains(where: { address in own.contains { $0.address.address == address } }),
            own.contains(where: { $0.address.address.family == first.family })
        else { return nil }
        let here = own.prefix(3).map { "\($0.address.address) (\($0.device))" }.joined(separator: ", ")
        // A cloud may translate one to one before the machine. Where the address is seen elsewhere, it does not.
        let holder = facts.machines.first { other in
            other.name != machine.name && other.globalAddresses.contains { said.contains($0.address.address) }
        }
        let twin = facts.objects("nodes").first { node in
            node.name != machine.name && facts.internalAddresses(node.name).contains(first)
        }
        let elsewhere = holder?.name ?? twin?.name
        return .machine(
            "RTE-10", "\(machine.name) calls itself \(first), and none of its interfaces has that address",
            elsewhere == nil ? .likely : .certain, at: [machine.place],
            evidence: [
                .init(
                    "InternalIP \(first)", marking: "\(first)",
                    from: FactSource(
                        machine.place, command: "kubectl get node \(machine.name) -o wide",
                        age: facts.nodeObject(machine.name)?.age)),
                machine.quote(here, .addresses, "ip -br addr"),
            ],
            because: [
                "the other nodes send pods' packets to \(first), and \(machine.name) has \(here): they never end there,",
                "and what it sends itself comes from an address that the others do not expect",
            ] + (elsewhere.map { ["\(first) is \($0)'s"] } ?? []),
            explains: facts.unreadyPods(on: machine.name).union(facts.nodeSymptoms(machine.name)),
            fix: .init(
                ["set kubelet's --node-ip (or KUBELET_EXTRA_ARGS) to one of \(here) and restart kubelet"],
                undo: "set the old --node-ip",
                risk: "the agent of the network announces another address: one node at a time",
                seconds: 60), prevent: "give --node-ip the address of the card that the nodes share",
            needs: elsewhere == nil
                ? [
                    "whether something before the machine translates \(first) to \(own[0].address.address) one to one: "
                        + "ping -c 3 \(first) from another node, with tcpdump -ni any icmp on \(machine.name)"
                ] : [])
    }

    private func wrongAddress(_ machine: NodeEvidence, _ ends: [String: TunnelEnd], _ facts: FactBase) -> Diagnosis? {
        let end = ends[machine.name]
        let device =
            machine.overlay(end?.identifier)
            ?? (machine.links ?? []).first { ["ipip", "geneve"].contains($0.kind ?? "") && $0.tunnel?.local != nil }
        guard let local = device?.tunnel?.local ?? end?.address else { return nil }
        let own = facts.internalAddresses(machine.name)
        guard !own.isEmpty, !own.contains(local), own.contains(where: { $0.family == local.family }) else { return nil }
        // Two nodes with one address: both chose the same NAT card. Or: the others' ends are where this node's own
        // address is, and not where its tunnel's is.
        let others = ends.values.filter { $0.node != machine.name }
        let twins = others.filter { $0.address == local }.map(\.node).sorted()
        let holder = machine.globalAddresses.first { $0.address.address == local }
        let isStray =
            holder.map { place in
                let theirs = others.flatMap { end in [end.address].compactMap { $0 } + facts.internalAddresses(end.node)
                }
                .filter { $0.family == local.family }
                let agree = others.filter { end in
                    end.address.map { facts.internalAddresses(end.node).contains($0) } ?? false
                }
                return !theirs.isEmpty && !theirs.contains { place.address.prefix.contains($0) }
                    && !agree.isEmpty && place.address.prefixLength < local.family.bitWidth
            } ?? false
        guard !twins.isEmpty || isStray else { return nil }
        let shown = device.map { $0.name } ?? "the tunnel"
        let where_ = holder.map { " (\($0.device))" } ?? ""
        return .machine(
            "RTE-10", "\(machine.name)'s tunnel sends from \(local)\(where_), which the other nodes do not know",
            .certain,
            at: [machine.place, shown],
            evidence: [
                machine.quote("\(shown) local \(local)", .links, "ip -d link show \(shown)", telling: "\(local)"),
                .init(
                    "InternalIP \(own.map { "\($0)" }.joined(separator: ", "))",
                    from: FactSource(
                        machine.place, command: "kubectl get node \(machine.name) -o wide",
                        age: facts.nodeObject(machine.name)?.age)),
            ],
            because: [
                twins.isEmpty
                    ? "the other nodes are reached in the range of \(own[0]), not in that of \(local)"
                    : "\(twins.joined(separator: ", ")) announced \(local) as well: a NAT card has the same address everywhere"
            ], explains: symptoms(facts, machine.name),
            fix: .init(
                [
                    "set the agent's interface to the one that has \(own[0]) (flannel: --iface, Calico: IP_AUTODETECTION_METHOD=kubernetes-internal-ip)"
                ],
                undo: "set the old value again", risk: "the agent makes the tunnel anew: a second without packets",
                seconds: 60), prevent: "name the interface or the range; \"first found\" is a guess")
    }

    // MARK: RTE-11

    private func mixedBackends(_ ends: [String: TunnelEnd], _ facts: FactBase) -> Diagnosis? {
        let live = ends.values.filter { end in end.backend != nil }
        let kinds = Dictionary(grouping: live) { ($0.backend ?? "").lowercased() }
        guard kinds.count > 1 else { return nil }
        let sorted = kinds.sorted { $0.value.count > $1.value.count }
        let odd = sorted.dropFirst().flatMap(\.value).sorted { $0.node < $1.node }
        let usual = sorted[0].key
        return .machine(
            "RTE-11",
            "\(listed(odd.map(\.node), countedAs: "node")) use\(odd.count == 1 ? "s" : "") \(odd[0].backend ?? "") where the others use \(usual)",
            .certain, at: odd.map { "Node/\($0.node)" },
            evidence: ([odd[0]] + sorted[0].value.sorted { $0.node < $1.node }.prefix(1)).map { end in
                .init(
                    "\(end.node): \(end.backend ?? "")",
                    from: FactSource(
                        "Node/\(end.node) annotation \(end.annotation)",
                        command: "kubectl get node \(end.node) -o yaml"))
            },
            because: [
                "a node that encapsulates and one that routes cannot hear each other: each expects the other's form"
            ],
            explains: odd.reduce(into: []) { $0.formUnion(symptoms(facts, $1.node)) },
            fix: Self.restarts(odd.map(\.node), "it reads the common configuration again", facts),
            prevent: "change the backend for all nodes at once")
    }
}
