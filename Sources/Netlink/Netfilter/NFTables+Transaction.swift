import CLinux
import SystemCalls

extension NFTables {
    /// Changes that the kernel makes all at once or not at all.
    ///
    /// Additions without `exclusive` are idempotent for tables, chains, sets and elements (NLM_F_CREATE without
    /// NLM_F_EXCL): what exists already is left as it is. Rules have no identity: adding one twice makes two, so a
    /// caller looks first, and pins what it saw with `generation`.
    public struct Transaction: ~Copyable {
        var batch = RequestBatch(capacity: 4096)
        private var nextSetID: UInt32 = 1
        private var sealed = false

        /// - Parameter generation: when given, the kernel refuses the batch (ERESTART) if anybody changed the
        ///   rule set since `Socket.generation()` answered this number.
        public init(generation: UInt32? = nil) {
            batch.request("NFNL_MSG_BATCH_BEGIN", type: Int(NFNL_MSG_BATCH_BEGIN), flags: 0) { writer in
                writer.append(NFTables.header(nil, resource: UInt16(NFNL_SUBSYS_NFTABLES)))
                if let generation {
                    writer.bigEndian32(Int(NFNL_BATCH_GENID.rawValue), generation)
                }
            }
        }

        /// Whether nothing has been added yet.
        public var isEmpty: Bool { batch.count == 1 }
        /// The number of the step added next; failures carry it.
        public var nextStep: Int { batch.count }

        // MARK: Additions

        public mutating func add(_ table: Table) {
            batch.request(
                "NFT_MSG_NEWTABLE", on: "\(table)", type: NFTables.type(NFT_MSG_NEWTABLE), flags: 0
            ) { writer in
                writer.append(NFTables.header(table.family))
                writer.string(Int(NFTA_TABLE_NAME.rawValue), table.name)
                writer.bigEndian32(Int(NFTA_TABLE_FLAGS.rawValue), 0)
            }
        }

        public mutating func add(_ chain: Chain) {
            batch.request(
                "NFT_MSG_NEWCHAIN", on: "\(chain.table) \(chain.name)", type: NFTables.type(NFT_MSG_NEWCHAIN),
                flags: Int32(NLM_F_CREATE)
            ) { chain.encode(into: &$0) }
        }

        public mutating func add(_ set: Set) {
            let id = nextSetID
            nextSetID += 1
            batch.request(
                "NFT_MSG_NEWSET", on: "\(set.table) \(set.name)", type: NFTables.type(NFT_MSG_NEWSET),
                flags: Int32(NLM_F_CREATE)
            ) { set.encode(into: &$0, id: id) }
        }

        /// Adds a rule at the end of its chain.
        public mutating func append(_ rule: Rule) {
            add(rule, flags: Int32(NLM_F_CREATE | NLM_F_APPEND), at: nil)
        }

        /// Adds a rule before the one with that handle, or without one at the start of its chain.
        public mutating func insert(_ rule: Rule, before handle: UInt64? = nil) {
            add(rule, flags: Int32(NLM_F_CREATE), at: handle)
        }

        private mutating func add(_ rule: Rule, flags: Int32, at handle: UInt64?) {
            batch.request(
                "NFT_MSG_NEWRULE", on: "\(rule.table) \(rule.chain)", type: NFTables.type(NFT_MSG_NEWRULE),
                flags: flags
            ) { rule.encode(into: &$0, at: handle) }
        }

        /// Adds elements, in as many messages as their 16-bit lengths need.
        ///
        /// - Parameter exclusive: refuse (EEXIST) what exists already. A plain addition of an existing key is
        ///   silently nothing when a map's value is the same, and EEXIST when it differs.
        public mutating func add(_ elements: [Element], to set: Set, exclusive: Bool = false) {
            let flags = exclusive ? NLM_F_CREATE | NLM_F_EXCL : NLM_F_CREATE
            change(
                elements, of: set, "NFT_MSG_NEWSETELEM", NFT_MSG_NEWSETELEM, flags: Int32(flags),
                keyOnly: false)
        }

        // MARK: Deletions

        /// Deletes a table with everything in it.
        public mutating func delete(_ table: Table) {
            batch.request(
                "NFT_MSG_DELTABLE", on: "\(table)", type: NFTables.type(NFT_MSG_DELTABLE), flags: 0
            ) { writer in
                writer.append(NFTables.header(table.family))
                writer.string(Int(NFTA_TABLE_NAME.rawValue), table.name)
            }
        }

        /// Deletes a chain with its rules; EBUSY while something jumps to it.
        public mutating func delete(_ chain: Chain) {
            flush(chain)
            batch.request(
                "NFT_MSG_DELCHAIN", on: "\(chain.table) \(chain.name)", type: NFTables.type(NFT_MSG_DELCHAIN),
                flags: 0
            ) { writer in
                writer.append(NFTables.header(chain.table.family))
                writer.string(Int(NFTA_CHAIN_TABLE.rawValue), chain.table.name)
                writer.string(Int(NFTA_CHAIN_NAME.rawValue), chain.name)
            }
        }

        /// Deletes a set with its elements; EBUSY while a rule looks into it.
        public mutating func delete(_ set: Set) {
            batch.request(
                "NFT_MSG_DELSET", on: "\(set.table) \(set.name)", type: NFTables.type(NFT_MSG_DELSET), flags: 0
            ) { writer in
                writer.append(NFTables.header(set.table.family))
                writer.string(Int(NFTA_SET_TABLE.rawValue), set.table.name)
                writer.string(Int(NFTA_SET_NAME.rawValue), set.name)
            }
        }

        /// Deletes all rules of a chain.
        public mutating func flush(_ chain: Chain) {
            batch.request(
                "NFT_MSG_DELRULE", on: "\(chain.table) \(chain.name)", type: NFTables.type(NFT_MSG_DELRULE),
                flags: 0
            ) { writer in
                writer.append(NFTables.header(chain.table.family))
                writer.string(Int(NFTA_RULE_TABLE.rawValue), chain.table.name)
                writer.string(Int(NFTA_RULE_CHAIN.rawValue), chain.name)
            }
        }

        /// Deletes one rule.
        public mutating func delete(_ rule: ListedRule) {
            let place = rule.rule
            batch.request(
                "NFT_MSG_DELRULE", on: "\(place.table) \(place.chain) handle \(rule.handle)",
                type: NFTables.type(NFT_MSG_DELRULE), flags: 0
            ) { writer in
                writer.append(NFTables.header(place.table.family))
                writer.string(Int(NFTA_RULE_TABLE.rawValue), place.table.name)
                writer.string(Int(NFTA_RULE_CHAIN.rawValue), place.chain)
                writer.bigEndian64(Int(NFTA_RULE_HANDLE.rawValue), rule.handle)
            }
        }

        /// Deletes elements; ENOENT, and nothing happens, when one of them is not there.
        public mutating func delete(_ elements: [Element], from set: Set) {
            change(elements, of: set, "NFT_MSG_DELSETELEM", NFT_MSG_DELSETELEM, flags: 0, keyOnly: true)
        }

        // MARK: Inside

        /// Bytes of elements in one message, well below what `nla_len` can say.
        private static let listLimit = 48 << 10

        private mutating func change(
            _ elements: [Element], of set: Set, _ name: StaticString, _ message: nf_tables_msg_types,
            flags: Int32, keyOnly: Bool
        ) {
            var rest = elements[...]
            while !rest.isEmpty {
                var size = 0
                var count = 0
                for element in rest {
                    size += element.encodedSize
                    if size > Self.listLimit && count > 0 { break }
                    count += 1
                }
                let part = rest.prefix(count)
                rest = rest.dropFirst(count)
                batch.request(
                    name, on: "\(set.table) \(set.name)", type: NFTables.type(message), flags: flags
                ) { writer in
                    writer.append(NFTables.header(set.table.family))
                    writer.string(Int(NFTA_SET_ELEM_LIST_TABLE.rawValue), set.table.name)
                    writer.string(Int(NFTA_SET_ELEM_LIST_SET.rawValue), set.name)
                    writer.nested(Int(NFTA_SET_ELEM_LIST_ELEMENTS.rawValue)) { list in
                        for element in part { element.encode(into: &list, of: set, keyOnly: keyOnly) }
                    }
                }
            }
        }

        /// Asks for an acknowledgement of the last step and closes the batch.
        ///
        /// The acknowledgement is asked of the last step, not of the end: the end carries one since Linux 6.10
        /// only (net/netfilter/nfnetlink.c), and both are given when the whole batch is committed.
        mutating func seal() {
            if sealed { return }
            sealed = true
            batch.acknowledgeLastRequest()
            batch.request("NFNL_MSG_BATCH_END", type: Int(NFNL_MSG_BATCH_END), flags: 0) { writer in
                writer.append(NFTables.header(nil, resource: UInt16(NFNL_SUBSYS_NFTABLES)))
            }
        }
    }

    /// A batch that the kernel refused; nothing of it has happened.
    public struct TransactionError: Error, Sendable, CustomStringConvertible {
        /// The steps the kernel objected to, in their order. The first is the cause, later ones may follow from it.
        /// Step 0 is the batch itself.
        public let failures: [(step: Int, error: NetlinkError)]

        init(_ failures: [(step: Int, error: NetlinkError)]) { self.failures = failures }

        init(_ error: NetlinkError) { failures = [(0, error)] }

        /// The first failure.
        public var error: NetlinkError {
            failures.first?.error ?? NetlinkError(request: "NFNL_MSG_BATCH_BEGIN", errno: .EIO)
        }
        /// Why the first step failed.
        public var errno: Errno { error.errno }
        /// Somebody changed the rule set since the generation was read: look again.
        public var isOutdated: Bool {
            failures.contains { $0.step == 0 && $0.error.errno.rawValue == ERESTART }
        }
        public var description: String { error.description }
    }
}

extension RequestBatch {
    /// Sets NLM_F_ACK on the request added last.
    fileprivate mutating func acknowledgeLastRequest() {
        guard let last = entries.last else { return }
        let flags = writer.base.load(fromByteOffset: last.offset + 6, as: UInt16.self)
        writer.base.storeBytes(of: flags | UInt16(NLM_F_ACK), toByteOffset: last.offset + 6, as: UInt16.self)
    }
}
