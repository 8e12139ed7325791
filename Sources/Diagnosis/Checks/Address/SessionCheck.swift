import Addressing

/// BGP sessions of machines whose cluster nobody could ask: what their own BIRD says of its peers (BGP-01, BGP-03), or
/// that it does not answer (BGP-04).
struct SessionCheck: Check {
    let name = "BGP of machines"
    let codes = ["BGP-01", "BGP-03", "BGP-04"]
    let needs: [FactName] = []

    func applies(to facts: FactBase) -> Bool {
        !facts.has(.objects("nodes")) && (!BGPSession.all(facts).isEmpty || !Self.deaf(facts).isEmpty)
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        Self.silent(facts) + BGPCheck().sessions(BGPGraph(facts), facts)
    }

    /// Machines with a control socket that nobody serves any more.
    private static func deaf(_ facts: FactBase) -> [(machine: NodeEvidence, reason: String)] {
        facts.machines.compactMap { machine in
            let folder = EvidencePath.node(machine.name) + "exec/birdcl"
            let reason = facts.evidence.missing.first { $0.key.hasPrefix(folder) && $0.value.contains("ECONNREFUSED") }
            return reason.map { (machine, $0.value) }
        }
    }

    /// A socket is a file that stays when its daemon is killed; while it runs it is served.
    static func silent(_ facts: FactBase) -> [Diagnosis] {
        deaf(facts).filter { $0.machine.runs("bird") != true }.map { machine, reason in
            .machine(
                "BGP-04", "BIRD does not run on \(machine.name) any more", .likely, at: [machine.place],
                evidence: [
                    machine.quote(reason, .processes, "birdcl -r show protocols", telling: "ECONNREFUSED"),
                    machine.quote("no process bird", .processes, "pgrep -a bird"),
                ],
                because: [
                    "its control socket is still there and nobody serves it: \(machine.name) announces no routes and "
                        + "learns none, and those it has learned stay as they were"
                ],
                explains: facts.unreadyPods(on: machine.name),
                fix: .init(
                    ["kubectl -n NAMESPACE delete pod CALICO-NODE-POD-ON-\(machine.name)   # it starts BIRD anew"],
                    undo: "none: the DaemonSet makes it anew", risk: "one node at a time", seconds: 60),
                deadEnds: ["deleting all calico-node pods at once: every node withdraws its routes together"],
                needs: ["why it ended: the agent's log before that"])
        }
    }
}
