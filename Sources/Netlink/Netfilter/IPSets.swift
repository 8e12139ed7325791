import Addressing
import CLinux
import SystemCalls

/// The sets of ip_set (`ipset list`), read only.
public enum IPSets {
    /// One set.
    public struct Listed: Hashable, Sendable {
        public var name: String
        /// `hash:ip,port`, `list:set`, ...
        public var type: String
        /// The kernel's number, which rules name it by; nil of a kernel before 4.19.
        public var index: UInt16?
        /// AF_INET, AF_INET6, or AF_UNSPEC of sets of other things.
        public var family: UInt8
        /// Of a hash: buckets now.
        public var hashSize: UInt32?
        /// Members at most.
        public var maximum: UInt32?
        /// Of a bitmap, what it has room for: `30000-32767`.
        public var range: String?
        /// Seconds a member stays when nothing else is said.
        public var timeout: UInt32?
        public var count: Int
        /// Rules and sets that name it.
        public var references: Int
        /// Bytes of kernel memory.
        public var memory: Int
        /// Nil when there are more than were asked for.
        public var members: [Member]?
    }

    /// One member, as `ipset save` writes it.
    public struct Member: Hashable, Sendable {
        /// `10.0.0.0/8`, `10.1.2.3,tcp:80`.
        public var text: String
        /// What is in it is not in the set.
        public var isException = false
        /// Seconds that are left.
        public var timeout: UInt32?
        public var comment: String?
    }

    /// A conversation with ip_set in one network namespace.
    public struct Socket: ~Copyable {
        private var netlink: NetlinkSocket

        public init() throws(NetlinkError) { netlink = try NetlinkSocket(family: NETLINK_NETFILTER) }

        public init(_ netlink: consuming NetlinkSocket) { self.netlink = netlink }

        /// Every set, by name. EINVAL of a kernel without ip_set.
        ///
        /// - Parameter most: members of all sets together; sets are filled from the smallest, the rest has no members.
        public mutating func list(most: Int) throws(NetlinkError) -> [Listed] {
            var sets = Self.joined(try parts(nil, headersOnly: true))
            let total = sets.reduce(0) { $0 + $1.count }
            if total <= most {
                // The one after has a little more or less: sets live.
                return Self.joined(try parts(nil, headersOnly: false))
            }
            var left = most
            for index in sets.indices { sets[index].members = nil }
            for index in sets.indices.sorted(by: { sets[$0].count < sets[$1].count }) {
                guard sets[index].count <= left else { break }
                do {
                    guard let full = Self.joined(try parts(sets[index].name, headersOnly: false)).first else {
                        continue
                    }
                    sets[index] = full
                } catch  where error.errno == .ENOENT {
                    sets[index].members = []
                }
                left -= sets[index].count
            }
            return sets
        }

        /// A set comes in one or more messages, of which only the first has its header.
        static func joined(_ parts: [Listed]) -> [Listed] {
            var sets: [Listed] = []
            for part in parts {
                if let last = sets.last, last.name == part.name {
                    sets[sets.count - 1].members?.append(contentsOf: part.members ?? [])
                } else {
                    sets.append(part)
                }
            }
            for index in sets.indices { sets[index].count = max(sets[index].count, sets[index].members?.count ?? 0) }
            return sets.sorted { $0.name < $1.name }
        }

        private mutating func parts(_ name: String?, headersOnly: Bool) throws(NetlinkError) -> [Listed] {
            try netlink.list(
                "IPSET_CMD_LIST", on: name ?? "",
                type: IPSets.NFNL_SUBSYS_IPSET << 8 | IPSets.IPSET_CMD_LIST,
                request: { writer in
                    writer.append(
                        nfgenmsg(nfgen_family: UInt8(AF_INET), version: UInt8(NFNETLINK_V0), res_id: 0))
                    // IPSET_PROTOCOL; with 6 an old kernel answers as well, and has no indices.
                    writer.uint8(IPSETAttribute.protocol, 7)
                    if let name { writer.string(IPSETAttribute.setName, name) }
                    if headersOnly { writer.bigEndian32(IPSETAttribute.flags, 1 << 2) }
                },
                decode: { message throws(MalformedMessage) in try Listed(message) })
        }
    }

    // linux/netfilter/nfnetlink.h and ipset/ip_set.h
    fileprivate static let NFNL_SUBSYS_IPSET = 6
    fileprivate static let IPSET_CMD_LIST = 7
}

/// `IPSET_ATTR_...` (linux/netfilter/ipset/ip_set.h).
private enum IPSETAttribute {
    static let `protocol` = 1
    static let setName = 2
    static let typeName = 3
    static let family = 5
    static let flags = 6
    static let data = 7
    static let members = 8
    static let index = 11

    // Inside `data`.
    static let address = 1
    static let addressTo = 2
    static let length = 3
    static let port = 4
    static let portTo = 5
    static let timeout = 6
    static let transport = 7
    static let memberFlags = 8
    static let mark = 10
    static let hashSize = 18
    static let maximum = 19
    static let size = 23
    static let elements = 24
    static let references = 25
    static let memory = 26
    static let ether = 17
    static let name = 18
    static let address2 = 20
    static let length2 = 21
    static let interface = 23
    static let comment = 26
}

extension IPSets.Listed {
    /// Nil for a message without a name.
    init?(_ message: Message) throws(MalformedMessage) {
        self.init(
            name: "", type: "", index: nil, family: 0, hashSize: nil, maximum: nil, range: nil, timeout: nil, count: 0,
            references: 0, memory: 0, members: [])
        var members: AttributeReader?
        var ends: [Int: String] = [:]
        try message.attributes(after: MemoryLayout<nfgenmsg>.size).forEach { field throws(MalformedMessage) in
            switch field.type {
            case IPSETAttribute.setName: name = field.string
            case IPSETAttribute.typeName: type = field.string
            case IPSETAttribute.family: family = try field.uint8()
            case IPSETAttribute.index: index = try field.bigEndian16()
            case IPSETAttribute.members: members = field.nested
            case IPSETAttribute.data:
                try field.nested.forEach { item throws(MalformedMessage) in
                    switch item.type {
                    case IPSETAttribute.address, IPSETAttribute.addressTo:
                        ends[item.type] = try item.address().map { "\($0)" }
                    case IPSETAttribute.port, IPSETAttribute.portTo: ends[item.type] = "\(try item.bigEndian16())"
                    case IPSETAttribute.size: maximum = try item.bigEndian32()
                    case IPSETAttribute.hashSize: hashSize = try item.bigEndian32()
                    case IPSETAttribute.maximum: maximum = try item.bigEndian32()
                    case IPSETAttribute.timeout: timeout = try item.bigEndian32()
                    case IPSETAttribute.elements: count = Int(try item.bigEndian32())
                    case IPSETAttribute.references: references = Int(try item.bigEndian32())
                    case IPSETAttribute.memory: memory = Int(try item.bigEndian32())
                    default: break
                    }
                }
            default: break
            }
        }
        if name.isEmpty { return nil }
        for (first, last) in [
            (IPSETAttribute.address, IPSETAttribute.addressTo), (IPSETAttribute.port, IPSETAttribute.portTo),
        ] {
            if let low = ends[first], let high = ends[last] { range = "\(low)-\(high)" }
        }
        let fields = (type.split(separator: ":").last.map(String.init) ?? "").split(separator: ",").map(String.init)
        try members?.forEach { item throws(MalformedMessage) in
            self.members?.append(try IPSets.Member(item.nested, fields: fields))
        }
    }
}

extension IPSets.Member {
    /// - Parameter fields: `ip`, `port`, ... of the type's name.
    fileprivate init(_ reader: AttributeReader, fields: [String]) throws(MalformedMessage) {
        var parts: [String] = []
        var addresses = 0
        let flags = try reader.first(IPSETAttribute.memberFlags)?.bigEndian32() ?? 0
        for field in fields {
            switch field {
            case "ip", "net":
                addresses += 1
                let first = addresses == 1
                let length = try reader.first(first ? IPSETAttribute.length : IPSETAttribute.length2)?.uint8()
                guard
                    let address = try reader.first(first ? IPSETAttribute.address : IPSETAttribute.address2)?.address()
                else { continue }
                var text = "\(address)"
                if let last = first ? try reader.first(IPSETAttribute.addressTo)?.address() : nil, last != address {
                    text += "-\(last)"
                } else if let length, Int(length) != address.family.bitWidth {
                    text += "/\(length)"
                }
                parts.append(text)
            case "port":
                guard let port = try reader.first(IPSETAttribute.port)?.bigEndian16() else { continue }
                var text = "\(port)"
                if let last = try reader.first(IPSETAttribute.portTo)?.bigEndian16(), last != port {
                    text += "-\(last)"
                }
                if let number = try reader.first(IPSETAttribute.transport)?.uint8() {
                    let names: [UInt8: String] = [
                        1: "icmp", 6: "tcp", 17: "udp", 58: "icmpv6", 132: "sctp", 136: "udplite",
                    ]
                    text = "\(names[number] ?? "\(number)"):\(text)"
                }
                parts.append(text)
            case "mac":
                let bytes = try reader.first(IPSETAttribute.ether)?.bytes ?? []
                let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16).uppercased() }
                parts.append(digits.joined(separator: ":"))
            case "iface":
                let name = try reader.first(IPSETAttribute.interface)?.string ?? ""
                // IPSET_FLAG_PHYSDEV
                parts.append((flags & 2 != 0 ? "physdev:" : "") + name)
            case "mark":
                let mark = try reader.first(IPSETAttribute.mark)?.bigEndian32() ?? 0
                let digits = String(mark, radix: 16)
                parts.append("0x" + String(repeating: "0", count: 8 - digits.count) + digits)
            case "set": parts.append(try reader.first(IPSETAttribute.name)?.string ?? "")
            default: parts.append("?")
            }
        }
        self.init(
            text: parts.joined(separator: ","), isException: flags & 4 != 0,
            timeout: try reader.first(IPSETAttribute.timeout)?.bigEndian32(),
            comment: try reader.first(IPSETAttribute.comment)?.string)
    }
}

extension Attribute {
    /// IPSET_ATTR_IPADDR_IPV4 or _IPV6 inside.
    fileprivate func address() throws(MalformedMessage) -> IPAddress? {
        var found: IPAddress?
        try nested.forEach { item throws(MalformedMessage) in
            if item.type == 1 || item.type == 2 { found = IPAddress(bytes: item.payload) }
        }
        return found
    }
}
