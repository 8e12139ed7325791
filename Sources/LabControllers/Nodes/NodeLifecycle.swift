import JSONTree
import KubernetesModel

/// Says of nodes that nobody hears from that they are not known, and keeps the taints that follow from conditions
/// (Kubernetes, pkg/controller/nodelifecycle).
enum NodeLifecycle {
    static let component = "node-controller"

    /// What is heard of a node: its lease, or its Ready condition where it has no lease yet.
    static func plan(_ key: ObjectKey, _ view: ClusterView, _ context: PlanContext) -> Plan {
        guard let node = view.nodes[key], !node.meta.isTerminating else { return Plan() }
        var plan = Plan()
        let silence = context.elapsed - (view.lastSigns[key.name] ?? context.elapsed)
        let grace = context.settings.nodeMonitorGrace
        let isLost = silence > grace
        if !isLost { plan.lookAgain(in: grace - silence + .milliseconds(50)) }

        if isLost, node.ready?.status != "Unknown" { plan.changes += unknown(node, context) }
        let ready = isLost ? "Unknown" : node.ready?.status ?? "Unknown"
        if let taints = taints(node, ready: ready, view, context) { plan.changes.append(taints) }
        plan.changes +=
            ready == "True" ? podsReadyAgain(on: node, view, context) : podsNotReady(on: node, view, context)
        return plan
    }

    /// The conditions a kubelet keeps.
    private static let kept = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"]

    private static func unknown(_ node: NodeRecord, _ context: PlanContext) -> [Change] {
        let time = JSONValue.string(context.now.description)
        let conditions = kept.compactMap { type -> JSONValue? in
            let old = node.facts.conditions.first { $0.type == type }
            if old?.status == "Unknown" || (old == nil && type != "Ready") { return nil }
            return [
                "type": .string(type), "status": "Unknown", "lastTransitionTime": time,
                "reason": old == nil ? "NodeStatusNeverUpdated" : "NodeStatusUnknown",
                "message": old == nil ? "Kubelet never posted node status." : "Kubelet stopped posting node status.",
            ]
        }
        return [
            .patch(
                Node.resource, node.meta.key,
                Change.Patch(.strategic, subresource: "status", ["status": ["conditions": .array(conditions)]])),
            .event(
                Node.gvk, node.meta, "NodeNotReady", "MarkNodeNotReady",
                "Node \(node.meta.name) status is now: NodeNotReady", from: component),
        ]
    }

    // MARK: Taints

    private static let notReady = "node.kubernetes.io/not-ready"
    private static let unreachable = "node.kubernetes.io/unreachable"
    private static let cordoned = "node.kubernetes.io/unschedulable"
    /// Conditions that keep pods away while they are True.
    private static let pressures = [
        "MemoryPressure": "node.kubernetes.io/memory-pressure", "DiskPressure": "node.kubernetes.io/disk-pressure",
        "PIDPressure": "node.kubernetes.io/pid-pressure",
        "NetworkUnavailable": "node.kubernetes.io/network-unavailable",
    ]

    /// A patch when the node's taints are not what its conditions say. Taints of others stay as they are.
    private static func taints(
        _ node: NodeRecord, ready: String, _ view: ClusterView, _ context: PlanContext
    ) -> Change? {
        var wanted: [NodeRecord.Taint] = []
        func add(_ key: String, _ effect: String) {
            wanted.append(NodeRecord.Taint(key: key, effect: effect, timeAdded: context.now))
        }
        let trouble = ready == "False" ? notReady : ready == "Unknown" ? unreachable : nil
        if let trouble {
            add(trouble, "NoSchedule")
            // When no node is well it is the network or the controller: nobody is sent away.
            let someAreWell = view.nodes.records.values.contains { $0.meta.name != node.meta.name && isWell($0) }
            if someAreWell { add(trouble, "NoExecute") }
        }
        if node.facts.isUnschedulable { add(cordoned, "NoSchedule") }
        for (type, key) in pressures.sorted(by: { $0.key < $1.key })
        where node.facts.conditions.contains(where: { $0.type == type && $0.isTrue }) {
            add(key, "NoSchedule")
        }
        let managed = Set([notReady, unreachable, cordoned] + pressures.values)
        func isSame(_ left: NodeRecord.Taint, _ right: NodeRecord.Taint) -> Bool {
            left.key == right.key && left.effect == right.effect
        }
        let stay = node.taints.filter { taint in
            !managed.contains(taint.key) || wanted.contains { isSame($0, taint) }
        }
        let new = wanted.filter { taint in !node.taints.contains { isSame($0, taint) } }
        if stay.count == node.taints.count, new.isEmpty { return nil }
        let taints = (stay + new).map(value)
        return .patch(
            Node.resource, node.meta.key,
            Change.Patch([
                "metadata": ["resourceVersion": .string(node.meta.resourceVersion)],
                "spec": ["taints": taints.isEmpty ? .null : .array(taints)],
            ]))
    }

    private static func isWell(_ node: NodeRecord) -> Bool { node.facts.isReady && !node.meta.isTerminating }

    private static func value(_ taint: NodeRecord.Taint) -> JSONValue {
        var members = [JSONMember("key", .string(taint.key)), JSONMember("effect", .string(taint.effect))]
        if !taint.value.isEmpty { members.append(JSONMember("value", .string(taint.value))) }
        if let time = taint.timeAdded { members.append(JSONMember("timeAdded", .string(time.description))) }
        return .object(members)
    }

    // MARK: Pods

    /// Said of a pod by us, not by its kubelet.
    private static let lost = "NodeNotReady"

    /// Nobody can say that pods of a lost node are ready, and no service should send anything there.
    private static func podsNotReady(on node: NodeRecord, _ view: ClusterView, _ context: PlanContext) -> [Change] {
        guard node.ready?.status == "Unknown" else { return [] }
        return view.pods(on: node.meta.name).filter { $0.isReady && !$0.isFinished }.map {
            readiness(of: $0, "False", .string(lost), context)
        }
    }

    /// A kubelet that was only out of reach may see no reason to report pods again that have not changed: what we said
    /// of them while it was silent is taken back.
    private static func podsReadyAgain(on node: NodeRecord, _ view: ClusterView, _ context: PlanContext) -> [Change] {
        view.pods(on: node.meta.name).filter { pod in
            pod.isActive && pod.facts.status.phase == "Running" && pod.facts.status.containers.allSatisfy(\.isReady)
                && pod.facts.status.conditions.contains {
                    $0.type == "Ready" && $0.status == "False" && $0.reason == lost
                }
        }.map { readiness(of: $0, "True", .null, context) }
    }

    private static func readiness(
        of pod: PodRecord, _ status: String, _ reason: JSONValue, _ context: PlanContext
    ) -> Change {
        .patch(
            Pod.resource, pod.meta.key,
            Change.Patch(
                .strategic, subresource: "status",
                [
                    "status": [
                        "conditions": [
                            [
                                "type": "Ready", "status": .string(status), "reason": reason,
                                "lastTransitionTime": .string(context.now.description),
                            ]
                        ]
                    ]
                ]))
    }
}
