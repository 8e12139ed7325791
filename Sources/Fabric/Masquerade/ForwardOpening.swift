import Netlink

/// The rule in forward chains of others that accepts packets our own chain has marked as pods'. It goes in front of
/// the end that drops, as late as it can, so that whatever the owner of the chain drops by a rule of its own is dropped
/// for pods too; and exactly it is taken away again.
enum ForwardOpening {
    static let comment = "poplin: pods"

    static func rule(_ chain: NFTables.Chain) -> NFTables.Rule {
        NFTables.Rule(
            chain,
            NFTables.Expression.markHas(Masquerade.mark) + [.counter(packets: 0, bytes: 0), .verdict(.accept)],
            comment: comment)
    }

    /// Base chains of others that see a forwarded packet while it carries the mark.
    static func concerns(_ chain: NFTables.Chain) -> Bool {
        guard let base = chain.base, base.hook == .forward, base.type == .filter else { return false }
        guard base.priority > NFTables.Priority.filter - 10, base.priority < NFTables.Priority.filter + 90 else {
            return false
        }
        // The plugins' own table drops nothing it has not been told to.
        return !ConnectionUsers.ownTables.contains(chain.table) && [.ip, .ip6, .inet].contains(chain.table.family)
    }
}

extension MasqueradeDriver {
    /// Whether any chain of somebody else has an end that drops.
    mutating func isForwardingDropped() throws(NetlinkError) -> Bool {
        for chain in try socket.chains().map(\.chain) where ForwardOpening.concerns(chain) {
            if chain.base?.policy == .drop { return true }
            for listed in try socket.rules(in: chain.table, chain: chain.name)
            where try socket.alwaysDrops(listed.rule) { return true }
        }
        return false
    }

    mutating func planOpenings(_ transaction: inout NFTables.Transaction) throws(NetlinkError) {
        for chain in try socket.chains().map(\.chain) where ForwardOpening.concerns(chain) {
            let rules = try socket.rules(in: chain.table, chain: chain.name)
            var end: Int?
            for (place, rule) in rules.enumerated() where try socket.alwaysDrops(rule.rule) {
                end = place
                break
            }
            let ours = rules.indices.filter { rules[$0].rule.comment == ForwardOpening.comment }
            let wanted = ForwardOpening.rule(chain)
            let isNeeded = end != nil || chain.base?.policy == .drop
            if isNeeded, ours.count == 1, let place = ours.first, rules[place].rule.isSame(as: wanted),
                end.map({ place < $0 }) ?? true
            {
                continue
            }
            for place in ours { transaction.delete(rules[place]) }
            guard isNeeded else { continue }
            if let end {
                transaction.insert(wanted, before: rules[end].handle)
            } else {
                transaction.append(wanted)
            }
            notes.append("chain \(chain.name) of table \(chain.table) drops: a rule that accepts pods is added")
        }
    }

    mutating func planClosings(_ transaction: inout NFTables.Transaction) throws(NetlinkError) {
        for chain in try socket.chains().map(\.chain) where chain.base?.hook == .forward {
            for rule in try socket.rules(in: chain.table, chain: chain.name)
            where rule.rule.comment == ForwardOpening.comment { transaction.delete(rule) }
        }
    }
}
