import Addressing
import Findings
import JSONTree

extension FabricConfiguration {
    /// What came of reading: the configuration, unless something in it is wrong, and everything there is to say.
    public struct Reading: Sendable {
        public var configuration: FabricConfiguration?
        public var findings: [Finding]
    }

    /// Reads the two documents of ConfigMap `poplin-config`; either may be absent.
    ///
    /// - Parameters:
    ///   - netConf: the text of key `net-conf.json`, Flannel's format.
    ///   - poplin: the text of key `poplin.json`.
    public static func read(netConf: String?, poplin: String?) -> Reading {
        var configuration = FabricConfiguration()
        var findings: [Finding] = []
        if let netConf {
            var reader = ConfigurationReader(file: "net-conf.json")
            if let root = reader.root(netConf) { configuration.read(netConf: root, &reader) }
            findings += reader.findings
        } else {
            findings.append(
                Finding(
                    code: "CFG-01", "ConfigMap poplin-config has no key net-conf.json",
                    next: "give it one, such as {\"Network\": \"10.244.0.0/16\", \"Backend\": {\"Type\": \"vxlan\"}}"))
        }
        if let poplin {
            var reader = ConfigurationReader(file: "poplin.json")
            if let root = reader.root(poplin) { configuration.read(poplin: root, &reader) }
            findings += reader.findings
        }
        let hasErrors = findings.contains { $0.severity == .error }
        return Reading(configuration: hasErrors ? nil : configuration, findings: findings)
    }

    // MARK: net-conf.json

    private mutating func read(netConf root: JSONNode, _ reader: inout ConfigurationReader) {
        reader.checkKeys(root, Self.keys(.netConf, under: nil), .warning)
        readNetwork(root, "EnableIPv4", "Network", .v4, unlessSaid: true, &reader)
        readNetwork(root, "EnableIPv6", "IPv6Network", .v6, unlessSaid: false, &reader)
        if networks.isEmpty, !reader.hasErrors {
            reader.report("neither EnableIPv4 nor EnableIPv6 is true: there is nothing to join", at: root)
        }
        for key in Self.unusedFlannelKeys {
            guard let node = root[key], !node.isNull else { continue }
            reader.report(
                .warning, "\(key) has no effect: a node's range comes from spec.podCIDRs or from its pools", at: node,
                next: "set the controller manager's --node-cidr-mask-size, or blockSize of the IPPool")
        }
        if let backend = reader.object(root, "Backend") { readBackend(backend, &reader) }
    }

    static let unusedFlannelKeys = [
        "SubnetLen", "SubnetMin", "SubnetMax", "IPv6SubnetLen", "IPv6SubnetMin", "IPv6SubnetMax",
    ]

    private mutating func readNetwork(
        _ root: JSONNode, _ switchKey: String, _ key: String, _ family: IPFamily, unlessSaid fallback: Bool,
        _ reader: inout ConfigurationReader
    ) {
        guard reader.bool(root, switchKey) ?? fallback else {
            if let node = root[key], let text = node.string, !text.isEmpty {
                reader.report(
                    .warning,
                    "\(key) has no effect: \(switchKey) is \(root[switchKey] == nil ? "false when not said" : "false")",
                    at: node, next: "add \"\(switchKey)\": true, or remove it")
            }
            return
        }
        if let (network, node) = reader.prefix(root, key, family) {
            networks.append(network)
            if network.length == 0 {
                reader.report("\(node.path) \(network) is every address there is", at: node)
            } else if network.network.isMulticast || network.network.isLoopback || network.network.isLinkLocal {
                reader.report("\(node.path) \(network) cannot be routed between machines", at: node)
            }
        } else if root[key].map({ $0.isNull || $0.string == "" }) ?? true {
            reader.report(
                "\(key) is missing, and \(switchKey) is \(root[switchKey] == nil ? "true when not said" : "true")",
                at: root, next: "add \"\(key)\": the cluster's \(family) pod range, as --cluster-cidr has it")
        }
    }

    private mutating func readBackend(_ object: JSONNode, _ reader: inout ConfigurationReader) {
        let known = Self.keys(.netConf, under: "Backend")
        guard let (type, node) = reader.string(object, "Type") else {
            if object["Type"] == nil {
                reader.report(
                    "Backend.Type is missing", at: object, next: "add \"Type\": \"vxlan\" or \"host-gw\"")
            }
            return
        }
        switch type.lowercased() {
        case "vxlan":
            reader.checkKeys(object, known, .warning)
            readVXLAN(object, &reader)
        case "host-gw":
            backend = .hostGateway
            reader.checkKeys(object, known, .warning)
            for key in ["VNI", "Port", "DirectRouting"] {
                guard let value = object[key] else { continue }
                reader.report(.warning, "Backend.\(key) has no effect with Type host-gw", at: value)
            }
        case let other:
            let foreign = ["udp", "ipip", "wireguard", "alloc", "ipsec", "extension", "tencent-vpc"]
            let nearest = EditDistance.nearest(to: other, in: ["vxlan", "host-gw"])
            reader.report(
                foreign.contains(other)
                    ? "Backend.Type \"\(type)\" is one of Flannel's that Poplin does not have"
                    : "Backend.Type \"\(type)\" is not known",
                at: node,
                next: nearest.map { "did you mean \"\($0)\"?" } ?? "Poplin has vxlan and host-gw")
        }
        if let mtu = reader.int(object, "MTU", in: 0...65535), mtu > 0 { self.mtu = mtu }
    }

    private mutating func readVXLAN(_ object: JSONNode, _ reader: inout ConfigurationReader) {
        var vxlan = VXLAN()
        if let identifier = reader.int(object, "VNI", in: 0...0xFF_FFFF) { vxlan.identifier = UInt32(identifier) }
        // Flannel's 0 leaves the port to the kernel, whose own is 8472.
        if let port = reader.int(object, "Port", in: 0...65535), port > 0 { vxlan.port = UInt16(port) }
        if let direct = reader.bool(object, "DirectRouting") { vxlan.directRouting = direct }
        backend = .vxlan(vxlan)
        for (key, why) in [
            ("GBP", "group policy is carried by nothing here"),
            ("Learning", "the agent keeps the forwarding entries, and learning would let any sender change them"),
        ] where reader.bool(object, key) == true {
            guard let node = object[key] else { continue }
            reader.report("Backend.\(key) true is not supported: \(why)", at: node, next: "remove it")
        }
    }

    // MARK: poplin.json

    private mutating func read(poplin root: JSONNode, _ reader: inout ConfigurationReader) {
        reader.checkKeys(root, Self.keys(.poplin, under: nil), .error)
        if let object = reader.object(root, "ipam") { readAddressManagement(object, &reader) }
        if let isOn = reader.bool(root, "masquerade") { masquerade.isOn = isOn }
        if let random = reader.bool(root, "masqueradeRandomPorts") { masquerade.randomPorts = random }
        masquerade.nonMasqueradeCIDRs = reader.prefixes(root, "nonMasqueradeCIDRs").map(\.prefix)
        if let opens = reader.bool(root, "acceptForwarding") { masquerade.opensForwarding = opens }
        if let word = reader.word(root, "trackPodToPod", PodTracking.self) { trackPodToPod = word }
        serviceCIDRs = reader.prefixes(root, "serviceCIDRs").map(\.prefix)
        if let (mtu, node) = reader.int(root, "mtu", in: 0...65535).flatMap({ number in
            root["mtu"].map { (number, $0) }
        }), mtu > 0 {
            let least = families.contains(.v6) ? MTU.leastIPv6 : MTU.leastIPv4
            if mtu < least {
                reader.report(
                    "mtu must be at least \(least)\(least == MTU.leastIPv6 ? ", which IPv6 needs" : "")", at: node)
            }
            self.mtu = mtu
        }
        if let object = reader.object(root, "underlay") {
            reader.checkKeys(object, Self.keys(.poplin, under: "underlay"), .error)
            if let family = reader.word(object, "family", UnderlayFamily.self) { underlay = family }
            if let (name, node) = reader.string(object, "interface"), !name.isEmpty {
                if name.utf8.count > 15 { reader.report("underlay.interface has more than 15 bytes", at: node) }
                underlayInterface = name
            }
        }
        if let word = reader.word(root, "transmitChecksum", TransmitChecksum.self) { transmitChecksum = word }
    }

    private mutating func readAddressManagement(_ object: JSONNode, _ reader: inout ConfigurationReader) {
        reader.checkKeys(object, Self.keys(.poplin, under: "ipam"), .error)
        if let mode = reader.word(object, "mode", AddressManagement.Mode.self) { ipam.mode = mode }
        if let seconds = reader.int(object, "cooldownSeconds", in: 0...3600), let node = object["cooldownSeconds"] {
            ipam.cooldown = seconds
            if seconds < Self.longestConnectionTimeout {
                reader.report(
                    .warning,
                    "ipam.cooldownSeconds \(seconds) is shorter than the \(Self.longestConnectionTimeout) s for which "
                        + "the kernel remembers an unanswered connection",
                    at: node, next: "a new pod may get packets meant for the one that had its address before")
            }
        }
        if let blocks = reader.int(object, "maxBlocksPerNode", in: 1...1000) { ipam.mostBlocksPerNode = blocks }
    }

    /// Seconds: nf_conntrack_tcp_timeout_syn_sent and nf_conntrack_udp_timeout_stream as the kernel sets them.
    static let longestConnectionTimeout = 120
}
