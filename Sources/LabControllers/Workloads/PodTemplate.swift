import JSONTree
import KubernetesModel

/// `spec.template` of a workload, and the pods that are made of it.
struct PodTemplate {
    static let hashLabel = "pod-template-hash"
    static let revisionLabel = "controller-revision-hash"

    var value: JSONValue

    init?(of workload: PlainRecord) {
        guard let template = workload.spec?.member("template") else { return nil }
        value = JSONValue(template)
    }

    var labels: [String: String] {
        Dictionary(
            (value.at("metadata", "labels")?.members ?? []).map { ($0.key, $0.value.stringValue ?? "") }
        ) { $1 }
    }

    /// The template without the label that tells ReplicaSets of one Deployment apart.
    var withoutHash: JSONValue {
        value.at("metadata", "labels", Self.hashLabel) == nil
            ? value : value.removing(at: ["metadata", "labels", Self.hashLabel])
    }

    func isSame(as other: PodTemplate) -> Bool {
        Self.tidy(withoutHash).isEquivalent(to: Self.tidy(other.withoutHash))
    }

    /// An empty creationTimestamp, which Go writes into templates, says nothing.
    private static func tidy(_ template: JSONValue) -> JSONValue {
        template.at("metadata", "creationTimestamp")?.isNull == true
            ? template.removing(at: ["metadata", "creationTimestamp"]) : template
    }

    func hash(_ collisions: Int = 0) -> String { NameSuffix.hash(Self.tidy(withoutHash), collisions) }

    /// A pod of this template, owned by a workload.
    func pod(
        named name: String, of owner: PlainRecord, _ kind: GroupVersionKind, labels more: [String: String] = [:],
        generatedFrom prefix: String? = nil
    ) -> JSONValue {
        var metadata: [JSONMember] = [JSONMember("name", .string(name))]
        if let prefix { metadata.append(JSONMember("generateName", .string(prefix))) }
        metadata.append(JSONMember("namespace", .string(owner.meta.namespace)))
        let labels = labels.merging(more) { $1 }.sorted { $0.key < $1.key }
        metadata.append(JSONMember("labels", .object(labels.map { JSONMember($0.key, .string($0.value)) })))
        for field in ["annotations", "finalizers"] {
            if let given = value.at("metadata", field), !given.isNull { metadata.append(JSONMember(field, given)) }
        }
        metadata.append(JSONMember("ownerReferences", [owner.meta.asController(kind)]))
        return [
            "apiVersion": "v1", "kind": "Pod", "metadata": .object(metadata),
            "spec": value.member("spec") ?? .object([]),
        ]
    }
}

extension ObjectMeta {
    /// The reference to this object as the one controller of another.
    func asController(_ kind: GroupVersionKind) -> JSONValue {
        OwnerReference(
            apiVersion: kind.apiVersion, kind: kind.kind, name: name, uid: uid, isController: true,
            blocksOwnerDeletion: true
        ).value
    }
}

/// Which objects are a workload's own: those that name it, those that nobody owns and that it selects (it takes them),
/// and those that it owns and no longer selects (it lets them go). Kubernetes, pkg/controller/controller_ref_manager.go.
struct Ownership<Record: Recorded> {
    var owned: [Record] = []
    /// Patches that take and let go.
    var changes: [Change] = []

    init(
        of workload: PlainRecord, _ kind: GroupVersionKind, among table: ObjectTable<Record>,
        _ resource: GroupVersionResource, canAdopt: (Record) -> Bool = { _ in true }
    ) {
        guard let selector = workload.selector, !selector.isEverything else { return }
        for object in table.controlled(by: workload.meta.uid) {
            if selector.matches(object.meta.labels) || object.meta.isTerminating {
                owned.append(object)
            } else if !workload.meta.isTerminating {
                changes.append(Self.release(object, from: workload, resource))
            }
        }
        if workload.meta.isTerminating { return }
        for object in table.inNamespace(workload.meta.namespace)
        where object.meta.controller == nil && !object.meta.isTerminating && selector.matches(object.meta.labels)
            && canAdopt(object)
        {
            changes.append(Self.adopt(object, by: workload, kind, resource))
        }
    }

    private static func adopt(
        _ object: Record, by workload: PlainRecord, _ kind: GroupVersionKind, _ resource: GroupVersionResource
    ) -> Change {
        let others = object.meta.ownerReferences.map(\.value)
        return owners(object, others + [workload.meta.asController(kind)], resource)
    }

    private static func release(
        _ object: Record, from workload: PlainRecord, _ resource: GroupVersionResource
    ) -> Change {
        owners(object, object.meta.ownerReferences.filter { $0.uid != workload.meta.uid }.map(\.value), resource)
    }

    /// The version makes sure that nobody else changed the owners since.
    private static func owners(_ object: Record, _ owners: [JSONValue], _ resource: GroupVersionResource) -> Change {
        .patch(
            resource, object.meta.key,
            Change.Patch([
                "metadata": [
                    "resourceVersion": .string(object.meta.resourceVersion), "ownerReferences": .array(owners),
                ]
            ]))
    }
}
