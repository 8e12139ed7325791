import Addressing
import AgentProtocol
import CLinux
import CNI
import LinuxHost
import Netlink
import SystemCalls

/// The plugin of a Poplin cluster: one pair of links for each pod and no bridge. The pod has its addresses alone
/// (/32, /128) and a link-local gateway that is nobody's: a permanent neighbour entry says that it is behind the
/// host's end, whose MAC address is the same on every pod's link. The host has a route and a neighbour entry for each
/// address of the pod, so that nobody ever asks for anybody (no ARP, no neighbour discovery).
///
/// Addresses and MTU come from the node's agent over its socket (``AgentClient``). Without an agent (`ipam`, or
/// `subnetFile` as flannel's daemon writes it) they come from an address manager in this process.
public enum Cluster: Plugin {
    public static let name = "poplin"
    /// What the names of host ends begin with.
    static let linkPrefix = "pop"

    // MARK: ADD

    public static func add(_ call: PluginCall) throws(CNIError) -> CNIResult {
        let configuration = try ClusterConfiguration(call)
        let source = try configuration.source(call)
        let container = try call.networkNamespace()
        return try Undo.guarding { (undo) throws(CNIError) -> CNIResult in
            try attach(call, configuration, source, container, &undo)
        }
    }

    private static func attach(
        _ call: PluginCall, _ configuration: ClusterConfiguration, _ source: PodAddressSource,
        _ container: borrowing NetworkNamespace, _ undo: inout Undo
    ) throws(CNIError) -> CNIResult {
        var socket = try kernel { () throws(NetlinkError) in try RouteSocket() }
        let mark = OwnershipMark(call)
        guard case .absent(let hostName) = try place(of: mark, configuration, in: &socket) else {
            throw CNIError(
                .alreadyTaken,
                "container \(call.request.containerID) is already attached to network \(call.configuration.name) as "
                    + call.request.interfaceName,
                details: "its host end is \(mark.linkName(linkPrefix)); call DEL before another ADD")
        }
        let addresses = try source.add(hostInterface: hostName)
        undo.push("release the addresses") { () throws(CNIError) in try source.release() }
        var wiring = PodWiring(
            mark: mark, interfaceName: call.request.interfaceName, addresses: addresses.ips,
            hostMAC: addresses.hostMAC, mtu: configuration.mtu ?? addresses.mtu, mac: configuration.mac)
        wiring.nodeAddresses = addresses.nodeAddresses
        let turn = KernelTurn.wait()
        let pair = try wiring.makePair(hostName, container, in: &socket)
        undo.push("delete link \(hostName)") { () throws(CNIError) in
            var socket = try kernel { () throws(NetlinkError) in try RouteSocket() }
            try VethPair.remove(mark, prefix: linkPrefix, in: &socket)
        }
        let routes = wiring.defaultRoutes + addresses.routes.filter { !$0.isDefault }
        let inside = try wiring.configureContainer(pair, container, routes)
        try wiring.configureHost(pair, inside, in: &socket)
        turn.end()
        try Forwarding.enable(for: addresses.ips)
        if configuration.masquerades ?? addresses.masquerades {
            let owner = Packetfilter.Owner(network: call.configuration.name, attachment: call.request.attachment)
            undo.push("remove masquerading") { () throws(CNIError) in
                try Masquerade.remove(owner, addresses: addresses.ips.map(\.address.address))
            }
            for line in try Masquerade.add(owner, addresses: addresses.inSubnets) { call.report(line) }
        }
        var result = CNIResult(ips: addresses.ips, routes: routes, dns: addresses.dns)
        for index in result.ips.indices { result.ips[index].interface = 1 }
        result.interfaces = [
            CNIResult.Interface(name: hostName, mac: addresses.hostMAC, mtu: pair.host.mtu),
            CNIResult.Interface(
                name: inside.name, mac: inside.mac, mtu: inside.mtu, sandbox: call.request.networkNamespace),
        ]
        if !configuration.dns.isEmpty { result.dns = configuration.dns }
        return try addCapabilities(call, result, &undo)
    }

    /// Where the host's end of the attachment is. One that an agent has just taken over is on its way out: a moment is
    /// waited for it.
    private static func place(
        of mark: OwnershipMark, _ configuration: ClusterConfiguration, in socket: inout RouteSocket
    ) throws(CNIError) -> VethPair.Place {
        let deadline = Deadline(milliseconds: configuration.usesAgent ? 500 : 0)
        while true {
            let place = try VethPair.find(mark, prefix: linkPrefix, in: &socket)
            guard case .present = place, deadline.remaining != nil else { return place }
            var pause = timespec(tv_sec: 0, tv_nsec: 10_000_000)
            nanosleep(&pause, nil)
        }
    }

    // MARK: DEL, GC, STATUS

    /// The link before the addresses: an address must not be given to the next pod while this one still answers for it.
    ///
    /// The agent does both, because it removes the links and the host ports of a burst together: waiting for the kernel is
    /// nearly all that a DEL costs. It takes the link over, and gives the address to nobody before the link is gone. What
    /// it does not take, this process removes.
    public static func delete(_ call: PluginCall) throws(CNIError) {
        var errors: [CNIError] = []
        func attempt(_ step: () throws(CNIError) -> Void) {
            do throws(CNIError) { try step() } catch { errors.append(error) }
        }
        let mark = OwnershipMark(call)
        var configuration: ClusterConfiguration?
        var isTaken = false
        attempt { () throws(CNIError) in
            let read = try ClusterConfiguration(forRemoval: call)
            configuration = read
            if !read.usesAgent { return }
            isTaken = try read.source(forRemoval: call).releaseIfReachable(hostInterface: mark.linkName(linkPrefix))
        }
        if !isTaken { deleteCapabilities(call, attempt) }
        attempt { () throws(CNIError) in
            if isTaken { return }
            var socket = try kernel { () throws(NetlinkError) in try RouteSocket() }
            try VethPair.remove(mark, prefix: linkPrefix, in: &socket)
        }
        if let configuration, !configuration.usesAgent {
            attempt { () throws(CNIError) in
                let owner = Packetfilter.Owner(network: call.configuration.name, attachment: call.request.attachment)
                let previous = call.configuration.readablePreviousResult
                try Masquerade.remove(owner, addresses: previous?.ips.map(\.address.address))
            }
            attempt { () throws(CNIError) in
                try configuration.source(forRemoval: call).releaseIfReachable()
            }
        }
        if let error = CNIError.joining(errors) { throw error }
    }

    public static func collectGarbage(_ call: PluginCall, validAttachments: [CNIAttachment]) throws(CNIError) {
        var errors: [CNIError] = []
        func attempt(_ step: () throws(CNIError) -> Void) {
            do throws(CNIError) { try step() } catch { errors.append(error) }
        }
        let network = call.configuration.name
        collectGarbageOfCapabilities(call, validAttachments, attempt)
        attempt { () throws(CNIError) in
            try AttachmentRemoval.removeStaleLinks(network, validAttachments, kind: "veth")
        }
        attempt { () throws(CNIError) in
            if try ClusterConfiguration(forRemoval: call).usesAgent { return }
            try Masquerade.collectGarbage(network: network, valid: validAttachments)
        }
        attempt { () throws(CNIError) in
            try ClusterConfiguration(forRemoval: call).source(forRemoval: call)
                .collectGarbage(validAttachments: validAttachments)
        }
        if let error = CNIError.joining(errors) { throw error }
    }

    public static func status(_ call: PluginCall) throws(CNIError) {
        let configuration = try ClusterConfiguration(call)
        var socket = try kernel { () throws(NetlinkError) in try RouteSocket() }
        try Readiness.checkPrivileges(&socket)
        try Readiness.checkForwarding(limitsExisting: true)
        try statusOfCapabilities(call)
        let source: PodAddressSource
        do throws(CNIError) {
            source = try configuration.source(call)
        } catch {
            // What an ADD would be told to try again is, to STATUS, not available.
            throw error.code == .tryAgainLater
                ? CNIError(.notAvailable, error.message, details: error.details) : error
        }
        try source.status()
    }
}
