import Addressing
import IPAM
import JSONTree
import KubernetesModel

/// A block of a pool that one node has (`ipamblocks.poplin.dev`). Its name is computed from its range, so creating the
/// object is claiming the block, and the API lets only one node do it.
public struct IPAMBlock: KubernetesKind, Hashable {
    public static let gvk = GroupVersionKind(group: "poplin.dev", version: "v1alpha1", kind: "IPAMBlock")
    public static let resource = GroupVersionResource(group: "poplin.dev", version: "v1alpha1", resource: "ipamblocks")
    public static let isNamespaced = false

    public var metadata: ObjectMeta
    public var cidr: IPPrefix
    public var pool: String
    public var node: String
    /// What the node last said of it.
    public var status: Use?

    public static let poolLabel = "poplin.dev/pool"
    public static let nodeLabel = "poplin.dev/node"

    /// How a block is used, as its node publishes it.
    public struct Use: Hashable, Sendable {
        public var allocated: Int
        public var resting: Int
        public var free: Int
        public var allocations: [Entry]
        public var observedAt: Timestamp?
    }

    public struct Entry: Hashable, Sendable {
        public var address: IPAddress
        public var handle: String
        public var namespace: String
        public var pod: String
    }

    public init(decoding object: JSONNode) throws(FieldError) {
        metadata = try ObjectMeta(of: object)
        let fields = try FieldReader(object)
        guard let spec = try fields.object("spec") else { throw FieldError(.required, at: "spec", node: object) }
        guard let place = spec.field("cidr"), let text = try spec.string("cidr") else {
            throw FieldError(.required, at: "spec.cidr", node: object)
        }
        guard let cidr = IPPrefix(text) else { throw FieldError(.invalid, at: place, "must be a network") }
        self.cidr = cidr
        pool = try spec.string("pool") ?? ""
        node = try spec.string("node") ?? ""
        guard let status = try fields.object("status") else { return }
        self.status = Use(
            allocated: try status.int("allocated") ?? 0, resting: try status.int("resting") ?? 0,
            free: try status.int("free") ?? 0,
            allocations: try status.objects("allocations") { entry throws(FieldError) in
                guard let address = try entry.address("address") else {
                    throw FieldError(.required, at: "address", node: entry.node)
                }
                return Entry(
                    address: address, handle: try entry.string("handle") ?? "",
                    namespace: try entry.string("namespace") ?? "", pod: try entry.string("pod") ?? "")
            }, observedAt: try status.timestamp("observedAt"))
    }

    // MARK: Writing

    /// The object's name: the range with every group written out, so that one range has one name.
    public static func name(of cidr: IPPrefix) -> String {
        let groups: [String] =
            switch cidr.network {
            case .v4(let address): address.bytes.map { String($0) }
            case .v6(let address):
                stride(from: 112, through: 0, by: -16).map {
                    String(UInt16(truncatingIfNeeded: address.number >> UInt128($0)), radix: 16)
                }
            }
        return groups.joined(separator: "-") + "-\(cidr.length)"
    }

    /// A name as a label's value: at most 63 characters, so longer names are cut and get a hash of the whole.
    public static func labelValue(_ name: String) -> String {
        if name.utf8.count <= 63 { return name }
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return "\(name.prefix(46))-\(String(hash, radix: 16))"
    }

    /// The object that claims a block.
    ///
    /// - Parameter owner: uid of the Node, with which the block goes when the node is removed from the cluster.
    public static func claim(_ cidr: IPPrefix, pool: String, node: String, owner: String?) -> JSONValue {
        var metadata: [JSONMember] = [
            JSONMember("name", .string(name(of: cidr))),
            JSONMember(
                "labels", [poolLabel: .string(labelValue(pool)), nodeLabel: .string(labelValue(node))]),
        ]
        if let owner, !owner.isEmpty {
            let reference = OwnerReference(apiVersion: "v1", kind: "Node", name: node, uid: owner)
            metadata.append(JSONMember("ownerReferences", .array([reference.value])))
        }
        return [
            "apiVersion": .string(gvk.apiVersion), "kind": .string(gvk.kind), "metadata": .object(metadata),
            "spec": ["cidr": .string(cidr.description), "pool": .string(pool), "node": .string(node)],
        ]
    }

    /// The status a node publishes for an allocator.
    public static func status(of block: BlockAllocator, at time: Timestamp) -> JSONValue {
        let entries = block.allocations.map { allocation in
            var members = [
                JSONMember("address", .string(allocation.address.description)),
                JSONMember("handle", .string(allocation.holder.handle)),
            ]
            if !allocation.holder.name.isEmpty {
                members.append(JSONMember("namespace", .string(allocation.holder.namespace)))
                members.append(JSONMember("pod", .string(allocation.holder.name)))
            }
            return JSONValue.object(members)
        }
        return [
            "allocated": .int(Int64(block.allocatedCount)), "resting": .int(Int64(block.restingCount)),
            "free": .int(Int64(clamping: block.freeCount)), "allocations": .array(entries),
            "observedAt": .string(time.description),
        ]
    }
}
