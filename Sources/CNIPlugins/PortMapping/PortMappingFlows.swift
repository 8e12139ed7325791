import Addressing
import CNI
import Netlink

/// Connections the kernel remembers from before a change of the mappings. A TCP connection ends by itself; UDP has no
/// end, and a flow that was seen keeps its old way for as long as somebody sends: a port that was just published
/// stays deaf, and one that moved to another pod stays with the dead one.
enum PortMappingFlows {
    /// Forgets flows to ports that have just been mapped, so that their next packet is looked at anew.
    static func forget(_ mappings: [PortMapping], _ families: Set<IPFamily>) throws(NetlinkError) {
        let mappings = mappings.filter { $0.transport == .udp }
        if mappings.isEmpty { return }
        var conntrack = try Conntrack.Socket()
        for family in families {
            let wanted = mappings.filter { $0.families.contains(family) }
            if wanted.isEmpty { continue }
            var local: [IPAddress: Bool] = [:]
            var stale: [Conntrack.Flow] = []
            for flow in try flows(wanted.map(\.hostPort), family, &conntrack) {
                let address = flow.original.destination
                guard wanted.contains(where: { $0.matches(flow) }) else { continue }
                // Pods talk to the same port elsewhere, as to any name server's 53: those flows are theirs.
                let isLocal: Bool
                if let known = local[address] {
                    isLocal = known
                } else {
                    var route = try RouteSocket()
                    isLocal = try route.route(to: address)?.kind == .local
                    local[address] = isLocal
                }
                if isLocal { stale.append(flow) }
            }
            if !stale.isEmpty { try conntrack.delete(stale) }
        }
    }

    /// Forgets flows that went to a pod through mappings that have just been removed.
    static func forget(removed entries: [Packetfilter.Entry]) throws(NetlinkError) {
        var targets: [IPFamily: Set<Target>] = [:]
        for entry in entries {
            guard let target = PortMappingRules.target(of: entry.element), entry.element.isUDP else { continue }
            targets[target.address.family, default: []].insert(
                Target(address: target.address, port: target.port, hostPort: entry.element.hostPort))
        }
        if targets.isEmpty { return }
        var conntrack = try Conntrack.Socket()
        for (family, wanted) in targets {
            let stale = try flows(wanted.map(\.hostPort), family, &conntrack).filter { flow in
                wanted.contains(
                    Target(
                        address: flow.reply.source, port: flow.reply.sourcePort,
                        hostPort: flow.original.destinationPort))
            }
            if !stale.isEmpty { try conntrack.delete(stale) }
        }
    }

    private struct Target: Hashable {
        let address: IPAddress
        let port: UInt16
        let hostPort: UInt16
    }

    /// One pass over the table for each port, or one for all when they are many.
    private static func flows(
        _ ports: [UInt16], _ family: IPFamily, _ conntrack: inout Conntrack.Socket
    ) throws(NetlinkError) -> [Conntrack.Flow] {
        let udp = PortMapping.TransportProtocol.udp.number
        let ports = Set(ports)
        if ports.count > 4 {
            return try conntrack.flows(family, transport: udp).filter { ports.contains($0.original.destinationPort) }
        }
        var flows: [Conntrack.Flow] = []
        for port in ports { flows += try conntrack.flows(family, transport: udp, port: port) }
        return flows
    }
}

extension PortMapping {
    fileprivate func matches(_ flow: Conntrack.Flow) -> Bool {
        hostPort == flow.original.destinationPort
            && (boundAddress == nil || boundAddress == flow.original.destination)
    }
}

extension NFTables.Element {
    /// The last two fields of a port's key: protocol and port, a word each.
    fileprivate var isUDP: Bool {
        key.bytes.count >= 8 && key.bytes[key.bytes.count - 8] == PortMapping.TransportProtocol.udp.number
    }

    fileprivate var hostPort: UInt16 {
        guard key.bytes.count >= 8 else { return 0 }
        return UInt16(key.bytes[key.bytes.count - 4]) << 8 | UInt16(key.bytes[key.bytes.count - 3])
    }
}
