import Addressing
import JSONTree
import KubernetesClient
import KubernetesModel

/// A range that nodes get parts of: `--cluster-cidr` and `--node-cidr-mask-size`.
public struct NodeRange: Hashable, Sendable {
    public var prefix: IPPrefix
    /// Bits of a node's part: at least the prefix's, at most 16 more (kube-controller-manager has the same limit).
    public var nodeLength: Int

    public init?(_ prefix: IPPrefix, nodeLength: Int) {
        guard nodeLength >= prefix.length, nodeLength <= prefix.family.bitWidth, nodeLength - prefix.length <= 16 else {
            return nil
        }
        self.prefix = prefix
        self.nodeLength = nodeLength
    }

    var count: Int { 1 << (nodeLength - prefix.length) }

    func part(_ index: Int) -> IPPrefix? {
        let number = prefix.network.number + UInt128(index) << UInt128(prefix.family.bitWidth - nodeLength)
        return IPPrefix(network: IPAddress(number: number, family: prefix.family), length: nodeLength)
    }
}

/// Gives each node that has none its ranges of pod addresses (Kubernetes, pkg/controller/nodeipam). One key for all
/// nodes, so that no two get the same.
///
/// The first part that is free, but one that a node gave back only when no other is left: routes and neighbours of the
/// node before may still be about.
enum NodeRangeController {
    static let component = "cidrAllocator"

    static func plan(_ view: ClusterView, _ context: PlanContext) -> Plan {
        let ranges = context.settings.nodeRanges
        if ranges.isEmpty { return Plan() }
        var taken = view.nodes.records.values.flatMap(\.facts.podCIDRs)
        var plan = Plan()
        for node in view.nodes.sorted where node.facts.podCIDRs.isEmpty && !node.meta.isTerminating {
            let parts = ranges.map { part(of: $0, besides: taken, view.freedRanges) }
            guard parts.allSatisfy({ $0 != nil }) else {
                plan.changes.append(
                    .event(
                        .warning, Node.gvk, node.meta, "CIDRNotAvailable", "AllocateCIDR",
                        "Node \(node.meta.name) status is now: CIDRNotAvailable", from: component))
                plan.lookAgain(in: .seconds(10))
                continue
            }
            let given = parts.compactMap { $0 }
            taken += given
            let texts = given.map { JSONValue.string($0.description) }
            // The version: a range that somebody else gave meanwhile stays.
            plan.changes.append(
                .patch(
                    Node.resource, node.meta.key,
                    Change.Patch([
                        "metadata": ["resourceVersion": .string(node.meta.resourceVersion)],
                        "spec": ["podCIDR": texts.first ?? .null, "podCIDRs": .array(texts)],
                    ])))
        }
        return plan
    }

    private static func part(of range: NodeRange, besides taken: [IPPrefix], _ freed: [IPPrefix]) -> IPPrefix? {
        // Parts of the usual length are looked up; prefixes of another length are compared one by one.
        let usual = Set(taken.filter { $0.length == range.nodeLength })
        let others = taken.filter { $0.length != range.nodeLength && $0.family == range.prefix.family }
        func isFree(_ part: IPPrefix) -> Bool {
            !usual.contains(part) && !others.contains { $0.overlaps(part) }
        }
        let used = Set(freed)
        for index in 0..<range.count {
            if let part = range.part(index), !used.contains(part), isFree(part) { return part }
        }
        return freed.first { $0.length == range.nodeLength && range.prefix.contains($0) && isFree($0) }
    }
}
