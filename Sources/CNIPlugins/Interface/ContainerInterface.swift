import Addressing
import CNI
import LinuxHost
import Netlink
import SystemCalls

/// What the container's end gets: addresses, routes and the settings that go with them, in one send.
struct ContainerInterface {
    let name: String
    let index: InterfaceIndex
    var addresses: [CNIResult.IP] = []
    var routes: [CNIResult.Route] = []
    /// How the subnet of an address is reached.
    var subnets = Subnets.onLink
    /// Whether IPv6 addresses go through duplicate address detection, which takes the kernel a second or two.
    var detectsDuplicates = false
    /// Where every gateway is, noted for ever, so that nobody is asked; nil leaves finding it to the kernel.
    var gatewayMAC: MACAddress?

    enum Subnets {
        /// All of it is on the link: the kernel's own route.
        case onLink
        /// Only the gateway is; the others are behind it (ptp).
        case behindGateway
    }

    /// Configures the interface and sets it up. The thread must be in the container's namespace.
    ///
    /// - Returns: the interface as it is then.
    func apply(in socket: inout RouteSocket) throws(CNIError) -> Link {
        if addresses.contains(where: { $0.address.family == .v6 }) { try prepareIPv6() }
        var batch = RequestBatch()
        for ip in addresses { batch.add(linkAddress(ip.address)) }
        // After the addresses, so that the announcement that `arp_notify` makes on "up" has something to say.
        batch.change(
            .index(index), LinkChange(isUp: true, announcesAddresses: addresses.isEmpty ? nil : true))
        if subnets == .behindGateway { addGatewayRoutes(to: &batch) }
        if let gatewayMAC {
            for gateway in Set(addresses.compactMap(\.gateway)) {
                batch.replace(Neighbour(gateway, at: gatewayMAC, on: index))
            }
        }
        for route in kernelRoutes { batch.add(route, .append) }
        batch.get(.index(index))
        var link: Link?
        do throws(NetlinkError) {
            try socket.commit(&batch) { _, message throws(MalformedMessage) in
                if let found = try Link(message) { link = found }
            }
        } catch {
            throw explain(error)
        }
        guard let link else { throw CNIError(.kernelRefused, "the kernel does not describe \(name)") }
        if detectsDuplicates && addresses.contains(where: { $0.address.family == .v6 }) {
            try Settling.waitForAddresses(of: link, in: &socket)
        }
        return link
    }

    private func prepareIPv6() throws(CNIError) {
        // A runtime or an image may have IPv6 off in new namespaces; we were given an IPv6 address to configure.
        try Sysctl.set("lo", "ipv6", "disable_ipv6", "0")
        try Sysctl.set(name, "ipv6", "disable_ipv6", "0")
        // Addresses survive "down", as IPv4's do.
        try Sysctl.set(name, "ipv6", "keep_addr_on_down", "1")
        if detectsDuplicates {
            try Sysctl.set(name, "ipv6", "enhanced_dad", "1")
            try Sysctl.set(name, "ipv6", "accept_dad", "1")
        } else {
            try Sysctl.set(name, "ipv6", "accept_dad", "0")
        }
    }

    private func linkAddress(_ address: InterfaceAddress) -> LinkAddress {
        var own = LinkAddress(address, on: index, broadcast: address.prefix.broadcast?.v4)
        // Usable at once. With `accept_dad` off the kernel would come to that, too, but later, from a work queue.
        if address.family == .v6 && !detectsDuplicates { own.flags.insert(.noDAD) }
        if subnets == .behindGateway { own.flags.insert(.noPrefixRoute) }
        return own
    }

    /// `GATEWAY dev eth0 scope link src ADDRESS` and `SUBNET via GATEWAY src ADDRESS`.
    private func addGatewayRoutes(to batch: inout RequestBatch) {
        for ip in addresses {
            guard let gateway = ip.gateway else { continue }
            batch.add(
                Route(
                    to: IPPrefix(containing: gateway, length: gateway.family.bitWidth), on: index,
                    source: ip.address.address), .append)
            // A lone address has no subnet beside itself.
            if ip.address.prefixLength < ip.address.family.bitWidth {
                batch.add(
                    Route(to: ip.address.prefix, via: gateway, on: index, source: ip.address.address), .append)
            }
        }
    }

    /// The routes as the kernel is asked for them: without a gateway of its own, a route goes by way of the first
    /// address's of its family. The same route twice is one route: `isDefaultGateway` and a default route from the
    /// address manager ask for the same, and the kernel would refuse the second (EEXIST).
    private var kernelRoutes: [Route] {
        var seen: Set<Route> = []
        return routes.map { wanted in
            let family = wanted.destination.family
            let gateway =
                wanted.gateway ?? addresses.lazy.filter { $0.address.family == family }.compactMap(\.gateway).first
            var route = Route(
                to: wanted.destination, via: gateway, on: index,
                scope: wanted.scope.map { UInt8(clamping: $0) } ?? (gateway == nil ? nil : 0))
            if let table = wanted.table { route.table = UInt32(clamping: table) }
            // 0 is "none given", as in the reference.
            if let priority = wanted.priority, priority > 0 { route.priority = UInt32(clamping: priority) }
            route.mtu = wanted.mtu.flatMap { $0 > 0 ? UInt32(clamping: $0) : nil }
            route.advertisedMSS = wanted.advmss.flatMap { $0 > 0 ? UInt32(clamping: $0) : nil }
            return route
        }.filter { seen.insert($0).inserted }
    }

    /// The kernel's sentence, and what usually is behind it.
    private func explain(_ error: NetlinkError) -> CNIError {
        var failure = CNIError(error, during: "cannot configure \(name) in the container")
        if error.request.hasPrefix("RTM_NEWROUTE") {
            if error.errno == .ENETUNREACH || error.errno == .EHOSTUNREACH || error.errno == .EINVAL {
                failure = failure.adding(
                    "the gateway must be in the subnet of an address of the interface: "
                        + addresses.map(\.address.description).joined(separator: ", "))
            } else if error.errno == .EEXIST {
                failure = failure.adding("the same route is configured twice, or somebody else made it already")
            }
        }
        return failure
    }
}
