import Addressing
import CLinux
import SystemCalls

/// A conversation with rtnetlink in one network namespace: interfaces, addresses, routes, neighbours, rules, traffic
/// control. Changes are collected in a `RequestBatch` and committed in one send; questions are methods here.
public struct RouteSocket: ~Copyable {
    var socket: NetlinkSocket

    /// Opens a socket in the calling thread's network namespace.
    public init() throws(NetlinkError) { socket = try NetlinkSocket(family: NETLINK_ROUTE) }

    /// Opens a socket in the network namespace behind `namespace`; the thread comes back.
    public init(in namespace: borrowing FileDescriptor) throws(NetlinkError) {
        socket = try NetlinkSocket(family: NETLINK_ROUTE, in: namespace)
    }

    /// Talks over `transport`; tests pass a fake.
    public init(transport: any NetlinkTransport) { socket = NetlinkSocket(transport: transport) }

    /// Sends all requests in one go; throws the first failure. The kernel carries out every request of the batch,
    /// also those after a failed one.
    public mutating func commit(_ batch: inout RequestBatch) throws(NetlinkError) {
        try socket.commit(&batch)
    }

    /// Sends all requests in one go and hands over every reply with the index of its request; throws the first failure.
    public mutating func commit(
        _ batch: inout RequestBatch, onReply: (Int, Message) throws(MalformedMessage) -> Void
    ) throws(NetlinkError) {
        try socket.commit(&batch, onReply: onReply)
    }

    /// Sends all requests in one go; answers the failures in the order of the batch.
    public mutating func perform(
        _ batch: inout RequestBatch,
        onReply: (Int, Message) throws(MalformedMessage) -> Void = { _, _ in }
    ) throws(NetlinkError) -> [NetlinkSocket.Failure] {
        try socket.perform(&batch, onReply: onReply)
    }

    // MARK: Single questions

    /// The interface, nil when there is none.
    public mutating func link(_ selector: LinkSelector) throws(NetlinkError) -> Link? {
        var batch = RequestBatch(capacity: 128)
        batch.get(selector)
        var link: Link?
        do {
            try socket.commit(&batch) { _, message throws(MalformedMessage) in
                if let found = try Link(message) { link = found }
            }
        } catch  where error.errno == .ENODEV {
            return nil
        }
        return link
    }

    public mutating func link(named name: String) throws(NetlinkError) -> Link? { try link(.name(name)) }

    public mutating func link(at index: InterfaceIndex) throws(NetlinkError) -> Link? { try link(.index(index)) }

    /// How many interfaces are asked for in one send: an answer takes up to 4 KiB of the socket's 208 KiB, and what does
    /// not fit is lost (ENOBUFS).
    private static let linksAtOnce = 32

    /// The interfaces with these names, in the same order; nil where there is none.
    public mutating func links(named names: [String]) throws(NetlinkError) -> [Link?] {
        var links = [Link?](repeating: nil, count: names.count)
        var start = 0
        while start < names.count {
            let end = min(start + Self.linksAtOnce, names.count)
            var batch = RequestBatch(capacity: 64 * (end - start))
            for name in names[start..<end] { batch.get(.name(name)) }
            let first = start
            let failures = try socket.perform(&batch) { index, message throws(MalformedMessage) in
                if let found = try Link(message) { links[first + index] = found }
            }
            for failure in failures where failure.error.errno != .ENODEV { throw failure.error }
            start = end
        }
        return links
    }

    /// How a packet to `address` would go; nil when the network is unreachable.
    public mutating func route(
        to address: IPAddress, from source: IPAddress? = nil, on interface: InterfaceIndex? = nil, mark: UInt32? = nil
    ) throws(NetlinkError) -> Route? {
        var batch = RequestBatch(capacity: 128)
        batch.getRoute(to: address, from: source, on: interface, mark: mark)
        var route: Route?
        do {
            try socket.commit(&batch) { _, message throws(MalformedMessage) in
                if let found = try Route(message) { route = found }
            }
        } catch  where error.errno == .ENETUNREACH || error.errno == .EHOSTUNREACH {
            return nil
        }
        return route
    }

    // MARK: Lists

    /// All interfaces, or those the kernel finds for a master or a kind.
    public mutating func links(
        master: InterfaceIndex? = nil, kind: String? = nil
    ) throws(NetlinkError) -> [Link] {
        let links = try socket.list("RTM_GETLINK", type: RTM_GETLINK) { writer in
            writer.append(ifinfomsg())
            writer.uint32(IFLA_EXT_MASK, UInt32(RTEXT_FILTER_SKIP_STATS))
            if let master { writer.int32(IFLA_MASTER, master.rawValue) }
            if let kind { writer.nested(IFLA_LINKINFO) { $0.string(IFLA_INFO_KIND, kind) } }
        } decode: { message throws(MalformedMessage) in
            try Link(message)
        }
        // Kernels before 4.5 answer with everything.
        return links.filter { link in
            (master == nil || link.master == master) && (kind == nil || link.kind == kind)
        }
    }

    /// Addresses of one interface, or of all.
    public mutating func addresses(
        on link: InterfaceIndex? = nil, family: IPFamily? = nil
    ) throws(NetlinkError) -> [LinkAddress] {
        let addresses = try socket.list("RTM_GETADDR", type: RTM_GETADDR) { writer in
            var header = ifaddrmsg()
            header.ifa_family = family?.netlinkNumber ?? 0
            header.ifa_index = UInt32(bitPattern: link?.rawValue ?? 0)
            writer.append(header)
        } decode: { message throws(MalformedMessage) in
            try LinkAddress(message)
        }
        return addresses.filter { link == nil || $0.link == link }
    }

    /// Routes of a family, of one table (nil: all) and one interface (nil: any).
    public mutating func routes(
        _ family: IPFamily, table: UInt32? = 254, on interface: InterfaceIndex? = nil
    ) throws(NetlinkError) -> [Route] {
        let routes: [Route]
        do {
            routes = try socket.list("RTM_GETROUTE", on: "\(family)", type: RTM_GETROUTE) { writer in
                var header = rtmsg()
                header.rtm_family = family.netlinkNumber
                writer.append(header)
                if let table { writer.uint32(RTA_TABLE.netlink, table) }
                if let interface { writer.int32(RTA_OIF.netlink, interface.rawValue) }
            } decode: { message throws(MalformedMessage) in
                try Route(message)
            }
        } catch  where error.errno == .ENOENT && table != nil {
            // A table that never had a route does not exist ("FIB table does not exist").
            return []
        }
        // The kernel's filter is a hint: IPv6 lists next hops of other interfaces, and older kernels list everything.
        return routes.filter { route in
            if let table, route.table != table { return false }
            guard let interface else { return true }
            return route.interface == interface || route.nextHops.contains { $0.interface == interface }
        }
    }

    /// Neighbours of a family on one interface, or on all.
    public mutating func neighbours(
        _ family: IPFamily, on interface: InterfaceIndex? = nil
    ) throws(NetlinkError) -> [Neighbour] {
        let neighbours = try socket.list("RTM_GETNEIGH", on: "\(family)", type: RTM_GETNEIGH) { writer in
            var header = ndmsg()
            header.ndm_family = family.netlinkNumber
            writer.append(header)
            if let interface { writer.int32(NDA_IFINDEX, interface.rawValue) }
        } decode: { message throws(MalformedMessage) in
            try Neighbour(message)
        }
        return neighbours.filter { interface == nil || $0.interface == interface }
    }

    /// The forwarding entries of one bridge port or tunnel (`bridge fdb show dev LINK self`).
    public mutating func forwardingEntries(on interface: InterfaceIndex) throws(NetlinkError) -> [ForwardingEntry] {
        let entries = try socket.list("RTM_GETNEIGH", on: "AF_BRIDGE", type: RTM_GETNEIGH) { writer in
            var header = ndmsg()
            header.ndm_family = UInt8(AF_BRIDGE)
            writer.append(header)
            writer.int32(NDA_IFINDEX, interface.rawValue)
        } decode: { message throws(MalformedMessage) in
            try ForwardingEntry(message)
        }
        return entries.filter { $0.interface == interface }
    }

    /// Rules of a family in the order the kernel asks them.
    public mutating func rules(_ family: IPFamily) throws(NetlinkError) -> [RoutingRule] {
        try socket.list("RTM_GETRULE", on: "\(family)", type: RTM_GETRULE) { writer in
            var header = fib_rule_hdr()
            header.family = family.netlinkNumber
            writer.append(header)
        } decode: { message throws(MalformedMessage) in
            try RoutingRule(message)
        }
    }

    /// VLAN memberships of all ports (and of bridges themselves).
    public mutating func bridgeVLANs() throws(NetlinkError) -> [BridgeVLANs] {
        try socket.list("RTM_GETLINK", on: "(bridge VLANs)", type: RTM_GETLINK) { writer in
            var header = ifinfomsg()
            header.ifi_family = UInt8(AF_BRIDGE)
            writer.append(header)
            writer.uint32(IFLA_EXT_MASK, UInt32(RTEXT_FILTER_BRVLAN_COMPRESSED))
        } decode: { message throws(MalformedMessage) in
            try BridgeVLANs(message)
        }
    }

    // MARK: Events

    /// Changes the kernel announces (RTNLGRP_..., linux/rtnetlink.h).
    public enum Group: UInt32, Sendable {
        case link = 1
        case neighbours = 3
        case addressesIPv4 = 5
        case routesIPv4 = 7
        case addressesIPv6 = 9
        case routesIPv6 = 11
    }

    /// Starts listening. Whoever waits for a state listens first and looks second, or misses the change in between.
    public mutating func listen(to group: Group) throws(NetlinkError) { try socket.join(group: group.rawValue) }

    /// Waits for one datagram of events; false when `milliseconds` went by first.
    public mutating func nextEvents(
        within milliseconds: Int32, _ onEvent: (Message) throws(MalformedMessage) -> Void
    ) throws(NetlinkError) -> Bool {
        try socket.nextEvents(within: milliseconds, onEvent)
    }
}
