import Addressing
import CNI
import Netlink

/// The part of the packet filter that maps ports.
///
///     map portmap4    { inet_proto . inet_service : ipv4_addr . inet_service }              tcp . 8080 : 10.88.0.5 . 80
///     map portmap4_ip { ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service }  the same for one hostIP
///     chain portmap_prerouting, portmap_output   what is addressed to this node goes to chain portmap
///     chain portmap                              dnat by map, the one with the host's address first
///     map portmap_pods4 { ipv4_addr : verdict }  10.88.0.5 : goto portmap/10.88.0.0/16
///     chain portmap_postrouting                  what was mapped to a pod goes to the chain of its subnet
///     chain portmap/10.88.0.0/16                 masquerades what came from the subnet or from 127.0.0.0/8
///     chain portmap_guard                        nobody outside talks to 127.0.0.0/8
///
/// A mapping is one element, so that a second pod that wants the same port is refused by the kernel, atomically. The
/// answers of a pod to its neighbours in the subnet would go straight to them over the bridge and come from the wrong
/// address: that is why those are masqueraded; `snat: false` leaves it out (chain `portmap/plain`) and `masqAll` does
/// it for everybody (chain `portmap/all`).
///
/// The guard is there because 127.0.0.1 reaches a pod only with `route_localnet` on the link towards it, and that
/// switch would also let pods talk to services that listen on the node's loopback (CVE-2020-8558).
///
/// Networks with conditions have maps and hooks of their own, one place earlier than the unconditional ones.
///
/// Where an agent keeps packets between pods out of connection tracking, a pod with published ports is an exception: its
/// answers must be found to be answers. So its packets are marked just before the agent's chain, and the mark is taken
/// off just after:
///
///     set portmap_tracked4 { 10.244.1.5 }
///     chain portmap_mark   { type filter hook prerouting priority raw - 1;  ip saddr @portmap_tracked4 meta mark set ... }
///     chain portmap_unmark { type filter hook prerouting priority raw + 1;  meta mark set meta mark and not 0x2000 }
struct PortMappingRules: Sendable {
    /// See `PortMappingConfiguration.group`.
    let group: String
    let conditions: [IPFamily: PortMappingConditions]

    init(_ configuration: PortMappingConfiguration) {
        group = configuration.group
        conditions = configuration.conditions
    }

    private var suffix: String { group.isEmpty ? "" : "_\(group)" }

    // MARK: Sets

    /// Published ports to where they lead.
    func ports(_ family: IPFamily, bound: Bool) -> NFTables.Set { Self.ports(family, bound: bound, suffix) }

    private static func ports(_ family: IPFamily, bound: Bool, _ suffix: String) -> NFTables.Set {
        let value = NFTables.MapType.value(.init(family.field, .port))
        if bound {
            return NFTables.Set(
                Packetfilter.table, "\(name(family))_ip\(suffix)", key: .init(family.field, .protocolNumber, .port),
                map: value)
        }
        return NFTables.Set(
            Packetfilter.table, "\(name(family))\(suffix)", key: .init(.protocolNumber, .port), map: value)
    }

    /// Pods with published ports to the chains that masquerade for them.
    static func pods(_ family: IPFamily) -> NFTables.Set {
        NFTables.Set(
            Packetfilter.table, family == .v4 ? "portmap_pods4" : "portmap_pods6", key: .init(family.field),
            map: .verdict)
    }

    private static func name(_ family: IPFamily) -> String { family == .v4 ? "portmap4" : "portmap6" }

    /// Every set of port mapping among the sets of our table, whatever the conditions.
    static func all(among names: [String]) -> [NFTables.Set] {
        var sets = IPFamily.allCases.map(pods) + IPFamily.allCases.map(NFTables.Plugins.trackedPods)
        for family in IPFamily.allCases {
            for bound in [false, true] {
                let start = name(family) + (bound ? "_ip" : "")
                for name in names where name == start || (name.hasPrefix(start + "_") && isGroup(name, start)) {
                    sets.append(ports(family, bound: bound, String(name.dropFirst(start.count))))
                }
            }
        }
        return sets.filter { set in names.contains(set.name) }
    }

    private static func isGroup(_ name: String, _ start: String) -> Bool {
        name.utf8.count == start.utf8.count + 9 && name.utf8.suffix(8).allSatisfy { $0 != UInt8(ascii: "_") }
    }

    // MARK: Elements

    /// A port of the host, as the maps have it.
    struct HostPort: Hashable, Sendable, CustomStringConvertible {
        let family: IPFamily
        let address: IPAddress?
        let transport: PortMapping.TransportProtocol
        let port: UInt16

        init(_ mapping: PortMapping, _ family: IPFamily) {
            self.family = family
            address = mapping.boundAddress
            transport = mapping.transport
            port = mapping.hostPort
        }

        var key: NFTables.Key {
            if let address {
                NFTables.Key(.address(address), .protocolNumber(transport.number), .port(port))
            } else {
                NFTables.Key(.protocolNumber(transport.number), .port(port))
            }
        }

        var description: String {
            switch address {
            case .v6(let address)?: "[\(address)]:\(port)/\(transport)"
            case let address?: "\(address):\(port)/\(transport)"
            case nil: "\(port)/\(transport) (\(family))"
            }
        }
    }

    /// The elements of an attachment.
    ///
    /// - Parameter addresses: the pod's, at most one of each family, with their subnets.
    func entries(
        _ owner: Packetfilter.Owner, _ configuration: PortMappingConfiguration, _ addresses: [InterfaceAddress]
    ) -> [Packetfilter.Entry] {
        var entries: [Packetfilter.Entry] = []
        for address in addresses {
            let mappings = configuration.mappings.filter { $0.families.contains(address.family) }
            if mappings.isEmpty { continue }
            for mapping in mappings {
                let port = HostPort(mapping, address.family)
                entries.append(
                    Packetfilter.Entry(
                        set: ports(address.family, bound: port.address != nil),
                        element: .init(
                            port.key,
                            to: .value(NFTables.Key(.address(address.address), .port(mapping.containerPort))),
                            comment: owner.comment)))
            }
            entries.append(
                Packetfilter.Entry(
                    set: Self.pods(address.family),
                    element: .init(
                        NFTables.Key(.address(address.address)),
                        to: .verdict(.goto(Self.returnChain(configuration, address.prefix))),
                        comment: owner.comment)))
            if configuration.marksPods {
                entries.append(
                    Packetfilter.Entry(
                        set: NFTables.Plugins.trackedPods(address.family),
                        element: .init(NFTables.Key(.address(address.address)), comment: owner.comment)))
            }
        }
        var seen: Set<NFTables.Key> = []
        // The same mapping given twice is one.
        return entries.filter {
            seen.insert(NFTables.Key(bytes: Array($0.set.name.utf8) + $0.element.key.bytes)).inserted
        }
    }

    /// What an attachment's mapping leads to, from the map's value.
    static func target(of element: NFTables.Element) -> (address: IPAddress, port: UInt16)? {
        guard case .value(let value)? = element.value, value.bytes.count > 4,
            let address = IPAddress(bytes: value.bytes.dropLast(4))
        else { return nil }
        let port = value.bytes.suffix(4)
        return (address, UInt16(port[port.startIndex]) << 8 | UInt16(port[port.startIndex + 1]))
    }

    private static func returnChain(_ configuration: PortMappingConfiguration, _ subnet: IPPrefix) -> String {
        if !configuration.sourceNAT { return "portmap/plain" }
        if configuration.masqueradesAll { return "portmap/all" }
        return Packetfilter.chainName("portmap", subnet.description)
    }

    // MARK: Skeleton

    func skeleton(
        _ configuration: PortMappingConfiguration, _ addresses: [InterfaceAddress]
    ) -> Packetfilter.Skeleton {
        typealias Expression = NFTables.Expression
        var skeleton = Packetfilter.Skeleton(Packetfilter.table)
        for family in IPFamily.allCases {
            skeleton.sets += [ports(family, bound: true), ports(family, bound: false), Self.pods(family)]
        }
        skeleton.chain(
            "portmap\(suffix)",
            IPFamily.allCases.flatMap { [translation($0, bound: true), translation($0, bound: false)] })
        // Conditions are the more particular case and come first.
        let priority = NFTables.Priority.destinationNAT - (group.isEmpty ? 0 : 1)
        let toUs: [Expression] = Expression.destinationIsLocal + [.verdict(.goto("portmap\(suffix)"))]
        skeleton.chain(
            "portmap_prerouting\(suffix)", base: .init(.nat, .prerouting, priority: priority), [(nil, toUs)])
        skeleton.chain(
            "portmap_output\(suffix)", base: .init(.nat, .output, priority: priority),
            [
                (
                    "IPv6 has no route_localnet",
                    Expression.destination(in: IPFamily.v6.loopback) + [.verdict(.return)]
                ),
                (nil, toUs),
            ])
        skeleton.chain(
            "portmap_postrouting",
            base: .init(.nat, .postrouting, priority: NFTables.Priority.sourceNAT - 1),
            IPFamily.allCases.map { family in
                (
                    nil,
                    Expression.conntrack(.status, anyOf: NFTables.ConntrackStatus.destinationNAT)
                        + Expression.address(.destination, family.table, into: .first)
                        + [.lookup(Self.pods(family).name, .first, result: .verdict, inverted: false)]
                )
            })
        skeleton.chain(
            "portmap_guard", base: .init(.filter, .prerouting, priority: NFTables.Priority.raw),
            [
                (
                    "route_localnet is for this node only",
                    Expression.interface(.iifname, "lo", .notEqual)
                        + Expression.destination(in: IPFamily.v4.loopback) + [.verdict(.drop)]
                )
            ])
        if configuration.marksPods { Self.addMarks(to: &skeleton) }
        var seen: Set<String> = []
        for subnet in addresses.map(\.prefix) {
            let name = Self.returnChain(configuration, subnet)
            if seen.insert(name).inserted { skeleton.chain(name, returnRules(configuration, subnet)) }
        }
        return skeleton
    }

    private static func addMarks(to skeleton: inout Packetfilter.Skeleton) {
        skeleton.sets += IPFamily.allCases.map(NFTables.Plugins.trackedPods)
        skeleton.chain(
            "portmap_mark", base: .init(.filter, .prerouting, priority: NFTables.Priority.raw - 1),
            IPFamily.allCases.flatMap { family in
                [NFTables.Expression.Direction.source, .destination].map { direction in
                    (
                        nil,
                        NFTables.Expression.address(direction, family.table, into: .first)
                            + [
                                .lookup(
                                    NFTables.Plugins.trackedPods(family).name, .first, result: .none, inverted: false)
                            ]
                            + NFTables.Expression.setMark(NFTables.Mark.tracked)
                    )
                }
            })
        skeleton.chain(
            "portmap_unmark", base: .init(.filter, .prerouting, priority: NFTables.Priority.raw + 1),
            [(nil, NFTables.Expression.clearMark(NFTables.Mark.tracked))])
    }

    private func returnRules(
        _ configuration: PortMappingConfiguration, _ subnet: IPPrefix
    ) -> [(comment: String?, expressions: [NFTables.Expression])] {
        if !configuration.sourceNAT { return [(nil, [.verdict(.return)])] }
        if configuration.masqueradesAll { return [(nil, [.masquerade])] }
        var rules: [(comment: String?, expressions: [NFTables.Expression])] = [
            ("own subnet", NFTables.Expression.address(.source, in: subnet) + [.masquerade])
        ]
        if subnet.family == .v4 {
            rules.append(
                ("localhost", NFTables.Expression.address(.source, in: IPFamily.v4.loopback) + [.masquerade]))
        }
        return rules
    }

    /// `CONDITIONS dnat ip to [ip daddr .] meta l4proto . th dport map @portmap4`
    private func translation(
        _ family: IPFamily, bound: Bool
    ) -> (comment: String?, expressions: [NFTables.Expression]) {
        var expressions = conditions[family]?.expressions ?? []
        var word = 0
        if bound {
            expressions += NFTables.Expression.address(.destination, family.table, into: .first)
            word = family.byteCount / 4
        }
        expressions += [
            .meta(.l4proto, into: NFTables.Register(word: word)),
            // tcp, udp and sctp all have the destination port at 2
            .payload(.transport, offset: 2, length: 2, into: NFTables.Register(word: word + 1)),
            .lookup(ports(family, bound: bound).name, .first, result: .value(.first), inverted: false),
            .nat(
                .destination, family.table, address: .first,
                port: NFTables.Register(word: family.byteCount / 4)),
        ]
        return (nil, expressions)
    }
}
