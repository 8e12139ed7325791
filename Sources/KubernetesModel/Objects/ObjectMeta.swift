import JSONTree

/// `metadata` of an object: what we read of it. Managed fields are left where they are.
public struct ObjectMeta: Hashable, Sendable {
    public var name = ""
    public var generateName = ""
    /// Empty for cluster-scoped objects.
    public var namespace = ""
    public var uid = ""
    /// Opaque; compared only for equality, except by the server that gave it.
    public var resourceVersion = ""
    /// Grows with each change of what is desired; 0 when the kind does not count.
    public var generation = 0
    public var creationTimestamp: Timestamp?
    /// Set when the object is on its way out: finalizers or a grace period still hold it.
    public var deletionTimestamp: Timestamp?
    public var deletionGracePeriodSeconds: Int?
    public var labels: [String: String] = [:]
    public var annotations: [String: String] = [:]
    public var ownerReferences: [OwnerReference] = []
    public var finalizers: [String] = []

    public init(name: String = "", namespace: String = "", labels: [String: String] = [:]) {
        self.name = name
        self.namespace = namespace
        self.labels = labels
    }

    /// - Parameter node: the value of `metadata`.
    public init(decoding node: JSONNode) throws(FieldError) {
        let fields = try FieldReader(node)
        name = try fields.string("name") ?? ""
        generateName = try fields.string("generateName") ?? ""
        namespace = try fields.string("namespace") ?? ""
        uid = try fields.string("uid") ?? ""
        resourceVersion = try fields.string("resourceVersion") ?? ""
        generation = try fields.int("generation") ?? 0
        creationTimestamp = try fields.timestamp("creationTimestamp")
        deletionTimestamp = try fields.timestamp("deletionTimestamp")
        deletionGracePeriodSeconds = try fields.int("deletionGracePeriodSeconds")
        labels = try fields.stringMap("labels")
        annotations = try fields.stringMap("annotations")
        ownerReferences = try fields.objects("ownerReferences", OwnerReference.init(reading:))
        finalizers = try fields.strings("finalizers")
    }

    /// Of a whole object; one without metadata has empty ones.
    public init(of object: JSONNode) throws(FieldError) {
        guard let node = object.member("metadata"), !node.isNull else {
            self.init()
            return
        }
        try self.init(decoding: node)
    }

    public var key: ObjectKey { ObjectKey(namespace: namespace, name: name) }

    public var isTerminating: Bool { deletionTimestamp != nil }

    /// The owner that acts for this object.
    public var controller: OwnerReference? { ownerReferences.first { $0.isController } }
}

/// Who an object belongs to: it is collected when all its owners are gone.
public struct OwnerReference: Hashable, Sendable {
    public var apiVersion: String
    public var kind: String
    public var name: String
    public var uid: String
    public var isController: Bool
    /// Deleting the owner in the foreground waits for this object.
    public var blocksOwnerDeletion: Bool

    public init(
        apiVersion: String, kind: String, name: String, uid: String, isController: Bool = false,
        blocksOwnerDeletion: Bool = false
    ) {
        self.apiVersion = apiVersion
        self.kind = kind
        self.name = name
        self.uid = uid
        self.isController = isController
        self.blocksOwnerDeletion = blocksOwnerDeletion
    }

    public init(reading fields: FieldReader) throws(FieldError) {
        self.init(
            apiVersion: try fields.string("apiVersion") ?? "", kind: try fields.string("kind") ?? "",
            name: try fields.string("name") ?? "", uid: try fields.string("uid") ?? "",
            isController: try fields.bool("controller") ?? false,
            blocksOwnerDeletion: try fields.bool("blockOwnerDeletion") ?? false)
    }

    public var value: JSONValue {
        var members = [
            JSONMember("apiVersion", .string(apiVersion)), JSONMember("kind", .string(kind)),
            JSONMember("name", .string(name)), JSONMember("uid", .string(uid)),
        ]
        if isController { members.append(JSONMember("controller", true)) }
        if blocksOwnerDeletion { members.append(JSONMember("blockOwnerDeletion", true)) }
        return .object(members)
    }
}
