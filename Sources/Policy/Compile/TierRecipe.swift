import Addressing

/// The rules of one tier, ordered, with what is needed to make the tables of any peer. Rules are sorted into three
/// kinds by their clauses: those that are the same for all peers of a kind, those that name members of a selector
/// (found by going through the members), and those that exclude members (judged for every identity of its own).
struct TierRecipe: Sendable {
    struct Step: Hashable, Sendable {
        var rule: Int32
        var clause: EndClause
    }

    /// The direction decides at which end names of ports are looked up.
    var direction: Direction
    var rules: [NormalRule]
    /// Of the subject, for ingress.
    var subjectPorts: [EndClass.NamedPort]
    /// Clauses without selectors.
    var base: [Step] = []
    /// Clauses with a positive selector, filed under it.
    var positive: [Int32: [Step]] = [:]
    /// Clauses that only exclude selectors.
    var negative: [Step] = []
    var selectors: Set<Int32> = []
    var atoms: Set<Int32> = []
    /// Names of ports looked up at the peer, and over all pods.
    var peerNames: Set<Int32> = []
    var globalNames: Set<Int32> = []

    init(_ rules: [NormalRule], _ direction: Direction, subjectPorts: [EndClass.NamedPort]) {
        self.direction = direction
        self.rules = rules
        self.subjectPorts = subjectPorts
        for (place, rule) in rules.enumerated() where rule.traffic.map({ !$0.isEmpty }) ?? true {
            for clause in rule.peers ?? [EndClause(kinds: .all)] {
                let step = Step(rule: Int32(place), clause: clause)
                var first: Int32?
                var excludes = false
                for literal in clause.literals {
                    switch literal.subject {
                    case .selector(let id):
                        selectors.insert(id)
                        if literal.isNegated { excludes = true } else if first == nil { first = id }
                    case .atom(let id): atoms.insert(id)
                    }
                }
                if let first {
                    positive[first, default: []].append(step)
                } else if excludes {
                    negative.append(step)
                } else {
                    base.append(step)
                }
            }
            for name in (rule.traffic ?? []).flatMap(\.names) {
                switch name.resolution {
                case .everyPod: globalNames.insert(name.id)
                case .destinationPod: if direction == .egress { peerNames.insert(name.id) }
                }
            }
        }
    }
}

/// What matches one peer: rules for whatever address it has, and rules for some addresses.
private struct PeerRules {
    var always: Set<Int32> = []
    var byAddress: [(rule: Int32, literals: [EndClause.Literal])] = []
}

extension TierRecipe {
    /// Fills the tables of all kinds and of every identity that is a member of a selector here.
    func fill(_ tier: inout TierProgram, _ engine: PolicyEngine, _ memo: inout TableMemo) {
        for kind in PeerKind.allCases { put(PeerKey(kind: kind, identity: nil), ports: [], &tier, engine, &memo) }
        for selector in selectors { tier.specific.formUnion(engine.selectors[Int(selector)].members) }
        for name in peerNames { tier.specific.formUnion(engine.classesByPort[name] ?? []) }
        for identity in tier.specific { putIdentity(identity, &tier, engine, &memo) }
    }

    /// Makes the tables of one identity again, or takes them away when nothing here is about it any more.
    func refresh(_ identity: Int32, _ tier: inout TierProgram, _ engine: PolicyEngine, _ memo: inout TableMemo) {
        let one = engine.classes[Int(identity)]
        let isSpecific =
            one.count > 0
            && (selectors.contains { one.matching.containsSorted($0) }
                || one.ports.contains { peerNames.contains($0.name) })
        if isSpecific {
            for kind in PeerKind.allCases { remove(PeerKey(kind: kind, identity: identity), &tier) }
            tier.specific.insert(identity)
            putIdentity(identity, &tier, engine, &memo)
        } else if tier.specific.remove(identity) != nil {
            for kind in PeerKind.allCases { remove(PeerKey(kind: kind, identity: identity), &tier) }
        }
    }

    private func remove(_ key: PeerKey, _ tier: inout TierProgram) {
        tier.tables[key] = nil
        tier.prefixes[key] = nil
    }

    private func putIdentity(
        _ identity: Int32, _ tier: inout TierProgram, _ engine: PolicyEngine, _ memo: inout TableMemo
    ) {
        let one = engine.classes[Int(identity)]
        let kinds: [PeerKind] = one.key.subject == .pods ? [.pod] : [.ownNode, .remoteNode]
        for kind in kinds { put(PeerKey(kind: kind, identity: identity), ports: one.ports, &tier, engine, &memo) }
    }

    private func put(
        _ key: PeerKey, ports: [EndClass.NamedPort], _ tier: inout TierProgram, _ engine: PolicyEngine,
        _ memo: inout TableMemo
    ) {
        let peer = peerRules(key, engine)
        let names = direction == .egress ? ports : subjectPorts
        let table = self.table(peer.always, names, engine, &memo)
        // An identity of its own hides its kind, so that it needs a table even when nothing matches.
        if !table.entries.isEmpty || key.identity != nil { tier.tables[key] = table }
        if key.identity == nil ? peer.byAddress.isEmpty : !identitiesDifferByAddress { return }
        tier.prefixes[key] = prefixTables(peer, names, engine, &memo)
    }

    /// Whether address rules are not the same for all identities of a kind, so that each needs its own prefixes.
    private var identitiesDifferByAddress: Bool {
        if atoms.isEmpty { return false }
        if !peerNames.isEmpty { return true }
        func isMixed(_ step: Step) -> Bool {
            step.clause.literals.contains { if case .atom = $0.subject { true } else { false } }
        }
        return negative.contains(where: isMixed) || positive.values.contains { $0.contains(where: isMixed) }
    }

    private func peerRules(_ key: PeerKey, _ engine: PolicyEngine) -> PeerRules {
        var result = PeerRules()
        let matching = key.identity.map { engine.classes[Int($0)].matching } ?? []
        func add(_ step: Step) {
            guard step.clause.kinds.contains(key.kind.kinds) else { return }
            if key.kind == .ownNode && rules[Int(step.rule)].exemptsOwnNode { return }
            var rest: [EndClause.Literal] = []
            for literal in step.clause.literals {
                switch literal.subject {
                case .selector(let id): if matching.containsSorted(id) == literal.isNegated { return }
                case .atom: rest.append(literal)
                }
            }
            if rest.isEmpty { result.always.insert(step.rule) } else { result.byAddress.append((step.rule, rest)) }
        }
        for step in base { add(step) }
        for step in negative { add(step) }
        if matching.count < positive.count {
            for selector in matching { for step in positive[selector] ?? [] { add(step) } }
        } else {
            for (selector, steps) in positive where matching.containsSorted(selector) {
                for step in steps { add(step) }
            }
        }
        return result
    }

    private func table(
        _ places: Set<Int32>, _ ports: [EndClass.NamedPort], _ engine: PolicyEngine, _ memo: inout TableMemo
    ) -> PortTable {
        if places.isEmpty { return .empty }
        let key = TableMemo.Key(
            places: places.sorted(), ports: peerNames.isEmpty && direction == .egress ? [] : ports)
        if let known = memo.tables[key] { return known }
        let table = PortTable(
            key.places.map { TableRule(place: $0, traffic: resolved(rules[Int($0)].traffic, ports, engine)) }, rules)
        memo.tables[key] = table
        return table
    }

    /// Names of ports replaced by the numbers they have at this destination.
    private func resolved(
        _ traffic: [TrafficClause]?, _ ports: [EndClass.NamedPort], _ engine: PolicyEngine
    ) -> [TrafficClause]? {
        guard let traffic, traffic.contains(where: { !$0.names.isEmpty }) else { return traffic }
        var result: [TrafficClause] = []
        for clause in traffic {
            if clause.names.isEmpty {
                result.append(clause)
                continue
            }
            // A name means different numbers for different protocols.
            for transport in [TransportProtocol.tcp, .udp, .sctp, .udpLite]
            where clause.protocols.contains(transport.number) {
                var one = clause
                one.protocols = ProtocolSet([transport])
                one.names = []
                for name in clause.names {
                    var numbers: [PortRange] = []
                    switch name.resolution {
                    case .destinationPod:
                        numbers = ports.filter { $0.name == name.id && $0.transport == transport.number }
                            .map { PortRange($0.number) }
                    case .everyPod:
                        numbers = (engine.namedPorts[name.id] ?? [:]).keys
                            .filter { $0 >> 16 == UInt32(transport.number) }.map { PortRange(UInt16($0 & 0xFFFF)) }
                    }
                    let set = NumberSet(numbers)
                    one.ports = one.ports.intersection(name.isNegated ? set.complement : set)
                }
                if !one.ports.ranges.isEmpty { result.append(one) }
            }
        }
        return result
    }

    /// For every border between addresses that are treated differently a prefix with the rules that hold inside it.
    private func prefixTables(
        _ peer: PeerRules, _ ports: [EndClass.NamedPort], _ engine: PolicyEngine, _ memo: inout TableMemo
    ) -> [IPPrefix: PortTable] {
        var regions: Set<IPPrefix> = []
        for step in peer.byAddress {
            for literal in step.literals {
                guard case .atom(let id) = literal.subject else { continue }
                let set = engine.atoms[Int(id)].set
                for family in IPFamily.allCases {
                    for interval in set[family] { regions.formUnion(interval.prefixes(family)) }
                    if literal.isNegated {
                        regions.insert(IPPrefix(containing: IPAddress(number: 0, family: family), length: 0))
                    }
                }
            }
        }
        var result: [IPPrefix: PortTable] = [:]
        for region in regions {
            var places: Set<Int32> = []
            for step in peer.byAddress where !places.contains(step.rule) {
                let holds = step.literals.allSatisfy { literal in
                    guard case .atom(let id) = literal.subject else { return false }
                    return engine.atoms[Int(id)].set.contains(region) != literal.isNegated
                }
                if holds { places.insert(step.rule) }
            }
            result[region] = table(places, ports, engine, &memo)
        }
        return result
    }
}

/// Tables of one tier by the rules they are made of: many identities are let in by the same rules.
struct TableMemo: Sendable {
    struct Key: Hashable, Sendable {
        var places: [Int32]
        var ports: [EndClass.NamedPort]
    }

    var tables: [Key: PortTable] = [:]
}

extension AddressSet {
    /// Whether all of the prefix is in the set.
    func contains(_ prefix: IPPrefix) -> Bool {
        let first = prefix.first.number
        let last = prefix.last.number
        return self[prefix.family].contains { $0.first <= first && last <= $0.last }
    }
}
