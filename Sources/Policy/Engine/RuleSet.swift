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

/// One direction of a rule set: arrays of plain numbers that refer to each other by index.
struct FlatRules: Sendable {
    struct Tier: Sendable {
        var name: String
        var rules: Range<Int>
        var isolates: Bool
        /// Likewise, of policies that have a say about the own node.
        var isolatesOwnNode: Bool
        var defaultAction: RuleAction
    }

    /// A range of the list it is about, or `isAny` for no constraint.
    struct Span: Sendable {
        var start: Int32
        var end: Int32
        static let any = Span(start: -1, end: -1)
        var isAny: Bool { start < 0 }
    }

    struct Rule: Sendable {
        var action: RuleAction
        var exemptsOwnNode: Bool
        var hasNearEnd: Bool
        var peers: Span
        var nearEnd: Span
        var traffic: Span
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

    var tiers: [Tier] = []
    var rules: [Rule] = []
    var references: [RuleReference] = []
    var clauses: [Clause] = []
    var literals: [Literal] = []
    var traffic: [Traffic] = []
    var ranges: [PortRange] = []
    var names: [TrafficClause.Name] = []
    /// Whether any policy here has a say about the own node.
    var concernsOwnNode = false
    /// The same rules before flattening, for the compiler.
    var normal: [NormalRule] = []
    /// Whether a rule asks for the container ports of the destination itself.
    var asksForSubjectPorts = false
    var hasNearEnds = false

    private mutating func span(_ clauses: [EndClause]?) -> Span {
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

    private mutating func span(_ clauses: [TrafficClause]?) -> Span {
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

    /// Adds a tier whose rules are already in the order of the walk.
    mutating func append(_ tier: PolicyTier, isolates: Bool, isolatesOwnNode: Bool, rules: [NormalRule]) {
        let first = self.rules.count
        for rule in rules {
            self.rules.append(
                Rule(
                    action: rule.action, exemptsOwnNode: rule.exemptsOwnNode, hasNearEnd: rule.nearEnd != nil,
                    peers: span(rule.peers), nearEnd: span(rule.nearEnd), traffic: span(rule.traffic)))
            references.append(rule.reference)
            if rule.nearEnd != nil { hasNearEnds = true }
            if (rule.traffic ?? []).contains(where: { $0.names.contains { $0.resolution == .destinationPod } }) {
                asksForSubjectPorts = true
            }
        }
        normal += rules
        tiers.append(
            Tier(
                name: tier.name, rules: first..<self.rules.count, isolates: isolates,
                isolatesOwnNode: isolatesOwnNode, defaultAction: tier.defaultAction))
    }
}
