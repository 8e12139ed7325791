/// A card that receives damaged frames, by the kernel's own counters: what is sent again is slow, and the network between
/// is well.
struct CardErrorCheck: Check {
    let name = "cards"
    let codes = ["PRF-01"]
    let needs: [FactName] = []

    /// Of the frames received, and so many that they are no accident of the years.
    private static let share = 0.001
    private static let enough = 10_000.0

    func applies(to facts: FactBase) -> Bool { facts.machines.contains { $0[.counters] != nil } }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        facts.machines.compactMap { machine in
            guard let text = machine.text(.counters) else { return nil }
            // The way to other machines, where routes tell it; tunnels and pods' ends have no wire.
            let wires = (machine.links ?? []).filter { $0.kind == nil || $0.kind == "" }.map(\.name)
            for line in text.split(whereSeparator: \.isNewline) {
                guard let counts = Counts(line), wires.isEmpty || wires.contains(counts.device),
                    counts.device != "lo", counts.errors >= Self.enough, counts.errors >= counts.packets * Self.share
                else { continue }
                return finding(machine, counts)
            }
            return nil
        }
    }

    /// A line of /proc/net/dev: bytes, packets, errors and drops received.
    struct Counts {
        let device: String
        let packets: Double
        let errors: Double

        init?(_ line: Substring) {
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let numbers = line[line.index(after: colon)...].split(separator: " ").compactMap { Double($0) }
            guard numbers.count >= 4 else { return nil }
            device = String(line[..<colon].filter { $0 != " " })
            (packets, errors) = (numbers[1], numbers[2])
        }
    }

    private func finding(_ machine: NodeEvidence, _ counts: Counts) -> Diagnosis {
        let share = (counts.errors * 1000 / (counts.packets + counts.errors)).rounded() / 10
        return .machine(
            "PRF-01", "\(counts.device) of \(machine.name) received \(share) of 100 frames damaged", .likely,
            at: [machine.place, counts.device],
            evidence: [
                machine.quote(
                    "\(counts.device): \(Int(counts.errors)) errors in \(Int(counts.packets)) packets received",
                    .counters,
                    "ip -s link show dev \(counts.device)", telling: "\(Int(counts.errors))")
            ],
            because: [
                "damaged frames are dropped by the card; what they carried is sent again after a while, which programs see as slowness",
                "a cable, a plug, a transceiver or two ends that do not agree about duplex make them, and no setting of the cluster does",
            ], explains: [],
            fix: .init(
                ["ethtool -S \(counts.device) | grep -E 'crc|err'   # on \(machine.name): does it grow?"],
                risk: "none: it only reads"),
            deadEnds: ["settings of the CNI, sizes of packets and of buffers: the frames are damaged on the wire"],
            needs: ["whether the counter grows now: the same command twice"])
    }
}
