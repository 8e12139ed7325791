import Addressing
import Findings

/// What a lab is to look like: everything a person chose, and nothing that only shows while it runs.
public struct LabSpecification: Hashable, Sendable {
    /// The name of the lab, a DNS label of at most 32 characters.
    public var name: String
    public var nodes: [LabNode]
    /// Segments that nodes stand on, 1...50, joined by a router.
    public var racks: Int
    public var backend: Backend
    /// IPv6 beside IPv4, for nodes and pods.
    public var isDualStack: Bool
    /// Of the underlay, in bytes, 1280...9000 (IPv6 asks for 1280, RFC 8200 section 5).
    public var mtu: Int
    /// The cluster's pod networks, one of each family in use.
    public var podNetworks: [IPPrefix]
    /// The number the next new node gets; numbers are not used twice, so that addresses are not.
    public var nextNumber: Int

    public enum Backend: String, Sendable, CaseIterable {
        case vxlan
        case hostGateway = "host-gw"
    }

    /// Where pods' addresses come from (`ipam.mode` of the agent).
    public var addressMode: AddressMode

    public enum AddressMode: String, Sendable, CaseIterable {
        /// A part of the pod network for each node, as a controller manager gives it.
        case kubernetes
        /// Blocks of address pools; `lab up` makes one of the pod network unless there are pools.
        case clusterPool = "cluster-pool"
    }

    public static let defaultName = "poplin"

    /// - Parameter podNetworks: empty for the usual ones.
    public init(
        name: String = defaultName, nodeCount: Int = 3, racks: Int = 1, backend: Backend = .vxlan,
        isDualStack: Bool = false, mtu: Int = 1500, podNetworks: [IPPrefix] = [],
        addressMode: AddressMode = .kubernetes
    ) {
        self.addressMode = addressMode
        self.name = name
        self.racks = racks
        self.backend = backend
        self.isDualStack = isDualStack
        self.mtu = mtu
        self.podNetworks = podNetworks
        nodes = []
        nextNumber = 1
        if podNetworks.isEmpty {
            self.podNetworks = ["10.244.0.0/16"].compactMap { IPPrefix($0) }
            if isDualStack { self.podNetworks += ["fd00:10:244::/56"].compactMap { IPPrefix($0) } }
        }
        for _ in 0..<max(0, nodeCount) { add() }
    }

    /// Adds a node; the racks fill one after the other.
    @discardableResult
    public mutating func add(named name: String? = nil, rack: Int? = nil) -> LabNode {
        let number = nextNumber
        nextNumber += 1
        let node = LabNode(name: name ?? "node-\(number)", number: number, rack: rack ?? (number - 1) % max(1, racks))
        nodes.append(node)
        return node
    }

    public func node(named name: String) -> LabNode? { nodes.first { $0.name == name } }

    /// Bits of the part of a pod network that one node gets.
    public static func nodeMaskLength(_ family: IPFamily) -> Int { family == .v4 ? 24 : 64 }
}

/// One machine of the lab.
public struct LabNode: Hashable, Sendable {
    /// The name of the machine and of its Node object.
    public var name: String
    /// From 1; what its addresses come from.
    public var number: Int
    /// From 0.
    public var rack: Int
    /// Its cable is pulled.
    public var isPartitioned = false

    public init(name: String, number: Int, rack: Int) {
        self.name = name
        self.number = number
        self.rack = rack
    }
}

extension LabSpecification {
    /// The most nodes of one lab: their addresses are .11 to .250 of a segment.
    public static let nodeLimit = 240

    /// Everything that is wrong with it.
    public func findings() -> [Finding] {
        var findings: [Finding] = []
        func wrong(_ message: String, next: String? = nil) {
            findings.append(Finding(code: "usage", message, next: next))
        }
        if !Self.isName(name, limit: 32) {
            wrong("--name \(name): a lab's name has 1 to 32 lower-case letters, digits and inner dashes")
        }
        if !(1...Self.nodeLimit).contains(nodes.count) {
            wrong("--nodes \(nodes.count): a lab has 1 to \(Self.nodeLimit) nodes")
        }
        if !(1...50).contains(racks) { wrong("--racks \(racks): a lab has 1 to 50 racks") }
        if !(1280...9000).contains(mtu) { wrong("--mtu \(mtu): the underlay takes 1280 to 9000 bytes") }
        if backend == .hostGateway, racks > 1 {
            wrong(
                "--backend host-gw needs all nodes on one segment: --racks \(racks) puts a router between them",
                next: "use --backend vxlan, or --racks 1")
        }
        findings += podNetworkFindings()
        for node in nodes where !Self.isName(node.name, limit: 63) {
            wrong("node \(node.name): a node's name is a DNS label (RFC 1123)")
        }
        return findings
    }

    private func podNetworkFindings() -> [Finding] {
        var findings: [Finding] = []
        func wrong(_ message: String, next: String? = nil) {
            findings.append(Finding(code: "usage", message, next: next))
        }
        let families: [IPFamily] = isDualStack ? [.v4, .v6] : [.v4]
        for family in families where !podNetworks.contains(where: { $0.family == family }) {
            wrong("--pod-cidr: there is no \(family) network for pods", next: "name one, or leave --pod-cidr out")
        }
        for (index, network) in podNetworks.enumerated() {
            if podNetworks[..<index].contains(where: { $0.family == network.family }) {
                wrong("--pod-cidr \(network): there is already an \(network.family) network for pods")
            }
            if !families.contains(network.family) {
                wrong("--pod-cidr \(network): an IPv6 network for pods needs --dual-stack")
            }
            let mask = Self.nodeMaskLength(network.family)
            if network.length > mask {
                wrong("--pod-cidr \(network): each node gets a /\(mask) of it, so it must be that large")
            } else if network.length < mask - 16 {
                wrong("--pod-cidr \(network): larger than a /\(mask - 16) is not supported")
            } else if 1 << (mask - network.length) < nodes.count {
                wrong(
                    "--pod-cidr \(network): it has \(1 << (mask - network.length)) parts of /\(mask) for \(nodes.count) nodes"
                )
            }
            for (other, what) in AddressPlan(self).reservedNetworks where other.overlaps(network) {
                wrong("--pod-cidr \(network) overlaps \(other), \(what)", next: "choose another network for pods")
            }
        }
        return findings
    }

    /// A DNS label (RFC 1123 section 2.1).
    public static func isName(_ text: String, limit: Int) -> Bool {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, let last = bytes.last, bytes.count <= limit else { return false }
        func isLetterOrDigit(_ byte: UInt8) -> Bool {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        return isLetterOrDigit(first) && isLetterOrDigit(last)
            && bytes.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }
    }
}
