/// An address of either family.
public enum IPAddress: Hashable, Sendable, Comparable, CustomStringConvertible {
    case v4(IPv4Address)
    case v6(IPv6Address)

    /// Four or sixteen bytes in network order; nil for any other count.
    public init?(bytes: some Collection<UInt8>) {
        if let address = IPv4Address(bytes: bytes) {
            self = .v4(address)
        } else if let address = IPv6Address(bytes: bytes) {
            self = .v6(address)
        } else {
            return nil
        }
    }

    /// The address with this number; bits above the family's width are dropped.
    public init(number: UInt128, family: IPFamily) {
        switch family {
        case .v4: self = .v4(IPv4Address(rawValue: UInt32(truncatingIfNeeded: number)))
        case .v6: self = .v6(IPv6Address(number: number))
        }
    }

    public var family: IPFamily {
        switch self {
        case .v4: .v4
        case .v6: .v6
        }
    }

    /// Four or sixteen bytes in network order.
    public var bytes: [UInt8] {
        switch self {
        case .v4(let address): address.bytes
        case .v6(let address): address.bytes
        }
    }

    /// The address as a number in host order.
    public var number: UInt128 {
        switch self {
        case .v4(let address): UInt128(address.rawValue)
        case .v6(let address): address.number
        }
    }

    public var v4: IPv4Address? {
        if case .v4(let address) = self { address } else { nil }
    }

    public var v6: IPv6Address? {
        if case .v6(let address) = self { address } else { nil }
    }

    /// An IPv4-mapped IPv6 address as the IPv4 address it means (what Go's `net.IP` makes of it); others unchanged.
    public var unmapped: IPAddress {
        if case .v6(let address) = self, let inner = address.ipv4Mapped { .v4(inner) } else { self }
    }

    public var isUnspecified: Bool { number == 0 }

    public var isLoopback: Bool {
        switch self {
        case .v4(let address): address.isLoopback
        case .v6(let address): address.isLoopback
        }
    }

    public var isLinkLocal: Bool {
        switch self {
        case .v4(let address): address.isLinkLocal
        case .v6(let address): address.isLinkLocal
        }
    }

    public var isMulticast: Bool {
        switch self {
        case .v4(let address): address.isMulticast
        case .v6(let address): address.isMulticast
        }
    }

    /// The address `offset` further on; nil past either end of the family's space.
    public func advanced(by offset: Int) -> IPAddress? {
        let magnitude = UInt128(offset.magnitude)
        let (sum, overflow) =
            offset < 0 ? number.subtractingReportingOverflow(magnitude) : number.addingReportingOverflow(magnitude)
        guard !overflow, sum <= family.largestNumber else { return nil }
        return IPAddress(number: sum, family: family)
    }

    /// IPv4 before IPv6, then by number.
    public static func < (left: IPAddress, right: IPAddress) -> Bool {
        left.family == right.family ? left.number < right.number : left.family < right.family
    }
}

extension IPAddress {
    public init?(_ text: String) {
        do throws(AddressError) { try self.init(parsing: text) } catch { return nil }
    }

    /// A text with a colon is read as IPv6, any other as IPv4.
    public init(parsing text: String) throws(AddressError) {
        if text.utf8.contains(ASCII.colon) {
            self = .v6(try IPv6Address(parsing: text))
            return
        }
        switch IPv4Address.parse(text.utf8) {
        case .success(let address): self = .v4(address)
        case .failure(let reason): throw AddressError(expected: "an IP address", text: text, reason: reason.description)
        }
    }

    public var description: String {
        switch self {
        case .v4(let address): address.description
        case .v6(let address): address.description
        }
    }
}
