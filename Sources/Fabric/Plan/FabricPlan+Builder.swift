import Addressing
import Findings

extension FabricPlan {
    /// Makes the plan, one remote node at a time. Costs a few dictionary writes for each node.
    struct Builder {
        let local: FabricNode
        let configuration: FabricConfiguration
        let underlay: Underlay
        /// Whose a range is: pod ranges of nodes that were taken in, for naming both when two overlap.
        var owners = PrefixOwners()
        /// Hardware addresses and underlay addresses that are taken, by node.
        var macs: [MACAddress: String] = [:]
        var places: [IPAddress: String] = [:]
        /// Next hops on the tunnel, by node.
        private var gateways: [IPAddress: String] = [:]
        /// Two nodes announce one next hop: what one of them has cannot be told from the other's.
        private(set) var isEntangled = false
        /// Nodes that were taken in.
        private(set) var acceptedCount = 0
        /// Of the packets between nodes; nil until the node has an address.
        private(set) var family: IPFamily?

        init(local: FabricNode, configuration: FabricConfiguration, underlay: Underlay) {
            self.local = local
            self.configuration = configuration
            self.underlay = underlay
        }

        /// - Parameter remotes: in the order of their names.
        mutating func run(_ remotes: [FabricNode], into plan: inout FabricPlan) {
            guard let family = FabricPlan.underlayFamily(local, configuration), let address = local.address(family)
            else {
                plan.findings.append(
                    Finding(
                        code: "FAB-01",
                        "Node \(local.name): status.addresses has no "
                            + (configuration.underlay == .auto
                                ? "InternalIP" : "\(configuration.underlay.rawValue) address"),
                        next: "start the kubelet with --node-ip, or change \"underlay\" in poplin.json"))
                return
            }
            self.family = family
            for prefix in local.podCIDRs { owners.insert(prefix, local.name) }
            let unused = local.podCIDRs.filter { !configuration.families.contains($0.family) }
            if let first = unused.first {
                plan.findings.append(
                    Finding(
                        .warning, code: "FAB-08",
                        "Node \(local.name): its pod range \(first) is not used, net-conf.json does not enable "
                            + "\(first.family)",
                        next: "set Enable\(first.family) and its network in net-conf.json"))
            }
            for own in local.addresses { places[own] = local.name }
            if let mac = local.backend?.tunnelMAC { macs[mac] = local.name }
            planTunnel(family, address, &plan)
            plan.state.unreachable = Set(local.podCIDRs.filter { configuration.families.contains($0.family) })
            for remote in remotes {
                // A node that has no agent yet has nothing to be reached.
                guard let backend = remote.backend else { continue }
                if let reason = refusal(of: remote, backend, family) {
                    plan.findings.append(reason)
                    plan.refused.insert(remote.name)
                    continue
                }
                claim(remote, family)
                put(remote, family, into: &plan.state)
            }
        }

        private func planTunnel(_ family: IPFamily, _ address: IPAddress, _ plan: inout FabricPlan) {
            guard let vxlan = configuration.backend.vxlan, let mac = local.backend?.tunnelMAC else { return }
            let mtu = MTU.pods(
                configuration.backend, underlayMTU: underlay.mtu, underlayFamily: family, wanted: configuration.mtu)
            let checksum: Bool? =
                switch configuration.transmitChecksum {
                case .auto: underlay.breaksTransmitChecksum ? false : nil
                case .on: true
                case .off: false
                }
            plan.state.tunnel = FabricState.Tunnel(
                name: vxlan.interfaceName, identifier: vxlan.identifier, port: vxlan.port,
                local: underlay.addresses.contains { $0.address == address }
                    ? address : underlay.addresses.first { $0.family == family }?.address ?? address,
                underlay: underlay.interface, mac: mac, mtu: mtu, transmitChecksum: checksum)
            for family in configuration.families {
                if let own = local.tunnelAddress(family) { plan.state.addresses.insert(own) }
            }
        }

        // MARK: One node

        /// Notes what a node that is taken in has, so that no other gets it.
        mutating func claim(_ remote: FabricNode, _ family: IPFamily) {
            acceptedCount += 1
            if let place = remote.address(family) { places[place] = remote.name }
            if let mac = remote.backend?.tunnelMAC { macs[mac] = remote.name }
            for prefix in used(remote) {
                owners.insert(prefix, remote.name)
                guard let gateway = tunnelGateway(of: remote, prefix.family) else { continue }
                if let other = gateways.updateValue(remote.name, forKey: gateway), other != remote.name {
                    isEntangled = true
                }
            }
        }

        /// Takes back what ``claim(_:_:)`` noted.
        mutating func release(_ remote: FabricNode, _ family: IPFamily) {
            acceptedCount -= 1
            if let place = remote.address(family) { places[place] = nil }
            if let mac = remote.backend?.tunnelMAC { macs[mac] = nil }
            for prefix in used(remote) {
                owners.remove(prefix)
                if let gateway = tunnelGateway(of: remote, prefix.family) { gateways[gateway] = nil }
            }
        }

        /// Adds what a node that is taken in has in the kernel.
        func put(_ remote: FabricNode, _ family: IPFamily, into state: inout FabricState) {
            guard let backend = remote.backend, let place = remote.address(family) else { return }
            let isDirect = isDirect(remote)
            if !isDirect, let mac = backend.tunnelMAC { state.forwarding[mac] = place }
            for prefix in used(remote) {
                if isDirect {
                    guard let gateway = remote.address(prefix.family) else { continue }
                    state.routes[prefix] = .init(interface: underlay.interface, gateway: gateway, isOnLink: false)
                } else if let vxlan = configuration.backend.vxlan, let mac = backend.tunnelMAC,
                    let gateway = Self.gateway(of: remote, prefix.family, mac)
                {
                    state.neighbours[gateway] = mac
                    state.routes[prefix] = .init(
                        interface: vxlan.interfaceName, gateway: gateway, isOnLink: prefix.family == .v4)
                }
            }
        }

        /// Ranges of a node that the cluster uses.
        private func used(_ node: FabricNode) -> [IPPrefix] {
            node.podCIDRs.filter { configuration.families.contains($0.family) }
        }

        private func isDirect(_ remote: FabricNode) -> Bool {
            switch configuration.backend {
            case .hostGateway: true
            case .vxlan(let vxlan): vxlan.directRouting && isDirectlyReached(remote)
            }
        }

        private func tunnelGateway(of remote: FabricNode, _ family: IPFamily) -> IPAddress? {
            guard !isDirect(remote), let mac = remote.backend?.tunnelMAC else { return nil }
            return Self.gateway(of: remote, family, mac)
        }

        /// The next hop of routes to a node's pods. IPv4: its address in the overlay. IPv6: the link-local address
        /// that belongs to its hardware address, because the kernel refuses a global gateway that another route
        /// already leads to elsewhere (ip6_route_check_nh_onlink), such as the one being replaced.
        static func gateway(of remote: FabricNode, _ family: IPFamily, _ mac: MACAddress) -> IPAddress? {
            family == .v4 ? remote.tunnelAddress(.v4) : .v6(mac.linkLocalAddress)
        }

        /// The families of a node's pods that the cluster uses.
        func families(of node: FabricNode) -> [IPFamily] {
            configuration.families.filter { family in node.podCIDRs.contains { $0.family == family } }
        }

        /// All of a node's addresses for the families of its pods are on our segment.
        private func isDirectlyReached(_ remote: FabricNode) -> Bool {
            families(of: remote).allSatisfy { family in
                remote.address(family).map(underlay.isOnSegment) ?? false
            }
        }
    }
}

extension MACAddress {
    /// fe80::/64 with the modified EUI-64 of this address (RFC 4291 2.5.1, appendix A).
    public var linkLocalAddress: IPv6Address {
        let high = (rawValue >> 24) ^ 0x02_0000
        return IPv6Address(high: 0xFE80 << 48, low: high << 40 | 0xFF_FE00_0000 | rawValue & 0xFF_FFFF)
    }
}
