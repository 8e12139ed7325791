import Addressing

/// BGP sessions of machines whose cluster nobody could ask: what their own BIRD or FRR says of its peers (BGP-01,
/// BGP-03), or that it does not answer (BGP-04).
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

    /// A daemon that serves a control socket.
    private struct Daemon {
        var name: String
        var program: String
        /// What is asked over its socket, and where the answer is kept.
        var command: String
        var answers: String
        var start: String
    }

    private static func daemons(on machine: String) -> [Daemon] {
        [
            Daemon(
                name: "BIRD", program: "bird", command: "birdcl -r show protocols", answers: "exec/birdcl",
                start: "kubectl -n NAMESPACE delete pod CALICO-NODE-POD-ON-\(machine)   # it starts BIRD anew"),
            Daemon(
                name: "FRR's bgpd", program: "bgpd", command: "vtysh -c 'show bgp summary'", answers: "exec/vtysh",
                start: "systemctl restart frr   # on \(machine)"),
        ]
    }

    /// Machines with a control socket that nobody serves any more.
    private static func deaf(_ facts: FactBase) -> [(machine: NodeEvidence, daemon: Daemon, reason: String)] {
        facts.machines.flatMap { machine in
            daemons(on: machine.name).compactMap { daemon in
                let folder = EvidencePath.node(machine.name) + daemon.answers
                let reason = facts.evidence.missing.first {
                    $0.key.hasPrefix(folder) && $0.value.contains("ECONNREFUSED")
                }
                return reason.map { (machine, daemon, $0.value) }
            }
        }
    }

    /// A socket is a file that stays when its daemon is killed; while it runs it is served.
    static func silent(_ facts: FactBase) -> [Diagnosis] {
        deaf(facts).filter { $0.machine.runs($0.daemon.program) != true }.map { machine, daemon, reason in
            .machine(
                "BGP-04", "\(daemon.name) does not run on \(machine.name) any more", .likely, at: [machine.place],
                evidence: [
                    machine.quote(reason, .processes, daemon.command, telling: "ECONNREFUSED"),
                    machine.quote("no process \(daemon.program)", .processes, "pgrep -a \(daemon.program)"),
                ],
                because: [
                    "its control socket is still there and nobody serves it: \(machine.name) announces no routes and "
                        + "learns none, and those it has learned stay as they were"
                ],
                explains: facts.unreadyPods(on: machine.name),
                fix: .init(
                    [daemon.start], undo: "none: it reads its configuration again", risk: "one node at a time",
                    seconds: 60),
                deadEnds: ["restarting the daemons of all nodes at once: every node withdraws its routes together"],
                needs: ["why it ended: its log before that"])
        }
    }
}
