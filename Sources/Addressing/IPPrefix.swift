/// A network: an address whose host bits are zero, and how many leading bits name the network (RFC 4632).
public struct IPPrefix: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The first address; its host bits are zero.
    public let network: IPAddress
    /// Bits, 0...32 or 0...128.
    public let length: Int

    /// The network of `length` bits around `address`, whose host bits are dropped.
    ///
    /// - Precondition: `length` is 0...`address.family.bitWidth`.
    public init(containing address: IPAddress, length: Int) {
        precondition((0...address.family.bitWidth).contains(length), "prefix length \(length) of \(address)")
        self.length = length
        network = IPAddress(
            number: address.number & ~Self.hostMask(address.family, length), family: address.family)
    }

    /// Nil when a host bit is set or the length is impossible.
    public init?(network: IPAddress, length: Int) {
        guard (0...network.family.bitWidth).contains(length),
            network.number & Self.hostMask(network.family, length) == 0
        else { return nil }
        self.network = network
        self.length = length
    }

    /// Ones where the host part is.
    private static func hostMask(_ family: IPFamily, _ length: Int) -> UInt128 {
        let hostBits = family.bitWidth - length
        return hostBits == 128 ? .max : (1 << UInt128(hostBits)) - 1
    }

    public var family: IPFamily { network.family }

    /// The first address, which is ``network``.
    public var first: IPAddress { network }

    /// The last address: all host bits one.
    public var last: IPAddress {
        IPAddress(number: network.number | Self.hostMask(family, length), family: family)
    }

    public var range: IPRange { IPRange(uncheckedFirst: first, last: last) }

    /// 255.255.255.0 for a /24.
    public var netmask: IPAddress {
        IPAddress(number: family.largestNumber & ~Self.hostMask(family, length), family: family)
    }

    /// The directed broadcast address; IPv6 has none, nor have IPv4 point-to-point links (/31, RFC 3021) and hosts (/32).
    public var broadcast: IPAddress? { family == .v4 && length <= 30 ? last : nil }

    public func contains(_ address: IPAddress) -> Bool {
        address.family == family && address.number & ~Self.hostMask(family, length) == network.number
    }

    /// Whether every address of `other` is in this network; a network contains itself.
    public func contains(_ other: IPPrefix) -> Bool { other.length >= length && contains(other.network) }

    public func overlaps(_ other: IPPrefix) -> Bool { contains(other) || other.contains(self) }

    /// By address, the shorter prefix first, so that a network sorts before the networks inside it.
    public static func < (left: IPPrefix, right: IPPrefix) -> Bool {
        left.network == right.network ? left.length < right.length : left.network < right.network
    }
}

extension IPPrefix {
    static let expected = "a network prefix"

    public init?(_ text: String) {
        do throws(AddressError) { try self.init(parsing: text) } catch { return nil }
    }

    /// `address/length` with all host bits zero.
    public init(parsing text: String) throws(AddressError) {
        let (address, length) = try parseSlashed(text, expected: Self.expected)
        guard let prefix = IPPrefix(network: address, length: length) else {
            let meant = IPPrefix(containing: address, length: length)
            throw AddressError(
                expected: Self.expected, text: text, reason: "host bits are set, did you mean \(meant)?")
        }
        self = prefix
    }

    public var description: String { "\(network)/\(length)" }
}

/// The two halves of `address/length`.
func parseSlashed(_ text: String, expected: String) throws(AddressError) -> (IPAddress, Int) {
    guard let slash = text.utf8.firstIndex(of: ASCII.slash) else {
        let example = text.utf8.contains(ASCII.colon) ? "/64" : "/24"
        throw AddressError(
            expected: expected, text: text, reason: "the prefix length is missing (such as \(example))")
    }
    let address: IPAddress
    do throws(AddressError) {
        address = try IPAddress(parsing: String(text[..<slash]))
    } catch {
        throw AddressError(expected: expected, text: text, reason: error.reason)
    }

    let digits = text.utf8[text.utf8.index(after: slash)...]
    guard let first = digits.first, digits.allSatisfy({ $0 >= ASCII.zero && $0 <= ASCII.zero + 9 }) else {
        throw AddressError(
            expected: expected, text: text, reason: "the prefix length after the slash is not a number")
    }
    if first == ASCII.zero && digits.count > 1 {
        throw AddressError(
            expected: expected, text: text, reason: "the prefix length has a leading zero")
    }
    let width = address.family.bitWidth
    guard digits.count <= 3, let length = Int(Substring(digits)), length <= width else {
        throw AddressError(
            expected: expected, text: text,
            reason: "the prefix length of an \(address.family) network is at most \(width)")
    }
    return (address, length)
}
