import CNI
import Netlink
import SystemCalls

/// The one exception to "only our own": accepting a packet in our table does not keep somebody else's base chain from
/// dropping it. Docker sets the policy of iptables' FORWARD to DROP, firewalld ends its chain with a reject, and so
/// do many hand-written rule sets.
///
/// Our own forward chain runs earlier and marks what pods may do (bit 12 of the packet mark, taken off again behind
/// everybody). Into each foreign chain that would drop at its end goes exactly one rule that accepts marked packets:
///
///     iptables:  -A FORWARD -m mark --mark 0x1000/0x1000 -m comment --comment "poplin_cni: pods" -j ACCEPT
///     nft:       meta mark & 0x00001000 == 0x00001000 counter accept comment "poplin_cni: pods"
///
/// It is made of expressions that iptables-nft prints, saves and deletes. It stands as late as it can, right before
/// the end that drops: whatever the owner of the chain drops by a rule of its own, such as in DOCKER-USER, is dropped
/// for pods too. The DEL of the last pod removes exactly it.
///
/// A chain counts as dropping when its policy is drop or when it comes to a drop or reject that has no condition, in
/// the chain or in one that it always goes to. Rules of the old iptables are looked at and named in a warning.
enum ForeignForwarding {
    /// The bit of the packet mark. Not used by kube-proxy (14, 15), portmap and netavark (13), Istio (0 to 11),
    /// AWS (7), Tailscale (16 to 23), Docker (none).
    static let mark: UInt32 = 0x1000
    /// Where our chain marks: before iptables' filter tables at 0.
    static let priority = NFTables.Priority.filter - 10
    /// Where the mark is taken off: behind iptables' security table (50) and firewalld (10).
    static let endPriority = NFTables.Priority.filter + 90
    static let comment = "poplin_cni: pods"

    private static func rule(_ chain: NFTables.Chain) -> NFTables.Rule {
        NFTables.Rule(
            chain,
            NFTables.Expression.markHas(mark) + [.counter(packets: 0, bytes: 0), .verdict(.accept)],
            comment: comment)
    }

    // MARK: Opening

    /// Adds the rule where it is needed and missing.
    static func open(in session: inout Packetfilter.Session) throws(CNIError) {
        for _ in 0..<Packetfilter.attempts {
            do throws(NetlinkError) {
                let generation = try session.socket.generation()
                var transaction = NFTables.Transaction(generation: generation)
                var changed: [NFTables.Chain] = []
                for chain in try chains(&session.socket)
                where try plan(chain, &transaction, &session.socket) { changed.append(chain) }
                if transaction.isEmpty { return }
                do throws(NFTables.TransactionError) {
                    try session.socket.commit(transaction)
                } catch {
                    if Packetfilter.Session.isPassing(error) { continue }
                    throw error.error
                }
                for chain in changed {
                    session.note("chain \(chain.name) of table \(chain.table) drops: a rule that accepts pods is added")
                }
                return
            } catch  where error.errno == .ENOBUFS {
                try session.startAnew()
            } catch {
                throw CNIError(netfilter: error)
            }
        }
        throw Packetfilter.Session.tooBusy
    }

    /// Base chains of others that see forwarded packets after our mark.
    private static func chains(_ socket: inout NFTables.Socket) throws(NetlinkError) -> [NFTables.Chain] {
        try socket.chains().map(\.chain).filter { chain in
            guard let base = chain.base, base.hook == .forward, base.type == .filter else { return false }
            guard base.priority > priority, base.priority < endPriority else { return false }
            return chain.table != Packetfilter.table && [.ip, .ip6, .inet].contains(chain.table.family)
        }
    }

    /// Adds to the transaction what a chain needs; answers whether it needs a rule it does not have.
    private static func plan(
        _ chain: NFTables.Chain, _ transaction: inout NFTables.Transaction, _ socket: inout NFTables.Socket
    ) throws(NetlinkError) -> Bool {
        let rules = try socket.rules(in: chain.table, chain: chain.name)
        var end: NFTables.ListedRule?
        for rule in rules where try socket.alwaysDrops(rule.rule) {
            end = rule
            break
        }
        let ours = rules.filter { $0.rule.comment == comment }
        if end == nil && chain.base?.policy != .drop { return false }
        let wanted = Self.rule(chain)
        if let first = ours.first, ours.count == 1, first.rule.isSame(as: wanted), isBefore(first, end, rules) {
            return false
        }
        for rule in ours { transaction.delete(rule) }
        if let end {
            transaction.insert(wanted, before: end.handle)
        } else {
            transaction.append(wanted)
        }
        return true
    }

    private static func isBefore(
        _ rule: NFTables.ListedRule, _ end: NFTables.ListedRule?, _ rules: [NFTables.ListedRule]
    ) -> Bool {
        guard let end else { return true }
        for entry in rules {
            if entry.handle == rule.handle { return true }
            if entry.handle == end.handle { return false }
        }
        return false
    }

    // MARK: Closing

    /// Adds the rule's removal, wherever it is, to the transaction that takes the last pod away.
    ///
    /// - Parameter chains: those that will be left.
    static func close(
        _ chains: [NFTables.Chain], _ transaction: inout NFTables.Transaction, _ socket: inout NFTables.Socket
    ) throws(NetlinkError) {
        for chain in chains where chain.base?.hook == .forward && chain.table != Packetfilter.table {
            for rule in try socket.rules(in: chain.table, chain: chain.name) where rule.rule.comment == comment {
                transaction.delete(rule)
            }
        }
    }

    // MARK: The old iptables

    /// A line for each version of the old iptables whose FORWARD chain drops. What it would take is printed, not done.
    static func legacyWarnings() -> [String] {
        LegacyTables.Version.allCases.compactMap { version in
            guard let drops = try? LegacyTables.forwardPolicyDrops(version), drops else { return nil }
            return "\(version.rawValue): FORWARD has policy DROP, which Poplin does not change; if pods are cut off: "
                + "\(version.rawValue) -I FORWARD -m mark --mark 0x1000/0x1000 -j ACCEPT"
        }
    }
}
