import Addressing
import JSONTree
import LinuxHost
import SystemCalls

/// What the kubelet of a node is told, in a file of the node's own: a node does not see the lab's directory.
public struct NodeConfiguration: Hashable, Sendable {
    /// Inside the node.
    public static let directory = "/var/lib/poplin/kubelet"

    public var node: String
    /// The first is the one others dial.
    public var addresses: [IPAddress]

    public init(node: String, addresses: [IPAddress]) {
        self.node = node
        self.addresses = addresses
    }

    func write(to directory: String) throws(SystemCallError) {
        let value: JSONValue = [
            "version": 1, "node": .string(node), "addresses": .array(addresses.map { .string("\($0)") }),
        ]
        try AtomicFile.write("\(directory)/node.json", value.serialized() + [0x0A])
    }

    /// As it was written for the node this is called on.
    public static func read(from directory: String = directory) throws(LabFailure) -> NodeConfiguration {
        let path = "\(directory)/node.json"
        let bytes = try doing("read \(path)") { () throws(SystemCallError) in try AtomicFile.read(path) }
        guard let bytes else {
            throw LabFailure("\(path) is not there", next: "the kubelet of a lab runs on its nodes: poplin lab up")
        }
        guard let root = try? JSONTree(parsing: bytes).root, root.member("version")?.int == 1,
            let node = root.member("node")?.string, let addresses = root.member("addresses")
        else { throw LabFailure("\(path) is not a node's configuration of version 1") }
        return NodeConfiguration(
            node: node, addresses: addresses.elements.compactMap { $0.string.flatMap { IPAddress($0) } })
    }
}
