import Addressing
import AgentProtocol
import CNI

/// Where the addresses of a pod come from.
enum PodAddressSource {
    case agent(AgentLink)
    /// An address manager on this call's configuration, and what flannel's daemon says if it says something.
    case addressManager(PluginCall, SubnetFile?)

    /// What a pod gets.
    struct Addresses {
        /// /32 and /128, each with its gateway.
        var ips: [CNIResult.IP]
        /// The same with the length of the cluster's or the manager's network: what lies inside is not masqueraded.
        var inSubnets: [InterfaceAddress]
        /// Beside the default routes.
        var routes: [CNIResult.Route] = []
        var dns = CNIResult.DNS()
        var hostMAC = AgentEndpoint.hostMAC
        /// Bytes; nil is the kernel's default.
        var mtu: Int?
        var masquerades = false
        var nodeAddresses: [IPAddress] = []
    }

    func add(hostInterface: String) throws(CNIError) -> Addresses {
        switch self {
        case .agent(let link):
            let endpoint = try link.add(hostInterface: hostInterface)
            return Addresses(
                ips: endpoint.addresses.map { address in
                    CNIResult.IP(
                        address: address, gateway: endpoint.gateways.first { $0.family == address.family })
                },
                inSubnets: endpoint.addresses, hostMAC: endpoint.hostMAC, mtu: endpoint.mtu,
                nodeAddresses: endpoint.nodeAddresses)
        case .addressManager(let call, let file):
            guard let manager = try IPAMDelegate(call) else {
                throw call.configuration.reader.missing("ipam")
            }
            let result = try manager.add()
            return Addresses(
                ips: result.ips.map { ip in
                    CNIResult.IP(
                        address: InterfaceAddress(host: ip.address.address),
                        gateway: AgentEndpoint.gateway(ip.address.family))
                },
                inSubnets: result.ips.map { file?.inNetwork($0.address) ?? $0.address },
                routes: result.routes, dns: result.dns, mtu: file?.mtu, masquerades: file?.leavesMasquerading ?? false)
        }
    }

    /// Gives the addresses back; fails when nobody is there to take them.
    func release() throws(CNIError) {
        switch self {
        case .agent(let link): try link.release()
        case .addressManager(let call, _): try IPAMDelegate(call)?.delete()
        }
    }

    /// Gives the addresses back, or leaves it to the agent, which gives back what has no link any more when it is
    /// there again: a pod must be able to go while the agent is away.
    ///
    /// - Parameter hostInterface: the link that an agent removes before.
    /// - Returns: whether an agent has taken over the link and the host ports.
    @discardableResult
    func releaseIfReachable(hostInterface: String = "") throws(CNIError) -> Bool {
        guard case .agent(let link) = self else {
            try release()
            return false
        }
        do throws(CNIError) {
            return try link.release(hostInterface: hostInterface)
        } catch {
            try link.forgive(error)
            return false
        }
    }

    /// - Parameter addresses: those the result of ADD has.
    func check(_ addresses: [InterfaceAddress]) throws(CNIError) {
        switch self {
        case .agent(let link):
            do throws(CNIError) { try link.check(addresses) } catch { try link.forgive(error) }
        case .addressManager(let call, _): try IPAMDelegate(call)?.check()
        }
    }

    func collectGarbage(validAttachments: [CNIAttachment]) throws(CNIError) {
        switch self {
        case .agent(let link):
            do throws(CNIError) { try link.collectGarbage(validAttachments) } catch { try link.forgive(error) }
        case .addressManager(let call, _):
            try IPAMDelegate(call)?.collectGarbage(validAttachments: validAttachments)
        }
    }

    func status() throws(CNIError) {
        switch self {
        case .agent(let link): try link.status()
        case .addressManager(let call, _): try IPAMDelegate(call)?.status()
        }
    }
}
