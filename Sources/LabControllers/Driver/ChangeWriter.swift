import JSONTree
import KubernetesClient
import KubernetesModel

/// Carries changes out, one after the other.
struct ChangeWriter: Sendable {
    let client: ClusterClient
    let events: EventDesk

    /// What the view has to show before the next plan; nil when there is nothing to wait for.
    func write(_ change: Change, now: Duration) async throws(KubernetesFailure) -> AwaitedSight? {
        switch change {
        case .create(let resource, let object):
            let namespace = object.at("metadata", "namespace")?.stringValue ?? ""
            return seen(try await client.collection(resource, namespace: namespace).create(object), resource, now)
        case .delete(let resource, let key, let uid, let grace):
            do throws(KubernetesFailure) {
                try await client.collection(resource, namespace: key.namespace).delete(
                    key.name, DeleteOptions(gracePeriodSeconds: grace, propagation: .background, uid: uid))
            } catch {
                // Gone, or another object has the name: what was to go is not there.
                guard error.status?.isNotFound == true || error.status?.isConflict == true else { throw error }
            }
            return watched(resource).map {
                AwaitedSight(resource: $0, key: key, uid: uid, sight: .going, until: now + AwaitedSight.patience)
            }
        case .patch(let resource, let key, let patch):
            let body: ResourcePatch = patch.form == .merge ? .merge(patch.body) : .strategic(patch.body)
            let answer = try await client.collection(resource, namespace: key.namespace).patch(
                key.name, body, subresource: patch.subresource.isEmpty ? nil : patch.subresource)
            return seen(answer, resource, now)
        case .bind(let key, let uid, let node):
            _ = try await client.collection(of: Pod.self, namespace: key.namespace).create(
                [
                    "apiVersion": "v1", "kind": "Binding",
                    "metadata": [
                        "name": .string(key.name), "namespace": .string(key.namespace), "uid": .string(uid),
                    ], "target": ["apiVersion": "v1", "kind": "Node", "name": .string(node)],
                ], name: key.name, subresource: "binding")
            return AwaitedSight(resource: .pods, key: key, uid: uid, sight: .bound, until: now + AwaitedSight.patience)
        case .note(let note, let component):
            events.record(note, from: component)
            return nil
        }
    }

    private func watched(_ resource: GroupVersionResource) -> Watched? {
        Watched.allCases.first { $0.resource == resource }
    }

    private func seen(_ object: JSONNode, _ resource: GroupVersionResource, _ now: Duration) -> AwaitedSight? {
        guard let watched = watched(resource), let meta = try? ObjectMeta(of: object), !meta.uid.isEmpty else {
            return nil
        }
        return AwaitedSight(
            resource: watched, key: meta.key, uid: meta.uid, sight: .version(ResourceVersion(meta.resourceVersion)),
            until: now + AwaitedSight.patience)
    }
}

/// An event recorder for each component that speaks.
final class EventDesk: Sendable {
    private let recorders: [String: EventRecorder]

    static let components = [
        Scheduler.component, DeploymentController.component, ReplicaSetController.component,
        DaemonSetController.component, StatefulSetController.component, JobController.component,
        NodeRangeController.component, NodeLifecycle.component, TaintEviction.component,
    ]

    init(_ client: ClusterClient) {
        var settings = EventAggregator.Settings()
        // A workload of many pods has as many events at once.
        settings.burst = 200
        recorders = Dictionary(
            Self.components.map {
                ($0, EventRecorder(client, controller: $0, instance: "poplin-lab", api: .core, settings: settings))
            }
        ) { $1 }
    }

    func record(_ note: EventNote, from component: String) { recorders[component]?.record(note) }

    func run() async {
        await withTaskGroup(of: Void.self) { group in
            for recorder in recorders.values { group.addTask { await recorder.run() } }
        }
    }
}
