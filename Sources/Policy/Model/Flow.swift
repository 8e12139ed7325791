import Addressing

/// A new connection to be judged, after any Service translation: the port is the destination pod's.
public struct Flow: Sendable, Hashable, CustomStringConvertible {
    public var source: FlowEnd
    public var destination: FlowEnd
    public var transport: TransportProtocol
    /// At the destination. Of protocols without ports it is not looked at.
    public var port: UInt16
    public var family: IPFamily
    /// Nil when unknown: then rules about source ports do not match.
    public var sourcePort: UInt16?
    /// Of ICMP flows; nil when unknown, then only rules for any type match.
    public var icmpType: UInt8?
    public var icmpCode: UInt8?

    public init(
        from source: FlowEnd, to destination: FlowEnd, transport: TransportProtocol = .tcp, port: UInt16,
        family: IPFamily = .v4, sourcePort: UInt16? = nil, icmpType: UInt8? = nil, icmpCode: UInt8? = nil
    ) {
        self.source = source
        self.destination = destination
        self.transport = transport
        self.port = port
        self.family = family
        self.sourcePort = sourcePort
        self.icmpType = icmpType
        self.icmpCode = icmpCode
    }

    public var description: String {
        "\(source) -> \(destination) \(transport)\(transport.hasPorts ? ":\(port)" : "") \(family)"
    }

    /// The end a policy of this direction selects, and the other one.
    public func subject(_ direction: Direction) -> FlowEnd { direction == .egress ? source : destination }
    public func peer(_ direction: Direction) -> FlowEnd { direction == .egress ? destination : source }
}

public enum FlowEnd: Sendable, Hashable, CustomStringConvertible {
    case pod(PodName)
    case node(String)
    /// An address that is a pod's or a node's stands for that pod or node, as it does on the wire.
    case address(IPAddress)

    public var description: String {
        switch self {
        case .pod(let name): "\(name)"
        case .node(let name): "node/\(name)"
        case .address(let address): "\(address)"
        }
    }
}
