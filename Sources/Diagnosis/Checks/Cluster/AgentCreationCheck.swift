import JSONTree

/// Agents of which the API makes no pod at all (INS-01): the level of pod security of their namespace, a webhook or a quota
/// refuses them, and only the DaemonSet's own events say so.
struct AgentCreationCheck: Check {
    let name = "pods of network agents"
    let codes = ["INS-01"]
    let needs: [FactName] = [.objects("daemonsets.apps"), .objects("events")]

    /// Seconds after which a refusal is about something else: the controller tries again at least every quarter of an hour.
    private static let memory: Int64 = 3600

    func applies(to facts: FactBase) -> Bool { !facts.components(.agent).isEmpty }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        let agents = facts.components(.agent).compactMap { component in
            component.workload.map { (component, $0) }
        }.filter { _, workload in
            let wanted = workload.int("status", "desiredNumberScheduled") ?? 0
            return workload.kind == "DaemonSet" && !workload.isDeleted && wanted > 0
                && workload.int("status", "currentNumberScheduled") ?? wanted < wanted
        }
        if agents.isEmpty { return [] }
        var refusals: [String: APIObject] = [:]
        for event in facts.events where event.text("reason") == "FailedCreate" {
            guard let subject = event.subject, subject.kind == "DaemonSet",
                !facts.isOlder(event.lastSeen, than: Self.memory)
            else { continue }
            refusals[subject.key] = event
        }
        return agents.compactMap { component, workload in
            guard let event = refusals["\(workload.namespace)/\(workload.name)"] else { return nil }
            let isSecurity = event.message.contains("violates PodSecurity")
            let nodes = facts.symptoms(.node, .sandbox, .schedule)
            return .of(
                "INS-01", "no pod of \(component.component.name) is made: the API refuses them", .certain,
                at: [workload.place],
                evidence: [.init(MessageReading.shortened(event.message), from: event.source)],
                because: [
                    "\(workload.place) is meant for \(counted(Int(workload.int("status", "desiredNumberScheduled") ?? 0), "node")), and none of its pods could be created",
                    isSecurity
                        ? "a network's agent needs the host's network and folders, which namespace \(workload.namespace) does not allow"
                        : "the pods are refused before any node sees them: a webhook, a quota or a right of the namespace",
                ],
                explains: Set(nodes.map(\.id)),
                fix: .init(
                    isSecurity
                        ? [
                            "kubectl label namespace \(workload.namespace) pod-security.kubernetes.io/enforce=privileged --overwrite"
                        ]
                        : [
                            "kubectl -n \(workload.namespace) describe daemonset \(workload.name)   # who refused, and why"
                        ],
                    undo: isSecurity
                        ? "set the label as it was"
                        : "none: it only reads",
                    risk: isSecurity
                        ? "every pod of that namespace may ask for the host: keep others out of it" : "none",
                    seconds: 30),
                prevent: "keep agents in a namespace of their own, with the level they need",
                deadEnds: ["restarting the DaemonSet: its pods are refused again"])
        }
    }
}
