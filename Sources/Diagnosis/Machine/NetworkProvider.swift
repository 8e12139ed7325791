import JSONTree

/// Whose a plugin, a configuration or an agent is.
public struct NetworkProvider: Sendable, Hashable {
    public var name: String
    /// Plugins only it brings.
    var plugins: Set<String>
    /// Parts of its agents' images.
    var images: [String]
    /// Words in the names of its files and networks.
    var words: [String]
    /// It works in front of another one or beside it, not in its place.
    var isCompanion: Bool

    public static let all: [NetworkProvider] = [
        NetworkProvider("calico", ["calico", "calico-ipam"], ["calico/node", "calico-node"], ["calico", "canal"]),
        NetworkProvider("cilium", ["cilium-cni"], ["cilium/cilium"], ["cilium"]),
        NetworkProvider(
            "flannel", ["flannel"], ["flannel/flannel", "mirrored-flannel", "coreos/flannel"], ["flannel", "cbr0"]),
        NetworkProvider("aws", ["aws-cni", "egress-cni", "egress-v4-cni"], ["amazon-k8s-cni"], ["aws"]),
        NetworkProvider(
            "azure", ["azure-vnet", "azure-vnet-ipam", "azure-ipam"], ["azure-cni", "azure-cns"], ["azure"]),
        NetworkProvider("antrea", ["antrea"], ["antrea/antrea", "antrea-agent"], ["antrea"]),
        NetworkProvider("weave", ["weave-net", "weave-ipam"], ["weave-kube", "weaveworks/weave"], ["weave"]),
        NetworkProvider("ovn-kubernetes", ["ovn-k8s-cni-overlay"], ["ovn-kube", "ovn-kubernetes"], ["ovn-k8s"]),
        NetworkProvider("kube-ovn", ["kube-ovn"], ["kubeovn/kube-ovn"], ["kube-ovn"]),
        NetworkProvider("kube-router", [], ["kube-router"], ["kuberouter", "kube-router"]),
        NetworkProvider("kindnet", [], ["kindnetd"], ["kindnet"]),
        NetworkProvider("poplin", ["poplin"], ["poplin"], ["poplin"]),
        NetworkProvider("multus", ["multus", "multus-shim"], ["multus"], ["multus"], isCompanion: true),
        NetworkProvider("istio", ["istio-cni"], ["install-cni", "istio/cni"], ["istio"], isCompanion: true),
        NetworkProvider(
            "linkerd", ["linkerd-cni"], ["linkerd/cni-plugin", "cni-plugin"], ["linkerd"], isCompanion: true),
    ]

    private init(
        _ name: String, _ plugins: Set<String>, _ images: [String], _ words: [String], isCompanion: Bool = false
    ) {
        self.name = name
        self.plugins = plugins
        self.images = images
        self.words = words
        self.isCompanion = isCompanion
    }

    /// Whose a configuration is: by its plugins, else by its names. Nil for plain plugins that anybody may use.
    static func owner(of file: CNIConfigurationFile) -> NetworkProvider? {
        let types = Set(file.plugins.map(\.type))
        if let first = file.plugins.first?.type, let found = all.first(where: { $0.plugins.contains(first) }) {
            return found
        }
        if let found = all.first(where: { !$0.isCompanion && !$0.plugins.isDisjoint(with: types) }) { return found }
        let names = "\(file.fileName) \(file.name)".lowercased()
        return all.first { provider in provider.words.contains { names.contains($0) } }
    }

    /// Companions whose plugins stand in the configuration's list.
    static func companions(in file: CNIConfigurationFile) -> [NetworkProvider] {
        let types = Set(file.plugins.map(\.type))
        return all.filter { $0.isCompanion && !$0.plugins.isDisjoint(with: types) }
    }

    func isAgent(_ image: String) -> Bool {
        let image = image.lowercased()
        return images.contains { image.contains($0) }
    }

    /// Plugins of the reference bundle, which most providers use and few bring.
    static let referencePlugins: Set<String> = [
        "bandwidth", "bridge", "dhcp", "dummy", "firewall", "host-device", "host-local", "ipvlan", "loopback",
        "macvlan",
        "portmap", "ptp", "sbr", "static", "tap", "tuning", "vlan", "vrf",
    ]
}

extension FactBase {
    /// Providers that have an agent in this cluster; nil when DaemonSets were not collected.
    func providers() -> Set<NetworkProvider>? {
        guard let images = daemonImages else { return nil }
        return Set(NetworkProvider.all.filter { provider in images.contains { provider.isAgent($0.image) } })
    }
}
