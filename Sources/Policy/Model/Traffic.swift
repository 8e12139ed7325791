import Addressing

/// One alternative of protocol and ports: all terms hold. The empty list matches all traffic.
public struct TrafficMatch: Hashable, Sendable {
    public var terms: [TrafficTerm]
    /// `ports[0]`, `toPorts[0].ports[1]`.
    public var place: SourcePlace

    public init(_ terms: [TrafficTerm], at place: SourcePlace = .nowhere) {
        self.terms = terms
        self.place = place
    }
}

public indirect enum TrafficTerm: Hashable, Sendable {
    case protocolIs(TransportProtocol)
    case family(IPFamily)
    /// Only protocols with ports (TCP, UDP, SCTP) have one; of others this is false.
    case destinationPorts([PortRange])
    /// The name of a container port. It is looked up with the flow's protocol, so a name of a UDP port never matches
    /// TCP. Unknown names match nothing.
    case destinationPortNamed(String, NamedPortResolution)
    /// False when the flow does not say its source port.
    case sourcePorts([PortRange])
    /// Type and code, nil for any. The family decides between ICMP and ICMPv6; other protocols never match.
    case icmp(type: UInt8?, code: UInt8?)
    case anyOf([TrafficTerm])
    case not(TrafficTerm)
    /// Layer 7 rules, server names, unreadable ports. See ``PeerTerm/unenforceable(_:)``.
    case unenforceable(String)
}

/// Where a port's name is looked up.
public enum NamedPortResolution: UInt8, Hashable, Sendable {
    /// Among the container ports of the destination pod itself (Kubernetes, Calico).
    case destinationPod
    /// Among the container ports of all pods of the cluster: every number the name has anywhere (Cilium, egress).
    case everyPod
}

/// An IP protocol by its IANA number.
public struct TransportProtocol: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let number: UInt8

    public init(number: UInt8) { self.number = number }

    public static let icmp = TransportProtocol(number: 1)
    public static let tcp = TransportProtocol(number: 6)
    public static let udp = TransportProtocol(number: 17)
    public static let icmpv6 = TransportProtocol(number: 58)
    public static let sctp = TransportProtocol(number: 132)
    public static let udpLite = TransportProtocol(number: 136)

    private static let names: [(String, TransportProtocol)] = [
        ("TCP", .tcp), ("UDP", .udp), ("SCTP", .sctp), ("ICMP", .icmp), ("ICMPv6", .icmpv6), ("UDPLite", .udpLite),
    ]

    /// `TCP`, in any case. Numbers are not names.
    public init?(name: String) {
        let wanted = name.lowercased()
        guard let found = Self.names.first(where: { $0.0.lowercased() == wanted }) else { return nil }
        self = found.1
    }

    public var description: String { Self.names.first { $0.1 == self }?.0 ?? "protocol \(number)" }

    /// UDPLite has ports too, but no Kubernetes object can name them.
    public var hasPorts: Bool { self == .tcp || self == .udp || self == .sctp || self == .udpLite }

    public var isICMP: Bool { self == .icmp || self == .icmpv6 }

    public static func < (left: TransportProtocol, right: TransportProtocol) -> Bool { left.number < right.number }
}

/// Ports from `first` to `last`, both included.
public struct PortRange: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let first: UInt16
    public let last: UInt16

    /// Nil when the range is backwards.
    public init?(_ first: UInt16, _ last: UInt16) {
        guard first <= last else { return nil }
        self.first = first
        self.last = last
    }

    public init(_ port: UInt16) {
        first = port
        last = port
    }

    init(unchecked first: UInt16, _ last: UInt16) {
        self.first = first
        self.last = last
    }

    public static let all = PortRange(unchecked: 0, .max)

    public func contains(_ port: UInt16) -> Bool { first <= port && port <= last }

    public static func < (left: PortRange, right: PortRange) -> Bool {
        (left.first, left.last) < (right.first, right.last)
    }

    public var description: String { first == last ? "\(first)" : "\(first)-\(last)" }
}
