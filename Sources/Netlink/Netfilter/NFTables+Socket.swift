import CLinux
import SystemCalls

extension NFTables {
    /// A conversation with nf_tables in one network namespace: commits transactions, lists, looks up.
    public struct Socket: ~Copyable {
        var netlink: NetlinkSocket

        /// Talks over an open NETLINK_NETFILTER socket.
        public init(_ netlink: consuming NetlinkSocket) { self.netlink = netlink }

        /// Opens a socket in the calling thread's network namespace.
        public init() throws(NetlinkError) {
            netlink = try NetlinkSocket(family: NETLINK_NETFILTER)
        }

        /// Opens a socket in the network namespace behind `namespace`.
        public init(in namespace: borrowing FileDescriptor) throws(NetlinkError) {
            netlink = try NetlinkSocket(family: NETLINK_NETFILTER, in: namespace)
        }

        // MARK: Changes

        /// Sends a transaction; when this returns the kernel has taken all of it, when it throws nothing of it.
        public mutating func commit(_ transaction: consuming Transaction) throws(TransactionError) {
            if transaction.isEmpty { return }
            transaction.seal()
            let failures: [NetlinkSocket.Failure]
            do throws(NetlinkError) {
                failures = try netlink.perform(&transaction.batch, acknowledgeLast: false)
            } catch {
                throw TransactionError(error)
            }
            if !failures.isEmpty { throw TransactionError(failures.map { ($0.index, $0.error) }) }
        }

        // MARK: Questions

        /// The number that changes with every committed transaction (NFT_MSG_GETGEN).
        public mutating func generation() throws(NetlinkError) -> UInt32 {
            var batch = RequestBatch(capacity: 64)
            batch.request("NFT_MSG_GETGEN", type: NFTables.type(NFT_MSG_GETGEN), flags: 0) {
                $0.append(NFTables.header(nil))
            }
            var generation: UInt32?
            try netlink.commit(&batch) { _, message throws(MalformedMessage) in
                generation = try message.attributes(after: 4).first(Int(NFTA_GEN_ID.rawValue))?.bigEndian32()
            }
            guard let generation else {
                throw NetlinkError(
                    request: "NFT_MSG_GETGEN", errno: .EIO, message: "the answer has no generation")
            }
            return generation
        }

        /// Every table of a family, or of all (NFT_MSG_GETTABLE).
        public mutating func tables(_ family: Family? = nil) throws(NetlinkError) -> [Table] {
            try netlink.list(
                "NFT_MSG_GETTABLE", type: NFTables.type(NFT_MSG_GETTABLE),
                request: { $0.append(NFTables.header(family)) },
                decode: { message throws(MalformedMessage) in
                    let (family, attributes) = try message.nftables()
                    guard let family, let name = try attributes.first(Int(NFTA_TABLE_NAME.rawValue)) else {
                        return nil
                    }
                    return Table(family, name.string)
                })
        }

        /// Every chain of a family, or of all (NFT_MSG_GETCHAIN); the kernel cannot list by table.
        public mutating func chains(_ family: Family? = nil) throws(NetlinkError) -> [ListedChain] {
            try netlink.list(
                "NFT_MSG_GETCHAIN", type: NFTables.type(NFT_MSG_GETCHAIN),
                request: { $0.append(NFTables.header(family)) },
                decode: { message throws(MalformedMessage) in try ListedChain(message) })
        }

        /// The chains of these names, in their order; nil for those that do not exist. One send, whatever the number.
        public mutating func chains(
            _ names: [String], in table: Table
        ) throws(NetlinkError) -> [ListedChain?] {
            var batch = RequestBatch(capacity: 64 * names.count)
            for name in names {
                batch.request(
                    "NFT_MSG_GETCHAIN", on: "\(table) \(name)", type: NFTables.type(NFT_MSG_GETCHAIN), flags: 0
                ) { writer in
                    writer.append(NFTables.header(table.family))
                    writer.string(Int(NFTA_CHAIN_TABLE.rawValue), table.name)
                    writer.string(Int(NFTA_CHAIN_NAME.rawValue), name)
                }
            }
            var found = [ListedChain?](repeating: nil, count: names.count)
            let failures = try netlink.perform(&batch) { index, message throws(MalformedMessage) in
                found[index] = try ListedChain(message)
            }
            try Self.forgiveMissing(failures)
            return found
        }

        /// The rules of a table, or of one of its chains, in order (NFT_MSG_GETRULE). Empty when there is no such
        /// table or chain.
        public mutating func rules(
            in table: Table, chain: String? = nil
        ) throws(NetlinkError) -> [ListedRule] {
            do {
                return try netlink.list(
                    "NFT_MSG_GETRULE", on: "\(table)", type: NFTables.type(NFT_MSG_GETRULE),
                    request: { writer in
                        writer.append(NFTables.header(table.family))
                        writer.string(Int(NFTA_RULE_TABLE.rawValue), table.name)
                        if let chain { writer.string(Int(NFTA_RULE_CHAIN.rawValue), chain) }
                    },
                    decode: { message throws(MalformedMessage) in try ListedRule(message) })
            } catch  where error.errno == .ENOENT {
                return []
            }
        }

        /// The names of the sets of a table (NFT_MSG_GETSET), empty when there is no such table.
        public mutating func sets(in table: Table) throws(NetlinkError) -> [String] {
            do {
                return try netlink.list(
                    "NFT_MSG_GETSET", on: "\(table)", type: NFTables.type(NFT_MSG_GETSET),
                    request: { writer in
                        writer.append(NFTables.header(table.family))
                        writer.string(Int(NFTA_SET_TABLE.rawValue), table.name)
                    },
                    decode: { message throws(MalformedMessage) in
                        try message.nftables().attributes.first(Int(NFTA_SET_NAME.rawValue))?.string
                    })
            } catch  where error.errno == .ENOENT {
                return []
            }
        }

        /// Every element of a set; nil when there is no such set. The cost grows with the set: where the key is
        /// known, ask for it.
        ///
        /// The kernel continues a listing at a position of its hash table. When the table is enlarged meanwhile (a
        /// worker does that after many insertions, without a new generation), as many elements are missing as come
        /// twice (net/netfilter/nft_set_hash.c, `nft_rhash_walk`). So a listing with an element twice is read again.
        public mutating func elements(of set: Set) throws(NetlinkError) -> [Element]? {
            for _ in 0..<Self.listingAttempts {
                guard let parts = try elementParts(of: set) else { return nil }
                let elements = Array(parts.joined())
                // One message is one look at the table.
                if parts.count < 2 || Swift.Set(elements.lazy.map(\.key)).count == elements.count { return elements }
            }
            throw NetlinkError(
                request: "NFT_MSG_GETSETELEM \(set.table) \(set.name)", errno: .EINTR,
                message: "the set was rearranged while it was read, \(Self.listingAttempts) times in a row")
        }

        private static let listingAttempts = 64

        /// The elements as the kernel's messages bring them.
        private mutating func elementParts(of set: Set) throws(NetlinkError) -> [[Element]]? {
            do {
                return try netlink.list(
                    "NFT_MSG_GETSETELEM", on: "\(set.table) \(set.name)",
                    type: NFTables.type(NFT_MSG_GETSETELEM),
                    request: { writer in
                        writer.append(NFTables.header(set.table.family))
                        writer.string(Int(NFTA_SET_ELEM_LIST_TABLE.rawValue), set.table.name)
                        writer.string(Int(NFTA_SET_ELEM_LIST_SET.rawValue), set.name)
                    },
                    decode: { message throws(MalformedMessage) in try Element.list(in: message) })
            } catch  where error.errno == .ENOENT {
                return nil
            }
        }

        /// The elements with these keys, in their order; nil for those that are not there (or whose set is not).
        /// One send, whatever the number; the cost does not depend on the sets' sizes.
        public mutating func elements(_ wanted: [(set: Set, key: Key)]) throws(NetlinkError) -> [Element?] {
            var batch = RequestBatch(capacity: 128 * wanted.count)
            for (set, key) in wanted {
                batch.request(
                    "NFT_MSG_GETSETELEM", on: "\(set.table) \(set.name)",
                    type: NFTables.type(NFT_MSG_GETSETELEM), flags: 0
                ) { writer in
                    writer.append(NFTables.header(set.table.family))
                    writer.string(Int(NFTA_SET_ELEM_LIST_TABLE.rawValue), set.table.name)
                    writer.string(Int(NFTA_SET_ELEM_LIST_SET.rawValue), set.name)
                    writer.nested(Int(NFTA_SET_ELEM_LIST_ELEMENTS.rawValue)) { list in
                        Element(key).encode(into: &list, of: set, keyOnly: true)
                    }
                }
            }
            var found = [Element?](repeating: nil, count: wanted.count)
            let failures = try netlink.perform(&batch) { index, message throws(MalformedMessage) in
                found[index] = try Element.list(in: message).first
            }
            try Self.forgiveMissing(failures)
            return found
        }

        /// ENOENT is an answer; EOPNOTSUPP and EAFNOSUPPORT (a family the kernel does not have) are too.
        private static func forgiveMissing(_ failures: [NetlinkSocket.Failure]) throws(NetlinkError) {
            for failure in failures where failure.error.errno != .ENOENT { throw failure.error }
        }
    }
}
