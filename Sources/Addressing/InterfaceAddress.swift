/// An address as an interface carries it: the host's own address and the length of the network it is on.
public struct InterfaceAddress: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let address: IPAddress
    /// Bits, 0...32 or 0...128.
    public let prefixLength: Int

    /// Nil when the length does not fit the family.
    public init?(address: IPAddress, prefixLength: Int) {
        guard (0...address.family.bitWidth).contains(prefixLength) else { return nil }
        self.address = address
        self.prefixLength = prefixLength
    }

    /// The address with the length of `prefix`, which need not contain it.
    ///
    /// - Precondition: both are of one family.
    public init(_ address: IPAddress, in prefix: IPPrefix) {
        precondition(address.family == prefix.family, "\(address) and \(prefix) are of different families")
        self.address = address
        prefixLength = prefix.length
    }

    /// A host route: /32 or /128.
    public init(host address: IPAddress) {
        self.address = address
        prefixLength = address.family.bitWidth
    }

    public var family: IPFamily { address.family }

    /// The network the address is on.
    public var prefix: IPPrefix { IPPrefix(containing: address, length: prefixLength) }

    public static func < (left: InterfaceAddress, right: InterfaceAddress) -> Bool {
        left.address == right.address ? left.prefixLength < right.prefixLength : left.address < right.address
    }
}

extension InterfaceAddress {
    public init?(_ text: String) {
        do throws(AddressError) { try self.init(parsing: text) } catch { return nil }
    }

    /// `address/length`; host bits are what makes it an interface's address.
    public init(parsing text: String) throws(AddressError) {
        (address, prefixLength) = try parseSlashed(text, expected: "an address with a prefix length")
    }

    public var description: String { "\(address)/\(prefixLength)" }
}
