import JSONTree
import KubernetesModel

/// What a pod wants of a node, beside room: labels, names, taints.
struct PodFit {
    let tolerations: [Toleration]
    private let selector: LabelSelector
    /// Terms of which one has to hold; nil when nothing is required.
    private let terms: [NodeTerm]?
    /// Terms that count when one of several nodes is chosen.
    let preferred: [(weight: Int64, term: NodeTerm)]

    init(_ pod: PodRecord) { self.init(spec: pod.node.member("spec"), pod.tolerations) }

    /// Of a template that is still to become pods.
    init(ofTemplate template: JSONValue) {
        let spec = (try? template.tree())?.root.member("spec")
        let tolerations =
            (try? spec.map { (node) throws(FieldError) in
                try FieldReader(node).objects("tolerations", Toleration.init(reading:))
            }) ?? []
        self.init(spec: spec, tolerations)
    }

    private init(spec: JSONNode?, _ tolerations: [Toleration]) {
        self.tolerations = tolerations
        let labels = spec?.member("nodeSelector")?.members.map { ($0.key, $0.value.string ?? "") } ?? []
        selector = LabelSelector(matching: Dictionary(labels) { $1 })
        let affinity = spec?.at("affinity", "nodeAffinity")
        let required = affinity?.member("requiredDuringSchedulingIgnoredDuringExecution")
        terms = required.flatMap { $0.isNull ? nil : $0 }.map { required in
            required.member("nodeSelectorTerms")?.elements.map(NodeTerm.init(_:)) ?? []
        }
        preferred =
            affinity?.member("preferredDuringSchedulingIgnoredDuringExecution")?.elements.compactMap { entry in
                entry.member("preference").map { (entry.member("weight")?.int ?? 1, NodeTerm($0)) }
            } ?? []
    }

    func wants(_ node: NodeRecord) -> Bool {
        guard selector.matches(node.meta.labels) else { return false }
        return terms.map { terms in terms.contains { $0.matches(node) } } ?? true
    }

    /// The first taint of one of these effects that is not put up with.
    func untolerated(on node: NodeRecord, _ effects: Set<String>) -> NodeRecord.Taint? {
        node.taints.first { taint in
            effects.contains(taint.effect) && !tolerations.contains { $0.tolerates(taint) }
        }
    }

    /// For a daemon: whether its pod should be made there, and whether one that is there may stay.
    func daemon(on node: NodeRecord) -> (shouldRun: Bool, mayStay: Bool) {
        guard wants(node) else { return (false, false) }
        if untolerated(on: node, ["NoSchedule", "NoExecute"]) == nil { return (true, true) }
        return (false, untolerated(on: node, ["NoExecute"]) == nil)
    }
}

/// One term of a node selector: everything in it has to hold. An empty one holds nowhere.
struct NodeTerm {
    private let labels: [LabelSelector.Requirement]
    private let fields: [LabelSelector.Requirement]

    init(_ node: JSONNode) {
        func requirements(_ key: String) -> [LabelSelector.Requirement] {
            node.member(key)?.elements.compactMap { entry in
                guard let name = entry.member("key")?.string,
                    let word = entry.member("operator")?.string.flatMap(LabelSelector.Operator.init(rawValue:))
                else { return nil }
                return LabelSelector.Requirement(
                    name, word, entry.member("values")?.elements.compactMap(\.string) ?? [])
            } ?? []
        }
        labels = requirements("matchExpressions")
        fields = requirements("matchFields")
    }

    func matches(_ node: NodeRecord) -> Bool {
        if labels.isEmpty, fields.isEmpty { return false }
        return labels.allSatisfy { $0.matches(node.meta.labels) }
            && fields.allSatisfy { $0.matches(["metadata.name": node.meta.name]) }
    }
}

/// One term of a pod's affinity to other pods.
struct PodTerm {
    private let selector: LabelSelector?
    private let namespaces: Set<String>
    private let isEveryNamespace: Bool
    let topologyKey: String

    /// - Parameter namespace: of the pod that has the term.
    init(_ node: JSONNode, in namespace: String) {
        selector = node.member("labelSelector").flatMap { try? LabelSelector($0) }
        topologyKey = node.member("topologyKey")?.string ?? ""
        let named = node.member("namespaces")?.elements.compactMap(\.string) ?? []
        // An empty selector of namespaces selects all; one with requirements would need the namespaces' labels.
        isEveryNamespace = node.member("namespaceSelector").map { !$0.isNull } ?? false
        namespaces = named.isEmpty ? [namespace] : Set(named)
    }

    static func required(_ pod: PodRecord, _ kind: String) -> [PodTerm] {
        let list = pod.affinity?.at(kind, "requiredDuringSchedulingIgnoredDuringExecution")
        return list?.elements.map { PodTerm($0, in: pod.meta.namespace) } ?? []
    }

    func selects(_ pod: PodRecord) -> Bool {
        (isEveryNamespace || namespaces.contains(pod.meta.namespace)) && (selector?.matches(pod.meta.labels) ?? false)
    }
}
