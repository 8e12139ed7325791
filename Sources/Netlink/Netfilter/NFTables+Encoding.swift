import CLinux

// How the values become messages. Attribute order is that of libnftnl, so that captures of nft can be compared
// byte by byte.

extension NFTables.Expression {
    /// `NFTA_EXPR_NAME`
    public var name: String {
        switch self {
        case .meta, .setMeta: "meta"
        case .payload: "payload"
        case .compare: "cmp"
        case .bitwise: "bitwise"
        case .lookup: "lookup"
        case .conntrack: "ct"
        case .immediate, .verdict: "immediate"
        case .nat: "nat"
        case .masquerade, .masqueradeRandomly: "masq"
        case .counter: "counter"
        case .fib: "fib"
        case .reject: "reject"
        case .match: "match"
        case .target: "target"
        case .range: "range"
        case .limit: "limit"
        case .log: "log"
        case .numbers: "numgen"
        case .other(let name): name
        }
    }

    /// Writes one element of `NFTA_RULE_EXPRESSIONS`.
    func encode(into writer: inout MessageWriter) {
        writer.nested(Int(NFTA_LIST_ELEM.rawValue)) { item in
            item.string(Int(NFTA_EXPR_NAME.rawValue), name)
            item.nested(Int(NFTA_EXPR_DATA.rawValue)) { encodeData(into: &$0) }
        }
    }

    private func encodeData(into writer: inout MessageWriter) {
        switch self {
        case .meta(let key, let register):
            writer.bigEndian32(Int(NFTA_META_KEY.rawValue), key.rawValue)
            writer.bigEndian32(Int(NFTA_META_DREG.rawValue), register.rawValue)
        case .setMeta(let key, let register):
            writer.bigEndian32(Int(NFTA_META_KEY.rawValue), key.rawValue)
            writer.bigEndian32(Int(NFTA_META_SREG.rawValue), register.rawValue)
        case .payload(let base, let offset, let length, let register):
            writer.bigEndian32(Int(NFTA_PAYLOAD_DREG.rawValue), register.rawValue)
            writer.bigEndian32(Int(NFTA_PAYLOAD_BASE.rawValue), base.rawValue)
            writer.bigEndian32(Int(NFTA_PAYLOAD_OFFSET.rawValue), offset)
            writer.bigEndian32(Int(NFTA_PAYLOAD_LEN.rawValue), length)
        case .compare(let register, let comparison, let value):
            writer.bigEndian32(Int(NFTA_CMP_SREG.rawValue), register.rawValue)
            writer.bigEndian32(Int(NFTA_CMP_OP.rawValue), comparison.rawValue)
            writer.data(Int(NFTA_CMP_DATA.rawValue), value)
        case .bitwise(let source, let destination, let mask, let xor):
            writer.bigEndian32(Int(NFTA_BITWISE_SREG.rawValue), source.rawValue)
            writer.bigEndian32(Int(NFTA_BITWISE_DREG.rawValue), destination.rawValue)
            writer.bigEndian32(Int(NFTA_BITWISE_LEN.rawValue), UInt32(mask.count))
            writer.data(Int(NFTA_BITWISE_MASK.rawValue), mask)
            writer.data(Int(NFTA_BITWISE_XOR.rawValue), xor)
        case .lookup(let set, let register, let result, let inverted):
            writer.bigEndian32(Int(NFTA_LOOKUP_SREG.rawValue), register.rawValue)
            switch result {
            case .none: break
            case .verdict:
                writer.bigEndian32(Int(NFTA_LOOKUP_DREG.rawValue), NFTables.Register.verdict.rawValue)
            case .value(let register):
                writer.bigEndian32(Int(NFTA_LOOKUP_DREG.rawValue), register.rawValue)
            }
            writer.string(Int(NFTA_LOOKUP_SET.rawValue), set)
            if inverted { writer.bigEndian32(Int(NFTA_LOOKUP_FLAGS.rawValue), NFT_LOOKUP_F_INV.rawValue) }
        case .conntrack(let key, let register):
            writer.bigEndian32(Int(NFTA_CT_KEY.rawValue), key.rawValue)
            writer.bigEndian32(Int(NFTA_CT_DREG.rawValue), register.rawValue)
        case .immediate(let value, let register):
            writer.bigEndian32(Int(NFTA_IMMEDIATE_DREG.rawValue), register.rawValue)
            writer.data(Int(NFTA_IMMEDIATE_DATA.rawValue), value)
        case .verdict(let verdict):
            writer.bigEndian32(Int(NFTA_IMMEDIATE_DREG.rawValue), NFTables.Register.verdict.rawValue)
            writer.data(Int(NFTA_IMMEDIATE_DATA.rawValue), verdict)
        case .nat(let kind, let family, let address, let port):
            writer.bigEndian32(Int(NFTA_NAT_TYPE.rawValue), kind.rawValue)
            writer.bigEndian32(Int(NFTA_NAT_FAMILY.rawValue), UInt32(family.rawValue))
            var flags: UInt32 = 0
            if let address {
                writer.bigEndian32(Int(NFTA_NAT_REG_ADDR_MIN.rawValue), address.rawValue)
                flags |= UInt32(NF_NAT_RANGE_MAP_IPS)
            }
            if let port {
                writer.bigEndian32(Int(NFTA_NAT_REG_PROTO_MIN.rawValue), port.rawValue)
                flags |= UInt32(NF_NAT_RANGE_PROTO_SPECIFIED)
            }
            if flags != 0 { writer.bigEndian32(Int(NFTA_NAT_FLAGS.rawValue), flags) }
        case .masquerade:
            break
        case .masqueradeRandomly:
            writer.bigEndian32(Int(NFTA_MASQ_FLAGS.rawValue), UInt32(NF_NAT_RANGE_PROTO_RANDOM_FULLY))
        case .counter(let packets, let bytes):
            if packets == 0 && bytes == 0 { return }
            writer.bigEndian64(Int(NFTA_COUNTER_BYTES.rawValue), bytes)
            writer.bigEndian64(Int(NFTA_COUNTER_PACKETS.rawValue), packets)
        case .fib(let selector, let result, let register):
            writer.bigEndian32(Int(NFTA_FIB_FLAGS.rawValue), selector.rawValue)
            writer.bigEndian32(Int(NFTA_FIB_RESULT.rawValue), result.rawValue)
            writer.bigEndian32(Int(NFTA_FIB_DREG.rawValue), register.rawValue)
        case .reject(let type, let code):
            writer.bigEndian32(Int(NFTA_REJECT_TYPE.rawValue), type)
            writer.uint8(Int(NFTA_REJECT_ICMP_CODE.rawValue), code)
        case .other(name: "notrack"):
            // It has no payload.
            break
        case .match, .target, .range, .limit, .log, .numbers, .other:
            // They are other programs' and are read only: making one is a mistake in this program.
            preconditionFailure("the expression \(name) can be read only")
        }
    }
}

extension MessageWriter {
    /// `NFTA_DATA_VALUE`
    mutating func data(_ type: Int, _ value: [UInt8]) {
        nested(type) { $0.bytes(Int(NFTA_DATA_VALUE.rawValue), value) }
    }

    /// `NFTA_DATA_VERDICT`
    mutating func data(_ type: Int, _ verdict: NFTables.Verdict) {
        nested(type) { data in
            data.nested(Int(NFTA_DATA_VERDICT.rawValue)) { inner in
                inner.bigEndian32(Int(NFTA_VERDICT_CODE.rawValue), UInt32(bitPattern: verdict.code))
                if let chain = verdict.chain { inner.string(Int(NFTA_VERDICT_CHAIN.rawValue), chain) }
            }
        }
    }
}

extension NFTables.Chain {
    func encode(into writer: inout MessageWriter) {
        writer.append(NFTables.header(table.family))
        writer.string(Int(NFTA_CHAIN_TABLE.rawValue), table.name)
        writer.string(Int(NFTA_CHAIN_NAME.rawValue), name)
        guard let base else { return }
        writer.string(Int(NFTA_CHAIN_TYPE.rawValue), base.type.rawValue)
        writer.bigEndian32(Int(NFTA_CHAIN_POLICY.rawValue), base.policy.rawValue)
        writer.nested(Int(NFTA_CHAIN_HOOK.rawValue)) { hook in
            hook.bigEndian32(Int(NFTA_HOOK_HOOKNUM.rawValue), base.hook.rawValue)
            hook.bigEndian32(Int(NFTA_HOOK_PRIORITY.rawValue), UInt32(bitPattern: base.priority))
        }
    }
}

extension NFTables.Rule {
    func encode(into writer: inout MessageWriter, at position: UInt64? = nil) {
        writer.append(NFTables.header(table.family))
        writer.string(Int(NFTA_RULE_TABLE.rawValue), table.name)
        writer.string(Int(NFTA_RULE_CHAIN.rawValue), chain)
        if let position { writer.bigEndian64(Int(NFTA_RULE_POSITION.rawValue), position) }
        writer.nested(Int(NFTA_RULE_EXPRESSIONS.rawValue)) { list in
            for expression in expressions { expression.encode(into: &list) }
        }
        if let comment { writer.bytes(Int(NFTA_RULE_USERDATA.rawValue), NFTables.UserData.comment(comment)) }
    }
}

extension NFTables.Set {
    /// `NFTA_SET_FLAGS`
    var flags: UInt32 {
        var flags: UInt32 = 0
        if isInterval { flags |= NFT_SET_INTERVAL.rawValue }
        if isInterval && key.fields.count > 1 { flags |= NFT_SET_CONCAT.rawValue }
        if map != nil { flags |= NFT_SET_MAP.rawValue }
        return flags
    }

    /// - Parameter id: names the set inside the batch; the kernel wants one, and ignores it once the set exists.
    func encode(into writer: inout MessageWriter, id: UInt32) {
        writer.append(NFTables.header(table.family))
        writer.string(Int(NFTA_SET_TABLE.rawValue), table.name)
        writer.string(Int(NFTA_SET_NAME.rawValue), name)
        writer.bigEndian32(Int(NFTA_SET_FLAGS.rawValue), flags)
        writer.bigEndian32(Int(NFTA_SET_KEY_TYPE.rawValue), key.number)
        writer.bigEndian32(Int(NFTA_SET_KEY_LEN.rawValue), UInt32(key.size))
        switch map {
        case nil: break
        case .verdict:
            writer.bigEndian32(Int(NFTA_SET_DATA_TYPE.rawValue), UInt32(NFT_DATA_VERDICT.rawValue))
            writer.bigEndian32(Int(NFTA_SET_DATA_LEN.rawValue), 0)
        case .value(let type):
            writer.bigEndian32(Int(NFTA_SET_DATA_TYPE.rawValue), type.number)
            writer.bigEndian32(Int(NFTA_SET_DATA_LEN.rawValue), UInt32(type.size))
        }
        writer.bigEndian32(Int(NFTA_SET_ID.rawValue), id)
        if isInterval && key.fields.count > 1 {
            writer.nested(Int(NFTA_SET_DESC.rawValue)) { description in
                description.nested(Int(NFTA_SET_DESC_CONCAT.rawValue)) { list in
                    for field in key.fields {
                        list.nested(Int(NFTA_LIST_ELEM.rawValue)) {
                            $0.bigEndian32(Int(NFTA_SET_FIELD_LEN.rawValue), UInt32(field.size))
                        }
                    }
                }
            }
        }
        writer.bytes(Int(NFTA_SET_USERDATA.rawValue), NFTables.UserData.set(self))
    }
}

extension NFTables.Element {
    /// - Parameter keyOnly: leaves out value and comment, which a look-up or a deletion does not need: the kernel
    ///   refuses to delete from a map when the value differs.
    func encode(into writer: inout MessageWriter, of set: NFTables.Set, keyOnly: Bool) {
        writer.nested(Int(NFTA_LIST_ELEM.rawValue)) { item in
            item.data(Int(NFTA_SET_ELEM_KEY.rawValue), key.bytes)
            if let end, set.key.fields.count > 1 { item.data(Int(NFTA_SET_ELEM_KEY_END.rawValue), end.bytes) }
            if keyOnly { return }
            switch value {
            case nil: break
            case .verdict(let verdict): item.data(Int(NFTA_SET_ELEM_DATA.rawValue), verdict)
            case .value(let value): item.data(Int(NFTA_SET_ELEM_DATA.rawValue), value.bytes)
            }
            if let comment {
                item.bytes(Int(NFTA_SET_ELEM_USERDATA.rawValue), NFTables.UserData.comment(comment))
            }
        }
        // A tree of ranges has the end as an element of its own (net/netfilter/nft_set_rbtree.c).
        guard let end, set.key.fields.count == 1 else { return }
        writer.nested(Int(NFTA_LIST_ELEM.rawValue)) { item in
            item.bigEndian32(Int(NFTA_SET_ELEM_FLAGS.rawValue), NFT_SET_ELEM_INTERVAL_END.rawValue)
            item.data(Int(NFTA_SET_ELEM_KEY.rawValue), end.bytes)
        }
    }

    /// Bytes the element takes at most inside `NFTA_SET_ELEM_LIST_ELEMENTS`, for splitting long lists.
    var encodedSize: Int {
        var size = 4 + 8 + key.bytes.count + 4
        if let end { size += 20 + end.bytes.count + 4 }
        switch value {
        case nil: break
        case .verdict(let verdict): size += 24 + (verdict.chain.map { $0.utf8.count + 8 } ?? 0)
        case .value(let value): size += 8 + value.bytes.count + 4
        }
        if let comment { size += 4 + comment.utf8.count + 8 }
        return size
    }
}
