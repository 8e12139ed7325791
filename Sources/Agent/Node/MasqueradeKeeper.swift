import Addressing
import Fabric
import Findings
import Netlink

/// Keeps the nf_tables tables `poplin` as the configuration and the nodes want it.
struct MasqueradeKeeper {
    private var settled: Masquerade?
    /// Whether connections between pods are tracked, and why; nil before the first pass.
    private(set) var tracking: Tracking?

    enum Tracking: Hashable, Sendable {
        case off
        case on(because: String)
    }

    init() {}

    /// - Parameter looks: whether the table is compared also when what is wanted has not changed.
    /// - Returns: what could not be done, and what was found altered.
    mutating func apply(
        _ configuration: FabricConfiguration, nodes: [FabricNode], tunnel: FabricState.Tunnel?, looks: Bool
    ) -> (problems: [Finding], notes: [String]) {
        let others = nodes.flatMap { Self.outside($0, configuration) }
        let desired = Masquerade(
            configuration, podRanges: others, nodes: nodes.flatMap(\.addresses),
            tunnel: tunnel.map { Masquerade.TunnelEnd(address: $0.local, port: $0.port) })
        if !looks, settled == desired { return ([], []) }
        do throws(NetlinkError) {
            var driver = try MasqueradeDriver()
            try driver.converge(to: desired, users: ConnectionUsers.outsideOfTables())
            settled = desired
            tracking = driver.trackingReason.map { .on(because: $0) } ?? .off
            return ([], driver.notes)
        } catch {
            settled = nil
            return ([KernelGap.masquerading(error)], [])
        }
    }

    /// Ranges of pools may lie outside the cluster's network.
    private static func outside(_ node: FabricNode?, _ configuration: FabricConfiguration) -> [IPPrefix] {
        (node?.podCIDRs ?? []).filter { range in
            configuration.families.contains(range.family)
                && !configuration.networks.contains { $0.contains(range) }
        }
    }

    /// Whether the table is another one when a node changes so; nil is a node that is not there.
    static func concerns(_ old: FabricNode?, _ new: FabricNode?, _ configuration: FabricConfiguration) -> Bool {
        if outside(old, configuration) != outside(new, configuration) { return true }
        return configuration.backend == .hostGateway && old?.addresses != new?.addresses
    }
}
