import Addressing
import LinuxHost
import Netlink
import SystemCalls

/// Brings `inet poplin` to what a ``Masquerade`` says, and looks at what is there.
public struct MasqueradeDriver: ~Copyable {
    var socket: NFTables.Socket
    /// Transactions committed so far.
    public private(set) var transactions = 0
    /// What was found altered and written again, and which chains of others were opened.
    public internal(set) var notes: [String] = []

    private static let attempts = 64

    /// Works in the calling thread's network namespace.
    public init() throws(NetlinkError) { socket = try NFTables.Socket() }

    public init(in namespace: borrowing NetworkNamespace) throws(NetlinkError) {
        socket = try NFTables.Socket(in: namespace.descriptor)
    }

    /// Makes the table what it should be; a second call commits nothing.
    public mutating func converge(to desired: Masquerade) throws(NetlinkError) {
        notes = []
        try repeatedly { driver throws(NetlinkError) in
            let generation = try driver.socket.generation()
            var transaction = NFTables.Transaction(generation: generation)
            let opens = desired.opensForwarding ? try driver.isForwardingDropped() : false
            try driver.planTable(desired, opens: opens, &transaction)
            if desired.opensForwarding {
                try driver.planOpenings(&transaction)
            } else {
                try driver.planClosings(&transaction)
            }
            return transaction
        }
    }

    /// Takes the table and every rule in chains of others away.
    public mutating func removeAll() throws(NetlinkError) {
        try repeatedly { driver throws(NetlinkError) in
            let generation = try driver.socket.generation()
            var transaction = NFTables.Transaction(generation: generation)
            if try driver.socket.tables(.inet).contains(Masquerade.table) { transaction.delete(Masquerade.table) }
            try driver.planClosings(&transaction)
            return transaction
        }
    }

    /// Plans and commits, again when somebody else changed the rules in between.
    private mutating func repeatedly(
        _ plan: (inout MasqueradeDriver) throws(NetlinkError) -> NFTables.Transaction
    ) throws(NetlinkError) {
        var last = NetlinkError(request: "NFNL_MSG_BATCH_BEGIN", errno: .EBUSY)
        for _ in 0..<Self.attempts {
            let transaction = try plan(&self)
            if transaction.isEmpty { return }
            do throws(NFTables.TransactionError) {
                try socket.commit(transaction)
                transactions += 1
                return
            } catch {
                last = error.error
                guard error.isOutdated || [.ENOENT, .EBUSY, .EINTR, .EAGAIN].contains(error.errno) else { throw last }
            }
        }
        throw last
    }

    // MARK: Our table

    private mutating func planTable(
        _ desired: Masquerade, opens: Bool, _ transaction: inout NFTables.Transaction
    ) throws(NetlinkError) {
        let chains = desired.chains(opens: opens)
        let names = Set(chains.map(\.chain.name))
        let sets = Set(try socket.sets(in: Masquerade.table))
        let there = try socket.chains(.inet).map(\.chain).filter { $0.table == Masquerade.table }
        if chains.isEmpty && sets.isEmpty && there.isEmpty { return }
        let listed = try socket.rules(in: Masquerade.table)
        var isAnnounced = false
        func announce(_ transaction: inout NFTables.Transaction) {
            if !isAnnounced { transaction.add(Masquerade.table) }
            isAnnounced = true
        }
        for (set, _) in desired.members where !sets.contains(set.name) {
            announce(&transaction)
            transaction.add(set)
        }
        for wanted in chains {
            let found = listed.filter { $0.rule.chain == wanted.chain.name }
            let exists = there.contains { $0.name == wanted.chain.name }
            let isSame =
                there.contains(wanted.chain) && found.count == wanted.rules.count
                && zip(found, wanted.rules).allSatisfy { $0.rule.isSame(as: $1) }
            if isSame { continue }
            announce(&transaction)
            if exists {
                notes.append(
                    "rules of table \(Masquerade.table), chain \(wanted.chain.name), were altered and are put back")
                if there.contains(wanted.chain) {
                    transaction.flush(wanted.chain)
                } else {
                    // A base chain's hook and priority cannot be changed.
                    transaction.delete(NFTables.Chain(Masquerade.table, wanted.chain.name))
                }
            }
            transaction.add(wanted.chain)
            for rule in wanted.rules { transaction.append(rule) }
        }
        for chain in there where Self.ourChains.contains(chain.name) && !names.contains(chain.name) {
            transaction.delete(NFTables.Chain(Masquerade.table, chain.name))
        }
        for (set, elements) in desired.members {
            try planMembers(set, elements, isNew: !sets.contains(set.name), &transaction)
        }
    }

    private static let ourChains: Set<String> = ["arriving", "sending", "leaving", "forwarding", "forwarded"]

    private mutating func planMembers(
        _ set: NFTables.Set, _ wanted: [NFTables.Element], isNew: Bool, _ transaction: inout NFTables.Transaction
    ) throws(NetlinkError) {
        let found = isNew ? [] : try socket.elements(of: set) ?? []
        var there: [NFTables.Key: String?] = [:]
        for element in found { there[element.key] = element.comment }
        let keep = Set(wanted.filter { there[$0.key] == .some($0.comment) }.map(\.key))
        let gone = found.filter { !keep.contains($0.key) }.map { Self.withEnd($0, in: set) }
        let new = wanted.filter { !keep.contains($0.key) }
        if !gone.isEmpty { transaction.delete(gone, from: set) }
        if !new.isEmpty { transaction.add(new, to: set) }
    }

    /// The kernel lists a range by its start; the comment has the end.
    private static func withEnd(_ element: NFTables.Element, in set: NFTables.Set) -> NFTables.Element {
        guard set.isInterval, let text = element.comment, text.hasPrefix("poplin: "),
            let range = IPRange(String(text.dropFirst(8)))
        else { return element }
        return NFTables.Element(
            element.key, end: range.last.advanced(by: 1).map { NFTables.Key(.address($0)) }, comment: element.comment)
    }
}
