import JSONTree
import KubernetesModel

/// What a server writes into metadata, and what it does not let clients write. Pure.
struct ObjectPreparation {
    let resource: ServedResource
    /// Seconds since 1970.
    let now: Int64

    private var time: JSONValue { .string(Timestamp(seconds: now).description) }

    /// Members in a server's order: kind and apiVersion first, then metadata; of built-in kinds. Custom resources are
    /// shown with sorted members, as Go prints maps.
    func arranged(_ object: JSONValue) -> JSONValue {
        var object = object.settingMember("metadata", to: metadataArranged(object.member("metadata") ?? .object([])))
        object = object.settingMember("kind", to: .string(resource.kind.kind))
        object = object.settingMember("apiVersion", to: .string(storedAPIVersion))
        let members = object.members
        let first = ["kind", "apiVersion", "metadata"]
        let head = first.compactMap { key in members.first { $0.key == key } }
        return .object(head + members.filter { !first.contains($0.key) })
    }

    var storedAPIVersion: String {
        GroupVersionKind(group: resource.kind.group, version: resource.storageVersion, kind: "").apiVersion
    }

    private static let order = [
        "name", "generateName", "namespace", "selfLink", "uid", "resourceVersion", "generation", "creationTimestamp",
        "deletionTimestamp", "deletionGracePeriodSeconds", "labels", "annotations", "ownerReferences", "finalizers",
        "managedFields",
    ]

    private func metadataArranged(_ metadata: JSONValue) -> JSONValue {
        let members = metadata.members.filter { !$0.value.isNull && $0.key != "selfLink" }
        let known = Self.order.compactMap { key in members.last { $0.key == key } }
        return .object(known + members.filter { !Self.order.contains($0.key) })
    }

    // MARK: Create

    /// A new object: what clients must not set is dropped, identity is given.
    func created(_ object: JSONValue, namespace: String, name: String, uid: String) -> JSONValue {
        var metadata = object.member("metadata") ?? .object([])
        for key in ["selfLink", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "resourceVersion"] {
            metadata = metadata.removingMember(key)
        }
        metadata = metadata.settingMember("name", to: .string(name)).settingMember("uid", to: .string(uid))
            .settingMember("creationTimestamp", to: time)
        metadata =
            namespace.isEmpty
            ? metadata.removingMember("namespace") : metadata.settingMember("namespace", to: .string(namespace))
        if resource.countsGeneration { metadata = metadata.settingMember("generation", to: 1) }
        if resource.collection == "namespaces" {
            metadata = metadata.setting(at: ["labels", Namespace.nameLabel], to: .string(name))
        }
        return object.settingMember("metadata", to: metadata)
    }

    /// The status belongs to controllers: a create begins with the kind's own.
    func startingStatus(_ object: JSONValue) -> JSONValue {
        if resource.isCustom { return resource.hasStatus ? object.removingMember("status") : object }
        switch (resource.kind.group, resource.kind.kind) {
        case ("", "Pod"):
            return object.settingMember("status", to: ["phase": "Pending", "qosClass": .string(qosClass(of: object))])
        case ("", "Service"): return object.settingMember("status", to: ["loadBalancer": [:]])
        case ("", "Namespace"):
            return object.setting(at: ["spec", "finalizers"], to: ["kubernetes"])
                .settingMember("status", to: ["phase": "Active"])
        case ("networking.k8s.io", "Ingress"):
            return object.settingMember("status", to: ["loadBalancer": [:]])
        case ("", "Node"), ("apiextensions.k8s.io", _): return object
        default: return resource.hasStatus ? object.settingMember("status", to: [:]) : object
        }
    }

    /// Guaranteed when every container's limits are its requests and both are said, BestEffort when nothing is.
    private func qosClass(of pod: JSONValue) -> String {
        let containers =
            (pod.at("spec", "containers")?.elements ?? []) + (pod.at("spec", "initContainers")?.elements ?? [])
        var isAnything = false
        var isEverything = true
        for container in containers {
            let limits = container.at("resources", "limits")
            let requests = container.at("resources", "requests")
            if !(limits?.members ?? []).isEmpty || !(requests?.members ?? []).isEmpty { isAnything = true }
            for name in ["cpu", "memory"] {
                guard let limit = limits?.member(name) else {
                    isEverything = false
                    continue
                }
                if let request = requests?.member(name), request != limit { isEverything = false }
            }
        }
        return !isAnything ? "BestEffort" : isEverything ? "Guaranteed" : "Burstable"
    }

    // MARK: Update

    /// The new object of an update: identity and what the request does not reach come from the stored one.
    func updated(_ object: JSONValue, from old: JSONValue, subresource: String) -> JSONValue {
        var result: JSONValue
        switch subresource {
        case "status" where resource.isCustom:
            // Only the status changes.
            result = old.settingMember("status", to: object.member("status") ?? .object([]))
            if object.member("status") == nil { result = old.removingMember("status") }
            if let managed = object.at("metadata", "managedFields") {
                result = result.setting(at: ["metadata", "managedFields"], to: managed)
            }
            return result
        case "status":
            // Of built-in kinds metadata too: network plugins write annotations of nodes this way.
            result = old.settingMember("status", to: object.member("status") ?? .object([]))
            result = result.settingMember("metadata", to: object.member("metadata") ?? .object([]))
        case "": result = object
        default: result = object
        }
        if resource.hasStatus, subresource.isEmpty {
            result =
                old.member("status").map { result.settingMember("status", to: $0) } ?? result.removingMember("status")
        }
        var metadata = result.member("metadata") ?? .object([])
        let stored = old.member("metadata") ?? .object([])
        for key in [
            "name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds",
            "generation", "generateName",
        ] {
            metadata = stored.member(key).map { metadata.settingMember(key, to: $0) } ?? metadata.removingMember(key)
        }
        result = result.settingMember("metadata", to: metadata)
        if resource.countsGeneration, isDesireChanged(from: old, to: result) {
            let generation = stored.member("generation")?.intValue ?? 0
            result = result.setting(at: ["metadata", "generation"], to: .int(generation + 1))
        }
        return result
    }

    /// Whether anything but metadata and status differs.
    private func isDesireChanged(from old: JSONValue, to new: JSONValue) -> Bool {
        func desire(_ object: JSONValue) -> JSONValue {
            let without: Set = ["kind", "apiVersion", "metadata", resource.hasStatus ? "status" : "metadata"]
            return .object(object.members.filter { !without.contains($0.key) })
        }
        return !desire(old).isEquivalent(to: desire(new))
    }

    /// Nothing to write: the same but for the version and the time of managed fields.
    static func isSame(_ left: JSONValue, _ right: JSONValue) -> Bool {
        func bare(_ object: JSONValue) -> JSONValue {
            let fields = object.at("metadata", "managedFields")?.elements.map { $0.removingMember("time") }
            let bare = object.removing(at: ["metadata", "resourceVersion"])
            return fields.map { bare.setting(at: ["metadata", "managedFields"], to: .array($0)) } ?? bare
        }
        return bare(left).isEquivalent(to: bare(right))
    }
}
