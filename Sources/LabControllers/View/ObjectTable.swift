import KubernetesModel

/// Objects of one resource by key, found also by their namespace and by who controls them.
public struct ObjectTable<Record: Recorded>: Sendable {
    public private(set) var records: [ObjectKey: Record] = [:]
    private var namespaces: [String: Set<ObjectKey>] = [:]
    private var controllers: [String: Set<ObjectKey>] = [:]

    public init() {}

    public subscript(_ key: ObjectKey) -> Record? { records[key] }

    public var count: Int { records.count }

    /// In the order of keys.
    var sorted: [Record] { records.values.sorted { $0.meta.key < $1.meta.key } }

    func inNamespace(_ namespace: String) -> [Record] { find(namespaces[namespace]) }

    /// Those whose controlling owner has this uid.
    func controlled(by uid: String) -> [Record] { find(controllers[uid]) }

    private func find(_ keys: Set<ObjectKey>?) -> [Record] { (keys ?? []).sorted().compactMap { records[$0] } }

    /// - Returns: what stood there before.
    mutating func set(_ key: ObjectKey, _ record: Record?) -> Record? {
        let old = records[key]
        if let old {
            remove(key, from: &namespaces, old.meta.namespace)
            if let uid = old.meta.controller?.uid { remove(key, from: &controllers, uid) }
        }
        records[key] = record
        if let record {
            namespaces[record.meta.namespace, default: []].insert(key)
            if let uid = record.meta.controller?.uid { controllers[uid, default: []].insert(key) }
        }
        return old
    }

    private func remove(_ key: ObjectKey, from index: inout [String: Set<ObjectKey>], _ value: String) {
        index[value]?.remove(key)
        if index[value]?.isEmpty == true { index[value] = nil }
    }
}
