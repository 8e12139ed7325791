import JSONTree
import KubernetesModel

/// Moves a Deployment from one template to the next by way of ReplicaSets (Kubernetes, pkg/controller/deployment). Each
/// plan is one step; what comes of it is the occasion for the next.
///
/// Not here: proportional scaling in the middle of a rollout. The new ReplicaSet takes what is added.
enum DeploymentController {
    static let component = "deployment-controller"
    static let kind = Watched.deployments.kind
    static let resource = Watched.deployments.resource

    static let revision = "deployment.kubernetes.io/revision"
    static let revisionHistory = "deployment.kubernetes.io/revision-history"
    static let desiredReplicas = "deployment.kubernetes.io/desired-replicas"
    static let maxReplicas = "deployment.kubernetes.io/max-replicas"

    static func plan(_ key: ObjectKey, _ view: ClusterView, _ context: PlanContext) -> Plan {
        guard let deployment = view.deployments[key], let selector = deployment.selector, !selector.isEverything,
            let template = PodTemplate(of: deployment)
        else { return Plan() }
        let ownership = Ownership(of: deployment, kind, among: view.replicaSets, Watched.replicaSets.resource)
        if !ownership.changes.isEmpty { return Plan(ownership.changes) }
        let rollout = Rollout(deployment, template, ownership.owned)
        if deployment.meta.isTerminating { return Plan() }
        var plan = Plan()
        let isPaused = deployment.spec?.member("paused")?.bool ?? false
        var isCreated = false
        if isPaused {
            plan.changes += rollout.scaledWhilePaused
        } else if rollout.isRecreation {
            (plan.changes, isCreated) = recreate(rollout, view)
        } else {
            if rollout.new == nil {
                plan.changes += creation(rollout, view)
                isCreated = true
            } else {
                plan.changes += rollout.metadata + rollout.rollingSteps
            }
        }
        if plan.changes.isEmpty, !isPaused { plan.changes += rollout.clearedHistory }
        let (status, wait) = DeploymentStatus(rollout, isCreated: isCreated, isPaused: isPaused, context).change
        if let status { plan.changes.append(status) }
        if let wait { plan.lookAgain(in: wait) }
        return plan
    }

    /// The old pods are gone before the first new one comes.
    private static func recreate(_ rollout: Rollout, _ view: ClusterView) -> ([Change], Bool) {
        let running = rollout.old.filter { $0.replicas > 0 }
        if !running.isEmpty { return (running.flatMap { rollout.scale($0, to: 0) }, false) }
        for set in rollout.old where view.pods.controlled(by: set.meta.uid).contains(where: { !$0.isFinished }) {
            return ([], false)
        }
        guard let new = rollout.new else { return (creation(rollout, view), true) }
        return (rollout.metadata + rollout.scale(new, to: rollout.desired), false)
    }

    private static func creation(_ rollout: Rollout, _ view: ClusterView) -> [Change] {
        let deployment = rollout.deployment
        let collisions = deployment.statusInt("collisionCount")
        let hash = rollout.template.hash(collisions)
        let name = "\(deployment.meta.name)-\(hash)"
        // Another template has the same hash, or somebody else the name: the next hash is another one.
        if view.replicaSets[ObjectKey(namespace: deployment.meta.namespace, name: name)] != nil {
            let counted: [JSONMember] = [JSONMember("collisionCount", .int(Int64(collisions + 1)))]
            return Change.status(resource, deployment, counted).map { [$0] } ?? []
        }
        var changes: [Change] = [
            .create(Watched.replicaSets.resource, rollout.newReplicaSet(named: name, hash: hash))
        ]
        let replicas = rollout.firstReplicas
        if replicas > 0 {
            changes.append(
                .event(
                    kind, deployment.meta, "ScalingReplicaSet", "ScaleReplicaSet",
                    "Scaled up replica set \(name) from 0 to \(replicas)", from: component))
        }
        return changes
    }
}
