import Addressing

// What the compiled programs say about a flow: the same look-ups a datapath makes, and nothing else.

extension PolicyCompiler {
    /// One side's verdict from the entries alone; nil when the subject is no local endpoint.
    public func verdict(
        _ direction: Direction, _ flow: Flow, from source: ResolvedEnd, to destination: ResolvedEnd
    ) -> DirectionVerdict? {
        let subject = direction == .egress ? source : destination
        let peer = direction == .egress ? destination : source
        guard subject.kind == .pod,
            let program = engine.podIDs.names.indices.contains(Int(subject.pod))
                ? self.program(of: engine.podIDs.names[Int(subject.pod)]) : nil
        else { return nil }
        if peer.pod == subject.pod { return DirectionVerdict(isAllowed: true, reason: .loopback) }
        let facts = TrafficFacts(flow, destination: destination)
        let part = program[direction]
        guard let kind = PeerKind(engine.kind(of: peer, seenFrom: subject)) else { return nil }
        if kind == .ownNode && !part.concernsOwnNode { return DirectionVerdict(isAllowed: true, reason: .ownNode) }
        let address = peer.hasAddress ? IPAddress(number: peer.address, family: flow.family) : nil
        for tier in part.tiers {
            let entry = tier.entry(kind, identity: peer.classID >= 0 ? peer.classID : nil, address, facts)
            if let entry {
                switch entry.action {
                case .allow:
                    return DirectionVerdict(isAllowed: true, reason: .rule, decidedBy: entry.rule, tier: tier.name)
                case .deny:
                    return DirectionVerdict(
                        isAllowed: false, reason: .deniedByRule, decidedBy: entry.rule, tier: tier.name)
                case .pass, .nothing: continue
                }
            }
            let isolates = kind == .ownNode ? tier.isolatesOwnNode : tier.isolates
            if isolates && tier.deniesAtEnd {
                return DirectionVerdict(isAllowed: false, reason: .noRule, tier: tier.name)
            }
        }
        return DirectionVerdict(isAllowed: true, reason: .notIsolated)
    }
}

extension TierProgram {
    /// The entry that counts: of the peer's identity and of its address the one with the lower precedence.
    func entry(
        _ kind: PeerKind, identity: Int32?, _ address: IPAddress?, _ facts: TrafficFacts
    ) -> PortTable.Entry? {
        let general = PeerKey(kind: kind, identity: nil)
        let own = PeerKey(kind: kind, identity: identity)
        let byIdentity = (tables[own] ?? tables[general])?.entry(for: facts)
        var byAddress: PortTable.Entry?
        if let address, let list = prefixes[own] ?? prefixes[general] {
            for length in stride(from: address.family.bitWidth, through: 0, by: -1) {
                if let table = list[IPPrefix(containing: address, length: length)] {
                    byAddress = table.entry(for: facts)
                    break
                }
            }
        }
        guard let byIdentity else { return byAddress }
        guard let byAddress else { return byIdentity }
        return byAddress.precedence < byIdentity.precedence ? byAddress : byIdentity
    }
}
