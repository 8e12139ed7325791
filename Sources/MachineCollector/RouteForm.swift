import Addressing
import CLinux
import JSONTree
import Netlink

/// Routes, rules, neighbours and forwarding entries in the forms of `ip -j route show table all`, `ip -j rule`,
/// `ip -j neigh` and `bridge -j fdb`. Tables are numbers, except the three that every machine has.
struct RouteForm {
    let links: LinkForm

    func routes(_ routes: [Route]) -> JSONValue {
        // Cached routes of IPv6 and the like are not in the tables.
        .array(routes.map { .object(members($0)) })
    }

    private func members(_ route: Route) -> [JSONMember] {
        var members: [JSONMember] = []
        if route.kind != .unicast { members.append(JSONMember("type", .string(Self.kind(route.kind)))) }
        members.append(JSONMember("dst", .string(Self.destination(route.destination))))
        if let gateway = route.gateway { members.append(via(gateway, route.family)) }
        if let name = links.name(route.interface) { members.append(JSONMember("dev", .string(name))) }
        if route.table != 254 { members.append(JSONMember("table", .string(Self.table(route.table)))) }
        if route.origin != 3 { members.append(JSONMember("protocol", .string(Self.origin(route.origin)))) }
        if let scope = route.scope, scope != 0 { members.append(JSONMember("scope", .string(Self.scope(scope)))) }
        if let source = route.source { members.append(JSONMember("prefsrc", .string("\(source)"))) }
        if let metric = route.priority { members.append(JSONMember("metric", .int(Int64(metric)))) }
        members.append(JSONMember("flags", .array(route.isOnLink ? ["onlink"] : [])))
        if let mtu = route.mtu { members.append(JSONMember("metrics", [["mtu": .int(Int64(mtu))]])) }
        if !route.nextHops.isEmpty {
            members.append(
                JSONMember(
                    "nexthops",
                    .array(
                        route.nextHops.map { hop in
                            var fields: [JSONMember] = []
                            if let gateway = hop.gateway { fields.append(via(gateway, route.family)) }
                            if let name = links.name(hop.interface) { fields.append(JSONMember("dev", .string(name))) }
                            fields.append(JSONMember("weight", .int(Int64(hop.weight))))
                            fields.append(JSONMember("flags", []))
                            return .object(fields)
                        })))
        }
        return members
    }

    private func via(_ gateway: IPAddress, _ family: IPFamily) -> JSONMember {
        if gateway.family == family { return JSONMember("gateway", .string("\(gateway)")) }
        return JSONMember(
            "via", ["family": gateway.family == .v4 ? "inet" : "inet6", "host": .string("\(gateway)")])
    }

    func rules(_ rules: [RoutingRule]) -> JSONValue {
        .array(
            rules.map { rule in
                var members = [JSONMember("priority", .int(Int64(rule.priority)))]
                if rule.isInverted { members.append(JSONMember("not", .null)) }
                func address(_ key: String, _ prefix: IPPrefix?) {
                    guard let prefix else { return }
                    members.append(JSONMember(key, .string("\(prefix.network)")))
                    if prefix.length != prefix.family.bitWidth {
                        members.append(JSONMember(key + "len", .int(Int64(prefix.length))))
                    }
                }
                if rule.source == nil { members.append(JSONMember("src", "all")) } else { address("src", rule.source) }
                address("dst", rule.destination)
                if let mark = rule.mark {
                    members.append(JSONMember("fwmark", .string("0x" + String(mark, radix: 16))))
                    if let mask = rule.markMask, mask != .max {
                        members.append(JSONMember("fwmask", .string("0x" + String(mask, radix: 16))))
                    }
                }
                if let name = rule.inputInterface { members.append(JSONMember("iif", .string(name))) }
                if let name = rule.outputInterface { members.append(JSONMember("oif", .string(name))) }
                if let length = rule.suppressedLength {
                    members.append(JSONMember("suppress_prefixlen", .int(Int64(length))))
                }
                switch rule.action {
                case 1: members.append(JSONMember("table", .string(Self.table(rule.table))))
                case 2: if let target = rule.target { members.append(JSONMember("goto", .int(Int64(target)))) }
                case 6: members.append(JSONMember("action", "blackhole"))
                case 7: members.append(JSONMember("action", "unreachable"))
                case 8: members.append(JSONMember("action", "prohibit"))
                default: members.append(JSONMember("action", "nop"))
                }
                return .object(members)
            })
    }

    func neighbours(_ neighbours: [Neighbour]) -> JSONValue {
        // NOARP entries (broadcast, multicast) are what ip leaves out unless asked for.
        .array(
            neighbours.filter { $0.state != .noARP && !$0.state.isEmpty }.map { entry in
                var members = [
                    JSONMember("dst", .string("\(entry.address)")),
                    JSONMember("dev", .string(links.name(entry.interface) ?? "")),
                ]
                if let mac = entry.mac { members.append(JSONMember("lladdr", .string("\(mac)"))) }
                members.append(JSONMember("state", .array(Self.states(entry.state).map { .string($0) })))
                return .object(members)
            })
    }

    func forwarding(_ entries: [ForwardingEntry]) -> JSONValue {
        .array(
            entries.map { entry in
                var members = [
                    JSONMember("mac", .string("\(entry.mac)")),
                    JSONMember("ifname", .string(links.name(entry.interface) ?? "")),
                ]
                if let destination = entry.destination { members.append(JSONMember("dst", .string("\(destination)"))) }
                var flags: [JSONValue] = []
                if entry.flags & 2 != 0 { flags.append("self") }
                if entry.flags & 4 != 0 { flags.append("master") }
                members.append(JSONMember("flags", .array(flags)))
                if entry.state.contains(.permanent) {
                    members.append(JSONMember("state", "permanent"))
                } else if entry.state.contains(.noARP) {
                    members.append(JSONMember("state", "static"))
                } else {
                    members.append(JSONMember("state", ""))
                }
                return .object(members)
            })
    }

    // MARK: Names

    static func destination(_ prefix: IPPrefix) -> String {
        if prefix.length == 0 { return "default" }
        return prefix.length == prefix.family.bitWidth ? "\(prefix.network)" : "\(prefix)"
    }

    static func kind(_ kind: Route.Kind) -> String {
        kind == .throwing ? "throw" : kind == .unspecified ? "none" : "\(kind)"
    }

    static func table(_ number: UInt32) -> String {
        switch number {
        case 253: "default"
        case 254: "main"
        case 255: "local"
        default: "\(number)"
        }
    }

    /// RTPROT_... as iproute2's rt_protos has them.
    static func origin(_ number: UInt8) -> String {
        switch number {
        case 0: "unspec"
        case 1: "redirect"
        case 2: "kernel"
        case 3: "boot"
        case 4: "static"
        case 8: "gated"
        case 9: "ra"
        case 11: "zebra"
        case 12: "bird"
        case 16: "dhcp"
        case 18: "keepalived"
        case 42: "babel"
        case 186: "bgp"
        case 188: "ospf"
        default: "\(number)"
        }
    }

    static func scope(_ number: UInt8) -> String {
        switch number {
        case 0: "global"
        case 200: "site"
        case 253: "link"
        case 254: "host"
        case 255: "nowhere"
        default: "\(number)"
        }
    }

    static func states(_ state: Neighbour.State) -> [String] {
        let known: [(Neighbour.State, String)] = [
            (.incomplete, "INCOMPLETE"), (.reachable, "REACHABLE"), (.stale, "STALE"), (.delay, "DELAY"),
            (.probe, "PROBE"), (.failed, "FAILED"), (.noARP, "NOARP"), (.permanent, "PERMANENT"),
        ]
        return known.filter { state.contains($0.0) }.map(\.1)
    }
}
