import Addressing
import JSONTree
import KubernetesModel

/// A node as the fabric sees it: where it is, which pod addresses live on it, and how to send them there.
public struct FabricNode: Hashable, Sendable {
    public var name: String
    /// `InternalIP`s in the node's order, an external address only where there is no internal one.
    public var addresses: [IPAddress]
    /// What the node announces (`poplin.dev/pod-cidrs`), otherwise `spec.podCIDRs`.
    public var podCIDRs: [IPPrefix]
    /// Nil until the node's agent has announced itself.
    public var backend: BackendAnnouncement?
    /// Whether its agent has connections between pods tracked, in words for people.
    public var podConnections: String?

    public init(
        name: String, addresses: [IPAddress], podCIDRs: [IPPrefix] = [], backend: BackendAnnouncement? = nil
    ) {
        self.name = name
        self.addresses = addresses
        self.podCIDRs = podCIDRs
        self.backend = backend
    }

    public func address(_ family: IPFamily) -> IPAddress? {
        backend?.publicAddresses.first { $0.family == family } ?? addresses.first { $0.family == family }
    }

    /// The address the node itself has inside the overlay: what its own packets to pods elsewhere carry, and the
    /// gateway of the routes to it. Without an announced one, the first address of its first range, which no pod gets.
    public func tunnelAddress(_ family: IPFamily) -> IPAddress? {
        backend?.tunnelAddresses.first { $0.family == family }
            ?? podCIDRs.first { $0.family == family }?.network
    }
}

/// What a node's agent says about itself in annotations of its Node object.
public struct BackendAnnouncement: Hashable, Sendable {
    /// `vxlan` or `host-gw`.
    public var type: String
    public var vxlanIdentifier: UInt32?
    public var vxlanPort: UInt16?
    /// The hardware address of the tunnel's end.
    public var tunnelMAC: MACAddress?
    /// Where other nodes send to, at most one of a family, when it is not the node's address.
    public var publicAddresses: [IPAddress]
    /// At most one of a family; empty: the first address of the node's first range.
    public var tunnelAddresses: [IPAddress]

    public init(
        type: String, vxlanIdentifier: UInt32? = nil, vxlanPort: UInt16? = nil, tunnelMAC: MACAddress? = nil,
        publicAddresses: [IPAddress] = [], tunnelAddresses: [IPAddress] = []
    ) {
        self.type = type
        self.vxlanIdentifier = vxlanIdentifier
        self.vxlanPort = vxlanPort
        self.tunnelMAC = tunnelMAC
        self.publicAddresses = publicAddresses
        self.tunnelAddresses = tunnelAddresses
    }

    /// What this configuration means for a node. The hardware address is the one announced before, otherwise that of
    /// the interface that is there, otherwise a new one: other nodes' entries stay right through every restart.
    ///
    /// - Parameter entropy: randomness for a new address.
    public init(
        _ configuration: FabricConfiguration, previous: BackendAnnouncement?, interfaceMAC: MACAddress?,
        tunnelAddresses: [IPAddress] = [], entropy: UInt64
    ) {
        self.init(
            type: configuration.backend.name, publicAddresses: previous?.publicAddresses ?? [],
            tunnelAddresses: tunnelAddresses)
        guard let vxlan = configuration.backend.vxlan else { return }
        vxlanIdentifier = vxlan.identifier
        vxlanPort = vxlan.port
        tunnelMAC =
            [previous?.tunnelMAC, interfaceMAC].compactMap { $0 }.first { !$0.isMulticast && !$0.isZero }
            ?? .locallyAdministered(entropy: entropy)
    }
}

// MARK: - Annotations

extension FabricNode {
    /// The annotations the fabric writes and reads; all are under `poplin.dev/`.
    public enum Annotation {
        public static let backendType = "poplin.dev/backend-type"
        /// JSON: `{"vni":1,"port":8472,"mac":"..."}`.
        public static let backendData = "poplin.dev/backend-data"
        /// Addresses with commas between them.
        public static let publicAddresses = "poplin.dev/public-addresses"
        public static let tunnelAddresses = "poplin.dev/tunnel-addresses"
        /// Prefixes with commas between them: the node's blocks, where `spec.podCIDRs` is not what it uses.
        public static let podCIDRs = "poplin.dev/pod-cidrs"

        /// `not tracked`, or `tracked, ` and why.
        public static let podConnections = "poplin.dev/pod-connections"

        public static let all = [
            backendType, backendData, publicAddresses, tunnelAddresses, podCIDRs, podConnections,
        ]
    }

    /// Reads a Node object. An annotation that cannot be read is as good as none: another node's agent wrote it, and
    /// `problems` says what was wrong with it.
    public init(_ node: Node) {
        var problems: [String] = []
        self.init(node, problems: &problems)
    }

    /// As above; adds a sentence to `problems` for each annotation that cannot be read.
    public init(_ node: Node, problems: inout [String]) {
        func read<Value>(_ key: String, _ parse: (String) -> Value?) -> [Value] {
            guard let text = node.metadata.annotations[key], !text.isEmpty else { return [] }
            return text.split(separator: ",").compactMap { part in
                let word = String(part.drop { $0 == " " })
                if let value = parse(word) { return value }
                problems.append("Node \(node.metadata.name): annotation \(key): \"\(word)\" cannot be read")
                return nil
            }
        }
        let internalIPs = node.internalIPs
        let announced = read(Annotation.podCIDRs) { IPPrefix($0) }
        self.init(
            name: node.metadata.name, addresses: internalIPs.isEmpty ? node.externalIPs : internalIPs,
            podCIDRs: announced.isEmpty ? node.podCIDRs : announced)
        podConnections = node.metadata.annotations[Annotation.podConnections]
        guard let type = node.metadata.annotations[Annotation.backendType], !type.isEmpty else { return }
        var backend = BackendAnnouncement(
            type: type, publicAddresses: read(Annotation.publicAddresses) { IPAddress($0) },
            tunnelAddresses: read(Annotation.tunnelAddresses) { IPAddress($0) })
        if let text = node.metadata.annotations[Annotation.backendData] {
            if let data = try? JSONTree(parsing: text).root, data.kind == .object {
                backend.vxlanIdentifier = data.member("vni")?.int.flatMap { UInt32(exactly: $0) }
                backend.vxlanPort = data.member("port")?.int.flatMap { UInt16(exactly: $0) }
                backend.tunnelMAC = data.member("mac")?.string.flatMap { MACAddress($0) }
            } else {
                problems.append("Node \(name): annotation \(Annotation.backendData) is not a JSON object")
            }
        }
        self.backend = backend
    }

    /// The annotations that announce this node.
    ///
    /// - Parameter announcingPodCIDRs: whether `podCIDRs` are the node's own choice (blocks of pools) and not those of
    ///   `spec.podCIDRs`.
    public func annotations(announcingPodCIDRs: Bool) -> [(key: String, value: String?)] {
        func list(_ items: [some CustomStringConvertible]) -> String? {
            items.isEmpty ? nil : items.map(\.description).joined(separator: ",")
        }
        var data: [JSONMember] = []
        if let identifier = backend?.vxlanIdentifier { data.append(JSONMember("vni", .int(Int64(identifier)))) }
        if let port = backend?.vxlanPort { data.append(JSONMember("port", .int(Int64(port)))) }
        if let mac = backend?.tunnelMAC { data.append(JSONMember("mac", .string(mac.description))) }
        return [
            (Annotation.backendType, backend?.type),
            (Annotation.backendData, data.isEmpty ? nil : JSONValue.object(data).text),
            (Annotation.publicAddresses, list(backend?.publicAddresses ?? [])),
            (Annotation.tunnelAddresses, list(backend?.tunnelAddresses ?? [])),
            (Annotation.podCIDRs, announcingPodCIDRs ? list(podCIDRs) : nil),
            (Annotation.podConnections, podConnections),
        ]
    }

    /// A merge patch of the Node's metadata that makes its annotations say what this value says; nil when they do.
    public func announcement(changing node: Node, announcingPodCIDRs: Bool) -> JSONValue? {
        let changes = annotations(announcingPodCIDRs: announcingPodCIDRs).filter { key, value in
            node.metadata.annotations[key] != value
        }
        if changes.isEmpty { return nil }
        let members = changes.map { JSONMember($0.key, $0.value.map { .string($0) } ?? .null) }
        return .object([
            JSONMember("metadata", .object([JSONMember("annotations", .object(members))]))
        ])
    }
}
