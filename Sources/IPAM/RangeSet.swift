import Addressing

/// Ranges of one family that together supply one address.
public struct RangeSet: Hashable, Sendable, CustomStringConvertible {
    public let ranges: [AddressRange]

    /// - Throws: for no ranges, mixed families and ranges that overlap.
    public init(_ ranges: [AddressRange]) throws(RangeError) {
        guard let first = ranges.first else { throw RangeError(nil, "the range set is empty") }
        for (index, range) in ranges.enumerated() {
            guard range.family == first.family else {
                throw RangeError(
                    .subnet,
                    "one range set supplies one address, so its ranges are of one family: "
                        + "\(first.subnet) and \(range.subnet) are not; put them into sets of their own",
                    range: index)
            }
            for other in ranges[..<index] where other.addresses.overlaps(range.addresses) {
                throw RangeError(.subnet, "the ranges \(other) and \(range) overlap", range: index)
            }
        }
        self.ranges = ranges
    }

    public var family: IPFamily { ranges[0].family }

    /// How many addresses the set can hand out.
    public var capacity: UInt128 {
        ranges.reduce(0) { sum, range in
            let (total, overflow) = sum.addingReportingOverflow(range.capacity)
            return overflow ? .max : total
        }
    }

    public func range(containing address: IPAddress) -> AddressRange? {
        ranges.first { $0.addresses.contains(address) }
    }

    public func contains(_ address: IPAddress) -> Bool { range(containing: address) != nil }

    /// Whether the set contains the address and may hand it out.
    public func allows(_ address: IPAddress) -> Bool {
        guard let range = range(containing: address) else { return false }
        return !range.excludes(address)
    }

    /// Every address once, in the order in which they are tried: from the one behind `cursor` to the end of its
    /// range, through the other ranges, and back up to `cursor` itself. A cursor outside the set starts at the front.
    ///
    /// This is the reference's order, so that a node can change hands in the middle of a round.
    public func round(after cursor: IPAddress?) -> [IPRange] {
        guard let cursor, let at = ranges.firstIndex(where: { $0.addresses.contains(cursor) }) else {
            return ranges.map(\.addresses)
        }
        var round: [IPRange] = []
        let home = ranges[at].addresses
        if let next = cursor.advanced(by: 1), let rest = IPRange(first: next, last: home.last) { round.append(rest) }
        round += ranges[(at + 1)...].map(\.addresses)
        round += ranges[..<at].map(\.addresses)
        if let start = IPRange(first: home.first, last: cursor) { round.append(start) }
        return round
    }

    public var description: String { ranges.map(\.description).joined(separator: ", ") }

    /// Checks what only all sets together can violate: no address may belong to two sets, and results before
    /// 0.3.0 have room for one address of each family.
    public static func check(_ sets: [RangeSet], onlyOnePerFamily version: String? = nil) throws(RangeError) {
        guard !sets.isEmpty else { throw RangeError(nil, "no ranges are given: where should addresses come from?") }
        for (index, set) in sets.enumerated() {
            for (otherIndex, other) in sets[..<index].enumerated() {
                for (position, range) in set.ranges.enumerated() {
                    for otherRange in other.ranges where otherRange.addresses.overlaps(range.addresses) {
                        throw RangeError(
                            .subnet,
                            "the range \(otherRange) of set \(otherIndex) and the range \(range) of set \(index) overlap",
                            set: index, range: position)
                    }
                }
                if let version, other.family == set.family {
                    throw RangeError(
                        .subnet,
                        "a result of CNI version \(version) holds one \(set.family) address, "
                            + "and the sets \(otherIndex) and \(index) would supply two: use cniVersion 0.3.0 or newer",
                        set: index)
                }
            }
        }
    }
}
