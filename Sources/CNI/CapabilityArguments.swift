import Addressing
import JSONTree

/// `runtimeConfig`: the capability arguments of the plugin (CONVENTIONS.md of the specification). Only what a plugin
/// asks for is read, so that a key meant for another plugin cannot fail this one.
public struct CapabilityArguments: Sendable {
    /// The whole object, for capabilities without a typed form here (`deviceID`, `infinibandGUID`, `aliases`,
    /// `cgroupPath`). Nil when the runtime sent none.
    public let reader: ConfigurationReader?

    public init(_ reader: ConfigurationReader?) { self.reader = reader }

    /// `portMappings`: ports of the host that lead into the container.
    public func portMappings() throws(CNIError) -> [PortMapping] {
        guard let reader else { return [] }
        var mappings: [PortMapping] = []
        for entry in try reader.objects("portMappings") { mappings.append(try PortMapping(entry)) }
        return mappings
    }

    /// `bandwidth`: limits for the container's traffic.
    public func bandwidth() throws(CNIError) -> BandwidthLimits? {
        guard let entry = try reader?.object("bandwidth") else { return nil }
        return try BandwidthLimits(entry)
    }

    /// `ips`: addresses wanted, with or without the length of the prefix.
    public func ips() throws(CNIError) -> [RequestedIP] { try RequestedIP.list("ips", of: reader) }

    /// `mac`: the container interface's address.
    public func mac() throws(CNIError) -> MACAddress? { try reader?.mac("mac") }

    /// `ipRanges`: a list of range sets in host-local's notation; nil when there is none.
    public func ipRanges() throws(CNIError) -> [JSONNode]? {
        guard let reader, reader["ipRanges"] != nil else { return nil }
        return try reader.array("ipRanges")
    }

    /// `dns`: `servers`, `searches`, `options`.
    public func dns() throws(CNIError) -> CNIResult.DNS? {
        guard let entry = try reader?.object("dns") else { return nil }
        return CNIResult.DNS(
            nameservers: try entry.strings("servers"), search: try entry.strings("searches"),
            options: try entry.strings("options"))
    }
}

/// One entry of `portMappings`.
public struct PortMapping: Hashable, Sendable, CustomStringConvertible {
    public enum TransportProtocol: String, CaseIterable, Sendable, CustomStringConvertible {
        case tcp, udp, sctp

        /// The protocol's number in an IP header (IANA).
        public var number: UInt8 {
            switch self {
            case .tcp: 6
            case .udp: 17
            case .sctp: 132
            }
        }

        public var description: String { rawValue }
    }

    /// 1...65535.
    public var hostPort: UInt16
    /// 1...65535.
    public var containerPort: UInt16
    public var transport: TransportProtocol
    /// The host's address to listen on; nil for all of them. `0.0.0.0` and `::` stay what they are: all of one family.
    public var hostIP: IPAddress?

    public init(hostPort: UInt16, containerPort: UInt16, transport: TransportProtocol, hostIP: IPAddress? = nil) {
        self.hostPort = hostPort
        self.containerPort = containerPort
        self.transport = transport
        self.hostIP = hostIP
    }

    init(_ reader: ConfigurationReader) throws(CNIError) {
        guard let hostPort = try reader.integer("hostPort", in: 1...65535) else { throw reader.missing("hostPort") }
        guard let containerPort = try reader.integer("containerPort", in: 1...65535) else {
            throw reader.missing("containerPort")
        }
        let name = try reader.string("protocol", default: "tcp")
        guard let transport = TransportProtocol(rawValue: name.lowercased()) else {
            throw reader.invalid("protocol", "must be tcp, udp or sctp, not \"\(name)\"")
        }
        self.init(
            hostPort: UInt16(hostPort), containerPort: UInt16(containerPort), transport: transport,
            hostIP: try reader.address("hostIP"))
    }

    public var description: String {
        switch hostIP {
        case .some(.v6(let address)): "[\(address)]:\(hostPort)/\(transport) -> \(containerPort)"
        case .some(let address): "\(address):\(hostPort)/\(transport) -> \(containerPort)"
        case .none: "\(hostPort)/\(transport) -> \(containerPort)"
        }
    }
}

/// `bandwidth`: bits per second and bits. Zero means no limit.
public struct BandwidthLimits: Hashable, Sendable {
    /// To the container, bits per second.
    public var ingressRate: UInt64
    /// Bits.
    public var ingressBurst: UInt64
    /// From the container, bits per second.
    public var egressRate: UInt64
    /// Bits.
    public var egressBurst: UInt64

    public init(ingressRate: UInt64 = 0, ingressBurst: UInt64 = 0, egressRate: UInt64 = 0, egressBurst: UInt64 = 0) {
        self.ingressRate = ingressRate
        self.ingressBurst = ingressBurst
        self.egressRate = egressRate
        self.egressBurst = egressBurst
    }

    /// Reads the four keys of any object that has them: `runtimeConfig.bandwidth` or the bandwidth plugin's own.
    public init(_ reader: ConfigurationReader) throws(CNIError) {
        self.init(
            ingressRate: try reader.unsigned("ingressRate") ?? 0,
            ingressBurst: try reader.unsigned("ingressBurst") ?? 0,
            egressRate: try reader.unsigned("egressRate") ?? 0, egressBurst: try reader.unsigned("egressBurst") ?? 0)
    }
}

/// An address a user asks for.
public struct RequestedIP: Sendable {
    public var address: IPAddress
    /// Nil when the text had none.
    public var prefixLength: Int?
    /// Where it was asked for, for errors; nil when it came in CNI_ARGS.
    public var node: JSONNode?

    public init(address: IPAddress, prefixLength: Int? = nil, node: JSONNode? = nil) {
        self.address = address
        self.prefixLength = prefixLength
        self.node = node
    }

    /// `10.1.2.3` or `10.1.2.3/24`.
    public init(parsing text: String) throws(AddressError) {
        if text.utf8.contains(UInt8(ascii: "/")) {
            let parsed = try InterfaceAddress(parsing: text)
            self.init(address: parsed.address, prefixLength: parsed.prefixLength)
        } else {
            self.init(address: try IPAddress(parsing: text))
        }
    }

    /// The addresses in a list of texts, such as `runtimeConfig.ips` or `args.cni.ips`.
    public static func list(_ key: String, of reader: ConfigurationReader?) throws(CNIError) -> [RequestedIP] {
        guard let reader else { return [] }
        var requests: [RequestedIP] = []
        for field in try reader.array(key) {
            var request = try reader.element(field) { (text) throws(AddressError) in try RequestedIP(parsing: text) }
            request.node = field
            requests.append(request)
        }
        return requests
    }

    /// With the length of the prefix that was asked for, or that of a whole address.
    public var interfaceAddress: InterfaceAddress {
        InterfaceAddress(address: address, prefixLength: prefixLength ?? address.family.bitWidth)
            ?? InterfaceAddress(host: address)
    }
}
