import Addressing
import LinuxHost
import Netlink
import SystemCalls

/// Brings the tables `poplin` to what a ``Masquerade`` says, and looks at what is there.
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

    /// Makes the tables what they should be; a second call commits nothing.
    ///
    /// - Parameter users: what outside of nf_tables needs the connections of pods (``ConnectionUsers/others``).
    public mutating func converge(to desired: Masquerade, users: [String] = []) throws(NetlinkError) {
        notes = []
        try repeatedly { driver throws(NetlinkError) in
            let generation = try driver.socket.generation()
            var transaction = NFTables.Transaction(generation: generation)
            let opens = desired.opensForwarding ? try driver.isForwardingDropped() : false
            driver.trackingReason = try driver.reasonToTrack(desired, users)
            let tables = Set(try driver.socket.tables())
            for wanted in desired.contents(opens: opens, tracks: driver.trackingReason != nil) {
                try driver.plan(wanted, isThere: tables.contains(wanted.table), &transaction)
            }
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
        for family in IPFamily.allCases {
            let rules = try socket.rules(in: Masquerade.untrackingTable(family), chain: "arriving")
            if rules.contains(where: { $0.rule.comment == Masquerade.untrackedComment }) { return nil }
        }
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

    /// Takes the tables and every rule in chains of others away.
    public mutating func removeAll() throws(NetlinkError) {
        try repeatedly { driver throws(NetlinkError) in
            let generation = try driver.socket.generation()
            var transaction = NFTables.Transaction(generation: generation)
            let tables = Set(try driver.socket.tables())
            for table in Masquerade.tables where tables.contains(table) { transaction.delete(table) }
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

    // MARK: Our tables

    private mutating func plan(
        _ wanted: Masquerade.Contents, isThere: Bool, _ transaction: inout NFTables.Transaction
    ) throws(NetlinkError) {
        let table = wanted.table
        guard !wanted.chains.isEmpty else {
            if isThere { transaction.delete(table) }
            return
        }
        let sets = Set(isThere ? try socket.sets(in: table) : [])
        let there = isThere ? try socket.chains(table.family).map(\.chain).filter { $0.table == table } : []
        let listed = isThere ? try socket.rules(in: table) : []
        var isAnnounced = false
        func announce(_ transaction: inout NFTables.Transaction) {
            if !isAnnounced { transaction.add(table) }
            isAnnounced = true
        }
        for (set, _) in wanted.sets where !sets.contains(set.name) {
            announce(&transaction)
            transaction.add(set)
        }
        for chain in wanted.chains {
            let found = listed.filter { $0.rule.chain == chain.chain.name }
            let exists = there.contains { $0.name == chain.chain.name }
            let isSame =
                there.contains(chain.chain) && found.count == chain.rules.count
                && zip(found, chain.rules).allSatisfy { $0.rule.isSame(as: $1) }
            if isSame { continue }
            announce(&transaction)
            if exists {
                if !isOtherMode(found, chain) {
                    notes.append("rules of table \(table), chain \(chain.chain.name), were altered and are put back")
                }
                if there.contains(chain.chain) {
                    transaction.flush(chain.chain)
                } else {
                    // A base chain's hook and priority cannot be changed.
                    transaction.delete(NFTables.Chain(table, chain.chain.name))
                }
            }
            transaction.add(chain.chain)
            for rule in chain.rules { transaction.append(rule) }
        }
        let names = Set(wanted.chains.map(\.chain.name))
        for chain in there where Self.ourChains.contains(chain.name) && !names.contains(chain.name) {
            transaction.delete(NFTables.Chain(table, chain.name))
        }
        for (set, elements) in wanted.sets {
            try planMembers(set, elements, isNew: !sets.contains(set.name), &transaction)
        }
        for set in IPFamily.allCases.map({ Masquerade.rangeSet("pods", $0, in: table) })
        where sets.contains(set.name) && !wanted.sets.contains(where: { $0.set.name == set.name }) {
            transaction.delete(set)
        }
    }

    /// Whether rules differ in nothing but those that keep pods' connections from being tracked, which come, go and change
    /// with who needs them and with pods' ranges.
    private func isOtherMode(_ found: [NFTables.ListedRule], _ wanted: Masquerade.Chain) -> Bool {
        let before = found.map(\.rule).filter { $0.comment != Masquerade.untrackedComment }
        let after = wanted.rules.filter { $0.comment != Masquerade.untrackedComment }
        return before.count == after.count && zip(before, after).allSatisfy { $0.isSame(as: $1) }
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
