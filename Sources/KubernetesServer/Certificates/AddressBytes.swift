import Addressing

/// An address' bytes as a certificate holds them: 4 or 16, in network order.
enum AddressBytes {
    static func of(_ text: String) -> [UInt8]? {
        if let address = IPv4Address(text) { return address.bytes }
        if let address = IPv6Address(text) { return address.bytes }
        return nil
    }
}
