// What no look at routes and rules can tell: somebody's own BPF programs on the way.

extension PathWalk {
    /// The route as it is, unless a program on the way may take the packets: then nobody can say that it is open.
    mutating func route() {
        followRoute()
        guard let last = steps.last, last.kind == .route, last.state == .passed, let found = foreignProgram else {
            return
        }
        let (machine, program) = found
        let name = program.name.isEmpty ? "number \(program.id)" : program.name
        steps[steps.count - 1] = .init(
            .route, .notChecked,
            "\(machine.name): the BPF program \(name) on \(program.device) may take the packets",
            details: [
                last.text,
                "what it does with them cannot be read: bpftool prog show id \(program.id) tells who loaded it",
            ],
            evidence: last.evidence + [
                .init(
                    "\(program.device) \(program.kind) \(name) id \(program.id)", marking: name,
                    from: machine.source(.bpf, command: "bpftool net show dev \(program.device)"))
            ])
    }

    /// The first program of nobody's pod network on an interface that the packets pass, on either machine.
    private var foreignProgram: (NodeEvidence, AttachedProgram)? {
        for (node, other) in [(sourceNode, targetNode), (targetNode, sourceNode)] {
            guard let machine = machine(node), let programs = machine.attachedPrograms else { continue }
            var devices = devices(on: node)
            if node != other, let lookup = machine.routeLookup {
                // The tunnel's own packets go by the machines' addresses.
                for address in facts.internalAddresses(other) {
                    devices.formUnion(lookup.lookup(.init(to: address)).devices)
                }
            }
            if let program = programs.first(where: { devices.contains($0.device) && !$0.isOfKnownNetwork }) {
                return (machine, program)
            }
        }
        return nil
    }
}
