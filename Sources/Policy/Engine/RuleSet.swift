import Addressing

/// All rules that apply to an end in the order of the walk, flat: what verdicts are computed from. Shared by all
/// classes of pods that the same policies select.
final class RuleSet: Sendable {
    let egress: FlatRules
    let ingress: FlatRules

    init(egress: FlatRules, ingress: FlatRules) {
        self.egress = egress
        self.ingress = ingress
    }

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
        var rules: Range<Int>
        var isolates: Bool
        var isolatesOwnNode: Bool
        var defaultAction: RuleAction
    }

    struct Rule: Sendable {
        var action: RuleAction
        var exemptsOwnNode: Bool
        var hasNearEnd: Bool
        var peers: FlatTables.Span
        var nearEnd: FlatTables.Span
        var traffic: FlatTables.Span
    }

    let tiers: [Tier]
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
            let first = rules.count
            for rule in part.rules {
                rules.append(
                    Rule(
                        action: rule.action, exemptsOwnNode: rule.exemptsOwnNode, hasNearEnd: rule.nearEnd != nil,
                        peers: tables.span(rule.peers), nearEnd: tables.span(rule.nearEnd),
                        traffic: tables.span(rule.traffic)))
            }
            tiers.append(
                Tier(
                    name: part.tier.name, rules: first..<rules.count, isolates: part.isolates,
                    isolatesOwnNode: part.isolatesOwnNode, defaultAction: part.tier.defaultAction))
        }
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
