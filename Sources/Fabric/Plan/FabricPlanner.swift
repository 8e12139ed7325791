import Addressing
import Findings

/// A plan that is kept while other nodes come, change and go. A change costs what the nodes that changed have, however
/// many others there are, as long as nodes do not contradict each other; a contradiction is for a new plan to judge, which
/// looks at all of them in the order of their names.
public struct FabricPlanner: Sendable {
    public private(set) var plan = FabricPlan()
    /// Every other node, those too that are refused or have no agent yet.
    public private(set) var remotes: [String: FabricNode]
    private var builder: FabricPlan.Builder

    /// - Parameters:
    ///   - local: this node; its `backend` must be set (``BackendAnnouncement/init(_:previous:interfaceMAC:tunnelAddresses:entropy:)``).
    ///   - remotes: every other node, in any order; this node among them does not matter.
    public init(
        local: FabricNode, remotes: some Sequence<FabricNode>, configuration: FabricConfiguration, underlay: Underlay
    ) {
        self.remotes = Dictionary(remotes.map { ($0.name, $0) }) { first, _ in first }
        self.remotes[local.name] = nil
        builder = FabricPlan.Builder(local: local, configuration: configuration, underlay: underlay)
        // By name, so that of two nodes that contradict each other the same one is refused everywhere and always.
        builder.run(self.remotes.values.sorted { $0.name < $1.name }, into: &plan)
    }

    /// Nodes that are routed to.
    public var routedCount: Int { builder.acceptedCount }

    /// Takes other nodes as they are now; nil is one that is gone.
    ///
    /// - Returns: what has to be done in a kernel that is as the plan was. Nil: the change meets something that only a
    ///   new plan can judge, and this value is used up.
    public mutating func change(_ nodes: [String: FabricNode?]) -> FabricDelta? {
        guard let family = builder.family, !nodes.keys.contains(builder.local.name) else { return nil }
        // Only what the nodes have goes into these two, so that only that is compared.
        var old = FabricState()
        var new = FabricState()
        old.tunnel = plan.state.tunnel
        new.tunnel = plan.state.tunnel
        for name in nodes.keys {
            if plan.refused.contains(name) { return nil }
            guard let before = remotes[name], before.backend != nil else { continue }
            builder.release(before, family)
            builder.put(before, family, into: &old)
        }
        for (name, node) in nodes.sorted(by: { $0.key < $1.key }) {
            remotes[name] = node
            guard let node, let backend = node.backend else { continue }
            if builder.refusal(of: node, backend, family) != nil { return nil }
            builder.claim(node, family)
            builder.put(node, family, into: &new)
        }
        // A node that was refused stays so for the same reason; otherwise others may be concerned, too.
        for name in plan.refused {
            guard let node = remotes[name], let backend = node.backend,
                let reason = builder.refusal(of: node, backend, family), plan.findings.contains(reason)
            else { return nil }
        }
        if builder.isEntangled { return nil }
        plan.state.replace(old, by: new)
        return old.delta(to: new)
    }
}

extension FabricState {
    /// Takes some nodes' parts out and others in.
    fileprivate mutating func replace(_ old: FabricState, by new: FabricState) {
        for key in old.neighbours.keys { neighbours[key] = nil }
        for key in old.forwarding.keys { forwarding[key] = nil }
        for key in old.routes.keys { routes[key] = nil }
        neighbours.merge(new.neighbours) { _, new in new }
        forwarding.merge(new.forwarding) { _, new in new }
        routes.merge(new.routes) { _, new in new }
    }
}
