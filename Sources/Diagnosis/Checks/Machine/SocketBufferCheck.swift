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

    /// Milliseconds a connection was busy sending, below which it is no measure; the round trip from which a window
    /// matters; the share of the time it waited for room.
    private static let busy = 10_000.0
    private static let distance = 20.0
    private static let waiting = 50.0

    private static let connections = NodeEvidence.Part("exec/ss-ti.txt")

    func applies(to facts: FactBase) -> Bool {
        facts.clusterMachines.contains { $0[.snmp] != nil || $0[Self.connections] != nil }
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        facts.clusterMachines.compactMap { finding($0, facts) ?? window($0, facts) }
    }

    /// A connection over a long way that stood waiting for room most of its time, as the kernel counts it (tcp_info:
    /// tcpi_rwnd_limited, tcpi_sndbuf_limited of tcpi_busy_time).
    private func window(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        guard let text = machine.text(Self.connections) else { return nil }
        var ends: Substring = ""
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard line.first == " " || line.first == "\t" else {
                ends = words.count > 4 ? words[4] : ""
                continue
            }
            func number(_ name: String) -> Double? {
                words.first { $0.hasPrefix(name) }.flatMap { word in
                    Double(word.dropFirst(name.count).prefix { $0.isNumber || $0 == "." })
                }
            }
            func share(_ name: String) -> Double? {
                words.first { $0.hasPrefix(name) }.flatMap { word in
                    word.firstIndex(of: "(").flatMap { Double(word[word.index(after: $0)...].prefix { $0 != "%" }) }
                }
            }
            guard let busy = number("busy:"), busy >= Self.busy, let rtt = number("rtt:"), rtt >= Self.distance else {
                continue
            }
            let limits = [("rwnd_limited:", share("rwnd_limited:")), ("sndbuf_limited:", share("sndbuf_limited:"))]
            guard let (name, percent) = limits.max(by: { $0.1 ?? 0 < $1.1 ?? 0 }), let percent, percent >= Self.waiting
            else { continue }
            let isOwn = name.hasPrefix("sndbuf")
            let setting = isOwn ? "net.ipv4.tcp_wmem" : "net.ipv4.tcp_rmem"
            let own = machine.sysctls?[setting]
            return .machine(
                "NOD-05",
                "A connection of \(machine.name) to \(ends) waits for room in a buffer in \(Int(percent.rounded())) of 100 of its time",
                .likely, at: [machine.place, setting],
                evidence: [
                    machine.quote(
                        "\(ends): rtt \(rtt) ms, \(name)\(Int(percent.rounded()))% of \(Int(busy)) ms",
                        Self.connections,
                        "ss -tin", telling: name)
                ] + (own.map { [machine.quote("\(setting) = \($0)", .sysctls, "sysctl \(setting)")] } ?? []),
                because: [
                    isOwn
                        ? "what is on its way for \(Int(rtt)) ms has to be kept until it is acknowledged, and the sender's buffer holds no more of it"
                        : "in \(Int(rtt)) ms no more than the receiver's window is on its way: window divided by round trip is all that gets through"
                ], explains: [],
                fix: .init(
                    [
                        "sysctl \(setting)   # \(isOwn ? "in the sender's" : "in the receiver's") network namespace: a pod has its own",
                        "raise the third number to at least rate x round trip there (a securityContext.sysctls entry of the pod)",
                    ], undo: "the numbers it had", risk: "more memory for each connection that needs it", seconds: 30),
                prevent: "buffers from the measured rate and distance, for the pods that send that far",
                deadEnds: ["the host's tcp_rmem for a pod's connection: the value belongs to the network namespace"],
                needs: ["iperf3 between the same two ends with -w 8M: is it as slow?"])
        }
        return nil
    }

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
