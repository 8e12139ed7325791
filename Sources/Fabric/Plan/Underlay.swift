import Addressing

/// The network that joins the nodes, as one node sees it.
public struct Underlay: Hashable, Sendable {
    /// The interface that holds the node's address.
    public var interface: String
    /// Bytes.
    public var mtu: Int
    /// The node's addresses on that interface, with the networks they are on.
    public var addresses: [InterfaceAddress]
    /// Destinations the node has routes to that are not ours, to be kept apart from pod ranges; default routes are
    /// not among them.
    public var foreignRoutes: [ForeignRoute]
    /// The kernel's version and the driver under the interface, where they are known to break checksums.
    public var breaksTransmitChecksum: Bool

    public init(
        interface: String, mtu: Int, addresses: [InterfaceAddress], foreignRoutes: [ForeignRoute] = [],
        breaksTransmitChecksum: Bool = false
    ) {
        self.interface = interface
        self.mtu = mtu
        self.addresses = addresses
        self.foreignRoutes = foreignRoutes
        self.breaksTransmitChecksum = breaksTransmitChecksum
    }

    public struct ForeignRoute: Hashable, Sendable {
        public var destination: IPPrefix
        public var interface: String

        public init(destination: IPPrefix, interface: String) {
            self.destination = destination
            self.interface = interface
        }
    }

    /// Whether an address is a direct neighbour: on a network of ours, and not behind a host route.
    public func isOnSegment(_ address: IPAddress) -> Bool {
        addresses.contains {
            $0.family == address.family && $0.prefixLength < address.family.bitWidth && $0.prefix.contains(address)
        }
    }
}
