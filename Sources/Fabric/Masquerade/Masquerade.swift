import Addressing
import CLinux
import Netlink

/// Packets that leave the cluster get the node's address; packets inside it keep the pod's. One nf_tables table of
/// ours, `inet poplin`:
///
///     set pods4        { 10.244.0.0/16 }       set pods6        { ... }     the cluster's pod ranges
///     set kept4        { 224.0.0.0/4 }         set kept6        { ... }     nonMasqueradeCIDRs and multicast
///     set nodes4       { 192.0.2.10, ... }     set nodes6       { ... }     nodes that see pods' addresses
///     chain arriving   { type filter hook prerouting priority raw;  udp dport 8472 ip daddr 192.0.2.10 notrack accept
///                        ip saddr 10.244.0.0/16 ip daddr 10.244.0.0/16 meta mark and 0x2000 == 0 notrack accept; ... }
///     chain sending    { type filter hook output priority raw;      udp dport 8472 ip saddr 192.0.2.10 notrack accept
///                        ip saddr 10.244.0.0/16 ip daddr 10.244.0.0/16 notrack accept; ... }
///     chain leaving    { type nat hook postrouting priority srcnat;
///                        ip saddr @pods4 ip daddr != @pods4 ip daddr != @kept4 ip daddr != @nodes4 masquerade fully-random }
///     chain forwarding { type filter hook forward priority -10;  ip saddr @pods4 meta mark set mark or 0x1000; ... }
///     chain forwarded  { type filter hook forward priority 90;   meta mark set mark and not 0x1000 }
///
/// The tunnel's own packets are not tracked as connections: nobody asks for theirs, of which there would be one for every
/// connection between pods of two nodes. Nor are packets from pods to pods, unless somebody else on the node may need
/// their connections (``ConnectionUsers``) or the plugins have marked them as those of a pod with published ports.
/// Every packet passes these two chains, so they ask first what most are not, and compare rather than look up.
///
/// The rules do not change with pods or other nodes, only members of sets do (but for those that keep pods from being
/// tracked: with a second range of pods they look into the set). What is there is compared with what should be
/// before each change: rules that were altered are written again, members that are wrong are corrected, all in one
/// transaction.
///
/// The forward chains are the opening that decision 12 of the design allows: an accept of ours cannot override a drop
/// of somebody else (Docker's FORWARD policy), so packets of pods are marked before such chains, and each chain that
/// would drop gets one rule that accepts marked packets (``ForwardOpening``). They are there only while there is such a
/// chain.
public struct Masquerade: Hashable, Sendable {
    /// The ranges of all pods.
    public var podRanges: Set<IPPrefix>
    /// Destinations that see pods' addresses.
    public var keptRanges: Set<IPPrefix>
    /// Nodes that see pods' addresses: those that are reached without a tunnel.
    public var nodes: Set<IPAddress>
    /// Whether anything is masqueraded at all.
    public var isOn: Bool
    public var randomPorts: Bool
    public var opensForwarding: Bool
    /// This node's end of the tunnel; nil without one.
    public var tunnel: TunnelEnd?
    /// Whether connections between pods are tracked whoever needs them.
    public var tracksPods: Bool

    /// Where encapsulated packets come from and go to.
    public struct TunnelEnd: Hashable, Sendable {
        public var address: IPAddress
        /// Of UDP, the same on all nodes.
        public var port: UInt16

        public init(address: IPAddress, port: UInt16) {
            self.address = address
            self.port = port
        }
    }

    public static let table = NFTables.Table(.inet, "poplin")
    /// The bit that tells chains of others that a packet is a pod's; see ``ForwardOpening``.
    static let mark: UInt32 = 0x1000

    /// - Parameters:
    ///   - podRanges: ranges beyond those the configuration names: nodes' and pools'.
    ///   - nodes: all nodes' addresses; kept out of masquerading only with host-gw, where the answers come back the
    ///     way the questions went. With a tunnel they would come from elsewhere than reverse-path filters expect.
    public init(
        _ configuration: FabricConfiguration, podRanges: [IPPrefix] = [], nodes: [IPAddress] = [],
        tunnel: TunnelEnd? = nil
    ) {
        self.tunnel = tunnel
        self.podRanges = Set(configuration.networks + podRanges)
        keptRanges = Set(configuration.masquerade.nonMasqueradeCIDRs + IPFamily.allCases.map(\.multicastRange))
        self.nodes = configuration.backend == .hostGateway ? Set(nodes) : []
        isOn = configuration.masquerade.isOn
        randomPorts = configuration.masquerade.randomPorts
        opensForwarding = configuration.masquerade.opensForwarding
        // What is not tracked by our doing need not be kept from it.
        tracksPods = configuration.trackPodToPod == .always || !configuration.masquerade.isOn
    }

    // MARK: What should be there

    struct Chain {
        var chain: NFTables.Chain
        var rules: [NFTables.Rule]
    }

    static func podSet(_ family: IPFamily) -> NFTables.Set { rangeSet("pods", family) }
    static func keptSet(_ family: IPFamily) -> NFTables.Set { rangeSet("kept", family) }

    static func nodeSet(_ family: IPFamily) -> NFTables.Set {
        NFTables.Set(table, "nodes\(family.rawValue)", key: .init(family == .v4 ? .ipv4Address : .ipv6Address))
    }

    private static func rangeSet(_ name: String, _ family: IPFamily) -> NFTables.Set {
        NFTables.Set(
            table, "\(name)\(family.rawValue)", key: .init(family == .v4 ? .ipv4Address : .ipv6Address), interval: true)
    }

    /// Every set with the members it should have.
    var members: [(set: NFTables.Set, elements: [NFTables.Element])] {
        IPFamily.allCases.flatMap { family in
            [
                (Self.podSet(family), Self.elements(podRanges, family)),
                (Self.keptSet(family), Self.elements(keptRanges, family)),
                (
                    Self.nodeSet(family),
                    nodes.filter { $0.family == family }.sorted().map {
                        NFTables.Element(NFTables.Key(.address($0)), comment: "poplin: node \($0)")
                    }
                ),
            ]
        }
    }

    /// Ranges as a set of intervals takes them: in order, none touching another. The comment says the range, which
    /// is also how it is recognised.
    static func elements(_ prefixes: Set<IPPrefix>, _ family: IPFamily) -> [NFTables.Element] {
        var ranges: [IPRange] = []
        for range in prefixes.filter({ $0.family == family }).map(\.range).sorted() {
            if let last = ranges.last, range.first <= (last.last.advanced(by: 1) ?? last.last) {
                if range.last > last.last, let joined = IPRange(first: last.first, last: range.last) {
                    ranges[ranges.count - 1] = joined
                }
            } else {
                ranges.append(range)
            }
        }
        return ranges.map { range in
            NFTables.Element(
                NFTables.Key(.address(range.first)),
                end: range.last.advanced(by: 1).map { NFTables.Key(.address($0)) }, comment: "poplin: \(range)")
        }
    }

    /// - Parameters:
    ///   - opens: whether a chain of somebody else drops. Without one nothing asks for the mark, and every packet would
    ///     pay for getting it.
    ///   - tracks: whether connections between pods are tracked.
    func chains(opens: Bool, tracks: Bool = true) -> [Chain] {
        var chains = untracking(tracks: tracks)
        if isOn {
            chains.append(
                Self.chain(
                    "leaving", .init(.nat, .postrouting, priority: NFTables.Priority.sourceNAT),
                    IPFamily.allCases.map { family in
                        (
                            "poplin: pods leave the cluster with the node's address",
                            Self.lookup(.source, Self.podSet(family), family, isFirst: true)
                                + Self.lookup(.destination, Self.podSet(family), family, inverted: true)
                                + Self.lookup(.destination, Self.keptSet(family), family, inverted: true)
                                + Self.lookup(.destination, Self.nodeSet(family), family, inverted: true)
                                + [randomPorts ? .masqueradeRandomly : .masquerade]
                        )
                    }))
        }
        if opens {
            chains.append(
                Self.chain(
                    "forwarding", .init(.filter, .forward, priority: NFTables.Priority.filter - 10),
                    IPFamily.allCases.flatMap { family in
                        [NFTables.Expression.Direction.source, .destination].map { direction in
                            (
                                "poplin: marks packets of pods for chains that drop",
                                Self.lookup(direction, Self.podSet(family), family, isFirst: true)
                                    + NFTables.Expression.setMark(Self.mark)
                            )
                        }
                    }))
            chains.append(
                Self.chain(
                    "forwarded", .init(.filter, .forward, priority: NFTables.Priority.filter + 90),
                    [("poplin: takes the mark off", NFTables.Expression.clearMark(Self.mark))]))
        }
        return chains
    }

    /// The comment of the rules that keep connections between pods from being tracked.
    static let untrackedComment = "poplin: nobody needs the connections of pods to pods"

    private func untracking(tracks: Bool) -> [Chain] {
        var chains: [Chain] = []
        for (name, hook, direction) in [
            ("arriving", NFTables.Hook.prerouting, NFTables.Expression.Direction.destination),
            ("sending", .output, .source),
        ] {
            var rules: [(String, [NFTables.Expression])] = []
            if let tunnel {
                rules.append(
                    (
                        "poplin: the tunnel's packets are no connections of their own",
                        NFTables.Expression.toPort(tunnel.port)
                            + NFTables.Expression.address(
                                direction, tunnel.address.family == .v4 ? .ip : .ip6, into: .first)
                            + [
                                .compare(.first, .equal, tunnel.address.bytes), .other(name: "notrack"),
                                .verdict(.accept),
                            ]
                    ))
            }
            if !tracks {
                rules += IPFamily.allCases.map { family in
                    (
                        Self.untrackedComment,
                        isPod(.source, family, isFirst: true) + isPod(.destination, family)
                            // What the node itself sends, from its own address in the tunnel, nobody has marked.
                            + (hook == .prerouting ? NFTables.Expression.markLacks(NFTables.Mark.tracked) : [])
                            + [.other(name: "notrack"), .verdict(.accept)]
                    )
                }
            }
            if rules.isEmpty { continue }
            chains.append(Self.chain(name, .init(.filter, hook, priority: NFTables.Priority.raw), rules))
        }
        return chains
    }

    /// Whether an address is a pod's. Asked of every packet, so that where the cluster has one range, as most do, it is
    /// compared and not looked up.
    private func isPod(
        _ direction: NFTables.Expression.Direction, _ family: IPFamily, isFirst: Bool = false
    ) -> [NFTables.Expression] {
        let ranges = podRanges.filter { $0.family == family }
        guard let range = ranges.min(by: { $0.length < $1.length }), range.length > 0,
            ranges.allSatisfy({ range.contains($0) })
        else { return Self.lookup(direction, Self.podSet(family), family, isFirst: isFirst) }
        let load = NFTables.Expression.addressLoad(direction, family == .v4 ? .ip : .ip6, into: .first)
        guard case .payload(let base, let offset, _, let register) = load else { return [] }
        let check: [NFTables.Expression] =
            isFirst
            ? [
                .meta(.nfproto, into: .first),
                .compare(.first, .equal, [(family == .v4 ? NFTables.Family.ip : .ip6).rawValue]),
            ] : []
        // As nft writes it: of whole bytes only those are loaded, other lengths are cut out of the whole address.
        let isWhole = range.length % 8 == 0
        let bytes = isWhole ? range.length / 8 : family.byteCount
        var steps: [NFTables.Expression] = [
            .payload(base, offset: offset, length: UInt32(bytes), into: register)
        ]
        if !isWhole {
            let mask = (0..<bytes).map { index in
                UInt8(truncatingIfNeeded: 0xFF00 >> min(8, max(0, range.length - 8 * index)))
            }
            steps.append(
                .bitwise(register, into: register, mask: mask, xor: [UInt8](repeating: 0, count: bytes)))
        }
        return check + steps + [.compare(register, .equal, Array(range.network.bytes.prefix(bytes)))]
    }

    private static func chain(
        _ name: String, _ base: NFTables.Chain.Base, _ rules: [(String, [NFTables.Expression])]
    ) -> Chain {
        let chain = NFTables.Chain(table, name, base: base)
        return Chain(chain: chain, rules: rules.map { NFTables.Rule(chain, $0.1, comment: $0.0) })
    }

    /// `ip saddr @SET` or `ip daddr != @SET`.
    ///
    /// - Parameter isFirst: the family is checked; later look-ups of the same rule need no check.
    private static func lookup(
        _ direction: NFTables.Expression.Direction, _ set: NFTables.Set, _ family: IPFamily, isFirst: Bool = false,
        inverted: Bool = false
    ) -> [NFTables.Expression] {
        let table: NFTables.Family = family == .v4 ? .ip : .ip6
        let load =
            isFirst
            ? NFTables.Expression.address(direction, table, into: .first)
            : [NFTables.Expression.addressLoad(direction, table, into: .first)]
        return load + [.lookup(set.name, .first, result: .none, inverted: inverted)]
    }
}

extension NFTables.Expression {
    /// `udp dport PORT`
    fileprivate static func toPort(_ port: UInt16) -> [NFTables.Expression] {
        [
            .meta(.l4proto, into: .first), .compare(.first, .equal, [UInt8(IPPROTO_UDP)]),
            // struct udphdr: dest at 2
            .payload(.transport, offset: 2, length: 2, into: .first),
            .compare(.first, .equal, [UInt8(port >> 8), UInt8(truncatingIfNeeded: port)]),
        ]
    }
}

extension IPFamily {
    /// 224.0.0.0/4 (RFC 5771), ff00::/8 (RFC 4291).
    var multicastRange: IPPrefix {
        switch self {
        case .v4: IPPrefix(containing: .v4(IPv4Address(rawValue: 0xE000_0000)), length: 4)
        case .v6: IPPrefix(containing: .v6(IPv6Address(high: 0xFF << 56, low: 0)), length: 8)
        }
    }
}
