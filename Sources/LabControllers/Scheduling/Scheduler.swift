import JSONTree
import KubernetesClient
import KubernetesModel

/// Gives each pod that waits a node (Kubernetes, pkg/scheduler), or says why none will do.
///
/// In the small: no preemption, no volumes, no preferences between pods; selectors of namespaces in affinity terms count
/// as all namespaces.
enum Scheduler {
    static let component = "default-scheduler"

    static func plan(_ view: ClusterView, _ context: PlanContext) -> Plan {
        let waiting = view.unscheduled.filter { $0.schedulerName == component && !$0.isGated }
        if waiting.isEmpty { return Plan() }
        var board = SchedulingBoard(view)
        var plan = Plan()
        for pod in waiting.sorted(by: isBefore) {
            switch board.place(pod) {
            case .success(let node):
                plan.changes.append(.bind(pod.meta.key, uid: pod.meta.uid, node: node))
                plan.changes.append(
                    .event(
                        Pod.gvk, pod.meta, "Scheduled", "Binding",
                        "Successfully assigned \(pod.meta.key) to \(node)", from: component))
            case .failure(let refusal): plan.changes += said(refusal.description, of: pod, context)
            }
        }
        return plan
    }

    /// By priority, then by age.
    private static func isBefore(_ left: PodRecord, _ right: PodRecord) -> Bool {
        func rank(_ pod: PodRecord) -> (Int64, Int64, ObjectKey) {
            (-(pod.node.at("spec", "priority")?.int ?? 0), pod.meta.creationTimestamp?.seconds ?? 0, pod.meta.key)
        }
        return rank(left) < rank(right)
    }

    /// Written once for each reason: the condition remembers what was said.
    private static func said(_ message: String, of pod: PodRecord, _ context: PlanContext) -> [Change] {
        let old = pod.facts.status.conditions.first { $0.type == "PodScheduled" }
        if old?.status == "False", old?.message == message { return [] }
        let condition: JSONValue = [
            "type": "PodScheduled", "status": "False", "lastProbeTime": .null,
            "lastTransitionTime": .string((old?.lastTransitionTime ?? context.now).description),
            "reason": "Unschedulable", "message": .string(message),
        ]
        return [
            .patch(
                Pod.resource, pod.meta.key,
                Change.Patch(.strategic, subresource: "status", ["status": ["conditions": [condition]]])),
            .event(.warning, Pod.gvk, pod.meta, "FailedScheduling", "Scheduling", message, from: component),
        ]
    }
}

/// Why no node will do, in the scheduler's words.
struct SchedulingRefusal: Error, Equatable, CustomStringConvertible {
    var nodeCount: Int
    /// How many nodes say so.
    var reasons: [String: Int]
    /// Nodes on which fewer pods would help.
    var crowded: Int

    var description: String {
        if nodeCount == 0 { return "no nodes available to schedule pods" }
        let texts = reasons.map { "\($0.value) \($0.key)" }.sorted().joined(separator: ", ")
        let head = "0/\(nodeCount) nodes are available: "
        let hopeless = nodeCount - crowded
        let preemption = [
            crowded > 0 ? "\(crowded) No preemption victims found for incoming pod" : nil,
            hopeless > 0 ? "\(hopeless) Preemption is not helpful for scheduling" : nil,
        ].compactMap { $0 }.sorted().joined(separator: ", ")
        return "\(head)\(texts). preemption: \(head)\(preemption)."
    }
}
