import Addressing

/// A set of addresses of both families as sorted, disjoint, non-adjacent intervals of their numbers.
struct AddressSet: Hashable, Sendable {
    struct Interval: Hashable, Sendable {
        var first: UInt128
        var last: UInt128
    }

    private(set) var v4: [Interval] = []
    private(set) var v6: [Interval] = []

    init() {}

    init(_ blocks: some Sequence<AddressBlock>) {
        for block in blocks {
            var pieces = [Self.interval(block.prefix)]
            for hole in block.except where hole.family == block.prefix.family {
                let hole = Self.interval(hole)
                pieces = pieces.flatMap { Self.subtract(hole, from: $0) }
            }
            if block.prefix.family == .v4 { v4 += pieces } else { v6 += pieces }
        }
        v4 = Self.merged(v4)
        v6 = Self.merged(v6)
    }

    init(addresses: some Sequence<IPAddress>) {
        self.init(addresses.map { AddressBlock(IPPrefix(containing: $0, length: $0.family.bitWidth)) })
    }

    subscript(family: IPFamily) -> [Interval] { family == .v4 ? v4 : v6 }

    var isEmpty: Bool { v4.isEmpty && v6.isEmpty }

    func contains(_ number: UInt128, _ family: IPFamily) -> Bool {
        family == .v4 ? Self.contains(number, in: v4) : Self.contains(number, in: v6)
    }

    @inline(__always)
    private static func contains(_ number: UInt128, in intervals: [Interval]) -> Bool {
        var low = 0
        var high = intervals.count
        while low < high {
            let middle = (low + high) / 2
            if intervals[middle].last < number { low = middle + 1 } else { high = middle }
        }
        return low < intervals.count && intervals[low].first <= number
    }

    private static func interval(_ prefix: IPPrefix) -> Interval {
        Interval(first: prefix.first.number, last: prefix.last.number)
    }

    private static func subtract(_ hole: Interval, from piece: Interval) -> [Interval] {
        if hole.last < piece.first || hole.first > piece.last { return [piece] }
        var rest: [Interval] = []
        if hole.first > piece.first { rest.append(Interval(first: piece.first, last: hole.first - 1)) }
        if hole.last < piece.last { rest.append(Interval(first: hole.last + 1, last: piece.last)) }
        return rest
    }

    private static func merged(_ intervals: [Interval]) -> [Interval] {
        var result: [Interval] = []
        for interval in intervals.sorted(by: { $0.first < $1.first }) {
            if let last = result.last, last.last == .max || interval.first <= last.last + 1 {
                result[result.count - 1].last = max(last.last, interval.last)
            } else {
                result.append(interval)
            }
        }
        return result
    }
}

extension AddressSet.Interval {
    /// The fewest prefixes that cover exactly the interval.
    func prefixes(_ family: IPFamily) -> [IPPrefix] {
        var result: [IPPrefix] = []
        var next = first
        let width = family.bitWidth
        while true {
            var free = next == 0 ? width : min(width, next.trailingZeroBitCount)
            while free > 0 {
                let size = free == 128 ? UInt128.max : (UInt128(1) << UInt128(free)) - 1
                if size <= last - next { break }
                free -= 1
            }
            let size = free == 0 ? 0 : free == 128 ? UInt128.max : (UInt128(1) << UInt128(free)) - 1
            result.append(
                IPPrefix(containing: IPAddress(number: next, family: family), length: width - free))
            if next + size >= last { return result }
            next += size + 1
        }
    }
}
