/// An Ethernet address (IEEE 802, EUI-48).
public struct MACAddress: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The six bytes as a number, the first sent byte highest.
    public let rawValue: UInt64

    /// Bits above the 48th are dropped.
    public init(rawValue: UInt64) { self.rawValue = rawValue & 0xFFFF_FFFF_FFFF }

    /// Six bytes in the order they are sent; nil for any other count.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 6 else { return nil }
        rawValue = bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// A locally administered unicast address out of somebody else's randomness; six bytes of it are enough.
    public static func locallyAdministered(entropy: UInt64) -> MACAddress {
        let first = (entropy >> 40 & 0xFC) | 0x02
        return MACAddress(rawValue: first << 40 | entropy & 0xFF_FFFF_FFFF)
    }

    /// Six bytes in the order they are sent.
    public var bytes: [UInt8] { (0..<6).map { UInt8(truncatingIfNeeded: rawValue >> UInt64(40 - 8 * $0)) } }

    public static let broadcast = MACAddress(rawValue: 0xFFFF_FFFF_FFFF)

    /// Chosen by software and not by a vendor (the U/L bit).
    public var isLocal: Bool { rawValue >> 40 & 0x02 != 0 }
    /// A group address (the I/G bit); no interface can have it.
    public var isMulticast: Bool { rawValue >> 40 & 0x01 != 0 }
    public var isZero: Bool { rawValue == 0 }

    public static func < (left: MACAddress, right: MACAddress) -> Bool { left.rawValue < right.rawValue }
}

extension MACAddress {
    public init?(_ text: String) {
        do throws(AddressError) { try self.init(parsing: text) } catch { return nil }
    }

    /// `02:00:0a:01:02:03`, the same with dashes, or three dotted groups of four digits, as Go's `net.ParseMAC` reads them.
    public init(parsing text: String) throws(AddressError) {
        func failure(_ reason: String) -> AddressError {
            AddressError(expected: "a MAC address", text: text, reason: reason)
        }
        let bytes = Array(text.utf8)
        let separator: UInt8
        let groupLength: Int
        switch bytes.count {
        case 17 where bytes[2] == ASCII.colon || bytes[2] == ASCII.dash: (separator, groupLength) = (bytes[2], 2)
        case 14 where bytes[4] == ASCII.dot: (separator, groupLength) = (ASCII.dot, 4)
        case 0: throw failure("it is empty")
        default: throw failure("six pairs of hexadecimal digits with colons between them are expected")
        }
        var value: UInt64 = 0
        for (index, byte) in bytes.enumerated() {
            if index % (groupLength + 1) == groupLength {
                guard byte == separator else { throw failure("its separators differ or are in the wrong places") }
            } else {
                guard let digit = ASCII.hexValue(byte) else { throw failure("only hexadecimal digits belong in it") }
                value = value << 4 | UInt64(digit)
            }
        }
        rawValue = value
    }

    /// Lower case with colons.
    public var description: String {
        var text: [UInt8] = []
        text.reserveCapacity(17)
        for (index, byte) in bytes.enumerated() {
            if index > 0 { text.append(ASCII.colon) }
            text.append(ASCII.hexDigit(byte >> 4))
            text.append(ASCII.hexDigit(byte & 0xF))
        }
        return String(decoding: text, as: UTF8.self)
    }
}
