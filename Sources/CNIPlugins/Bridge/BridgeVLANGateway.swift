import CNI
import Netlink
import SystemCalls

/// How the host itself takes part in a VLAN of the bridge: a link pair of which one end, `BRIDGE.VLAN`, carries the
/// gateway's address, and the other is a port in that VLAN. It is made once and stays, as the bridge does.
enum BridgeVLANGateway {
    static func name(_ bridge: String, _ vlan: UInt16) -> String { "\(bridge).\(vlan)" }

    /// Finds the link, or makes the pair.
    static func ensure(
        _ bridge: Link, _ vlan: UInt16, _ plan: BridgeVLANPlan, in socket: inout RouteSocket
    ) throws(CNIError) -> Link {
        let name = name(bridge.name, vlan)
        do throws(CNIError) { try CNINames.validate(interfaceName: name) } catch {
            throw CNIError(
                .invalidConfiguration, "the gateway's link for VLAN \(vlan) cannot be named \(name): \(error.message)",
                details: "the bridge's name is too long for a VLAN with a gateway")
        }
        let known = try kernel { () throws(NetlinkError) in try socket.link(named: name) }
        if let known { return known }
        let portName = VethPair.prefix + StableHash.hexadecimal("gateway/\(name)", digits: 11)
        var creation = LinkCreation(portName, .veth(VethPeer(name, mtu: bridge.mtu, mac: bridge.mac)))
        creation.mtu = bridge.mtu
        creation.master = bridge.index
        creation.isUp = true
        var batch = RequestBatch()
        let create = batch.create(creation)
        batch.change(.name(portName), LinkChange(alias: "poplin-gateway:\(name)"))
        batch.change(.name(name), LinkChange(isUp: true))
        let port = batch.get(.name(portName))
        batch.get(.name(name))
        var found: (port: Link?, gateway: Link?)
        let failures = try kernel { () throws(NetlinkError) in
            try socket.perform(&batch) { index, message throws(MalformedMessage) in
                guard let link = try Link(message) else { return }
                if index == port { found.port = link } else { found.gateway = link }
            }
        }
        // Another pod's ADD made the pair at the same moment: then it also configures the port.
        if let failure = failures.first, failure.index != create || failure.error.errno != .EEXIST {
            throw CNIError(failure.error, during: "cannot make \(name), the gateway's link for VLAN \(vlan)")
        }
        guard let portLink = found.port, let gateway = found.gateway else {
            throw CNIError(.kernelRefused, "the kernel does not describe \(name)")
        }
        if failures.isEmpty {
            var access = BridgeVLANPlan()
            access.access = vlan
            access.keepsDefault = plan.keepsDefault
            try configure(portLink, access, in: &socket)
        }
        return gateway
    }

    /// Puts a port into its VLANs.
    static func configure(_ port: Link, _ plan: BridgeVLANPlan, in socket: inout RouteSocket) throws(CNIError) {
        guard plan.needsFiltering else { return }
        var batch = RequestBatch()
        if !plan.removals.isEmpty { batch.removeVLANs(plan.removals, from: port.index) }
        batch.addVLANs(plan.memberships, to: port.index)
        try kernel("VLANs of port \(port.name)") { () throws(NetlinkError) in try socket.commit(&batch) }
    }
}
