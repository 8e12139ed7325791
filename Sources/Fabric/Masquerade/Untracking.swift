import Addressing
import CLinux
import Netlink

extension Masquerade {
    /// The comment of the rules that keep connections between pods from being tracked.
    static let untrackedComment = "poplin: nobody needs the connections of pods to pods"

    /// Where packets of one family are kept from being tracked.
    static func untrackingTable(_ family: IPFamily) -> NFTables.Table { NFTables.Table(family.table, table.name) }

    /// What keeps packets out of connection tracking: the tunnel's own, for whose connections nobody asks, of which there
    /// would be one for every connection between pods of two nodes; and packets from pods to pods, unless somebody else on
    /// the node may need their connections (``ConnectionUsers``) or the plugins have marked them as those of a pod with
    /// published ports.
    ///
    /// Every packet passes these chains, each packet between nodes four times. So they are in tables of one family, where
    /// no rule has to ask for it; a rule's first comparison is the one that most of the other packets fail; and addresses
    /// are compared rather than looked up. In a table of both families the same rules cost a stream between two nodes a
    /// twentieth more CPU.
    func untracking(_ family: IPFamily, tracks: Bool) -> Contents {
        let table = Self.untrackingTable(family)
        var contents = Contents(table: table, sets: [], chains: [])
        let pods = tracks ? nil : steps(family, &contents.sets)
        for (name, hook, direction) in [
            ("arriving", NFTables.Hook.prerouting, NFTables.Expression.Direction.destination),
            ("sending", .output, .source),
        ] {
            var rules: [(String, [NFTables.Expression])] = []
            if let pods {
                rules.append(
                    (
                        Self.untrackedComment,
                        // What the node itself sends, from its own address in the tunnel, nobody has marked.
                        pods + (hook == .prerouting ? NFTables.Expression.markLacks(NFTables.Mark.tracked) : [])
                            + Self.untracked
                    ))
            }
            if let tunnel, tunnel.address.family == family {
                rules.append(
                    (
                        "poplin: the tunnel's packets are no connections of their own",
                        [
                            .addressLoad(direction, family.table, into: .first),
                            .compare(.first, .equal, tunnel.address.bytes),
                        ] + NFTables.Expression.toPort(tunnel.port, family) + Self.untracked
                    ))
            }
            if !rules.isEmpty {
                let base = NFTables.Chain.Base(.filter, hook, priority: NFTables.Priority.raw)
                contents.chains.append(Chain(table, name, base, rules))
            }
        }
        return contents
    }

    private static let untracked: [NFTables.Expression] = [.other(name: "notrack"), .verdict(.accept)]

    /// Whether both addresses are pods'; nil without pods of the family. Where the cluster has one range, as most do, it
    /// is compared, otherwise looked up in a set.
    private func steps(
        _ family: IPFamily, _ sets: inout [(set: NFTables.Set, elements: [NFTables.Element])]
    ) -> [NFTables.Expression]? {
        let ranges = podRanges.filter { $0.family == family }
        guard let widest = ranges.min(by: { $0.length < $1.length }) else { return nil }
        let directions: [NFTables.Expression.Direction] = [.source, .destination]
        if widest.length > 0, ranges.allSatisfy(widest.contains) {
            return directions.flatMap { NFTables.Expression.address($0, in: widest) }
        }
        let set = Self.rangeSet("pods", family, in: Self.untrackingTable(family))
        sets.append((set, Self.elements(podRanges, family)))
        return directions.flatMap { direction in
            [
                .addressLoad(direction, family.table, into: .first),
                .lookup(set.name, .first, result: .none, inverted: false),
            ]
        }
    }
}

extension NFTables.Expression {
    /// `ip saddr 10.244.0.0/16` in a table of that family, as nft writes it: of whole bytes only those are loaded, other
    /// lengths are cut out of the whole address.
    fileprivate static func address(_ direction: Direction, in range: IPPrefix) -> [NFTables.Expression] {
        let load = addressLoad(direction, range.family.table, into: .first)
        guard case .payload(let base, let offset, _, let register) = load else { return [] }
        let isWhole = range.length % 8 == 0
        let bytes = isWhole ? range.length / 8 : range.family.byteCount
        var steps: [NFTables.Expression] = [
            .payload(base, offset: offset, length: UInt32(bytes), into: register)
        ]
        if !isWhole {
            let mask = (0..<bytes).map { index in
                UInt8(truncatingIfNeeded: 0xFF00 >> min(8, max(0, range.length - 8 * index)))
            }
            steps.append(.bitwise(register, into: register, mask: mask, xor: [UInt8](repeating: 0, count: bytes)))
        }
        return steps + [.compare(register, .equal, Array(range.network.bytes.prefix(bytes)))]
    }

    /// `udp dport PORT`. The protocol of IPv4 is read where it always is; before that of IPv6 there may be other headers.
    fileprivate static func toPort(_ port: UInt16, _ family: IPFamily) -> [NFTables.Expression] {
        [
            // struct iphdr: protocol at 9
            family == .v4 ? .payload(.network, offset: 9, length: 1, into: .first) : .meta(.l4proto, into: .first),
            .compare(.first, .equal, [UInt8(IPPROTO_UDP)]),
            // struct udphdr: dest at 2
            .payload(.transport, offset: 2, length: 2, into: .first),
            .compare(.first, .equal, [UInt8(port >> 8), UInt8(truncatingIfNeeded: port)]),
        ]
    }
}

extension IPFamily {
    /// The family of tables that see only packets of this one.
    var table: NFTables.Family { self == .v4 ? .ip : .ip6 }
}
