import Addressing

/// What a datapath needs for one local endpoint: for each direction the tiers in order, each with tables by peer.
///
/// A look-up, per tier until one decides: the table of the peer's identity (or, without one, of its kind), and the
/// table of the longest prefix that holds the peer's address in the list of its identity (or kind); of the two entries
/// the lower precedence counts. Allow and deny end it, pass goes on with the next tier, no entry means the tier's
/// default where the endpoint is isolated and the next tier where it is not. After the last tier the connection is
/// allowed.
public struct EndpointProgram: Hashable, Sendable {
    public var egress: DirectionProgram
    public var ingress: DirectionProgram

    public subscript(direction: Direction) -> DirectionProgram { direction == .egress ? egress : ingress }
}

public struct DirectionProgram: Hashable, Sendable {
    public var tiers: [TierProgram]
    /// Whether any policy has a say about the own node; otherwise traffic with it is allowed without a look-up.
    public var concernsOwnNode: Bool
}

public struct TierProgram: Hashable, Sendable {
    public var name: String
    public var isolates: Bool
    public var isolatesOwnNode: Bool
    public var deniesAtEnd: Bool
    public var tables: [PeerKey: PortTable]
    public var prefixes: [PeerKey: [IPPrefix: PortTable]]

    /// Identities that have entries of their own here.
    var specific: Set<Int32>
    /// For updates of a single identity.
    var recipe: TierRecipe

    public static func == (left: TierProgram, right: TierProgram) -> Bool {
        left.name == right.name && left.isolates == right.isolates && left.isolatesOwnNode == right.isolatesOwnNode
            && left.deniesAtEnd == right.deniesAtEnd && left.tables == right.tables && left.prefixes == right.prefixes
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(name)
        hasher.combine(tables)
        hasher.combine(prefixes)
    }
}

/// Whom a table is for.
public struct PeerKey: Hashable, Sendable {
    public var kind: PeerKind
    /// Nil: every peer of the kind that has no table of its own. Numbers are this engine's, so of this node.
    public var identity: Int32?
}

public enum PeerKind: UInt8, Hashable, Sendable, CaseIterable {
    case pod = 1
    case ownNode = 2
    case remoteNode = 4
    case outside = 8

    init?(_ kinds: EndKinds) { self.init(rawValue: kinds.rawValue) }

    var kinds: EndKinds { EndKinds(rawValue: rawValue) }
}

/// One line of a program, flat, as it is written to a map of the datapath.
public struct DatapathEntry: Hashable, Sendable {
    public var direction: Direction
    /// From 0, in the order of the walk.
    public var tier: Int
    public var peer: PeerKey
    /// Nil: by identity alone.
    public var prefix: IPPrefix?
    public var entry: PortTable.Entry
}

extension EndpointProgram {
    /// All lines, in no particular order.
    public var entries: [DatapathEntry] {
        Direction.allCases.flatMap { direction in
            self[direction].tiers.enumerated().flatMap { index, tier in
                tier.entries(direction, index)
            }
        }
    }

    /// How many lines there are.
    public var entryCount: Int {
        [egress, ingress].reduce(0) { count, part in
            part.tiers.reduce(count) { count, tier in
                tier.tables.values.reduce(count) { $0 + $1.entries.count }
                    + tier.prefixes.values.reduce(0) { $0 + $1.values.reduce(0) { $0 + $1.entries.count } }
            }
        }
    }
}

extension TierProgram {
    func entries(_ direction: Direction, _ index: Int) -> [DatapathEntry] {
        var result: [DatapathEntry] = []
        for (peer, table) in tables {
            for entry in table.entries {
                result.append(DatapathEntry(direction: direction, tier: index, peer: peer, prefix: nil, entry: entry))
            }
        }
        for (peer, list) in prefixes {
            for (prefix, table) in list {
                for entry in table.entries {
                    result.append(
                        DatapathEntry(direction: direction, tier: index, peer: peer, prefix: prefix, entry: entry))
                }
            }
        }
        return result
    }
}
