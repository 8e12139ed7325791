import Addressing

/// Who may reach whom with what, exactly, between classes of ends that the policies tell apart.
///
/// A class stands for all its members, except for what hangs on one pod alone: a pod always reaches itself, and what
/// passes between a pod and the very node it runs on is left out (nodes here are the others).
public struct Reachability: Sendable {
    public let classes: [ReachClass]
    /// The families that pods of the cluster have; both are kept apart.
    public let families: [IPFamily]
    private let sets: [TrafficSet]
    /// By family, then source by destination.
    private var matrix: [[UInt32]]

    /// What one class may send to another; between two ends outside the cluster there is nothing to say, and no end
    /// of a class without an address of the family sends anything.
    public func traffic(from source: Int, to destination: Int, _ family: IPFamily) -> TrafficSet {
        guard let index = families.firstIndex(of: family) else { return .nothing }
        return sets[Int(matrix[index][source * classes.count + destination])]
    }

    /// - Parameter classes: from ``ReachClassifier``; pass the classes of several policy sets to compare them.
    init(_ cluster: Cluster, _ set: PolicySet, _ classes: [(ReachClass, ReachEnd)]) {
        self.classes = classes.map(\.0)
        let ends = classes.map(\.1)
        var pool = TrafficPool()
        let present = [IPFamily.v4, .v6].filter { family in ends.contains { $0.isPod && $0.address(family) != nil } }
        // A cluster of manifests alone has no addresses: what its policies say is the same for any family.
        families = present.isEmpty ? [.v4] : present
        let ignoresAddresses = present.isEmpty
        var world = ReachWorld(cluster)
        let planner = ReachPlanner(set)
        matrix = []
        for family in families {
            var table = ReachTable(
                world: world, planner: planner, ends: ends, family: family, ignoresAddresses: ignoresAddresses,
                pool: pool)
            matrix.append(table.matrix())
            world = table.world
            pool = table.pool
        }
        sets = pool.sets
    }

    public init(_ cluster: Cluster, _ set: PolicySet) {
        self.init(cluster, set, ReachClassifier(cluster, [set]).classes())
    }
}

/// Sets by number, so that a table of a million entries holds numbers and equal sets are met once.
struct TrafficPool {
    private(set) var sets: [TrafficSet] = [.nothing, .everything]
    private var numbers: [TrafficSet: UInt32] = [.nothing: 0, .everything: 1]
    private var intersections: [UInt64: UInt32] = [:]

    mutating func number(of set: TrafficSet) -> UInt32 {
        if let known = numbers[set] { return known }
        let number = UInt32(sets.count)
        sets.append(set)
        numbers[set] = number
        return number
    }

    mutating func intersection(_ left: UInt32, _ right: UInt32) -> UInt32 {
        if left == right || right == 1 { return left }
        if left == 1 { return right }
        if left == 0 || right == 0 { return 0 }
        let key = UInt64(min(left, right)) << 32 | UInt64(max(left, right))
        if let known = intersections[key] { return known }
        let number = number(of: sets[Int(left)].intersection(sets[Int(right)]))
        intersections[key] = number
        return number
    }
}

/// The work behind one family's table.
private struct ReachTable {
    var world: ReachWorld
    let planner: ReachPlanner
    let ends: [ReachEnd]
    let family: IPFamily
    let ignoresAddresses: Bool
    var pool: TrafficPool

    private var columns: ReachColumns

    init(
        world: ReachWorld, planner: ReachPlanner, ends: [ReachEnd], family: IPFamily, ignoresAddresses: Bool,
        pool: TrafficPool
    ) {
        self.world = world
        self.planner = planner
        self.ends = ends
        self.family = family
        self.ignoresAddresses = ignoresAddresses
        self.pool = pool
        columns = ReachColumns(ends, family, rules: planner.rules.count)
    }

    private struct WalkKey: Hashable {
        var direction: Direction
        var policies: [Int]
    }

    mutating func matrix() -> [UInt32] {
        let count = ends.count
        var table = [UInt32](repeating: 0, count: count * count)
        let takesPart = ends.map { ignoresAddresses || $0.address(family) != nil }
        var byWalk: [WalkKey: [UInt32]] = [:]
        var rows: [Direction: [[UInt32]?]] = [:]
        for direction in Direction.allCases {
            var found = [[UInt32]?](repeating: nil, count: count)
            for index in 0..<count where ends[index].isPod && takesPart[index] {
                let end = ends[index]
                var world = self.world
                let (walk, key) = planner.walk(of: end, direction) { rule in world.match(rule.nearEnd, end, family) }
                self.world = world
                if walk.isOpen { continue }
                let walkKey = WalkKey(direction: direction, policies: key)
                let isShared = !(direction == .ingress && walk.looksUpPortNames)
                if isShared, let known = byWalk[walkKey] {
                    found[index] = known
                    continue
                }
                let row = self.row(walk, subject: index, direction, takesPart)
                if isShared { byWalk[walkKey] = row }
                found[index] = row
            }
            rows[direction] = found
        }
        for source in 0..<count where takesPart[source] {
            let egress = rows[.egress]?[source]
            for destination in 0..<count where takesPart[destination] {
                if !ends[source].isPod, !ends[destination].isPod { continue }
                let leaving = egress?[destination] ?? 1
                let entering = rows[.ingress]?[destination]?[source] ?? 1
                table[source * count + destination] = pool.intersection(leaving, entering)
            }
        }
        return table
    }

    /// What a subject's side allows towards or from every end.
    private mutating func row(
        _ walk: ReachWalk, subject: Int, _ direction: Direction, _ takesPart: [Bool]
    ) -> [UInt32] {
        var row = [UInt32](repeating: 0, count: ends.count)
        let rules = walk.tiers.flatMap(\.rules)
        for rule in rules { columns.fill(rule, &world) }
        let matching = rules.map { columns[$0] }
        var places: [Int: Int] = [:]
        for (place, rule) in rules.enumerated() { places[rule.number] = place }
        var known: [[UInt8]: UInt32] = [:]
        var traffic: [Int: (sure: TrafficSet, maybe: TrafficSet)] = [:]
        if direction == .ingress || !walk.looksUpPortNames {
            for rule in rules {
                traffic[rule.number] = world.traffic(
                    rule.rule.traffic, to: ends[direction == .ingress ? subject : 0], family)
            }
        }
        for peer in ends.indices where takesPart[peer] {
            var pattern = matching.map { $0[peer] }
            // Only pods' ports have names; ends with the same named ports share an answer.
            let looksUp = direction == .egress && walk.looksUpPortNames
            if looksUp {
                for rule in rules { traffic[rule.number] = world.traffic(rule.rule.traffic, to: ends[peer], family) }
                pattern.append(255)
                withUnsafeBytes(of: UInt32(peer)) { pattern += $0 }
            }
            if let number = known[pattern] {
                row[peer] = number
                continue
            }
            let set = walk.allowed(
                certainty: { rule in places[rule.number].flatMap { Certainty(rawValue: matching[$0][peer]) } ?? .no },
                traffic: { traffic[$0.number] ?? (.nothing, .everything) })
            let number = pool.number(of: set)
            known[pattern] = number
            row[peer] = number
        }
        return row
    }
}
