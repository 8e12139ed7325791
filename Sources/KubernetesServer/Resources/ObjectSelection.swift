import JSONTree
import KubernetesModel
import KubernetesSchema

/// Which objects of a collection a request means. Pure, and quick when it means all.
struct ObjectSelection: Sendable {
    let labels: LabelSelector
    let fields: FieldSelector
    private let custom: [CustomResource.SelectableField]

    /// Fields besides name and namespace that can be selected, by collection.
    private static let selectable: [String: [String]] = [
        "pods": [
            "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork",
            "status.phase", "status.podIP", "status.podIPs", "status.nominatedNodeName",
        ],
        "nodes": ["spec.unschedulable"], "namespaces": ["status.phase"], "secrets": ["type"],
        "services": ["spec.clusterIP", "spec.type"], "replicationcontrollers": ["status.replicas"],
        "jobs.batch": ["status.successful"], "replicasets.apps": ["status.replicas"],
        "events": [
            "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
            "involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason",
            "reportingComponent", "source", "type",
        ],
    ]

    init(_ request: ListRequest, _ resource: ServedResource, name: String? = nil) throws(Status) {
        labels = request.labels
        var wanted = request.fields
        if resource.isEventsGroup {
            wanted.requirements = wanted.requirements.map { requirement in
                var requirement = requirement
                requirement.field = EventForms.coreField(requirement.field)
                return requirement
            }
        }
        fields = wanted
        custom = resource.custom?.selectableFields ?? []
        let known = Self.selectable[resource.collection] ?? []
        for requirement in fields.requirements {
            let field = requirement.field
            let isGeneral = field == "metadata.name" || (field == "metadata.namespace" && resource.isNamespaced)
            guard isGeneral || known.contains(field) || custom.contains(where: { $0.name == field }) else {
                throw .badRequest("field label not supported: \(field)")
            }
        }
    }

    var isEverything: Bool { labels.isEverything && fields.isEverything }

    func includes(_ object: StoredObject) -> Bool {
        if isEverything { return true }
        // Names are known without reading the object.
        if labels.isEverything, fields.requirements.allSatisfy({ $0.field.hasPrefix("metadata.") }) {
            return fields.matches { $0 == "metadata.name" ? object.key.name : object.key.namespace }
        }
        guard let root = try? JSONTree(parsing: object.bytes).root else { return false }
        return includes(root)
    }

    func includes(_ root: JSONNode) -> Bool {
        if !labels.isEverything {
            var map: [String: String] = [:]
            if let node = root.at("metadata", "labels") {
                for (key, value) in node.members { map[key] = value.string ?? "" }
            }
            if !labels.matches(map) { return false }
        }
        return fields.isEverything || fields.matches { value(of: $0, in: root) }
    }

    private func value(of field: String, in root: JSONNode) -> String? {
        if let custom = custom.first(where: { $0.name == field }) { return custom.value(in: .node(root)) }
        switch field {
        case "source": return root.at("source", "component")?.string ?? root.member("reportingComponent")?.string
        case "status.podIPs":
            return root.at("status", "podIPs")?.elements.compactMap { $0.member("ip")?.string }.joined(separator: ",")
        default: break
        }
        guard let node = root.at(field.split(separator: ".").map(String.init)) else {
            return field == "spec.unschedulable" || field == "spec.hostNetwork" ? "false" : nil
        }
        return node.string ?? (node.isNull ? nil : node.description)
    }
}
