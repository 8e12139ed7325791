import Addressing

/// Turns rules of the model into ``NormalRule``s. What cannot be enforced is decided here, once: a rule is read twice,
/// *certainly* (an unenforceable part is false, whichever way it is negated) and *possibly* (it is true). Allow and
/// pass act on what certainly matches, deny on what possibly does; a pass also denies what it only possibly matches,
/// because passing on might open what it was not meant to open.
struct RuleLowering {
    enum Reading { case certain, possible }

    /// What the literals' numbers stand for: places in these lists. The engine renumbers them to its own.
    private(set) var selectors: [SelectorKey] = []
    private(set) var atoms: [AtomSource] = []
    private(set) var names: [String] = []
    private var selectorPlaces: [SelectorKey: Int32] = [:]
    private var atomPlaces: [AtomSource: Int32] = [:]
    private var namePlaces: [String: Int32] = [:]

    /// Of the rules of one direction; log rules are left out.
    mutating func rules(of direction: DirectionRules) -> [NormalRule] {
        direction.rules.flatMap { rules($0, exemptsOwnNode: direction.exemptsOwnNode) }
    }

    mutating func selector(_ expression: LabelExpression, _ subject: SelectorSubject) -> Int32 {
        let key = SelectorKey(expression: expression, subject: subject)
        if let place = selectorPlaces[key] { return place }
        selectors.append(key)
        selectorPlaces[key] = Int32(selectors.count - 1)
        return Int32(selectors.count - 1)
    }

    private mutating func atom(_ source: AtomSource) -> Int32 {
        if let place = atomPlaces[source] { return place }
        atoms.append(source)
        atomPlaces[source] = Int32(atoms.count - 1)
        return Int32(atoms.count - 1)
    }

    private mutating func portName(_ name: String) -> Int32 {
        if let place = namePlaces[name] { return place }
        names.append(name)
        namePlaces[name] = Int32(names.count - 1)
        return Int32(names.count - 1)
    }

    private mutating func rules(_ rule: PolicyRule, exemptsOwnNode: Bool) -> [NormalRule] {
        switch rule.action {
        case .log: []
        case .allow: [normal(rule, .certain, .allow, exemptsOwnNode)]
        case .deny: [normal(rule, .possible, .deny, exemptsOwnNode)]
        case .pass:
            rule.unenforceable.isEmpty
                ? [normal(rule, .certain, .pass, exemptsOwnNode)]
                : [normal(rule, .certain, .pass, exemptsOwnNode), normal(rule, .possible, .deny, exemptsOwnNode)]
        }
    }

    private mutating func normal(
        _ rule: PolicyRule, _ reading: Reading, _ action: RuleAction, _ exemptsOwnNode: Bool
    ) -> NormalRule {
        NormalRule(
            action: action, precedence: rule.precedence, exemptsOwnNode: exemptsOwnNode, reference: rule.reference,
            peers: rule.peers.flatMap { ends($0, reading) }, nearEnd: rule.nearEnd.flatMap { ends($0, reading) },
            traffic: rule.traffic.flatMap { traffic($0, reading) })
    }

    // MARK: Ends

    /// Nil when every end matches.
    private mutating func ends(_ peers: [Peer], _ reading: Reading) -> [EndClause]? {
        let clauses = unique(peers.flatMap { all($0.terms.map { end($0, reading, isNegated: false) }) })
        return clauses.contains { $0.isAnything } ? nil : clauses
    }

    /// The product of the parts, without clauses that no end can satisfy.
    private func all(_ parts: [[EndClause]]) -> [EndClause] {
        parts.reduce([EndClause(kinds: .all)]) { product, part in
            product.flatMap { left in part.map { left.and($0) } }.filter { !$0.kinds.isEmpty }
        }
    }

    private func unique(_ clauses: [EndClause]) -> [EndClause] {
        var seen: Set<EndClause> = []
        return clauses.filter { seen.insert($0).inserted }
    }

    private mutating func end(_ term: PeerTerm, _ reading: Reading, isNegated: Bool) -> [EndClause] {
        switch term {
        case .pods(let expression):
            return [selected(expression, .pods, kinds: .pod, isNegated)]
        case .nodes(let expression):
            return [selected(expression, .nodes, kinds: .nodes, isNegated)]
        case .addresses(let blocks, let scope):
            return addressed(.blocks(AddressSet(blocks)), kinds(scope), isNegated)
        case .networkSets(let expression, let scope):
            return addressed(.networkSets(expression), kinds(scope), isNegated)
        case .service(let namespace, let name):
            return addressed(.service(ServiceName(namespace: namespace, name: name)), .all, isNegated)
        case .entity(let entity):
            return clauses(of: entity, isNegated)
        case .anyOf(let terms):
            let parts = terms.map { end($0, reading, isNegated: isNegated) }
            return isNegated ? all(parts) : parts.flatMap { $0 }
        case .not(let inner):
            return end(inner, reading, isNegated: !isNegated)
        case .unenforceable:
            return reading == .possible ? [EndClause(kinds: .all)] : []
        }
    }

    private mutating func selected(
        _ expression: LabelExpression, _ subject: SelectorSubject, kinds: EndKinds, _ isNegated: Bool
    ) -> EndClause {
        let literal = EndClause.Literal(subject: .selector(selector(expression, subject)), isNegated: isNegated)
        // Negated, the clause also holds for ends that are no such thing at all: they are members of no selector.
        return EndClause(kinds: isNegated ? .all : kinds, literals: [literal])
    }

    private mutating func addressed(_ source: AtomSource, _ kinds: EndKinds, _ isNegated: Bool) -> [EndClause] {
        let literal = EndClause.Literal(subject: .atom(atom(source)), isNegated: isNegated)
        if !isNegated { return [EndClause(kinds: kinds, literals: [literal])] }
        let others = EndKinds.all.subtracting(kinds)
        return [EndClause(kinds: .all, literals: [literal])] + (others.isEmpty ? [] : [EndClause(kinds: others)])
    }

    private func kinds(_ scope: AddressScope) -> EndKinds {
        switch scope {
        case .anyEnd: .all
        case .outsideCluster: .outside
        case .outsidePods: [.outside, .ownNode, .remoteNode]
        }
    }

    private mutating func clauses(of entity: Entity, _ isNegated: Bool) -> [EndClause] {
        func only(_ kinds: EndKinds) -> [EndClause] {
            let kinds = isNegated ? EndKinds.all.subtracting(kinds) : kinds
            return kinds.isEmpty ? [] : [EndClause(kinds: kinds)]
        }
        switch entity {
        case .all: return only(.all)
        case .world: return only(.outside)
        case .worldIPv4: return addressed(.blocks(.everyIPv4), .outside, isNegated)
        case .worldIPv6: return addressed(.blocks(.everyIPv6), .outside, isNegated)
        case .host: return only(.ownNode)
        case .remoteNode: return only(.remoteNode)
        case .kubeAPIServer: return addressed(.apiServer, .all, isNegated)
        case .cluster:
            let inside = only([.pod, .ownNode, .remoteNode])
            let server = addressed(.apiServer, .all, isNegated)
            return isNegated ? all([inside, server]) : inside + server
        case .health, .ingress, .unmanaged, .initialising, .none: return only([])
        }
    }

    // MARK: Traffic

    /// Nil when all traffic matches.
    private mutating func traffic(_ matches: [TrafficMatch], _ reading: Reading) -> [TrafficClause]? {
        var seen: Set<TrafficClause> = []
        let clauses = matches.flatMap { all($0.terms.map { clause($0, reading, isNegated: false) }) }
            .filter { seen.insert($0).inserted }
        return clauses.contains { $0.isAnything } ? nil : clauses
    }

    private func all(_ parts: [[TrafficClause]]) -> [TrafficClause] {
        parts.reduce([TrafficClause()]) { product, part in
            product.flatMap { left in part.map { left.and($0) } }.filter { !$0.isImpossible }
        }
    }

    private mutating func clause(_ term: TrafficTerm, _ reading: Reading, isNegated: Bool) -> [TrafficClause] {
        var clause = TrafficClause()
        switch term {
        case .protocolIs(let transport):
            let set = ProtocolSet([transport])
            clause.protocols = isNegated ? set.complement : set
            return [clause]
        case .family(let family):
            clause.isIPv4 = (family == .v4) != isNegated
            clause.isIPv6 = (family == .v6) != isNegated
            return [clause]
        case .destinationPorts(let ranges):
            return within(.withPorts, isNegated) {
                $0.ports = isNegated ? NumberSet(ranges).complement : NumberSet(ranges)
            }
        case .sourcePorts(let ranges):
            return within(.withPorts, isNegated) {
                $0.sourcePorts = NumberSet(ranges: NumberSet(ranges).ranges, containsUnknown: false)
                if isNegated { $0.sourcePorts = $0.sourcePorts.complement }
            }
        case .icmp(let type, let code):
            let set = NumberSet(Self.icmpNumbers(type: type, code: code))
            return within(.icmp, isNegated) { $0.icmp = isNegated ? set.complement : set }
        case .destinationPortNamed(let name, let resolution):
            let name = TrafficClause.Name(id: portName(name), resolution: resolution, isNegated: isNegated)
            return within(.withPorts, isNegated) { $0.names = [name] }
        case .anyOf(let terms):
            let parts = terms.map { self.clause($0, reading, isNegated: isNegated) }
            return isNegated ? all(parts) : parts.flatMap { $0 }
        case .not(let inner):
            return self.clause(inner, reading, isNegated: !isNegated)
        case .unenforceable:
            return reading == .possible ? [clause] : []
        }
    }

    /// A predicate that is about some protocols only: positive it needs one of them, negated it holds for all others.
    private func within(
        _ protocols: ProtocolSet, _ isNegated: Bool, _ restrict: (inout TrafficClause) -> Void
    ) -> [TrafficClause] {
        var clause = TrafficClause()
        clause.protocols = protocols
        restrict(&clause)
        if !isNegated { return [clause] }
        var others = TrafficClause()
        others.protocols = protocols.complement
        return [clause, others]
    }

    static func icmpNumbers(type: UInt8?, code: UInt8?) -> [PortRange] {
        switch (type, code) {
        case (nil, nil): [.all]
        case (let type?, nil): [PortRange(unchecked: UInt16(type) << 8, UInt16(type) << 8 | 0xFF)]
        case (let type?, let code?): [PortRange(UInt16(type) << 8 | UInt16(code))]
        case (nil, let code?): (0...255).map { PortRange($0 << 8 | UInt16(code)) }
        }
    }
}

/// A selector as the engine knows it: equal ones are evaluated once.
struct SelectorKey: Hashable, Sendable {
    var expression: LabelExpression
    var subject: SelectorSubject
}

enum SelectorSubject: UInt8, Hashable, Sendable {
    case pods, nodes
}

/// Where the addresses of an address predicate come from.
enum AtomSource: Hashable, Sendable {
    case blocks(AddressSet)
    case networkSets(LabelExpression)
    case service(ServiceName)
    case apiServer
}

extension AddressSet {
    static let everyIPv4 = AddressSet([
        AddressBlock(IPPrefix(containing: IPAddress(number: 0, family: .v4), length: 0))
    ])
    static let everyIPv6 = AddressSet([
        AddressBlock(IPPrefix(containing: IPAddress(number: 0, family: .v6), length: 0))
    ])
}
