import Addressing
import CNI
import Netlink

/// The part of the packet filter that lets pods' packets be forwarded.
///
///     map firewall_sources4 { 10.88.0.5 : goto firewall/podnet }   what pods send
///     set firewall_pods4    { 10.88.0.5 }                          what comes back to them, and to their ports
///     set firewall_isolated { "cni0" }                             links of networks with an ingressPolicy
///     set firewall_within   { "cni0" . "cni0" }                    same-bridge: traffic that stays inside
///     chain firewall_forward (filter - 10)   isolation, then marks what is allowed
///     chain firewall/podnet                  marks
///     chain firewall_end (filter + 90)       takes the mark off
///
/// What the mark is for is told in `ForeignForwarding`. Allowed is, as in the reference, everything from a pod and
/// what belongs to its connections; and besides what was sent to a published port (`ct status dnat`), which the
/// reference forgets, so that with a FORWARD policy of DROP its published ports are dead.
///
/// `ingressPolicy` is about networks: `same-bridge` drops what goes from one network with a policy to another one,
/// `isolated` also what goes from pod to pod within. The latter is between ports of one bridge and comes by here only
/// with br_netfilter; bridge's `portIsolation` does it without.
enum FirewallRules {
    enum IngressPolicy: String, CaseIterable, Sendable {
        case open
        case sameBridge = "same-bridge"
        case isolated
    }

    static let isolated = NFTables.Set(Packetfilter.table, "firewall_isolated", key: .init(.interfaceName))
    static let within = NFTables.Set(
        Packetfilter.table, "firewall_within", key: .init(.interfaceName, .interfaceName))

    static func sources(_ family: IPFamily) -> NFTables.Set {
        NFTables.Set(
            Packetfilter.table, family == .v4 ? "firewall_sources4" : "firewall_sources6",
            key: .init(family.field), map: .verdict)
    }

    static func pods(_ family: IPFamily) -> NFTables.Set {
        NFTables.Set(
            Packetfilter.table, family == .v4 ? "firewall_pods4" : "firewall_pods6", key: .init(family.field))
    }

    /// The sets whose elements belong to attachments.
    static let attachmentSets = IPFamily.allCases.flatMap { [sources($0), pods($0)] } + [isolated, within]
    /// The sets whose elements may belong to a network.
    static let networkSets = [isolated, within]

    private static let chainPrefix = "firewall"

    static func chainName(_ network: String) -> String { Packetfilter.chainName(chainPrefix, network) }

    /// Whether a chain says that a network has pods.
    static func isNetworkChain(_ chain: NFTables.Chain) -> Bool {
        chain.table == Packetfilter.table && chain.name.hasPrefix(chainPrefix + "/")
    }

    /// The elements of an attachment.
    static func entries(_ owner: Packetfilter.Owner, _ addresses: [IPAddress]) -> [Packetfilter.Entry] {
        addresses.flatMap { address in
            let key = NFTables.Key(.address(address))
            return [
                Packetfilter.Entry(
                    set: sources(address.family),
                    element: .init(
                        key, to: .verdict(.goto(chainName(owner.network))), comment: owner.comment)),
                Packetfilter.Entry(set: pods(address.family), element: .init(key, comment: owner.comment)),
            ]
        }
    }

    /// The elements of a policy: of the network when its pods share a bridge, of the attachment when each has a link
    /// of its own.
    static func entries(
        _ policy: IngressPolicy, _ link: NetworkLink, _ owner: Packetfilter.Owner
    ) -> [Packetfilter.Entry] {
        if policy == .open { return [] }
        let comment = link.isShared ? chainName(owner.network) : owner.comment
        let name = NFTables.Value.interface(link.name)
        var entries = [
            Packetfilter.Entry(
                set: isolated, element: .init(NFTables.Key(name), comment: comment), isShared: link.isShared)
        ]
        if policy == .sameBridge {
            entries.append(
                Packetfilter.Entry(
                    set: within, element: .init(NFTables.Key(name, name), comment: comment), isShared: link.isShared))
        }
        return entries
    }

    /// The node's end of a network: a bridge, or a pod's own link.
    struct NetworkLink: Hashable, Sendable {
        let name: String
        let isShared: Bool

        /// From a result: bridge lists the bridge and the pod's port, ptp the pod's link alone.
        init?(_ result: CNIResult) {
            let links = result.interfaces.filter { !$0.isInContainer }
            guard let first = links.first else { return nil }
            name = first.name
            isShared = links.count > 1
        }
    }

    static func skeleton(_ network: String) -> Packetfilter.Skeleton {
        typealias Expression = NFTables.Expression
        var skeleton = Packetfilter.Skeleton(Packetfilter.table)
        skeleton.sets = attachmentSets
        let allow = Expression.setMark(ForeignForwarding.mark) + [.verdict(.accept)]
        skeleton.chain(
            "firewall_isolation",
            [
                (
                    "within a network",
                    [
                        .meta(.iifname, into: .first), .meta(.oifname, into: NFTables.Register(word: 4)),
                        .lookup(within.name, .first, result: .none, inverted: false), .verdict(.return),
                    ]
                ),
                (
                    "from network to network",
                    [
                        .meta(.iifname, into: .first),
                        .lookup(isolated.name, .first, result: .none, inverted: false),
                        .meta(.oifname, into: .first),
                        .lookup(isolated.name, .first, result: .none, inverted: false), .verdict(.drop),
                    ]
                ),
            ])
        skeleton.chain(
            "firewall_inbound",
            [
                (
                    "answers",
                    Expression.conntrack(
                        .state, anyOf: NFTables.ConntrackState.established | NFTables.ConntrackState.related)
                        + allow
                ),
                (
                    "published ports",
                    Expression.conntrack(.status, anyOf: NFTables.ConntrackStatus.destinationNAT) + allow
                ),
            ])
        var forward: [(comment: String?, expressions: [Expression])] = [
            (nil, [.verdict(.jump("firewall_isolation"))])
        ]
        for family in IPFamily.allCases {
            forward.append(
                (
                    nil,
                    Expression.address(.source, family.table, into: .first)
                        + [.lookup(sources(family).name, .first, result: .verdict, inverted: false)]
                ))
            forward.append(
                (
                    nil,
                    Expression.address(.destination, family.table, into: .first)
                        + [
                            .lookup(pods(family).name, .first, result: .none, inverted: false),
                            .verdict(.goto("firewall_inbound")),
                        ]
                ))
        }
        skeleton.chain(
            "firewall_forward", base: .init(.filter, .forward, priority: ForeignForwarding.priority), forward)
        skeleton.chain(
            "firewall_end", base: .init(.filter, .forward, priority: ForeignForwarding.endPriority),
            [(nil, Expression.markHas(ForeignForwarding.mark) + Expression.clearMark(ForeignForwarding.mark))])
        skeleton.chain(chainName(network), [(nil, allow)])
        return skeleton
    }
}
