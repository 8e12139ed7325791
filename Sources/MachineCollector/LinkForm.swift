import Addressing
import CLinux
import JSONTree
import Netlink

/// Links and addresses in the form of `ip -d -s -j link` and `ip -j addr`.
struct LinkForm {
    private let names: [InterfaceIndex: String]
    private let links: [Link]
    private let details: [Int32: LinkDetails]

    init(_ links: [Link], details: [LinkDetails] = []) {
        self.links = links
        self.details = Dictionary(details.map { ($0.index, $0) }) { first, _ in first }
        names = Dictionary(links.map { ($0.index, $0.name) }) { first, _ in first }
    }

    func name(_ index: InterfaceIndex?) -> String? {
        index.map { names[$0] ?? "if\($0)" }
    }

    var linkList: JSONValue { .array(links.map { .object(members($0, detailed: true)) }) }

    func addressList(_ addresses: [LinkAddress]) -> JSONValue {
        .array(
            links.map { link in
                let own = addresses.filter { $0.link == link.index }.map { address(in: $0) }
                return .object(members(link, detailed: false) + [JSONMember("addr_info", .array(own))])
            })
    }

    private func members(_ link: Link, detailed: Bool) -> [JSONMember] {
        var members = [JSONMember("ifindex", .int(Int64(link.index.rawValue)))]
        if let other = link.link {
            if let namespace = link.linkNamespaceID {
                members.append(JSONMember("link_index", .int(Int64(other.rawValue))))
                members.append(JSONMember("ifname", .string(link.name)))
                members.append(JSONMember("link_netnsid", .int(Int64(namespace))))
            } else {
                if let name = names[other] {
                    members.append(JSONMember("link", .string(name)))
                } else {
                    members.append(JSONMember("link_index", .int(Int64(other.rawValue))))
                }
                members.append(JSONMember("ifname", .string(link.name)))
            }
        } else {
            members.append(JSONMember("ifname", .string(link.name)))
        }
        members.append(JSONMember("flags", .array(flags(link).map { .string($0) })))
        members.append(JSONMember("mtu", .int(Int64(link.mtu))))
        if let discipline = link.queueingDiscipline { members.append(JSONMember("qdisc", .string(discipline))) }
        if let master = name(link.master) { members.append(JSONMember("master", .string(master))) }
        members.append(JSONMember("operstate", .string(state(link))))
        members.append(JSONMember("txqlen", .int(Int64(link.transmitQueueLength))))
        members.append(JSONMember("link_type", .string(type(link))))
        if let mac = link.mac { members.append(JSONMember("address", .string("\(mac)"))) }
        if let alias = link.alias { members.append(JSONMember("ifalias", .string(alias))) }
        if detailed {
            members.append(JSONMember("promiscuity", .int(Int64(link.promiscuity))))
            if link.kind != nil || link.port != nil { members.append(JSONMember("linkinfo", info(link))) }
            if let program = details[link.index.rawValue]?.program {
                members.append(
                    JSONMember(
                        "xdp", ["mode": .string(program.mode), "prog": ["id": .int(Int64(program.id))]]))
            }
            if let statistics = details[link.index.rawValue]?.statistics {
                members.append(JSONMember("stats64", statistics))
            }
        }
        if !link.alternativeNames.isEmpty {
            members.append(JSONMember("altnames", .array(link.alternativeNames.map { .string($0) })))
        }
        return members
    }

    /// In the order in which ip prints them.
    private func flags(_ link: Link) -> [String] {
        var words: [String] = []
        if link.flags.contains(.up) && !link.flags.contains(.running) { words.append("NO-CARRIER") }
        let known: [(Link.Flags, String)] = [
            (.loopback, "LOOPBACK"), (.broadcast, "BROADCAST"), (.pointToPoint, "POINTOPOINT"),
            (.multicast, "MULTICAST"), (.noARP, "NOARP"), (.allMulticast, "ALLMULTI"), (.promiscuous, "PROMISC"),
            (.up, "UP"), (.lowerUp, "LOWER_UP"),
        ]
        for (flag, word) in known where link.flags.contains(flag) { words.append(word) }
        return words
    }

    private func state(_ link: Link) -> String {
        link.operationalState == .lowerLayerDown ? "LOWERLAYERDOWN" : "\(link.operationalState)".uppercased()
    }

    /// ARPHRD_... (linux/if_arp.h) as ip names it.
    private func type(_ link: Link) -> String {
        switch link.hardwareType {
        case 1: "ether"
        case 768: "ipip"
        case 769: "tunnel6"
        case 772: "loopback"
        case 776: "sit"
        case 778: "gre"
        case 65534: "none"
        default: "\(link.hardwareType)"
        }
    }

    private func info(_ link: Link) -> JSONValue {
        var members: [JSONMember] = []
        if let kind = link.kind { members.append(JSONMember("info_kind", .string(kind))) }
        if let vxlan = link.vxlan {
            var data = [JSONMember("id", .int(Int64(vxlan.identifier)))]
            if let local = vxlan.local {
                data.append(JSONMember(local.family == .v4 ? "local" : "local6", .string("\(local)")))
            }
            if let lower = name(vxlan.lower) { data.append(JSONMember("link", .string(lower))) }
            data.append(JSONMember("port", .int(Int64(vxlan.port))))
            data.append(JSONMember("learning", .bool(vxlan.learning)))
            members.append(JSONMember("info_data", .object(data)))
        } else if let source = link.tunnelSource {
            members.append(JSONMember("info_data", ["local": .string("\(source)")]))
        } else if let bridge = link.bridge {
            var data: [JSONMember] = []
            if let value = bridge.vlanFiltering { data.append(JSONMember("vlan_filtering", value ? 1 : 0)) }
            if let value = bridge.spanningTree { data.append(JSONMember("stp_state", value ? 1 : 0)) }
            members.append(JSONMember("info_data", .object(data)))
        } else if let tag = link.vlanID {
            members.append(JSONMember("info_data", ["id": .int(Int64(tag))]))
        }
        if let port = link.port {
            members.append(JSONMember("info_slave_kind", "bridge"))
            var data: [JSONMember] = []
            if let state = port.state, Int(state) < Self.portStates.count {
                data.append(JSONMember("state", .string(Self.portStates[Int(state)])))
            }
            if let value = port.hairpin { data.append(JSONMember("hairpin", .bool(value))) }
            if let value = port.learning { data.append(JSONMember("learning", .bool(value))) }
            if let value = port.isolated { data.append(JSONMember("isolated", .bool(value))) }
            members.append(JSONMember("info_slave_data", .object(data)))
        }
        return .object(members)
    }

    private static let portStates = ["disabled", "listening", "learning", "forwarding", "blocking"]

    private func address(in found: LinkAddress) -> JSONValue {
        var members = [
            JSONMember("family", found.address.family == .v4 ? "inet" : "inet6"),
            JSONMember("local", .string("\(found.address.address)")),
        ]
        if let peer = found.peer { members.append(JSONMember("address", .string("\(peer)"))) }
        members.append(JSONMember("prefixlen", .int(Int64(found.address.prefixLength))))
        if let broadcast = found.broadcast { members.append(JSONMember("broadcast", .string("\(broadcast)"))) }
        members.append(JSONMember("scope", .string(RouteForm.scope(found.scope))))
        return .object(members)
    }
}
