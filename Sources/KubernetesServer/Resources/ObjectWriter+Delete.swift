import JSONTree
import KubernetesModel

extension ObjectWriter {
    /// Marks an object for deletion or removes it: finalizers and a pod's grace period hold it.
    func delete(
        _ old: StoredObject, _ request: DeleteRequest, _ transaction: WriteTransaction
    ) throws(Status) -> Written {
        let before = try value(old)
        let name = old.key.name
        try checkPreconditions(request, before, name)
        try reviewDeletion(of: before, name)
        var metadata = before.member("metadata") ?? .object([])
        let stated = (metadata.member("finalizers")?.elements ?? []).compactMap(\.stringValue)
        var finalizers = stated
        if resource.collection == ResourceRegistry.definitions, !finalizers.contains(Self.cleanup) {
            finalizers.append(Self.cleanup)
        }
        finalizers = DeletionPropagation.finalizers(finalizers, policy: request.propagation)
        let areFinalizersNew = finalizers != stated
        if areFinalizersNew {
            metadata =
                finalizers.isEmpty
                ? metadata.removingMember("finalizers")
                : metadata.settingMember("finalizers", to: .array(finalizers.map { .string($0) }))
        }
        let isMarked = metadata.member("deletionTimestamp") != nil
        let grace = gracePeriod(of: before, request)
        let holdsNamespace =
            resource.collection == "namespaces" && !(before.at("spec", "finalizers")?.elements ?? []).isEmpty
        if finalizers.isEmpty, grace == 0, !holdsNamespace {
            guard let last = transaction.delete(old.key) else {
                throw .notFound(resource.groupResource, name)
            }
            return Written(object: last, isGone: true)
        }
        let remaining = metadata.member("deletionGracePeriodSeconds")?.intValue
        let isNothingSooner = isMarked && (remaining.map { grace >= $0 } ?? true)
        if isNothingSooner, !areFinalizersNew { return Written(object: old) }
        if !isNothingSooner {
            metadata = metadata.settingMember(
                "deletionTimestamp", to: .string(Timestamp(seconds: now + grace).description))
            // Namespaces and definitions are emptied by the server itself, in no stated time.
            if !holdsNamespace, resource.collection != ResourceRegistry.definitions {
                metadata = metadata.settingMember("deletionGracePeriodSeconds", to: .int(grace))
            }
        }
        if resource.countsGeneration, !isMarked {
            metadata = metadata.settingMember(
                "generation", to: .int((metadata.member("generation")?.intValue ?? 0) + 1))
        }
        var object = before.settingMember("metadata", to: metadata)
        if holdsNamespace { object = object.setting(at: ["status", "phase"], to: "Terminating") }
        object = preparation.arranged(object)
        return Written(object: transaction.put(old.key, uid: old.uid, resource.stored(object).serialized()))
    }

    /// Keeps a definition until its objects are gone.
    static let cleanup = "customresourcecleanup.apiextensions.k8s.io"

    /// Seconds. Only pods that a kubelet has to end get any.
    private func gracePeriod(of object: JSONValue, _ request: DeleteRequest) -> Int64 {
        guard resource.collection == "pods" else { return 0 }
        let phase = object.at("status", "phase")?.stringValue
        let isBound = !(object.at("spec", "nodeName")?.stringValue ?? "").isEmpty
        if !isBound || phase == "Succeeded" || phase == "Failed" { return 0 }
        return request.gracePeriodSeconds ?? object.at("spec", "terminationGracePeriodSeconds")?.intValue ?? 30
    }

    private func checkPreconditions(
        _ request: DeleteRequest, _ object: JSONValue, _ name: String
    ) throws(Status) {
        let kind = GroupResource(group: resource.kind.group, resource: resource.kind.kind)
        let uid = object.at("metadata", "uid")?.stringValue ?? ""
        if let wanted = request.uid, wanted != uid {
            throw .conflict(
                kind, name,
                "the UID in the precondition (\(wanted)) does not match the UID in record (\(uid)). The object might "
                    + "have been deleted and then recreated")
        }
        let version = object.at("metadata", "resourceVersion")?.stringValue ?? ""
        if let wanted = request.resourceVersion, wanted != version {
            throw .conflict(
                kind, name,
                "the ResourceVersion in the precondition (\(wanted)) does not match the ResourceVersion in record "
                    + "(\(version)). The object might have been modified")
        }
    }
}
