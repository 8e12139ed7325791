import Addressing
import CLinux

/// What an interface of kind `vxlan` is set to (IFLA_VXLAN_..., drivers/net/vxlan). All of it is decided when the
/// interface is made; the kernel changes only a part of it later, so a difference means making the interface anew.
public struct VXLANSettings: Hashable, Sendable {
    /// The VXLAN network identifier, 0...16777215.
    public var identifier: UInt32
    /// UDP port in network terms; the kernel's own default is 8472, IANA's is 4789.
    public var port: UInt16
    /// The source address of the outer packets; nil leaves it to the route.
    public var local: IPAddress?
    /// The interface the outer packets leave by.
    public var lower: InterfaceIndex?
    /// Whether forwarding entries are learnt from what comes in.
    public var learning: Bool

    public init(
        identifier: UInt32, port: UInt16 = 8472, local: IPAddress? = nil, lower: InterfaceIndex? = nil,
        learning: Bool = false
    ) {
        self.identifier = identifier
        self.port = port
        self.local = local
        self.lower = lower
        self.learning = learning
    }

    init(_ reader: AttributeReader) throws(MalformedMessage) {
        var settings = VXLANSettings(identifier: 0, port: 0)
        try reader.forEach { item throws(MalformedMessage) in
            switch item.type {
            case IFLA_VXLAN_ID: settings.identifier = try item.uint32()
            case IFLA_VXLAN_PORT: settings.port = try item.bigEndian16()
            case IFLA_VXLAN_LOCAL, IFLA_VXLAN_LOCAL6: settings.local = IPAddress(bytes: item.payload)
            case IFLA_VXLAN_LINK:
                let number = try item.int32()
                settings.lower = number > 0 ? InterfaceIndex(number) : nil
            case IFLA_VXLAN_LEARNING: settings.learning = try item.uint8() != 0
            default: break
            }
        }
        self = settings
    }

    func write(to writer: inout MessageWriter) {
        writer.uint32(IFLA_VXLAN_ID, identifier)
        writer.bigEndian16(IFLA_VXLAN_PORT, port)
        if let local { writer.address(local.family == .v4 ? IFLA_VXLAN_LOCAL : IFLA_VXLAN_LOCAL6, local) }
        if let lower { writer.int32(IFLA_VXLAN_LINK, lower.rawValue) }
        writer.uint8(IFLA_VXLAN_LEARNING, learning ? 1 : 0)
    }
}
