import Addressing
import JSONTree

extension FactBase {
    /// Blocks with addresses in use, by the node they belong to: each other node has a route to each.
    var calicoBlocks: [String: [IPPrefix]] {
        derived.value("calico blocks") {
            let used = CalicoAddresses(self).blocks.filter { block in
                block.node != nil && block.allocations.contains { $0.node == block.node }
            }
            return Dictionary(grouping: used) { $0.node ?? "" }.mapValues { $0.map(\.prefix) }
        }
    }

    func ciliumRanges(_ node: String) -> [IPPrefix] {
        guard podRanges(node).isEmpty, let object = object("ciliumnodes.cilium.io", "", node) else { return [] }
        return object.list("spec", "ipam", "podCIDRs").compactMap { $0.string.flatMap { IPPrefix($0) } }
    }
}
