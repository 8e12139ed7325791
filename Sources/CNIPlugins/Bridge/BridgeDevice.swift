import Addressing
import CNI
import LinuxHost
import Netlink
import SystemCalls

/// The bridge itself: found or made, and given the gateway's address. Many first pods may do this at the same time.
struct BridgeDevice {
    var link: Link
    /// Its address before this call gave it a port. A bridge without an address of its own takes the lowest of its
    /// ports', so the new port may change it under whoever has the old one in a neighbour table or a DHCP lease.
    let ownAddress: MACAddress?
    /// Whether this call made it.
    let isNew: Bool

    /// Finds the bridge, or makes it.
    ///
    /// - Parameter known: the link of that name, when the caller has just looked.
    static func ensure(
        _ configuration: BridgeConfiguration, known: Link?, in socket: inout RouteSocket
    ) throws(CNIError) -> BridgeDevice {
        if let known { return try adopt(known, configuration, in: &socket) }
        var creation = LinkCreation(
            configuration.bridgeName,
            .bridge(BridgeSettings(vlanFiltering: configuration.vlans.needsFiltering ? true : nil)))
        // An address of its own. Without, the bridge takes the lowest of its ports', and every pod that comes or goes
        // can change the MAC that the others have in their neighbour tables.
        let entropy: UInt64
        do throws(SystemCallError) { entropy = try Entropy.number() } catch { throw CNIError(error) }
        creation.mac = MACAddress.locallyAdministered(entropy: entropy)
        creation.mtu = configuration.mtu
        creation.isUp = true
        var batch = RequestBatch()
        let create = batch.create(creation)
        if configuration.promiscuous {
            batch.change(.name(configuration.bridgeName), LinkChange(isPromiscuous: true))
        }
        batch.get(.name(configuration.bridgeName))
        var link: Link?
        let failures = try kernel { () throws(NetlinkError) in
            try socket.perform(&batch) { _, message throws(MalformedMessage) in
                if let found = try Link(message) { link = found }
            }
        }
        if let failure = failures.first {
            // Somebody made it in the meantime; what follows the failed creation in the batch is harmless then.
            if failure.index == create, failure.error.errno == .EEXIST, let link {
                return try adopt(link, configuration, in: &socket)
            }
            throw explain(failure.error, configuration)
        }
        guard let link else { throw CNIError(.kernelRefused, "the kernel does not describe \(creation.name)") }
        try refuseRouterAdvertisements(link)
        return BridgeDevice(link: link, ownAddress: link.mac, isNew: true)
    }

    /// Takes a link that was there: it must be a bridge, and is set up and promiscuous as configured.
    private static func adopt(
        _ link: Link, _ configuration: BridgeConfiguration, in socket: inout RouteSocket
    ) throws(CNIError) -> BridgeDevice {
        guard link.kind == "bridge" else { throw notABridge(link) }
        var change = LinkChange()
        if !link.isUp { change.isUp = true }
        if configuration.promiscuous && !link.flags.contains(.promiscuous) { change.isPromiscuous = true }
        if change != LinkChange() {
            var batch = RequestBatch(capacity: 128)
            batch.change(.index(link.index), change)
            try kernel("bridge \(link.name)") { () throws(NetlinkError) in try socket.commit(&batch) }
        }
        if configuration.vlans.needsFiltering && link.bridge?.vlanFiltering != true {
            throw CNIError(
                .foreignState, "bridge \(link.name) does not filter VLANs",
                details: "vlan or vlanTrunk is configured, but the bridge exists with vlan_filtering off; switch it on"
                    + " (ip link set \(link.name) type bridge vlan_filtering 1) or name another bridge")
        }
        try refuseRouterAdvertisements(link)
        return BridgeDevice(link: link, ownAddress: link.mac, isNew: false)
    }

    /// Pods must not be able to give the host a default route by router advertisements (CVE-2020-10749): on a bridge
    /// that was there too, since a host that forwards no IPv6 would believe them.
    private static func refuseRouterAdvertisements(_ bridge: Link) throws(CNIError) {
        try Sysctl.set(bridge.name, "ipv6", "accept_ra", "0")
    }

    static func notABridge(_ link: Link) -> CNIError {
        CNIError(
            .foreignState, "\(link.name) already exists but is not a bridge",
            details: "it is link \(link.index), \(link.kind.map { "of kind \($0)" } ?? "a device of no kind"), MAC "
                + "\(link.mac?.description ?? "none"); name another bridge in the configuration")
    }

    private static func explain(_ error: NetlinkError, _ configuration: BridgeConfiguration) -> CNIError {
        var failure = CNIError(error, during: "cannot make bridge \(configuration.bridgeName)")
        if error.errno == .EOPNOTSUPP && configuration.vlans.needsFiltering {
            failure = failure.adding(
                "vlan or vlanTrunk needs a kernel with VLAN filtering in bridges (CONFIG_BRIDGE_VLAN_FILTERING)")
        } else if error.errno == .EOPNOTSUPP {
            failure = failure.adding("the kernel has no bridges (CONFIG_BRIDGE; module bridge)")
        }
        return failure
    }

    /// Removes a bridge that this call made, unless somebody has attached a port to it since.
    static func removeIfUnused(_ name: String, _ index: InterfaceIndex, in socket: inout RouteSocket) throws(CNIError) {
        let ports = try kernel { () throws(NetlinkError) in try socket.links(master: index) }
        if ports.isEmpty { try VethPair.delete(.index(index), in: &socket) }
    }

    // MARK: Gateway

    /// Puts the gateways' addresses on a link: the bridge, or the VLAN's link to it.
    ///
    /// Several pods do this at once: that an address is there already is what is wanted.
    ///
    /// - Parameter mac: what becomes the link's address for good when it becomes the gateway just now.
    /// - Returns: whether it did.
    static func ensureGateways(
        _ gateways: [InterfaceAddress], on link: Link, keeping mac: MACAddress?, isNew: Bool, replaces: Bool,
        in socket: inout RouteSocket
    ) throws(CNIError) -> Bool {
        var batch = RequestBatch()
        for gateway in gateways { batch.add(address(gateway, on: link)) }
        let failures = try kernel { () throws(NetlinkError) in try socket.perform(&batch) }
        for failure in failures where failure.error.errno != .EEXIST {
            throw CNIError(failure.error, during: "cannot give \(link.name) the gateway's address")
        }
        // The usual case, without a set: the first use of one costs the runtime a look-up of conformances.
        if isNew || failures.count == gateways.count { return false }
        var added: [InterfaceAddress] = []
        for (index, gateway) in gateways.enumerated() where !failures.contains(where: { $0.index == index }) {
            added.append(gateway)
        }
        // First time on a bridge that was there: it may have another life.
        do throws(CNIError) {
            try makeRoom(for: added, on: link, replaces: replaces, in: &socket)
        } catch {
            for gateway in added { batch.delete(address(gateway, on: link)) }
            _ = try? kernel { () throws(NetlinkError) in try socket.perform(&batch) }
            throw error
        }
        guard let mac else { return false }
        // An address that was set does not follow the ports any more; see `ensure`.
        batch.change(.index(link.index), LinkChange(mac: mac))
        try kernel("bridge \(link.name)") { () throws(NetlinkError) in try socket.commit(&batch) }
        return true
    }

    private static func address(_ gateway: InterfaceAddress, on link: Link) -> LinkAddress {
        // A bridge without a running port never ends duplicate address detection, and pods need the gateway now.
        LinkAddress(
            gateway, on: link.index, broadcast: gateway.prefix.broadcast?.v4,
            flags: gateway.family == .v6 ? .noDAD : [])
    }

    /// IPv4: the gateway is to be the only address. IPv6: no other address of an overlapping subnet.
    private static func makeRoom(
        for added: [InterfaceAddress], on link: Link, replaces: Bool, in socket: inout RouteSocket
    ) throws(CNIError) {
        let all = try kernel { () throws(NetlinkError) in try socket.addresses(on: link.index) }
        var batch = RequestBatch()
        for gateway in added {
            for other in all where other.address.family == gateway.family && !added.contains(other.address) {
                if gateway.family == .v6 && !other.address.prefix.overlaps(gateway.prefix) { continue }
                guard replaces else {
                    throw CNIError(
                        .foreignState, "\(link.name) already has an address different from \(gateway)",
                        details: "it has \(other.address); two networks on one bridge need two bridges, or set"
                            + " forceAddress to replace it")
                }
                batch.delete(other)
            }
        }
        if !batch.isEmpty { try kernel("bridge \(link.name)") { () throws(NetlinkError) in try socket.commit(&batch) } }
    }
}
