import Addressing

/// What an end is to the subject of a policy.
struct EndKinds: OptionSet, Hashable, Sendable {
    let rawValue: UInt8

    static let pod = EndKinds(rawValue: 1)
    /// The node the subject runs on, and pods on its network.
    static let ownNode = EndKinds(rawValue: 2)
    static let remoteNode = EndKinds(rawValue: 4)
    static let outside = EndKinds(rawValue: 8)

    static let all: EndKinds = [.pod, .ownNode, .remoteNode, .outside]
    static let nodes: EndKinds = [.ownNode, .remoteNode]
    static let each: [EndKinds] = [.pod, .ownNode, .remoteNode, .outside]
}

/// A rule with everything resolved to numbers of one engine and with unenforceable parts decided: disjunctions of
/// conjunctions, so that evaluation is a few loops over small arrays.
struct NormalRule: Sendable {
    /// Allow, deny or pass; log rules are not here.
    var action: RuleAction
    var precedence: Int
    var exemptsOwnNode: Bool
    var reference: RuleReference
    /// Nil: any end.
    var peers: [EndClause]?
    var nearEnd: [EndClause]?
    /// Nil: all traffic.
    var traffic: [TrafficClause]?
}

/// The end is one of these kinds, and all literals hold.
struct EndClause: Hashable, Sendable {
    struct Literal: Hashable, Sendable {
        enum Subject: Hashable, Sendable {
            /// The end's class is a member of the selector.
            case selector(Int32)
            /// The end's address is in the atom.
            case atom(Int32)
        }
        var subject: Subject
        var isNegated = false
    }

    var kinds: EndKinds
    var literals: [Literal] = []

    var isAnything: Bool { kinds == .all && literals.isEmpty }

    func and(_ other: EndClause) -> EndClause {
        var literals = literals
        for literal in other.literals where !literals.contains(literal) { literals.append(literal) }
        return EndClause(kinds: kinds.intersection(other.kinds), literals: literals)
    }
}

/// A set of IP protocol numbers.
struct ProtocolSet: Hashable, Sendable {
    var low: UInt128
    var high: UInt128

    static let all = ProtocolSet(low: .max, high: .max)
    static let none = ProtocolSet(low: 0, high: 0)
    static let withPorts = ProtocolSet([.tcp, .udp, .sctp, .udpLite])
    static let icmp = ProtocolSet([.icmp, .icmpv6])

    init(low: UInt128, high: UInt128) {
        self.low = low
        self.high = high
    }

    init(_ protocols: [TransportProtocol]) {
        self = .none
        for one in protocols {
            if one.number < 128 {
                low |= UInt128(1) << UInt128(one.number)
            } else {
                high |= UInt128(1) << UInt128(one.number - 128)
            }
        }
    }

    @inline(__always)
    func contains(_ number: UInt8) -> Bool {
        number < 128 ? low >> UInt128(number) & 1 == 1 : high >> UInt128(number - 128) & 1 == 1
    }

    var isEmpty: Bool { low == 0 && high == 0 }
    var complement: ProtocolSet { ProtocolSet(low: ~low, high: ~high) }

    func intersection(_ other: ProtocolSet) -> ProtocolSet {
        ProtocolSet(low: low & other.low, high: high & other.high)
    }
}

/// A set of 16-bit numbers (ports; or ICMP's type and code in one number) as sorted disjoint ranges, and whether an
/// unknown number is in it.
struct NumberSet: Hashable, Sendable {
    var ranges: [PortRange]
    var containsUnknown: Bool

    static let all = NumberSet(ranges: [.all], containsUnknown: true)

    /// An unknown number is in it only when every number is.
    init(_ ranges: [PortRange]) {
        self.ranges = Self.merged(ranges)
        containsUnknown = self.ranges == [.all]
    }

    init(ranges: [PortRange], containsUnknown: Bool) {
        self.ranges = ranges
        self.containsUnknown = containsUnknown
    }

    var isAll: Bool { ranges == [.all] && containsUnknown }

    func contains(_ number: UInt16?) -> Bool {
        guard let number else { return containsUnknown }
        return ranges.contains { $0.contains(number) }
    }

    var complement: NumberSet {
        var result: [PortRange] = []
        var next = 0
        for range in ranges {
            if Int(range.first) > next { result.append(PortRange(unchecked: UInt16(next), range.first - 1)) }
            next = Int(range.last) + 1
        }
        if next <= 0xFFFF { result.append(PortRange(unchecked: UInt16(next), .max)) }
        return NumberSet(ranges: result, containsUnknown: !containsUnknown)
    }

    func intersection(_ other: NumberSet) -> NumberSet {
        var result: [PortRange] = []
        for left in ranges {
            for right in other.ranges {
                let first = max(left.first, right.first)
                let last = min(left.last, right.last)
                if first <= last { result.append(PortRange(unchecked: first, last)) }
            }
        }
        return NumberSet(ranges: result.sorted(), containsUnknown: containsUnknown && other.containsUnknown)
    }

    private static func merged(_ ranges: [PortRange]) -> [PortRange] {
        var result: [PortRange] = []
        for range in ranges.sorted() {
            if let last = result.last, Int(range.first) <= Int(last.last) + 1 {
                result[result.count - 1] = PortRange(unchecked: last.first, max(last.last, range.last))
            } else {
                result.append(range)
            }
        }
        return result
    }
}

/// Protocol, ports and the rest: all parts hold.
struct TrafficClause: Hashable, Sendable {
    struct Name: Hashable, Sendable {
        var id: Int32
        var resolution: NamedPortResolution
        var isNegated: Bool
    }

    var protocols = ProtocolSet.all
    var isIPv4 = true
    var isIPv6 = true
    /// Looked at for protocols with ports.
    var ports = NumberSet.all
    /// Looked at for ICMP: type * 256 + code.
    var icmp = NumberSet.all
    /// Looked at for protocols with ports.
    var sourcePorts = NumberSet.all
    var names: [Name] = []

    var isAnything: Bool { self == TrafficClause() }

    var isImpossible: Bool { protocols.isEmpty || (!isIPv4 && !isIPv6) }

    func and(_ other: TrafficClause) -> TrafficClause {
        var result = self
        result.protocols = protocols.intersection(other.protocols)
        result.isIPv4 = isIPv4 && other.isIPv4
        result.isIPv6 = isIPv6 && other.isIPv6
        if !other.ports.isAll { result.ports = ports.intersection(other.ports) }
        if !other.icmp.isAll { result.icmp = icmp.intersection(other.icmp) }
        if !other.sourcePorts.isAll { result.sourcePorts = sourcePorts.intersection(other.sourcePorts) }
        for name in other.names where !result.names.contains(name) { result.names.append(name) }
        return result
    }
}
