import Addressing
import CLinux
import Netlink
import SystemCalls

extension FabricDriver {
    public struct Observation: Sendable {
        public var state = FabricState()
        /// Tunnels of ours besides that of `state`.
        public var strays: [String] = []
    }

    /// What the kernel has of ours.
    ///
    /// - Parameter name: the tunnel that is meant, when there are several; nil takes the first.
    public mutating func observe(tunnel name: String? = nil) throws(NetlinkError) -> Observation {
        var observation = Observation()
        let links = try socket.links()
        requests += 1
        let names = Dictionary(links.map { ($0.index, $0.name) }) { first, _ in first }
        let ours = links.filter { $0.kind == "vxlan" && $0.alias == Self.mark }.sorted { $0.name < $1.name }
        let tunnel = ours.first { $0.name == name } ?? (name == nil ? ours.first : nil) ?? ours.first
        observation.strays = ours.filter { $0.index != tunnel?.index }.map(\.name)
        if let tunnel { try observe(tunnel, names, &observation.state) }
        for family in IPFamily.allCases {
            requests += 1
            for route in try socket.routes(family) where route.origin == RTPROT_POPLIN {
                if route.kind == .unreachable, route.priority == Self.unreachablePriority {
                    observation.state.unreachable.insert(route.destination)
                } else if route.kind == .unicast, let gateway = route.gateway, let interface = route.interface {
                    observation.state.routes[route.destination] = FabricState.Path(
                        interface: names[interface] ?? "#\(interface)", gateway: gateway, isOnLink: route.isOnLink)
                }
            }
        }
        return observation
    }

    private mutating func observe(
        _ link: Link, _ names: [InterfaceIndex: String], _ state: inout FabricState
    ) throws(NetlinkError) {
        guard let settings = link.vxlan else { return }
        state.tunnel = FabricState.Tunnel(
            name: link.name, identifier: settings.identifier, port: settings.port,
            local: settings.local ?? .v4(.unspecified),
            underlay: settings.lower.flatMap { names[$0] } ?? "", mac: link.mac ?? MACAddress(rawValue: 0),
            mtu: link.mtu, transmitChecksum: transmitChecksum(of: link.name), isUp: link.isUp)
        requests += 4
        for address in try socket.addresses(on: link.index) where !address.address.address.isLinkLocal {
            state.addresses.insert(address.address.address)
        }
        for family in IPFamily.allCases {
            for neighbour in try socket.neighbours(family, on: link.index) {
                guard let mac = neighbour.mac, neighbour.state.contains(.permanent) else { continue }
                state.neighbours[neighbour.address] = mac
            }
        }
        for entry in try socket.forwardingEntries(on: link.index) {
            guard let place = entry.destination, !entry.mac.isZero else { continue }
            state.forwarding[entry.mac] = place
        }
    }

    // MARK: The underlay

    /// The interface that holds one of the node's addresses, or the one that is named, with what the plan needs to
    /// know of it. Nil when there is none.
    ///
    /// - Parameters:
    ///   - addresses: the node's, the first one being the one that counts.
    ///   - name: an interface to use whatever addresses it has.
    public mutating func underlay(
        holding addresses: [IPAddress], named name: String? = nil
    ) throws(NetlinkError) -> Underlay? {
        let links = try socket.links()
        let all = try socket.addresses()
        requests += 2
        let link =
            if let name {
                links.first { $0.name == name || $0.alternativeNames.contains(name) }
            } else {
                addresses.lazy.compactMap { wanted in
                    all.first { $0.address.address == wanted }.flatMap { found in
                        links.first { $0.index == found.link }
                    }
                }.first
            }
        guard let link else { return nil }
        let here = all.filter { $0.link == link.index && !$0.address.address.isLinkLocal }
            .sorted { left, right in
                // The node's own addresses first: a service's virtual address may be on the interface too.
                let isLeft = addresses.contains(left.address.address)
                let isRight = addresses.contains(right.address.address)
                return isLeft != isRight ? isLeft : left.address < right.address
            }
            .map(\.address)
        return Underlay(
            interface: link.name, mtu: link.mtu, addresses: here, foreignRoutes: try foreignRoutes(links),
            breaksTransmitChecksum: breaksTransmitChecksum(under: link.name))
    }

    /// Where the node sends what is not ours to: no default routes, nothing of interfaces that are ours.
    private mutating func foreignRoutes(_ links: [Link]) throws(NetlinkError) -> [Underlay.ForeignRoute] {
        let names = Dictionary(links.map { ($0.index, $0) }) { first, _ in first }
        var found: [Underlay.ForeignRoute] = []
        for family in IPFamily.allCases {
            requests += 1
            for route in try socket.routes(family) {
                guard route.origin != RTPROT_POPLIN, !route.isDefault, route.kind == .unicast,
                    !route.destination.network.isLinkLocal, !route.destination.network.isMulticast
                else { continue }
                let link = (route.interface ?? route.nextHops.first?.interface).flatMap { names[$0] }
                if let alias = link?.alias, alias.hasPrefix("poplin:") { continue }
                found.append(.init(destination: route.destination, interface: link?.name ?? "?"))
            }
        }
        return found
    }
}
