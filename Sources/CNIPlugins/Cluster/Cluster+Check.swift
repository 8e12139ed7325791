import Addressing
import CNI
import LinuxHost
import Netlink

extension Cluster {
    public static func check(_ call: PluginCall) throws(CNIError) {
        let configuration = try ClusterConfiguration(call)
        let result = try call.configuration.requiredPreviousResult()
        let name = call.request.interfaceName
        guard let index = result.interfaceIndex(named: name, inContainer: true) else {
            throw CNIError(.unusablePreviousResult, "prevResult has no interface \(name) in a container")
        }
        let addresses = result.ips(ofInterface: index)
        try configuration.source(call).check(addresses.map(\.address))
        var check = InterfaceCheck()
        let inside = try call.networkNamespace().withSocket { (socket) throws(CNIError) -> Link? in
            try checkPod(name, result, index, addresses, &check, in: &socket)
        }
        try checkHost(call, addresses, inside, &check)
        try check.finish("attachment \(call.request.attachment)")
        try checkCapabilities(call)
    }

    private static func checkPod(
        _ name: String, _ result: CNIResult, _ index: Int, _ addresses: [CNIResult.IP], _ check: inout InterfaceCheck,
        in socket: inout RouteSocket
    ) throws(CNIError) -> Link? {
        let found = try kernel { () throws(NetlinkError) in try socket.link(named: name) }
        guard let link = found, link.kind == "veth" else {
            check.expect(false, "veth \(name) in the pod", found: found?.shape ?? "no link of that name")
            return nil
        }
        check.compare(link, with: result.interfaces[index])
        check.expect(link.isUp, "\(name) up", found: "down")
        try check.compare(link, addresses: addresses, routes: result.routes, in: &socket)
        let expected = result.interfaces.first { !$0.isInContainer && $0.name.hasPrefix(linkPrefix) }?.macAddress
        for ip in addresses {
            guard let gateway = ip.gateway else { continue }
            try compareNeighbour(gateway, at: expected, on: link, &check, in: &socket)
        }
        return link
    }

    private static func checkHost(
        _ call: PluginCall, _ addresses: [CNIResult.IP], _ inside: Link?, _ check: inout InterfaceCheck
    ) throws(CNIError) {
        var socket = try kernel { () throws(NetlinkError) in try RouteSocket() }
        let mark = OwnershipMark(call)
        guard case .present(let host) = try VethPair.find(mark, prefix: linkPrefix, in: &socket) else {
            return check.expect(
                false, "\(mark.linkName(linkPrefix)), the host's end of the pod's link", found: "no such link")
        }
        check.expect(
            inside == nil || host.link == inside?.index, "\(host.name) paired with the pod's link",
            found: "its peer is link \(host.link?.description ?? "none")")
        check.expect(host.isUp, "\(host.name) up", found: "down")
        for ip in addresses {
            let route = try kernel { () throws(NetlinkError) in try socket.route(to: ip.address.address) }
            check.expect(
                route?.interface == host.index, "route to \(ip.address.address) on \(host.name)",
                found: route?.interface.map { "it goes to link \($0)" } ?? "no route")
            try compareNeighbour(ip.address.address, at: inside?.mac, on: host, &check, in: &socket)
        }
    }

    /// Whether `address` is noted for ever at `mac` (any, when nil) on this link.
    private static func compareNeighbour(
        _ address: IPAddress, at mac: MACAddress?, on link: Link, _ check: inout InterfaceCheck,
        in socket: inout RouteSocket
    ) throws(CNIError) {
        let all = try kernel { () throws(NetlinkError) in
            try socket.neighbours(address.family, on: link.index)
        }
        let entry = all.first { $0.address == address }
        let isRight = entry?.state.contains(.permanent) == true && (mac == nil || entry?.mac == mac)
        check.expect(
            isRight, "neighbour \(address) on \(link.name)" + (mac.map { " at \($0), permanent" } ?? ", permanent"),
            found: entry.map { "\($0.mac?.description ?? "no MAC"), state \($0.state.rawValue)" } ?? "no entry")
    }
}
