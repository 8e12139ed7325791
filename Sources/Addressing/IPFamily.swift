/// The two families of internet addresses.
public enum IPFamily: UInt8, Hashable, Sendable, Comparable, CaseIterable, CustomStringConvertible {
    case v4 = 4
    case v6 = 6

    /// Bits in an address: 32 or 128.
    public var bitWidth: Int { self == .v4 ? 32 : 128 }

    /// Bytes in an address: 4 or 16.
    public var byteCount: Int { bitWidth / 8 }

    /// The largest address read as a number.
    public var largestNumber: UInt128 { self == .v4 ? UInt128(UInt32.max) : .max }

    public static func < (left: IPFamily, right: IPFamily) -> Bool { left.rawValue < right.rawValue }

    public var description: String { self == .v4 ? "IPv4" : "IPv6" }
}
