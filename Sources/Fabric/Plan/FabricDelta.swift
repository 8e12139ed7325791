import Addressing

/// The steps from one state of a node's fabric to another, in an order in which no packet of a flow that stays is
/// lost: what a route leads to is there before the route, routes are replaced where they stand, and what nothing leads
/// to any more goes last.
public struct FabricDelta: Hashable, Sendable {
    public var steps: [Step] = []

    public enum Step: Hashable, Sendable {
        case makeTunnel(FabricState.Tunnel)
        /// The kernel cannot change what differs: the interface goes and comes again.
        case remakeTunnel(FabricState.Tunnel)
        /// Hardware address, MTU, checksums, up.
        case changeTunnel(FabricState.Tunnel, from: FabricState.Tunnel)
        case addAddress(IPAddress, tunnel: String)
        case setNeighbour(IPAddress, MACAddress, tunnel: String)
        case setForwarding(MACAddress, IPAddress, tunnel: String)
        case addRoute(IPPrefix, FabricState.Path)
        case replaceRoute(IPPrefix, FabricState.Path, from: FabricState.Path)
        case addUnreachable(IPPrefix)
        case removeRoute(IPPrefix, FabricState.Path)
        case removeForwarding(MACAddress, IPAddress, tunnel: String)
        case removeNeighbour(IPAddress, tunnel: String)
        case removeUnreachable(IPPrefix)
        case removeAddress(IPAddress, tunnel: String)
        case removeTunnel(String)
    }

    public var isEmpty: Bool { steps.isEmpty }
}

extension FabricState {
    /// What it takes to get from here to `desired`. Each part is in the order of its keys, so that the same two states
    /// always give the same steps.
    public func delta(to desired: FabricState) -> FabricDelta {
        var delta = FabricDelta()
        var tunnel = tunnel
        // Nobody asked for one setting or the other.
        if desired.tunnel?.transmitChecksum == nil { tunnel?.transmitChecksum = nil }
        // What of our state on the tunnel survives the tunnel's own change.
        var kept = self
        switch (tunnel, desired.tunnel) {
        case (nil, nil):
            break
        case (let old, let new?) where old?.name != new.name:
            delta.steps.append(.makeTunnel(new))
            kept.forgetTunnelContents()
        case (let old?, let new?):
            if !old.canBecome(new) {
                delta.steps.append(.remakeTunnel(new))
                kept.forgetTunnelContents()
                kept.routes = routes.filter { $0.value.interface != old.name }
            } else if old != new {
                delta.steps.append(.changeTunnel(new, from: old))
                // The kernel drops every neighbour, permanent ones too, of an interface whose hardware address changes
                // (net/core/neighbour.c, neigh_changeaddr).
                if old.mac != new.mac { kept.neighbours = [:] }
            }
        default:
            break
        }
        if let name = desired.tunnel?.name { delta.fillTunnel(name, from: kept, to: desired) }
        delta.changeRoutes(from: kept, to: desired)
        if let name = desired.tunnel?.name {
            delta.emptyTunnel(name, from: kept, to: desired)
        }
        if let old = tunnel, old.name != desired.tunnel?.name { delta.steps.append(.removeTunnel(old.name)) }
        return delta
    }

    /// What goes with the tunnel's interface, unasked.
    private mutating func forgetTunnelContents() {
        addresses = []
        neighbours = [:]
        forwarding = [:]
    }
}

extension FabricDelta {
    fileprivate mutating func fillTunnel(_ name: String, from old: FabricState, to new: FabricState) {
        for address in new.addresses.subtracting(old.addresses).sorted() {
            steps.append(.addAddress(address, tunnel: name))
        }
        for (address, mac) in new.neighbours.filter({ old.neighbours[$0.key] != $0.value }).sorted(by: Self.byKey) {
            steps.append(.setNeighbour(address, mac, tunnel: name))
        }
        for (mac, place) in new.forwarding.filter({ old.forwarding[$0.key] != $0.value }).sorted(by: Self.byKey) {
            steps.append(.setForwarding(mac, place, tunnel: name))
        }
    }

    fileprivate mutating func changeRoutes(from old: FabricState, to new: FabricState) {
        for (prefix, path) in new.routes.filter({ old.routes[$0.key] != $0.value }).sorted(by: Self.byKey) {
            if let before = old.routes[prefix] {
                steps.append(.replaceRoute(prefix, path, from: before))
            } else {
                steps.append(.addRoute(prefix, path))
            }
        }
        for prefix in new.unreachable.subtracting(old.unreachable).sorted() { steps.append(.addUnreachable(prefix)) }
        for (prefix, path) in old.routes.filter({ new.routes[$0.key] == nil }).sorted(by: Self.byKey) {
            steps.append(.removeRoute(prefix, path))
        }
        for prefix in old.unreachable.subtracting(new.unreachable).sorted() { steps.append(.removeUnreachable(prefix)) }
    }

    fileprivate mutating func emptyTunnel(_ name: String, from old: FabricState, to new: FabricState) {
        for (mac, place) in old.forwarding.filter({ new.forwarding[$0.key] == nil }).sorted(by: Self.byKey) {
            steps.append(.removeForwarding(mac, place, tunnel: name))
        }
        for address in old.neighbours.keys.filter({ new.neighbours[$0] == nil }).sorted() {
            steps.append(.removeNeighbour(address, tunnel: name))
        }
        for address in old.addresses.subtracting(new.addresses).sorted() {
            steps.append(.removeAddress(address, tunnel: name))
        }
    }

    private static func byKey<Key: Comparable, Value>(
        _ left: (key: Key, value: Value), _ right: (key: Key, value: Value)
    )
        -> Bool
    { left.key < right.key }
}

extension FabricDelta.Step: CustomStringConvertible {
    /// The object, for errors: `route to 10.244.2.0/24 via 10.244.2.0 dev poplin.1`.
    public var description: String {
        switch self {
        case .makeTunnel(let tunnel), .remakeTunnel(let tunnel), .changeTunnel(let tunnel, _):
            "interface \(tunnel.name)"
        case .removeTunnel(let name): "interface \(name)"
        case .addAddress(let address, let tunnel), .removeAddress(let address, let tunnel):
            "address \(address) on \(tunnel)"
        case .setNeighbour(let address, let mac, let tunnel): "neighbour \(address) lladdr \(mac) on \(tunnel)"
        case .removeNeighbour(let address, let tunnel): "neighbour \(address) on \(tunnel)"
        case .setForwarding(let mac, let place, let tunnel), .removeForwarding(let mac, let place, let tunnel):
            "forwarding entry \(mac) dst \(place) on \(tunnel)"
        case .addRoute(let prefix, let path), .replaceRoute(let prefix, let path, _),
            .removeRoute(let prefix, let path):
            "route to \(prefix) via \(path.gateway) dev \(path.interface)"
        case .addUnreachable(let prefix), .removeUnreachable(let prefix): "unreachable route to \(prefix)"
        }
    }
}
