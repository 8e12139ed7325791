import Addressing

/// Ranges and whose they are, to be asked whether another one overlaps any of them.
///
/// Ranges have few different lengths (a node's /24, a block's /26, a single /32), so a question is one look-up for
/// each length: upwards for a range around the one asked about, and at its own length for a mark that every longer
/// range has left there.
struct PrefixOwners {
    private var exact: [IPPrefix: String] = [:]
    /// Ranges at a length in use that have a longer one inside, with one such.
    private var marks: [IPPrefix: IPPrefix] = [:]
    private var lengths: [Lane] = []

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
        if !lengths.contains(lane) {
            for other in exact.keys where other.family == lane.family && other.length > lane.length {
                marks[IPPrefix(containing: other.network, length: lane.length)] = other
            }
            lengths.append(lane)
        }
        for wider in lengths where wider.family == lane.family && wider.length < lane.length {
            marks[IPPrefix(containing: prefix.network, length: wider.length)] = prefix
        }
    }

    /// A range that overlaps `prefix`, with its owner.
    func overlapping(_ prefix: IPPrefix) -> (prefix: IPPrefix, owner: String)? {
        for lane in lengths where lane.family == prefix.family && lane.length <= prefix.length {
            let wider = IPPrefix(containing: prefix.network, length: lane.length)
            if let owner = exact[wider] { return (wider, owner) }
        }
        if lengths.contains(Lane(prefix)) {
            return marks[prefix].flatMap { inside in exact[inside].map { (inside, $0) } }
        }
        return exact.first { prefix.contains($0.key) }.map { ($0.key, $0.value) }
    }
}
