import JSONTree
import KubernetesModel

/// Keeps as many pods as a ReplicaSet wants (Kubernetes, pkg/controller/replicaset).
enum ReplicaSetController {
    static let component = "replicaset-controller"
    private static let kind = Watched.replicaSets.kind
    private static let resource = Watched.replicaSets.resource
    /// So many pods at once.
    static let burst = 500

    static func plan(_ key: ObjectKey, _ view: ClusterView, _ context: PlanContext) -> Plan {
        guard let set = view.replicaSets[key], let selector = set.selector, !selector.isEverything,
            let template = PodTemplate(of: set)
        else { return Plan() }
        let ownership = Ownership(of: set, kind, among: view.pods, Pod.resource) { !$0.isFinished }
        // Who belongs to the set is settled first: its number depends on it.
        if !ownership.changes.isEmpty { return Plan(ownership.changes) }
        let pods = ownership.owned
        let active = pods.filter(\.isActive)
        var plan = Plan()
        if !set.meta.isTerminating {
            let missing = set.replicas - active.count
            if missing > 0 {
                plan.changes += creations(min(missing, burst), set, template, context)
            } else if missing < 0 {
                plan.changes += deletions(min(-missing, burst), set, active, view, context)
            }
        }
        let (status, wait) = status(of: set, active, template, context)
        if let status { plan.changes.append(status) }
        if let wait { plan.lookAgain(in: wait) }
        return plan
    }

    private static func creations(
        _ count: Int, _ set: PlainRecord, _ template: PodTemplate, _ context: PlanContext
    ) -> [Change] {
        var suffix = NameSuffix(seed: context.seed)
        var changes: [Change] = []
        for _ in 0..<count {
            let name = "\(set.meta.name)-\(suffix.next())"
            changes.append(
                .create(Pod.resource, template.pod(named: name, of: set, kind, generatedFrom: "\(set.meta.name)-")))
            changes.append(
                .event(kind, set.meta, "SuccessfulCreate", "Create", "Created pod: \(name)", from: component))
        }
        return changes
    }

    private static func deletions(
        _ count: Int, _ set: PlainRecord, _ active: [PodRecord], _ view: ClusterView, _ context: PlanContext
    ) -> [Change] {
        // How many pods of the same owner a node has: those on crowded nodes go first.
        var crowd: [String: Int] = [:]
        for pod in active where !pod.nodeName.isEmpty { crowd[pod.nodeName, default: 0] += 1 }
        let ranked = active.sorted { DeletionRank($0, crowd) < DeletionRank($1, crowd) }
        return ranked.prefix(count).flatMap { pod -> [Change] in
            [
                .delete(Pod.resource, pod.meta.key, uid: pod.meta.uid),
                .event(
                    kind, set.meta, "SuccessfulDelete", "Delete", "Deleted pod: \(pod.meta.name)", from: component),
            ]
        }
    }

    private static func status(
        of set: PlainRecord, _ active: [PodRecord], _ template: PodTemplate, _ context: PlanContext
    ) -> (Change?, Duration?) {
        let patience = set.specInt("minReadySeconds") ?? 0
        let labels = template.labels
        let full = active.filter { pod in labels.allSatisfy { pod.meta.labels[$0.key] == $0.value } }.count
        let ready = active.filter(\.isReady)
        let available = ready.filter { $0.isAvailable(after: patience, now: context.now) }.count
        let change = Change.status(
            resource, set,
            [
                JSONMember("replicas", .int(Int64(active.count))), JSONMember("fullyLabeledReplicas", .count(full)),
                JSONMember("readyReplicas", .count(ready.count)), JSONMember("availableReplicas", .count(available)),
                JSONMember("observedGeneration", .int(Int64(set.meta.generation))),
            ])
        return (change, available < ready.count ? .seconds(1) : nil)
    }
}

extension JSONValue {
    /// A number of a status that stands there only when it is not zero (Go's omitempty).
    static func count(_ number: Int) -> JSONValue { number == 0 ? .null : .int(Int64(number)) }
}

/// Which pod is given up first (Kubernetes, pkg/controller, ActivePodsWithRanks): the one without a node, then by phase,
/// readiness, cost, crowd, and age.
struct DeletionRank: Comparable {
    private let order: [Int64]
    private let name: String

    static let costAnnotation = "controller.kubernetes.io/pod-deletion-cost"

    init(_ pod: PodRecord, _ crowd: [String: Int]) {
        let phase: Int64 =
            switch pod.facts.status.phase {
            case "Pending", "": 0
            case "Unknown": 1
            default: 2
            }
        order = [
            pod.nodeName.isEmpty ? 0 : 1, phase, pod.isReady ? 1 : 0,
            pod.meta.annotations[Self.costAnnotation].flatMap { Int64($0) } ?? 0,
            -Int64(crowd[pod.nodeName] ?? 0),
            // Ready for less long, restarted more often, younger.
            -(pod.readySince?.seconds ?? 0), -Int64(pod.facts.status.containers.map(\.restartCount).max() ?? 0),
            -(pod.meta.creationTimestamp?.seconds ?? 0),
        ]
        name = pod.meta.name
    }

    static func < (left: DeletionRank, right: DeletionRank) -> Bool {
        for (mine, theirs) in zip(left.order, right.order) where mine != theirs { return mine < theirs }
        return left.name < right.name
    }
}
