import Addressing
import CLinux
import SystemCalls

/// An interface to be made (RTM_NEWLINK with NLM_F_CREATE | NLM_F_EXCL).
public struct LinkCreation: Hashable, Sendable {
    public var name: String
    public var kind: Kind
    /// Bytes; nil leaves it to the kernel.
    public var mtu: Int?
    public var mac: MACAddress?
    /// Made as a port of this bridge.
    public var master: InterfaceIndex?
    /// Made up. A veth's peer cannot be: its end has no other end yet when it is opened (ENOTCONN).
    public var isUp = false
    /// Packets.
    public var transmitQueueLength: Int?

    public enum Kind: Hashable, Sendable {
        case bridge(BridgeSettings)
        case veth(VethPeer)
        /// The intermediate functional block: a device whose root qdisc shapes what is redirected to it.
        case ifb
        case dummy
        /// A tagged interface over `lower`.
        case vlan(id: UInt16, lower: InterfaceIndex)
        case vxlan(VXLANSettings)
    }

    public init(_ name: String, _ kind: Kind) {
        self.name = name
        self.kind = kind
    }
}

/// The other end of a veth pair.
public struct VethPeer: Hashable, Sendable {
    public var name: String
    /// Bytes.
    public var mtu: Int?
    public var mac: MACAddress?
    /// An open descriptor of the network namespace it is made in; nil for the namespace of the socket. The number
    /// must stay open until the batch is committed.
    public var namespace: Int32?

    public init(_ name: String, mtu: Int? = nil, mac: MACAddress? = nil, namespace: Int32? = nil) {
        self.name = name
        self.mtu = mtu
        self.mac = mac
        self.namespace = namespace
    }
}

extension RequestBatch {
    /// `ip link add NAME type KIND`: makes an interface; EEXIST when the name is taken.
    @discardableResult
    public mutating func create(_ link: LinkCreation) -> Int {
        request(
            "RTM_NEWLINK", on: link.name, type: RTM_NEWLINK, flags: Int32(NLM_F_CREATE | NLM_F_EXCL)
        ) { writer in
            let flags = link.isUp ? Link.Flags.up.rawValue : 0
            writer.append(
                ifinfomsg(
                    ifi_family: UInt8(AF_UNSPEC), __ifi_pad: 0, ifi_type: 0, ifi_index: 0, ifi_flags: flags,
                    ifi_change: flags))
            if case .vlan(_, let lower) = link.kind { writer.int32(IFLA_LINK, lower.rawValue) }
            if let mtu = link.mtu { writer.uint32(IFLA_MTU, UInt32(clamping: mtu)) }
            if let mac = link.mac { writer.bytes(IFLA_ADDRESS, mac.bytes) }
            if let length = link.transmitQueueLength { writer.uint32(IFLA_TXQLEN, UInt32(clamping: length)) }
            if let master = link.master { writer.int32(IFLA_MASTER, master.rawValue) }
            writer.string(IFLA_IFNAME, link.name)
            writer.nested(IFLA_LINKINFO, flagged: false) { link.kind.write(to: &$0) }
        }
    }
}

extension LinkCreation.Kind {
    fileprivate func write(to writer: inout MessageWriter) {
        switch self {
        case .bridge(let settings):
            writer.text(IFLA_INFO_KIND, "bridge")
            if settings != BridgeSettings() {
                writer.nested(IFLA_INFO_DATA, flagged: false) { settings.write(to: &$0) }
            }
        case .veth(let peer):
            writer.text(IFLA_INFO_KIND, "veth")
            writer.nested(IFLA_INFO_DATA, flagged: false) { data in
                data.nested(VETH_INFO_PEER, flagged: false) { writer in
                    writer.append(ifinfomsg())
                    if let mtu = peer.mtu { writer.uint32(IFLA_MTU, UInt32(clamping: mtu)) }
                    if let mac = peer.mac { writer.bytes(IFLA_ADDRESS, mac.bytes) }
                    if let namespace = peer.namespace { writer.int32(IFLA_NET_NS_FD, namespace) }
                    writer.string(IFLA_IFNAME, peer.name)
                }
            }
        case .ifb:
            writer.text(IFLA_INFO_KIND, "ifb")
        case .dummy:
            writer.text(IFLA_INFO_KIND, "dummy")
        case .vlan(let id, _):
            writer.text(IFLA_INFO_KIND, "vlan")
            writer.nested(IFLA_INFO_DATA, flagged: false) { $0.uint16(IFLA_VLAN_ID, id) }
        case .vxlan(let settings):
            writer.text(IFLA_INFO_KIND, "vxlan")
            writer.nested(IFLA_INFO_DATA, flagged: false) { settings.write(to: &$0) }
        }
    }
}
