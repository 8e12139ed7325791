// What no look at routes and the machines' packet filters can tell: somebody's own BPF programs on the way, classifiers of
// tc, rules inside the pods themselves, and what nobody could read.

extension PathWalk {
    mutating func route() {
        followRoute()
        judge(.route)
    }

    /// Policies let replies through whatever they say; what is left is the way back.
    mutating func reply() {
        followReply()
        judge(.reply)
    }

    /// A step that is in order by routes and packet filters of machines is broken where something else on the way ends the
    /// packets, and not known where that may be.
    private mutating func judge(_ kind: PathTrace.Step.Kind) {
        guard let last = steps.last, last.kind == kind, [.passed, .notChecked].contains(last.state) else { return }
        var doubt: PathTrace.Step?
        for step in [insideFilter(kind), classifier(kind), kind == .route ? program() : nil].compactMap({ $0 }) {
            if step.state == .failed {
                steps[steps.count - 1] = step
                return
            }
            doubt = doubt ?? step
        }
        if kind == .route { doubt = doubt ?? unseen() }
        guard last.state == .passed, var step = doubt else { return }
        step.details.insert(last.text, at: 0)
        step.evidence = last.evidence + step.evidence
        steps[steps.count - 1] = step
    }

    private func program() -> PathTrace.Step? {
        guard let (machine, program) = foreignProgram else { return nil }
        let name = program.name.isEmpty ? "number \(program.id)" : program.name
        return .init(
            .route, .notChecked,
            "\(machine.name): the BPF program \(name) on \(program.device) may take the packets",
            details: ["what it does with them cannot be read: bpftool prog show id \(program.id) tells who loaded it"],
            evidence: [
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

    /// Parts of what decides that nobody could read, or nobody asked for.
    private func unseen() -> PathTrace.Step? {
        var parts: [String] = []
        var reasons: [String] = []
        func add(_ part: String, _ reason: String?) {
            parts.append(part)
            if let reason, !reasons.contains(reason) { reasons.append(reason) }
        }
        func look(_ place: NodeEvidence, _ words: String) {
            switch place.packetFilterState {
            case .known: break
            case .refused(let reason): add("packet filter \(words)", reason)
            case .notAsked: add("packet filter \(words)", nil)
            }
            if place.classifiers == nil {
                add("tc filters \(words)", place.wasRefused(.classifiers) ? place.reasonMissing(.classifiers) : nil)
            }
        }
        for name in Set([sourceNode, targetNode]).sorted() {
            guard let machine = machine(name) else { continue }
            look(machine, "of \(name)")
            if machine.attachedPrograms == nil {
                add("BPF programs of \(name)", machine.wasRefused(.bpf) ? machine.reasonMissing(.bpf) : nil)
            }
            for pod in pods where pod.node == name {
                if let inside = machine.pod(pod.namespace, pod.name) {
                    look(inside, "inside \(pod.id)")
                } else {
                    add("packet filter inside \(pod.id)", nil)
                }
            }
        }
        guard !parts.isEmpty else { return nil }
        return .init(
            .route, .notChecked, "nobody looked at the \(listed(parts, upTo: 3)), which may end the packets",
            details: reasons)
    }
}
