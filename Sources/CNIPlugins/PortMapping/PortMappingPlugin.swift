import Addressing
import CNI
import LinuxHost
import Netlink
import SystemCalls

/// portmap: ports of the node lead into the container. It stands behind a plugin that gave the container addresses;
/// see `PortMappingRules` for how, and `PortMappingConfiguration` for its keys.
///
/// Against the reference: a host port belongs to one pod (the second ADD is refused and told who has it), a repeated
/// ADD changes nothing, DEL removes exactly this attachment's mappings with or without `runtimeConfig` and leaves
/// those of the container's other networks, and UDP flows are forgotten on ADD and on DEL.
public enum PortMappingPlugin: Plugin {
    public static let name = "portmap"

    public static func add(_ call: PluginCall) throws(CNIError) -> CNIResult {
        let result = try call.configuration.requiredPreviousResult()
        let configuration = try PortMappingConfiguration(call.configuration)
        if configuration.mappings.isEmpty { return result }
        try configuration.checkForDuplicates()
        let addresses = try call.addresses(in: result, for: configuration.mappings)
        let owner = call.owner
        try Undo.guarding { (undo) throws(CNIError) in
            let rules = PortMappingRules(configuration)
            let entries = rules.entries(owner, configuration, addresses)
            var session = try Packetfilter.Session()
            // One transaction: when it fails there is nothing to take back.
            try put(entries, rules, configuration, addresses, owner, in: &session)
            undo.push("remove the port mappings") { () throws(CNIError) in try remove(owner) }
            session.notes.forEach(call.report)
            try enableLoopback(configuration, addresses)
        }
        forget(call) { () throws(NetlinkError) in
            try PortMappingFlows.forget(configuration.mappings, Set(addresses.map(\.family)))
        }
        return result
    }

    /// Verifies every mapping, and puts back what is missing, with a line on standard error.
    public static func check(_ call: PluginCall) throws(CNIError) {
        let result = try call.configuration.requiredPreviousResult()
        let configuration = try PortMappingConfiguration(call.configuration)
        if configuration.mappings.isEmpty { return }
        let addresses = try call.addresses(in: result, for: configuration.mappings)
        let rules = PortMappingRules(configuration)
        let entries = rules.entries(call.owner, configuration, addresses)
        var session = try Packetfilter.Session()
        let missing = try session.missing(entries)
        try put(missing, rules, configuration, addresses, call.owner, in: &session)
        try enableLoopback(configuration, addresses)
        session.notes.forEach(call.report)
        if !missing.isEmpty {
            call.report("\(missing.count) of \(entries.count) port mapping entries were missing and are put back")
        }
    }

    public static func delete(_ call: PluginCall) throws(CNIError) {
        let owner = call.owner
        var removed: [Packetfilter.Entry] = []
        var session = try Packetfilter.Session()
        if let keys = knownKeys(call) {
            removed = try session.remove(.keys(keys, of: owner), table: Packetfilter.table)
        } else {
            removed = try remove(.all(of: [owner], in: []), &session)
        }
        forget(call) { () throws(NetlinkError) in try PortMappingFlows.forget(removed: removed) }
    }

    /// Removes the mappings of several attachments in one transaction, for an agent that does it for its plugins: each
    /// transaction costs the kernel a grace period.
    public static func remove(_ owners: [Packetfilter.Owner]) throws(CNIError) {
        var session = try Packetfilter.Session()
        let removed = try remove(.all(of: owners, in: []), &session)
        // As in DEL: a kernel without the table of connections has none that matter.
        do throws(NetlinkError) { try PortMappingFlows.forget(removed: removed) } catch { return }
    }

    public static func collectGarbage(
        _ call: PluginCall, validAttachments: [CNIAttachment]
    ) throws(CNIError) {
        var session = try Packetfilter.Session()
        let removed = try remove(
            .stale(network: call.configuration.name, valid: validAttachments, in: []), &session)
        forget(call) { () throws(NetlinkError) in try PortMappingFlows.forget(removed: removed) }
    }

    /// Whether nf_tables answers.
    public static func status(_ call: PluginCall) throws(CNIError) {
        try Packetfilter.checkAvailable()
        _ = try PortMappingConfiguration(call.configuration)
    }
}

extension PortMappingPlugin {
    private static func put(
        _ entries: [Packetfilter.Entry], _ rules: PortMappingRules, _ configuration: PortMappingConfiguration,
        _ addresses: [InterfaceAddress], _ owner: Packetfilter.Owner, in session: inout Packetfilter.Session
    ) throws(CNIError) {
        let own = Set(addresses.map(\.address))
        try session.put(
            entries, of: owner, on: rules.skeleton(configuration, addresses),
            conflict: .refuse { element in
                // An entry that leads to the address that is ours now was left by a pod whose DEL never came.
                if let target = PortMappingRules.target(of: element) {
                    return own.contains(target.address) ? nil : taken(element, target, entries)
                }
                return nil
            })
    }

    private static func taken(
        _ element: NFTables.Element, _ target: (address: IPAddress, port: UInt16), _ entries: [Packetfilter.Entry]
    ) -> CNIError {
        let holder = element.comment ?? "somebody"
        let parts = holder.split(separator: "/").map(String.init)
        let port = PortMappingRules.describe(element.key)
        var details = "host port \(port) leads to \(target.address) port \(target.port)"
        if parts.count == 3 {
            details +=
                ": network \(parts[0]), container \(parts[1]), interface \(parts[2])\n"
                + "if that container is gone, `poplin cni gc \(parts[0])` gives the port back"
        }
        return CNIError(.alreadyTaken, "host port \(port) is already published by \(holder)", details: details)
    }

    /// The keys this attachment's entries must have; nil when they cannot be known.
    private static func knownKeys(_ call: PluginCall) -> [(set: NFTables.Set, key: NFTables.Key)]? {
        do throws(CNIError) {
            let configuration = try PortMappingConfiguration(call.configuration)
            guard !configuration.mappings.isEmpty, let result = call.configuration.readablePreviousResult else {
                return nil
            }
            let addresses = try call.addresses(in: result, for: configuration.mappings)
            return PortMappingRules(configuration).entries(call.owner, configuration, addresses).map {
                ($0.set, $0.element.key)
            }
        } catch {
            return nil
        }
    }

    private static func remove(_ owner: Packetfilter.Owner) throws(CNIError) {
        var session = try Packetfilter.Session()
        _ = try remove(.all(of: [owner], in: []), &session)
    }

    /// A removal over every map of port mapping there is.
    private static func remove(
        _ selection: Packetfilter.Session.Selection, _ session: inout Packetfilter.Session
    ) throws(CNIError) -> [Packetfilter.Entry] {
        let sets = PortMappingRules.all(among: try session.setNames(in: Packetfilter.table))
        if sets.isEmpty { return [] }
        switch selection {
        case .all(let owners, _): return try session.remove(.all(of: owners, in: sets), table: Packetfilter.table)
        case .stale(let network, let valid, _):
            return try session.remove(.stale(network: network, valid: valid, in: sets), table: Packetfilter.table)
        case .keys: return try session.remove(selection, table: Packetfilter.table)
        }
    }

    /// Lets packets from 127.0.0.1 leave through the link towards the pod, when a mapping is reachable there.
    private static func enableLoopback(
        _ configuration: PortMappingConfiguration, _ addresses: [InterfaceAddress]
    ) throws(CNIError) {
        guard configuration.sourceNAT, configuration.mappings.contains(where: \.isOnLoopback),
            let pod = addresses.first(where: { $0.family == .v4 })
        else { return }
        let link: Link?
        do throws(NetlinkError) {
            var route = try RouteSocket()
            guard let index = try route.route(to: pod.address)?.interface else { return }
            link = try route.link(at: index)
        } catch {
            throw CNIError(error, during: "the route to \(pod.address)")
        }
        guard let link, let name = SysctlName(pieces: ["net", "ipv4", "conf", link.name, "route_localnet"]) else {
            return
        }
        do throws(SystemCallError) {
            try Sysctl.change(name, to: "1")
        } catch {
            throw CNIError(error, during: "publish ports on 127.0.0.1")
        }
    }

    /// Flows are forgotten as well as can be: a kernel without the table's interface has no flows that matter to us.
    private static func forget(_ call: PluginCall, _ body: () throws(NetlinkError) -> Void) {
        do throws(NetlinkError) { try body() } catch { call.report("UDP flows could not be forgotten: \(error)") }
    }
}

extension PortMappingRules {
    /// `8080/tcp`, `192.0.2.1:8080/tcp` from a map's key.
    static func describe(_ key: NFTables.Key) -> String {
        guard key.bytes.count >= 8 else { return "?" }
        let tail = Array(key.bytes.suffix(8))
        let transport = PortMapping.TransportProtocol.allCases.first { $0.number == tail[0] }?.rawValue ?? "\(tail[0])"
        let text = "\(UInt16(tail[4]) << 8 | UInt16(tail[5]))/\(transport)"
        guard let address = IPAddress(bytes: key.bytes.dropLast(8)) else { return text }
        return address.family == .v4 ? "\(address):\(text)" : "[\(address)]:\(text)"
    }
}

extension PluginCall {
    /// Whose the entries of this call are.
    var owner: Packetfilter.Owner {
        Packetfilter.Owner(network: configuration.name, attachment: request.attachment)
    }

    /// The container's first address of each family; those of other interfaces do not count.
    fileprivate func addresses(
        in result: CNIResult, for mappings: [PortMapping]
    ) throws(CNIError) -> [InterfaceAddress] {
        let own = result.ips.filter { ip in
            guard let index = ip.interface, result.interfaces.indices.contains(index) else { return true }
            return result.interfaces[index].isInContainer && result.interfaces[index].name == request.interfaceName
        }
        let addresses = IPFamily.allCases.compactMap { family in own.first { $0.address.family == family }?.address }
        for mapping in mappings where !addresses.contains(where: { mapping.families.contains($0.family) }) {
            throw CNIError(
                .unusablePreviousResult, "no address to map port \(mapping) to",
                details: "prevResult has "
                    + (own.isEmpty ? "no address" : own.map { "\($0.address)" }.joined(separator: ", "))
                    + " for \(request.interfaceName)")
        }
        return addresses
    }
}
