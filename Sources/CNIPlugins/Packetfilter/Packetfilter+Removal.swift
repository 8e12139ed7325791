import CNI
import Netlink
import SystemCalls

extension Packetfilter.Session {
    /// What is to go: a selection of elements, by key where the keys are known, otherwise by looking at all.
    enum Selection {
        /// These keys, where they carry the owner's comment.
        case keys([(set: NFTables.Set, key: NFTables.Key)], of: Packetfilter.Owner)
        /// Everything of these owners in these sets; costs a listing.
        case all(of: [Packetfilter.Owner], in: [NFTables.Set])
        /// Everything of a network in these sets whose attachment is not valid any more; costs a listing.
        case stale(network: String, valid: [CNIAttachment], in: [NFTables.Set])
    }

    /// Removes elements, and with the last element of a network its chain, and with the last chain the table, all in
    /// one transaction: there is no moment at which being killed leaves something behind. Removing what is not there
    /// is done already.
    ///
    /// - Parameters:
    ///   - companions: sets with elements that stand for a network as a whole: their comment is the name of the
    ///     network's chain, with which they go.
    ///   - farewell: called when networks lose their last element, to add to the transaction what goes then.
    /// - Returns: the elements that were removed.
    @discardableResult
    mutating func remove(
        _ selection: Selection, companions: [NFTables.Set] = [], table: NFTables.Table,
        farewell: Farewell? = nil
    ) throws(CNIError) -> [Packetfilter.Entry] {
        for _ in 0..<Packetfilter.attempts {
            do throws(NetlinkError) {
                guard let generation = try generationIfAny() else { return [] }
                let entries = try find(selection)
                if entries.isEmpty { return [] }
                var transaction = NFTables.Transaction(generation: generation)
                let emptied = try emptied(by: entries, in: table)
                var all: [NFTables.Chain] = []
                if !emptied.isEmpty {
                    all = try socket.chains().map(\.chain).filter { $0.table != table || !emptied.contains($0.name) }
                }
                if !emptied.isEmpty
                    && !all.contains(where: { $0.table == table && Packetfilter.isNetworkChain($0.name) })
                {
                    transaction.delete(table)
                } else {
                    for entry in entries { transaction.delete([entry.element], from: entry.set) }
                    if !emptied.isEmpty {
                        for entry in try list(companions, where: { emptied.contains($0) }) {
                            transaction.delete([entry.element], from: entry.set)
                        }
                    }
                    for chain in emptied { transaction.delete(NFTables.Chain(table, chain)) }
                }
                if !emptied.isEmpty, let farewell { try farewell(all, &transaction, &socket) }
                do throws(NFTables.TransactionError) {
                    try socket.commit(transaction)
                    return entries
                } catch {
                    if !Self.isPassing(error) { throw error.error }
                }
            } catch  where error.errno == .ENOBUFS {
                try startAnew()
            } catch {
                throw CNIError(netfilter: error)
            }
        }
        throw Self.tooBusy
    }

    /// Nil when the kernel has no nf_tables: then nothing was ever put there, and DEL has nothing to do.
    private mutating func generationIfAny() throws(NetlinkError) -> UInt32? {
        do throws(NetlinkError) {
            return try socket.generation()
        } catch  where error.errno == .EINVAL || error.errno == .EOPNOTSUPP {
            // nfnetlink's answers for a subsystem, or a message of it, that is not there
            return nil
        }
    }

    /// Adds to a transaction what goes with the last element of a network. It is given every chain of every table
    /// that will be left.
    typealias Farewell = (
        _ remaining: [NFTables.Chain], _ transaction: inout NFTables.Transaction, _ socket: inout NFTables.Socket
    ) throws(NetlinkError) -> Void

    /// Failures that say that somebody else was faster.
    static func isPassing(_ failure: NFTables.TransactionError) -> Bool {
        if failure.isOutdated { return true }
        switch failure.errno {
        case .ENOENT, .EBUSY, .EINTR, .EAGAIN: return true
        default: return false
        }
    }

    private mutating func find(_ selection: Selection) throws(NetlinkError) -> [Packetfilter.Entry] {
        switch selection {
        case .keys(let keys, let owner):
            let comment = owner.comment
            let found = try socket.elements(keys)
            return zip(keys, found).compactMap { wanted, element in
                guard let element, element.comment == comment else { return nil }
                return Packetfilter.Entry(set: wanted.set, element: element)
            }
        case .all(let owners, let sets):
            let comments = Set(owners.map(\.comment))
            return try list(sets) { comments.contains($0) }
        case .stale(let network, let valid, let sets):
            let keep = Set(valid.map { Packetfilter.Owner(network: network, attachment: $0).comment })
            return try list(sets) { Packetfilter.Owner.isOf(network: network, $0) && !keep.contains($0) }
        }
    }

    private mutating func list(
        _ sets: [NFTables.Set], where isWanted: (String) -> Bool
    ) throws(NetlinkError) -> [Packetfilter.Entry] {
        var entries: [Packetfilter.Entry] = []
        for set in sets {
            for element in try socket.elements(of: set) ?? [] {
                if let comment = element.comment, isWanted(comment) {
                    entries.append(Packetfilter.Entry(set: set, element: element))
                }
            }
        }
        return entries
    }

    /// The chains of networks that nothing leads to once these elements are gone.
    private mutating func emptied(
        by entries: [Packetfilter.Entry], in table: NFTables.Table
    ) throws(NetlinkError) -> [String] {
        var leaving: [String: UInt32] = [:]
        for entry in entries {
            guard case .verdict(let verdict)? = entry.element.value else { continue }
            switch verdict {
            case .goto(let chain), .jump(let chain): leaving[chain, default: 0] += 1
            default: break
            }
        }
        let names = leaving.keys.filter { Packetfilter.isNetworkChain($0) }.sorted()
        var emptied: [String] = []
        for chain in try socket.chains(names, in: table) {
            guard let chain, let going = leaving[chain.chain.name] else { continue }
            let staying = chain.uses &- going
            // The rest are the chain's own rules and what else leads to it; only when it can be rules alone are
            // they worth counting.
            if staying > Self.mostRulesOfAChain { continue }
            let rules = try socket.rules(in: table, chain: chain.chain.name)
            if rules.count >= Int(staying) { emptied.append(chain.chain.name) }
        }
        return emptied
    }

    private static let mostRulesOfAChain: UInt32 = 64
}
