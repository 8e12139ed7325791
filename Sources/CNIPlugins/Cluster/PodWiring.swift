import Addressing
import CNI
import LinuxHost
import Netlink
import SystemCalls

/// The link of one pod, and what the host has to know about it.
struct PodWiring {
    let mark: OwnershipMark
    let interfaceName: String
    /// /32 and /128, each with its gateway.
    let addresses: [CNIResult.IP]
    let hostMAC: MACAddress
    /// Bytes; nil is the kernel's default.
    let mtu: Int?
    /// Of the pod's end; nil lets the kernel draw one.
    let mac: MACAddress?
    /// The node's own; see ``answerFromNodeAddress(_:in:)``.
    var nodeAddresses: [IPAddress] = []

    private var hasIPv6: Bool { addresses.contains { $0.address.family == .v6 } }

    /// One default route for each family that there is an address of.
    var defaultRoutes: [CNIResult.Route] {
        IPFamily.allCases.filter { family in addresses.contains { $0.address.family == family } }.map { family in
            CNIResult.Route(
                destination: IPPrefix(containing: IPAddress(number: 0, family: family), length: 0),
                gateway: addresses.first { $0.address.family == family }?.gateway)
        }
    }

    /// Makes the pair, both ends down.
    func makePair(
        _ hostName: String, _ container: borrowing NetworkNamespace, in socket: inout RouteSocket
    ) throws(CNIError) -> VethPair {
        var plan = VethPair.Plan(mark: mark, interfaceName: interfaceName)
        plan.mtu = mtu
        plan.mac = mac
        plan.hostMAC = hostMAC
        // Before it is up it must be known whether it has IPv6: switching that off later costs the kernel a walk.
        plan.leavesHostDown = true
        return try VethPair.make(plan, hostName: hostName, in: &socket, container: container)
    }

    /// Addresses, routes and the gateways' neighbour entries, inside; sets the pod's end up.
    ///
    /// - Returns: the pod's end.
    func configureContainer(
        _ pair: VethPair, _ container: borrowing NetworkNamespace, _ routes: [CNIResult.Route]
    ) throws(CNIError) -> Link {
        var inside = ContainerInterface(name: interfaceName, index: pair.containerIndex)
        inside.addresses = addresses
        inside.routes = routes
        inside.subnets = .behindGateway
        inside.gatewayMAC = hostMAC
        return try container.withSocket { (socket) throws(CNIError) -> Link in try inside.apply(in: &socket) }
    }

    /// Sets the host's end up, with a route and a neighbour entry for each address of the pod.
    func configureHost(
        _ pair: VethPair, _ inside: Link, in socket: inout RouteSocket
    ) throws(CNIError) {
        guard let podMAC = inside.mac else {
            throw CNIError(.kernelRefused, "the kernel does not say the MAC address of \(inside.name)")
        }
        // A pod's packets must come from the addresses it has (RFC 3704; `all` may be looser and then wins).
        try Sysctl.set(pair.host.name, "ipv4", "rp_filter", "1")
        var batch = RequestBatch()
        if hasIPv6 {
            try Sysctl.set(pair.host.name, "ipv6", "disable_ipv6", "0")
            try Sysctl.set(pair.host.name, "ipv6", "accept_ra", "0")
            // The gateway is nobody's: the host needs no address on the link, and no detection of duplicates.
            batch.change(
                .index(pair.host.index), LinkChange(isUp: true, makesLinkLocalAddress: false))
        } else {
            batch.raiseWithoutIPv6(pair.host.name)
        }
        for ip in addresses {
            let host = IPPrefix(containing: ip.address.address, length: ip.address.family.bitWidth)
            batch.add(Route(to: host, on: pair.host.index))
            batch.replace(Neighbour(ip.address.address, at: podMAC, on: pair.host.index))
        }
        do throws(NetlinkError) {
            try socket.commit(&batch)
        } catch {
            throw Self.explain(error, pair.host)
        }
        answerFromNodeAddress(pair.host, in: &socket)
    }

    /// Says that the host talks to the pod's IPv6 addresses from the node's own. Otherwise the kernel takes the address
    /// that has most bits in common (RFC 6724 rule 8), which is the tunnel's, and a server on all addresses that answers
    /// a datagram would answer from another one than was asked. IPv4 takes the first of the first interface anyway, and
    /// there the route would go when the address goes.
    ///
    /// While the node's address is being checked for duplicates the kernel refuses it (EINVAL): then it stays as it was.
    private func answerFromNodeAddress(_ host: Link, in socket: inout RouteSocket) {
        guard let node = nodeAddresses.first(where: { $0.family == .v6 }) else { return }
        var batch = RequestBatch()
        for ip in addresses where ip.address.family == .v6 {
            var route = Route(to: IPPrefix(containing: ip.address.address, length: 128), on: host.index)
            route.source = node
            batch.add(route, .replace)
        }
        _ = try? socket.perform(&batch)
    }

    /// A route to the address that is there already belongs to another pod.
    private static func explain(_ error: NetlinkError, _ host: Link) -> CNIError {
        guard error.errno == .EEXIST, error.request.hasPrefix("RTM_NEWROUTE") else {
            return CNIError(error, during: "cannot configure the host's end \(host.name)")
        }
        return CNIError(
            .alreadyTaken, "the host has a route to the pod's address already: \(error.request)",
            details: "another pod or link uses this address; `ip route` shows which")
    }
}
