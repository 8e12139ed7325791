import Addressing

/// All rules that apply to an end in the order of the walk, flat: what verdicts are computed from. Its two parts are
/// shared by all classes of pods that the same policies select.
struct RuleSet: Sendable {
    let egress: FlatRules
    let ingress: FlatRules

    static let empty = RuleSet(egress: FlatRules(), ingress: FlatRules())

    var hasNearEnds: Bool { egress.hasNearEnds || ingress.hasNearEnds }

    subscript(direction: Direction) -> FlatRules { direction == .egress ? egress : ingress }
}

/// One direction of a rule set: arrays of plain numbers that refer to each other by index. An object, because a verdict
/// must not count references to a dozen arrays.
final class FlatRules: Sendable {
    /// A tier with the rules of its policies, already in the order of the walk.
    struct Part {
        var tier: PolicyTier
        var isolates: Bool
        /// Likewise, of policies that have a say about the own node.
        var isolatesOwnNode: Bool
        var rules: [NormalRule]
    }

    struct Tier: Sendable {
        var name: String
        var bounds: Bounds
    }

    /// The numbers of a tier.
    struct Bounds: Sendable {
        /// Its rules.
        var start: Int32 = 0
        var end: Int32 = 0
        var isolates = false
        var isolatesOwnNode = false
        /// What the tier says to a flow of an isolated subject that no rule matched.
        var denies = false
        var allows = false
    }

    /// A rule begins with what rejects most flows, in the rule itself: a verdict waits for memory more than for
    /// arithmetic, and every table it does not open is a wait saved.
    struct Rule: Sendable {
        var action: RuleAction
        var exemptsOwnNode: Bool
        var hasNearEnd: Bool
        /// Nothing about the traffic is left to ask once `gate` has let it through.
        var isGateExact: Bool
        var gate: TrafficGate
        /// Kinds of ends that any clause of `peers` takes.
        var peerKinds: UInt8
        /// What is left to ask of an end of these kinds: -2 nothing, -1 the clauses of `peers`, otherwise only whether
        /// its class is a member of this selector.
        var peerSelector: Int32
        var peers: FlatTables.Span
        var nearEnd: FlatTables.Span
        var traffic: FlatTables.Span

        static let nothingMore: Int32 = -2
        static let clauses: Int32 = -1
    }

    let tiers: [Tier]
    /// Of `tiers`, apart: nearly every rule set has one tier, and then its numbers are here, without a list.
    let firstTier: Bounds
    let tierCount: Int
    let rules: [Rule]
    let references: [RuleReference]
    let tables: FlatTables
    /// Whether any policy here has a say about the own node.
    let concernsOwnNode: Bool
    /// The same rules before flattening, for the compiler.
    let normal: [NormalRule]
    /// Whether a rule asks for the container ports of the destination itself.
    let asksForSubjectPorts: Bool
    let hasNearEnds: Bool

    init(_ parts: [Part] = [], concernsOwnNode: Bool = false) {
        var tiers: [Tier] = []
        var rules: [Rule] = []
        var tables = FlatTables()
        for part in parts {
            let first = Int32(rules.count)
            for rule in part.rules {
                let gate = TrafficGate(rule.traffic)
                rules.append(
                    Rule(
                        action: rule.action, exemptsOwnNode: rule.exemptsOwnNode, hasNearEnd: rule.nearEnd != nil,
                        isGateExact: gate.isExact(for: rule.traffic), gate: gate,
                        peerKinds: (rule.peers ?? []).reduce(rule.peers == nil ? 0xFF : 0) { $0 | $1.kinds.rawValue },
                        peerSelector: Self.selector(of: rule.peers), peers: tables.span(rule.peers),
                        nearEnd: tables.span(rule.nearEnd), traffic: tables.span(rule.traffic)))
            }
            let action = part.tier.defaultAction
            tiers.append(
                Tier(
                    name: part.tier.name,
                    bounds: Bounds(
                        start: first, end: Int32(rules.count), isolates: part.isolates,
                        isolatesOwnNode: part.isolatesOwnNode, denies: action == .deny, allows: action == .allow)))
        }
        firstTier = tiers.first?.bounds ?? Bounds()
        tierCount = tiers.count
        normal = parts.flatMap(\.rules)
        references = normal.map(\.reference)
        hasNearEnds = normal.contains { $0.nearEnd != nil }
        asksForSubjectPorts = normal.contains { rule in
            (rule.traffic ?? []).contains { $0.names.contains { $0.resolution == .destinationPod } }
        }
        self.tiers = tiers
        self.rules = rules
        self.tables = tables
        self.concernsOwnNode = concernsOwnNode
    }

    private static func selector(of peers: [EndClause]?) -> Int32 {
        guard let peers else { return Rule.nothingMore }
        guard peers.count == 1, peers[0].literals.count <= 1 else { return Rule.clauses }
        guard let only = peers[0].literals.first else { return Rule.nothingMore }
        if case .selector(let id) = only.subject, !only.isNegated { return id }
        return Rule.clauses
    }
}

/// What a glance at a flow can tell: protocols and the span of ports of a rule's traffic. Never closed to a flow that
/// the rule matches.
struct TrafficGate: Sendable {
    /// Of ``bit(of:)``.
    var protocols: UInt8 = 0
    /// From the lowest to the highest port, with what lies between; looked at for protocols with ports.
    var first: UInt16 = .max
    var last: UInt16 = 0

    private static let known: [TransportProtocol] = [.tcp, .udp, .sctp, .udpLite, .icmp, .icmpv6]
    private static let others = ProtocolSet(known).complement

    /// One bit for each protocol that rules name, one for all others together.
    static func bit(of number: UInt8) -> UInt8 {
        switch number {
        case TransportProtocol.tcp.number: 1
        case TransportProtocol.udp.number: 2
        case TransportProtocol.sctp.number: 4
        case TransportProtocol.udpLite.number: 8
        case TransportProtocol.icmp.number: 16
        case TransportProtocol.icmpv6.number: 32
        default: 64
        }
    }

    init(_ traffic: [TrafficClause]?) {
        for clause in traffic ?? [TrafficClause()] {
            for one in Self.known where clause.protocols.contains(one.number) { protocols |= Self.bit(of: one.number) }
            if !clause.protocols.intersection(Self.others).isEmpty { protocols |= 64 }
            first = min(first, clause.ports.ranges.first?.first ?? .max)
            last = max(last, clause.ports.ranges.last?.last ?? 0)
        }
    }

    /// Whether what passes the gate matches the traffic, so that the clauses need not be asked.
    func isExact(for traffic: [TrafficClause]?) -> Bool {
        guard let traffic else { return true }
        guard traffic.count == 1, let only = traffic.first else { return false }
        let others = only.protocols.intersection(Self.others)
        return only.isIPv4 && only.isIPv6 && only.names.isEmpty && only.icmp.isAll && only.sourcePorts.isAll
            && only.ports.ranges.count == 1 && (others.isEmpty || others == Self.others)
    }

    @inline(__always)
    func admits(_ facts: TrafficFacts) -> Bool {
        protocols & facts.bit != 0 && (!facts.hasPorts || (first <= facts.port && facts.port <= last))
    }
}

/// The lists that rules point into.
struct FlatTables: Sendable {
    /// A range of the list it is about, or `isAny` for no constraint.
    struct Span: Sendable {
        var start: Int32
        var end: Int32
        static let any = Span(start: -1, end: -1)
        var isAny: Bool { start < 0 }
    }

    struct Clause: Sendable {
        var kinds: UInt8
        var start: Int32
        var end: Int32
    }

    struct Literal: Sendable {
        var id: Int32
        var isAtom: Bool
        var isNegated: Bool
    }

    struct Traffic: Sendable {
        var protocols: ProtocolSet
        var isIPv4: Bool
        var isIPv6: Bool
        var ports: Span
        var icmp: Span
        var icmpContainsUnknown: Bool
        var sourcePorts: Span
        var sourceContainsUnknown: Bool
        var names: Span
    }

    private(set) var clauses: [Clause] = []
    private(set) var literals: [Literal] = []
    private(set) var traffic: [Traffic] = []
    private(set) var ranges: [PortRange] = []
    private(set) var names: [TrafficClause.Name] = []

    mutating func span(_ clauses: [EndClause]?) -> Span {
        guard let clauses else { return .any }
        let start = Int32(self.clauses.count)
        for clause in clauses {
            let first = Int32(literals.count)
            for literal in clause.literals {
                switch literal.subject {
                case .selector(let id): literals.append(Literal(id: id, isAtom: false, isNegated: literal.isNegated))
                case .atom(let id): literals.append(Literal(id: id, isAtom: true, isNegated: literal.isNegated))
                }
            }
            self.clauses.append(Clause(kinds: clause.kinds.rawValue, start: first, end: Int32(literals.count)))
        }
        return Span(start: start, end: Int32(self.clauses.count))
    }

    private mutating func span(_ numbers: NumberSet) -> Span {
        if numbers.ranges == [.all] { return .any }
        let start = Int32(ranges.count)
        ranges += numbers.ranges
        return Span(start: start, end: Int32(ranges.count))
    }

    mutating func span(_ clauses: [TrafficClause]?) -> Span {
        guard let clauses else { return .any }
        let start = Int32(traffic.count)
        for clause in clauses {
            let firstName = Int32(names.count)
            names += clause.names
            traffic.append(
                Traffic(
                    protocols: clause.protocols, isIPv4: clause.isIPv4, isIPv6: clause.isIPv6,
                    ports: span(clause.ports), icmp: span(clause.icmp),
                    icmpContainsUnknown: clause.icmp.containsUnknown, sourcePorts: span(clause.sourcePorts),
                    sourceContainsUnknown: clause.sourcePorts.containsUnknown,
                    names: Span(start: firstName, end: Int32(names.count))))
        }
        return Span(start: start, end: Int32(traffic.count))
    }
}
