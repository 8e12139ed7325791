import Addressing

/// What two sets of policies allow differently, between classes that both tell apart: exact, and as short as the
/// policies let it be.
public struct ReachDifference: Sendable {
    public struct Entry: Sendable, Hashable {
        public var source: ReachClass
        public var destination: ReachClass
        /// The families for which it is so.
        public var families: [IPFamily]
        public var gained: TrafficSet
        public var lost: TrafficSet
    }

    /// By source and destination.
    public let entries: [Entry]
    /// The families that were compared.
    public let families: [IPFamily]
    /// Pairs of classes that were compared.
    public let pairs: Int

    public var isEmpty: Bool { entries.isEmpty }

    public init(in cluster: Cluster, from old: PolicySet, to new: PolicySet) {
        let classes = ReachClassifier(cluster, [old, new]).classes()
        self.init(Reachability(cluster, old, classes), Reachability(cluster, new, classes))
    }

    /// - Precondition: both are about the same classes.
    init(_ old: Reachability, _ new: Reachability) {
        var entries: [Entry] = []
        families = old.families
        pairs = old.classes.count * old.classes.count
        for source in old.classes.indices {
            for destination in old.classes.indices {
                // One pod and itself always reach each other.
                if source == destination, old.classes[source].members.count < 2 { continue }
                var found: [Entry] = []
                for family in families {
                    let before = old.traffic(from: source, to: destination, family)
                    let after = new.traffic(from: source, to: destination, family)
                    if before == after { continue }
                    let entry = Entry(
                        source: old.classes[source], destination: old.classes[destination], families: [family],
                        gained: after.subtracting(before), lost: before.subtracting(after))
                    if let last = found.last, last.gained == entry.gained, last.lost == entry.lost {
                        found[found.count - 1].families.append(family)
                    } else {
                        found.append(entry)
                    }
                }
                entries += found
            }
        }
        self.entries = entries
    }
}
