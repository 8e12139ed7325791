import Addressing
import Fabric
import Findings
import Netlink

/// Keeps the table `inet poplin` as the configuration and the nodes want it.
struct MasqueradeKeeper {
    private var settled: Masquerade?

    init() {}

    /// - Parameter looks: whether the table is compared also when what is wanted has not changed.
    /// - Returns: what could not be done, and what was found altered.
    mutating func apply(
        _ configuration: FabricConfiguration, nodes: [FabricNode], looks: Bool
    ) -> (problems: [Finding], notes: [String]) {
        // Ranges of pools may lie outside the cluster's network.
        let others = nodes.flatMap(\.podCIDRs).filter { range in
            configuration.families.contains(range.family)
                && !configuration.networks.contains { $0.contains(range) }
        }
        let desired = Masquerade(configuration, podRanges: others, nodes: nodes.flatMap(\.addresses))
        if !looks, settled == desired { return ([], []) }
        do throws(NetlinkError) {
            var driver = try MasqueradeDriver()
            try driver.converge(to: desired)
            settled = desired
            return ([], driver.notes)
        } catch {
            settled = nil
            let finding = Finding(
                code: "FAB-11", "masquerading: \(error)",
                next: "see with `nft list table inet poplin` what is there; the kernel needs CONFIG_NF_TABLES and"
                    + " CONFIG_NFT_MASQ")
            return ([finding], [])
        }
    }

    /// Ranges that must be apart and are not.
    static func conflicts(
        _ configuration: FabricConfiguration, local: FabricNode, nodes: [FabricNode], underlay: Underlay
    ) -> [Finding] {
        var claims: [AddressConflicts.Claim] = configuration.networks.map { network in
            let key = network.family == .v4 ? "Network" : "IPv6Network"
            return .init(network, .pods, at: "ConfigMap poplin-config: net-conf.json: \(key)")
        }
        for range in configuration.serviceCIDRs {
            claims.append(.init(range, .services, at: "ConfigMap poplin-config: poplin.json: serviceCIDRs"))
        }
        for node in nodes {
            for address in node.addresses {
                claims.append(
                    .init(
                        IPPrefix(containing: address, length: address.family.bitWidth), .node,
                        at: "Node \(node.name): status.addresses"))
            }
        }
        for route in underlay.foreignRoutes {
            claims.append(
                .init(route.destination, .hostRoute, at: "route of node \(local.name) on \(route.interface)"))
        }
        return AddressConflicts.findings(claims)
    }
}
