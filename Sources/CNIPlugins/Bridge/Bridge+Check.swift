import Addressing
import CNI
import LinuxHost
import Netlink
import SystemCalls

extension Bridge {
    /// Looks at everything ADD made. Rules of nf_tables that are missing are put back and reported: something else
    /// flushes them (a reload of firewalld), and the container itself is as it should be.
    public static func check(_ call: PluginCall) throws(CNIError) {
        let configuration = try BridgeConfiguration(call)
        let result = try call.configuration.requiredPreviousResult()
        try IPAMDelegate(call)?.check()
        guard let inside = result.interfaceIndex(named: call.request.interfaceName, inContainer: true) else {
            throw CNIError(
                .unusablePreviousResult, "prevResult has no interface \(call.request.interfaceName) in a container")
        }
        let container = try call.networkNamespace()
        var check = InterfaceCheck()
        var socket = try kernel { () throws(NetlinkError) in try RouteSocket() }

        let bridge = try checkBridge(configuration, result, &check, &socket)
        let link = try container.withSocket { (socket) throws(CNIError) -> Link? in
            try checkContainer(call, configuration, result, inside, &check, &socket)
        }
        let host = try checkPort(call, configuration, result, bridge, link, &check, &socket)
        try check.finish("attachment \(call.request.attachment) to bridge \(configuration.bridgeName)")

        let owner = Packetfilter.Owner(network: call.configuration.name, attachment: call.request.attachment)
        let addresses = result.ips(ofInterface: inside).map(\.address)
        if configuration.masquerades && !addresses.isEmpty {
            for line in try Masquerade.check(owner, addresses: addresses) { call.report(line) }
        }
        if configuration.checksSource, let host, let mac = link?.mac {
            for line in try MACSpoofing.check(owner, link: host.name, address: mac) { call.report(line) }
        }
    }

    private static func checkBridge(
        _ configuration: BridgeConfiguration, _ result: CNIResult, _ check: inout InterfaceCheck,
        _ socket: inout RouteSocket
    ) throws(CNIError) -> Link? {
        let name = configuration.bridgeName
        let found = try kernel { () throws(NetlinkError) in try socket.link(named: name) }
        guard let bridge = found, bridge.kind == "bridge" else {
            check.expect(false, "bridge \(name)", found: found?.shape ?? "no link of that name")
            return nil
        }
        check.expect(bridge.isUp, "bridge \(name) up", found: "down")
        if let expected = result.interfaces.first(where: { $0.name == name && !$0.isInContainer }) {
            check.compare(bridge, with: CNIResult.Interface(name: name, mac: expected.macAddress))
        }
        if configuration.promiscuous {
            check.expect(
                bridge.promiscuity > 0, "bridge \(name) in promiscuous mode", found: "promiscuity \(bridge.promiscuity)"
            )
        }
        if configuration.isGateway { try checkGateways(configuration, result, bridge, &check, &socket) }
        return bridge
    }

    private static func checkGateways(
        _ configuration: BridgeConfiguration, _ result: CNIResult, _ bridge: Link, _ check: inout InterfaceCheck,
        _ socket: inout RouteSocket
    ) throws(CNIError) {
        var link = bridge
        if let vlan = configuration.vlans.access {
            let name = BridgeVLANGateway.name(bridge.name, vlan)
            let found = try kernel { () throws(NetlinkError) in try socket.link(named: name) }
            guard let found else { return check.expect(false, "link \(name)", found: "no link of that name") }
            link = found
        }
        let present = try kernel { () throws(NetlinkError) in try socket.addresses(on: link.index) }
        for ip in result.ips {
            guard let gateway = ip.gateway else { continue }
            check.expect(
                present.contains { $0.address.address == gateway }, "gateway \(gateway) on \(link.name)",
                found: present.isEmpty ? "no address" : present.map(\.address.description).joined(separator: ", "))
        }
    }

    private static func checkContainer(
        _ call: PluginCall, _ configuration: BridgeConfiguration, _ result: CNIResult, _ index: Int,
        _ check: inout InterfaceCheck, _ socket: inout RouteSocket
    ) throws(CNIError) -> Link? {
        let name = call.request.interfaceName
        let found = try kernel { () throws(NetlinkError) in try socket.link(named: name) }
        guard let link = found, link.kind == "veth" else {
            check.expect(false, "veth \(name) in the container", found: found?.shape ?? "no link of that name")
            return nil
        }
        check.compare(link, with: result.interfaces[index])
        if !configuration.keepsInterfaceDown { check.expect(link.isUp, "\(name) up", found: "down") }
        try check.compare(link, addresses: result.ips(ofInterface: index), routes: result.routes, in: &socket)
        return link
    }

    private static func checkPort(
        _ call: PluginCall, _ configuration: BridgeConfiguration, _ result: CNIResult, _ bridge: Link?,
        _ inside: Link?, _ check: inout InterfaceCheck, _ socket: inout RouteSocket
    ) throws(CNIError) -> Link? {
        // By the result, and so also for containers that another implementation attached.
        let names = result.interfaces.filter { !$0.isInContainer && $0.name != configuration.bridgeName }.map(\.name)
        let candidates = try kernel { () throws(NetlinkError) in try socket.links(named: names) }
        guard let host = candidates.compactMap({ $0 }).first(where: { $0.index == inside?.link }) else {
            if inside != nil {
                check.expect(
                    false, "\(names.first ?? "the host's end"), peer of \(call.request.interfaceName)",
                    found: "no such link on the host")
            }
            return nil
        }
        if let expected = result.interfaces.first(where: { $0.name == host.name && !$0.isInContainer }) {
            check.compare(host, with: expected)
        }
        if let bridge {
            check.expect(
                host.master == bridge.index, "\(host.name), port of \(bridge.name)",
                found: host.master.map { "port of link \($0)" } ?? "port of no bridge")
        }
        check.expect(host.isUp, "\(host.name) up", found: "down")
        let port = host.port ?? BridgePort()
        if configuration.hairpin {
            check.expect(port.hairpin == true, "hairpin mode on \(host.name)", found: "off")
        }
        if configuration.isolatesPort {
            check.expect(port.isolated == true, "port isolation on \(host.name)", found: "off")
        }
        if configuration.vlans.needsFiltering {
            let all = try kernel { () throws(NetlinkError) in try socket.bridgeVLANs() }
            let vlans = all.first { $0.link == host.index }?.vlans ?? []
            check.expect(
                configuration.vlans.isSatisfied(by: vlans),
                "VLANs \(configuration.vlans.memberships.map(\.text).joined(separator: ", ")) on \(host.name)",
                found: vlans.isEmpty ? "none" : vlans.map(\.text).joined(separator: ", "))
        }
        return host
    }
}

extension BridgeVLAN {
    /// `5`, `5 PVID untagged`, `100-200`.
    fileprivate var text: String {
        var text = first == last ? "\(first)" : "\(first)-\(last)"
        if isPortVLAN { text += " PVID" }
        if isUntagged { text += " untagged" }
        return text
    }
}
