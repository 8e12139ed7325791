import Addressing
import CLinux
import Netlink

/// Packets that leave the cluster get the node's address; packets inside it keep the pod's. Three nf_tables tables of
/// ours, which share a name:
///
///     table inet poplin
///     set pods4        { 10.244.0.0/16 }       set pods6        { ... }     the cluster's pod ranges
///     set kept4        { 224.0.0.0/4 }         set kept6        { ... }     nonMasqueradeCIDRs and multicast
///     set nodes4       { 192.0.2.10, ... }     set nodes6       { ... }     nodes that see pods' addresses
///     chain leaving    { type nat hook postrouting priority srcnat;
///                        ip saddr @pods4 ip daddr != @pods4 ip daddr != @kept4 ip daddr != @nodes4 masquerade fully-random }
///     chain forwarding { type filter hook forward priority -10;  ip saddr @pods4 meta mark set mark or 0x1000; ... }
///     chain forwarded  { type filter hook forward priority 90;   meta mark set mark and not 0x1000 }
///
///     table ip poplin, and ip6 poplin in the same way
///     chain arriving   { type filter hook prerouting priority raw;
///                        ip saddr 10.244.0.0/16 ip daddr 10.244.0.0/16 meta mark and 0x2000 == 0 notrack accept
///                        ip daddr 192.0.2.10 udp dport 8472 notrack accept }
///     chain sending    { type filter hook output priority raw; ... }
///
/// The tables of one family keep packets out of connection tracking (see ``untracking(_:tracks:)``).
///
/// The rules do not change with pods or other nodes, only members of sets do (but for those that keep pods from being
/// tracked: with a second range of pods they look into a set). What is there is compared with what should be
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
    /// All that are ours.
    static let tables = [table] + IPFamily.allCases.map(untrackingTable)
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

    /// One table with all that should be in it; one without chains should not be there.
    struct Contents {
        var table: NFTables.Table
        var sets: [(set: NFTables.Set, elements: [NFTables.Element])]
        var chains: [Chain]
    }

    /// - Parameters:
    ///   - opens: whether a chain of somebody else drops. Without one nothing asks for the mark, and every packet would
    ///     pay for getting it.
    ///   - tracks: whether connections between pods are tracked.
    func contents(opens: Bool, tracks: Bool) -> [Contents] {
        [Contents(table: Self.table, sets: members, chains: chains(opens: opens))]
            + IPFamily.allCases.map { untracking($0, tracks: tracks) }
    }

    static func podSet(_ family: IPFamily) -> NFTables.Set { rangeSet("pods", family) }
    static func keptSet(_ family: IPFamily) -> NFTables.Set { rangeSet("kept", family) }

    static func nodeSet(_ family: IPFamily) -> NFTables.Set {
        NFTables.Set(table, "nodes\(family.rawValue)", key: .init(family == .v4 ? .ipv4Address : .ipv6Address))
    }

    static func rangeSet(_ name: String, _ family: IPFamily, in table: NFTables.Table = table) -> NFTables.Set {
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

    private func chains(opens: Bool) -> [Chain] {
        var chains: [Chain] = []
        if isOn {
            chains.append(
                Chain(
                    Self.table, "leaving", .init(.nat, .postrouting, priority: NFTables.Priority.sourceNAT),
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
                Chain(
                    Self.table, "forwarding", .init(.filter, .forward, priority: NFTables.Priority.filter - 10),
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
                Chain(
                    Self.table, "forwarded", .init(.filter, .forward, priority: NFTables.Priority.filter + 90),
                    [("poplin: takes the mark off", NFTables.Expression.clearMark(Self.mark))]))
        }
        return chains
    }

    /// `ip saddr @SET` or `ip daddr != @SET`.
    ///
    /// - Parameter isFirst: the family is checked; later look-ups of the same rule need no check.
    private static func lookup(
        _ direction: NFTables.Expression.Direction, _ set: NFTables.Set, _ family: IPFamily, isFirst: Bool = false,
        inverted: Bool = false
    ) -> [NFTables.Expression] {
        let load =
            isFirst
            ? NFTables.Expression.address(direction, family.table, into: .first)
            : [NFTables.Expression.addressLoad(direction, family.table, into: .first)]
        return load + [.lookup(set.name, .first, result: .none, inverted: inverted)]
    }
}

extension Masquerade.Chain {
    init(
        _ table: NFTables.Table, _ name: String, _ base: NFTables.Chain.Base,
        _ rules: [(comment: String, steps: [NFTables.Expression])]
    ) {
        let chain = NFTables.Chain(table, name, base: base)
        self.init(chain: chain, rules: rules.map { NFTables.Rule(chain, $0.steps, comment: $0.comment) })
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
