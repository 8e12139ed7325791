import Addressing

/// A stretch of one subnet that addresses are taken from, as host-local's `ranges` describe it.
///
/// Three addresses inside the stretch are never handed out: the gateway, the subnet's own first address (IPv4: the
/// network's name, IPv6: the subnet-router anycast address, RFC 4291 2.6.1), and the IPv4 broadcast address.
public struct AddressRange: Hashable, Sendable, CustomStringConvertible {
    public let subnet: IPPrefix
    public let addresses: IPRange
    /// Goes into the result. Need not lie in the subnet: an IPv6 gateway may be link-local.
    public let gateway: IPAddress

    /// Checks what was configured and fills in what was not: the range starts behind the network address and ends
    /// before the broadcast address (IPv6: with the last address), the gateway is the first address of the subnet.
    public init(
        subnet: IPPrefix, rangeStart: IPAddress? = nil, rangeEnd: IPAddress? = nil, gateway: IPAddress? = nil
    ) throws(RangeError) {
        guard subnet.length <= subnet.family.bitWidth - 2, let second = subnet.first.advanced(by: 1) else {
            throw RangeError(
                .subnet,
                "the network \(subnet) is too small to allocate from: "
                    + "a prefix of at most /\(subnet.family.bitWidth - 2) leaves room for a gateway and a container")
        }
        let first = try Self.end(.rangeStart, rangeStart, in: subnet) ?? second
        let last =
            try Self.end(.rangeEnd, rangeEnd, in: subnet) ?? subnet.broadcast?.advanced(by: -1) ?? subnet.last
        guard let addresses = IPRange(first: first, last: last) else {
            throw RangeError(
                rangeStart == nil ? .rangeEnd : .rangeStart, "the range runs backwards: it would be \(first) to \(last)"
            )
        }
        self.subnet = subnet
        self.addresses = addresses
        self.gateway = try Self.checked(gateway: gateway, in: subnet) ?? second
        if capacity == 0 {
            throw RangeError(
                rangeStart == nil ? .rangeEnd : .rangeStart,
                "the range \(addresses) of \(subnet) has no address to hand out: "
                    + "the gateway \(self.gateway), the network address and the broadcast address never are")
        }
    }

    private static func end(
        _ key: RangeError.Key, _ address: IPAddress?, in subnet: IPPrefix
    ) throws(RangeError) -> IPAddress? {
        guard let address = address?.unmapped else { return nil }
        guard subnet.contains(address) else {
            throw RangeError(
                key, "\(address) is not in the network \(subnet), which is \(subnet.first) to \(subnet.last)")
        }
        return address
    }

    private static func checked(gateway: IPAddress?, in subnet: IPPrefix) throws(RangeError) -> IPAddress? {
        guard let gateway = gateway?.unmapped else { return nil }
        func refused(_ reason: String) -> RangeError {
            RangeError(.gateway, "\(gateway) cannot be a gateway of \(subnet): \(reason)")
        }
        guard gateway.family == subnet.family else {
            throw refused("it is an \(gateway.family) address, the network is \(subnet.family)")
        }
        if gateway.isUnspecified { throw refused("it is the unspecified address") }
        if gateway.isMulticast { throw refused("it is a multicast address") }
        if gateway.isLoopback { throw refused("it is a loopback address") }
        if gateway == subnet.broadcast { throw refused("it is the broadcast address") }
        if gateway.family == .v4 && gateway == subnet.network { throw refused("it is the network address") }
        return gateway
    }

    public var family: IPFamily { subnet.family }

    /// Whether the address is never handed out though the range contains it.
    public func excludes(_ address: IPAddress) -> Bool {
        address == gateway || address == subnet.network || address == subnet.broadcast
    }

    /// How many addresses can be handed out.
    public var capacity: UInt128 {
        addresses.count - UInt128(excluded.count)
    }

    /// The addresses in the range that are never handed out, each once. An array, because the first set of a type
    /// that a process makes costs more than everything else here.
    var excluded: [IPAddress] {
        var excluded: [IPAddress] = []
        for address in [gateway, subnet.network, subnet.broadcast ?? gateway]
        where addresses.contains(address) && !excluded.contains(address) {
            excluded.append(address)
        }
        return excluded
    }

    public var description: String { "\(addresses.first)-\(addresses.last) of \(subnet)" }
}

/// Why a range or a set of ranges cannot be used.
public struct RangeError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The configuration keys of a range.
    public enum Key: String, Sendable {
        case subnet, rangeStart, rangeEnd, gateway
    }

    /// The key to blame; nil when it is the range as a whole.
    public let key: Key?
    /// Which set and which range of it, counted from 0, where that is known.
    public var set: Int?
    public var range: Int?
    public let reason: String

    public init(_ key: Key?, _ reason: String, set: Int? = nil, range: Int? = nil) {
        self.key = key
        self.reason = reason
        self.set = set
        self.range = range
    }

    public var description: String { reason }
}
