import JSONTree
import KubernetesModel

/// The status of a deployment: what `kubectl rollout status` and `kubectl wait` look at.
struct DeploymentStatus {
    /// With the time to look again, while a deadline runs.
    let change: (Change?, Duration?)

    private struct ConditionText: Equatable {
        var status: String
        var reason: String
        var message: String
    }

    init(_ rollout: Rollout, isCreated: Bool, isPaused: Bool, _ context: PlanContext) {
        let deployment = rollout.deployment
        func sum(_ key: String) -> Int { rollout.all.map { $0.statusInt(key) }.reduce(0, +) }
        let replicas = sum("replicas")
        let available = sum("availableReplicas")
        let ready = sum("readyReplicas")
        let updated = rollout.new?.statusInt("replicas") ?? 0
        let wanted = rollout.all.map(\.replicas).reduce(0, +)
        var wait: Duration?

        let isAvailable = available >= rollout.desired - rollout.maxUnavailable
        let availability = ConditionText(
            status: isAvailable ? "True" : "False",
            reason: isAvailable ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
            message: isAvailable
                ? "Deployment has minimum availability." : "Deployment does not have minimum availability.")

        let name = rollout.new?.meta.name
        let subject = name.map { "ReplicaSet \"\($0)\"" } ?? "Deployment \"\(deployment.meta.name)\""
        let isComplete =
            updated == rollout.desired && replicas == rollout.desired && available == rollout.desired
            && !isCreated && rollout.new != nil
        let before = deployment.status?.member("conditions")?.elements.map { JSONValue($0) } ?? []
        let progressBefore = before.first { $0.member("type")?.stringValue == "Progressing" }
        let isMoving =
            updated > deployment.statusInt("updatedReplicas")
            || replicas - updated < deployment.statusInt("replicas") - deployment.statusInt("updatedReplicas")
            || ready > deployment.statusInt("readyReplicas") || available > deployment.statusInt("availableReplicas")
        var progress: ConditionText?
        var isFresh = false
        if isPaused {
            progress = ConditionText(status: "Unknown", reason: "DeploymentPaused", message: "Deployment is paused")
        } else if isCreated {
            let hash = rollout.template.hash(deployment.statusInt("collisionCount"))
            progress = ConditionText(
                status: "True", reason: "NewReplicaSetCreated",
                message: "Created new replica set \"\(deployment.meta.name)-\(hash)\"")
            isFresh = true
        } else if isComplete {
            progress = ConditionText(
                status: "True", reason: "NewReplicaSetAvailable", message: "\(subject) has successfully progressed.")
        } else if isMoving || progressBefore == nil {
            progress = ConditionText(
                status: "True", reason: "ReplicaSetUpdated", message: "\(subject) is progressing.")
            isFresh = true
        } else if let deadline = deployment.specInt("progressDeadlineSeconds"), deadline < Int(Int32.max) {
            let began =
                progressBefore?.member("lastUpdateTime")?.stringValue.flatMap { Timestamp($0) } ?? context.now
            let left = began.seconds + Int64(deadline) - context.now.seconds
            // A finished rollout that lost a pod begins no new deadline.
            let wasComplete = progressBefore?.member("reason")?.stringValue == "NewReplicaSetAvailable"
            if left <= 0, !wasComplete {
                progress = ConditionText(
                    status: "False", reason: "ProgressDeadlineExceeded",
                    message: "\(subject) has timed out progressing.")
            } else if !wasComplete {
                wait = .seconds(left)
            }
        }

        var conditions = Self.merged(before, "Available", availability, isFresh: false, context.now)
        if let progress { conditions = Self.merged(conditions, "Progressing", progress, isFresh: isFresh, context.now) }
        let status = Change.status(
            DeploymentController.resource, deployment,
            [
                JSONMember("observedGeneration", .int(Int64(deployment.meta.generation))),
                JSONMember("replicas", .count(replicas)), JSONMember("updatedReplicas", .count(updated)),
                JSONMember("readyReplicas", .count(ready)), JSONMember("availableReplicas", .count(available)),
                JSONMember("unavailableReplicas", .count(max(0, wanted - available))),
                JSONMember("conditions", .array(conditions)),
            ])
        change = (status, wait)
    }

    /// A condition keeps its times while it says the same. A rollout that moves says so again.
    private static func merged(
        _ conditions: [JSONValue], _ type: String, _ text: ConditionText, isFresh: Bool, _ now: Timestamp
    ) -> [JSONValue] {
        let old = conditions.first { $0.member("type")?.stringValue == type }
        let said = old.map {
            ConditionText(
                status: $0.member("status")?.stringValue ?? "", reason: $0.member("reason")?.stringValue ?? "",
                message: $0.member("message")?.stringValue ?? "")
        }
        if said == text, !isFresh { return conditions }
        let time = JSONValue.string(now.description)
        let isSameStatus = said?.status == text.status
        let next: JSONValue = [
            "type": .string(type), "status": .string(text.status), "lastUpdateTime": time,
            "lastTransitionTime": isSameStatus ? old?.member("lastTransitionTime") ?? time : time,
            "reason": .string(text.reason), "message": .string(text.message),
        ]
        guard let index = conditions.firstIndex(where: { $0.member("type")?.stringValue == type }) else {
            return conditions + [next]
        }
        var conditions = conditions
        conditions[index] = next
        return conditions
    }
}
