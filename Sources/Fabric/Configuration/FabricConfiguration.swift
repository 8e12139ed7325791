import Addressing

/// How a cluster's nodes are joined: what `net-conf.json` (Flannel's format) and `poplin.json` (ours) say, with every
/// default filled in.
///
/// Both are keys of the ConfigMap `poplin-config`, so every node reads the same text. Reading is in
/// ``FabricConfiguration/read(netConf:poplin:)``; the keys with their meanings are in ``FabricConfiguration/keys``.
public struct FabricConfiguration: Hashable, Sendable {
    /// The cluster's pod networks, at most one of a family, in the order IPv4, IPv6. Empty families are not used.
    public var networks: [IPPrefix] = []
    public var backend = Backend.vxlan(VXLAN())
    /// Bytes of the pods' interfaces; nil: the underlay's MTU minus the backend's overhead.
    public var mtu: Int?
    /// The address family of the packets between nodes.
    public var underlay = UnderlayFamily.auto
    /// The interface packets between nodes leave by; nil: the one that has the node's address.
    public var underlayInterface: String?
    public var transmitChecksum = TransmitChecksum.auto
    public var masquerade = MasqueradeSettings()
    public var trackPodToPod = PodTracking.auto
    /// Service ranges, to be kept apart from pod ranges.
    public var serviceCIDRs: [IPPrefix] = []
    public var ipam = AddressManagement()

    public init() {}

    public enum Backend: Hashable, Sendable {
        case vxlan(VXLAN)
        /// Routes by way of the nodes themselves, which must all be on one segment.
        case hostGateway

        /// As `Backend.Type` says it.
        public var name: String {
            switch self {
            case .vxlan: "vxlan"
            case .hostGateway: "host-gw"
            }
        }

        public var vxlan: VXLAN? { if case .vxlan(let vxlan) = self { vxlan } else { nil } }
    }

    public struct VXLAN: Hashable, Sendable {
        /// 0...16777215.
        public var identifier: UInt32 = 1
        /// UDP.
        public var port: UInt16 = 8472
        /// Nodes on our own segment are reached by plain routes.
        public var directRouting = false

        public init(identifier: UInt32 = 1, port: UInt16 = 8472, directRouting: Bool = false) {
            self.identifier = identifier
            self.port = port
            self.directRouting = directRouting
        }

        /// The interface's name. It has the identifier in it, so that a change of the identifier makes a second
        /// interface, routes move over to it one by one, and the first goes last: no packet is lost on our side.
        public var interfaceName: String { "poplin.\(identifier)" }
    }

    public enum UnderlayFamily: String, Hashable, Sendable, CaseIterable {
        /// The family of the node's first address, which is the same for all nodes of a cluster.
        case auto
        case ipv4
        case ipv6
    }

    /// Whether the tunnel leaves TCP and UDP checksums of pods' packets to the hardware.
    public enum TransmitChecksum: String, Hashable, Sendable, CaseIterable {
        /// Off where it is known to break packets (see `ChecksumOffload`), on elsewhere.
        case auto
        case on
        case off
    }

    /// Whether the kernel knows connections between pods.
    public enum PodTracking: String, Hashable, Sendable, CaseIterable {
        /// While something on the node may need them (``ConnectionUsers``).
        case auto
        case always
    }

    public struct MasqueradeSettings: Hashable, Sendable {
        public var isOn = true
        /// What keeps the pods' addresses besides the pod networks and multicast.
        public var nonMasqueradeCIDRs: [IPPrefix] = []
        /// Source ports are chosen at random, so that many pods asking one resolver do not race for the same port.
        public var randomPorts = true
        /// Chains of others that would drop forwarded pod packets get one marked rule that accepts them.
        public var opensForwarding = true

        public init() {}
    }

    /// Where pod addresses come from.
    public struct AddressManagement: Hashable, Sendable {
        public var mode = Mode.kubernetes
        /// Seconds an address rests before it is given out again, 0...3600.
        public var cooldown = 150
        /// Blocks a node may own in one pool and family, 1...; an empty one beyond the first is given back.
        public var mostBlocksPerNode = 20

        public init() {}

        public enum Mode: String, Hashable, Sendable, CaseIterable {
            /// `Node.spec.podCIDRs`, as the controller manager assigns them.
            case kubernetes
            /// Blocks of the cluster's `ippools.poplin.dev`.
            case clusterPool = "cluster-pool"
        }
    }

    public var families: [IPFamily] { networks.map(\.family) }

    public func network(_ family: IPFamily) -> IPPrefix? { networks.first { $0.family == family } }
}
