import JSONTree
import KubernetesModel

/// Stored bytes to the bytes a client gets.
struct ObjectAnswer {
    let resource: ServedResource
    let representation: Representation
    let now: Int64
    /// Rows carry the object's metadata (`includeObject=Metadata`, the default), all of it, or nothing.
    var includeObject = "Metadata"

    /// One object by itself.
    func object(_ object: StoredObject) -> [UInt8] {
        switch representation {
        case .object: return whole(object)
        case .metadata: return metadata(object)
        case .table: return table([object], revision: nil, next: nil, remaining: nil)
        }
    }

    /// Under the version that is asked for.
    func whole(_ object: StoredObject) -> [UInt8] {
        guard !resource.isServedAsStored, let tree = try? JSONTree(parsing: object.bytes) else { return object.bytes }
        return resource.served(.node(tree.root)).serialized()
    }

    func metadata(_ object: StoredObject) -> [UInt8] {
        let root = try? JSONTree(parsing: object.bytes).root
        let metadata = root?.member("metadata").map { JSONValue.node($0) } ?? .object([])
        let value: JSONValue = [
            "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": metadata,
        ]
        return value.serialized()
    }

    func list(_ page: ListPage) -> [UInt8] {
        if representation == .table {
            return table(page.objects, revision: page.revision, next: page.next, remaining: page.remaining)
        }
        let isMetadata = representation == .metadata
        let kind = isMetadata ? "PartialObjectMetadataList" : resource.listKind
        let apiVersion = isMetadata ? "meta.k8s.io/v1" : resource.kind.apiVersion
        var bytes = Array("{\"kind\":\"\(kind)\",\"apiVersion\":\"\(apiVersion)\",\"metadata\":".utf8)
        bytes += listMetadata(page.revision, page.next, page.remaining).serialized()
        bytes += ",\"items\":[".utf8
        // Items of built-in kinds do not repeat the kind, which the list says.
        let prefix = Array("{\"kind\":\"\(resource.kind.kind)\",\"apiVersion\":\"\(resource.kind.apiVersion)\",".utf8)
        bytes.reserveCapacity(bytes.count + page.objects.reduce(64) { $0 + $1.bytes.count + 1 })
        for (index, object) in page.objects.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            if isMetadata {
                bytes += metadata(object)
            } else if !resource.isCustom, object.bytes.starts(with: prefix) {
                bytes.append(UInt8(ascii: "{"))
                bytes += object.bytes[prefix.count...]
            } else {
                bytes += whole(object)
            }
        }
        bytes += "]}".utf8
        return bytes
    }

    private func listMetadata(_ revision: Revision?, _ next: String?, _ remaining: Int?) -> JSONValue {
        var members: [JSONMember] = []
        if resource.isCustom, representation != .table { members.append(JSONMember("continue", .string(next ?? ""))) }
        if let revision { members.append(JSONMember("resourceVersion", .string(String(revision)))) }
        if let next, members.first?.key != "continue" { members.append(JSONMember("continue", .string(next))) }
        if let remaining { members.append(JSONMember("remainingItemCount", .int(Int64(remaining)))) }
        return .object(members)
    }

    // MARK: Tables

    /// - Parameter revision: of the list; nil for one object, which then gives its own.
    func table(_ objects: [StoredObject], revision: Revision?, next: String?, remaining: Int?, columns: Bool = true)
        -> [UInt8]
    {
        let roots = objects.compactMap { try? JSONTree(parsing: $0.bytes).root }
        let table = ObjectTable(of: resource).document(
            of: roots, listMetadata: listMetadata(revision ?? objects.first?.revision, next, remaining),
            including: ObjectTable.Inclusion(rawValue: includeObject) ?? .metadata, now: Timestamp(seconds: now),
            isFirst: columns)
        return table.serialized()
    }
}
