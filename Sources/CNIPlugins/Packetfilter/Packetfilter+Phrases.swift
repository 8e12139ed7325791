import Addressing
import Netlink

extension IPFamily {
    /// The family's tables in nf_tables.
    var table: NFTables.Family { self == .v4 ? .ip : .ip6 }

    /// The type of the family's addresses in sets.
    var field: NFTables.FieldType { self == .v4 ? .ipv4Address : .ipv6Address }

    /// 224.0.0.0/4 (RFC 5771), ff00::/8 (RFC 4291).
    var multicast: IPPrefix {
        switch self {
        case .v4: IPPrefix(containing: .v4(IPv4Address(rawValue: 0xE000_0000)), length: 4)
        case .v6: IPPrefix(containing: .v6(IPv6Address(high: 0xFF00_0000_0000_0000, low: 0)), length: 8)
        }
    }

    /// 127.0.0.0/8, ::1/128.
    var loopback: IPPrefix {
        switch self {
        case .v4: IPPrefix(containing: .v4(IPv4Address(rawValue: 0x7F00_0000)), length: 8)
        case .v6: IPPrefix(containing: .v6(IPv6Address(high: 0, low: 1)), length: 128)
        }
    }
}

extension NFTables.Expression {
    /// `ip daddr PREFIX`, behind the check of the family.
    static func destination(
        in prefix: IPPrefix, _ comparison: NFTables.Comparison = .equal
    ) -> [NFTables.Expression] {
        address(.destination, in: prefix, comparison)
    }

    /// `ip saddr PREFIX` or `ip daddr PREFIX`, behind the check of the family.
    static func address(
        _ direction: Direction, in prefix: IPPrefix, _ comparison: NFTables.Comparison = .equal
    ) -> [NFTables.Expression] {
        var expressions = address(direction, prefix.family.table, into: .first)
        if prefix.length < prefix.family.bitWidth {
            let mask = IPAddress(
                number: UInt128.max << UInt128(prefix.family.bitWidth - prefix.length), family: prefix.family)
            let zeros = [UInt8](repeating: 0, count: prefix.family.byteCount)
            // A shift by the whole width is what the empty prefix needs, and gives zero.
            expressions.append(
                .bitwise(.first, into: .first, mask: prefix.length == 0 ? zeros : mask.bytes, xor: zeros))
        }
        expressions.append(.compare(.first, comparison, prefix.network.bytes))
        return expressions
    }
}
