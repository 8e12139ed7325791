import Addressing
import CLinux

/// A route (RTM_NEWROUTE).
public struct Route: Hashable, Sendable {
    /// The default route is 0.0.0.0/0 or ::/0.
    public var destination: IPPrefix
    public var gateway: IPAddress?
    public var interface: InterfaceIndex?
    /// The address that packets of our own get (`src`, RTA_PREFSRC).
    public var source: IPAddress?
    /// 1...; 254 is main, 255 local.
    public var table: UInt32 = 254
    /// The metric: the lower wins. IPv6 makes a missing one 1024.
    public var priority: UInt32?
    /// RT_SCOPE_...: 0 universe, 253 link, 254 host. Nil takes what iproute2 would: link for IPv4 without a gateway.
    public var scope: UInt8?
    /// Who made it (RTPROT_...).
    public var origin: UInt8
    public var kind: Kind = .unicast
    /// The gateway is on the link although no address of ours says so (RTNH_F_ONLINK).
    public var isOnLink = false
    /// Bytes; nil leaves it to the interface.
    public var mtu: UInt32?
    /// Bytes; the segment size announced to TCP peers.
    public var advertisedMSS: UInt32?
    /// Several ways to go, when it has them (RTA_MULTIPATH); `gateway` and `interface` are nil then.
    public var nextHops: [NextHop] = []

    public struct NextHop: Hashable, Sendable {
        public var gateway: IPAddress?
        public var interface: InterfaceIndex
        /// 1...256.
        public var weight: Int

        public init(gateway: IPAddress?, interface: InterfaceIndex, weight: Int = 1) {
            self.gateway = gateway
            self.interface = interface
            self.weight = weight
        }
    }

    /// RTN_... (linux/rtnetlink.h).
    public enum Kind: UInt8, Hashable, Sendable {
        case unspecified, unicast, local, broadcast, anycast, multicast, blackhole, unreachable, prohibit, throwing
        case nat, external
    }

    public init(
        to destination: IPPrefix, via gateway: IPAddress? = nil, on interface: InterfaceIndex? = nil,
        source: IPAddress? = nil, scope: UInt8? = nil, origin: UInt8 = RTPROT_POPLIN
    ) {
        self.destination = destination
        self.gateway = gateway
        self.interface = interface
        self.source = source
        self.scope = scope
        self.origin = origin
    }

    public var family: IPFamily { destination.family }
    public var isDefault: Bool { destination.length == 0 }

    /// Reads RTM_NEWROUTE or RTM_DELROUTE; nil for other messages and for families that are not IP.
    public init?(_ message: Message) throws(MalformedMessage) {
        guard message.type == RTM_NEWROUTE || message.type == RTM_DELROUTE else { return nil }
        let header = try message.header(rtmsg.self)
        guard let family = IPFamily(netlinkNumber: header.rtm_family) else { return nil }
        var network = IPAddress(number: 0, family: family)
        var route = Route(to: IPPrefix(containing: network, length: 0), origin: header.rtm_protocol)
        route.table = UInt32(header.rtm_table)
        route.scope = header.rtm_scope
        route.kind = Kind(rawValue: header.rtm_type) ?? .unspecified
        route.isOnLink = header.rtm_flags & UInt32(RTNH_F_ONLINK) != 0
        try message.attributes(after: MemoryLayout<rtmsg>.size).forEach { item throws(MalformedMessage) in
            switch item.type {
            case RTA_DST.netlink: if let address = IPAddress(bytes: item.payload) { network = address }
            case RTA_GATEWAY.netlink: route.gateway = IPAddress(bytes: item.payload)
            case RTA_VIA.netlink: route.gateway = IPAddress(bytes: item.payload.dropFirst(2))
            case RTA_OIF.netlink: route.interface = InterfaceIndex(try item.int32())
            case RTA_PREFSRC.netlink: route.source = IPAddress(bytes: item.payload)
            case RTA_TABLE.netlink: route.table = try item.uint32()
            case RTA_PRIORITY.netlink: route.priority = try item.uint32()
            case RTA_METRICS.netlink:
                route.mtu = try item.nested.first(RTAX_MTU)?.uint32()
                route.advertisedMSS = try item.nested.first(RTAX_ADVMSS)?.uint32()
            case RTA_MULTIPATH.netlink: route.nextHops = try NextHop.list(item)
            default: break
            }
        }
        guard Int(header.rtm_dst_len) <= family.bitWidth, network.family == family else {
            throw MalformedMessage(
                offset: message.offset + 16, field: "rtmsg", reason: "prefix length \(header.rtm_dst_len)")
        }
        route.destination = IPPrefix(containing: network, length: Int(header.rtm_dst_len))
        self = route
    }

    func write(to writer: inout MessageWriter) {
        var header = rtmsg()
        header.rtm_family = family.netlinkNumber
        header.rtm_dst_len = UInt8(clamping: destination.length)
        header.rtm_table = table < 256 ? UInt8(table) : UInt8(RT_TABLE_UNSPEC.rawValue)
        header.rtm_protocol = origin
        header.rtm_scope = scope ?? defaultScope
        header.rtm_type = kind.rawValue
        header.rtm_flags = isOnLink ? UInt32(RTNH_F_ONLINK) : 0
        writer.append(header)
        if !isDefault { writer.address(RTA_DST.netlink, destination.network) }
        if let gateway {
            if gateway.family == family {
                writer.address(RTA_GATEWAY.netlink, gateway)
            } else {
                // struct rtvia: the family, then the address (IPv4 by way of an IPv6 gateway, Linux 5.2).
                let family = UInt16(gateway.family.netlinkNumber)
                let prefix = withUnsafeBytes(of: family) { Array($0) }
                writer.bytes(RTA_VIA.netlink, prefix + gateway.bytes)
            }
        }
        if let source { writer.address(RTA_PREFSRC.netlink, source) }
        if table >= 256 { writer.uint32(RTA_TABLE.netlink, table) }
        if let priority { writer.uint32(RTA_PRIORITY.netlink, priority) }
        if let interface { writer.int32(RTA_OIF.netlink, interface.rawValue) }
        if mtu != nil || advertisedMSS != nil {
            writer.nested(RTA_METRICS.netlink, flagged: false) { writer in
                if let mtu { writer.uint32(RTAX_MTU, mtu) }
                if let advertisedMSS { writer.uint32(RTAX_ADVMSS, advertisedMSS) }
            }
        }
        if !nextHops.isEmpty { NextHop.write(nextHops, to: &writer) }
    }

    private var defaultScope: UInt8 {
        if kind == .local { return UInt8(RT_SCOPE_HOST.rawValue) }
        if family == .v4 && kind == .unicast && gateway == nil && nextHops.isEmpty {
            return UInt8(RT_SCOPE_LINK.rawValue)
        }
        return UInt8(RT_SCOPE_UNIVERSE.rawValue)
    }
}

extension rtattr_type_t {
    /// The number as the attribute's type.
    var netlink: Int { Int(rawValue) }
}

extension IPFamily {
    /// From AF_INET or AF_INET6.
    public init?(netlinkNumber number: UInt8) {
        switch Int32(number) {
        case AF_INET: self = .v4
        case AF_INET6: self = .v6
        default: return nil
        }
    }
}

extension Route.NextHop {
    /// RTA_MULTIPATH: `rtnexthop` structures (8 bytes), each followed by its attributes.
    fileprivate static func list(_ item: Attribute) throws(MalformedMessage) -> [Self] {
        var hops: [Self] = []
        var rest = item.payload
        let size = MemoryLayout<rtnexthop>.size
        while rest.count >= size {
            let header = rest.loadUnaligned(as: rtnexthop.self)
            let length = Int(header.rtnh_len)
            guard length >= size, length <= rest.count else {
                throw MalformedMessage(
                    offset: item.offset, field: "rtnexthop", reason: "says \(length) bytes, \(rest.count) are left")
            }
            var hop = Self(
                gateway: nil, interface: InterfaceIndex(header.rtnh_ifindex), weight: Int(header.rtnh_hops) + 1)
            let attributes = AttributeReader(
                UnsafeRawBufferPointer(rebasing: rest[size..<length]), at: item.offset)
            if let gateway = try attributes.first(RTA_GATEWAY.netlink) {
                hop.gateway = IPAddress(bytes: gateway.payload)
            }
            hops.append(hop)
            rest = UnsafeRawBufferPointer(rebasing: rest[min((length + 3) & ~3, rest.count)...])
        }
        return hops
    }

    fileprivate static func write(_ hops: [Self], to writer: inout MessageWriter) {
        var bytes: [UInt8] = []
        for hop in hops {
            var inner = MessageWriter(capacity: 64)
            if let gateway = hop.gateway { inner.address(RTA_GATEWAY.netlink, gateway) }
            var header = rtnexthop()
            header.rtnh_len = UInt16(MemoryLayout<rtnexthop>.size + inner.count)
            header.rtnh_hops = UInt8(clamping: hop.weight - 1)
            header.rtnh_ifindex = hop.interface.rawValue
            bytes += withUnsafeBytes(of: header) { Array($0) }
            bytes += inner.bytes
        }
        writer.bytes(RTA_MULTIPATH.netlink, bytes)
    }
}

/// RT_SCOPE_... (linux/rtnetlink.h): how far away a destination is.
public enum RouteScope {
    public static let universe: UInt8 = 0
    public static let link: UInt8 = 253
    public static let host: UInt8 = 254
}
