import Addressing
import CLinux

/// A network interface as the kernel describes it (RTM_NEWLINK).
public struct Link: Hashable, Sendable {
    public var index: InterfaceIndex
    public var name: String
    /// Other names it can be found by (IFLA_ALT_IFNAME, Linux 5.5).
    public var alternativeNames: [String] = []
    /// Free text, at most 255 bytes (IFLA_IFALIAS).
    public var alias: String?
    /// What made it: `veth`, `bridge`, ...; nil for hardware and the loopback (IFLA_INFO_KIND).
    public var kind: String?
    /// ARPHRD_... (`ifi_type`).
    public var hardwareType: UInt16 = 0
    /// Nil when it has none or one that is not six bytes long.
    public var mac: MACAddress?
    /// Bytes.
    public var mtu: Int = 0
    /// The largest MTU the driver takes; 0 when it does not say (IFLA_MAX_MTU, Linux 4.18).
    public var largestMTU: Int = 0
    public var flags: Flags = []
    public var operationalState: OperationalState = .unknown
    /// Whether the driver sees the other end.
    public var hasCarrier = false
    /// The bridge, bond or VRF it belongs to.
    public var master: InterfaceIndex?
    /// A veth's peer or the lower interface of a VLAN, in the namespace `linkNamespaceID` (IFLA_LINK).
    public var link: InterfaceIndex?
    /// The namespace of `link` as this namespace numbers it; nil when it is the same (IFLA_LINK_NETNSID).
    public var linkNamespaceID: Int32?
    /// Packets.
    public var transmitQueueLength: Int = 0
    /// How many users want promiscuous mode; the flag IFF_PROMISC is only the administrator's share.
    public var promiscuity: Int = 0
    public var group: UInt32 = 0
    /// The queueing discipline at the root.
    public var queueingDiscipline: String?
    public var bridge: BridgeSettings?
    /// Set when it is a port of a bridge.
    public var port: BridgePort?
    /// The tag of an interface of kind `vlan`.
    public var vlanID: UInt16?
    /// What an interface of kind `vxlan` is set to.
    public var vxlan: VXLANSettings?
    /// The source address of the outer packets of an `ipip`, `sit` or `gre` interface (IFLA_IPTUN_LOCAL and its kin).
    public var tunnelSource: IPAddress?

    public init(index: InterfaceIndex, name: String) {
        self.index = index
        self.name = name
    }

    public var isUp: Bool { flags.contains(.up) }

    /// IFF_... (linux/if.h).
    public struct Flags: OptionSet, Hashable, Sendable {
        public let rawValue: UInt32

        public init(rawValue: UInt32) { self.rawValue = rawValue }

        public static let up = Flags(rawValue: 1 << 0)
        public static let broadcast = Flags(rawValue: 1 << 1)
        public static let loopback = Flags(rawValue: 1 << 3)
        public static let pointToPoint = Flags(rawValue: 1 << 4)
        public static let running = Flags(rawValue: 1 << 6)
        public static let noARP = Flags(rawValue: 1 << 7)
        public static let promiscuous = Flags(rawValue: 1 << 8)
        public static let allMulticast = Flags(rawValue: 1 << 9)
        public static let multicast = Flags(rawValue: 1 << 12)
        public static let lowerUp = Flags(rawValue: 1 << 16)
    }

    /// RFC 2863's ifOperStatus as the kernel numbers it (IF_OPER_..., linux/if.h).
    public enum OperationalState: UInt8, Hashable, Sendable, CustomStringConvertible {
        case unknown, notPresent, down, lowerLayerDown, testing, dormant, up

        /// The word that sysfs and iproute2 use, in lower case.
        public var description: String {
            switch self {
            case .unknown: "unknown"
            case .notPresent: "notpresent"
            case .down: "down"
            case .lowerLayerDown: "lowerlayerdown"
            case .testing: "testing"
            case .dormant: "dormant"
            case .up: "up"
            }
        }
    }
}

/// What a bridge is set to (IFLA_BR_...). Nil means: not said, or not to be changed.
public struct BridgeSettings: Hashable, Sendable {
    public var vlanFiltering: Bool?
    /// The VLAN of untagged frames on new ports; 0 is none.
    public var defaultVLAN: UInt16?
    public var spanningTree: Bool?
    public var multicastSnooping: Bool?
    /// Seconds times USER_HZ (100).
    public var forwardDelay: UInt32?

    public init(
        vlanFiltering: Bool? = nil, defaultVLAN: UInt16? = nil, spanningTree: Bool? = nil,
        multicastSnooping: Bool? = nil, forwardDelay: UInt32? = nil
    ) {
        self.vlanFiltering = vlanFiltering
        self.defaultVLAN = defaultVLAN
        self.spanningTree = spanningTree
        self.multicastSnooping = multicastSnooping
        self.forwardDelay = forwardDelay
    }
}

/// What a bridge does with one of its ports (IFLA_BRPORT_...). Nil means: not said, or not to be changed.
public struct BridgePort: Hashable, Sendable {
    /// Frames may leave through the port they came in by.
    public var hairpin: Bool?
    /// No traffic between isolated ports.
    public var isolated: Bool?
    public var learning: Bool?
    public var unicastFlood: Bool?
    /// The forwarding state: 0 disabled, 1 listening, 2 learning, 3 forwarding, 4 blocking. Read only here.
    public var state: UInt8?

    public init(
        hairpin: Bool? = nil, isolated: Bool? = nil, learning: Bool? = nil, unicastFlood: Bool? = nil
    ) {
        self.hairpin = hairpin
        self.isolated = isolated
        self.learning = learning
        self.unicastFlood = unicastFlood
    }
}
