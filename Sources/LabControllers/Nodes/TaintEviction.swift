import JSONTree
import KubernetesModel

/// Ends pods on nodes with a NoExecute taint that they do not put up with, or not for longer (Kubernetes,
/// pkg/controller/tainteviction).
enum TaintEviction {
    static let component = "taint-eviction-controller"

    static func plan(_ key: ObjectKey, _ view: ClusterView, _ context: PlanContext) -> Plan {
        guard let pod = view.pods[key], pod.isActive, let node = view.nodes[ObjectKey(name: pod.nodeName)] else {
            return Plan()
        }
        var plan = Plan()
        for taint in node.taints where taint.effect == "NoExecute" {
            let tolerating = pod.tolerations.filter { $0.tolerates(taint) }
            if tolerating.isEmpty { return eviction(of: pod) }
            // The shortest patience counts; without one it is endless.
            guard let seconds = tolerating.compactMap(\.seconds).min() else { continue }
            let left = .seconds(max(0, seconds)) - (context.elapsed - view.taintSince(node.meta.name, taint.key))
            if left <= .zero { return eviction(of: pod) }
            plan.lookAgain(in: left)
        }
        return plan
    }

    private static func eviction(of pod: PodRecord) -> Plan {
        Plan([
            .event(
                Pod.gvk, pod.meta, "TaintManagerEviction", "Evict", "Marking for deletion Pod \(pod.meta.key)",
                from: component),
            .patch(
                Pod.resource, pod.meta.key,
                Change.Patch(
                    .strategic, subresource: "status",
                    [
                        "status": [
                            "conditions": [
                                [
                                    "type": "DisruptionTarget", "status": "True", "reason": "DeletionByTaintManager",
                                    "message": "Taint manager: deleting due to NoExecute taint",
                                ]
                            ]
                        ]
                    ])), .delete(Pod.resource, pod.meta.key, uid: pod.meta.uid),
        ])
    }
}

/// Takes away pods that no kubelet will: of nodes that are gone, and those that were deleted before they had a node; and
/// the oldest of very many finished ones (Kubernetes, pkg/controller/podgc).
enum PodCollector {
    static let component = "pod-garbage-collector"

    static func plan(_ key: ObjectKey, _ view: ClusterView, _ context: PlanContext) -> Plan {
        guard let pod = view.pods[key] else { return Plan() }
        let removal = Plan([.delete(Pod.resource, key, uid: pod.meta.uid, graceSeconds: 0)])
        if pod.nodeName.isEmpty { return pod.isTerminating ? removal : Plan() }
        if let node = view.nodes[ObjectKey(name: pod.nodeName)] {
            let isOutOfService = node.taints.contains { $0.key == "node.kubernetes.io/out-of-service" }
            if pod.isTerminating, isOutOfService, !node.facts.isReady { return removal }
            return pod.isFinished && isTooMuch(pod, view, context.settings.finishedPodLimit) ? removal : Plan()
        }
        let left = context.settings.orphanQuarantine - (context.elapsed - (view.lostNodes[pod.nodeName] ?? .zero))
        return left <= .zero ? removal : Plan(again: max(left, .milliseconds(10)))
    }

    private static func isTooMuch(_ pod: PodRecord, _ view: ClusterView, _ limit: Int) -> Bool {
        guard view.pods.count > limit else { return false }
        func age(_ pod: PodRecord) -> (Int64, ObjectKey) { (pod.meta.creationTimestamp?.seconds ?? 0, pod.meta.key) }
        let finished = view.pods.records.values.filter { $0.isFinished && !$0.isTerminating }
        return finished.count > limit && finished.count { age($0) < age(pod) } < finished.count - limit
    }
}
