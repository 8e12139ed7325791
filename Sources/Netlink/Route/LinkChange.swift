import Addressing
import CLinux

/// What is to become different about an interface (RTM_NEWLINK without NLM_F_CREATE, as iproute2 sends it). Only
/// what is set is touched: `ifi_change` carries exactly the flags that are meant.
public struct LinkChange: Hashable, Sendable {
    public var isUp: Bool?
    public var isPromiscuous: Bool?
    public var isAllMulticast: Bool?
    /// A new name; the interface must be down on kernels before 6.2 or so, and always may be.
    public var name: String?
    /// Bytes.
    public var mtu: Int?
    public var mac: MACAddress?
    public var master: Master?
    /// At most 255 bytes; empty removes it.
    public var alias: String?
    /// Packets.
    public var transmitQueueLength: Int?
    /// A number that several interfaces share, to be named by it together; the kernel's default is 0.
    public var group: UInt32?
    /// An open descriptor of the network namespace to move to.
    public var namespace: Int32?
    /// For a bridge.
    public var bridge: BridgeSettings?
    /// For a port of a bridge. It must be one before this request: a change of `master` goes into an earlier one.
    public var port: BridgePort?

    /// `net.ipv4.conf.LINK.arp_notify`: tell the link about our addresses when it goes up (IFLA_INET_CONF).
    public var announcesAddresses: Bool?
    /// Whether the kernel makes an IPv6 link-local address (IFLA_INET6_ADDR_GEN_MODE). EAFNOSUPPORT without IPv6.
    public var makesLinkLocalAddress: Bool?

    public enum Master: Hashable, Sendable {
        case nobody
        case index(InterfaceIndex)
    }

    public init(
        isUp: Bool? = nil, isPromiscuous: Bool? = nil, isAllMulticast: Bool? = nil, name: String? = nil,
        mtu: Int? = nil, mac: MACAddress? = nil, master: Master? = nil, alias: String? = nil,
        transmitQueueLength: Int? = nil, group: UInt32? = nil, namespace: Int32? = nil, bridge: BridgeSettings? = nil,
        port: BridgePort? = nil,
        announcesAddresses: Bool? = nil, makesLinkLocalAddress: Bool? = nil
    ) {
        self.isUp = isUp
        self.isPromiscuous = isPromiscuous
        self.isAllMulticast = isAllMulticast
        self.name = name
        self.mtu = mtu
        self.mac = mac
        self.master = master
        self.alias = alias
        self.transmitQueueLength = transmitQueueLength
        self.group = group
        self.namespace = namespace
        self.bridge = bridge
        self.port = port
        self.announcesAddresses = announcesAddresses
        self.makesLinkLocalAddress = makesLinkLocalAddress
    }

    /// The flags to set and the mask of those that are meant.
    var flags: (value: UInt32, mask: UInt32) {
        var value: Link.Flags = []
        var mask: Link.Flags = []
        func put(_ wanted: Bool?, _ flag: Link.Flags) {
            guard let wanted else { return }
            mask.insert(flag)
            if wanted { value.insert(flag) }
        }
        put(isUp, .up)
        put(isPromiscuous, .promiscuous)
        put(isAllMulticast, .allMulticast)
        return (value.rawValue, mask.rawValue)
    }
}

extension LinkChange {
    /// IFLA_AF_SPEC: settings of one address family each, as attributes numbered by family.
    fileprivate func writeFamilies(to writer: inout MessageWriter) {
        guard announcesAddresses != nil || makesLinkLocalAddress != nil else { return }
        writer.nested(IFLA_AF_SPEC) { families in
            if let announcesAddresses {
                families.nested(Int(AF_INET)) { inet in
                    inet.nested(IFLA_INET_CONF) { $0.uint32(IPV4_DEVCONF_ARP_NOTIFY, announcesAddresses ? 1 : 0) }
                }
            }
            if let makesLinkLocalAddress {
                families.nested(Int(AF_INET6)) { inet in
                    inet.uint8(
                        IFLA_INET6_ADDR_GEN_MODE,
                        UInt8(
                            makesLinkLocalAddress
                                ? IN6_ADDR_GEN_MODE_EUI64.rawValue : IN6_ADDR_GEN_MODE_NONE.rawValue))
                }
            }
        }
    }
}

extension RequestBatch {
    /// `ip link set LINK ...`. A rename must name the interface by its index.
    @discardableResult
    public mutating func change(_ link: LinkSelector, _ change: LinkChange) -> Int {
        request("RTM_NEWLINK", on: link.description, type: RTM_NEWLINK, flags: 0) { writer in
            let flags = change.flags
            writer.append(
                ifinfomsg(
                    ifi_family: UInt8(AF_UNSPEC), __ifi_pad: 0, ifi_type: 0, ifi_index: link.index,
                    ifi_flags: flags.value, ifi_change: flags.mask))
            link.write(to: &writer)
            if let name = change.name { writer.string(IFLA_IFNAME, name) }
            if let mtu = change.mtu { writer.uint32(IFLA_MTU, UInt32(clamping: mtu)) }
            if let mac = change.mac { writer.bytes(IFLA_ADDRESS, mac.bytes) }
            if let length = change.transmitQueueLength { writer.uint32(IFLA_TXQLEN, UInt32(clamping: length)) }
            if let group = change.group { writer.uint32(IFLA_GROUP, group) }
            switch change.master {
            case nil: break
            case .nobody: writer.int32(IFLA_MASTER, 0)
            case .index(let index): writer.int32(IFLA_MASTER, index.rawValue)
            }
            if let alias = change.alias { writer.text(IFLA_IFALIAS, alias) }
            if let namespace = change.namespace { writer.int32(IFLA_NET_NS_FD, namespace) }
            change.writeFamilies(to: &writer)
            if let port = change.port {
                writer.nested(IFLA_LINKINFO, flagged: false) { writer in
                    writer.text(IFLA_INFO_SLAVE_KIND, "bridge")
                    writer.nested(IFLA_INFO_SLAVE_DATA, flagged: false) { port.write(to: &$0) }
                }
            } else if let bridge = change.bridge {
                writer.nested(IFLA_LINKINFO, flagged: false) { writer in
                    writer.text(IFLA_INFO_KIND, "bridge")
                    writer.nested(IFLA_INFO_DATA, flagged: false) { bridge.write(to: &$0) }
                }
            }
        }
    }

    /// `ip link del LINK`: ENODEV when there is none.
    @discardableResult
    public mutating func delete(_ link: LinkSelector) -> Int {
        request("RTM_DELLINK", on: link.description, type: RTM_DELLINK, flags: 0) { writer in
            var header = ifinfomsg()
            header.ifi_index = link.index
            writer.append(header)
            link.write(to: &writer)
        }
    }

    /// `ip link del group N`: every interface of the namespace that is in the group, with one wait for all. ENODEV
    /// (before, EINVAL) when there is none, EOPNOTSUPP when one cannot be deleted (rtnl_group_dellink,
    /// net/core/rtnetlink.c).
    @discardableResult
    public mutating func deleteGroup(_ group: UInt32) -> Int {
        request("RTM_DELLINK", on: "group \(group)", type: RTM_DELLINK, flags: 0) { writer in
            writer.append(ifinfomsg())
            writer.uint32(IFLA_GROUP, group)
        }
    }

    /// `ip link property add dev LINK altname NAME`: a further name, at most 127 bytes, unique in the namespace.
    @discardableResult
    public mutating func addAlternativeName(_ name: String, to link: InterfaceIndex) -> Int {
        request(
            "RTM_NEWLINKPROP", on: "#\(link)", type: RTM_NEWLINKPROP,
            flags: Int32(NLM_F_CREATE | NLM_F_EXCL | NLM_F_APPEND)
        ) { writer in
            var header = ifinfomsg()
            header.ifi_index = link.rawValue
            writer.append(header)
            writer.nested(IFLA_PROP_LIST) { $0.string(IFLA_ALT_IFNAME, name) }
        }
    }

    /// Asks for one interface; the reply is a `Link`. ENODEV when there is none.
    @discardableResult
    public mutating func get(_ link: LinkSelector) -> Int {
        request("RTM_GETLINK", on: link.description, type: RTM_GETLINK, flags: 0) { writer in
            var header = ifinfomsg()
            header.ifi_index = link.index
            writer.append(header)
            link.write(to: &writer)
            // Counters are the larger half of an answer, and nobody here reads them (Linux 4.4).
            writer.uint32(IFLA_EXT_MASK, UInt32(RTEXT_FILTER_SKIP_STATS))
        }
    }
}
