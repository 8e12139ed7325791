/// An IPv4 address (RFC 791).
public struct IPv4Address: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The address as a number in host order: 10.0.0.1 is `0x0A00_0001`.
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public init(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) {
        rawValue = UInt32(a) << 24 | UInt32(b) << 16 | UInt32(c) << 8 | UInt32(d)
    }

    /// Four bytes in network order; nil for any other count.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 4 else { return nil }
        rawValue = bytes.reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Four bytes in network order.
    public var bytes: [UInt8] {
        [
            UInt8(truncatingIfNeeded: rawValue >> 24), UInt8(truncatingIfNeeded: rawValue >> 16),
            UInt8(truncatingIfNeeded: rawValue >> 8), UInt8(truncatingIfNeeded: rawValue),
        ]
    }

    public static let unspecified = IPv4Address(rawValue: 0)
    public static let loopback = IPv4Address(127, 0, 0, 1)
    /// 255.255.255.255, which no router forwards (RFC 919).
    public static let broadcast = IPv4Address(rawValue: .max)

    public var isUnspecified: Bool { rawValue == 0 }
    /// 127.0.0.0/8 (RFC 1122 3.2.1.3).
    public var isLoopback: Bool { rawValue >> 24 == 127 }
    /// 169.254.0.0/16 (RFC 3927).
    public var isLinkLocal: Bool { rawValue >> 16 == 0xA9FE }
    /// 224.0.0.0/4 (RFC 5771).
    public var isMulticast: Bool { rawValue >> 28 == 0xE }

    public static func < (left: IPv4Address, right: IPv4Address) -> Bool { left.rawValue < right.rawValue }
}

extension IPv4Address {
    static let expected = "an IPv4 address"

    /// Four decimal numbers and three dots. A leading zero is refused: some readers take such a number for octal,
    /// and two programs that disagree about an address are a hole in a firewall.
    public init?(_ text: String) {
        do throws(AddressError) { try self.init(parsing: text) } catch { return nil }
    }

    public init(parsing text: String) throws(AddressError) {
        switch Self.parse(text.utf8) {
        case .success(let value): self = value
        case .failure(let reason): throw AddressError(expected: Self.expected, text: text, reason: reason.description)
        }
    }

    /// Dotted decimal.
    public var description: String {
        var text: [UInt8] = []
        text.reserveCapacity(15)
        append(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    func append(to text: inout [UInt8]) {
        for (index, byte) in bytes.enumerated() {
            if index > 0 { text.append(ASCII.dot) }
            ASCII.appendDecimal(byte, to: &text)
        }
    }

    static func parse(_ text: some Collection<UInt8>) -> Result<IPv4Address, ParseFailure> {
        if text.isEmpty { return .failure("it is empty") }
        var number: UInt32 = 0
        var octet: UInt32 = 0
        var digits = 0
        var octets = 0
        for byte in text {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                if digits > 0 && octet == 0 { return .failure("a number in it has a leading zero") }
                octet = octet * 10 + UInt32(byte - ASCII.zero)
                digits += 1
                if octet > 255 { return .failure("a number in it is larger than 255") }
            case ASCII.dot:
                if digits == 0 { return .failure("a number is missing before a dot") }
                number = number << 8 | octet
                octets += 1
                (octet, digits) = (0, 0)
                if octets > 3 { return .failure("it has more than four numbers") }
            case ASCII.slash:
                return .failure("it has a prefix length, but a single address belongs here")
            default:
                return .failure("only digits and dots belong in it")
            }
        }
        if digits == 0 { return .failure("a number is missing after the last dot") }
        if octets < 3 { return .failure("it has fewer than four numbers") }
        return .success(IPv4Address(rawValue: number << 8 | octet))
    }
}
