import CNI
import Netlink
import SystemCalls

extension Packetfilter {
    /// One plugin call's conversation with nf_tables in the calling thread's network namespace.
    public struct Session: ~Copyable {
        var socket: NFTables.Socket
        /// Lines for standard error: what was found missing and put back, what was in the way.
        public private(set) var notes: [String] = []

        public init() throws(CNIError) {
            do throws(NetlinkError) {
                socket = try NFTables.Socket()
            } catch {
                throw CNIError(netfilter: error)
            }
        }

        mutating func note(_ line: String) { notes.append(line) }

        /// After ENOBUFS: only the answer is lost, the kernel may well have done what was asked. The caller asks again,
        /// which changes nothing if so, on a socket that does not hold the rest of the old answers.
        mutating func startAnew() throws(CNIError) {
            let notes = notes
            self = try Self()
            self.notes = notes
        }

        // MARK: Putting

        /// What to do when a key is there already and is somebody else's.
        enum Conflict {
            /// Take it over, with a note: the key (a pod's address) can belong to one pod only, so what is there was
            /// left behind by a pod whose DEL never came.
            case replace
            /// Refuse: two pods may want the same key (a port of the host) and the first one has it. No error means
            /// that this one may be taken over after all.
            case refuse((NFTables.Element) -> CNIError?)
        }

        /// Puts a pod's elements in place, and first whatever of the skeleton is missing, all in one batch. Doing it
        /// again changes nothing.
        mutating func put(
            _ entries: [Entry], of owner: Owner, on skeleton: Skeleton, conflict: Conflict = .replace
        ) throws(CNIError) {
            // Elements that are in the way, by index of their entry.
            var obstacles: [Int: NFTables.Element] = [:]
            for _ in 0..<Packetfilter.attempts {
                let (deviations, generation) = try inspect(skeleton)
                var transaction = NFTables.Transaction(generation: generation)
                if !deviations.isEmpty { skeleton.write(to: &transaction, rewriting: deviations) }
                let firstStep = transaction.nextStep
                for (index, entry) in entries.enumerated() {
                    if let obstacle = obstacles[index] {
                        if obstacle == entry.element { continue }
                        transaction.delete([obstacle], from: entry.set)
                    }
                    transaction.add([entry.element], to: entry.set, exclusive: !entry.isShared)
                }
                if transaction.isEmpty { return }
                let failure: NFTables.TransactionError
                do throws(NFTables.TransactionError) {
                    try socket.commit(transaction)
                    return
                } catch {
                    failure = error
                }
                if failure.isOutdated { continue }
                switch failure.errno {
                case .EEXIST where failure.failures.allSatisfy({ $0.step >= firstStep }):
                    obstacles = try self.obstacles(entries, of: owner, conflict: conflict)
                case .ENOENT:
                    // The skeleton, or an obstacle, went away after we looked.
                    obstacles = obstacles.isEmpty ? [:] : try self.obstacles(entries, of: owner, conflict: conflict)
                case .EINTR, .EAGAIN, .EBUSY:
                    break
                case .ENOBUFS:
                    try startAnew()
                default:
                    throw CNIError(netfilter: failure.error)
                }
            }
            throw Self.tooBusy
        }

        /// What is missing of a skeleton, and when something is, the generation that was seen without it.
        private mutating func inspect(
            _ skeleton: Skeleton
        ) throws(CNIError) -> (deviations: [Int], generation: UInt32?) {
            do throws(NetlinkError) {
                var listed = try socket.rules(in: skeleton.table)
                if skeleton.deviations(from: listed).isEmpty { return ([], nil) }
                let generation = try socket.generation()
                listed = try socket.rules(in: skeleton.table)
                let deviations = skeleton.deviations(from: listed)
                if deviations.isEmpty { return ([], nil) }
                try noteRepairs(of: skeleton, deviations)
                return (deviations, generation)
            } catch {
                throw CNIError(netfilter: error)
            }
        }

        /// A chain that is there without its rules was damaged; one that is not there may simply be new.
        private mutating func noteRepairs(
            of skeleton: Skeleton, _ deviations: [Int]
        ) throws(NetlinkError) {
            let names = deviations.map { skeleton.chains[$0].name }
            let damaged = try socket.chains(names, in: skeleton.table).compactMap { $0?.chain.name }
            if damaged.isEmpty { return }
            let line =
                "rules of table \(skeleton.table) were missing or altered and are put back, in chain"
                + (damaged.count == 1 ? " " : "s ") + damaged.joined(separator: ", ")
            if !notes.contains(line) { note(line) }
        }

        private mutating func obstacles(
            _ entries: [Entry], of owner: Owner, conflict: Conflict
        ) throws(CNIError) -> [Int: NFTables.Element] {
            let found = try look(up: entries.map { ($0.set, $0.element.key) })
            var obstacles: [Int: NFTables.Element] = [:]
            for (index, element) in found.enumerated() {
                guard let element else { continue }
                obstacles[index] = element
                if element.comment == owner.comment || entries[index].isShared { continue }
                if case .refuse(let reason) = conflict, let error = reason(element) { throw error }
                let previous = element.comment ?? "somebody"
                let line = "took over an entry that \(previous) left in \(entries[index].set.name)"
                if !notes.contains(line) { note(line) }
            }
            return obstacles
        }

        mutating func look(
            up keys: [(set: NFTables.Set, key: NFTables.Key)]
        ) throws(CNIError) -> [NFTables.Element?] {
            do throws(NetlinkError) {
                return try socket.elements(keys)
            } catch {
                throw CNIError(netfilter: error)
            }
        }

        /// The names of a table's sets; none when the kernel has no nf_tables.
        mutating func setNames(in table: NFTables.Table) throws(CNIError) -> [String] {
            do throws(NetlinkError) {
                return try socket.sets(in: table)
            } catch  where error.errno == .EINVAL || error.errno == .EOPNOTSUPP {
                return []
            } catch {
                throw CNIError(netfilter: error)
            }
        }

        // MARK: Checking

        /// The entries that are not there, or lead elsewhere. CHECK puts back these and no others: a transaction
        /// that is refused because everything is there costs the kernel an RCU grace period, some 15 ms.
        mutating func missing(_ entries: [Entry]) throws(CNIError) -> [Entry] {
            let found = try look(up: entries.map { ($0.set, $0.element.key) })
            return zip(entries, found).compactMap { entry, element in
                element == entry.element || (entry.isShared && element != nil) ? nil : entry
            }
        }

        static let tooBusy = CNIError(
            .tryAgainLater, "nf_tables: the rule set changed \(Packetfilter.attempts) times while it was being changed")
    }
}

extension Packetfilter {
    /// Whether nf_tables answers; for STATUS.
    static func checkAvailable() throws(CNIError) {
        do throws(NetlinkError) {
            var socket = try NFTables.Socket()
            _ = try socket.generation()
        } catch {
            throw CNIError(.notAvailable, "nf_tables does not answer: \(error)")
        }
    }
}

extension CNIError {
    /// A request that nf_tables refused. A kernel without the family or the expression says so in its own way.
    init(netfilter error: NetlinkError) {
        var details = ""
        switch error.errno.rawValue {
        case 93, 95, 97:  // EPROTONOSUPPORT, EOPNOTSUPP, EAFNOSUPPORT
            details =
                "the kernel has no support for this: it needs nf_tables with the families inet and bridge,"
                + " NAT, fib and connection tracking (modules nf_tables, nft_chain_nat, nft_masq, nft_fib_inet, nft_ct)"
        default: break
        }
        self.init(Code(error.errno), "nf_tables: \(error)", details: details)
    }
}
