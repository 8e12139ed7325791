import Addressing
import CLinux
import JSONTree
import LinuxHost
import Netlink
import SystemCalls

/// nf_tables as nft prints them. What has no form here is an expression of its own kind, which nobody takes for known.
struct NFTablesReader: ~Copyable {
    private var socket: NFTables.Socket
    private var raw: NetlinkSocket
    /// Names of ipsets by the kernel's number.
    private let ipsets: [UInt16: String]
    /// The tables that iptables-nft keeps, once ``read()`` came to them.
    private(set) var saved: [IPFamily: IPTablesSave] = [:]

    init(sets: [UInt16: String]) throws(NetlinkError) {
        let socket = try NFTables.Socket()
        let raw = try NetlinkSocket(family: NETLINK_NETFILTER)
        self.socket = socket
        self.raw = raw
        ipsets = sets
    }

    /// A set as far as its elements can be told.
    struct ListedSet {
        var name: String
        /// nft's numbers of types, six bits for each field (nftables: `TYPE_BITS`).
        var types: [UInt32]
        var isMap: Bool
        var isAnonymous: Bool
        var elements: [JSONValue] = []
    }

    mutating func read() throws(NetlinkError) -> JSONValue {
        var items: [JSONValue] = [["metainfo": ["json_schema_version": 1]]]
        let chains = try socket.chains()
        for table in try socket.tables() {
            items.append(["table": ["family": .string("\(table.family)"), "name": .string(table.name)]])
            for listed in chains where listed.chain.table == table {
                var members = [
                    JSONMember("family", .string("\(table.family)")), JSONMember("table", .string(table.name)),
                    JSONMember("name", .string(listed.chain.name)),
                ]
                if let hook = Self.hook(listed) {
                    members += [
                        JSONMember("type", .string(listed.chain.base?.type.rawValue ?? "filter")),
                        JSONMember("hook", .string(hook)), JSONMember("prio", .int(Int64(listed.hookPriority))),
                        JSONMember("policy", listed.endsWith == .accept ? "accept" : "drop"),
                    ]
                }
                if let device = listed.devices.first {
                    let names = listed.devices.map { JSONValue.string($0) }
                    members.append(JSONMember("dev", names.count == 1 ? .string(device) : .array(names)))
                }
                items.append(["chain": .object(members)])
            }
            let sets = try sets(of: table)
            for set in sets.values.sorted(by: { $0.name < $1.name }) where !set.isAnonymous {
                items.append([
                    set.isMap ? "map" : "set": [
                        "family": .string("\(table.family)"), "table": .string(table.name), "name": .string(set.name),
                        "elem": .array(set.elements),
                    ]
                ])
            }
            let rules = try socket.rules(in: table)
            let own = chains.filter { $0.chain.table == table }
            if IPTablesSave.keeps(table, own) {
                // Said once is enough: a node of a large cluster has tens of thousands of such rules.
                let family: IPFamily = table.family == .ip6 ? .v6 : .v4
                if saved[family, default: IPTablesSave()].add(table, own, rules, sets: ipsets) { continue }
            }
            for listed in rules {
                var form = NFTablesRuleForm(family: table.family, sets: sets, ipsets: ipsets)
                var members = [
                    JSONMember("family", .string("\(table.family)")), JSONMember("table", .string(table.name)),
                    JSONMember("chain", .string(listed.rule.chain)), JSONMember("handle", .uint(listed.handle)),
                ]
                if let comment = listed.rule.comment { members.append(JSONMember("comment", .string(comment))) }
                members.append(JSONMember("expr", .array(form.expressions(of: listed.rule.expressions))))
                items.append(["rule": .object(members)])
            }
        }
        return ["nftables": .array(items)]
    }

    /// As nft names it: each family numbers its hooks by itself (linux/netfilter.h, linux/netfilter_arp.h).
    private static func hook(_ listed: NFTables.ListedChain) -> String? {
        guard let number = listed.hookNumber else { return nil }
        switch listed.chain.table.family {
        case .netdev: return number == 0 ? "ingress" : "egress"
        case .arp: return number < 3 ? ["input", "output", "forward"][Int(number)] : nil
        case .inet where number == 5: return "ingress"
        default: return listed.chain.base.map { "\($0.hook)" }
        }
    }

    /// NFT_MSG_GETSET and NFT_MSG_GETSETELEM with what of them nft's own form needs.
    private mutating func sets(of table: NFTables.Table) throws(NetlinkError) -> [String: ListedSet] {
        func header() -> nfgenmsg {
            nfgenmsg(nfgen_family: table.family.rawValue, version: UInt8(NFNETLINK_V0), res_id: 0)
        }
        let subsystem = Int(NFNL_SUBSYS_NFTABLES) << 8
        let found = try raw.list(
            "NFT_MSG_GETSET", on: "\(table)", type: subsystem | Int(NFT_MSG_GETSET.rawValue),
            request: { writer in
                writer.append(header())
                writer.string(Int(NFTA_SET_TABLE.rawValue), table.name)
            },
            decode: { message throws(MalformedMessage) -> ListedSet? in
                let attributes = try message.attributes(after: MemoryLayout<nfgenmsg>.size)
                guard let name = try attributes.first(Int(NFTA_SET_NAME.rawValue))?.string else { return nil }
                let flags = try attributes.first(Int(NFTA_SET_FLAGS.rawValue))?.bigEndian32() ?? 0
                var number = try attributes.first(Int(NFTA_SET_KEY_TYPE.rawValue))?.bigEndian32() ?? 0
                var types: [UInt32] = []
                while number != 0 {
                    types.insert(number & 63, at: 0)
                    number >>= 6
                }
                return ListedSet(
                    name: name, types: types, isMap: flags & NFT_SET_MAP.rawValue != 0,
                    isAnonymous: flags & NFT_SET_ANONYMOUS.rawValue != 0)
            })
        var sets: [String: ListedSet] = [:]
        for set in found {
            var set = set
            set.elements = try elements(of: set, table, header())
            sets[set.name] = set
        }
        return sets
    }

    private struct Part {
        var key: [UInt8]
        var last: [UInt8]?
        var isEnd: Bool
        var verdict: NFTables.Verdict?
    }

    private mutating func elements(
        of set: ListedSet, _ table: NFTables.Table, _ header: nfgenmsg
    ) throws(NetlinkError) -> [JSONValue] {
        let parts: [[Part]]
        do {
            parts = try raw.list(
                "NFT_MSG_GETSETELEM", on: "\(table) \(set.name)",
                type: Int(NFNL_SUBSYS_NFTABLES) << 8 | Int(NFT_MSG_GETSETELEM.rawValue),
                request: { writer in
                    writer.append(header)
                    writer.string(Int(NFTA_SET_ELEM_LIST_TABLE.rawValue), table.name)
                    writer.string(Int(NFTA_SET_ELEM_LIST_SET.rawValue), set.name)
                },
                decode: { message throws(MalformedMessage) -> [Part]? in try Self.parts(message) })
        } catch  where error.errno == .ENOENT {
            return []
        }
        // A tree of ranges has a start and an end each; an end is the first that is no member any more.
        let all = parts.joined().sorted { $0.key.lexicographicallyPrecedes($1.key) }
        var values: [JSONValue] = []
        for (index, part) in all.enumerated() where !part.isEnd {
            var key: JSONValue
            if set.types.count == 1, index + 1 < all.count, all[index + 1].isEnd,
                let range = NFTablesValue.range(part.key, before: all[index + 1].key, set.types[0])
            {
                key = range
            } else {
                key = NFTablesValue.key(part.key, part.last, set.types)
            }
            if let verdict = part.verdict { key = [key, NFTablesRuleForm.verdict(verdict)] }
            values.append(key)
        }
        return values
    }

    private static func parts(_ message: Message) throws(MalformedMessage) -> [Part] {
        var parts: [Part] = []
        let attributes = try message.attributes(after: MemoryLayout<nfgenmsg>.size)
        guard let list = try attributes.first(Int(NFTA_SET_ELEM_LIST_ELEMENTS.rawValue)) else { return [] }
        try list.nested.forEach { item throws(MalformedMessage) in
            var part = Part(key: [], last: nil, isEnd: false, verdict: nil)
            var isCatchAll = false
            try item.nested.forEach { field throws(MalformedMessage) in
                switch field.type {
                case Int(NFTA_SET_ELEM_KEY.rawValue):
                    part.key = try field.nested.first(Int(NFTA_DATA_VALUE.rawValue))?.bytes ?? []
                case Int(NFTA_SET_ELEM_KEY_END.rawValue):
                    part.last = try field.nested.first(Int(NFTA_DATA_VALUE.rawValue))?.bytes
                case Int(NFTA_SET_ELEM_FLAGS.rawValue):
                    let flags = try field.bigEndian32()
                    part.isEnd = flags & NFT_SET_ELEM_INTERVAL_END.rawValue != 0
                    isCatchAll = flags & 2 != 0
                case Int(NFTA_SET_ELEM_DATA.rawValue):
                    guard let data = try field.nested.first(Int(NFTA_DATA_VERDICT.rawValue)) else { return }
                    let code = try data.nested.first(Int(NFTA_VERDICT_CODE.rawValue))?.bigEndian32() ?? 0
                    let chain = try data.nested.first(Int(NFTA_VERDICT_CHAIN.rawValue))?.string
                    part.verdict = NFTablesRuleForm.verdict(code: Int32(bitPattern: code), chain: chain)
                default: break
                }
            }
            if !isCatchAll { parts.append(part) }
        }
        return parts
    }
}
