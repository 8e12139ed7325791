import Addressing
import JSONTree

/// Bytes of registers and keys as nft prints them.
enum NFTablesValue {
    /// nft's numbers of types (nftables, include/datatype.h).
    enum Kind: UInt32 {
        /// Of four bytes: what numgen draws.
        case integer = 4
        case ipv4 = 7
        case ipv6 = 8
        case etherType = 10
        case transport = 12
        case port = 13
        case mark = 19
        case interfaceIndex = 20
        case state = 26
        case interfaceName = 41
        /// Of no type of nft: a number of four bytes that a rule turned into the network's order, to compare it.
        case ordered = 0x8000_0000

        var size: Int {
            switch self {
            case .integer, .ipv4, .mark, .interfaceIndex, .state, .ordered: 4
            case .ipv6, .interfaceName: 16
            case .transport: 1
            case .port, .etherType: 2
            }
        }
    }

    static func value(_ bytes: [UInt8], _ kind: Kind) -> JSONValue {
        switch kind {
        case .ipv4, .ipv6: IPAddress(bytes: bytes.prefix(kind.size)).map { .string("\($0)") } ?? unknown(bytes)
        case .transport: .string(transport(bytes.first ?? 0))
        case .port: bytes.count >= 2 ? .int(Int64(port(bytes))) : unknown(bytes)
        case .etherType: etherTypes[port(bytes)].map { .string($0) } ?? .int(Int64(port(bytes)))
        case .integer, .mark, .interfaceIndex: .int(Int64(host(bytes)))
        case .interfaceName: .string(name(bytes))
        case .ordered: .int(Int64(network(bytes)))
        case .state: states[host(bytes)].map { .string($0) } ?? unknown(bytes)
        }
    }

    /// linux/if_ether.h
    private static let etherTypes: [Int: String] = [0x0800: "ip", 0x0806: "arp", 0x86DD: "ip6", 0x8100: "vlan"]

    /// Bits of `ct state` (linux/netfilter/nf_conntrack_common.h: `NF_CT_STATE_BIT`).
    private static let states: [UInt32: String] = [
        1: "invalid", 2: "established", 4: "related", 8: "new", 64: "untracked",
    ]

    /// One element's key: its fields, each padded to words.
    static func key(_ bytes: [UInt8], _ last: [UInt8]?, _ types: [UInt32]) -> JSONValue {
        var offset = 0
        var parts: [JSONValue] = []
        for type in types {
            guard let kind = Kind(rawValue: type), offset + kind.size <= bytes.count else { return unknown(bytes) }
            let own = Array(bytes[offset..<(offset + kind.size)])
            if let last, offset + kind.size <= last.count, Array(last[offset..<(offset + kind.size)]) != own {
                let end = Array(last[offset..<(offset + kind.size)])
                parts.append(between(own, end, kind))
            } else {
                parts.append(value(own, kind))
            }
            offset += types.count == 1 ? kind.size : (kind.size + 3) & ~3
        }
        return parts.count == 1 ? parts[0] : ["concat": .array(parts)]
    }

    /// From a key up to the one before `end`; nil for types whose order is not that of their bytes.
    static func range(_ start: [UInt8], before end: [UInt8], _ type: UInt32) -> JSONValue? {
        guard let kind = Kind(rawValue: type), [.ipv4, .ipv6, .port].contains(kind), start.count == end.count else {
            return nil
        }
        var last = end
        for index in last.indices.reversed() {
            if last[index] > 0 {
                last[index] -= 1
                break
            }
            last[index] = 255
        }
        return last == start ? value(start, kind) : between(start, last, kind)
    }

    private static func between(_ first: [UInt8], _ last: [UInt8], _ kind: Kind) -> JSONValue {
        if kind == .ipv4 || kind == .ipv6, let low = IPAddress(bytes: first), let high = IPAddress(bytes: last) {
            for length in 0...low.family.bitWidth {
                let prefix = IPPrefix(containing: low, length: length)
                if prefix.first == low, prefix.last == high {
                    return ["prefix": ["addr": .string("\(low)"), "len": .int(Int64(length))]]
                }
            }
        }
        return ["range": [value(first, kind), value(last, kind)]]
    }

    static func host(_ bytes: [UInt8]) -> UInt32 {
        guard bytes.count >= 4 else { return 0 }
        return bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
    }

    /// Up to four bytes, the highest first.
    static func network(_ bytes: [UInt8]) -> UInt32 { bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) } }

    static func port(_ bytes: [UInt8]) -> Int { bytes.count >= 2 ? Int(bytes[0]) << 8 | Int(bytes[1]) : 0 }

    /// Shorter than the kernel's sixteen bytes and without an end, it is the beginning of a name.
    static func name(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        return bytes.contains(0) || bytes.count >= 16 ? text : text + "*"
    }

    static func transport(_ number: UInt8) -> String {
        switch number {
        case 1: "icmp"
        case 6: "tcp"
        case 17: "udp"
        case 58: "ipv6-icmp"
        case 132: "sctp"
        default: "\(number)"
        }
    }

    static func unknown(_ bytes: [UInt8]) -> JSONValue {
        ["bytes": .string(bytes.map { String($0, radix: 16) }.joined(separator: " "))]
    }
}
