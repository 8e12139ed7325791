import Addressing
import CNI
import LinuxHost
import Netlink

/// Sets `lo` up in the container: the kernel adds 127.0.0.1 and ::1 itself when the link goes up.
///
/// CNI_IFNAME is ignored, as the reference does: a network namespace has one loopback interface, and it is named `lo`.
public enum Loopback: Plugin {
    public static let name = "loopback"
    static let link = "lo"

    public static func add(_ call: PluginCall) throws(CNIError) -> CNIResult {
        let namespace = try call.networkNamespace()
        let previous = try call.configuration.previousResult()
        if let foreign = try state(in: namespace).addresses.first(where: { !$0.address.isLoopback }) {
            // Somebody else configured this namespace; what the container would reach there is not ours to say.
            throw CNIError(
                .foreignState, "loopback interface found with non-loopback address \(foreign)",
                details: "in \(call.request.networkNamespace)")
        }
        try setUp(true, in: namespace)
        if let previous { return previous }
        let addresses = try state(in: namespace).addresses
        var result = CNIResult(interfaces: [
            CNIResult.Interface(
                name: link, mac: MACAddress(rawValue: 0), sandbox: call.request.networkNamespace)
        ])
        for family in IPFamily.allCases {
            guard let address = addresses.first(where: { $0.family == family }) else { continue }
            result.ips.append(CNIResult.IP(address: address, interface: 0))
        }
        return result
    }

    public static func check(_ call: PluginCall) throws(CNIError) {
        let state = try state(in: try call.networkNamespace())
        guard state.isUp else {
            throw CNIError(.checkFailed, "loopback interface is down", details: "expected: lo up\nfound: lo down")
        }
        let found = state.addresses.map(\.description).joined(separator: ", ")
        guard let previous = try call.configuration.previousResult() else { return }
        for (index, interface) in previous.interfaces.enumerated() where interface.name == link {
            for ip in previous.ips where ip.interface == index && !state.addresses.contains(ip.address) {
                throw CNIError(
                    .checkFailed, "loopback interface has lost \(ip.address)",
                    details: "expected: \(ip.address) on lo\nfound: \(found.isEmpty ? "no address" : found)")
            }
        }
    }

    public static func delete(_ call: PluginCall) throws(CNIError) {
        guard let namespace = try call.networkNamespaceIfPresent() else { return }
        try setUp(false, in: namespace)
    }

    /// Nothing of it lives outside the container's namespace.
    public static func collectGarbage(_ call: PluginCall, validAttachments: [CNIAttachment]) throws(CNIError) {}

    /// It depends on nothing that could be missing.
    public static func status(_ call: PluginCall) throws(CNIError) {}

    private static func setUp(_ isUp: Bool, in namespace: borrowing NetworkNamespace) throws(CNIError) {
        do throws(NetlinkError) {
            var socket = try RouteSocket(in: namespace.descriptor)
            var batch = RequestBatch()
            batch.change(.name(link), LinkChange(isUp: isUp))
            try socket.commit(&batch)
        } catch {
            throw CNIError(error)
        }
    }

    private static func state(
        in namespace: borrowing NetworkNamespace
    ) throws(CNIError) -> (isUp: Bool, addresses: [InterfaceAddress]) {
        do throws(NetlinkError) {
            var socket = try RouteSocket(in: namespace.descriptor)
            guard let found = try socket.link(named: link) else { return (false, []) }
            return (found.isUp, try socket.addresses(on: found.index).map(\.address))
        } catch {
            throw CNIError(error)
        }
    }
}
