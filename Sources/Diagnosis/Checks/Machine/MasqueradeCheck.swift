import Addressing
import JSONTree

/// Whether a pod's packet to the world leaves with an address the world knows (RTE-14): computed.
struct MasqueradeCheck: Check {
    let name = "masquerade"
    let codes = ["RTE-14"]
    let needs: [FactName] = []

    func applies(to facts: FactBase) -> Bool {
        facts.clusterMachines.contains { $0.packetFilter != nil && $0.routes != nil }
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        facts.clusterMachines.compactMap { stranger($0, facts) ?? untranslated($0, facts) }
    }

    /// Translated, to an address that no interface of the machine has.
    private func stranger(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        guard let simulation = machine.packetFilterSimulation, let lookup = machine.routeLookup,
            let own = machine.addresses.map({ Set($0.map(\.address.address)) }), !own.isEmpty,
            let pod = facts.localPods(of: machine).first(where: { $0.address.family == .v4 }),
            case let world = IPAddress.v4(IPv4Address(198, 51, 100, 1)),
            let output = lookup.lookup(.init(to: world)).devices.sorted().first,
            let input = lookup.lookup(.init(to: pod.address)).devices.sorted().first, input != output
        else { return nil }
        let outcome = simulation.pass(
            .init(from: pod.address, to: world, "tcp", port: 443, input: input, output: output),
            through: PacketFilter.Hook.passing)
        guard outcome.verdict == .accepted, outcome.isSourceTranslated, let source = outcome.packets.first?.source,
            source != pod.address, !own.contains(source), outcome.packets.allSatisfy({ $0.source == source })
        else { return nil }
        return .machine(
            "RTE-14", "Pods of \(machine.name) leave as \(source), which none of its interfaces has", .likely,
            at: [machine.place], evidence: [PacketFilterCheck.quote(machine, outcome.decidedBy)],
            because: [
                "answers go to \(source): unless the network brings that address to \(machine.name), they never come back"
            ], explains: facts.unreadyPods(on: machine.name),
            fix: .init(
                [
                    "delete that rule, or give \(source) to an interface of \(machine.name)   # find out first who made it"
                ],
                undo: "insert it again", risk: "connections of pods to the world take the node's own address",
                seconds: 5),
            needs: ["tcpdump -ni \(output) host \(source): do answers arrive?"])
    }

    private func untranslated(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        guard machine.packetFilter?.knowsTranslations ?? false, let simulation = machine.packetFilterSimulation,
            let lookup = machine.routeLookup,
            let pod = facts.localPods(of: machine).first(where: {
                $0.address.family == .v4 && Self.isPrivate($0.address)
            }),
            let duty = duty(machine, pod, facts)
        else { return nil }
        let address = pod.address
        let world = IPAddress.v4(IPv4Address(198, 51, 100, 1))
        guard let output = lookup.lookup(.init(to: world)).devices.sorted().first,
            let input = lookup.lookup(.init(to: address)).devices.sorted().first, input != output
        else { return nil }
        let outcome = simulation.pass(
            .init(from: address, to: world, "tcp", port: 443, input: input, output: output),
            through: PacketFilter.Hook.passing)
        guard outcome.verdict == .accepted, !outcome.packets.isEmpty,
            outcome.packets.allSatisfy({ !$0.isSourceTranslated })
        else { return nil }
        return .machine(
            "RTE-14", "Pods of \(machine.name) send to the world with their own addresses", .certain,
            at: [machine.place] + duty.places,
            evidence: [
                machine.quote(
                    "\(address) -> \(world) leaves by \(output), source unchanged: no rule of nat POSTROUTING takes it",
                    .iptables, "iptables-save -t nat")
            ] + duty.evidence,
            because: [
                "nothing outside knows the way back to \(address) (\(pod.name)): \(duty.reason).",
                "Pods reach pods and Services, and nothing beyond the nodes",
            ], explains: facts.unreadyPods(on: machine.name),
            fix: .init(
                duty.fix, undo: duty.undo,
                risk: "connections of pods to the world begin to work; others are not touched", seconds: 30),
            prevent: "test one address outside after each change of the CNI's ranges")
    }

    private struct Duty {
        var reason: String
        var places: [String] = []
        var evidence: [Diagnosis.Evidence] = []
        var fix: [String]
        var undo: String
    }

    /// RFC 1918 and 6598.
    static func isPrivate(_ address: IPAddress) -> Bool {
        ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"].compactMap { IPPrefix($0) }.contains {
            $0.contains(address)
        }
    }

    /// Cilium's rules of iptables name the devices by which pods' packets leave, where its configuration does.
    private func ciliumsDuty(_ machine: NodeEvidence, _ facts: FactBase) -> Duty? {
        func setting(_ key: String) -> String? { NetworkProviders.ciliumSetting(key, facts) }
        let key = "egress-masquerade-interfaces"
        guard setting("enable-ipv4-masquerade") != "false", setting("enable-bpf-masquerade") != "true",
            let named = setting(key), !named.isEmpty
        else { return nil }
        return Duty(
            reason: "Cilium translates what leaves by \(named), and these packets leave by another device",
            places: ["ConfigMap/kube-system/cilium-config"],
            evidence: [
                .init(
                    "\(key): \(named)", marking: named,
                    from: FactSource(
                        "ConfigMap/kube-system/cilium-config",
                        command: "kubectl -n kube-system get configmap cilium-config -o yaml"))
            ],
            fix: [
                "kubectl -n kube-system edit configmap cilium-config   # \(key): the devices of all nodes, or none of it",
                "kubectl -n kube-system delete pod CILIUM-ON-\(machine.name)   # it writes its rules anew",
            ], undo: "set \(named) again")
    }

    /// What the runtime attached it to; the API does not know.
    private func network(of pod: LocalPod, _ machine: NodeEvidence) -> String? {
        pod.network
            ?? machine.currentResults.first { $0.namespace == pod.namespace && $0.pod == pod.ownName }?.network
    }

    /// Who is to translate on this machine; nil where it is done elsewhere (BPF, a cloud's gateway) or cannot be said.
    private func duty(_ machine: NodeEvidence, _ pod: LocalPod, _ facts: FactBase) -> Duty? {
        let winner = NodeNetworkFiles(machine, facts).winner
        let owner = winner.flatMap { NetworkProvider.owner(of: $0)?.name }
        if owner == "flannel" || (owner == nil && machine.link("flannel.1") != nil) {
            let file = machine.file("/run/flannel/subnet.env")
            let line = file?.text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("FLANNEL_IPMASQ") }.map(
                String.init)
            return Duty(
                reason: "flannel's ranges are of this cluster only",
                evidence: line.map { [machine.quote($0, file: "/run/flannel/subnet.env")] } ?? [],
                fix: [
                    "run flanneld with --ip-masq (DaemonSet's args), and restart it on \(machine.name): it writes FLANNEL-POSTRTG again"
                ],
                undo: "take --ip-masq out again")
        }
        if owner == nil, let winner, let plugin = winner.plugins.first(where: { $0.node["ipMasq"]?.bool == true }),
            network(of: pod, machine) == winner.name
        {
            return Duty(
                reason: "the \(plugin.type) plugin made a rule for it when it was attached, and the rule is gone",
                evidence: [machine.quote("\"ipMasq\": true", file: winner.path)],
                fix: ["kubectl -n \(pod.namespace) delete pod \(pod.ownName)   # the plugin makes its rule anew"],
                undo: "none needed")
        }
        if owner == "cilium" { return ciliumsDuty(machine, facts) }
        guard owner == "calico" else { return nil }
        let pool = facts.objects("ippools.crd.projectcalico.org", "ippools.projectcalico.org")
            .first { $0.text("spec", "cidr").flatMap { IPPrefix($0) }?.contains(pod.address) ?? false }
        guard let pool else { return nil }
        let encapsulates = [pool.text("spec", "ipipMode"), pool.text("spec", "vxlanMode")].contains {
            ($0 ?? "Never") != "Never"
        }
        let translates = pool.bool("spec", "natOutgoing") ?? false
        // Without encapsulation, or with peers of its own, the underlay may well know the pods' range.
        let peers = facts.objects("bgppeers.crd.projectcalico.org", "bgppeers.projectcalico.org")
        guard translates || (encapsulates && peers.isEmpty) else { return nil }
        return Duty(
            reason: translates
                ? "pool \(pool.name) has natOutgoing, and its rule is not there"
                : "pool \(pool.name) has natOutgoing off, and its range is carried by the overlay only",
            places: [pool.place], evidence: [.init("natOutgoing: \(translates)", from: pool.source)],
            fix: translates
                ? [
                    "kubectl -n calico-system delete pod CALICO-NODE-ON-\(machine.name)   # Felix writes cali-nat-outgoing again"
                ]
                : [
                    "kubectl patch ippools.crd.projectcalico.org \(pool.name) --type merge -p '{\"spec\":{\"natOutgoing\":true}}'"
                ],
            undo: translates ? "none needed" : "the same with natOutgoing false")
    }
}
