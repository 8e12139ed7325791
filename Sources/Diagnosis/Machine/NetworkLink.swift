import Addressing
import JSONTree

/// An interface as `ip -d -j link` prints it.
public struct NetworkLink: Sendable, Hashable {
    public var index: Int
    public var name: String
    /// `veth`, `bridge`, `vxlan`, `ipip`, `wireguard`, ...; nil for hardware and the loopback.
    public var kind: String?
    public var mac: MACAddress?
    /// Bytes.
    public var mtu: Int
    public var isUp: Bool
    /// It takes frames for others as well.
    public var isPromiscuous: Bool
    /// The driver sees the other end (LOWER_UP).
    public var hasCarrier: Bool
    /// In lower case: `up`, `down`, `unknown`, `lowerlayerdown`.
    public var state: String
    /// The bridge, bond or VRF it belongs to.
    public var master: String?
    /// The lower interface, or the other end of a pair, by name when it is in the same namespace.
    public var lower: String?
    public var lowerIndex: Int?
    /// The other end is in another namespace.
    public var isLinkedElsewhere: Bool
    public var queueing: String?
    public var tunnel: Tunnel?
    /// Of a bridge's port.
    public var hairpin: Bool?
    /// Of a bridge's port: `forwarding`, `disabled`, `blocking`, ...
    public var portState: String?
    /// Of a bridge's port: it exchanges nothing with other isolated ones.
    public var isIsolated = false
    /// It asks for no MACs and answers for none.
    public var isWithoutARP: Bool

    /// What a tunnel's device is set to.
    public struct Tunnel: Sendable, Hashable {
        /// VXLAN or Geneve network identifier.
        public var identifier: Int?
        public var port: Int?
        public var local: IPAddress?
        public var remote: IPAddress?
        public var lower: String?
    }

    /// Nil when there is no name.
    public init?(_ node: JSONNode) {
        guard let written = node.member("ifname")?.string else { return nil }
        // `ip -j` of before 5.0 writes `eth0@if7`; the name is what stands before.
        name = written.firstIndex(of: "@").map { String(written[..<$0]) } ?? written
        index = node.member("ifindex")?.int.map { Int(clamping: $0) } ?? 0
        mac = node.member("address")?.string.flatMap { MACAddress($0) }
        mtu = node.member("mtu")?.int.map { Int(clamping: $0) } ?? 0
        let flags = node.member("flags").map { $0.elements.compactMap(\.string) } ?? []
        isUp = flags.contains("UP")
        hasCarrier = flags.contains("LOWER_UP")
        isPromiscuous = flags.contains("PROMISC")
        isWithoutARP = flags.contains("NOARP")
        state = (node.member("operstate")?.string ?? "unknown").lowercased()
        master = node.member("master")?.string
        lower = node.member("link")?.string
        lowerIndex = node.member("link_index")?.int.map { Int(clamping: $0) }
        isLinkedElsewhere = node.member("link_netnsid") != nil
        queueing = node.member("qdisc")?.string
        let info = node.member("linkinfo")
        kind = info?.member("info_kind")?.string
        if info?.member("info_slave_kind")?.string == "bridge" {
            hairpin = info?.at("info_slave_data", "hairpin")?.bool
            portState = info?.at("info_slave_data", "state")?.string
            isIsolated = info?.at("info_slave_data", "isolated")?.bool ?? false
        }
        guard let data = info?.member("info_data"), let kind, Self.tunnels.contains(kind) else { return }
        func address(_ keys: String...) -> IPAddress? {
            keys.lazy.compactMap { data.member($0)?.string }.compactMap { IPAddress($0) }.first { !$0.isUnspecified }
        }
        tunnel = Tunnel(
            identifier: (data.member("id") ?? data.member("vni"))?.int.map { Int(clamping: $0) },
            port: data.member("port")?.int.map { Int(clamping: $0) },
            local: address("local", "local6"), remote: address("remote", "remote6", "group", "group6"),
            lower: data.member("link")?.string ?? lower)
    }

    static let tunnels: Set<String> = [
        "vxlan", "geneve", "ipip", "sit", "gre", "gretap", "ip6tnl", "ip6gre", "wireguard",
    ]

    public var isTunnel: Bool { kind.map { Self.tunnels.contains($0) } ?? false }
}

/// An address of an interface (`ip -j addr`).
public struct NetworkAddress: Sendable, Hashable {
    public var device: String
    public var address: InterfaceAddress
    /// `global`, `link`, `host`.
    public var scope: String
    public var peer: IPAddress?

    /// All addresses of one element of `ip -j addr`.
    static func list(_ node: JSONNode) -> [NetworkAddress] {
        guard let name = node.member("ifname")?.string, let list = node.member("addr_info") else { return [] }
        let device = name.firstIndex(of: "@").map { String(name[..<$0]) } ?? name
        return list.elements.compactMap { item in
            guard let local = item.member("local")?.string.flatMap({ IPAddress($0) }) else { return nil }
            let length = item.member("prefixlen")?.int.map { Int(clamping: $0) } ?? local.family.bitWidth
            guard let address = InterfaceAddress(address: local, prefixLength: length) else { return nil }
            return NetworkAddress(
                device: device, address: address, scope: item.member("scope")?.string ?? "global",
                peer: item.member("address")?.string.flatMap { IPAddress($0) })
        }
    }
}

/// A neighbour entry (`ip -j neigh`).
public struct NetworkNeighbour: Sendable, Hashable {
    public var address: IPAddress
    public var device: String
    public var mac: MACAddress?
    /// `REACHABLE`, `PERMANENT`, `FAILED`, ...
    public var states: [String]

    init?(_ node: JSONNode) {
        guard let address = node.member("dst")?.string.flatMap({ IPAddress($0) }),
            let device = node.member("dev")?.string
        else { return nil }
        self.address = address
        self.device = device
        mac = node.member("lladdr")?.string.flatMap { MACAddress($0) }
        states = node.member("state").map { $0.elements.compactMap(\.string) } ?? []
    }

    public var isPermanent: Bool { states.contains("PERMANENT") || states.contains("NOARP") }
}

/// An entry of a forwarding database (`bridge -j fdb`).
public struct NetworkForwarding: Sendable, Hashable {
    public var mac: MACAddress
    public var device: String
    /// The tunnel's other end.
    public var destination: IPAddress?
    public var isPermanent: Bool

    init?(_ node: JSONNode) {
        guard let mac = node.member("mac")?.string.flatMap({ MACAddress($0) }),
            let device = node.member("ifname")?.string
        else { return nil }
        self.mac = mac
        self.device = device
        destination = node.member("dst")?.string.flatMap { IPAddress($0) }
        isPermanent = ["permanent", "static"].contains(node.member("state")?.string)
    }
}
