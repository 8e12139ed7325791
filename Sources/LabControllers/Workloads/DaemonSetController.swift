import JSONTree
import KubernetesClient
import KubernetesModel

/// Keeps one pod of a DaemonSet on every node that it may run on (Kubernetes, pkg/controller/daemon).
///
/// Not here: surge in a rolling update. A node's old pod goes before its new one comes.
enum DaemonSetController {
    static let component = "daemonset-controller"
    private static let kind = DaemonSet.gvk

    /// What daemons put up with on every node (pkg/controller/daemon/util).
    static func tolerations(usesHostNetwork: Bool) -> [Toleration] {
        func node(_ name: String, _ effect: String) -> Toleration {
            Toleration(key: "node.kubernetes.io/\(name)", effect: effect)
        }
        return [
            node("not-ready", "NoExecute"), node("unreachable", "NoExecute"), node("disk-pressure", "NoSchedule"),
            node("memory-pressure", "NoSchedule"), node("pid-pressure", "NoSchedule"),
            node("unschedulable", "NoSchedule"),
        ] + (usesHostNetwork ? [node("network-unavailable", "NoSchedule")] : [])
    }

    static func plan(_ key: ObjectKey, _ view: ClusterView, _ context: PlanContext) -> Plan {
        guard let set = view.daemonSets[key], let selector = set.selector, !selector.isEverything,
            let given = PodTemplate(of: set)
        else { return Plan() }
        let ownership = Ownership(of: set, kind, among: view.pods, Pod.resource) { !$0.isFinished }
        if !ownership.changes.isEmpty { return Plan(ownership.changes) }
        if set.meta.isTerminating { return Plan() }
        let history = RevisionHistory(of: set, kind, given, view)
        // The label of the pods is the revision's: it has to be there first.
        if !history.changes.isEmpty { return Plan(history.changes) }

        let template = daemonTemplate(given)
        let fit = PodFit(ofTemplate: template.value)
        var state = State(set: set, pods: ownership.owned, hash: history.hash)
        for node in view.nodes.sorted { state.take(node, fit, context) }
        state.takeLost { view.nodes[ObjectKey(name: $0)] != nil }

        var plan = Plan()
        plan.changes += state.deletions.flatMap { deletion(of: $0.pod, $0.isFailed, set) }
        plan.changes += creations(on: state.empty, set, template, history.hash, context)
        if plan.changes.isEmpty { plan.changes += state.updates.flatMap { deletion(of: $0, false, set) } }
        if plan.changes.isEmpty { plan.changes += history.cleared(set, ownership.owned) }
        if let status = state.status(template) { plan.changes.append(status) }
        if state.hasYoung { plan.lookAgain(in: .seconds(1)) }
        return plan
    }

    /// The template with what every daemon tolerates.
    private static func daemonTemplate(_ template: PodTemplate) -> PodTemplate {
        var template = template
        let usesHostNetwork = template.value.at("spec", "hostNetwork")?.boolValue == true
        let given = template.value.at("spec", "tolerations")?.elements ?? []
        let more = tolerations(usesHostNetwork: usesHostNetwork).map { toleration -> JSONValue in
            ["key": .string(toleration.key), "operator": "Exists", "effect": .string(toleration.effect)]
        }.filter { wanted in !given.contains { $0.isEquivalent(to: wanted) } }
        template.value = template.value.setting(at: ["spec", "tolerations"], to: .array(given + more))
        return template
    }

    private static func creations(
        on nodes: [NodeRecord], _ set: PlainRecord, _ template: PodTemplate, _ hash: String, _ context: PlanContext
    ) -> [Change] {
        var suffix = NameSuffix(seed: context.seed)
        let labels = [
            PodTemplate.revisionLabel: hash, "pod-template-generation": String(max(1, set.meta.generation)),
        ]
        return nodes.flatMap { node -> [Change] in
            let name = "\(set.meta.name)-\(suffix.next())"
            var pod = template.pod(
                named: name, of: set, kind, labels: labels, generatedFrom: "\(set.meta.name)-")
            pod = pod.setting(
                at: ["spec", "affinity"], to: pinned(template.value.at("spec", "affinity"), to: node.meta.name))
            return [
                .create(Pod.resource, pod),
                .event(kind, set.meta, "SuccessfulCreate", "Create", "Created pod: \(name)", from: component),
            ]
        }
    }

    /// The affinity with the one node it is about in place of the nodes that were wanted. The scheduler binds the pod
    /// there, and nowhere else.
    static func pinned(_ affinity: JSONValue?, to node: String) -> JSONValue {
        (affinity ?? .object([])).setting(
            at: ["nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution"],
            to: [
                "nodeSelectorTerms": [
                    ["matchFields": [["key": "metadata.name", "operator": "In", "values": [.string(node)]]]]
                ]
            ])
    }

    /// The node a daemon's pod is meant for, before it is bound.
    static func target(of pod: PodRecord) -> String? {
        if !pod.nodeName.isEmpty { return pod.nodeName }
        let path = ["nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"]
        let fields = pod.affinity?.at(path)?[0]?.member("matchFields")?[0]
        return fields?.member("key")?.string == "metadata.name" ? fields?.member("values")?[0]?.string : nil
    }

    private static func deletion(of pod: PodRecord, _ isFailed: Bool, _ set: PlainRecord) -> [Change] {
        let note: Change =
            isFailed
            ? .event(
                .warning, kind, set.meta, "FailedDaemonPod", "Delete",
                "Found failed daemon pod \(pod.meta.key) on node \(pod.nodeName), will try to kill it", from: component)
            : .event(kind, set.meta, "SuccessfulDelete", "Delete", "Deleted pod: \(pod.meta.name)", from: component)
        return [.delete(Pod.resource, pod.meta.key, uid: pod.meta.uid), note]
    }
}

extension DaemonSetController {
    /// What there is on each node, against what there should be.
    private struct State {
        let set: PlainRecord
        let hash: String
        private var byNode: [String: [PodRecord]] = [:]
        private var homeless: [PodRecord] = []
        private let patience: Int

        var deletions: [(pod: PodRecord, isFailed: Bool)] = []
        var empty: [NodeRecord] = []
        var hasYoung = false
        private var outdated: [PodRecord] = []
        private var unavailable = 0
        private var desired = 0
        private var current = 0
        private var misplaced = 0
        private var ready = 0
        private var available = 0
        private var updated = 0

        init(set: PlainRecord, pods: [PodRecord], hash: String) {
            self.set = set
            self.hash = hash
            patience = set.specInt("minReadySeconds") ?? 0
            for pod in pods {
                if let node = DaemonSetController.target(of: pod) {
                    byNode[node, default: []].append(pod)
                } else {
                    homeless.append(pod)
                }
            }
        }

        mutating func take(_ node: NodeRecord, _ fit: PodFit, _ context: PlanContext) {
            let pods = byNode.removeValue(forKey: node.meta.name) ?? []
            let (shouldRun, mayStay) = fit.daemon(on: node)
            if !shouldRun, !mayStay {
                if !pods.isEmpty { misplaced += 1 }
                deletions += pods.filter { !$0.isTerminating }.map { ($0, false) }
                return
            }
            if !shouldRun {
                if !pods.isEmpty { misplaced += 1 }
                return
            }
            desired += 1
            deletions += pods.filter { $0.isFinished && !$0.isTerminating }.map { ($0, true) }
            let alive = pods.filter(\.isActive).sorted {
                let left = ($0.nodeName.isEmpty ? 1 : 0, $0.meta.creationTimestamp?.seconds ?? 0, $0.meta.name)
                let right = ($1.nodeName.isEmpty ? 1 : 0, $1.meta.creationTimestamp?.seconds ?? 0, $1.meta.name)
                return left < right
            }
            // Of several the one that has been there longest stays.
            deletions += alive.dropFirst().map { ($0, false) }
            guard let pod = alive.first else {
                unavailable += 1
                // One that is still ending keeps its place.
                if pods.isEmpty { empty.append(node) }
                return
            }
            current += 1
            let isCurrent = pod.meta.labels[PodTemplate.revisionLabel] == hash
            if isCurrent { updated += 1 } else { outdated.append(pod) }
            if pod.isReady { ready += 1 }
            if pod.isAvailable(after: patience, now: context.now) {
                available += 1
            } else {
                unavailable += 1
                if pod.isReady { hasYoung = true }
            }
        }

        /// Pods of nodes that are no more, or of none.
        mutating func takeLost(_ exists: (String) -> Bool) {
            for (node, pods) in byNode.sorted(by: { $0.key < $1.key }) where !exists(node) {
                deletions += pods.filter { !$0.isTerminating }.map { ($0, false) }
            }
            deletions += homeless.filter { !$0.isTerminating }.map { ($0, false) }
        }

        /// Old pods that may go now: those that do not work, and of the others as many as may be missed.
        var updates: [PodRecord] {
            let strategy = set.spec?.member("updateStrategy")
            if strategy?.member("type")?.string == "OnDelete" { return [] }
            let wanted = strategy?.at("rollingUpdate", "maxUnavailable")
            let limit = max(
                1, wanted == nil ? 1 : Rollout.resolve(wanted, of: desired, roundsUp: true))
            let (working, broken) = (outdated.filter(\.isReady), outdated.filter { !$0.isReady })
            return broken + working.prefix(max(0, limit - unavailable))
        }

        func status(_ template: PodTemplate) -> Change? {
            Change.status(
                DaemonSet.resource, set,
                [
                    JSONMember("currentNumberScheduled", .int(Int64(current))),
                    JSONMember("numberMisscheduled", .int(Int64(misplaced))),
                    JSONMember("desiredNumberScheduled", .int(Int64(desired))),
                    JSONMember("numberReady", .int(Int64(ready))),
                    JSONMember("observedGeneration", .int(Int64(set.meta.generation))),
                    JSONMember("updatedNumberScheduled", .count(updated)),
                    JSONMember("numberAvailable", .count(available)),
                    JSONMember("numberUnavailable", .count(max(0, desired - available))),
                ])
        }
    }
}
