import Addressing

/// The last step between a machine and its pods, where each part is there and one of them contradicts another: a port of
/// the bridge that passes nothing, a bridge that does not speak ARP (RTE-17), a gateway that nobody answers for, a route
/// to another pod's pair (RTE-04), an address of a pod that the machine or another has as well (IPM-06), a queue that holds
/// it to a rate (PRF-02).
struct PodPathCheck: Check {
    let name = "the last step to pods"
    let codes = ["RTE-17", "RTE-04", "IPM-06", "PRF-02"]
    let needs: [FactName] = [.node(.links)]

    func applies(to facts: FactBase) -> Bool { facts.clusterMachines.contains { $0.links != nil } }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        facts.clusterMachines.flatMap { machine -> [Diagnosis] in
            let ends = Self.ends(machine, facts)
            return [
                card(machine, facts), port(machine, facts), silentBridge(machine, facts), shared(machine, ends),
                taken(machine, facts), mistaken(machine, ends), gateway(machine, ends),
                entry(machine, ends), shaped(machine, ends, facts),
            ].compactMap { $0 }
        }
    }

    /// A pod whose namespace was looked into, with the machine's end of its pair.
    private struct End {
        var pod: LocalPod
        var inside: NodeEvidence
        var host: NetworkLink
    }

    private static func ends(_ machine: NodeEvidence, _ facts: FactBase) -> [End] {
        facts.localPods(of: machine).compactMap { pod in
            guard pod.address.family == .v4, let inside = machine.pod(String(pod.namespace), String(pod.ownName)),
                let own = inside.link("eth0"), own.isUp, let index = own.lowerIndex,
                let host = machine.links?.first(where: { $0.index == index && $0.kind == "veth" }), host.isUp
            else { return nil }
            return End(pod: pod, inside: inside, host: host)
        }
    }

    // MARK: RTE-17

    /// The card that has the node's own address.
    private func card(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        let own = facts.internalAddresses(machine.name) + (machine.links ?? []).compactMap { $0.tunnel?.local }
        let uplink = (machine.routes ?? []).first { $0.isDefault && $0.table == 254 && $0.kind == "unicast" }?.device
        guard
            let address = machine.addresses?.first(where: { own.contains($0.address.address) })
                ?? machine.addresses?.first(where: { $0.device == uplink && $0.address.family == .v4 }),
            let link = machine.link(address.device)
        else { return nil }
        if link.isUp && !link.hasCarrier && ["down", "lowerlayerdown"].contains(link.state) {
            return link17(
                machine, facts, "\(link.name) of \(machine.name), which has the node's address, has no carrier", link,
                "\(link.name) NO-CARRIER state \(link.state.uppercased())",
                "the card hears no other end: \(address.address.address) is on it, and nothing reaches other nodes",
                ["look at the cable, the switch's port, or the virtual machine's card   # ethtool \(link.name)"],
                "none needed")
        }
        guard !link.isUp else { return nil }
        return link17(
            machine, facts, "\(link.name) of \(machine.name), which has the node's address, is down", link,
            "\(link.name) state DOWN", "\(address.address.address) is on \(link.name): nothing reaches other nodes",
            [
                "ip link set \(link.name) up   # on \(machine.name)",
                "ip route add default via GATEWAY   # if it is gone",
            ],
            "ip link set \(link.name) down")
    }

    private func port(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        let ports = (machine.links ?? []).filter { $0.kind == "veth" && $0.isUp && $0.isLinkedElsewhere }
        guard
            let link = ports.first(where: { ["disabled", "blocking"].contains($0.portState ?? "") && $0.hasCarrier }),
            let master = link.master
        else { return nil }
        let state = link.portState ?? ""
        return link17(
            machine, facts, "\(link.name) of \(machine.name), a port of \(master), is \(state)", link,
            "\(link.name) master \(master) state \(state)",
            "a bridge passes nothing through a port that is \(state): the pod behind it is cut off",
            ["bridge link set dev \(link.name) state 3   # on \(machine.name)"],
            "bridge link set dev \(link.name) state \(state == "disabled" ? 0 : 4)")
    }

    private func silentBridge(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        let masters = Set(
            (machine.links ?? []).filter { $0.kind == "veth" && $0.isLinkedElsewhere }.compactMap(\.master))
        guard
            let link = (machine.links ?? []).first(where: {
                masters.contains($0.name) && $0.kind == "bridge" && $0.isUp && $0.isWithoutARP
            }),
            (machine.addresses ?? []).contains(where: { $0.device == link.name && $0.address.address.family == .v4 })
        else { return nil }
        return link17(
            machine, facts, "\(link.name) of \(machine.name) does not speak ARP", link, "\(link.name) NOARP",
            "pods ask for the MAC of their gateway, and the machine asks for theirs: neither is answered",
            ["ip link set \(link.name) arp on   # on \(machine.name)"], "ip link set \(link.name) arp off")
    }

    private func link17(
        _ machine: NodeEvidence, _ facts: FactBase, _ title: String, _ link: NetworkLink, _ shown: String,
        _ because: String, _ fix: [String], _ undo: String
    ) -> Diagnosis {
        .machine(
            "RTE-17", title, .certain, at: [machine.place, link.name],
            evidence: [machine.quote(shown, .links, "ip -d link show \(link.name)")], because: [because],
            explains: facts.unreadyPods(on: machine.name),
            fix: .init(fix, undo: undo, risk: "none: these pods are cut off now", seconds: 5))
    }

    /// A fixed entry of the bridge for one pod's MAC, at another pod's port.
    private func entry(_ machine: NodeEvidence, _ ends: [End]) -> Diagnosis? {
        let names = Set(ends.map(\.host.name))
        for end in ends {
            guard let mac = end.inside.link("eth0")?.mac,
                let entry = (machine.forwarding ?? []).first(where: {
                    $0.mac == mac && $0.isPermanent && $0.destination == nil && names.contains($0.device)
                        && $0.device != end.host.name
                })
            else { continue }
            return .machine(
                "RTE-17", "The bridge of \(machine.name) sends \(end.pod.name)'s frames to \(entry.device)", .certain,
                at: [machine.place, end.pod.place, entry.device],
                evidence: [
                    machine.quote(
                        "\(mac) dev \(entry.device) master static", .forwarding, "bridge fdb show dev \(entry.device)",
                        telling: entry.device),
                    end.inside.quote("eth0 \(mac)", .links, "ip link show eth0   # in the pod's namespace"),
                ],
                because: ["\(end.pod.name) is behind \(end.host.name); a fixed entry wins over what the bridge learns"],
                explains: ["pod \(end.pod.name) ready"],
                fix: .init(
                    ["bridge fdb del \(mac) dev \(entry.device) master   # on \(machine.name)"],
                    undo: "bridge fdb add \(mac) dev \(entry.device) master static",
                    risk: "none: these frames are lost now", seconds: 2))
        }
        return nil
    }

    // MARK: PRF-02

    /// Disciplines whose purpose is to hold back what is above a rate (tc-tbf(8), tc-htb(8), tc-hfsc(7)). At a card that
    /// everybody shares classes may only order what waits.
    private static let buckets: Set<String> = ["tbf", "htb", "hfsc"]

    /// A token bucket at a pod's pair that its annotation does not ask for, or at the card that all of them share.
    private func shaped(_ machine: NodeEvidence, _ ends: [End], _ facts: FactBase) -> Diagnosis? {
        let uplinks = Set(machine.uplinks)
        // Where nobody asked the API, a chain that shapes may have been asked to.
        let plugins = NodeNetworkFiles(machine, facts).winner?.plugins ?? []
        let isTold =
            facts.isMachineAlone
            && plugins.contains { $0.type == "bandwidth" || $0.capabilities.contains("bandwidth") }
        let end = ends.first { end in
            let object = facts.object("pods", String(end.pod.namespace), String(end.pod.ownName))
            return Self.buckets.contains(end.host.queueing ?? "") && !isTold
                && !(object?.annotations.keys.contains { $0.hasSuffix("gress-bandwidth") } ?? false)
        }
        guard
            let link = end?.host
                ?? (machine.links ?? []).first(where: { uplinks.contains($0.name) && $0.queueing == "tbf" })
        else { return nil }
        let kind = link.queueing ?? ""
        return .machine(
            "PRF-02", "\(link.name) of \(machine.name) is held to a rate", .likely,
            at: [machine.place, link.name] + (end.map { [$0.pod.place] } ?? []),
            evidence: [
                machine.quote(
                    "\(link.name) qdisc \(kind)", .links,
                    "tc -s qdisc show dev \(link.name); tc class show dev \(link.name)",
                    telling: kind)
            ],
            because: [
                "a token bucket drops what is above its rate; "
                    + (end.map { "\($0.pod.name) has no annotation that asks for it" }
                        ?? "everything that leaves \(machine.name) goes through it")
            ],
            fix: .init(
                [
                    "tc -s qdisc show dev \(link.name)   # on \(machine.name): rate, drops, and who made it",
                    "tc qdisc del dev \(link.name) root   # when nobody wants it",
                ],
                undo: "tc qdisc add dev \(link.name) root \(kind) with the old words",
                risk: "the rate is no longer kept",
                seconds: 5), needs: ["tc -s qdisc show dev \(link.name): does `dropped` grow?"])
    }

    // MARK: IPM-06

    /// A pod took an address that the machine has on the pod's own network: its gateway's.
    private func shared(_ machine: NodeEvidence, _ ends: [End]) -> Diagnosis? {
        for end in ends {
            let given = end.pod.address
            let gateways = (machine.addresses ?? []).filter { $0.device == end.host.master }
            guard
                let twice = (end.inside.addresses ?? []).first(where: { own in
                    own.device == "eth0" && own.address.address != given && !own.address.address.isLinkLocal
                        && gateways.contains { $0.address.address == own.address.address }
                }), let holder = end.host.master
            else { continue }
            return .machine(
                "IPM-06", "\(end.pod.name) has \(twice.address.address), the address of \(holder)", .certain,
                at: [machine.place, end.pod.place],
                evidence: [
                    end.inside.quote(
                        "eth0 \(twice.address)", .addresses, "ip addr show eth0   # in the pod's namespace",
                        telling: "\(twice.address.address)"),
                    machine.quote("\(holder) \(twice.address.address)", .addresses, "ip addr show \(holder)"),
                ],
                because: [
                    "the pods on \(holder) send to their gateway \(twice.address.address): both answer for it, and some send to the pod"
                ], explains: ["pod \(end.pod.name) ready"],
                fix: .init(
                    ["kubectl -n \(end.pod.namespace) delete pod \(end.pod.ownName)   # its network is made anew"],
                    undo: "none needed", risk: "this one pod restarts", seconds: 30),
                prevent: "no NET_ADMIN for pods that do not need it")
        }
        return nil
    }

    /// An interface of the machine has a pod's address: what is for the pod ends at the machine.
    private func taken(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        for pod in facts.localPods(of: machine) {
            guard let holder = machine.addresses?.first(where: { $0.address.address == pod.address }),
                // Of a pod of the host's network the two are one.
                let inside = machine.pod(String(pod.namespace), String(pod.ownName)),
                inside.addresses?.contains(where: { $0.address.address == pod.address }) ?? false
            else { continue }
            return .machine(
                "IPM-06", "\(holder.device) of \(machine.name) has \(pod.address), the address of \(pod.name)",
                .certain,
                at: [machine.place, pod.place, holder.device],
                evidence: [
                    machine.quote(
                        "\(holder.device) \(holder.address)", .addresses, "ip addr show \(holder.device)",
                        telling: "\(pod.address)")
                ],
                because: ["the machine takes packets for \(pod.address) for its own: they never come to the pod"],
                explains: ["pod \(pod.name) ready"],
                fix: .init(
                    ["ip addr del \(holder.address) dev \(holder.device)   # on \(machine.name)"],
                    undo: "ip addr add \(holder.address) dev \(holder.device)",
                    risk: "who uses that address on the machine loses it", seconds: 2))
        }
        return nil
    }

    // MARK: RTE-04

    /// The route to a pod's address leads to another pod's pair.
    private func mistaken(_ machine: NodeEvidence, _ ends: [End]) -> Diagnosis? {
        guard let lookup = machine.routeLookup else { return nil }
        for end in ends where end.host.master == nil {
            let devices = lookup.lookup(.init(to: end.pod.address)).devices
            guard devices.count == 1, let device = devices.first, device != end.host.name,
                let other = ends.first(where: { $0.host.name == device })
            else { continue }
            return .machine(
                "RTE-04", "\(machine.name) sends what is for \(end.pod.name) to \(other.pod.name)", .certain,
                at: [machine.place, end.pod.place],
                evidence: [
                    machine.quote(
                        "\(end.pod.address) dev \(device)", .routes, "ip route get \(end.pod.address)", telling: device),
                    machine.quote(
                        "the pair of \(end.pod.name) is \(end.host.name)", .links, "ip link show \(end.host.name)"),
                ],
                because: [
                    "\(end.pod.address) is in the namespace behind \(end.host.name), and its route names \(device)"
                ],
                explains: ["pod \(end.pod.name) ready"],
                fix: .init(
                    ["ip route replace \(end.pod.address)/32 dev \(end.host.name) scope link   # on \(machine.name)"],
                    undo: "ip route replace \(end.pod.address)/32 dev \(device) scope link",
                    risk: "none: these packets are lost now", seconds: 2))
        }
        return nil
    }

    /// Nobody answers for the gateway that a pod sends to: none has the address and proxy ARP is off, or the machine was
    /// told not to answer.
    private func gateway(_ machine: NodeEvidence, _ ends: [End]) -> Diagnosis? {
        guard let sysctls = machine.sysctls, let addresses = machine.addresses else { return nil }
        for end in ends {
            guard
                let gateway = (end.inside.routes ?? []).first(where: {
                    $0.isDefault && $0.table == 254 && $0.destination.family == .v4 && $0.device == "eth0"
                })?.gateway, let known = end.inside.neighbours,
                !known.contains(where: { $0.address == gateway && $0.isPermanent })
            else { continue }
            let device = end.host.master ?? end.host.name
            let holder = addresses.first { $0.address.address == gateway }
            let key: String
            let value: Int
            if holder != nil {
                let ignored = max(
                    sysctls.conf("ipv4", "all", "arp_ignore") ?? 0, sysctls.conf("ipv4", device, "arp_ignore") ?? 0)
                guard ignored == 8 else { continue }
                key = "arp_ignore"
                value = 8
            } else {
                guard end.host.master == nil, sysctls.conf("ipv4", end.host.name, "proxy_arp") == 0,
                    sysctls.conf("ipv4", "all", "proxy_arp") ?? 0 == 0,
                    // Others answer in other ways (BPF, a switch): the pod must have asked in vain.
                    let asked = known.first(where: { $0.address == gateway }),
                    asked.states.contains("FAILED") || asked.states.contains("INCOMPLETE")
                else { continue }
                key = "proxy_arp"
                value = 0
            }
            let name = "net.ipv4.conf.\(String(device.map { $0 == "." ? "/" : $0 })).\(key)"
            return .machine(
                "RTE-04", "Nobody answers \(end.pod.name) for its gateway \(gateway)", .certain,
                at: [machine.place, end.pod.place, device],
                evidence: [
                    machine.quote("\(name) = \(value)", .sysctls, "sysctl \(name)", telling: "\(value)"),
                    end.inside.quote("default via \(gateway)", .routes, "ip route   # in the pod's namespace"),
                ],
                because: [
                    holder == nil
                        ? "no interface of \(machine.name) has \(gateway): \(device) answers for it by proxy ARP, which is off"
                        : "\(device) is told to answer no ARP: pods never learn the MAC of \(gateway)"
                ], explains: ["pod \(end.pod.name) ready"],
                fix: .init(
                    ["sysctl -w \(name)=\(value == 0 ? 1 : 0)   # on \(machine.name)"],
                    undo: "sysctl -w \(name)=\(value)",
                    risk: "none for pods", seconds: 2))
        }
        return nil
    }
}
