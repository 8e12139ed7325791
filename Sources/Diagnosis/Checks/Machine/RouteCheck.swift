import Addressing
import JSONTree

/// Ways of pods' packets, computed from rules and tables (RTE-04), rules that a network manager removed (RTE-12), node
/// addresses that lead through the overlay (RTE-20).
struct RouteCheck: Check {
    let name = "routes"
    let codes = ["RTE-04", "RTE-12", "RTE-20"]
    let needs: [FactName] = []

    func applies(to facts: FactBase) -> Bool {
        facts.clusterMachines.contains { $0.routes != nil || !$0.podNames.isEmpty }
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        facts.clusterMachines.flatMap { machine -> [Diagnosis] in
            if let removed = removedRules(machine, facts) { return [removed] }
            return [
                nodeAddress(machine, facts), podWithoutRoute(machine, facts), hostRoute(machine, facts),
                remoteRange(machine, facts) ?? remotePod(machine, facts),
            ]
            .compactMap { $0 }
        }
    }

    // MARK: RTE-20

    private func nodeAddress(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        guard let lookup = machine.routeLookup else { return nil }
        let others = facts.peers(of: machine)
        let owned = facts.internalAddresses(machine.name).map { (machine.name, $0) }
        let nodes = Set(others.map(\.address) + owned.map(\.1))
        let direct = (machine.routes ?? []).filter {
            $0.origin == "kernel" && $0.table == 254 && $0.kind == "unicast" && !$0.isDefault
        }
        for (name, address) in owned + others {
            let answer = lookup.lookup(.init(to: address))
            let isOwn = name == machine.name
            guard case .forward(let route, let hops) = answer else { continue }
            let devices = hops.compactMap(\.device)
            let tunnels = devices.filter { name in
                guard let link = machine.link(name) else {
                    return ["tunl0", "vxlan.calico", "flannel.1"].contains(name)
                }
                // WireGuard between nodes is a choice, not a loop.
                return link.isTunnel && link.kind != "wireguard"
            }
            let viaNode = hops.compactMap(\.gateway).first { $0 != address && nodes.contains($0) }
            // A more exact route that a routing daemon learned, over the network that the card is on.
            let connected = direct.first { $0.destination.contains(address) }
            let isLearned = ["bird", "bgp", "zebra", "12", "186"].contains(route.origin)
            let covers = isLearned && connected != nil && hops.contains { $0.gateway != nil }
            guard isOwn || !tunnels.isEmpty || viaNode != nil || covers else { continue }
            // An address that no interface has is not routed away: the node's own name for itself is wrong.
            if isOwn,
                route.kind == "local" || !machine.globalAddresses.contains(where: { $0.address.address == address })
            {
                continue
            }
            return .machine(
                "RTE-20", "On \(machine.name) the way to node address \(address) (\(name)) is \(route.text)",
                .certain,
                at: [machine.place, "\(route.destination)"],
                evidence: [
                    machine.quote(
                        "\(address) \(answer.text)", .routes, "ip route get \(address)", telling: devices.first)
                ]
                    + (connected.map { [machine.quote($0.text, .routes, "ip route show \($0.destination)")] } ?? []),
                because: [
                    "a route over the nodes' own addresses sends their packets to each other into the overlay or back to a peer:",
                    "tunnels need those addresses themselves, so that packets loop until their TTL ends",
                ], explains: facts.unreadyPods(on: machine.name).union(facts.nodeSymptoms(machine.name)),
                fix: .init(
                    [
                        "ip route get \(address)   # on \(machine.name): names the peer or pool it came from",
                        "filter \(route.destination) from what is imported there (Calico: BGPFilter importV4 Reject In \(route.destination))",
                    ], undo: "remove the filter", risk: "only that route goes", seconds: 60),
                prevent: "import nothing that covers node addresses")
        }
        return nil
    }

    // MARK: RTE-04

    private func podWithoutRoute(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        for name in machine.podNames {
            let words = name.split(separator: "/").map(String.init)
            guard words.count == 2, let pod = machine.pod(words[0], words[1]), let lookup = pod.routeLookup,
                pod.links?.contains(where: { $0.name == "eth0" && $0.isUp }) ?? true
            else { continue }
            let object = facts.object("pods", words[0], words[1])
            if object?.bool("spec", "hostNetwork") == true { continue }
            if let bare = withoutAddress(name, pod, machine) { return bare }
            // A pod with IPv4 addresses of its own, or of which nothing else is known.
            let own = pod.addresses?.first {
                $0.device != "lo" && $0.address.family == .v4 && !$0.address.address.isLinkLocal
            }
            if pod.addresses != nil && own == nil { continue }
            let world = IPAddress.v4(IPv4Address(198, 51, 100, 1))
            guard case .noRoute = lookup.lookup(.init(to: world)) else { continue }
            let known = (pod.routes ?? []).filter { $0.table == 254 }.map(\.text)
            return .machine(
                "RTE-04", "Pod \(name) has no default route", .certain, at: ["Pod/\(name)", machine.place],
                evidence: [
                    pod.quote(
                        known.isEmpty ? "no route at all" : known.joined(separator: "; "), .routes,
                        "ip route   # in the pod's namespace")
                ],
                because: [
                    "of eth0's address \(own.map { "\($0.address)" } ?? "-") only its own network is known to the pod:",
                    "everything else answers \"Network is unreachable\"",
                ], explains: ["pod \(name) ready"],
                fix: .init(
                    ["kubectl -n \(words[0]) delete pod \(words[1])   # its network is made anew"],
                    undo: "none needed", risk: "this one pod restarts", seconds: 30))
        }
        return nil
    }

    /// What the plugin gave to a pod, and its interface has no more.
    private func withoutAddress(_ name: String, _ pod: NodeEvidence, _ machine: NodeEvidence) -> Diagnosis? {
        guard let addresses = pod.addresses, let link = pod.link("eth0"), link.isUp,
            let result = machine.currentResults.first(where: {
                "\($0.namespace)/\($0.pod)" == name && $0.interface == link.name && !$0.addresses.isEmpty
            }), let given = result.addresses.first,
            !addresses.contains(where: { $0.device == link.name && result.addresses.contains($0.address.address) })
        else { return nil }
        let words = name.split(separator: "/")
        let own = addresses.filter { $0.device == link.name && !$0.address.address.isLinkLocal }.map { "\($0.address)" }
        return .machine(
            "RTE-04", "Pod \(name) does not have the address \(given) any more", .certain,
            at: ["Pod/\(name)", machine.place],
            evidence: [
                pod.quote(
                    "eth0: \(own.isEmpty ? "no address" : own.joined(separator: ", "))", .addresses,
                    "ip addr show eth0   # in the pod's namespace"),
                machine.quote("\(given)", file: result.path),
            ],
            because: [
                "the plugin gave \(given) to the pod's eth0, and it is not there: something in the pod's namespace removed it,",
                "and with it went the routes of its network",
            ], explains: ["pod \(name) ready"],
            fix: .init(
                ["kubectl -n \(words[0]) delete pod \(words[1])   # its network is made anew"], undo: "none needed",
                risk: "this one pod restarts", seconds: 30))
    }

    /// The machine's own way to its pods.
    private func hostRoute(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        guard let lookup = machine.routeLookup, machine.links != nil else { return nil }
        let uplinks = Set(machine.uplinks)
        for pod in facts.localPods(of: machine) where pod.address.family == .v4 {
            let address = pod.address
            if let object = facts.object("pods", String(pod.namespace), String(pod.ownName)) {
                // Of one that is being taken down the route goes before the object does.
                guard object.text("status", "phase") == "Running", !object.isDeleted else { continue }
            }
            let answer = lookup.lookup(.init(to: address))
            var isLost = false
            switch answer {
            case .noRoute, .refused: isLost = true
            case .forward(let route, _): isLost = route.isDefault && !answer.devices.isDisjoint(with: uplinks)
            default: break
            }
            // With eBPF the machine's tables say nothing about pods.
            guard isLost,
                !(machine.links ?? []).contains(where: { $0.name.hasPrefix("lxc") || $0.name.hasPrefix("gke") })
            else {
                continue
            }
            return .machine(
                "RTE-04", "\(machine.name) has no route to its own pod \(pod.name)", .certain,
                at: [machine.place, pod.place],
                evidence: [machine.quote("\(address) \(answer.text)", .routes, "ip route get \(address)")],
                because: ["the pod runs here, and its address \(address) leads \(answer.text)"],
                explains: ["pod \(pod.name) ready"],
                fix: .init(
                    ["kubectl -n \(pod.namespace) delete pod \(pod.ownName)   # its route is made anew"],
                    undo: "none needed", risk: "this one pod restarts", seconds: 30))
        }
        return nil
    }

    /// Where another node's range leads, against where that node is.
    private func remoteRange(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        // Calico and the clouds hand out addresses by themselves: then a node's range is a number that nobody uses.
        let providers = NetworkProviders(facts)
        let blocks = providers.runs(.calico) ? facts.calicoBlocks : [:]
        guard let lookup = machine.routeLookup,
            providers.runs(.cilium) || !blocks.isEmpty || providers.usesNodeRanges(facts) != false
        else {
            return nil
        }
        // A node that is away announces nothing.
        let nodes = facts.objects("nodes").filter { blocks.isEmpty || $0.isNodeReady }
        let owners = facts.nodesByAddress(among: nodes).mapValues(\.name)
        var lost: [(String, IPPrefix, String)] = []
        var wrong: Diagnosis?
        var known = 0
        for node in nodes where node.name != machine.name {
            let ranges =
                blocks.isEmpty ? facts.podRanges(node.name) + facts.ciliumRanges(node.name) : blocks[node.name] ?? []
            for range in ranges where range.family == .v4 {
                guard let address = range.first.advanced(by: 1) else { continue }
                let answer = lookup.lookup(.init(to: address))
                guard case .forward(let route, let hops) = answer else {
                    if case .noRoute = answer { lost.append((node.name, range, answer.text)) }
                    if case .refused = answer { lost.append((node.name, range, answer.text)) }
                    continue
                }
                if route.isDefault {
                    lost.append((node.name, range, answer.text))
                    continue
                }
                if let local = ownBridge(hops, machine) {
                    wrong = .machine(
                        "RTE-04", "\(machine.name) sends \(range) of \(node.name) to its own bridge \(local)", .certain,
                        at: [machine.place, "\(range)"],
                        evidence: [
                            machine.quote(route.text, .routes, "ip route get \(address)", telling: local)
                        ],
                        because: ["\(range) is the range of \(node.name); on \(local) are the pods of \(machine.name)"],
                        explains: facts.unreadyPods(on: machine.name),
                        fix: .init(
                            [
                                "ip route replace \(range) via \(facts.internalAddresses(node.name).first.map { "\($0)" } ?? "ADDRESS")   # on \(machine.name)"
                            ], undo: "ip route replace \(range) dev \(local)",
                            risk: "none: these packets are lost now", seconds: 5))
                    continue
                }
                known += 1
                if let detour = detour(machine, node, range, route, hops, facts) {
                    wrong = detour
                    continue
                }
                // Straight to a node that is not the range's.
                guard let gateway = hops.first?.gateway, hops.count == 1, let owner = owners[gateway],
                    owner != node.name,
                    !(machine.link(hops[0].device ?? "")?.isTunnel ?? false)
                else { continue }
                wrong = .machine(
                    "RTE-04", "\(machine.name) sends \(range) of \(node.name) to \(owner)", .certain,
                    at: [machine.place, "\(range)"],
                    evidence: [machine.quote(route.text, .routes, "ip route get \(address)", telling: "\(gateway)")],
                    because: ["\(range) is the range of \(node.name); \(gateway) is \(owner), which has no such pods"],
                    explains: facts.unreadyPods(on: machine.name),
                    fix: .init(
                        [
                            "ip route replace \(range) via \(facts.internalAddresses(node.name).first.map { "\($0)" } ?? "ADDRESS")   # on \(machine.name)",
                            "look for it in netplan, networkd or a script when it comes back (proto \(route.origin))",
                        ], undo: "ip route replace \(range) via \(gateway)", risk: "none: these packets are lost now",
                        seconds: 5))
            }
        }
        if let wrong { return wrong }
        // Where every range goes to the gateway, the underlay routes (a cloud's route table): nothing is missing here.
        guard let first = lost.first else { return nil }
        let peersKnow = facts.clusterMachines.contains { peer in
            guard peer.name != machine.name, peer.name != first.0, let theirs = peer.routeLookup,
                let address = first.1.first.advanced(by: 1),
                case .forward(let route, _) = theirs.lookup(.init(to: address))
            else { return false }
            return !route.isDefault
        }
        let announced = nodes.first { $0.name == first.0 }.flatMap { TunnelEnd($0)?.backend }
        // Through a tunnel a route goes together with its entries: where those are there, it alone was taken away.
        let end = nodes.first { $0.name == first.0 }.flatMap { TunnelEnd($0) }
        let isEntryThere = (machine.forwarding ?? []).contains { $0.mac == end?.mac && end?.mac != nil }
        let isTunnelled = machine.overlay(nil) != nil && announced == "vxlan" && !isEntryThere
        // Nodes that have a session with each other ask no router for each other's pods.
        let isTold = BGPSession.between(machine.name, first.0, facts)?.isEstablished ?? false
        // What an agent announces to the others, no underlay routes; a tunnel that was not made is told of by itself.
        let isAnnounced =
            announced == "host-gw" || announced == "ipip"
            || announced == "vxlan" && machine.overlay(nil) != nil && isEntryThere
        guard known > 0 || peersKnow || isTold || isAnnounced, !isTunnelled else { return nil }
        // The other nodes' ranges that are left show how this network's routes look.
        let sibling = (machine.routes ?? []).first { route in
            route.table == 254 && route.destination.family == first.1.family && route.gateway == route.destination.first
                && machine.link(route.device ?? "")?.kind == "vxlan"
        }
        let gateway = facts.internalAddresses(first.0).first.map { "\($0)" } ?? "NODE-ADDRESS"
        // Round a tunnel it would be half a way.
        let way =
            sibling?.device.map { "\(first.1.first) dev \($0) onlink" } ?? (announced == "vxlan" ? nil : gateway)
        let atOnce = way.map { ["ip route add \(first.1) via \($0)   # on \(machine.name), in place of that"] } ?? []
        // Other machines have theirs, or nobody looked: a sweep takes all of them.
        let isSwept = known == 0 && Set(lost.map(\.0)).count > 1 && announced == "host-gw"
        if isSwept, let file = forgettingFile(machine) {
            return .machine(
                "RTE-12", "systemd-networkd took the routes to all other nodes from \(machine.name)", .likely,
                at: [machine.place],
                evidence: [
                    machine.quote(
                        "no route to \(listed(lost.map { "\($0.1)" }))", .routes, "ip route show", telling: "no route"),
                    machine.quote("no ManageForeignRoutes=no", file: file),
                ],
                because: [
                    "every route that the network's agent wrote is gone at once, and its own range is there:",
                    "systemd-networkd removes routes it did not make when it restarts, unless it is told to leave them",
                ], explains: facts.unreadyPods(on: machine.name),
                fix: .init(
                    [
                        "mkdir -p /etc/systemd/networkd.conf.d   # on \(machine.name)",
                        "printf '[Network]\\nManageForeignRoutes=no\\nManageForeignRoutingPolicyRules=no\\n' > /etc/systemd/networkd.conf.d/10-cni.conf",
                        facts.restart(on: machine.name, "it writes its routes again"),
                    ], undo: "rm /etc/systemd/networkd.conf.d/10-cni.conf",
                    risk: "the agent restarts; pods keep running", seconds: 30),
                prevent: "the same file in every node image",
                needs: ["journalctl -u systemd-networkd on \(machine.name): did it restart when the routes went?"])
        }
        return .machine(
            "RTE-04", "\(machine.name) has no route to \(listed(lost.map(\.0), countedAs: "node"))'s pods", .certain,
            at: [machine.place] + lost.prefix(4).map { "\($0.1)" },
            evidence: lost.prefix(3).map { lost in
                machine.quote("\(lost.1): \(lost.2)", .routes, "ip route get \(lost.1.first)")
            },
            because: ["\(first.1) is the range of \(first.0), and on \(machine.name) it leads \(first.2)"],
            explains: facts.unreadyPods(on: machine.name),
            fix: .init(
                [facts.restart(on: machine.name, "it writes its routes again")] + atOnce,
                undo: "ip route del \(first.1)", risk: "none: these packets are lost now", seconds: 30))
    }
}
