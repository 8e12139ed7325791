import Addressing
import Fabric
import IPAMKubernetes

/// Where the node's addresses come from, and how it learns its ranges.
struct AddressSupply: Sendable {
    let source: any AddressSource
    /// Whether the node chose its ranges itself, so that others must be told.
    let announcesRanges: Bool
    /// Mode `kubernetes`: takes what the Node object says.
    let setRanges: @Sendable ([IPPrefix]) async throws(AddressSourceError) -> Void

    /// Takes the ranges of the Node object where they count, and answers those that are in use.
    func update(_ ranges: [IPPrefix]) async throws -> [IPPrefix] {
        if announcesRanges { return await source.ranges() }
        // A Node that is just being made again has none for a moment; what was there stays until there is something.
        if !ranges.isEmpty { try await setRanges(ranges) }
        return await source.ranges()
    }

    func emptiness(_ node: String) -> String {
        announcesRanges
            ? "no pool has a block for Node \(node): see kubectl get ippools"
            : "Node \(node) has no spec.podCIDRs: the controller manager assigns them with --allocate-node-cidrs"
    }
}
