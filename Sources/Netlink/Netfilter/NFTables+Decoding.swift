import CLinux

// How dumps become the values again. Nothing here traps on foreign bytes: rules of other tools go through it too,
// and what has no case is `.other`.

extension NFTables.Expression {
    init(_ item: Attribute) throws(MalformedMessage) {
        var name = ""
        var data: AttributeReader?
        try item.nested.forEach { field throws(MalformedMessage) in
            switch field.type {
            case Int(NFTA_EXPR_NAME.rawValue): name = field.string
            case Int(NFTA_EXPR_DATA.rawValue): data = field.nested
            default: break
            }
        }
        let fields = Fields(data)
        switch name {
        case "meta":
            let key = NFTables.MetaKey(rawValue: try fields.number(NFTA_META_KEY.rawValue) ?? 0)
            if let register = try fields.register(NFTA_META_DREG.rawValue) {
                self = .meta(key, into: register)
            } else if let register = try fields.register(NFTA_META_SREG.rawValue) {
                self = .setMeta(key, from: register)
            } else {
                self = .other(name: name)
            }
        case "payload":
            guard let register = try fields.register(NFTA_PAYLOAD_DREG.rawValue),
                let base = NFTables.PayloadBase(rawValue: try fields.number(NFTA_PAYLOAD_BASE.rawValue) ?? .max),
                let offset = try fields.number(NFTA_PAYLOAD_OFFSET.rawValue),
                let length = try fields.number(NFTA_PAYLOAD_LEN.rawValue)
            else {
                self = .other(name: name)
                return
            }
            self = .payload(base, offset: offset, length: length, into: register)
        case "cmp":
            guard let register = try fields.register(NFTA_CMP_SREG.rawValue),
                let comparison = NFTables.Comparison(rawValue: try fields.number(NFTA_CMP_OP.rawValue) ?? .max),
                let value = try fields.value(NFTA_CMP_DATA.rawValue)
            else {
                self = .other(name: name)
                return
            }
            self = .compare(register, comparison, value)
        case "bitwise":
            guard let source = try fields.register(NFTA_BITWISE_SREG.rawValue),
                let destination = try fields.register(NFTA_BITWISE_DREG.rawValue),
                let mask = try fields.value(NFTA_BITWISE_MASK.rawValue),
                let xor = try fields.value(NFTA_BITWISE_XOR.rawValue)
            else {
                self = .other(name: name)
                return
            }
            self = .bitwise(source, into: destination, mask: mask, xor: xor)
        case "lookup":
            guard let register = try fields.register(NFTA_LOOKUP_SREG.rawValue),
                let set = try fields.first(NFTA_LOOKUP_SET.rawValue)
            else {
                self = .other(name: name)
                return
            }
            let result: NFTables.LookupResult
            switch try fields.register(NFTA_LOOKUP_DREG.rawValue) {
            case nil: result = .none
            case NFTables.Register.verdict?: result = .verdict
            case let register?: result = .value(register)
            }
            let flags = try fields.number(NFTA_LOOKUP_FLAGS.rawValue) ?? 0
            self = .lookup(
                set.string, register, result: result, inverted: flags & NFT_LOOKUP_F_INV.rawValue != 0)
        case "ct":
            // A load by direction, or a ct set, is somebody else's.
            guard try fields.first(NFTA_CT_DIRECTION.rawValue) == nil,
                let register = try fields.register(NFTA_CT_DREG.rawValue)
            else {
                self = .other(name: name)
                return
            }
            self = .conntrack(.init(rawValue: try fields.number(NFTA_CT_KEY.rawValue) ?? 0), into: register)
        case "immediate":
            guard let register = try fields.register(NFTA_IMMEDIATE_DREG.rawValue) else {
                self = .other(name: name)
                return
            }
            if register == .verdict, let verdict = try fields.verdict(NFTA_IMMEDIATE_DATA.rawValue) {
                self = .verdict(verdict)
            } else if let value = try fields.value(NFTA_IMMEDIATE_DATA.rawValue) {
                self = .immediate(value, into: register)
            } else {
                self = .other(name: name)
            }
        case "nat":
            guard let kind = NFTables.NATKind(rawValue: try fields.number(NFTA_NAT_TYPE.rawValue) ?? .max),
                let family = NFTables.Family(
                    rawValue: UInt8(truncatingIfNeeded: try fields.number(NFTA_NAT_FAMILY.rawValue) ?? 0))
            else {
                self = .other(name: name)
                return
            }
            self = .nat(
                kind, family, address: try fields.register(NFTA_NAT_REG_ADDR_MIN.rawValue),
                port: try fields.register(NFTA_NAT_REG_PROTO_MIN.rawValue))
        case "masq":
            let flags = try fields.number(NFTA_MASQ_FLAGS.rawValue) ?? 0
            self = flags & UInt32(NF_NAT_RANGE_PROTO_RANDOM_FULLY) == 0 ? .masquerade : .masqueradeRandomly
        case "counter":
            self = .counter(
                packets: try fields.first(NFTA_COUNTER_PACKETS.rawValue)?.bigEndian64() ?? 0,
                bytes: try fields.first(NFTA_COUNTER_BYTES.rawValue)?.bigEndian64() ?? 0)
        case "fib":
            guard let register = try fields.register(NFTA_FIB_DREG.rawValue),
                let result = NFTables.FIBResult(rawValue: try fields.number(NFTA_FIB_RESULT.rawValue) ?? .max)
            else {
                self = .other(name: name)
                return
            }
            self = .fib(
                .init(rawValue: try fields.number(NFTA_FIB_FLAGS.rawValue) ?? 0), result, into: register)
        case "reject":
            self = .reject(
                type: try fields.number(NFTA_REJECT_TYPE.rawValue) ?? 0,
                code: try fields.first(NFTA_REJECT_ICMP_CODE.rawValue)?.uint8() ?? 0)
        case "match":
            self = .match(
                name: try fields.first(NFTA_MATCH_NAME.rawValue)?.string ?? "",
                revision: try fields.number(NFTA_MATCH_REV.rawValue) ?? 0,
                info: try fields.first(NFTA_MATCH_INFO.rawValue)?.bytes ?? [])
        case "target":
            self = .target(
                name: try fields.first(NFTA_TARGET_NAME.rawValue)?.string ?? "",
                revision: try fields.number(NFTA_TARGET_REV.rawValue) ?? 0,
                info: try fields.first(NFTA_TARGET_INFO.rawValue)?.bytes ?? [])
        case "range":
            guard let register = try fields.register(NFTA_RANGE_SREG.rawValue),
                let from = try fields.value(NFTA_RANGE_FROM_DATA.rawValue),
                let to = try fields.value(NFTA_RANGE_TO_DATA.rawValue)
            else {
                self = .other(name: name)
                return
            }
            let isNegated = try fields.number(NFTA_RANGE_OP.rawValue) == NFT_RANGE_NEQ.rawValue
            self = .range(register, isNegated: isNegated, from: from, to: to)
        case "limit":
            self = .limit(
                .init(
                    rate: try fields.first(NFTA_LIMIT_RATE.rawValue)?.bigEndian64() ?? 0,
                    unit: try fields.first(NFTA_LIMIT_UNIT.rawValue)?.bigEndian64() ?? 0,
                    burst: try fields.number(NFTA_LIMIT_BURST.rawValue) ?? 0,
                    isOfPackets: (try fields.number(NFTA_LIMIT_TYPE.rawValue) ?? 0) == NFT_LIMIT_PKTS.rawValue,
                    isInverted: (try fields.number(NFTA_LIMIT_FLAGS.rawValue) ?? 0) & NFT_LIMIT_F_INV.rawValue != 0))
        case "numgen":
            guard let register = try fields.register(NFTA_NG_DREG.rawValue) else {
                self = .other(name: name)
                return
            }
            self = .numbers(
                modulus: try fields.number(NFTA_NG_MODULUS.rawValue) ?? 0,
                isRandom: try fields.number(NFTA_NG_TYPE.rawValue) == NFT_NG_RANDOM.rawValue, into: register)
        case "log":
            self = .log(
                .init(
                    group: try fields.first(NFTA_LOG_GROUP.rawValue)?.bigEndian16(),
                    prefix: try fields.first(NFTA_LOG_PREFIX.rawValue)?.string ?? "",
                    length: try fields.number(NFTA_LOG_SNAPLEN.rawValue),
                    threshold: try fields.first(NFTA_LOG_QTHRESHOLD.rawValue)?.bigEndian16()))
        default:
            self = .other(name: name)
        }
    }

    /// The attributes of `NFTA_EXPR_DATA`.
    private struct Fields {
        let reader: AttributeReader?

        init(_ reader: AttributeReader?) { self.reader = reader }

        func first(_ type: UInt32) throws(MalformedMessage) -> Attribute? {
            try reader?.first(Int(type))
        }

        func number(_ type: UInt32) throws(MalformedMessage) -> UInt32? {
            try first(type)?.bigEndian32()
        }

        func register(_ type: UInt32) throws(MalformedMessage) -> NFTables.Register? {
            try number(type).map { NFTables.Register(rawValue: $0) }
        }

        func value(_ type: UInt32) throws(MalformedMessage) -> [UInt8]? {
            try first(type)?.nested.first(Int(NFTA_DATA_VALUE.rawValue))?.bytes
        }

        func verdict(_ type: UInt32) throws(MalformedMessage) -> NFTables.Verdict? {
            try first(type)?.verdict()
        }
    }
}

extension Attribute {
    /// A data attribute's `NFTA_DATA_VERDICT`.
    fileprivate func verdict() throws(MalformedMessage) -> NFTables.Verdict? {
        guard let verdict = try nested.first(Int(NFTA_DATA_VERDICT.rawValue)) else { return nil }
        return NFTables.Verdict(
            code: Int32(
                bitPattern: try verdict.nested.first(Int(NFTA_VERDICT_CODE.rawValue))?.bigEndian32() ?? 0),
            chain: try verdict.nested.first(Int(NFTA_VERDICT_CHAIN.rawValue))?.string)
    }
}

extension Message {
    /// The family and attributes of an nf_tables message.
    func nftables() throws(MalformedMessage) -> (family: NFTables.Family?, attributes: AttributeReader) {
        let header = try header(nfgenmsg.self)
        return (NFTables.Family(rawValue: header.nfgen_family), try attributes(after: 4))
    }
}

extension NFTables.ListedChain {
    /// Nil for a family we do not know.
    init?(_ message: Message) throws(MalformedMessage) {
        let (family, attributes) = try message.nftables()
        guard let family else { return nil }
        var table = ""
        var name = ""
        var type: NFTables.ChainType?
        var policy = NFTables.Policy.accept
        var hook: UInt32?
        var priority: Int32 = 0
        var handle: UInt64 = 0
        var uses: UInt32 = 0
        var devices: [String] = []
        try attributes.forEach { field throws(MalformedMessage) in
            switch field.type {
            case Int(NFTA_CHAIN_TABLE.rawValue): table = field.string
            case Int(NFTA_CHAIN_NAME.rawValue): name = field.string
            case Int(NFTA_CHAIN_TYPE.rawValue): type = NFTables.ChainType(rawValue: field.string)
            case Int(NFTA_CHAIN_POLICY.rawValue):
                policy = NFTables.Policy(rawValue: try field.bigEndian32()) ?? .accept
            case Int(NFTA_CHAIN_HANDLE.rawValue): handle = try field.bigEndian64()
            case Int(NFTA_CHAIN_USE.rawValue): uses = try field.bigEndian32()
            case Int(NFTA_CHAIN_HOOK.rawValue):
                hook = try field.nested.first(Int(NFTA_HOOK_HOOKNUM.rawValue))?.bigEndian32()
                priority = Int32(
                    bitPattern: try field.nested.first(Int(NFTA_HOOK_PRIORITY.rawValue))?.bigEndian32() ?? 0)
                if let device = try field.nested.first(Int(NFTA_HOOK_DEV.rawValue))?.string { devices = [device] }
                if let several = try field.nested.first(Int(NFTA_HOOK_DEVS.rawValue)) {
                    devices = []
                    try several.nested.forEach { name throws(MalformedMessage) in devices.append(name.string) }
                }
            default: break
            }
        }
        var base: NFTables.Chain.Base?
        // A hook with a number of its own (netdev's ingress, arp's) is nothing we compare with.
        if let type, ![.netdev, .arp].contains(family), let hook = hook.flatMap({ NFTables.Hook(rawValue: $0) }) {
            base = .init(type, hook, priority: priority, policy: policy)
        }
        self.init(
            chain: NFTables.Chain(NFTables.Table(family, table), name, base: base), handle: handle, uses: uses,
            hookNumber: hook, hookPriority: priority, devices: devices, endsWith: policy)
    }
}

extension NFTables.ListedRule {
    /// Nil for a family we do not know.
    init?(_ message: Message) throws(MalformedMessage) {
        let (family, attributes) = try message.nftables()
        guard let family else { return nil }
        var table = ""
        var chain = ""
        var handle: UInt64 = 0
        var expressions: [NFTables.Expression] = []
        var comment: String?
        try attributes.forEach { field throws(MalformedMessage) in
            switch field.type {
            case Int(NFTA_RULE_TABLE.rawValue): table = field.string
            case Int(NFTA_RULE_CHAIN.rawValue): chain = field.string
            case Int(NFTA_RULE_HANDLE.rawValue): handle = try field.bigEndian64()
            case Int(NFTA_RULE_USERDATA.rawValue): comment = NFTables.UserData.comment(in: field.payload)
            case Int(NFTA_RULE_EXPRESSIONS.rawValue):
                try field.nested.forEach { item throws(MalformedMessage) in
                    expressions.append(try NFTables.Expression(item))
                }
            default: break
            }
        }
        self.init(
            rule: NFTables.Rule(
                table: NFTables.Table(family, table), chain: chain, expressions, comment: comment),
            handle: handle)
    }
}

extension NFTables.Element {
    init?(_ item: Attribute) throws(MalformedMessage) {
        var key: [UInt8]?
        var end: [UInt8]?
        var value: NFTables.MapValue?
        var comment: String?
        var flags: UInt32 = 0
        try item.nested.forEach { field throws(MalformedMessage) in
            switch field.type {
            case Int(NFTA_SET_ELEM_KEY.rawValue):
                key = try field.nested.first(Int(NFTA_DATA_VALUE.rawValue))?.bytes
            case Int(NFTA_SET_ELEM_KEY_END.rawValue):
                end = try field.nested.first(Int(NFTA_DATA_VALUE.rawValue))?.bytes
            case Int(NFTA_SET_ELEM_DATA.rawValue):
                if let verdict = try field.verdict() {
                    value = .verdict(verdict)
                } else if let bytes = try field.nested.first(Int(NFTA_DATA_VALUE.rawValue))?.bytes {
                    value = .value(NFTables.Key(bytes: bytes))
                }
            case Int(NFTA_SET_ELEM_FLAGS.rawValue): flags = try field.bigEndian32()
            case Int(NFTA_SET_ELEM_USERDATA.rawValue): comment = NFTables.UserData.comment(in: field.payload)
            default: break
            }
        }
        // The end of a range in a tree, and the catch-all element, are no members.
        guard let key, flags == 0 else { return nil }
        self.init(
            NFTables.Key(bytes: key), to: value, end: end.map { NFTables.Key(bytes: $0) }, comment: comment)
    }

    /// The elements in one NFT_MSG_NEWSETELEM.
    static func list(in message: Message) throws(MalformedMessage) -> [NFTables.Element] {
        var elements: [NFTables.Element] = []
        let (_, attributes) = try message.nftables()
        try attributes.first(Int(NFTA_SET_ELEM_LIST_ELEMENTS.rawValue))?.nested.forEach {
            item throws(MalformedMessage) in
            if let element = try NFTables.Element(item) { elements.append(element) }
        }
        return elements
    }
}
