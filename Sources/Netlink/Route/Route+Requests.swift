import Addressing
import CLinux

extension RequestBatch {
    /// What to do about routes to the same destination with the same priority.
    public enum RouteMode: Sendable {
        /// `ip route add`: EEXIST.
        case add
        /// `ip route replace`.
        case replace
        /// `ip route append`: beside them; IPv6 makes them one route with several next hops.
        case append

        var flags: Int32 {
            switch self {
            case .add: Int32(NLM_F_CREATE | NLM_F_EXCL)
            case .replace: Int32(NLM_F_CREATE | NLM_F_REPLACE)
            case .append: Int32(NLM_F_CREATE | NLM_F_APPEND)
            }
        }
    }

    /// `ip route add|replace|append ROUTE`.
    @discardableResult
    public mutating func add(_ route: Route, _ mode: RouteMode = .add) -> Int {
        request("RTM_NEWROUTE", on: route.label, type: RTM_NEWROUTE, flags: mode.flags) { route.write(to: &$0) }
    }

    /// `ip route del ROUTE`: ESRCH when there is none.
    @discardableResult
    public mutating func delete(_ route: Route) -> Int {
        request("RTM_DELROUTE", on: route.label, type: RTM_DELROUTE, flags: 0) { route.write(to: &$0) }
    }

    /// `ip route get ADDRESS`: asks how a packet would go; the reply is a `Route` of /32 or /128.
    @discardableResult
    public mutating func getRoute(
        to address: IPAddress, from source: IPAddress? = nil, on interface: InterfaceIndex? = nil, mark: UInt32? = nil
    ) -> Int {
        request("RTM_GETROUTE", on: "to \(address)", type: RTM_GETROUTE, flags: 0) { writer in
            var header = rtmsg()
            header.rtm_family = address.family.netlinkNumber
            header.rtm_dst_len = UInt8(address.family.bitWidth)
            header.rtm_src_len = source == nil ? 0 : UInt8(address.family.bitWidth)
            // IPv6 names the table unasked, and refuses the flag under strict checking.
            if address.family == .v4 { header.rtm_flags = UInt32(RTM_F_LOOKUP_TABLE) }
            writer.append(header)
            writer.address(RTA_DST.netlink, address)
            if let source { writer.address(RTA_SRC.netlink, source) }
            if let interface { writer.int32(RTA_OIF.netlink, interface.rawValue) }
            if let mark { writer.uint32(RTA_MARK.netlink, mark) }
        }
    }
}

extension Route {
    /// For errors: `10.1.0.0/16 via 10.0.0.1 on #3`.
    var label: String {
        var text = "\(destination)"
        if let gateway { text += " via \(gateway)" }
        if let interface { text += " on #\(interface)" }
        return text
    }
}
