import Addressing

/// What the kernel says of signed connections that it refuses: two ends of a BGP session with different passwords (BGP-03).
/// Neither speaker sees more than a connection that does not come about.
struct BGPPasswordCheck: Check {
    let name = "BGP passwords"
    let codes = ["BGP-03"]
    let needs: [FactName] = []

    /// A session that is being changed says it once or twice.
    private static let least = 3

    func applies(to facts: FactBase) -> Bool { facts.machines.contains { $0.text(.kernelLog) != nil } }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        facts.machines.compactMap { machine in
            // `TCP: MD5 Hash failed for (192.0.2.1, 179)->(192.0.2.9, 40100)`, `MD5 Hash not found`, `unexpected`, and the
            // same of TCP-AO (net/ipv4/tcp_ipv4.c).
            let lines = machine.logLines(.kernelLog, containing: "TCP: ", "179)").filter { line in
                let text = line.lowercased()
                return (text.contains("md5") || text.contains(" ao "))
                    && (text.contains("hash") || text.contains("digest"))
            }
            guard lines.count >= Self.least, let last = lines.last else { return nil }
            let own = Set((machine.addresses ?? []).map(\.address.address) + facts.internalAddresses(machine.name))
            let peer = last.split { !($0.isHexDigit || $0 == "." || $0 == ":") }.lazy.compactMap {
                IPAddress(String($0))
            }
            .first { !own.contains($0) && !$0.isLoopback }
            return .machine(
                "BGP-03", "\(machine.name) and its BGP peer\(peer.map { " \($0)" } ?? "") have different passwords",
                .certain, at: [machine.place],
                evidence: [machine.quote(last, .kernelLog, "dmesg | grep -i md5")],
                because: [
                    "the kernel drops segments of the session whose signature is not what its own password gives: \(lines.count) lines",
                    "both ends see a connection that does not come about, as if nobody listened",
                ],
                fix: .init(
                    [
                        "set one password on both ends: the peer's, and the Secret that the BGPPeer names (passwordSecret, password)"
                    ], undo: "set the former one again", risk: "the session comes up anew", seconds: 30),
                prevent: "change a router's password and the Secret together",
                deadEnds: ["opening TCP 179: the segments arrive"])
        }
    }
}
