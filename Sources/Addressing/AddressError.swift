/// Why a text is not the address it should be, in words a person can act on.
public struct AddressError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was expected, with its article: "an IPv4 address".
    public let expected: String
    /// The text as it was given.
    public let text: String
    /// What is wrong with it, and what was probably meant: "host bits are set, did you mean 10.1.2.0/24?".
    public let reason: String

    public init(expected: String, text: String, reason: String) {
        self.expected = expected
        self.text = text
        self.reason = reason
    }

    public var description: String { "\"\(text)\" is not \(expected): \(reason)" }
}

/// The ASCII bytes that addresses are made of.
enum ASCII {
    static let dot = UInt8(ascii: ".")
    static let colon = UInt8(ascii: ":")
    static let slash = UInt8(ascii: "/")
    static let dash = UInt8(ascii: "-")
    static let percent = UInt8(ascii: "%")
    static let zero = UInt8(ascii: "0")

    /// The value of one hexadecimal digit of either case.
    static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    /// Appends `value` in decimal, without leading zeros.
    static func appendDecimal(_ value: UInt8, to text: inout [UInt8]) {
        if value >= 100 { text.append(zero + value / 100) }
        if value >= 10 { text.append(zero + value / 10 % 10) }
        text.append(zero + value % 10)
    }
}

/// The reason half of an ``AddressError``, before the whole text is known.
struct ParseFailure: Error, ExpressibleByStringLiteral, CustomStringConvertible {
    private let text: StaticString

    init(stringLiteral text: StaticString) { self.text = text }

    var description: String { text.description }
}
