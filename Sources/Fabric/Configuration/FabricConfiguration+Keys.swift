extension FabricConfiguration {
    /// One key of the configuration: what the reference prints and the reader knows.
    public struct Key: Hashable, Sendable {
        public var document: Document
        /// The object it is in; nil for the document's own.
        public var object: String?
        public var name: String
        /// What its value is, with its range.
        public var type: String
        public var fallback: String
        public var meaning: String

        public var path: String { object.map { "\($0).\(name)" } ?? name }
    }

    public enum Document: String, Hashable, Sendable, CaseIterable {
        case netConf = "net-conf.json"
        case poplin = "poplin.json"
    }

    static func keys(_ document: Document, under object: String?) -> [String] {
        keys.filter { $0.document == document && $0.object == object }.map(\.name)
    }

    /// Every key there is, in the order of the reference.
    public static let keys: [Key] = netConfKeys + poplinKeys

    private static let netConfKeys: [Key] =
        [
            Key(.netConf, "Network", "IPv4 network", "required with EnableIPv4", "The cluster's IPv4 pod range."),
            Key(.netConf, "IPv6Network", "IPv6 network", "required with EnableIPv6", "The cluster's IPv6 pod range."),
            Key(.netConf, "EnableIPv4", "boolean", "true", "Pods have IPv4 addresses."),
            Key(.netConf, "EnableIPv6", "boolean", "false", "Pods have IPv6 addresses."),
            Key(.netConf, "EnableNFTables", "boolean", "", "Accepted; Poplin always uses nf_tables."),
        ]
        + unusedFlannelKeys.map { name in
            Key(.netConf, name, "any", "", "Accepted with a warning; a node's range comes from elsewhere.")
        } + [
            Key(.netConf, "Backend", "object", "vxlan", "How packets get from node to node."),
            Key(.netConf, "Backend", "Type", "`vxlan`, `host-gw`", "required in Backend", "Which way."),
            Key(.netConf, "Backend", "VNI", "0...16777215", "1", "vxlan: the network's number; all nodes the same."),
            Key(.netConf, "Backend", "Port", "0...65535", "8472", "vxlan: the UDP port; 0 is 8472, IANA's is 4789."),
            Key(
                .netConf, "Backend", "DirectRouting", "boolean", "false",
                "vxlan: nodes of our own segment are reached by plain routes, only the others through the tunnel."),
            Key(.netConf, "Backend", "MTU", "bytes", "computed", "The pods' MTU, where the computed one is too large."),
            Key(.netConf, "Backend", "GBP", "boolean", "false", "vxlan: true is refused."),
            Key(.netConf, "Backend", "Learning", "boolean", "false", "vxlan: true is refused."),
            Key(.netConf, "Backend", "Name", "string", "", "Flannel's for Windows; accepted, without effect."),
            Key(.netConf, "Backend", "MacPrefix", "string", "", "Flannel's for Windows; accepted, without effect."),
        ]

    private static let poplinKeys: [Key] = [
        Key(.poplin, "ipam", "object", "", "Where pod addresses come from."),
        Key(
            .poplin, "ipam", "mode", "`kubernetes`, `cluster-pool`", "kubernetes",
            "Node.spec.podCIDRs, or blocks of the pools in ippools.poplin.dev."),
        Key(
            .poplin, "ipam", "cooldownSeconds", "0...3600", "150",
            "How long an address rests after its release before another pod can have it."),
        Key(.poplin, "ipam", "maxBlocksPerNode", "1...1000", "20", "cluster-pool: blocks of a family on one node."),
        Key(.poplin, "masquerade", "boolean", "true", "Packets that leave the cluster get the node's address."),
        Key(
            .poplin, "nonMasqueradeCIDRs", "list of networks", "[]",
            "Destinations that see the pods' own addresses, besides the pod ranges and multicast."),
        Key(
            .poplin, "masqueradeRandomPorts", "boolean", "true",
            "Source ports are chosen at random, so that pods asking one server do not race for the same port."),
        Key(
            .poplin, "acceptForwarding", "boolean", "true",
            "A forward chain of somebody else that would drop pod packets gets one marked rule that accepts them."),
        Key(
            .poplin, "trackPodToPod", "`auto`, `always`", "auto",
            "Whether the kernel tracks connections between pods; auto only while something else on the node may need them."
        ),
        Key(.poplin, "serviceCIDRs", "list of networks", "[]", "Service ranges, checked against the pod ranges."),
        Key(.poplin, "mtu", "bytes", "computed", "The pods' MTU; 0 computes it from the underlay's."),
        Key(.poplin, "underlay", "object", "", "The network between the nodes."),
        Key(
            .poplin, "underlay", "family", "`auto`, `ipv4`, `ipv6`", "auto",
            "The family of packets between nodes; auto is that of the node's first address."),
        Key(.poplin, "underlay", "interface", "interface name", "", "Empty: the one with the node's address."),
        Key(
            .poplin, "transmitChecksum", "`auto`, `on`, `off`", "auto",
            "Whether the tunnel leaves checksums to the hardware; auto turns it off where that breaks packets."),
    ]
}

extension FabricConfiguration.Key {
    fileprivate init(
        _ document: FabricConfiguration.Document, _ name: String, _ type: String, _ fallback: String, _ meaning: String
    ) {
        self.init(document: document, object: nil, name: name, type: type, fallback: fallback, meaning: meaning)
    }

    fileprivate init(
        _ document: FabricConfiguration.Document, _ object: String, _ name: String, _ type: String,
        _ fallback: String, _ meaning: String
    ) {
        self.init(
            document: document, object: object, name: name, type: type, fallback: fallback, meaning: meaning)
    }
}
