import JSONTree
import KubernetesModel

extension ResourceServer {
    /// Empties what is on its way out: namespaces, the objects of definitions, and what owners wait for. Runs beside
    /// the requests until its task is cancelled or the store is closed; takes up what a restart left.
    public func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.follow("namespaces") { await self.emptyNamespaces() } }
            group.addTask { await self.follow(ResourceRegistry.definitions) { await self.emptyDefinitions() } }
            group.addTask { await self.followWaitingOwners() }
        }
    }

    /// - Parameter work: answers whether something is left to be waited for.
    private func follow(_ collection: String, _ work: @escaping @Sendable () async -> Bool) async {
        while !Task.isCancelled {
            let start = store.revision
            if await work() {
                // Finalizers and grace periods of what is inside end without an event of this collection.
                try? await Task.sleep(for: .milliseconds(200))
                continue
            }
            do throws(StoreFailure) {
                for try await batch in try await store.watch(WatchQuery(collection, after: start))
                where !batch.events.isEmpty {
                    break
                }
            } catch {
                if case .closed = error { return }
                try? await Task.sleep(for: .milliseconds(200))
            }
        }
    }

    private func terminating(_ collection: String) async -> [StoredObject] {
        guard let page = try? await store.list(ListQuery(collection)) else { return [] }
        return page.objects.filter {
            (try? JSONTree(parsing: $0.bytes).root)?.at("metadata", "deletionTimestamp") != nil
        }
    }

    func emptyNamespaces() async -> Bool {
        var isUnfinished = false
        for namespace in await terminating("namespaces") {
            let name = namespace.key.name
            var left = 0
            for resource in registry.catalogue.namespacedCollections {
                left += await removeAll(of: resource, namespace: name)
            }
            if left > 0 {
                isUnfinished = true
                continue
            }
            let removed = try? await write(isDryRun: false) { (transaction) throws(Status) in
                guard let stored = transaction.object(namespace.key),
                    let root = try? JSONTree(parsing: stored.bytes).root
                else { throw .notFound(GroupResource(resource: "namespaces"), name) }
                let value = JSONValue.node(root).setting(at: ["spec"], to: [:])
                let last = transaction.put(stored.key, uid: stored.uid, value.serialized())
                guard root.at("metadata", "finalizers")?.elements.first(where: { _ in true }) == nil else {
                    return Written(object: last)
                }
                return Written(object: transaction.delete(stored.key) ?? last, isGone: true)
            }
            if removed == nil { isUnfinished = true }
        }
        return isUnfinished
    }

    func emptyDefinitions() async -> Bool {
        var isUnfinished = false
        for definition in await terminating(ResourceRegistry.definitions) {
            let name = definition.key.name
            var left = 0
            if let resource = registry.catalogue.resources.first(where: { $0.collection == name }) {
                left = await removeAll(of: resource, namespace: nil)
            }
            if left > 0 {
                isUnfinished = true
                continue
            }
            let done = try? await write(isDryRun: false) { (transaction) throws(Status) in
                guard let stored = transaction.object(definition.key),
                    let root = try? JSONTree(parsing: stored.bytes).root
                else { throw .notFound(GroupResource(resource: ResourceRegistry.definitions), name) }
                let finalizers = (root.at("metadata", "finalizers")?.elements.compactMap(\.string) ?? [])
                    .filter { $0 != ObjectWriter.cleanup }
                if finalizers.isEmpty, let last = transaction.delete(stored.key) {
                    return Written(object: last, isGone: true)
                }
                let value = JSONValue.node(root).setting(
                    at: ["metadata", "finalizers"], to: .array(finalizers.map { .string($0) }))
                return Written(object: transaction.put(stored.key, uid: stored.uid, value.serialized()))
            }
            if done == nil { isUnfinished = true }
            try? await reloadDefinitions()
        }
        return isUnfinished
    }

    /// Answers how many objects are still held.
    private func removeAll(of resource: ServedResource, namespace: String?) async -> Int {
        guard let page = try? await store.list(ListQuery(resource.collection, namespace: namespace)) else { return 1 }
        var left = 0
        for object in page.objects {
            let request = ServerRequest(method: .delete, path: "", segments: [], user: Self.collector)
            guard let options = try? WriteOptions(request, kind: "DeleteOptions") else { continue }
            let writer = writer(request, resource, object.key.namespace, options)
            let written = try? await write(isDryRun: false) { (transaction) throws(Status) in
                let old = try writer.existing(object.key.name, transaction)
                return try writer.delete(old, DeleteRequest(), transaction)
            }
            if let written, !written.isGone { left += 1 }
        }
        return left
    }
}
