import Addressing
import JSONTree

/// Both ends of pods' links: up, on their bridge, and known to each other by the right MAC (RTE-13, RTE-17); hairpin
/// where the configuration asks for it (SVC-08).
struct LinkCheck: Check {
    let name = "pods' links"
    let codes = ["RTE-13", "RTE-17", "SVC-08"]
    let needs: [FactName] = [.node(.links)]

    func applies(to facts: FactBase) -> Bool { !facts.clusterMachines.isEmpty }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        facts.clusterMachines.flatMap { machine in
            [
                bridge(machine, facts), ends(machine, facts), overlay(machine, facts), gatewayMAC(machine, facts),
                hairpin(machine, facts),
            ].compactMap { $0 }
        }
    }

    /// Bridges that pods are, or should be, attached to.
    private func podBridge(_ machine: NodeEvidence, _ facts: FactBase) -> String? {
        guard let winner = NodeNetworkFiles(machine, facts).winner else {
            // Whose ports are pods' pairs, by the names that plugins give their bridges.
            return (machine.links ?? []).first { link in
                ["cni0", "cbr0", "kube-bridge", "weave"].contains(link.name)
                    && (machine.links ?? []).contains {
                        $0.kind == "veth" && $0.isLinkedElsewhere && $0.master == link.name
                    }
            }?.name
        }
        for plugin in winner.plugins {
            if plugin.type == "bridge" { return plugin.node["bridge"]?.string ?? "cni0" }
            if plugin.type == "flannel" {
                if let type = plugin.node["delegate"]?["type"]?.string, type != "bridge" { return nil }
                return plugin.node["delegate"]?["bridge"]?.string ?? "cni0"
            }
        }
        return nil
    }

    private func finding(
        _ machine: NodeEvidence, _ facts: FactBase, _ title: String, _ link: NetworkLink, _ shown: String,
        _ because: String, _ fix: [String], undo: String, pods: Set<String>
    ) -> Diagnosis {
        .machine(
            "RTE-17", title, .certain, at: [machine.place, link.name],
            evidence: [machine.quote(shown, .links, "ip link show \(link.name)", telling: link.isUp ? nil : "DOWN")],
            because: [because], explains: pods,
            fix: .init(fix, undo: undo, risk: "none: these pods are cut off now", seconds: 5))
    }

    // MARK: RTE-17

    private func bridge(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        guard let name = podBridge(machine, facts), let link = machine.link(name) else { return nil }
        let ports = (machine.links ?? []).filter { $0.master == name }
        if !link.isUp && !ports.isEmpty {
            return finding(
                machine, facts, "Bridge \(name) of \(machine.name) is down", link,
                "\(name) state DOWN, \(ports.count) ports",
                "every pod of \(machine.name) is on \(name): none of them reaches anything",
                ["ip link set \(name) up   # on \(machine.name)"], undo: "ip link set \(name) down",
                pods: facts.unreadyPods(on: machine.name))
        }
        // A pod's host end that is on no bridge, where the others are on one.
        let strays = (machine.links ?? []).filter { $0.kind == "veth" && $0.isLinkedElsewhere && $0.master == nil }
        guard let stray = strays.first(where: { link in !hasOwnRoute(link, machine) }) else { return nil }
        return finding(
            machine, facts, "\(stray.name) of \(machine.name) is on no bridge", stray,
            "\(stray.name): no master (others: \(name))",
            "the network's bridge is \(name); the pod behind \(stray.name) hears nobody",
            ["ip link set \(stray.name) master \(name)   # on \(machine.name)"],
            undo: "ip link set \(stray.name) nomaster",
            pods: facts.unreadyPods(on: machine.name))
    }

    /// Links of other networks (ptp and the like) are routed to.
    private func hasOwnRoute(_ link: NetworkLink, _ machine: NodeEvidence) -> Bool {
        (machine.routes ?? []).contains {
            $0.device == link.name && $0.table == 254 && !$0.destination.network.isLinkLocal
        }
            || (machine.addresses ?? []).contains { $0.device == link.name && !$0.address.address.isLinkLocal }
    }

    private func ends(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        for link in machine.podInterfaces where link.kind == "veth" && !link.isUp {
            return finding(
                machine, facts, "\(link.name) of \(machine.name), a pod's link, is down", link,
                "\(link.name) state DOWN",
                "the pod behind it is cut off", ["ip link set \(link.name) up   # on \(machine.name)"],
                undo: "ip link set \(link.name) down", pods: facts.unreadyPods(on: machine.name))
        }
        for name in machine.podNames {
            let words = name.split(separator: "/").map(String.init)
            guard words.count == 2, let pod = machine.pod(words[0], words[1]), let own = pod.link("eth0"), !own.isUp,
                facts.object("pods", words[0], words[1])?.bool("spec", "hostNetwork") != true
            else { continue }
            return .machine(
                "RTE-17", "eth0 of pod \(name) is down", .certain, at: ["Pod/\(name)", machine.place],
                evidence: [
                    pod.quote(
                        "eth0 state DOWN", .links, "ip link show eth0   # in the pod's namespace", telling: "DOWN")
                ],
                because: ["the pod's own end of its link is down: it neither sends nor hears"],
                explains: ["pod \(name) ready"],
                fix: .init(
                    ["kubectl -n \(words[0]) delete pod \(words[1])   # its network is made anew"], undo: "none needed",
                    risk: "this one pod restarts", seconds: 30))
        }
        return nil
    }

    /// The tunnel's own device: an agent that does without removes it.
    private func overlay(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        guard
            let link = (machine.links ?? []).first(where: {
                ["vxlan", "geneve"].contains($0.kind ?? "") && NodeEvidence.isPodInterface($0.name) && !$0.isUp
                    && $0.tunnel?.local != nil
            })
        else { return nil }
        return finding(
            machine, facts, "\(link.name) of \(machine.name), the way to other nodes' pods, is down", link,
            "\(link.name) state DOWN",
            "a device that is down has no routes and no neighbours: pods of \(machine.name) reach none of other nodes",
            [
                "ip link set \(link.name) up   # on \(machine.name)",
                facts.restart(on: machine.name, "it writes routes and neighbours again"),
            ], undo: "ip link set \(link.name) down", pods: facts.unreadyPods(on: machine.name))
    }

    // MARK: RTE-13

    private func gatewayMAC(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        guard let links = machine.links else { return nil }
        for name in machine.podNames {
            let words = name.split(separator: "/").map(String.init)
            guard words.count == 2, let pod = machine.pod(words[0], words[1]) else { continue }
            let own = pod.link("eth0")
            let pairs = links.filter { $0.kind == "veth" && $0.isLinkedElsewhere }
            let said = facts.object("pods", words[0], words[1])?.text("status", "podIP").flatMap { IPAddress($0) }
            guard
                let address = pod.addresses?.first(where: { $0.device == "eth0" && $0.address.family == .v4 })?.address
                    .address ?? (pod.addresses == nil ? said : nil)
            else { continue }
            // The only pair and the only pod that somebody looked at.
            let only = machine.routes == nil && pairs.count == 1 && machine.podNames.count == 1 ? pairs.first : nil
            // The host's end: what the machine routes the pod's address to, or the link of that number.
            let routed = machine.routeLookup?.lookup(.init(to: address)).devices.first
            guard
                let host = links.first(where: { $0.name == routed && $0.kind == "veth" })
                    ?? links.first(where: { $0.kind == "veth" && own?.lowerIndex == $0.index })
                    ?? only,
                let actual = host.mac
            else { continue }
            let fixed = (pod.neighbours ?? []).first { $0.device == "eth0" && $0.isPermanent && $0.mac != nil }
            guard let entry = fixed, let believed = entry.mac, believed != actual else { continue }
            // One that no interface of this machine has: otherwise it is a neighbour of its own.
            guard !links.contains(where: { $0.mac == believed }) else { continue }
            let policy =
                (machine.files(under: "/etc/systemd/network") + machine.files(under: "/usr/lib/systemd/network")
                + machine.files(under: "/lib/systemd/network"))
                .first { $0.document.text.contains("MACAddressPolicy=persistent") }
            return .machine(
                "RTE-13", "Pods of \(machine.name) send to a MAC that \(host.name) no longer has",
                only == nil ? .certain : .likely,
                at: [machine.place, host.name, "Pod/\(name)"],
                evidence: [
                    pod.quote(
                        "\(entry.address) lladdr \(believed) PERMANENT", .neighbours, "ip neigh   # in pod \(name)",
                        telling: "\(believed)"),
                    machine.quote("\(host.name) \(actual)", .links, "ip link show \(host.name)", telling: "\(actual)"),
                ] + (policy.map { [machine.quote("MACAddressPolicy=persistent", file: $0.path)] } ?? []),
                because: [
                    "the plugin gave \(name) a fixed entry for its gateway, \(believed); \(host.name) has \(actual) now:",
                    "udev rewrote it after the pod was made, and every frame of the pod is dropped",
                ], explains: facts.unreadyPods(on: machine.name),
                fix: .init(
                    [
                        "ip link set \(host.name) address \(believed)   # on \(machine.name)",
                        "printf '%s\\n' '[Match]' 'OriginalName=\(host.name.prefix(3))*' '[Link]' MACAddressPolicy=none > /etc/systemd/network/10-cni.link",
                    ], undo: "ip link set \(host.name) address \(actual)", risk: "none: this pod is cut off now",
                    seconds: 5),
                prevent: "MACAddressPolicy=none for the CNI's interfaces in the node image",
                needs: only == nil
                    ? [] : ["ip route get \(address)   # on \(machine.name): that it leads to \(host.name)"])
        }
        return nil
    }

    // MARK: SVC-08

    /// A pod of the machine that gets no answer from a Service whose only endpoint it is, as it says itself.
    private static func selfCall(on machine: NodeEvidence, _ facts: FactBase) -> FailedConnection? {
        let services = ServiceMap(facts).entries
        return FailedConnection.all(facts).first { failure in
            failure.isSilence
                && services.contains { entry in
                    entry.addresses.contains(failure.address) && entry.pods.count == 1
                        && entry.pods[0].id == failure.pod && entry.pods[0].node == machine.name
                }
        }
    }

    /// What the kernel's file of a bridge's port says where no program printed it.
    private static func hairpinFile(of port: NetworkLink, _ machine: NodeEvidence) -> Bool? {
        [
            "/sys/class/net/\(port.name)/brport/hairpin_mode",
            "/sys/devices/virtual/net/\(port.name)/brport/hairpin_mode",
        ]
        .lazy.compactMap { machine.file($0)?.lines.first.map { $0 != "0" } }.first
    }

    private func hairpin(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        guard let winner = NodeNetworkFiles(machine, facts).winner, let bridge = podBridge(machine, facts) else {
            return nil
        }
        // Only a configuration that speaks of it: a plain bridge without the word may be meant so.
        let words = winner.plugins.compactMap { ($0.node["hairpinMode"] ?? $0.node["delegate"]?["hairpinMode"])?.bool }
        let ports = (machine.links ?? []).filter { $0.master == bridge && $0.kind == "veth" }
        // One without the word is meant to leave it off, unless a pod waits for itself.
        let complaint = words.isEmpty ? Self.selfCall(on: machine, facts) : nil
        guard words.first != nil || complaint != nil,
            let off = ports.first(where: { ($0.hairpin ?? Self.hairpinFile(of: $0, machine)) == false })
        else { return nil }
        let word = words.first ?? false
        // A bridge that hears everything sends back by itself.
        if machine.link(bridge)?.isPromiscuous ?? false { return nil }
        return .machine(
            "SVC-08", "\(off.name) of \(machine.name) does not send back to the pod it came from", .certain,
            at: [machine.place, off.name],
            evidence: [
                machine.quote(
                    "\(off.name) master \(bridge) hairpin off", .links, "bridge -d link show dev \(off.name)",
                    telling: "hairpin off"),
                words.isEmpty
                    ? machine.quote("no hairpinMode in the list", file: winner.path)
                    : machine.quote("\"hairpinMode\": \(word)", file: winner.path),
            ] + (complaint.map { [.init($0.line, from: $0.source)] } ?? []),
            because: [
                "a pod that calls a Service whose endpoint it is gets its own packet back through the bridge, which drops it"
            ],
            explains: [],
            fix: .init(
                ["bridge link set dev \(off.name) hairpin on   # on \(machine.name)"],
                undo: "bridge link set dev \(off.name) hairpin off", risk: "none", seconds: 2))
    }
}
