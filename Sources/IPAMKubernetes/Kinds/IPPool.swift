import Addressing
import JSONTree
import KubernetesModel

/// A cluster's pool of pod addresses (`ippools.poplin.dev`), cut into blocks that nodes claim one by one.
public struct IPPool: KubernetesKind, Hashable {
    public static let gvk = GroupVersionKind(group: "poplin.dev", version: "v1alpha1", kind: "IPPool")
    public static let resource = GroupVersionResource(group: "poplin.dev", version: "v1alpha1", resource: "ippools")
    public static let isNamespaced = false

    public var metadata: ObjectMeta
    /// Ranges of both families; more can be added at any time, none taken away.
    public var cidrs: [IPPrefix]
    /// Ranges that were written with host bits, as they were written (`10.1.2.3/16`), by their place in ``cidrs``, where
    /// the network is.
    public private(set) var hostBits: [Int: String] = [:]
    /// Prefix lengths of blocks.
    public var ipv4BlockSize: Int
    public var ipv6BlockSize: Int
    /// No new blocks and no new addresses.
    public var isDisabled: Bool
    /// Whether pods get addresses without asking for this pool by name.
    public var assignment: Assignment
    public var nodeSelector: LabelSelector
    public var namespaceSelector: LabelSelector
    /// Given out only to pods that ask for one of these addresses; such an address follows its pod from node to node.
    public var reservations: [IPRange]

    public enum Assignment: String, Hashable, Sendable, CaseIterable {
        case automatic = "Automatic"
        case manual = "Manual"
    }

    public static let defaultIPv4BlockSize = 26
    public static let defaultIPv6BlockSize = 122

    public init(
        name: String, cidrs: [IPPrefix], ipv4BlockSize: Int = defaultIPv4BlockSize,
        ipv6BlockSize: Int = defaultIPv6BlockSize, reservations: [IPRange] = []
    ) {
        metadata = ObjectMeta(name: name)
        self.cidrs = cidrs
        self.ipv4BlockSize = ipv4BlockSize
        self.ipv6BlockSize = ipv6BlockSize
        isDisabled = false
        assignment = .automatic
        nodeSelector = .everything
        namespaceSelector = .everything
        self.reservations = reservations
    }

    public init(decoding node: JSONNode) throws(FieldError) {
        metadata = try ObjectMeta(of: node)
        guard let spec = try FieldReader(node).object("spec") else {
            throw FieldError(.required, at: "spec", node: node)
        }
        cidrs = try spec.prefixes("cidrs")
        for (index, element) in try spec.list("cidrs").map({ Array($0) })?.enumerated().map({ ($0, $1) }) ?? [] {
            if let text = element.string, IPPrefix(text) == nil { hostBits[index] = text }
        }
        ipv4BlockSize = try spec.int("ipv4BlockSize") ?? Self.defaultIPv4BlockSize
        ipv6BlockSize = try spec.int("ipv6BlockSize") ?? Self.defaultIPv6BlockSize
        isDisabled = try spec.bool("disabled") ?? false
        assignment = try spec.string("assignment").flatMap(Assignment.init(rawValue:)) ?? .automatic
        nodeSelector =
            try spec.field("nodeSelector").map { node throws(FieldError) in try LabelSelector(node) }
            ?? .everything
        namespaceSelector =
            try spec.field("namespaceSelector").map { node throws(FieldError) in
                try LabelSelector(node)
            } ?? .everything
        reservations = []
        for element in try spec.list("reservations").map({ Array($0) }) ?? [] {
            guard let text = element.string else { throw FieldReader.mismatch(element, expected: .string) }
            if let prefix = IPPrefix(text) {
                reservations.append(prefix.range)
            } else if let range = IPRange(text) {
                reservations.append(range)
            } else if let address = IPAddress(text), let range = IPRange(first: address, last: address) {
                reservations.append(range)
            } else {
                throw FieldError(
                    .invalid, at: element, "must be an address, a range (first-last) or a network (address/length)")
            }
        }
    }

    public func blockSize(_ family: IPFamily) -> Int { family == .v4 ? ipv4BlockSize : ipv6BlockSize }

    public func cidrs(_ family: IPFamily) -> [IPPrefix] { cidrs.filter { $0.family == family } }

    public func contains(_ address: IPAddress) -> Bool { cidrs.contains { $0.contains(address) } }

    /// The block an address would be in.
    public func block(around address: IPAddress) -> IPPrefix? {
        guard let cidr = cidrs.first(where: { $0.contains(address) }) else { return nil }
        return IPPrefix(containing: address, length: max(cidr.length, blockSize(address.family)))
    }

    /// How many blocks of a family there can be; of more than 2^32, 2^32.
    public func blockCount(_ family: IPFamily) -> UInt64 {
        cidrs(family).reduce(0) { $0 + blockCount(of: $1) }
    }

    /// How many blocks one of the pool's ranges holds, at most 2^32.
    public func blockCount(of cidr: IPPrefix) -> UInt64 {
        1 << UInt64(min(max(0, blockSize(cidr.family) - cidr.length), 32))
    }

    /// The block at a place in the pool, the ranges one after the other.
    public func block(_ family: IPFamily, at index: UInt64) -> IPPrefix? {
        var rest = index
        for cidr in cidrs(family) {
            let length = max(cidr.length, blockSize(family))
            let count = blockCount(of: cidr)
            if rest < count {
                let number = cidr.network.number + UInt128(rest) << UInt128(family.bitWidth - length)
                return IPPrefix(network: IPAddress(number: number, family: family), length: length)
            }
            rest -= count
        }
        return nil
    }

    /// What is wrong with the pool in itself and beside others, each with the field's path.
    ///
    /// - Parameter others: pools whose ranges are theirs; the pool itself among them is passed over.
    public func problems(beside others: [IPPool] = []) -> [String] {
        var found: [String] = []
        let me = "IPPool \(metadata.name)"
        for (index, cidr) in cidrs.enumerated() {
            let field = "\(me): spec.cidrs[\(index)] \(cidr)"
            let size = blockSize(cidr.family)
            if cidr.length > size {
                found.append("\(field) is smaller than one block of /\(size) (spec.\(Self.sizeField(cidr.family)))")
            }
            for earlier in cidrs[..<index] where earlier.overlaps(cidr) {
                found.append("\(field) overlaps \(earlier) of the same pool")
            }
            for other in others where other.metadata.name != metadata.name {
                for theirs in other.cidrs where theirs.overlaps(cidr) {
                    found.append("\(field) overlaps \(theirs) of IPPool \(other.metadata.name)")
                }
            }
        }
        if cidrs.isEmpty { found.append("\(me): spec.cidrs is empty") }
        return found
    }

    /// What is written otherwise than it is used, each with the field's path.
    public var remarks: [String] {
        hostBits.sorted { $0.key < $1.key }.map { index, text in
            "IPPool \(metadata.name): spec.cidrs[\(index)] \(text) has host bits: \(cidrs[index]) is used, and should be "
                + "written there"
        }
    }

    /// Pools with a range that an older pool has (of two made in one second the one whose name comes first is the
    /// older), by name, with the first thing that is wrong. They give out nothing: blocks of two sizes over the same
    /// addresses have different names, so that creating one would not keep another node from the other.
    public static func overlappingOlder(_ pools: [IPPool]) -> [String: String] {
        let byAge = pools.sorted { left, right in
            let (first, second) = (left.metadata.creationTimestamp?.seconds, right.metadata.creationTimestamp?.seconds)
            return (first ?? 0, left.metadata.name) < (second ?? 0, right.metadata.name)
        }
        var older: [IPPool] = []
        var refused: [String: String] = [:]
        for pool in byAge {
            let alone = Set(pool.problems())
            if let problem = pool.problems(beside: older).first(where: { !alone.contains($0) }) {
                refused[pool.metadata.name] = problem
            } else {
                older.append(pool)
            }
        }
        return refused
    }

    private static func sizeField(_ family: IPFamily) -> String { family == .v4 ? "ipv4BlockSize" : "ipv6BlockSize" }
}
