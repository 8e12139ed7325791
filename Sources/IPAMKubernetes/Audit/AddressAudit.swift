import Addressing
import KubernetesModel

/// A cluster's addresses as the API tells of them: what is given out of what, and what does not fit together. Pure:
/// the same objects give the same screen.
public struct AddressAudit: Sendable {
    /// A pool, or in mode `kubernetes` a node.
    public struct Group: Sendable {
        public var name: String
        /// A pool's, that is, and no node's.
        public var isPool: Bool
        /// In the order of the object. Families are never added up: beside 2^64 addresses a full /24 would not show.
        public var ranges: [RangeLine]
    }

    public struct RangeLine: Hashable, Sendable {
        public var cidr: IPPrefix
        public var total: UInt128
        public var inUse: Int
        public var resting: Int
        public var reserved: UInt128
        /// Blocks that no node has; nil where there are none to have.
        public var freeBlocks: UInt64?
        public var blocks: [BlockLine]

        public var free: UInt128 {
            let used = UInt128(inUse + resting) + reserved
            return total > used ? total - used : 0
        }
    }

    public struct BlockLine: Hashable, Sendable {
        public var cidr: IPPrefix
        public var node: String
        public var total: UInt128
        public var inUse: Int
        public var resting: Int
        /// What the node said; nil when it has said nothing yet.
        public var observedAt: Timestamp?
    }

    public struct Problem: Hashable, Sendable {
        public enum Kind: String, Hashable, Sendable, CaseIterable {
            /// Given out, and no pod has it.
            case leaked
            /// Two pods have it.
            case duplicate
            /// A pod has it, and no block says so.
            case unrecorded
            /// A block of a node that is not in the cluster.
            case orphan
            /// A block outside of every pool, or over another block.
            case misplaced
            /// A pool that gives out nothing, or has something in it that is read otherwise than it is written.
            case pool
        }

        public var kind: Kind
        /// The address or range.
        public var subject: String
        /// One sentence that names the objects.
        public var message: String
        public var next: String?

        /// Whether the agent's next write into its block may end it.
        public var mayPass: Bool { kind == .leaked || kind == .unrecorded }
    }

    public private(set) var groups: [Group] = []
    public private(set) var problems: [Problem] = []
    /// How many of each were looked at.
    public private(set) var counts: (pools: Int, blocks: Int, nodes: Int, pods: Int)

    /// - Parameter complaints: what is wrong with pools, those that cannot be read among them.
    public init(
        pools: [IPPool], complaints: [PoolReading.Complaint] = [], blocks: [IPAMBlock], nodes: [Node], pods: [Pod]
    ) {
        let live = pods.filter { !$0.spec.hostNetwork && !["Succeeded", "Failed"].contains($0.status.phase) }
        counts = (pools.count, blocks.count, nodes.count, live.count)
        let sorted = blocks.sorted { $0.cidr < $1.cidr }
        groups =
            pools.isEmpty
            ? nodes.sorted { $0.metadata.name < $1.metadata.name }.map { Self.group($0, live) }
            : pools.sorted { $0.metadata.name < $1.metadata.name }.map { pool in
                Self.group(pool, sorted.filter { $0.pool == pool.metadata.name })
            }
        findDuplicates(live)
        findMisplaced(sorted, pools, unreadable: Set(complaints.map(\.pool)).subtracting(pools.map(\.metadata.name)))
        findOrphans(sorted, Set(nodes.map(\.metadata.name)))
        findLeaks(sorted, live)
        if !pools.isEmpty { findUnrecorded(sorted, pools, live) }
        for complaint in complaints {
            problems.append(
                Problem(
                    kind: .pool, subject: complaint.pool, message: complaint.message,
                    next: complaint.consequence == .barred ? "kubectl edit ippool \(complaint.pool)" : nil))
        }
        problems.sort { ($0.kind.rawValue, $0.subject) < ($1.kind.rawValue, $1.subject) }
    }

    // MARK: Counting

    private static func size(_ range: IPPrefix) -> UInt128 { range.range.count }

    private static func group(_ pool: IPPool, _ blocks: [IPAMBlock]) -> Group {
        let ranges = pool.cidrs.map { range in
            let inside = blocks.filter { range.contains($0.cidr) }
            // A static address of nobody's block has a block of its own, which takes none of the others'.
            let whole = inside.filter {
                $0.cidr.length < $0.cidr.family.bitWidth || pool.blockSize($0.cidr.family) == $0.cidr.length
            }
            let possible = pool.blockCount(of: range)
            return RangeLine(
                cidr: range, total: size(range), inUse: inside.reduce(0) { $0 + ($1.status?.allocated ?? 0) },
                resting: inside.reduce(0) { $0 + ($1.status?.resting ?? 0) },
                reserved: pool.reservations.reduce(0) { $0 + ($1.intersection(range.range)?.count ?? 0) },
                freeBlocks: possible > UInt64(whole.count) ? possible - UInt64(whole.count) : 0,
                blocks: inside.map { block in
                    BlockLine(
                        cidr: block.cidr, node: block.node, total: size(block.cidr),
                        inUse: block.status?.allocated ?? 0, resting: block.status?.resting ?? 0,
                        observedAt: block.status?.observedAt)
                })
        }
        return Group(name: pool.metadata.name, isPool: true, ranges: ranges)
    }

    private static func group(_ node: Node, _ pods: [Pod]) -> Group {
        let addresses = pods.filter { $0.spec.nodeName == node.metadata.name }.flatMap(\.status.podIPs)
        let ranges = node.podCIDRs.map { range in
            let used = addresses.filter { range.contains($0) }.count
            return RangeLine(
                cidr: range, total: size(range), inUse: used, resting: 0,
                // The first address is the node's, the last of an IPv4 range is nobody's.
                reserved: range.broadcast == nil ? 1 : 2, freeBlocks: nil,
                blocks: [
                    BlockLine(
                        cidr: range, node: node.metadata.name, total: size(range), inUse: used, resting: 0,
                        observedAt: nil)
                ])
        }
        return Group(name: node.metadata.name, isPool: false, ranges: ranges)
    }

    // MARK: Checking

    private static func text(_ pod: Pod) -> String { "Pod \(pod.metadata.namespace)/\(pod.metadata.name)" }

    private mutating func findDuplicates(_ pods: [Pod]) {
        var owners: [IPAddress: [Pod]] = [:]
        for pod in pods { for address in Set(pod.status.podIPs) { owners[address, default: []].append(pod) } }
        for (address, pods) in owners where pods.count > 1 {
            let names = pods.map { "\(Self.text($0)) on node \($0.spec.nodeName)" }.sorted()
            problems.append(
                Problem(
                    kind: .duplicate, subject: address.description,
                    message: "\(address) is the address of " + names.joined(separator: " and of "),
                    next: "delete one of the two pods"))
        }
    }

    private mutating func findMisplaced(_ blocks: [IPAMBlock], _ pools: [IPPool], unreadable: Set<String>) {
        var whole: [IPAMBlock] = []
        for block in blocks {
            let pool = pools.first { $0.metadata.name == block.pool }
            if !unreadable.contains(block.pool), pool?.cidrs.contains(where: { $0.contains(block.cidr) }) != true {
                problems.append(
                    Problem(
                        kind: .misplaced, subject: block.cidr.description,
                        message: "IPAMBlock \(block.metadata.name): spec.cidr \(block.cidr) is "
                            + (pool == nil
                                ? "of IPPool \(block.pool), which does not exist"
                                : "in none of spec.cidrs of IPPool \(block.pool)")))
            }
            // In order of their ranges, so that an overlap is with the last whole block before.
            let isSingle = block.cidr.length == block.cidr.family.bitWidth
            if let last = whole.last, last.cidr.overlaps(block.cidr), !isSingle {
                problems.append(
                    Problem(
                        kind: .misplaced, subject: block.cidr.description,
                        message: "IPAMBlock \(block.metadata.name): spec.cidr \(block.cidr) overlaps \(last.cidr) of "
                            + "IPAMBlock \(last.metadata.name)"))
            }
            if !isSingle { whole.append(block) }
        }
    }

    private mutating func findOrphans(_ blocks: [IPAMBlock], _ nodes: Set<String>) {
        for block in blocks where !nodes.contains(block.node) {
            problems.append(
                Problem(
                    kind: .orphan, subject: block.cidr.description,
                    message: "IPAMBlock \(block.metadata.name): spec.node \(block.node) is not in the cluster, and "
                        + "\(Self.size(block.cidr)) addresses are its",
                    next: "poplin ipam release --node \(block.node), once that machine runs no pods"))
        }
    }

    private mutating func findLeaks(_ blocks: [IPAMBlock], _ pods: [Pod]) {
        let byName = Dictionary(pods.map { ($0.metadata.key, $0) }) { first, _ in first }
        for block in blocks {
            for entry in block.status?.allocations ?? [] where !entry.pod.isEmpty {
                let key = ObjectKey(namespace: entry.namespace, name: entry.pod)
                // A pod that has just come has no address in its status yet.
                if let pod = byName[key], pod.status.podIPs.isEmpty || pod.status.podIPs.contains(entry.address) {
                    continue
                }
                problems.append(
                    Problem(
                        kind: .leaked, subject: entry.address.description,
                        message:
                            "\(entry.address) of IPAMBlock \(block.metadata.name) on node \(block.node) is given out "
                            + "to Pod \(entry.namespace)/\(entry.pod), which "
                            + (byName[key] == nil ? "does not exist" : "has another address"),
                        next:
                            "the node's agent takes it back with the runtime's next GC; if it stays, restart that agent"
                    ))
            }
        }
    }

    private mutating func findUnrecorded(_ blocks: [IPAMBlock], _ pools: [IPPool], _ pods: [Pod]) {
        let recorded = Set(blocks.flatMap { $0.status?.allocations.map(\.address) ?? [] })
        for pod in pods {
            for address in pod.status.podIPs where !recorded.contains(address) {
                guard let pool = pools.first(where: { $0.contains(address) }) else { continue }
                let owner = blocks.filter { $0.cidr.contains(address) }.max { $0.cidr.length < $1.cidr.length }
                // What the node has not said yet is no contradiction.
                if let owner, owner.node == pod.spec.nodeName, owner.status == nil { continue }
                problems.append(
                    Problem(
                        kind: .unrecorded, subject: address.description,
                        message:
                            "\(address) of IPPool \(pool.metadata.name) is the address of \(Self.text(pod)) on node "
                            + "\(pod.spec.nodeName), and "
                            + (owner.map { "IPAMBlock \($0.metadata.name) of node \($0.node) does not say so" }
                                ?? "no node has a block with it"),
                        next: "look again in a few seconds; if it stays, restart the agent on \(pod.spec.nodeName)"))
            }
        }
    }

    // MARK: Forecast

    /// Groups that are nearly full: what is left, in one sentence for each family.
    public var forecast: [String] {
        groups.flatMap { group in
            IPFamily.allCases.compactMap { family in
                Self.forecast(group.name, family, group.ranges.filter { $0.cidr.family == family })
            }
        }
    }

    private static func forecast(_ name: String, _ family: IPFamily, _ ranges: [RangeLine]) -> String? {
        let total = ranges.reduce(0 as UInt128) { $0 + $1.total }
        let free = ranges.reduce(0 as UInt128) { $0 + $1.free }
        guard total > 0 else { return nil }
        // Of what can be had at most 2^96 is looked at, so that the percentage does not overflow.
        let scale: UInt128 = total >> 96 > 0 ? 128 : 1
        let share = Int((total - free) / scale * 100 / (total / scale))
        if ranges.contains(where: { $0.freeBlocks != nil }) {
            let blocks = ranges.reduce(0 as UInt64) { $0 + ($1.freeBlocks ?? 0) }
            if blocks == 0 {
                return
                    "\(name): no \(family) block is left; a new node gets no \(family) addresses, and nodes keep what"
                    + " their blocks still have (\(free) in all)"
            }
            let largest = ranges.flatMap(\.blocks).filter { $0.total > 1 }.map(\.total).max() ?? 0
            return share < 80
                ? nil
                : "\(name): \(share) % of its \(family) addresses used, \(blocks) blocks of up to \(largest) are left"
        }
        return share < 80 ? nil : "\(name): \(share) % of its \(family) addresses used, room for \(free) more pods"
    }
}
