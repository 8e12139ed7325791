import Addressing

/// Ranges and whose they are, to be asked whether another one overlaps any of them.
///
/// Ranges have few different lengths (a node's /24, a block's /26, a single /32), so a question is one look-up for
/// each length: upwards for a range around the one asked about, and at its own length for a mark that every longer
/// range has left there.
struct PrefixOwners {
    private var exact: [IPPrefix: String] = [:]
    /// Ranges at a length in use that have longer ones inside, with those.
    private var marks: [IPPrefix: Set<IPPrefix>] = [:]
    /// How many ranges have each length.
    private var lengths: [Lane: Int] = [:]

    private struct Lane: Hashable {
        let family: IPFamily
        let length: Int

        init(_ prefix: IPPrefix) {
            family = prefix.family
            length = prefix.length
        }
    }

    mutating func insert(_ prefix: IPPrefix, _ owner: String) {
        guard exact.updateValue(owner, forKey: prefix) == nil else { return }
        let lane = Lane(prefix)
        if lengths[lane] == nil {
            for other in exact.keys where other.family == lane.family && other.length > lane.length {
                marks[IPPrefix(containing: other.network, length: lane.length), default: []].insert(other)
            }
        }
        lengths[lane, default: 0] += 1
        for wider in lengths.keys where wider.family == lane.family && wider.length < lane.length {
            marks[IPPrefix(containing: prefix.network, length: wider.length), default: []].insert(prefix)
        }
    }

    mutating func remove(_ prefix: IPPrefix) {
        guard exact.removeValue(forKey: prefix) != nil else { return }
        let lane = Lane(prefix)
        for wider in lengths.keys where wider.family == lane.family && wider.length < lane.length {
            let place = IPPrefix(containing: prefix.network, length: wider.length)
            marks[place]?.remove(prefix)
            if marks[place]?.isEmpty == true { marks[place] = nil }
        }
        lengths[lane, default: 1] -= 1
        if lengths[lane] == 0 {
            lengths[lane] = nil
            marks = marks.filter { $0.key.length != lane.length || $0.key.family != lane.family }
        }
    }

    /// Whose exactly this range is.
    func owner(of prefix: IPPrefix) -> String? { exact[prefix] }

    /// A range that overlaps `prefix`, with its owner.
    func overlapping(_ prefix: IPPrefix) -> (prefix: IPPrefix, owner: String)? {
        for lane in lengths.keys.sorted(by: { $0.length < $1.length })
        where lane.family == prefix.family && lane.length <= prefix.length {
            let wider = IPPrefix(containing: prefix.network, length: lane.length)
            if let owner = exact[wider] { return (wider, owner) }
        }
        // The first of several, so that the same one is named every time.
        let inside =
            lengths[Lane(prefix)] != nil ? marks[prefix]?.min() : exact.keys.filter { prefix.contains($0) }.min()
        return inside.flatMap { inside in exact[inside].map { (inside, $0) } }
    }
}
