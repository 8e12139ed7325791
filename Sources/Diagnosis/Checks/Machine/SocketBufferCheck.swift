import JSONTree

/// Datagrams that were dropped because their socket's buffer was full, counted by the kernel. Small buffers alone are no
/// fault: only what was measured is told.
struct SocketBufferCheck: Check {
    let name = "socket buffers"
    let codes = ["NOD-05"]
    let needs: [FactName] = []

    /// Share of the received datagrams, and so many that it is no burst of once.
    private static let share = 0.01
    private static let enough = 10_000

    func applies(to facts: FactBase) -> Bool { facts.clusterMachines.contains { $0[.snmp] != nil } }

    func findings(_ facts: FactBase) -> [Diagnosis] { facts.clusterMachines.compactMap { finding($0, facts) } }

    private func finding(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        guard let text = machine.text(.snmp), let full = LimitCheck.value("Udp", "RcvbufErrors", in: text),
            let received = LimitCheck.value("Udp", "InDatagrams", in: text), full >= Self.enough,
            Double(full) > Double(received + full) * Self.share
        else { return nil }
        let most = machine.sysctls?.int("net.core.rmem_max")
        // The kernel's own default (include/net/sock.h, SK_RMEM_MAX) is 212,992 bytes.
        let wanted = max(4_194_304, (most ?? 212_992) * 4)
        let percent = Double(full) * 100 / Double(received + full)
        var evidence = [
            machine.quote(
                "Udp RcvbufErrors \(full) of \(received + full) datagrams", .snmp,
                "nstat -az UdpRcvbufErrors UdpInDatagrams",
                telling: "\(full)")
        ]
        if let most {
            evidence.append(
                machine.quote("net.core.rmem_max = \(most)", .sysctls, "sysctl net.core.rmem_max", telling: "\(most)"))
        }
        return .machine(
            "NOD-05",
            "\(machine.name) drops datagrams because receive buffers are full (\(Int(percent.rounded())) of 100)",
            .likely, at: [machine.place, "net.core.rmem_max"], evidence: evidence,
            because: [
                "a datagram that finds its socket's buffer full is dropped without a word: too small a buffer for the bursts, or a program that reads too slowly"
            ],
            explains: facts.unreadyPods(on: machine.name),
            fix: .init(
                ["sysctl -w net.core.rmem_max=\(wanted) net.core.rmem_default=\(wanted / 4)   # on \(machine.name)"],
                undo: "sysctl -w net.core.rmem_max=\(most ?? 212_992) net.core.rmem_default=212992",
                risk: "more memory for each socket that asks for it; programs have to open their sockets anew",
                seconds: 5),
            prevent: "watch node_netstat_Udp_RcvbufErrors",
            deadEnds: [
                "tcp_rmem and tcp_wmem of the host: they belong to each network namespace, and a pod has its own"
            ],
            needs: [
                "on \(machine.name): ss -uanm   # whose socket has a Recv-Q, and drops (d) that grow: a slow reader needs no buffer"
            ])
    }
}
