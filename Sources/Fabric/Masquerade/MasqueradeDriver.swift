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
    /// Why connections between pods are tracked; nil while they are not.
    public private(set) var trackingReason: String?
    private var connections: Conntrack.Socket

    private static let attempts = 64

    /// Works in the calling thread's network namespace.
    public init() throws(NetlinkError) {
        self.init(try NFTables.Socket(), try Conntrack.Socket())
    }

    public init(in namespace: borrowing NetworkNamespace) throws(NetlinkError) {
        self.init(
            try NFTables.Socket(in: namespace.descriptor), try Conntrack.Socket(in: namespace.descriptor))
    }

    private init(_ socket: consuming NFTables.Socket, _ connections: consuming Conntrack.Socket) {
        self.socket = socket
        self.connections = connections
    }

    /// Makes the table what it should be; a second call commits nothing.
    ///
    /// - Parameter users: what outside of nf_tables needs the connections of pods (``ConnectionUsers/others``).
    public mutating func converge(to desired: Masquerade, users: [String] = []) throws(NetlinkError) {
        notes = []
        try repeatedly { driver throws(NetlinkError) in
            let generation = try driver.socket.generation()
            var transaction = NFTables.Transaction(generation: generation)
            let opens = desired.opensForwarding ? try driver.isForwardingDropped() : false
            driver.trackingReason = try driver.reasonToTrack(desired, users)
            try driver.planTable(desired, opens: opens, &transaction)
            if desired.opensForwarding {
                try driver.planOpenings(&transaction)
            } else {
                try driver.planClosings(&transaction)
            }
            return transaction
        }
    }

    /// Looked at behind the generation that the transaction is bound to: a chain that comes after is seen by the next.
    private mutating func reasonToTrack(_ desired: Masquerade, _ users: [String]) throws(NetlinkError) -> String? {
        if desired.tracksPods { return "the configuration says so" }
        var found = ConnectionUsers(chains: try ConnectionUsers.foreignChains(&socket), others: users)
        if let reason = found.reason { return reason }
        let rules = try socket.rules(in: Masquerade.table, chain: "arriving")
        if rules.contains(where: { $0.rule.comment == Masquerade.untrackedComment }) { return nil }
        found.translated = try translatedConnections(desired)
        return found.reason
    }

    /// Asked only by who is about to stop tracking: the kernel goes through its whole table.
    private mutating func translatedConnections(_ desired: Masquerade) throws(NetlinkError) -> Int {
        var published: Set<IPAddress> = []
        for family in IPFamily.allCases {
            for element in try socket.elements(of: NFTables.Plugins.trackedPods(family)) ?? [] {
                if let address = IPAddress(bytes: element.key.bytes) { published.insert(address) }
            }
        }
        let pods = Array(desired.podRanges)
        do throws(NetlinkError) {
            return try connections.flows().count {
                ConnectionUsers.isTranslated($0, pods: pods, published: published)
            }
        } catch  where [.EINVAL, .EOPNOTSUPP].contains(error.errno) {
            // A kernel that does not show its connections: whoever translated had its chains here, which are gone.
            return 0
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
        let chains = desired.chains(opens: opens, tracks: trackingReason != nil)
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
                if !isOtherMode(found, wanted) {
                    notes.append(
                        "rules of table \(Masquerade.table), chain \(wanted.chain.name), were altered and are put back")
                }
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

    /// Whether rules differ in nothing but in whether pods' connections are tracked.
    private func isOtherMode(_ found: [NFTables.ListedRule], _ wanted: Masquerade.Chain) -> Bool {
        let before = found.map(\.rule).filter { $0.comment != Masquerade.untrackedComment }
        let after = wanted.rules.filter { $0.comment != Masquerade.untrackedComment }
        return found.count != wanted.rules.count && before.count == after.count
            && zip(before, after).allSatisfy { $0.isSame(as: $1) }
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
