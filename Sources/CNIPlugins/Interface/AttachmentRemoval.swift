import Addressing
import CNI
import LinuxHost
import Netlink
import SystemCalls

/// DEL and GC of the plugins that make a pair of links (bridge, ptp): rules, link, addresses, going on through errors.
/// Everything is found by network, container and interface, so the container's namespace may be gone.
enum AttachmentRemoval {
    static func run(_ call: PluginCall, masquerades: Bool, checksSource: Bool) throws(CNIError) {
        var errors: [CNIError] = []
        func attempt(_ step: () throws(CNIError) -> Void) {
            do throws(CNIError) { try step() } catch { errors.append(error) }
        }
        let owner = Packetfilter.Owner(network: call.configuration.name, attachment: call.request.attachment)
        let previous = call.configuration.readablePreviousResult
        // The link before the addresses: an address must not be given to the next container while this one still
        // answers for it.
        func removeLinksAndAddresses() {
            attempt { () throws(CNIError) in try removeLinks(call) }
            attempt { () throws(CNIError) in try IPAMDelegate(call)?.delete() }
        }
        if masquerades {
            // The rules first, and their socket closed last: closing waits until the kernel has taken apart what was
            // removed (nft_rcv_nl_event flushes it, an RCU grace period of some 10 ms), which then happens while the
            // link's removal waits for the same.
            do throws(CNIError) {
                var session = try Packetfilter.Session()
                attempt { () throws(CNIError) in
                    try Masquerade.remove(
                        owner, addresses: addresses(previous, call.request.interfaceName), in: &session)
                }
                removeLinksAndAddresses()
                _ = consume session
            } catch {
                errors.append(error)
                removeLinksAndAddresses()
            }
        } else {
            removeLinksAndAddresses()
        }
        if checksSource {
            attempt { () throws(CNIError) in
                try MACSpoofing.remove(owner, link: spoofKey(previous, call.request.interfaceName))
            }
        }
        if let error = CNIError.joining(errors) { throw error }
    }

    /// Removes the pair by its host end. A pair that has none of ours, because another implementation made it before
    /// the node was switched over to this one, is removed by its container's end.
    private static func removeLinks(_ call: PluginCall) throws(CNIError) {
        var socket = try kernel { () throws(NetlinkError) in try RouteSocket() }
        let mark = OwnershipMark(call)
        if case .present(let link) = try VethPair.find(mark, in: &socket) {
            return try VethPair.delete(.index(link.index), in: &socket)
        }
        // Only with the result of an ADD: a runtime also calls DEL after an ADD that failed, for instance because
        // the container had an interface of that name from somebody else.
        let name = call.request.interfaceName
        guard call.configuration.readablePreviousResult?.interfaceIndex(named: name, inContainer: true) != nil,
            let container = try call.networkNamespaceIfPresent()
        else { return }
        let found = try container.withSocket { (socket) throws(CNIError) -> Link? in
            try kernel { () throws(NetlinkError) in try socket.link(named: name) }
        }
        guard let inside = found, inside.kind == "veth", let peer = inside.link else { return }
        let host = try kernel { () throws(NetlinkError) in try socket.link(at: peer) }
        // Marked for another attachment: then it is that one's, and its own DEL removes it.
        if let host, host.link == inside.index, host.alias?.hasPrefix("poplin:") == true { return }
        try container.withSocket { (socket) throws(CNIError) in
            try VethPair.delete(.index(inside.index), in: &socket)
        }
    }

    /// The pod's addresses as the result of ADD has them; nil when there is none, and then they are searched for.
    private static func addresses(_ result: CNIResult?, _ interfaceName: String) -> [IPAddress]? {
        guard let result, let index = result.interfaceIndex(named: interfaceName, inContainer: true) else { return nil }
        return result.ips(ofInterface: index).map(\.address.address)
    }

    private static func spoofKey(_ result: CNIResult?, _ interfaceName: String) -> (String, MACAddress)? {
        guard let result, let index = result.interfaceIndex(named: interfaceName, inContainer: true),
            let mac = result.interfaces[index].macAddress,
            let host = result.interfaces.first(where: { !$0.isInContainer && $0.name.hasPrefix(VethPair.prefix) })
        else { return nil }
        return (host.name, mac)
    }

    // MARK: GC

    static func collectGarbage(
        _ call: PluginCall, valid: [CNIAttachment], masquerades: Bool, checksSource: Bool
    ) throws(CNIError) {
        var errors: [CNIError] = []
        func attempt(_ step: () throws(CNIError) -> Void) {
            do throws(CNIError) { try step() } catch { errors.append(error) }
        }
        let network = call.configuration.name
        attempt { () throws(CNIError) in try removeStaleLinks(network, valid, kind: "veth") }
        attempt { () throws(CNIError) in try IPAMDelegate(call)?.collectGarbage(validAttachments: valid) }
        if masquerades {
            attempt { () throws(CNIError) in try Masquerade.collectGarbage(network: network, valid: valid) }
        }
        if checksSource {
            attempt { () throws(CNIError) in try MACSpoofing.collectGarbage(network: network, valid: valid) }
        }
        if let error = CNIError.joining(errors) { throw error }
    }

    /// Removes links of a kind whose alias names this network and no valid attachment.
    static func removeStaleLinks(
        _ network: String, _ valid: [CNIAttachment], kind: String
    ) throws(CNIError) {
        var socket = try kernel { () throws(NetlinkError) in try RouteSocket() }
        let keep = Set(valid.map { OwnershipMark(network: network, attachment: $0).alias })
        let prefix = OwnershipMark.prefix(ofNetwork: network)
        let links = try kernel { () throws(NetlinkError) in try socket.links(kind: kind) }
        var batch = RequestBatch()
        for link in links {
            guard let alias = link.alias, alias.hasPrefix(prefix), !keep.contains(alias) else { continue }
            batch.delete(.index(link.index))
        }
        let failures = try kernel { () throws(NetlinkError) in try socket.perform(&batch) }
        if let failure = failures.first(where: { $0.error.errno != .ENODEV }) { throw CNIError(failure.error) }
    }
}
