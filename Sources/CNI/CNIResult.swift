import Addressing
import JSONTree

/// What ADD answers: interfaces, addresses, routes and name servers of one container after this plugin.
///
/// One model for every version of the specification, that of 1.1.0, the superset. Older shapes are read into it and
/// written from it (`CNIResult+Decoding.swift`, `CNIResult+Encoding.swift`). Members that no version defines are kept
/// where they were found, so that a plugin in the middle of a chain loses nothing.
public struct CNIResult: Sendable, Equatable {
    public var interfaces: [Interface]
    public var ips: [IP]
    public var routes: [Route]
    public var dns: DNS
    public var unknown: [JSONMember]

    public init(interfaces: [Interface] = [], ips: [IP] = [], routes: [Route] = [], dns: DNS = DNS()) {
        self.interfaces = interfaces
        self.ips = ips
        self.routes = routes
        self.dns = dns
        self.unknown = []
    }
}

extension CNIResult {
    /// A link that was made, in the container or on the host.
    public struct Interface: Sendable, Equatable {
        public var name: String
        /// As text, because InfiniBand's has 20 bytes; see ``macAddress``.
        public var mac: String?
        /// Bytes.
        public var mtu: Int?
        /// The path of the container's network namespace; nil on the host.
        public var sandbox: String?
        /// For userspace networking (vhost-user), absolute.
        public var socketPath: String?
        public var pciID: String?
        public var unknown: [JSONMember]

        public init(
            name: String, mac: MACAddress? = nil, mtu: Int? = nil, sandbox: String? = nil, socketPath: String? = nil,
            pciID: String? = nil
        ) {
            self.name = name
            self.mac = mac?.description
            self.mtu = mtu
            self.sandbox = sandbox
            self.socketPath = socketPath
            self.pciID = pciID
            self.unknown = []
        }

        /// The Ethernet address; nil when there is none or it is not one.
        public var macAddress: MACAddress? { mac.flatMap { MACAddress($0) } }
        /// Whether the link is in a container rather than on the host.
        public var isInContainer: Bool { !(sandbox ?? "").isEmpty }
    }

    /// An address of an interface.
    public struct IP: Sendable, Equatable {
        /// With the length of its prefix: `10.1.2.3/24`.
        public var address: InterfaceAddress
        public var gateway: IPAddress?
        /// Index into ``CNIResult/interfaces``; an IPAM plugin leaves it nil.
        public var interface: Int?
        public var unknown: [JSONMember]

        public init(address: InterfaceAddress, gateway: IPAddress? = nil, interface: Int? = nil) {
            self.address = address
            self.gateway = gateway
            self.interface = interface
            self.unknown = []
        }
    }

    /// A route inside the container.
    public struct Route: Sendable, Equatable {
        public var destination: IPPrefix
        /// Nil means: through the gateway of an address of the same family.
        public var gateway: IPAddress?
        /// Bytes.
        public var mtu: Int?
        /// The largest TCP segment to announce, in bytes.
        public var advmss: Int?
        /// Smaller is preferred (RTA_PRIORITY).
        public var priority: Int?
        /// The routing table's number; nil is main.
        public var table: Int?
        /// RT_SCOPE_...: 0 universe, 253 link, 254 host (linux/rtnetlink.h).
        public var scope: Int?
        public var unknown: [JSONMember]

        public init(
            destination: IPPrefix, gateway: IPAddress? = nil, mtu: Int? = nil, advmss: Int? = nil,
            priority: Int? = nil, table: Int? = nil, scope: Int? = nil
        ) {
            self.destination = destination
            self.gateway = gateway
            self.mtu = mtu
            self.advmss = advmss
            self.priority = priority
            self.table = table
            self.scope = scope
            self.unknown = []
        }

        public var isDefault: Bool { destination.length == 0 }
    }

    /// What the container's resolver should ask (resolv.conf(5)).
    public struct DNS: Sendable, Equatable {
        public var nameservers: [String]
        public var domain: String?
        public var search: [String]
        public var options: [String]
        public var unknown: [JSONMember]

        public init(
            nameservers: [String] = [], domain: String? = nil, search: [String] = [], options: [String] = []
        ) {
            self.nameservers = nameservers
            self.domain = domain
            self.search = search
            self.options = options
            self.unknown = []
        }

        public var isEmpty: Bool {
            nameservers.isEmpty && (domain ?? "").isEmpty && search.isEmpty && options.isEmpty && unknown.isEmpty
        }

        /// The `dns` object of a configuration.
        public init(_ reader: ConfigurationReader?) throws(CNIError) {
            self.init()
            guard let reader else { return }
            nameservers = try reader.strings("nameservers")
            domain = try reader.string("domain")
            search = try reader.strings("search")
            options = try reader.strings("options")
            unknown = reader.node.unknownMembers(besides: "nameservers", "domain", "search", "options")
        }
    }
}

extension CNIResult {
    /// The first address of a family.
    public func firstIP(_ family: IPFamily) -> IP? { ips.first { $0.address.family == family } }

    /// The addresses of the interface with this index; those without an index count too, because IPAM plugins and
    /// versions before 0.3.0 give none.
    public func ips(ofInterface index: Int) -> [IP] { ips.filter { $0.interface == nil || $0.interface == index } }

    /// Where an interface stands in ``interfaces``.
    public func interfaceIndex(named name: String, inContainer: Bool) -> Int? {
        interfaces.firstIndex { $0.name == name && $0.isInContainer == inContainer }
    }
}
