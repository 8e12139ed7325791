import Foundation
import JSONTree
import KubernetesModel
import KubernetesSchema

/// Why a transaction ends without writing.
enum WriteRefusal: Error {
    case status(Status)
    /// A dry run: everything was right, and this would have been stored.
    case dryRun(Written)
}

/// What a write did.
struct Written: Sendable {
    var object: StoredObject
    var warnings: [String] = []
    var isCreated = false
    /// Nothing is left of the object.
    var isGone = false
}

/// The steps of a write between the parsed body and the store; runs inside a transaction.
struct ObjectWriter: Sendable {
    let resource: ServedResource
    let namespace: String
    let options: WriteOptions
    let user: UserInfo
    let manager: String
    /// Seconds since 1970.
    let now: Int64
    let reviews: [any WriteReview]
    let allocation: ServiceAllocation

    var preparation: ObjectPreparation { ObjectPreparation(resource: resource, now: now) }
    private var time: String { Timestamp(seconds: now).description }

    func key(_ name: String) -> StoreKey {
        StoreKey(resource.collection, namespace: resource.isNamespaced ? namespace : "", name: name)
    }

    /// The object as its bytes say, under the served version.
    func value(_ object: StoredObject) throws(Status) -> JSONValue {
        guard let tree = try? JSONTree(parsing: object.bytes) else {
            throw .internalError("the stored object \(object.key) cannot be read")
        }
        return resource.served(.node(tree.root))
    }

    func existing(_ name: String, _ transaction: WriteTransaction) throws(Status) -> StoredObject {
        guard let object = transaction.object(key(name)) else { throw .notFound(resource.groupResource, name) }
        return object
    }

    // MARK: Reading

    private func read(_ object: JSONValue) throws(Status) -> (JSONValue, [String]) {
        let pruned: Pruned
        do throws(DecodingMistake) {
            pruned = try resource.admission.decoded(object)
        } catch {
            throw .badRequest(resource.admission.badRequest(error.description))
        }
        let messages = pruned.messages
        switch options.fieldValidation {
        case .strict where !messages.isEmpty: throw .badRequest(resource.admission.strictRefusal(pruned))
        case .warn: return (pruned.value, messages)
        case .ignore, .strict: return (pruned.value, [])
        }
    }

    // MARK: Create

    /// - Parameter isApplied: the object already has its managed fields, from server-side apply.
    func create(
        _ body: JSONValue, name given: String? = nil, isApplied: Bool = false, _ transaction: WriteTransaction
    ) throws(Status) -> Written {
        let (read, warnings) = try read(body)
        try checkNamespace(of: body)
        if let version = body.at("metadata", "resourceVersion")?.stringValue, !version.isEmpty, version != "0" {
            throw .badRequest("resourceVersion should not be set on objects to be created")
        }
        let name = try name(of: body, given, transaction)
        try checkNamespaceIsOpen(name, transaction)
        if transaction.object(key(name)) != nil { throw .alreadyExists(resource.groupResource, name) }
        let uid = UUID().uuidString.lowercased()
        var object = preparation.created(
            read, namespace: resource.isNamespaced ? namespace : "", name: name, uid: uid)
        object = resource.admission.defaulted(object, operation: .create)
        // Owned is what the client wrote and what is filled in for everybody; not what the server allocates.
        if !isApplied { object = owned(object, body: body) }
        object = preparation.startingStatus(object)
        var errors: [FieldError] = []
        (object, errors) = try special(object, old: nil, name, transaction)
        errors += MetadataRules.violations(of: object, resource)
        errors += resource.admission.violations(of: object, operation: .create)
        if !errors.isEmpty { throw .invalid(resource.kind, name, errors) }
        object = preparation.arranged(object)
        try review(before: nil, after: object, name)
        let stored = transaction.put(key(name), uid: uid, resource.stored(object).serialized())
        var written = Written(object: stored, warnings: warnings, isCreated: true)
        written.warnings += resource.admission.warnings(about: object)
        if let deprecation = resource.deprecation { written.warnings.append(deprecation) }
        return written
    }

    private func checkNamespace(of body: JSONValue) throws(Status) {
        guard let stated = body.at("metadata", "namespace")?.stringValue, !stated.isEmpty else { return }
        if stated != (resource.isNamespaced ? namespace : "") {
            throw .badRequest("the namespace of the provided object does not match the namespace sent on the request")
        }
    }

    private func name(of body: JSONValue, _ given: String?, _ transaction: WriteTransaction) throws(Status) -> String {
        if let name = given ?? body.at("metadata", "name")?.stringValue, !name.isEmpty { return name }
        guard let prefix = body.at("metadata", "generateName")?.stringValue, !prefix.isEmpty else {
            throw .invalid(
                resource.kind, "", [FieldError(.required, at: "metadata.name", "name or generateName is required")])
        }
        var name = ""
        for _ in 0..<8 {
            name = Self.generated(prefix)
            if transaction.object(key(name)) == nil { return name }
        }
        throw .generateNameConflict(resource.groupResource, name)
    }

    /// Five characters that cannot be misread, behind the prefix cut at 58.
    static func generated(_ prefix: String) -> String {
        let alphabet = Array("bcdfghjklmnpqrstvwxz2456789")
        let suffix = (0..<5).map { _ in String(alphabet[Int.random(in: 0..<alphabet.count)]) }.joined()
        return String(decoding: prefix.utf8.prefix(58), as: UTF8.self) + suffix
    }

    private func checkNamespaceIsOpen(_ name: String, _ transaction: WriteTransaction) throws(Status) {
        guard resource.isNamespaced else { return }
        guard let stored = transaction.object(StoreKey("namespaces", name: namespace)) else {
            throw .notFound(GroupResource(resource: "namespaces"), namespace)
        }
        let root = try? JSONTree(parsing: stored.bytes).root
        if root?.at("metadata", "deletionTimestamp") != nil {
            throw .namespaceTerminating(resource.groupResource, name, namespace: namespace)
        }
    }

    // MARK: Update

    /// - Parameters:
    ///   - body: the whole object as it is to be.
    ///   - isApplied: its managed fields are right already.
    func update(
        _ old: StoredObject, to body: JSONValue, subresource: String, isApplied: Bool = false,
        _ transaction: WriteTransaction
    ) throws(Status) -> Written {
        let before = try value(old)
        let name = old.key.name
        try checkVersion(body, before, name)
        let (read, warnings) = try read(body)
        try checkNamespace(of: body)
        var object = preparation.updated(read, from: before, subresource: subresource)
        object = resource.admission.defaulted(object, operation: .update, old: before)
        var errors: [FieldError] = []
        (object, errors) = try special(object, old: before, name, transaction)
        errors += MetadataRules.violations(of: object, resource) + MetadataRules.changes(from: before, to: object)
        errors += resource.admission.violations(of: object, operation: .update, old: before)
        if !errors.isEmpty { throw .invalid(resource.kind, name, errors) }
        if !isApplied { object = managed(object, from: before, subresource: subresource) }
        object = preparation.arranged(object)
        if ObjectPreparation.isSame(before, object) { return Written(object: old, warnings: warnings) }
        try review(before: before, after: object, name)
        let stored = transaction.put(old.key, uid: old.uid, resource.stored(object).serialized())
        if isFinished(object), transaction.delete(old.key) != nil {
            return Written(object: stored, warnings: warnings, isGone: true)
        }
        // The status alone has nothing to be told of.
        let said = subresource == "status" ? [] : resource.admission.warnings(about: object)
        return Written(object: stored, warnings: warnings + said)
    }

    private func checkVersion(_ body: JSONValue, _ before: JSONValue, _ name: String) throws(Status) {
        if let version = body.at("metadata", "resourceVersion")?.stringValue, !version.isEmpty, version != "0",
            version != before.at("metadata", "resourceVersion")?.stringValue
        {
            throw .modified(resource.groupResource, name)
        }
        let stored = before.at("metadata", "uid")?.stringValue ?? ""
        if let uid = body.at("metadata", "uid")?.stringValue, !uid.isEmpty, uid != stored {
            throw .conflict(
                resource.groupResource, name,
                "Precondition failed: UID in precondition: \(uid), UID in object meta: \(stored)")
        }
    }

    /// On its way out, and nothing holds it any longer.
    private func isFinished(_ object: JSONValue) -> Bool {
        guard object.at("metadata", "deletionTimestamp") != nil else { return false }
        if !(object.at("metadata", "finalizers")?.elements ?? []).isEmpty { return false }
        if resource.collection == "namespaces" { return (object.at("spec", "finalizers")?.elements ?? []).isEmpty }
        return (object.at("metadata", "deletionGracePeriodSeconds")?.intValue ?? 0) == 0
    }

    // MARK: Around

    /// What the server itself fills in after the client's fields have found their owner: nobody's.
    private static let unowned: [String: [[String]]] = [
        "namespaces": [["spec", "finalizers"]],
        "pods": [
            ["spec", "preemptionPolicy"], ["spec", "priority"], ["spec", "serviceAccount"],
            ["spec", "serviceAccountName"], ["spec", "tolerations"],
        ],
        "services": [["spec", "clusterIPs"], ["spec", "ipFamilies"], ["spec", "ipFamilyPolicy"]],
        "events": [["source"], ["reportingComponent"], ["reportingInstance"]],
    ]

    /// A new object with its first managed fields.
    private func owned(_ object: JSONValue, body: JSONValue) -> JSONValue {
        var seen = object
        for path in Self.unowned[resource.collection] ?? [] where body.at(path) == nil {
            seen = seen.removing(at: path)
        }
        let fields = managed(seen, from: nil, subresource: "").at("metadata", "managedFields")
        return fields.map { object.setting(at: ["metadata", "managedFields"], to: $0) } ?? object
    }

    private func managed(_ object: JSONValue, from before: JSONValue?, subresource: String) -> JSONValue {
        let owner = FieldOwner(
            manager: manager, operation: .update, apiVersion: resource.kind.apiVersion, subresource: subresource)
        return ManagedFields.updated(
            from: before, to: object, owner: owner, time: time, schema: resource.fieldSchema,
            ignoring: .resetFields(subresource: subresource, hasStatus: resource.hasStatus))
    }

    private func review(before: JSONValue?, after: JSONValue?, _ name: String) throws(Status) {
        for review in reviews {
            if let refusal = review.refusal(
                by: user, resource.groupResource, namespace: namespace, name: name, before: before, after: after)
            {
                throw refusal
            }
        }
    }

    /// What only some kinds need, and needs other objects or more than defaults.
    private func special(
        _ object: JSONValue, old: JSONValue?, _ name: String, _ transaction: WriteTransaction
    ) throws(Status) -> (JSONValue, [FieldError]) {
        switch resource.collection {
        case "pods" where old == nil: return (try admitted(object, name, transaction), [])
        case "services":
            let others = transaction.objects("services").filter { $0.key != key(name) }
                .compactMap { try? JSONTree(parsing: $0.bytes).root }
            return allocation.allocated(
                object, old: old, key: ObjectKey(namespace: namespace, name: name),
                taken: ServiceAllocation.Taken(others))
        case "namespaces":
            return (
                object.setting(at: ["metadata", "labels", Namespace.nameLabel], to: .string(name)), []
            )
        case ResourceRegistry.definitions:
            let defaulted = CustomResourceDefinition.defaulted(object)
            var errors = CustomResourceDefinition(defaulted).violations.map { FieldError($0) }
            guard let old else {
                let status = CustomResourceDefinition.initialStatus(of: defaulted)
                return (defaulted.settingMember("status", to: status), errors)
            }
            errors += CustomResourceDefinition.changes(from: old, to: defaulted).map { FieldError($0) }
            return (defaulted, errors)
        default: return (object, [])
        }
    }

    func reviewDeletion(of object: JSONValue, _ name: String) throws(Status) {
        try review(before: object, after: nil, name)
    }
}
