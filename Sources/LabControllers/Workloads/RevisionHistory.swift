import JSONTree
import KubernetesModel

/// The templates a DaemonSet or StatefulSet has had, as ControllerRevisions: what `kubectl rollout history` lists and
/// `undo` goes back to (Kubernetes, pkg/controller/history).
struct RevisionHistory {
    /// The value of the label `controller-revision-hash` of pods of the current template.
    let hash: String
    /// The name of the current revision.
    let name: String
    /// What has to be written so that the current template is the newest revision.
    var changes: [Change] = []
    private let owned: [PlainRecord]

    init(of workload: PlainRecord, _ kind: GroupVersionKind, _ template: PodTemplate, _ view: ClusterView) {
        let data = Self.data(of: template)
        owned = view.revisions.controlled(by: workload.meta.uid).filter { !$0.meta.isTerminating }
            .sorted { Self.number($0) < Self.number($1) }
        let newest = owned.last.map(Self.number) ?? 0
        if let same = owned.last(where: { Self.isSame($0, data) }) {
            name = same.meta.name
            hash = same.meta.labels[PodTemplate.revisionLabel] ?? same.meta.name
            if Self.number(same) < newest {
                changes = [
                    .patch(
                        Watched.revisions.resource, same.meta.key, Change.Patch(["revision": .int(Int64(newest + 1))]))
                ]
            }
            return
        }
        // A name that is taken by other data gives the next hash.
        var collisions = 0
        var text = template.hash()
        while view.revisions[ObjectKey(namespace: workload.meta.namespace, name: "\(workload.meta.name)-\(text)")]
            != nil
        {
            collisions += 1
            text = template.hash(collisions)
        }
        hash = text
        name = "\(workload.meta.name)-\(text)"
        var labels = template.labels
        labels[PodTemplate.revisionLabel] = text
        let annotations = workload.meta.annotations.filter {
            $0.key != "kubectl.kubernetes.io/last-applied-configuration"
        }
        func object(_ map: [String: String]) -> JSONValue {
            .object(map.sorted { $0.key < $1.key }.map { JSONMember($0.key, .string($0.value)) })
        }
        changes = [
            .create(
                Watched.revisions.resource,
                [
                    "apiVersion": "apps/v1", "kind": "ControllerRevision",
                    "metadata": [
                        "name": .string(name), "namespace": .string(workload.meta.namespace), "labels": object(labels),
                        "annotations": object(annotations), "ownerReferences": [workload.meta.asController(kind)],
                    ], "data": data, "revision": .int(Int64(newest + 1)),
                ])
        ]
    }

    /// A strategic merge patch that brings the template back.
    private static func data(of template: PodTemplate) -> JSONValue {
        ["spec": ["template": template.value.settingMember("$patch", to: "replace")]]
    }

    private static func isSame(_ revision: PlainRecord, _ data: JSONValue) -> Bool {
        revision.node.member("data").map { JSONValue($0).isEquivalent(to: data) } ?? false
    }

    private static func number(_ revision: PlainRecord) -> Int {
        revision.node.member("revision")?.int.flatMap { Int(exactly: $0) } ?? 0
    }

    /// Revisions beyond `revisionHistoryLimit` (10) that no pod is of.
    func cleared(_ workload: PlainRecord, _ pods: [PodRecord]) -> [Change] {
        let limit = workload.specInt("revisionHistoryLimit") ?? 10
        // Pods of a StatefulSet carry the revision's name, those of a DaemonSet its hash.
        let live = Set(pods.compactMap { $0.meta.labels[PodTemplate.revisionLabel] } + [name, hash])
        let unused = owned.filter {
            !live.contains($0.meta.name) && !live.contains($0.meta.labels[PodTemplate.revisionLabel] ?? "")
        }
        return unused.prefix(max(0, unused.count - limit)).map {
            .delete(Watched.revisions.resource, $0.meta.key, uid: $0.meta.uid)
        }
    }
}
