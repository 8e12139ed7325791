import Addressing

/// A set of traffic: which protocols, to which ports, with which ICMP types. Exact, closed under union, intersection
/// and difference, and cheap to compare, so that "what is open between A and B" is one value.
///
/// All traffic lies on one line of numbers: the ports of TCP, UDP, SCTP and UDPLite, then type and code of ICMP and
/// ICMPv6, then one number for every other protocol. A set is a sorted list of ranges of that line.
public struct TrafficSet: Hashable, Sendable {
    /// Disjoint, not touching, ascending; `upperBound` is not in it.
    private(set) var ranges: [Range<UInt32>]

    private static let laneSize: UInt32 = 65536
    private static let lanes: [TransportProtocol] = [.tcp, .udp, .sctp, .udpLite, .icmp, .icmpv6]
    private static let others = UInt32(lanes.count) * laneSize
    private static let end = others + 256

    private init(ranges: [Range<UInt32>]) { self.ranges = ranges }

    public static let nothing = TrafficSet(ranges: [])
    public static let everything = TrafficSet(ranges: [0..<end])

    public var isEmpty: Bool { ranges.isEmpty }
    public var isEverything: Bool { self == .everything }

    /// All traffic of a protocol.
    public init(_ transport: TransportProtocol) {
        if let lane = Self.lanes.firstIndex(of: transport) {
            let start = UInt32(lane) * Self.laneSize
            self.init(ranges: [start..<(start + Self.laneSize)])
        } else {
            let point = Self.others + UInt32(transport.number)
            self.init(ranges: [point..<(point + 1)])
        }
    }

    /// Ports of a protocol that has them.
    public init(_ transport: TransportProtocol, _ ports: [PortRange]) {
        guard transport.hasPorts, let lane = Self.lanes.firstIndex(of: transport) else {
            self.init(ranges: [])
            return
        }
        let start = UInt32(lane) * Self.laneSize
        self.init(
            merging: ports.map { (start + UInt32($0.first))..<(start + UInt32($0.last) + 1) })
    }

    /// ICMP of a family; nil for any type or code.
    public init(icmp family: IPFamily, type: UInt8?, code: UInt8?) {
        let lane = family == .v4 ? 4 : 5
        let start = UInt32(lane) * Self.laneSize
        guard let type else {
            self.init(ranges: [start..<(start + Self.laneSize)])
            return
        }
        let first = start + UInt32(type) << 8
        self.init(ranges: [code.map { (first + UInt32($0))..<(first + UInt32($0) + 1) } ?? first..<(first + 256)])
    }

    private init(merging unsorted: [Range<UInt32>]) {
        var merged: [Range<UInt32>] = []
        for range in unsorted.sorted(by: { $0.lowerBound < $1.lowerBound }) where !range.isEmpty {
            if let last = merged.last, range.lowerBound <= last.upperBound {
                merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        ranges = merged
    }

    public func union(_ other: TrafficSet) -> TrafficSet {
        if isEmpty || other.isEverything { return other }
        if other.isEmpty || isEverything { return self }
        return TrafficSet(merging: ranges + other.ranges)
    }

    public func intersection(_ other: TrafficSet) -> TrafficSet {
        if isEmpty || other.isEverything { return self }
        if other.isEmpty || isEverything { return other }
        var found: [Range<UInt32>] = []
        var left = 0
        var right = 0
        while left < ranges.count, right < other.ranges.count {
            let first = ranges[left]
            let second = other.ranges[right]
            let low = max(first.lowerBound, second.lowerBound)
            let high = min(first.upperBound, second.upperBound)
            if low < high { found.append(low..<high) }
            if first.upperBound < second.upperBound { left += 1 } else { right += 1 }
        }
        return TrafficSet(ranges: found)
    }

    public func subtracting(_ other: TrafficSet) -> TrafficSet {
        if isEmpty || other.isEmpty { return self }
        if other.isEverything { return .nothing }
        return intersection(other.complement)
    }

    public var complement: TrafficSet {
        var found: [Range<UInt32>] = []
        var start: UInt32 = 0
        for range in ranges {
            if start < range.lowerBound { found.append(start..<range.lowerBound) }
            start = range.upperBound
        }
        if start < Self.end { found.append(start..<Self.end) }
        return TrafficSet(ranges: found)
    }

    public func isSubset(of other: TrafficSet) -> Bool { subtracting(other).isEmpty }

    public func contains(_ transport: TransportProtocol, port: UInt16) -> Bool {
        guard let lane = Self.lanes.firstIndex(of: transport) else {
            return !intersection(TrafficSet(transport)).isEmpty
        }
        let point = UInt32(lane) * Self.laneSize + UInt32(port)
        return ranges.contains { $0.contains(point) }
    }

    /// One connection out of the set, the lowest; nil when it is empty.
    public var example: (transport: TransportProtocol, port: UInt16)? {
        guard let first = ranges.first?.lowerBound else { return nil }
        if first >= Self.others {
            return (TransportProtocol(number: UInt8(truncatingIfNeeded: first - Self.others)), 0)
        }
        let lane = Self.lanes[Int(first / Self.laneSize)]
        let port = UInt16(first % Self.laneSize)
        // Port 0 is nobody's; 1 is in the set as well unless it stands alone.
        if port == 0, lane.hasPorts, contains(lane, port: 1) { return (lane, 1) }
        return (lane, port)
    }
}

extension TrafficSet: CustomStringConvertible {
    /// `TCP 80, 443; UDP 53`, `all TCP`, `everything`, `nothing`, `everything but TCP 22`.
    public var description: String {
        if isEmpty { return "nothing" }
        if isEverything { return "everything" }
        let positive = words
        // What is nearly everything is said by what is missing.
        let missing = complement
        if missing.ranges.count < ranges.count, positive.count > 40 { return "everything but \(missing.words)" }
        return positive
    }

    private var words: String {
        var parts: [String] = []
        for (index, lane) in Self.lanes.enumerated() {
            let start = UInt32(index) * Self.laneSize
            let mine = intersection(TrafficSet(ranges: [start..<(start + Self.laneSize)])).ranges
            if mine.isEmpty { continue }
            if mine == [start..<(start + Self.laneSize)] {
                parts.append("all \(lane)")
            } else if lane.isICMP {
                let types = Set(
                    mine.flatMap { range in (range.lowerBound - start) >> 8...(range.upperBound - 1 - start) >> 8 })
                parts.append("\(lane) type \(types.sorted().map(String.init).joined(separator: ", "))")
            } else {
                let ports = mine.map { range in
                    let first = range.lowerBound - start
                    let last = range.upperBound - 1 - start
                    return first == last ? "\(first)" : "\(first)-\(last)"
                }
                parts.append("\(lane) \(ports.joined(separator: ", "))")
            }
        }
        let rest = intersection(TrafficSet(ranges: [Self.others..<Self.end]))
        if rest.ranges == [Self.others..<Self.end] {
            parts.append("other protocols")
        } else if !rest.isEmpty {
            let numbers = rest.ranges.flatMap(Array.init)
            parts.append("protocol \(numbers.map { String($0 - Self.others) }.joined(separator: ", "))")
        }
        return parts.joined(separator: "; ")
    }
}
