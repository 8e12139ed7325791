import JSONTree

/// Tunnel packets whose checksum a card left wrong (RTE-05): the kernel of the receiving end counts and names them.
extension LimitCheck {
    /// Ports of VXLAN: flannel's and Cilium's, the standard's.
    private static let tunnels = [":8472 ulen", ":4789 ulen"]

    func checksums(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        let offloads = machine.json(.offloads)
        let summing = Self.summing(offloads)
        let inner = summing == nil ? nil : Self.countedInside(machine, facts)
        let counter = Self.counted(machine) ?? inner
        let lines = machine.logLines(.kernelLog, containing: "bad checksum. From").filter { line in
            Self.tunnels.contains { line.contains($0) }
        }
        // A few such packets come from the world; the tunnel's port is the cluster's own.
        guard counter != nil || lines.count >= 3 else { return nil }
        let known = (machine.links ?? []).first { $0.kind == "vxlan" }?.name
        let asked = (offloads?.members.map(\.key) ?? []).first { $0.hasPrefix("flannel") || $0.contains("vxlan") }
        guard let device = known ?? asked ?? (lines.isEmpty ? (inner == nil ? nil : summing) : "the tunnel's device")
        else { return nil }
        let isOn = offloads?.member(device)?.member("tx-checksum-ip-generic")?.string
        guard isOn?.hasPrefix("off") != true else { return nil }
        var evidence: [Diagnosis.Evidence] = []
        if let counter {
            evidence.append(
                machine.quote(
                    "\(inner == nil ? "Udp" : "Tcp") InCsumErrors \(counter.wrong) of \(counter.received)", .snmp,
                    "nstat -az \(inner == nil ? "Udp" : "Tcp")InCsumErrors", telling: "\(counter.wrong)"))
        }
        if let line = lines.last {
            evidence.append(machine.quote(line, .kernelLog, "dmesg | grep checksum", telling: "bad checksum"))
        }
        if let isOn {
            evidence.append(
                machine.quote("\(device) tx-checksum-ip-generic: \(isOn)", .offloads, "ethtool -k \(device)"))
        }
        return .machine(
            "RTE-05", "\(machine.name) receives tunnel packets with wrong checksums", .likely,
            at: [machine.place, device], evidence: evidence,
            because: [
                "the kernel leaves the inner checksum to a card that does not know the encapsulation: the other end drops the packet, and connections hang for 1, 3 or 63 s"
            ],
            explains: facts.unreadyPods(on: machine.name),
            fix: .init(
                ["ethtool -K \(known ?? asked ?? "flannel.1") tx-checksum-ip-generic off   # on every node, as a try"],
                undo: "ethtool -K \(known ?? asked ?? "flannel.1") tx-checksum-ip-generic on",
                risk: "a little more CPU",
                seconds: 5),
            prevent: "a kernel or driver without the fault",
            needs: ["nstat -az UdpInCsumErrors twice during a try: does it grow, and stop with the offload off?"])
    }

    /// A device that leaves checksums to a card: the tunnel's own, or the card below it.
    private static func summing(_ offloads: JSONNode?) -> String? {
        offloads?.members.filter { _, features in
            features.member("tx-checksum-ip-generic")?.string?.hasPrefix("on") ?? false
        }.map(\.key).sorted().first
    }

    /// What was inside the tunnel and wrong: a machine sees hardly any such segment in its life, since cards sort them out
    /// before.
    private static func countedInside(_ machine: NodeEvidence, _ facts: FactBase) -> (wrong: Int, received: Int)? {
        guard UnderlayEncapsulation.of(facts) != nil || (machine.links ?? []).contains(where: \.isTunnel),
            let text = machine.text(.snmp), let wrong = value("Tcp", "InCsumErrors", in: text), wrong > 1000
        else { return nil }
        return (wrong, value("Tcp", "InSegs", in: text) ?? 0)
    }

    private static func counted(_ machine: NodeEvidence) -> (wrong: Int, received: Int)? {
        guard let text = machine.text(.snmp), let wrong = value("Udp", "InCsumErrors", in: text), wrong > 100 else {
            return nil
        }
        let received = value("Udp", "InDatagrams", in: text) ?? 0
        // A handful among millions comes from the world.
        return wrong * 1000 > received ? (wrong, received) : nil
    }
}
