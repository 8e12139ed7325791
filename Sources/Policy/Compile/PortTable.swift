import Addressing

/// What happens to traffic of one peer in one tier: disjoint ranges, each with the rule that decides.
public struct PortTable: Hashable, Sendable {
    /// One cell. Cells of one protocol do not overlap, so that a datapath may keep them as prefixes of the port.
    public struct Entry: Hashable, Sendable {
        /// Nil: both.
        public var family: IPFamily?
        /// Nil: every protocol that has no entries of its own in this table.
        public var transport: TransportProtocol?
        /// Of TCP, UDP and SCTP the destination port; of ICMP type * 256 + code; otherwise everything.
        public var numbers: PortRange
        public var sourcePorts: PortRange
        public var action: EntryAction
        /// Where the rule stands in its tier, from 0: of several entries that match (by identity, by address), the
        /// lowest counts. -1 with the action ``EntryAction/nothing``.
        public var precedence: Int32
        public var rule: RuleReference?
    }

    public var entries: [Entry]

    static let empty = PortTable(entries: [])
}

public enum EntryAction: UInt8, Hashable, Sendable {
    case nothing, allow, deny, pass

    init(_ action: RuleAction) {
        self =
            switch action {
            case .allow: .allow
            case .deny: .deny
            case .pass, .log: .pass
            }
    }
}

/// A rule in the form tables are made from: names of ports are numbers by now.
struct TableRule: Hashable, Sendable {
    var place: Int32
    var traffic: [TrafficClause]?
}

extension PortTable {
    /// Decides every cell by the first rule that matches it. The borders of the cells are those of the rules' ranges,
    /// so that a rule holds for all of a cell or for nothing of it.
    init(_ rules: [TableRule], _ tier: [NormalRule]) {
        entries = []
        let clauses = rules.flatMap { $0.traffic ?? [] }
        let splitsFamilies = clauses.contains { $0.isIPv4 != $0.isIPv6 }
        var mentioned: Set<UInt8> = []
        for set in Set(clauses.map(\.protocols)) where set != .all { mentioned.formUnion(set.mentioned) }
        for family in splitsFamilies ? [IPFamily.v4, .v6] : [nil] {
            let others = cells(of: nil, family, rules, tier)
            for number in mentioned.sorted() {
                let own = cells(of: TransportProtocol(number: number), family, rules, tier)
                // Without entries of its own the protocol would fall to the others.
                entries +=
                    own.isEmpty && !others.isEmpty
                    ? [
                        Entry(
                            family: family, transport: TransportProtocol(number: number), numbers: .all,
                            sourcePorts: .all,
                            action: .nothing, precedence: -1, rule: nil)
                    ] : own
            }
            entries += others
        }
    }

    private func cells(
        of transport: TransportProtocol?, _ family: IPFamily?, _ rules: [TableRule], _ tier: [NormalRule]
    ) -> [Entry] {
        let hasPorts = transport?.hasPorts ?? false
        let isICMP = transport?.isICMP ?? false
        // Only what can match this protocol and family at all.
        let candidates = rules.compactMap { rule -> (place: Int32, clauses: [TrafficClause]?)? in
            guard let traffic = rule.traffic else { return (rule.place, nil) }
            let fitting = traffic.filter { clause in
                (family == nil || (family == .v4 ? clause.isIPv4 : clause.isIPv6))
                    && (transport.map { clause.protocols.contains($0.number) } ?? clause.protocols.containsOthers)
            }
            return fitting.isEmpty ? nil : (rule.place, fitting)
        }
        if candidates.isEmpty { return [] }
        func numbers(_ clause: TrafficClause) -> NumberSet {
            hasPorts ? clause.ports : isICMP ? clause.icmp : .all
        }
        func starts(_ ranges: [PortRange]) -> [Int] {
            var borders: Set<Int> = [0]
            for range in ranges {
                borders.insert(Int(range.first))
                borders.insert(Int(range.last) + 1)
            }
            return borders.filter { $0 <= 0xFFFF }.sorted()
        }
        let all = candidates.flatMap { $0.clauses ?? [] }
        let numberStarts = starts(all.flatMap { numbers($0).ranges })
        let sourceStarts = starts(hasPorts ? all.flatMap(\.sourcePorts.ranges) : [])
        var result: [Entry] = []
        for (index, source) in sourceStarts.enumerated() {
            let sources = PortRange(
                unchecked: UInt16(source), UInt16(index + 1 < sourceStarts.count ? sourceStarts[index + 1] - 1 : 0xFFFF)
            )
            for (index, start) in numberStarts.enumerated() {
                let last = index + 1 < numberStarts.count ? numberStarts[index + 1] - 1 : 0xFFFF
                let range = PortRange(unchecked: UInt16(start), UInt16(last))
                let first = candidates.first { candidate in
                    candidate.clauses.map { clauses in
                        clauses.contains {
                            numbers($0).contains(range.first)
                                && (!hasPorts || $0.sourcePorts.contains(sources.first))
                        }
                    } ?? true
                }
                guard let first else { continue }
                if let previous = result.last, previous.precedence == first.place, previous.sourcePorts == sources,
                    Int(previous.numbers.last) + 1 == start
                {
                    result[result.count - 1].numbers = PortRange(unchecked: previous.numbers.first, range.last)
                    continue
                }
                let rule = tier[Int(first.place)]
                result.append(
                    Entry(
                        family: family, transport: transport, numbers: range, sourcePorts: sources,
                        action: EntryAction(rule.action), precedence: first.place, rule: rule.reference))
            }
        }
        return result
    }

    /// The entry that holds for a flow; nil when none does.
    func entry(for facts: TrafficFacts) -> Entry? {
        let family: IPFamily = facts.isIPv4 ? .v4 : .v6
        let number = facts.hasPorts ? facts.port : facts.isICMP ? facts.icmp ?? 0 : 0
        var hasOwn = false
        for entry in entries where entry.family == nil || entry.family == family {
            if let transport = entry.transport {
                guard transport.number == facts.transport else { continue }
                hasOwn = true
            } else if hasOwn {
                return nil
            }
            guard entry.numbers.contains(number) else { continue }
            if facts.hasPorts, entry.sourcePorts != .all {
                guard let source = facts.sourcePort, entry.sourcePorts.contains(source) else { continue }
            }
            return entry.action == .nothing ? nil : entry
        }
        return nil
    }
}

extension ProtocolSet {
    /// The protocols that make the set differ from all or from none.
    var mentioned: [UInt8] {
        let small = containsOthers ? complement : self
        return (0...255).filter { small.contains($0) }
    }

    /// Whether protocols that no rule mentions are in it. A set is written as a few protocols or as all but a few.
    var containsOthers: Bool { low.nonzeroBitCount + high.nonzeroBitCount > 128 }
}
