import Addressing
import CNI
import LinuxHost
import Netlink
import SystemCalls

/// Connects a container to a bridge of the host by a pair of links, and, when it is the gateway, the bridge to the
/// rest of the world.
///
/// Everything it makes for a container can be found again without the container: the host's link by a computed name
/// and its alias, elements of nf_tables by their comment, addresses by the address manager's own record.
public enum Bridge: Plugin {
    public static let name = "bridge"

    // MARK: ADD

    public static func add(_ call: PluginCall) throws(CNIError) -> CNIResult {
        let configuration = try BridgeConfiguration(call)
        if !configuration.hasAddresses { try call.configuration.checkCanAnswerWithoutAddresses() }
        let container = try call.networkNamespace()
        return try Undo.guarding { (undo) throws(CNIError) -> CNIResult in
            try attach(call, configuration, container, &undo)
        }
    }

    private static func attach(
        _ call: PluginCall, _ configuration: BridgeConfiguration, _ container: borrowing NetworkNamespace,
        _ undo: inout Undo
    ) throws(CNIError) -> CNIResult {
        var socket = try kernel { () throws(NetlinkError) in try RouteSocket() }
        let mark = OwnershipMark(call)
        let (bridge, pair) = try makeLinks(call, configuration, mark, container, &socket, &undo)

        var result = CNIResult()
        if let ipam = try IPAMDelegate(call) {
            result = try ipam.add()
            undo.push("release the addresses") { () throws(CNIError) in try ipam.delete() }
        }
        let gateways = complete(&result, configuration)
        try checkGateways(result, gateways)

        var inside = ContainerInterface(name: call.request.interfaceName, index: pair.containerIndex)
        inside.addresses = result.ips
        inside.routes = result.routes
        inside.detectsDuplicates = configuration.detectsDuplicates
        let containerLink = try container.withSocket { (socket) throws(CNIError) -> Link in
            if configuration.keepsInterfaceDown {
                let link = try kernel { () throws(NetlinkError) in try socket.link(at: pair.containerIndex) }
                guard let link else { throw CNIError(.kernelRefused, "\(inside.name) vanished") }
                return link
            }
            return try inside.apply(in: &socket)
        }
        result.interfaces = [
            CNIResult.Interface(name: bridge.link.name, mac: bridge.link.mac, mtu: bridge.link.mtu),
            CNIResult.Interface(name: pair.host.name, mac: pair.host.mac, mtu: pair.host.mtu),
            CNIResult.Interface(
                name: containerLink.name, mac: containerLink.mac, mtu: containerLink.mtu,
                sandbox: call.request.networkNamespace),
        ]
        if configuration.isGateway {
            try makeGateway(call, configuration, bridge, gateways, &result, &socket)
        }
        try filter(call, configuration, result, pair.host.name, containerLink.mac, &undo)
        if !configuration.keepsInterfaceDown { try Settling.waitUntilUp(pair.host, in: &socket) }
        if !configuration.dns.isEmpty { result.dns = configuration.dns }
        return result
    }

    /// The bridge and the pair. Between finding the bridge and attaching to it, a failed ADD elsewhere may remove a
    /// bridge that it made and that has no port; then it is made again.
    private static func makeLinks(
        _ call: PluginCall, _ configuration: BridgeConfiguration, _ mark: OwnershipMark,
        _ container: borrowing NetworkNamespace, _ socket: inout RouteSocket, _ undo: inout Undo
    ) throws(CNIError) -> (BridgeDevice, VethPair) {
        var attempt = 0
        while true {
            attempt += 1
            let firstName = mark.linkName(VethPair.prefix)
            let known = try kernel { () throws(NetlinkError) in
                try socket.links(named: [configuration.bridgeName, firstName])
            }
            let place: VethPair.Place
            if let first = VethPair.place(mark, firstName, known[1]) {
                place = first
            } else {
                place = try VethPair.find(mark, in: &socket)
            }
            guard case .absent(let hostName) = place else {
                if case .present(let link) = place { throw alreadyAttached(link, call) }
                continue
            }
            var bridge = try BridgeDevice.ensure(configuration, known: known[0], in: &socket)
            if bridge.isNew { undoBridge(bridge.link, &undo) }
            var plan = VethPair.Plan(mark: mark, interfaceName: call.request.interfaceName)
            plan.mtu = configuration.mtu
            plan.mac = configuration.mac
            plan.bridge = bridge.link.index
            plan.port.hairpin = configuration.hairpin ? true : nil
            plan.port.isolated = configuration.isolatesPort ? true : nil
            do throws(CNIError) {
                let pair = try VethPair.make(plan, hostName: hostName, in: &socket, container: container)
                undo.push("delete link \(hostName)") { () throws(CNIError) in
                    var socket = try kernel { () throws(NetlinkError) in try RouteSocket() }
                    try VethPair.remove(mark, in: &socket)
                }
                if let link = pair.bridge { bridge.link = link }
                try BridgeVLANGateway.configure(pair.host, configuration.vlans, in: &socket)
                return (bridge, pair)
            } catch {
                let isGone = try kernel { () throws(NetlinkError) in try socket.link(at: bridge.link.index) } == nil
                if !isGone || attempt == 4 { throw explain(error, bridge.link, &socket) }
            }
        }
    }

    private static func undoBridge(_ bridge: Link, _ undo: inout Undo) {
        undo.push("remove bridge \(bridge.name)") { () throws(CNIError) in
            var socket = try kernel { () throws(NetlinkError) in try RouteSocket() }
            try BridgeDevice.removeIfUnused(bridge.name, bridge.index, in: &socket)
        }
    }

    private static func alreadyAttached(_ link: Link, _ call: PluginCall) -> CNIError {
        CNIError(
            .alreadyTaken,
            "container \(call.request.containerID) is already attached to network \(call.configuration.name) as "
                + call.request.interfaceName,
            details: "its host end is \(link.name) (link \(link.index), alias \(link.alias ?? "none")); "
                + "call DEL before another ADD")
    }

    /// A full bridge answers EXFULL, which says nothing to most people.
    private static func explain(_ error: CNIError, _ bridge: Link, _ socket: inout RouteSocket) -> CNIError {
        guard error.message.contains("EXFULL"),
            let ports = try? socket.links(master: bridge.index)
        else { return error }
        return error.adding("bridge \(bridge.name) has \(ports.count) ports; the kernel allows 1023 (BR_MAX_PORTS)")
    }

    /// Fills in what follows from the configuration: the interface of addresses, gateways, the default route.
    ///
    /// - Returns: the gateways' addresses for the bridge.
    static func complete(_ result: inout CNIResult, _ configuration: BridgeConfiguration) -> [InterfaceAddress] {
        var gateways: [InterfaceAddress] = []
        for index in result.ips.indices {
            result.ips[index].interface = 2
            guard configuration.isGateway else { continue }
            let address = result.ips[index].address
            // The first address of the subnet, unless the address manager says otherwise.
            let gateway = result.ips[index].gateway ?? address.prefix.network.advanced(by: 1)
            result.ips[index].gateway = gateway
            guard let gateway, let own = InterfaceAddress(address: gateway, prefixLength: address.prefixLength) else {
                continue
            }
            if !gateways.contains(own) { gateways.append(own) }
            let isMissing = !result.routes.contains {
                $0.isDefault && $0.destination.family == address.family && $0.gateway != nil
            }
            if configuration.isDefaultGateway && isMissing {
                let everywhere = IPPrefix(containing: IPAddress(number: 0, family: address.family), length: 0)
                result.routes.append(CNIResult.Route(destination: everywhere, gateway: gateway))
            }
        }
        return gateways
    }

    /// The bridge and a pod cannot have the same address.
    private static func checkGateways(_ result: CNIResult, _ gateways: [InterfaceAddress]) throws(CNIError) {
        for ip in result.ips where gateways.contains(where: { $0.address == ip.address.address }) {
            throw CNIError(
                .invalidConfiguration, "\(ip.address.address) is the gateway's address and cannot be the container's",
                details: "isGateway gives the bridge \(ip.address.address), because ipam names no other gateway")
        }
    }

    private static func makeGateway(
        _ call: PluginCall, _ configuration: BridgeConfiguration, _ bridge: BridgeDevice,
        _ gateways: [InterfaceAddress], _ result: inout CNIResult, _ socket: inout RouteSocket
    ) throws(CNIError) {
        if let vlan = configuration.vlans.access {
            let link = try BridgeVLANGateway.ensure(bridge.link, vlan, configuration.vlans, in: &socket)
            result.interfaces.append(CNIResult.Interface(name: link.name, mac: link.mac, mtu: link.mtu))
            _ = try BridgeDevice.ensureGateways(
                gateways, on: link, keeping: link.mac, isNew: false, replaces: configuration.replacesAddress,
                in: &socket)
        } else {
            // A bridge that has lost its last port has no address but zeros; then the new port's is kept.
            let mac = bridge.ownAddress.flatMap { $0.rawValue == 0 ? nil : $0 } ?? bridge.link.mac
            let isPinned = try BridgeDevice.ensureGateways(
                gateways, on: bridge.link, keeping: mac, isNew: bridge.isNew,
                replaces: configuration.replacesAddress, in: &socket)
            if isPinned { result.interfaces[0].mac = mac?.description }
        }
        try Forwarding.enable(for: result.ips)
    }

    /// Masquerading and the check of source addresses.
    private static func filter(
        _ call: PluginCall, _ configuration: BridgeConfiguration, _ result: CNIResult, _ hostName: String,
        _ mac: MACAddress?, _ undo: inout Undo
    ) throws(CNIError) {
        let owner = Packetfilter.Owner(network: call.configuration.name, attachment: call.request.attachment)
        if configuration.masquerades && !result.ips.isEmpty {
            let addresses = result.ips.map(\.address)
            undo.push("remove masquerading") { () throws(CNIError) in
                try Masquerade.remove(owner, addresses: addresses.map(\.address))
            }
            for line in try Masquerade.add(owner, addresses: addresses) { call.report(line) }
        }
        if configuration.checksSource, let mac {
            undo.push("remove the check of source addresses") { () throws(CNIError) in
                try MACSpoofing.remove(owner, link: (hostName, mac))
            }
            for line in try MACSpoofing.add(owner, link: hostName, address: mac) { call.report(line) }
        }
    }

    // MARK: DEL

    public static func delete(_ call: PluginCall) throws(CNIError) {
        try AttachmentRemoval.run(
            call, masquerades: (try? call.configuration.reader.bool("ipMasq", default: false)) ?? true,
            checksSource: (try? call.configuration.reader.bool("macspoofchk", default: false)) ?? true)
    }

    // MARK: GC

    public static func collectGarbage(_ call: PluginCall, validAttachments: [CNIAttachment]) throws(CNIError) {
        try AttachmentRemoval.collectGarbage(
            call, valid: validAttachments,
            masquerades: (try? call.configuration.reader.bool("ipMasq", default: false)) ?? true,
            checksSource: (try? call.configuration.reader.bool("macspoofchk", default: false)) ?? true)
    }

    // MARK: STATUS

    public static func status(_ call: PluginCall) throws(CNIError) {
        let configuration = try BridgeConfiguration(call)
        var socket = try kernel { () throws(NetlinkError) in try RouteSocket() }
        try Readiness.checkPrivileges(&socket)
        let link = try kernel { () throws(NetlinkError) in try socket.link(named: configuration.bridgeName) }
        if let link, link.kind != "bridge" {
            let error = BridgeDevice.notABridge(link)
            throw CNIError(.notAvailable, error.message, details: error.details)
        }
        if configuration.isGateway { try Readiness.checkForwarding(limitsExisting: link != nil) }
        try IPAMDelegate(call)?.status()
    }
}
