import Addressing

/// Where everything of a lab's underlay is: pure arithmetic on the specification.
///
///     192.168.100.0/24            the control plane: .1 the router, .10 the API server
///     192.168.101.0/24 ...        one segment for each rack: .1 the router, .11 the node with number 1, ...
///     fd00:192:168:101::/64 ...   the same in IPv6, with the same digits
///
/// All of it is inside namespaces of the lab's own, so that labs side by side have the same addresses.
public struct AddressPlan: Sendable {
    private let specification: LabSpecification

    public init(_ specification: LabSpecification) { self.specification = specification }

    /// A segment: a bridge of the fabric, on which the router has the first address.
    public struct Segment: Hashable, Sendable {
        /// The bridge.
        public var name: String
        public var networks: [IPPrefix]

        /// The router's address in each network.
        public var gateways: [InterfaceAddress] {
            networks.compactMap { network in network.first.advanced(by: 1).map { InterfaceAddress($0, in: network) } }
        }
    }

    public static let controlSegment = "control"
    public static let apiPort = 6443

    /// The control plane's first, then the racks'.
    public var segments: [Segment] {
        [Segment(name: Self.controlSegment, networks: networks(100))]
            + (0..<specification.racks).map { Segment(name: Self.segmentName(rack: $0), networks: networks(101 + $0)) }
    }

    public static func segmentName(rack: Int) -> String { "rack-\(rack + 1)" }

    /// Of the API server.
    public var controlAddresses: [InterfaceAddress] { host(10, in: networks(100)) }

    /// What the cluster's own clients call the API server by (`kubernetes.default`): it is routed to the control plane,
    /// so that it is reached from pods also where nobody balances services.
    public var serviceAddress: IPAddress? { IPAddress("10.96.0.1") }

    public func addresses(of node: LabNode) -> [InterfaceAddress] {
        host(10 + node.number, in: networks(101 + node.rack))
    }

    /// The router as the machine on `segment` sees it.
    public func gateways(of segment: String) -> [IPAddress] {
        segments.first { $0.name == segment }?.gateways.map(\.address) ?? []
    }

    /// What services get their addresses of.
    public var serviceNetworks: [IPPrefix] {
        Self.serviceRanges.compactMap { IPPrefix($0) }.filter { $0.family == .v4 || specification.isDualStack }
    }

    private static let serviceRanges = ["10.96.0.0/16", "fd00:10:96::/112"]

    /// What pods must not have, and what it is.
    public var reservedNetworks: [(IPPrefix, String)] {
        var reserved: [(IPPrefix, String)] = []
        for text in Self.serviceRanges {
            if let network = IPPrefix(text) { reserved.append((network, "the addresses of services")) }
        }
        for segment in segments {
            for network in segment.networks { reserved.append((network, "the underlay's segment \(segment.name)")) }
        }
        for (text, what) in [
            ("127.0.0.0/8", "loopback"), ("169.254.0.0/16", "link-local addresses"), ("224.0.0.0/4", "multicast"),
            ("fe80::/10", "link-local addresses"), ("ff00::/8", "multicast"),
        ] {
            if let network = IPPrefix(text) { reserved.append((network, what)) }
        }
        return reserved
    }

    private func networks(_ third: Int) -> [IPPrefix] {
        ["192.168.\(third).0/24", specification.isDualStack ? "fd00:192:168:\(third)::/64" : ""]
            .compactMap { IPPrefix($0) }
    }

    /// The same digits in both families: .11 and ::11.
    private func host(_ number: Int, in networks: [IPPrefix]) -> [InterfaceAddress] {
        networks.compactMap { network in
            let offset = network.family == .v4 ? number : Int(String(number), radix: 16) ?? number
            return network.first.advanced(by: offset).map { InterfaceAddress($0, in: network) }
        }
    }
}
