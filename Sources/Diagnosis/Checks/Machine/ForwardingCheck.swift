import Addressing
import JSONTree

/// Kernel settings without which nothing leaves a node, or what comes in is dropped (RTE-08, RTE-09).
struct ForwardingCheck: Check {
    let name = "forwarding"
    let codes = ["RTE-08", "RTE-09"]
    let needs: [FactName] = [.node(.sysctls)]

    func applies(to facts: FactBase) -> Bool { !facts.clusterMachines.isEmpty }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        facts.clusterMachines.flatMap { machine in
            [forwarding(machine, facts), reversePath(machine, facts)].compactMap { $0 }
        }
    }

    // MARK: RTE-09

    private func forwarding(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        guard let sysctls = machine.sysctls else { return nil }
        // Interfaces that pods' packets pass; of machines that have none there is nothing to forward.
        let pods = machine.podInterfaces
        if machine.links != nil && pods.isEmpty && facts.pods(on: machine.name).isEmpty { return nil }
        var name = "net.ipv4.ip_forward"
        var dead = ""
        if sysctls.int(name) == 0 {
            dead = "every interface"
        } else {
            let passing = pods.map(\.name).filter { !$0.hasPrefix("veth") } + Set(machine.uplinks)
            guard let off = passing.sorted().first(where: { sysctls.conf("ipv4", $0, "forwarding") == 0 }) else {
                return nil
            }
            name = "net.ipv4.conf.\(String(off.map { $0 == "." ? "/" : $0 })).forwarding"
            dead = off
        }
        let culprits =
            (machine.files(under: "/etc/sysctl.d") + machine.files(under: "/etc/sysctl.conf")
            + machine.files(under: "/usr/lib/sysctl.d"))
            .filter { file in
                file.document.text.split(whereSeparator: \.isNewline).contains {
                    let line = $0.trimmingBlanks
                    return line.hasPrefix(name) && line.hasSuffix("0") && !line.hasPrefix("#")
                }
            }.map(\.path)
        let file = culprits.first ?? "/etc/sysctl.d/99-kubernetes-forwarding.conf"
        return .machine(
            "RTE-09", "Forwarding is off on \(machine.name) (\(dead))", .certain, at: [machine.place, name],
            evidence: [machine.quote("\(name) = 0", .sysctls, "sysctl \(name)", telling: "0")]
                + culprits.prefix(1).map { machine.quote("\(name) = 0", file: $0) },
            because: [
                "the kernel drops packets that are not for the machine itself: pods of \(machine.name) reach nothing outside of it"
            ], explains: facts.unreadyPods(on: machine.name),
            fix: .init(
                ["sysctl -w \(name)=1   # on \(machine.name)", "set \(name) = 1 in \(file)"],
                undo: "sysctl -w \(name)=0", risk: "none for pods", seconds: 5),
            prevent: "leave forwarding out of hardening scripts for nodes")
    }

    // MARK: RTE-08

    private func reversePath(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        guard let sysctls = machine.sysctls else { return nil }
        let dropped = Self.dropped(machine)
        // What was never dropped is no fault: strict filters on symmetric ways do no harm (Calico sets them itself).
        if dropped == 0 { return nil }
        let strict = (machine.links.map { $0.map(\.name) } ?? sysctls.interfaces).sorted()
            .filter { $0 != "lo" && sysctls.reversePathFilter(of: $0) == 1 }
        for interface in strict {
            for source in expectedSources(interface, machine, facts) {
                guard let answer = machine.routeLookup?.lookup(RouteLookup.Packet(to: source.address)),
                    case .forward = answer, !answer.devices.contains(interface)
                else { continue }
                return finding(machine, facts, interface, sysctls, dropped, (source.address, source.what, answer))
            }
        }
        // Nothing was computed, yet the counter says that it happens, and the interface is one of pods.
        guard let dropped, dropped > 0,
            let suspect = strict.first(where: { NodeEvidence.isPodInterface($0) && !$0.hasPrefix("cali") })
                ?? loosened(machine, facts).flatMap({ strict.contains($0) ? $0 : nil })
        else { return nil }
        return finding(machine, facts, suspect, sysctls, dropped, nil)
    }

    /// The card whose filter the provider makes loose by itself: Amazon's agent does so on the primary interface, because
    /// what comes in there for a NodePort may be answered by another (amazon-vpc-cni-k8s, pkg/networkutils).
    private func loosened(_ machine: NodeEvidence, _ facts: FactBase) -> String? {
        guard NetworkProviders(facts).runs(.aws) else { return nil }
        return machine.uplink
    }

    private func finding(
        _ machine: NodeEvidence, _ facts: FactBase, _ interface: String, _ sysctls: Sysctls, _ dropped: Int?,
        _ lost: (IPAddress, String, RouteLookup.Answer)?
    ) -> Diagnosis {
        let name = String(interface.map { $0 == "." ? "/" : $0 })
        let own = sysctls.conf("ipv4", interface, "rp_filter") ?? 0
        let key = own == 1 ? "net.ipv4.conf.\(name).rp_filter" : "net.ipv4.conf.all.rp_filter"
        var evidence = [machine.quote("\(key) = 1", .sysctls, "sysctl \(key)", telling: "1")]
        if let dropped {
            evidence.append(
                machine.quote(
                    "IPReversePathFilter \(dropped)", .netstat, "nstat -az TcpExtIPReversePathFilter",
                    telling: "\(dropped)"))
        }
        var because = ["a strict filter drops what comes in by \(interface) unless the answer would leave by it"]
        if let (address, what, answer) = lost {
            evidence.append(machine.quote("\(address) \(answer.text)", .routes, "ip route get \(address)"))
            because.append("\(what) \(address) comes in by \(interface), and the way back is \(answer.text)")
        }
        let sure: Confidence = lost != nil && dropped != nil ? .certain : .likely
        return .machine(
            "RTE-08", "\(machine.name) drops packets on \(interface): its reverse path filter is strict", sure,
            at: [machine.place, interface], evidence: evidence, because: because,
            explains: facts.unreadyPods(on: machine.name),
            fix: .init(
                [
                    "sysctl -w \(key)=\(own == 1 ? 0 : 0)   # on \(machine.name); the larger of all and the interface's own counts",
                    "printf '\(key.replacingInterface)=0\\n' > /etc/sysctl.d/99-zz-cni-rp-filter.conf",
                ], undo: "sysctl -w \(key)=1", risk: "spoofed sources are no longer dropped on that interface",
                seconds: 5),
            prevent: "systemd before 256 sets rp_filter in 50-default.conf: a later file in /etc/sysctl.d wins",
            needs: sure == .certain ? [] : ["nstat -az TcpExtIPReversePathFilter twice during a try: does it grow?"])
    }

    /// IPReversePathFilter of /proc/net/netstat; nil when it was not collected.
    static func dropped(_ machine: NodeEvidence) -> Int? {
        guard let text = machine.text(.netstat) else { return nil }
        let lines = text.split(whereSeparator: \.isNewline).map { $0.split(separator: " ") }
        for (names, values) in zip(lines, lines.dropFirst()) where names.first == values.first {
            guard let index = names.firstIndex(of: "IPReversePathFilter"), index < values.count else { continue }
            return Int(values[index])
        }
        // `nstat -az` prints one on a line.
        for words in lines where words.first.map({ $0.hasSuffix("IPReversePathFilter") }) ?? false {
            return words.dropFirst().first.flatMap { Int($0) }
        }
        return nil
    }

    /// Who sends packets that come in by an interface.
    private func expectedSources(
        _ interface: String, _ machine: NodeEvidence, _ facts: FactBase
    ) -> [(address: IPAddress, what: String)] {
        let link = machine.link(interface)
        if link?.isTunnel ?? false {
            return facts.objects("nodes").filter { $0.name != machine.name }.flatMap { node in
                facts.podRanges(node.name).compactMap { range in
                    range.family == .v4
                        ? range.first.advanced(by: 1).map { ($0, "traffic of \(node.name)'s pods,") } : nil
                }
            }
        }
        // A pod's own interface: with Cilium the way back is another one.
        if interface.hasPrefix("lxc") || interface.hasPrefix("cilium_") {
            return facts.podAddresses(on: machine.name).filter { $0.address.family == .v4 }.prefix(1)
                .map { ($0.address, "\($0.pod.namespace)/\($0.pod.name)") }
        }
        // A second card: neighbours in its range whose answers leave by another because of policy routing.
        return []
    }
}

extension String {
    /// As files of sysctl.d write an interface's name: with slashes between the parts.
    fileprivate var replacingInterface: String {
        contains("/") ? String(map { $0 == "." ? "/" : $0 == "/" ? "." : $0 }) : self
    }
}
