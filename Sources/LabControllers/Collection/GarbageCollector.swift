import Findings
import JSONTree
import KubernetesClient
import KubernetesModel
import Logging
import Synchronization

/// Deletes what nobody owns any more. Follows every resource that can be listed, watched and deleted, custom ones too,
/// as they come.
final class GarbageCollector: Sendable {
    private let client: ClusterClient
    private let discovery: Discovery
    private let reflector: ReflectorSettings
    private let logger: Logger
    private let graph = Mutex(OwnerGraph())
    private let runner = QueueRunner<String>(width: 8)

    /// Never owned, and many.
    private static let ignored: Set<String> = ["events"]
    /// How often new resources are looked for.
    private static let period: Duration = .seconds(5)

    init(_ client: ClusterClient, _ reflector: ReflectorSettings, logger: Logger) {
        self.client = client
        self.reflector = reflector
        self.logger = logger
        discovery = Discovery(client)
    }

    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.runner.run { await self.process($0) } }
            group.addTask { await self.followAll() }
        }
    }

    // MARK: The graph

    /// An informer for each resource, for as long as it is served.
    private func followAll() async {
        var informers: [GroupVersionResource: Task<Void, Never>] = [:]
        while !Task.isCancelled {
            if let served = try? await discovery.resources(isFresh: true), served.unavailable.isEmpty {
                let wanted = Set(served.resources.filter(Self.isCollected).map(\.resource))
                for resource in wanted where informers[resource] == nil {
                    informers[resource] = Task { await self.follow(resource) }
                }
                for resource in informers.keys where !wanted.contains(resource) {
                    informers.removeValue(forKey: resource)?.cancel()
                }
            }
            try? await Task.sleep(for: Self.period)
        }
        for task in informers.values { task.cancel() }
    }

    private static func isCollected(_ served: ServedResource) -> Bool {
        Set(["list", "watch", "delete"]).isSubset(of: served.verbs) && !ignored.contains(served.resource.resource)
            && !served.resource.resource.contains("/")
    }

    private func follow(_ resource: GroupVersionResource) async {
        let projection = Projection<OwnedObject> { (node) throws(FieldError) in
            let meta = try ObjectMeta(of: node)
            return OwnedObject(
                resource: resource, key: meta.key, uid: meta.uid, version: meta.resourceVersion,
                owners: meta.ownerReferences, finalizers: meta.finalizers, isTerminating: meta.isTerminating)
        }
        let informer = Informer(
            InformerScope(resource), projection: projection, over: client.transport, settings: reflector)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await informer.run() }
            group.addTask {
                for await event in informer.subscribe() {
                    switch event {
                    case .added(_, let object), .updated(_, from: _, to: let object):
                        self.runner.add(self.graph.withLock { $0.set(object) })
                    case .deleted(_, let object): self.runner.add(self.graph.withLock { $0.remove(object.uid) })
                    case .synced: break
                    }
                }
            }
        }
    }

    // MARK: Work

    private func process(_ uid: String) async -> QueueRunner<String>.Outcome {
        for decision in graph.withLock({ $0.decisions(about: uid) }) {
            do throws(KubernetesFailure) {
                if try await !carryOut(decision) { return .again(in: .seconds(5)) }
            } catch {
                // Gone or changed meanwhile: the event of that is the next occasion.
                if error.status?.isNotFound == true || error.isCancelled { return .done }
                if error.status?.isConflict != true { logger.warning("collector: \(error.finding.message)") }
                return .failed
            }
        }
        return .done
    }

    /// False when it is not known yet what is to be done.
    private func carryOut(_ decision: OwnerGraph.Decision) async throws(KubernetesFailure) -> Bool {
        switch decision {
        case .delete(let object, let isForeground):
            logger.debug("collecting \(object.resource.resource) \(object.key)")
            try await collection(object).delete(
                object.key.name,
                DeleteOptions(propagation: isForeground ? .foreground : .background, uid: object.uid))
        case .disown(let object, let owners):
            let left = object.owners.filter { !owners.contains($0) }.map(\.value)
            _ = try await collection(object).patch(
                object.key.name,
                .merge([
                    "metadata": ["resourceVersion": .string(object.version), "ownerReferences": .array(left)]
                ]))
        case .release(let object, let finalizer):
            let left = object.finalizers.filter { $0 != finalizer }.map { JSONValue.string($0) }
            _ = try await collection(object).patch(
                object.key.name,
                .merge(["metadata": ["resourceVersion": .string(object.version), "finalizers": .array(left)]]))
        case .ask(let owner, let namespace):
            return try await ask(owner, namespace)
        }
        return true
    }

    private func collection(_ object: OwnedObject) -> ResourceCollection {
        client.collection(object.resource, namespace: object.key.namespace)
    }

    /// Whether the question is settled. An owner of a kind that is not served is not known to be gone.
    private func ask(_ owner: OwnerReference, _ namespace: String) async throws(KubernetesFailure) -> Bool {
        let kind = GroupVersionKind(apiVersion: owner.apiVersion, kind: owner.kind)
        guard let served = try await discovery.resource(of: kind) else { return false }
        let found = try await client.collection(
            served.resource, namespace: served.isNamespaced ? namespace : ""
        ).find(owner.name)
        // It is there, and its informer will say so.
        if found?.at("metadata", "uid")?.string == owner.uid { return false }
        runner.add(graph.withLock { $0.learn(absent: owner.uid) })
        return true
    }
}
