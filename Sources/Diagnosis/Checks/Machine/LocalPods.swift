import Addressing
import JSONTree

/// A pod of a machine, as the API knows it, or, where nobody asked the API, as the machine does.
struct LocalPod: Sendable, Hashable {
    /// `NAMESPACE/NAME`.
    var name: String
    var address: IPAddress
    /// The network it was attached to; nil where only the API knows it.
    var network: String?
    var networkNamespace: String?
    var source: FactSource

    var place: String { "Pod/\(name)" }
    var namespace: Substring { name.prefix { $0 != "/" } }
    var ownName: Substring { name.drop { $0 != "/" }.dropFirst() }
}

extension FactBase {
    /// Whether a machine is all there is to look at.
    var isMachineAlone: Bool { !has(.objects("pods")) && !has(.objects("nodes")) }

    /// Pods with an address of their own that run on a machine.
    func localPods(of machine: NodeEvidence) -> [LocalPod] {
        derived.value("local pods of \(machine.name)") {
            has(.objects("pods"))
                ? podAddresses(on: machine.name).map {
                    LocalPod(name: "\($0.pod.namespace)/\($0.pod.name)", address: $0.address, source: $0.pod.source)
                } : machine.knownPods
        }
    }

    /// Ranges that a machine's own pods have addresses of.
    func ownRanges(of machine: NodeEvidence) -> [IPPrefix] {
        let said = podRanges(machine.name)
        if !said.isEmpty { return said }
        // A file of a plain network that comes before flannel's has ranges of its own.
        let written = NodeNetworkFiles(machine, self).winner.map { ConfigurationCheck.ranges($0) } ?? []
        if !written.isEmpty { return written }
        if let subnet = machine.flannelSetting("FLANNEL_SUBNET").flatMap({ InterfaceAddress($0)?.prefix }) {
            return [subnet]
        }
        // Nothing but what the machine prints: the range of the bridge that its pods are on.
        return (machine.routes ?? []).filter { route in
            route.table == 254 && route.gateway == nil && route.scope == "link"
                && ["cni0", "cbr0", "kube-bridge"].contains(route.device ?? "")
        }.map(\.destination)
    }

    /// Ranges of pods that are on other machines, as a machine's own routes have them: through its overlay, or of a kind
    /// with its own range, to a neighbour.
    func remoteRanges(of machine: NodeEvidence) -> [IPPrefix] {
        let own = ownRanges(of: machine)
        let cluster = machine.flannelSetting("FLANNEL_NETWORK").flatMap { IPPrefix($0) }
        return (machine.routes ?? []).filter { route in
            guard route.table == 254, route.kind == "unicast", !route.isDefault, let gateway = route.gateway,
                !own.contains(where: { $0.overlaps(route.destination) })
            else { return false }
            if cluster?.contains(route.destination) ?? false { return true }
            if let link = route.device.flatMap({ machine.link($0) }), link.isTunnel, route.destination.contains(gateway)
            {
                return true
            }
            // Ranges of nodes are cut from one range, all of one length.
            return own.contains { range in
                range.family == route.destination.family && range.length == route.destination.length
                    && range.length > 8
                    && IPPrefix(containing: range.network, length: range.length / 2).contains(route.destination)
            }
        }.map(\.destination)
    }

    /// Ranges that hold the pods of all machines, as far as they are known.
    func clusterPools(_ machine: NodeEvidence) -> [IPPrefix] {
        if !addressPools.isEmpty { return addressPools }
        if let network = machine.flannelSetting("FLANNEL_NETWORK").flatMap({ IPPrefix($0) }) { return [network] }
        return ownRanges(of: machine) + remoteRanges(of: machine)
    }

    /// The other machines of the cluster: names and addresses that packets between them have. Where nobody asked the
    /// API, those that this machine's own tunnels end at.
    func peers(of machine: NodeEvidence) -> [(name: String, address: IPAddress)] {
        let nodes = objects("nodes").filter { $0.name != machine.name }.flatMap { node in
            internalAddresses(node.name).map { (node.name, $0) }
        }
        if !nodes.isEmpty || has(.objects("nodes")) { return nodes }
        var seen: Set<IPAddress> = []
        return (machine.forwarding ?? []).filter(\.isPermanent).compactMap(\.destination).filter {
            !$0.isUnspecified && !$0.isMulticast && seen.insert($0).inserted
        }.map { ("\($0)", $0) }
    }
}

extension NodeEvidence {
    /// A line of what flanneld leaves for its plugin.
    func flannelSetting(_ key: String) -> String? {
        file("/run/flannel/subnet.env")?.text.split(whereSeparator: \.isNewline).first { $0.hasPrefix(key + "=") }
            .map { $0.dropFirst(key.count + 1).trimmingBlanks }
    }

    /// Pods by the runtime's sandboxes and by the results it keeps, of those whose namespace is there.
    fileprivate var knownPods: [LocalPod] {
        var found: [LocalPod] = []
        var seen: Set<String> = []
        for result in currentResults where isThere(result) == true && !result.pod.isEmpty {
            let name = "\(result.namespace)/\(result.pod)"
            guard ["eth0", ""].contains(result.interface), seen.insert(name).inserted else { continue }
            let source = FactSource("\(self.name): \(result.path)", command: "cat \(result.path)")
            for address in result.addresses {
                found.append(
                    LocalPod(
                        name: name, address: address, network: result.network,
                        networkNamespace: result.networkNamespace, source: source))
            }
        }
        for sandbox in runtimeSandboxes ?? [] where sandbox.isReady && sandbox.networkNamespace != nil {
            let name = "\(sandbox.namespace)/\(sandbox.pod)"
            guard seen.insert(name).inserted else { continue }
            for address in sandbox.addresses.compactMap({ IPAddress($0) }) {
                found.append(
                    LocalPod(
                        name: name, address: address, networkNamespace: sandbox.networkNamespace,
                        source: source(.sandboxes, command: "crictl inspectp \(sandbox.id.prefix(13))")))
            }
        }
        return found
    }
}
