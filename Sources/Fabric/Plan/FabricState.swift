import Addressing

/// What the fabric has, or should have, in a node's kernel. Everything is named by what makes it one thing for the
/// kernel (a route by its destination, a neighbour by its address, a forwarding entry by its hardware address), so that
/// two states compare in one pass and a change is a replacement, never a removal followed by an addition.
public struct FabricState: Hashable, Sendable {
    /// Nil for host-gw.
    public var tunnel: Tunnel?
    /// The node's own addresses in the overlay, on the tunnel.
    public var addresses: Set<IPAddress> = []
    /// On the tunnel: the other nodes' gateways and the hardware addresses of their tunnel ends.
    public var neighbours: [IPAddress: MACAddress] = [:]
    /// On the tunnel: hardware addresses of tunnel ends and the nodes they are on.
    public var forwarding: [MACAddress: IPAddress] = [:]
    public var routes: [IPPrefix: Path] = [:]
    /// The node's own pod ranges: what is sent to an address in them that no pod has is refused at once, instead of
    /// leaving by the default route and coming back.
    public var unreachable: Set<IPPrefix> = []

    public init() {}

    public struct Tunnel: Hashable, Sendable {
        public var name: String
        /// 0...16777215.
        public var identifier: UInt32
        public var port: UInt16
        /// The node's own address, the source of outer packets.
        public var local: IPAddress
        /// The interface outer packets leave by.
        public var underlay: String
        public var mac: MACAddress
        /// Bytes.
        public var mtu: Int
        /// Nil leaves the interface's setting alone.
        public var transmitChecksum: Bool?
        public var isUp: Bool

        public init(
            name: String, identifier: UInt32, port: UInt16, local: IPAddress, underlay: String, mac: MACAddress,
            mtu: Int, transmitChecksum: Bool? = nil, isUp: Bool = true
        ) {
            self.isUp = isUp
            self.name = name
            self.identifier = identifier
            self.port = port
            self.local = local
            self.underlay = underlay
            self.mac = mac
            self.mtu = mtu
            self.transmitChecksum = transmitChecksum
        }

        /// Whether the kernel can turn one into the other; otherwise the interface is made anew.
        public func canBecome(_ other: Tunnel) -> Bool {
            name == other.name && identifier == other.identifier && port == other.port && local == other.local
                && underlay == other.underlay
        }
    }

    /// How packets for a range of pods go.
    public struct Path: Hashable, Sendable {
        /// The tunnel's or the underlay's interface.
        public var interface: String
        /// Beyond a tunnel: the other end, which is on the link although no address of ours says so.
        public var gateway: IPAddress
        public var isOnLink: Bool

        public init(interface: String, gateway: IPAddress, isOnLink: Bool) {
            self.interface = interface
            self.gateway = gateway
            self.isOnLink = isOnLink
        }
    }

    public var isEmpty: Bool {
        tunnel == nil && addresses.isEmpty && neighbours.isEmpty && forwarding.isEmpty && routes.isEmpty
            && unreachable.isEmpty
    }

    /// Objects in all.
    public var count: Int {
        (tunnel == nil ? 0 : 1) + addresses.count + neighbours.count + forwarding.count + routes.count
            + unreachable.count
    }
}
