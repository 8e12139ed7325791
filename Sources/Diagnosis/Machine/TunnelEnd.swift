import Addressing
import JSONTree

/// What a node tells the others about its end of the overlay, in annotations of its Node object.
public struct TunnelEnd: Sendable, Hashable {
    public var node: String
    /// The annotation it was read from.
    public var annotation: String
    /// `vxlan`, `host-gw`, `ipip`, `wireguard`, ...
    public var backend: String?
    public var mac: MACAddress?
    public var identifier: Int?
    /// Where the outer packets go.
    public var address: IPAddress?

    /// Flannel (any prefix), Poplin and Calico; nil for nodes that announce nothing.
    public init?(_ object: APIObject) {
        node = object.name
        annotation = ""
        let annotations = object.annotations
        for (key, value) in annotations.sorted(by: { $0.key < $1.key }) {
            guard let slash = key.lastIndex(of: "/") else { continue }
            switch key[key.index(after: slash)...] {
            case "backend-type":
                backend = value
                if annotation.isEmpty { annotation = key }
            case "backend-data":
                annotation = key
                let data = try? JSONTree(parsing: value).root
                mac = (data?.member("VtepMAC") ?? data?.member("mac"))?.string.flatMap { MACAddress($0) }
                identifier = (data?.member("VNI") ?? data?.member("vni"))?.int.map { Int(clamping: $0) }
            case "public-ip", "public-addresses":
                address = value.split(separator: ",").first.flatMap { IPAddress(String($0)) }
            case "VXLANTunnelMACAddr":
                annotation = key
                mac = MACAddress(value)
                identifier = 4096
                backend = backend ?? "vxlan"
            case "IPv4Address":
                if key.hasPrefix("projectcalico.org/") {
                    address = address ?? value.split(separator: "/").first.flatMap { IPAddress(String($0)) }
                    if annotation.isEmpty { annotation = key }
                }
            default: break
            }
        }
        if annotation.isEmpty { return nil }
    }
}

extension NodeEvidence {
    /// Its overlay's device: a VXLAN with that identifier, or the only one there is.
    public func overlay(_ identifier: Int?) -> NetworkLink? {
        let found = (links ?? []).filter { $0.kind == "vxlan" }
        if let identifier { return found.first { $0.tunnel?.identifier == identifier } }
        return found.count == 1 ? found.first : nil
    }

    /// Names of interfaces that CNIs make, by the names they give them.
    public static func isPodInterface(_ name: String) -> Bool {
        let prefixes = [
            "cni", "cbr0", "flannel", "cali", "vxlan.calico", "tunl0", "wireguard.cali", "lxc", "cilium_", "eni", "azv",
            "antrea-", "weave", "kube-bridge", "poplin", "genev_sys", "gke", "vlan.eth", "ovn-k8s",
        ]
        return prefixes.contains { name.hasPrefix($0) }
    }

    /// Interfaces pods' packets come in by or leave by on their way to other nodes.
    public var podInterfaces: [NetworkLink] {
        (links ?? []).filter { link in
            Self.isPodInterface(link.name)
                || (link.kind == "veth" && link.isLinkedElsewhere)
                || link.master.map { Self.isPodInterface($0) } ?? false
        }
    }
}
