import JSONTree
import KubernetesModel

/// What a garbage collector of a controller manager does after deletions through this server. Objects whose owner was
/// gone before they came are left to controllers.
extension ResourceServer {
    static let collector = UserInfo(
        name: "system:serviceaccount:kube-system:generic-garbage-collector", groups: ["system:masters"])

    /// After a deletion: dependents go, stay, or are waited for.
    func cascade(_ resource: ServedResource, _ written: Written, _ policy: String?) async {
        if written.isGone {
            if policy != "Orphan" { await collectDependents(of: written.object, resource) }
        } else if let root = try? JSONTree(parsing: written.object.bytes).root, DeletionPropagation.isWaiting(root) {
            if await !settle(owner: written.object.key) { waiting.add(written.object.key) }
        }
    }

    /// Settles owners that wait for their dependents, those that a restart left included, until the task is cancelled.
    func followWaitingOwners() async {
        for collection in registry.catalogue.collections {
            let marks = [DeletionPropagation.foreground, DeletionPropagation.orphan].map { Array("\"\($0)\"".utf8) }
            let query = ListQuery(collection.collection) { object in
                marks.contains { object.bytes.holds($0) }
                    && (try? JSONTree(parsing: object.bytes).root).map { DeletionPropagation.isWaiting($0) } ?? false
            }
            for object in (try? await store.list(query).objects) ?? [] { waiting.add(object.key) }
        }
        for await _ in waiting.signals {
            while !Task.isCancelled {
                let owners = waiting.all
                if owners.isEmpty { break }
                for owner in owners {
                    if await settle(owner: owner) { waiting.remove(owner) }
                }
                // Grace periods and finalizers of dependents end without telling us.
                try? await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    // MARK: Owners that wait

    /// One step for an owner with `orphan` or `foregroundDeletion`. Answers whether it needs no further one.
    func settle(owner key: StoreKey) async -> Bool {
        guard let resource = registry.catalogue.collection(key.collection) else { return true }
        guard let stored = try? await store.object(key), let root = try? JSONTree(parsing: stored.bytes).root,
            DeletionPropagation.isWaiting(root), let finalizer = DeletionPropagation.finalizer(of: root)
        else { return true }
        var blocking = 0
        for (dependent, object) in await dependents(of: stored) {
            if finalizer == DeletionPropagation.orphan {
                await disown(object, by: stored.uid)
                continue
            }
            guard let child = try? JSONTree(parsing: object.bytes).root else { continue }
            let references = OwnerReference.all(of: child)
            if child.at("metadata", "deletionTimestamp") == nil {
                await release(object, dependent, references, from: stored, isForeground: true)
            }
            let isBlocking = references.contains { $0.uid == stored.uid && $0.blocksOwnerDeletion }
            if isBlocking, let left = try? await store.object(object.key), left.uid == object.uid,
                let now = try? JSONTree(parsing: left.bytes).root,
                OwnerReference.all(of: now).contains(where: { $0.uid == stored.uid })
            {
                blocking += 1
            }
        }
        if blocking > 0 { return false }
        await finish(owner: key, uid: stored.uid, resource, finalizer)
        return true
    }

    private func finish(owner key: StoreKey, uid: String, _ resource: ServedResource, _ finalizer: String) async {
        let writer = collectorsWriter(resource, key.namespace)
        let written = try? await write(isDryRun: false) { (transaction) throws(Status) in
            let old = try writer.existing(key.name, transaction)
            guard old.uid == uid else { throw .notFound(resource.groupResource, key.name) }
            let object = try writer.value(old)
            let left = (object.at("metadata", "finalizers")?.elements ?? []).filter { $0.stringValue != finalizer }
            let released =
                left.isEmpty
                ? object.removing(at: ["metadata", "finalizers"])
                : object.setting(at: ["metadata", "finalizers"], to: .array(left))
            return try writer.update(old, to: released, subresource: "", transaction)
        }
        guard let written, written.isGone else { return }
        try? await settle(resource, written)
        if finalizer == DeletionPropagation.foreground { await collectDependents(of: written.object, resource) }
    }

    // MARK: Dependents

    /// Kinds that others belong to. All objects are looked at for the owner's uid, so nobody looks for those of a pod.
    private static let owners: Set<String> = [
        "deployments.apps", "replicasets.apps", "daemonsets.apps", "statefulsets.apps", "jobs.batch", "cronjobs.batch",
        "services", "nodes", "endpoints", "replicationcontrollers",
    ]

    private static func mayOwn(_ resource: ServedResource) -> Bool {
        resource.isCustom || owners.contains(resource.collection)
    }

    /// What belonged to nobody else goes with its owner.
    func collectDependents(of owner: StoredObject, _ resource: ServedResource) async {
        guard Self.mayOwn(resource) else { return }
        for (dependent, object) in await dependents(of: owner) {
            guard let root = try? JSONTree(parsing: object.bytes).root else { continue }
            await release(object, dependent, OwnerReference.all(of: root), from: owner, isForeground: false)
        }
    }

    /// Deletes a dependent, or takes the owner from it when it has another.
    private func release(
        _ object: StoredObject, _ resource: ServedResource, _ references: [OwnerReference], from owner: StoredObject,
        isForeground: Bool
    ) async {
        for reference in references where reference.uid != owner.uid {
            if await isThere(reference, namespace: object.key.namespace) {
                await disown(object, by: owner.uid)
                return
            }
        }
        let writer = collectorsWriter(resource, object.key.namespace)
        var request = DeleteRequest()
        request.uid = object.uid
        // A dependent that others depend on waits for them too when its owner does.
        if isForeground, Self.mayOwn(resource), await !dependents(of: object).isEmpty {
            request.propagation = "Foreground"
        }
        let wanted = request
        let written = try? await write(isDryRun: false) { (transaction) throws(Status) in
            try writer.delete(try writer.existing(object.key.name, transaction), wanted, transaction)
        }
        guard let written else { return }
        try? await settle(resource, written)
        await cascade(resource, written, wanted.propagation)
    }

    private func disown(_ object: StoredObject, by uid: String) async {
        _ = try? await write(isDryRun: false) { (transaction) throws(Status) in
            guard let stored = transaction.object(object.key), let root = try? JSONTree(parsing: stored.bytes).root
            else { throw .notFound(GroupResource(resource: object.key.collection), object.key.name) }
            let free = DeletionPropagation.disowned(.node(root), by: uid)
            return Written(object: transaction.put(stored.key, uid: stored.uid, free.serialized()))
        }
    }

    /// Whether another owner exists and is not about to go with its dependents.
    private func isThere(_ reference: OwnerReference, namespace: String) async -> Bool {
        let kind = GroupVersionKind(apiVersion: reference.apiVersion, kind: reference.kind)
        guard
            let resource = registry.catalogue.resources.first(where: {
                $0.kind.group == kind.group && $0.kind.kind == kind.kind
            })
        else { return false }
        let key = StoreKey(
            resource.collection, namespace: resource.isNamespaced ? namespace : "", name: reference.name)
        guard let stored = try? await store.object(key), stored.uid == reference.uid,
            let root = try? JSONTree(parsing: stored.bytes).root
        else { return false }
        return root.at("metadata", "deletionTimestamp") == nil
    }

    /// Dependents live in the namespace of their owner; those of an owner without one, anywhere.
    private func dependents(of owner: StoredObject) async -> [(ServedResource, StoredObject)] {
        let mark = Array("\"\(owner.uid)\"".utf8)
        let namespace = owner.key.namespace
        var found: [(ServedResource, StoredObject)] = []
        for resource in registry.catalogue.collections where resource.isNamespaced || namespace.isEmpty {
            let query = ListQuery(resource.collection, namespace: namespace.isEmpty ? nil : namespace) { object in
                object.uid != owner.uid && object.bytes.holds(mark)
                    && (try? JSONTree(parsing: object.bytes).root)
                        .map { OwnerReference.all(of: $0).contains { $0.uid == owner.uid } } ?? false
            }
            for object in (try? await store.list(query).objects) ?? [] { found.append((resource, object)) }
        }
        return found
    }

    private func collectorsWriter(_ resource: ServedResource, _ namespace: String) -> ObjectWriter {
        ObjectWriter(
            resource: resource, namespace: namespace, options: WriteOptions(manager: "kube-controller-manager"),
            user: Self.collector, manager: "kube-controller-manager", now: clock(), reviews: reviews,
            allocation: allocation)
    }
}
