import Addressing
import CNI
import LinuxHost
import Netlink
import SystemCalls

/// Connects a container to the host by a pair of links without a bridge: the host routes to each container, and each
/// container reaches everything, its own subnet included, by way of the host.
public enum PointToPoint: Plugin {
    public static let name = "ptp"

    /// The plugin's part of a configuration, with the reference's keys.
    struct Configuration {
        /// `ipMasq`.
        var masquerades: Bool
        /// `mtu`, bytes; nil (0) leaves it to the kernel.
        var mtu: Int?
        var dns: CNIResult.DNS

        init(_ call: PluginCall) throws(CNIError) {
            let reader = call.configuration.reader
            masquerades = try BridgeConfiguration.masquerade(reader)
            mtu = try BridgeConfiguration.mtu(reader)
            dns = try CNIResult.DNS(try reader.object("dns"))
        }
    }

    // MARK: ADD

    public static func add(_ call: PluginCall) throws(CNIError) -> CNIResult {
        let configuration = try Configuration(call)
        guard let ipam = try IPAMDelegate(call) else {
            throw call.configuration.reader.invalid(
                "ipam", "is required: ptp routes to addresses, and without them there is nothing to route to")
        }
        let container = try call.networkNamespace()
        return try Undo.guarding { (undo) throws(CNIError) -> CNIResult in
            try attach(call, configuration, ipam, container, &undo)
        }
    }

    private static func attach(
        _ call: PluginCall, _ configuration: Configuration, _ ipam: IPAMDelegate,
        _ container: borrowing NetworkNamespace, _ undo: inout Undo
    ) throws(CNIError) -> CNIResult {
        var socket = try kernel { () throws(NetlinkError) in try RouteSocket() }
        let mark = OwnershipMark(call)
        guard case .absent(let hostName) = try VethPair.find(mark, in: &socket) else {
            throw CNIError(
                .alreadyTaken,
                "container \(call.request.containerID) is already attached to network \(call.configuration.name) as "
                    + call.request.interfaceName,
                details: "its host end is \(mark.linkName(VethPair.prefix)); call DEL before another ADD")
        }
        var plan = VethPair.Plan(mark: mark, interfaceName: call.request.interfaceName)
        plan.mtu = configuration.mtu
        let pair = try VethPair.make(plan, hostName: hostName, in: &socket, container: container)
        undo.push("delete link \(hostName)") { () throws(CNIError) in
            var socket = try kernel { () throws(NetlinkError) in try RouteSocket() }
            try VethPair.remove(mark, in: &socket)
        }

        var result = try ipam.add()
        undo.push("release the addresses") { () throws(CNIError) in try ipam.delete() }
        for index in result.ips.indices {
            result.ips[index].interface = 1
            if result.ips[index].gateway == nil { throw withoutGateway(result.ips[index].address, ipam) }
        }
        try Sysctl.set(pair.host.name, "ipv6", "accept_ra", "0")
        try configureHost(pair.host, result.ips, in: &socket)

        var inside = ContainerInterface(name: call.request.interfaceName, index: pair.containerIndex)
        inside.addresses = result.ips
        inside.routes = result.routes
        inside.subnets = .behindGateway
        let link = try container.withSocket { (socket) throws(CNIError) -> Link in try inside.apply(in: &socket) }
        try Forwarding.enable(for: result.ips)

        if configuration.masquerades {
            let owner = Packetfilter.Owner(network: call.configuration.name, attachment: call.request.attachment)
            let addresses = result.ips.map(\.address)
            undo.push("remove masquerading") { () throws(CNIError) in
                try Masquerade.remove(owner, addresses: addresses.map(\.address))
            }
            for line in try Masquerade.add(owner, addresses: addresses) { call.report(line) }
        }
        result.interfaces = [
            CNIResult.Interface(name: pair.host.name, mac: pair.host.mac, mtu: pair.host.mtu),
            CNIResult.Interface(
                name: link.name, mac: link.mac, mtu: link.mtu, sandbox: call.request.networkNamespace),
        ]
        if !configuration.dns.isEmpty { result.dns = configuration.dns }
        return result
    }

    private static func withoutGateway(_ address: InterfaceAddress, _ ipam: IPAMDelegate) -> CNIError {
        CNIError(
            .invalidConfiguration, "ipam \(ipam.type) gives no gateway for \(address)",
            details: "ptp puts the gateway's address on the host's end of the link; name one in ipam")
    }

    /// The gateway's address on the host's end, and a route to each address of the container.
    private static func configureHost(
        _ host: Link, _ addresses: [CNIResult.IP], in socket: inout RouteSocket
    ) throws(CNIError) {
        var batch = RequestBatch()
        var gateways: [IPAddress] = []
        for ip in addresses {
            guard let gateway = ip.gateway else { continue }
            if !gateways.contains(gateway) {
                gateways.append(gateway)
                batch.add(
                    LinkAddress(
                        InterfaceAddress(host: gateway), on: host.index,
                        flags: gateway.family == .v6 ? .noDAD : []))
            }
        }
        for ip in addresses {
            batch.add(
                Route(
                    to: IPPrefix(containing: ip.address.address, length: ip.address.family.bitWidth),
                    on: host.index, scope: RouteScope.host))
        }
        do throws(NetlinkError) {
            try socket.commit(&batch)
        } catch {
            throw explain(error, host)
        }
    }

    /// A route to the address that is there already belongs to another container.
    private static func explain(_ error: NetlinkError, _ host: Link) -> CNIError {
        guard error.errno == .EEXIST, error.request.hasPrefix("RTM_NEWROUTE") else {
            return CNIError(error, during: "cannot configure the host's end \(host.name)")
        }
        return CNIError(
            .alreadyTaken, "the host has a route to the container's address already: \(error.request)",
            details: "another container or link uses this address; `ip route` shows which")
    }

    // MARK: CHECK

    public static func check(_ call: PluginCall) throws(CNIError) {
        let configuration = try Configuration(call)
        let result = try call.configuration.requiredPreviousResult()
        try IPAMDelegate(call)?.check()
        let name = call.request.interfaceName
        guard let index = result.interfaceIndex(named: name, inContainer: true) else {
            throw CNIError(.unusablePreviousResult, "prevResult has no interface \(name) in a container")
        }
        let addresses = result.ips(ofInterface: index)
        var check = InterfaceCheck()
        let link = try call.networkNamespace().withSocket { (socket) throws(CNIError) -> Link? in
            let found = try kernel { () throws(NetlinkError) in try socket.link(named: name) }
            guard let link = found, link.kind == "veth" else {
                check.expect(false, "veth \(name) in the container", found: found?.shape ?? "no link of that name")
                return nil
            }
            check.compare(link, with: result.interfaces[index])
            check.expect(link.isUp, "\(name) up", found: "down")
            try check.compare(link, addresses: addresses, routes: result.routes, in: &socket)
            return link
        }
        try checkHost(result, addresses, link, &check)
        try check.finish("attachment \(call.request.attachment)")
        if configuration.masquerades && !addresses.isEmpty {
            let owner = Packetfilter.Owner(network: call.configuration.name, attachment: call.request.attachment)
            for line in try Masquerade.check(owner, addresses: addresses.map(\.address)) { call.report(line) }
        }
    }

    private static func checkHost(
        _ result: CNIResult, _ addresses: [CNIResult.IP], _ inside: Link?, _ check: inout InterfaceCheck
    ) throws(CNIError) {
        var socket = try kernel { () throws(NetlinkError) in try RouteSocket() }
        let expected = result.interfaces.filter { !$0.isInContainer }
        let links = try kernel { () throws(NetlinkError) in try socket.links(named: expected.map(\.name)) }
        guard let host = links.compactMap({ $0 }).first(where: { inside == nil || $0.index == inside?.link }) else {
            return check.expect(
                false, "\(expected.first?.name ?? "the host's end"), peer of the container's link",
                found: "no such link on the host")
        }
        if let same = expected.first(where: { $0.name == host.name }) { check.compare(host, with: same) }
        check.expect(host.isUp, "\(host.name) up", found: "down")
        let present = try kernel { () throws(NetlinkError) in try socket.addresses(on: host.index) }
        for ip in addresses {
            if let gateway = ip.gateway {
                check.expect(
                    present.contains { $0.address.address == gateway }, "gateway \(gateway) on \(host.name)",
                    found: present.isEmpty ? "no address" : present.map(\.address.description).joined(separator: ", "))
            }
            let route = try kernel { () throws(NetlinkError) in try socket.route(to: ip.address.address) }
            check.expect(
                route?.interface == host.index, "route to \(ip.address.address) on \(host.name)",
                found: route?.interface.map { "it goes to link \($0)" } ?? "no route")
        }
    }

    // MARK: DEL, GC, STATUS

    public static func delete(_ call: PluginCall) throws(CNIError) {
        try AttachmentRemoval.run(call, masquerades: masquerades(call), checksSource: false)
    }

    public static func collectGarbage(_ call: PluginCall, validAttachments: [CNIAttachment]) throws(CNIError) {
        try AttachmentRemoval.collectGarbage(
            call, valid: validAttachments, masquerades: masquerades(call), checksSource: false)
    }

    public static func status(_ call: PluginCall) throws(CNIError) {
        _ = try Configuration(call)
        var socket = try kernel { () throws(NetlinkError) in try RouteSocket() }
        try Readiness.checkPrivileges(&socket)
        try Readiness.checkForwarding(limitsExisting: false)
        try IPAMDelegate(call)?.status()
    }

    /// DEL and GC get on with a configuration that is wrong elsewhere.
    private static func masquerades(_ call: PluginCall) -> Bool {
        (try? call.configuration.reader.bool("ipMasq", default: false)) ?? true
    }
}
