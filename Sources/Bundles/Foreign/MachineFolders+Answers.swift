import Diagnosis
import JSONTree

/// Answers of programs in JSON, `ip -j` and the like.
extension MachineFolders {
    /// Which answer it is, by its members; nil for any other.
    static func part(of root: JSONNode) -> NodeEvidence.Part? {
        if root.kind == .object {
            if root.member("nftables") != nil { return .nftables }
            let items = root.member("items")
            if items?.elements.contains(where: { $0.member("state")?.string?.hasPrefix("SANDBOX_") ?? false }) ?? false
            {
                return .sandboxes
            }
            if root.at("status", "conditions") != nil, root.member("config") != nil { return .runtime }
            if root.at("cilium", "state") != nil, root.member("kubernetes") != nil {
                return .init("exec/cilium-dbg-status.json")
            }
            if isOfFRR(root) { return .init("exec/vtysh-show-bgp.json") }
            return nil
        }
        guard root.kind == .array, let first = root.elements.first(where: { $0.kind == .object }) else { return nil }
        // What agents say of themselves.
        if first.at("status", "external-identifiers") != nil { return .init("exec/cilium-dbg-endpoint-list.json") }
        if first.at("spec", "frontend-address") != nil { return .init("exec/cilium-dbg-service-list.json") }
        if first.member("ifname") != nil, first.member("mac") != nil { return .forwarding }
        if first.member("ifname") != nil, first.member("flags") != nil { return .links }
        if first.member("dst") != nil, first.member("lladdr") != nil || first.member("state") != nil {
            return .neighbours
        }
        if first.member("dst") != nil, first.member("dev") != nil || first.member("type") != nil {
            let isSixth = root.elements.contains { $0.member("dst")?.string?.contains(":") ?? false }
            return isSixth ? .routes6 : .routes
        }
        if first.member("priority") != nil, first.member("src") != nil { return .rules }
        return nil
    }

    /// Neighbours by their address, below a VRF or not; or summaries of families, with peers.
    private static func isOfFRR(_ root: JSONNode) -> Bool {
        func hasNeighbours(_ node: JSONNode) -> Bool {
            node.kind == .object && node.members.contains { $0.value.member("bgpState") != nil }
        }
        if root.member("kind") != nil { return false }
        func hasPeers(_ node: JSONNode) -> Bool {
            node.kind == .object && node.members.contains { $0.value.at("peers") != nil && $0.value.at("as") != nil }
        }
        return hasNeighbours(root) || hasPeers(root)
            || root.members.contains { hasNeighbours($0.value) || hasPeers($0.value) }
    }
}
