/// Queries for A and AAAA that race for one entry of the connection table: the loser is dropped, and the library waits
/// five seconds.
struct DNSRaceCheck: Check {
    let name = "DNS"
    let codes = ["DNS-06"]
    let needs: [FactName] = [.node(.conntrack)]

    /// Failed insertions of a machine since it started; a few happen anywhere.
    private static let many = 10_000

    func applies(to facts: FactBase) -> Bool { !facts.machines(with: .conntrack).isEmpty }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        var found: [(machine: NodeEvidence, failed: Int)] = []
        for machine in facts.machines(with: .conntrack) {
            let now = Self.failed(machine.text(.conntrack) ?? "")
            let before =
                facts.evidence["baseline/nodes/\(machine.name)/\(NodeEvidence.Part.conntrack.path)"]
                .map { Self.failed($0.text) } ?? 0
            let grown = now >= before ? now - before : now
            if grown >= Self.many { found.append((machine, grown)) }
        }
        guard let worst = found.max(by: { $0.failed < $1.failed }) else { return [] }
        return [
            .of(
                "DNS-06", "\(worst.failed) connections of \(worst.machine.name) lost a race for their entry", .likely,
                at: found.map { "Node/\($0.machine.name)" },
                evidence: found.prefix(3).map {
                    .init("insert_failed=\($0.failed)", from: $0.machine.source(.conntrack, command: "conntrack -S"))
                },
                because: [
                    "a pod asks for A and AAAA at once from one port; both packets are translated at the same time, and "
                        + "the kernel drops the one that comes second: exactly five seconds of waiting"
                ],
                prevent: "NodeLocal DNSCache, which keeps queries off the connection table",
                needs: ["whether insert_failed grows while lookups take five seconds: watch conntrack -S"])
        ]
    }

    /// Over all processors, as `conntrack -S` prints it.
    static func failed(_ text: String) -> Int {
        text.split(whereSeparator: { $0.isWhitespace }).filter { $0.hasPrefix("insert_failed=") }
            .reduce(0) { $0 + (Int($1.dropFirst(14)) ?? 0) }
    }
}
