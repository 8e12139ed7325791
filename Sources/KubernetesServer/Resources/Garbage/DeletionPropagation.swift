import JSONTree

/// What happens to the objects an object owns when it is deleted (`propagationPolicy`), as finalizers say it
/// (apiserver/pkg/registry/generic/registry/store.go, `deletionFinalizersForGarbageCollection`). Pure.
enum DeletionPropagation {
    /// Dependents lose their owner and stay.
    static let orphan = "orphan"
    /// The owner stays until those of its dependents are gone that block its deletion.
    static let foreground = "foregroundDeletion"

    /// The finalizers of an object that is to be deleted: what is asked for now wins over what was marked earlier.
    static func finalizers(_ present: [String], policy: String?) -> [String] {
        let mark: String? =
            switch policy {
            case "Orphan": orphan
            case "Foreground": foreground
            case "Background": nil
            default: present.first { $0 == orphan } ?? present.first { $0 == foreground }
            }
        guard let mark else { return present.filter { $0 != orphan && $0 != foreground } }
        if present.contains(mark) { return present.filter { $0 == mark || ($0 != orphan && $0 != foreground) } }
        return present.filter { $0 != orphan && $0 != foreground } + [mark]
    }

    /// Whether an object on its way out waits for its dependents.
    static func isWaiting(_ object: JSONNode) -> Bool {
        object.at("metadata", "deletionTimestamp") != nil && finalizer(of: object) != nil
    }

    static func finalizer(of object: JSONNode) -> String? {
        object.at("metadata", "finalizers")?.elements.lazy.compactMap(\.string).first {
            $0 == orphan || $0 == foreground
        }
    }

    /// The object without its reference to this owner.
    static func disowned(_ object: JSONValue, by uid: String) -> JSONValue {
        let path = ["metadata", "ownerReferences"]
        let kept = (object.at(path)?.elements ?? []).filter { $0.member("uid")?.stringValue != uid }
        return kept.isEmpty ? object.removing(at: path) : object.setting(at: path, to: .array(kept))
    }
}

/// An entry of `metadata.ownerReferences`.
struct OwnerReference: Hashable, Sendable {
    var apiVersion: String
    var kind: String
    var name: String
    var uid: String
    var blocksOwnerDeletion: Bool

    init(_ node: JSONNode) {
        apiVersion = node.member("apiVersion")?.string ?? ""
        kind = node.member("kind")?.string ?? ""
        name = node.member("name")?.string ?? ""
        uid = node.member("uid")?.string ?? ""
        blocksOwnerDeletion = node.member("blockOwnerDeletion")?.bool ?? false
    }

    static func all(of object: JSONNode) -> [OwnerReference] {
        object.at("metadata", "ownerReferences")?.elements.map { OwnerReference($0) } ?? []
    }
}

extension [UInt8] {
    /// Whether the bytes stand somewhere in these: quick, because every object of a cluster is asked.
    func holds(_ wanted: [UInt8]) -> Bool {
        guard let first = wanted.first, count >= wanted.count else { return wanted.isEmpty }
        return withUnsafeBufferPointer { bytes in
            wanted.withUnsafeBufferPointer { wanted in
                var index = 0
                let end = bytes.count - wanted.count
                while index <= end {
                    if bytes[index] == first {
                        var length = 1
                        while length < wanted.count, bytes[index + length] == wanted[length] { length += 1 }
                        if length == wanted.count { return true }
                    }
                    index += 1
                }
                return false
            }
        }
    }
}
