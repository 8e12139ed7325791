/// An IPv6 address (RFC 4291), without a zone: a zone names an interface of one machine and is no part of an address.
public struct IPv6Address: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The first eight bytes as a number: the network half of most subnets.
    public let high: UInt64
    /// The last eight bytes as a number: the interface identifier of most subnets.
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The whole address as a number: `::1` is 1.
    public init(number: UInt128) {
        high = UInt64(truncatingIfNeeded: number >> 64)
        low = UInt64(truncatingIfNeeded: number)
    }

    /// Sixteen bytes in network order; nil for any other count.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        self.init(number: bytes.reduce(0) { $0 << 8 | UInt128($1) })
    }

    public var number: UInt128 { UInt128(high) << 64 | UInt128(low) }

    /// Sixteen bytes in network order.
    public var bytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 16) { buffer, count in
            for index in 0..<8 {
                buffer[index] = UInt8(truncatingIfNeeded: high >> UInt64(56 - 8 * index))
                buffer[index + 8] = UInt8(truncatingIfNeeded: low >> UInt64(56 - 8 * index))
            }
            count = 16
        }
    }

    public static let unspecified = IPv6Address(high: 0, low: 0)
    public static let loopback = IPv6Address(high: 0, low: 1)

    public var isUnspecified: Bool { high == 0 && low == 0 }
    public var isLoopback: Bool { high == 0 && low == 1 }
    /// fe80::/10 (RFC 4291 2.5.6).
    public var isLinkLocal: Bool { high >> 54 == 0xFE80 >> 6 }
    /// ff00::/8 (RFC 4291 2.7).
    public var isMulticast: Bool { high >> 56 == 0xFF }
    /// fc00::/7 (RFC 4193).
    public var isUniqueLocal: Bool { high >> 57 == 0xFC >> 1 }
    /// ::ffff:0:0/96, an IPv4 address in IPv6 clothes (RFC 4291 2.5.5.2).
    public var isIPv4Mapped: Bool { high == 0 && low >> 32 == 0xFFFF }

    /// The IPv4 address inside a mapped one.
    public var ipv4Mapped: IPv4Address? {
        isIPv4Mapped ? IPv4Address(rawValue: UInt32(truncatingIfNeeded: low)) : nil
    }

    public static func < (left: IPv6Address, right: IPv6Address) -> Bool {
        left.high == right.high ? left.low < right.low : left.high < right.high
    }
}
