import Addressing
import JSONTree

/// What Calico's allocator has written down, against the nodes and pods there are: what `calicoctl ipam check`
/// computes.
struct CalicoAddresses: Sendable {
    struct Pool: Sendable {
        var object: APIObject
        var prefix: IPPrefix
        /// Length of a block: 26 (IPv4) and 122 (IPv6) unless the pool says otherwise.
        var blockLength: Int
        var isDisabled: Bool

        /// As many as fit into an Int.
        var blocks: Int { 1 << min(30, max(0, blockLength - prefix.length)) }
    }

    struct Allocation: Sendable {
        var address: IPAddress
        /// `namespace/name`; nil for tunnels and the like.
        var pod: String?
        var node: String?
        var handle: String
        var block: APIObject
    }

    struct Block: Sendable {
        var object: APIObject
        var prefix: IPPrefix
        /// The node it belongs to; nil for blocks of load balancers and blocks without an owner.
        var node: String?
        var allocations: [Allocation]
        var size: Int
    }

    let pools: [Pool]
    let blocks: [Block]
    /// Blocks that belong to nodes, by affinity object.
    let affinities: [(object: APIObject, node: String, prefix: IPPrefix)]
    let nodes: Set<String>

    init(_ facts: FactBase) {
        pools = facts.objects("ippools.crd.projectcalico.org", "ippools.projectcalico.org").compactMap { object in
            guard let prefix = object.text("spec", "cidr").flatMap({ IPPrefix($0) }) else { return nil }
            let length = object.int("spec", "blockSize").map(Int.init) ?? (prefix.family == .v4 ? 26 : 122)
            return Pool(
                object: object, prefix: prefix, blockLength: length,
                isDisabled: object.bool("spec", "disabled") ?? false)
        }
        blocks = facts.objects("ipamblocks.crd.projectcalico.org", "ipamblocks.projectcalico.org").compactMap {
            Self.block($0)
        }
        affinities = facts.objects("blockaffinities.crd.projectcalico.org", "blockaffinities.projectcalico.org")
            .compactMap { object in
                // Written as text: `deleted: "true"`.
                if object.text("spec", "deleted") == "true" || object.bool("spec", "deleted") == true { return nil }
                if object.text("spec", "type") == "virtual" { return nil }
                guard let node = object.text("spec", "node"), !node.isEmpty,
                    let prefix = object.text("spec", "cidr").flatMap({ IPPrefix($0) })
                else { return nil }
                return (object, node, prefix)
            }
        nodes = Set(facts.objects("nodes").map(\.name))
    }

    private static func block(_ object: APIObject) -> Block? {
        guard let prefix = object.text("spec", "cidr").flatMap({ IPPrefix($0) }) else { return nil }
        let attributes = object.list("spec", "attributes")
        let slots = object.list("spec", "allocations")
        var allocations: [Allocation] = []
        for (ordinal, slot) in slots.enumerated() {
            guard let index = slot.int, let address = prefix.first.advanced(by: ordinal) else { continue }
            let attribute = Int(exactly: index).flatMap { $0 < attributes.count && $0 >= 0 ? attributes[$0] : nil }
            // An address in its cool-down belongs to nobody any more.
            if attribute?.member("releasedAt")?.string != nil { continue }
            let secondary = attribute?.member("secondary")
            var pod: String?
            if let name = secondary?.member("pod")?.string, let namespace = secondary?.member("namespace")?.string {
                pod = "\(namespace)/\(name)"
            }
            allocations.append(
                Allocation(
                    address: address, pod: pod, node: secondary?.member("node")?.string,
                    handle: attribute?.member("handle_id")?.string ?? "", block: object))
        }
        let owner = object.text("spec", "affinity") ?? ""
        return Block(
            object: object, prefix: prefix, node: owner.hasPrefix("host:") ? String(owner.dropFirst(5)) : nil,
            allocations: allocations, size: slots.count)
    }

    func blocks(of pool: Pool) -> [Block] { blocks.filter { pool.prefix.contains($0.prefix) } }

    func free(in pool: Pool) -> Int { pool.blocks - blocks(of: pool).count }

    /// Affinities of nodes that are not there. Empty when no affinity is of a node that is: then Calico calls nodes by
    /// other names than Kubernetes.
    var dead: [(object: APIObject, node: String, prefix: IPPrefix)] {
        if nodes.isEmpty || !affinities.contains(where: { nodes.contains($0.node) }) { return [] }
        return affinities.filter { !nodes.contains($0.node) }
    }

    /// Allocations for pods that are not there, or that have another address.
    func leaked(_ pods: [PodView]) -> [Allocation] {
        let known = Dictionary(pods.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        return blocks.flatMap(\.allocations).filter { allocation in
            guard let name = allocation.pod else {
                return allocation.node.map { !nodes.isEmpty && !nodes.contains($0) } ?? false
            }
            guard let pod = known[name] else { return true }
            if pod.isFinished { return true }
            return !pod.addresses.isEmpty && !pod.addresses.contains(allocation.address)
        }
    }
}
