import Addressing
import CNI
import JSONTree
import LinuxHost
import Netlink
import SystemCalls

/// The container's interface and a socket in its namespace to change it through.
struct TunedLink: ~Copyable {
    private var socket: RouteSocket
    let link: Link

    /// The interface of the call, which must be there.
    init(_ call: PluginCall, _ namespace: borrowing NetworkNamespace) throws(CNIError) {
        guard let found = try TunedLink(ifPresent: call, namespace) else {
            throw CNIError(
                .unusablePreviousResult, "there is no interface \(call.request.interfaceName) to tune",
                details: "tuning stands in the list behind the plugin that makes the interface;"
                    + " looked in \(call.request.networkNamespace)")
        }
        self = found
    }

    /// The interface of the call; nil when it is not there.
    init?(ifPresent call: PluginCall, _ namespace: borrowing NetworkNamespace) throws(CNIError) {
        do throws(NetlinkError) {
            var socket = try RouteSocket(in: namespace.descriptor)
            guard let link = try socket.link(named: call.request.interfaceName) else { return nil }
            self.socket = socket
            self.link = link
        } catch {
            throw CNIError(error)
        }
    }

    /// What can be known to fail is told before anything is changed, with its place in the configuration.
    func validate(_ settings: TuningSettings) throws(CNIError) {
        guard let mtu = settings.mtu, link.largestMTU > 0, mtu.value > link.largestMTU else { return }
        let reason = "\(link.name) takes at most \(link.largestMTU) bytes, not \(mtu.value)"
        throw CNIError(
            .invalidConfiguration, "\(mtu.node?.path ?? "mtu"): \(reason)", details: mtu.node?.caret(reason) ?? "")
    }

    mutating func apply(_ settings: TuningSettings) throws(CNIError) {
        try apply(
            LinkChange(
                isPromiscuous: settings.isPromiscuous ? true : nil, isAllMulticast: settings.isAllMulticast,
                mtu: settings.mtu?.value, mac: settings.mac?.value,
                transmitQueueLength: settings.transmitQueueLength))
    }

    /// One request. The kernel works on its parts one after the other, and on failure keeps those it has done.
    mutating func apply(_ change: LinkChange) throws(CNIError) {
        var batch = RequestBatch(capacity: 256)
        batch.change(.index(link.index), change)
        do throws(NetlinkError) { try socket.commit(&batch) } catch {
            throw CNIError(error, during: "changing \(link.name)")
        }
    }
}

extension TuningSettings {
    /// The differences between what was asked for and what `link` is.
    func differences(from link: Link) -> [String] {
        var list: [String] = []
        func compare(_ what: String, _ wanted: String, _ found: String) {
            if wanted != found { list.append("\(link.name): \(what) should be \(wanted), is \(found)") }
        }
        if let mac { compare("the address", mac.value.description, link.mac?.description ?? "none") }
        if let mtu { compare("the MTU", "\(mtu.value)", "\(link.mtu)") }
        if isPromiscuous {
            // The kernel counts: somebody else's wish (a capture) counts as well, as in the reference plugin.
            compare("promiscuous mode", "on", link.promiscuity > 0 ? "on" : "off")
        }
        if let isAllMulticast {
            let found = link.flags.contains(.allMulticast)
            compare("all-multicast mode", isAllMulticast ? "on" : "off", found ? "on" : "off")
        }
        if let transmitQueueLength {
            compare("the transmit queue length", "\(transmitQueueLength)", "\(link.transmitQueueLength)")
        }
        return list
    }

    /// Tells the next plugins of the chain, and the runtime, what the interface is now.
    func update(_ result: inout CNIResult, interface name: String, version: CNIVersion) {
        for index in result.interfaces.indices
        where result.interfaces[index].name == name && result.interfaces[index].isInContainer {
            if let mac { result.interfaces[index].mac = mac.value.description }
            // Interfaces have an MTU in results since 1.1.0.
            if let mtu, version >= .v110 || result.interfaces[index].mtu != nil {
                result.interfaces[index].mtu = mtu.value
            }
        }
    }
}
