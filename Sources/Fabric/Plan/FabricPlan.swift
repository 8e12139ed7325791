import Addressing
import Findings

/// What a node's kernel should have so that every other node's pods are reached. Pure: nodes in, state and findings out.
public struct FabricPlan: Sendable {
    public var state = FabricState()
    /// What is wrong with other nodes or with the whole, each naming the object and the field.
    public var findings: [Finding] = []
    /// Nodes that are not routed to, with the reason in `findings`.
    public var refused: Set<String> = []

    /// - Parameters:
    ///   - local: this node; its `backend` must be set (``BackendAnnouncement/init(_:previous:interfaceMAC:tunnelAddresses:entropy:)``).
    ///   - remotes: every other node, in any order.
    public static func desired(
        local: FabricNode, remotes: some Sequence<FabricNode>, configuration: FabricConfiguration, underlay: Underlay
    ) -> FabricPlan {
        FabricPlanner(local: local, remotes: remotes, configuration: configuration, underlay: underlay).plan
    }

    /// The family of the packets between nodes.
    public static func underlayFamily(_ local: FabricNode, _ configuration: FabricConfiguration) -> IPFamily? {
        switch configuration.underlay {
        case .auto: local.addresses.first?.family
        case .ipv4: local.address(.v4)?.family
        case .ipv6: local.address(.v6)?.family
        }
    }
}
