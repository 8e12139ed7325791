import Addressing
import Fabric
import JSONTree
import KubernetesModel
import LinuxHost
import SystemCalls

/// The nodes an agent knew last, on disk, so that it keeps the fabric right when it is started while the API server is
/// away. Nodes are kept as the few fields of Node objects that the fabric reads.
struct NodeCheckpoint: Sendable {
    /// Written and understood.
    static let version = 1

    let path: String

    init(directory: String) { path = "\(directory)/agent/nodes.json" }

    /// The nodes; none when there is no file. A file that cannot be read is as good as none, and says why.
    func read() -> (nodes: [FabricNode], problem: String?) {
        do {
            guard let bytes = try AtomicFile.read(path) else { return ([], nil) }
            let root = try JSONTree(parsing: bytes).root
            guard root.member("v")?.int == Int64(Self.version) else {
                return ([], "\(path) is of version \(root.member("v").map { "\($0)" } ?? "none"), not \(Self.version)")
            }
            var nodes: [FabricNode] = []
            for node in root.member("nodes").map({ Array($0.elements) }) ?? [] {
                nodes.append(FabricNode(try Node(decoding: node)))
            }
            return (nodes, nil)
        } catch {
            return ([], "\(path) cannot be read: \(error)")
        }
    }

    func write(_ nodes: [FabricNode]) throws(SystemCallError) {
        let objects = nodes.sorted { $0.name < $1.name }.map(Self.object)
        let value = JSONValue.object([
            JSONMember("v", .int(Int64(Self.version))), JSONMember("nodes", .array(objects)),
        ])
        if let end = path.lastIndex(of: "/") { try Directories.make(String(path[..<end])) }
        try AtomicFile.write(path, value.serialized() + [UInt8(ascii: "\n")], durability: .machine)
    }

    /// A Node object of what the fabric reads.
    static func object(_ node: FabricNode) -> JSONValue {
        let annotations = node.annotations(announcingPodCIDRs: true).compactMap { key, value in
            value.map { JSONMember(key, .string($0)) }
        }
        return [
            "metadata": .object([
                JSONMember("name", .string(node.name)),
                // Without an announcement the list of ranges alone would not be one either.
                JSONMember("annotations", .object(node.backend == nil ? [] : annotations)),
            ]),
            "spec": ["podCIDRs": .array(node.podCIDRs.map { .string($0.description) })],
            "status": [
                "addresses": .array(
                    node.addresses.map { ["type": "InternalIP", "address": .string($0.description)] })
            ],
        ]
    }
}
