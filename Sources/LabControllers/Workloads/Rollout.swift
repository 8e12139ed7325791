import JSONTree
import KubernetesModel

/// A Deployment with its ReplicaSets, and the numbers that a rollout is decided by.
struct Rollout {
    let deployment: PlainRecord
    let template: PodTemplate
    /// Of the current template; the oldest, if there are several.
    let new: PlainRecord?
    /// All others, the oldest first.
    let old: [PlainRecord]
    let desired: Int
    let isRecreation: Bool
    let maxSurge: Int
    let maxUnavailable: Int

    init(_ deployment: PlainRecord, _ template: PodTemplate, _ sets: [PlainRecord]) {
        self.deployment = deployment
        self.template = template
        let sorted = sets.sorted {
            let (left, right) = ($0.meta.creationTimestamp?.seconds ?? 0, $1.meta.creationTimestamp?.seconds ?? 0)
            return left == right ? $0.meta.name < $1.meta.name : left < right
        }
        let new = sorted.first { PodTemplate(of: $0)?.isSame(as: template) ?? false }
        self.new = new
        old = sorted.filter { $0.meta.uid != new?.meta.uid }
        desired = deployment.replicas
        let strategy = deployment.spec?.member("strategy")
        isRecreation = strategy?.member("type")?.string == "Recreate"
        let rolling = strategy?.member("rollingUpdate")
        let surge = Self.resolve(rolling?.member("maxSurge"), of: desired, roundsUp: true)
        let unavailable = Self.resolve(rolling?.member("maxUnavailable"), of: desired, roundsUp: false)
        maxSurge = isRecreation ? 0 : surge
        // Without either nothing would ever move.
        maxUnavailable = isRecreation ? desired : surge == 0 && unavailable == 0 ? 1 : min(unavailable, desired)
    }

    /// A number, or a part in a hundred of `total`; 25 % when absent.
    static func resolve(_ node: JSONNode?, of total: Int, roundsUp: Bool) -> Int {
        switch node.flatMap(IntOrString.init(_:)) ?? .string("25%") {
        case .int(let number): return max(0, Int(number))
        case .string(let text):
            guard text.hasSuffix("%"), let percent = Int(text.dropLast()), (0...100_000).contains(percent) else {
                return 0
            }
            let product = percent * total
            return roundsUp ? (product + 99) / 100 : product / 100
        }
    }

    var all: [PlainRecord] { old + (new.map { [$0] } ?? []) }

    static func revision(_ set: PlainRecord) -> Int {
        set.meta.annotations[DeploymentController.revision].flatMap { Int($0) } ?? 0
    }

    /// One more than any template before had.
    var newRevision: Int { (old.map(Self.revision).max() ?? 0) + 1 }

    /// A new ReplicaSet begins with what the surge allows.
    var firstReplicas: Int {
        if isRecreation { return desired }
        return max(0, min(desired + maxSurge - old.map(\.replicas).reduce(0, +), desired))
    }

    // MARK: Objects

    /// Annotations of the deployment that its ReplicaSets carry too.
    private var inherited: [String: String] {
        let own: Set = [
            "kubectl.kubernetes.io/last-applied-configuration", DeploymentController.revision,
            DeploymentController.revisionHistory, DeploymentController.desiredReplicas,
            DeploymentController.maxReplicas, "deprecated.deployment.rollback.to",
        ]
        return deployment.meta.annotations.filter { !own.contains($0.key) }
    }

    private func annotations(revision: Int) -> [String: String] {
        inherited.merging([
            DeploymentController.revision: String(revision), DeploymentController.desiredReplicas: String(desired),
            DeploymentController.maxReplicas: String(desired + maxSurge),
        ]) { $1 }
    }

    func newReplicaSet(named name: String, hash: String) -> JSONValue {
        let hashed = JSONMember(PodTemplate.hashLabel, .string(hash))
        let labels = template.labels.sorted { $0.key < $1.key }.map { JSONMember($0.key, .string($0.value)) } + [hashed]
        let selector = deployment.spec?.member("selector").map { JSONValue($0) } ?? .object([])
        var spec: [JSONMember] = [JSONMember("replicas", .int(Int64(firstReplicas)))]
        if let seconds = deployment.specInt("minReadySeconds"), seconds > 0 {
            spec.append(JSONMember("minReadySeconds", .int(Int64(seconds))))
        }
        spec.append(
            JSONMember("selector", selector.setting(at: ["matchLabels", PodTemplate.hashLabel], to: .string(hash))))
        spec.append(
            JSONMember(
                "template",
                template.withoutHash.setting(at: ["metadata", "labels", PodTemplate.hashLabel], to: .string(hash))))
        let annotations = annotations(revision: newRevision).sorted { $0.key < $1.key }
        return [
            "apiVersion": "apps/v1", "kind": "ReplicaSet",
            "metadata": [
                "name": .string(name), "namespace": .string(deployment.meta.namespace), "labels": .object(labels),
                "annotations": .object(annotations.map { JSONMember($0.key, .string($0.value)) }),
                "ownerReferences": [deployment.meta.asController(DeploymentController.kind)],
            ], "spec": .object(spec),
        ]
    }

    /// What the annotations of the new ReplicaSet and of the deployment should say. A template that comes back (undo)
    /// gets a new number and keeps the old one in its history.
    var metadata: [Change] {
        guard let new else { return [] }
        let present = Self.revision(new)
        let revision = max(present, newRevision)
        var wanted: [String: String?] = annotations(revision: revision).mapValues { $0 }
        if present != 0, revision != present {
            let history = new.meta.annotations[DeploymentController.revisionHistory] ?? ""
            wanted[DeploymentController.revisionHistory] = history.isEmpty ? "\(present)" : "\(history),\(present)"
        }
        var changes = [
            Change.metadata(Watched.replicaSets.resource, new, annotations: wanted),
            Change.metadata(
                DeploymentController.resource, deployment, annotations: [DeploymentController.revision: "\(revision)"]),
        ].compactMap { $0 }
        let patience = deployment.specInt("minReadySeconds") ?? 0
        if (new.specInt("minReadySeconds") ?? 0) != patience {
            changes.append(
                .patch(
                    Watched.replicaSets.resource, new.meta.key,
                    Change.Patch(["spec": ["minReadySeconds": .int(Int64(patience))]])))
        }
        return changes
    }

    // MARK: Scaling

    func scale(_ set: PlainRecord, to replicas: Int) -> [Change] {
        if set.replicas == replicas { return [] }
        let word = replicas > set.replicas ? "up" : "down"
        let body: JSONValue = [
            "metadata": [
                "annotations": .object([
                    JSONMember(DeploymentController.desiredReplicas, .string("\(desired)")),
                    JSONMember(DeploymentController.maxReplicas, .string("\(desired + maxSurge)")),
                ])
            ], "spec": ["replicas": .int(Int64(replicas))],
        ]
        return [
            .patch(Watched.replicaSets.resource, set.meta.key, Change.Patch(body)),
            .event(
                DeploymentController.kind, deployment.meta, "ScalingReplicaSet", "ScaleReplicaSet",
                "Scaled \(word) replica set \(set.meta.name) from \(set.replicas) to \(replicas)",
                from: DeploymentController.component),
        ]
    }

    /// A paused deployment follows a change of its size, when there is one ReplicaSet to carry it.
    var scaledWhilePaused: [Change] {
        let active = all.filter { $0.replicas > 0 }
        if active.count > 1 { return [] }
        return (active.first ?? new).map { scale($0, to: desired) } ?? []
    }

    /// The next step of a rolling update: first up, and down when there is no way up.
    var rollingSteps: [Change] {
        guard let new else { return [] }
        let total = all.map(\.replicas).reduce(0, +)
        if new.replicas > desired { return scale(new, to: desired) }
        let room = desired + maxSurge - total
        if new.replicas < desired, room > 0 { return scale(new, to: new.replicas + min(room, desired - new.replicas)) }
        return downSteps(new, total)
    }

    private func downSteps(_ new: PlainRecord, _ total: Int) -> [Change] {
        var targets = old.map(\.replicas)
        if targets.allSatisfy({ $0 == 0 }) { return [] }
        let least = desired - maxUnavailable
        let newUnavailable = new.replicas - new.statusInt("availableReplicas")
        var spare = total - least - newUnavailable
        if spare <= 0 { return [] }
        // Old pods that are not available are no loss.
        for (index, set) in old.enumerated() where spare > 0 && targets[index] > 0 {
            let useless = min(spare, max(0, targets[index] - set.statusInt("availableReplicas")))
            targets[index] -= useless
            spare -= useless
        }
        var surplus = all.map { $0.statusInt("availableReplicas") }.reduce(0, +) - least
        for index in old.indices where surplus > 0 && targets[index] > 0 {
            let count = min(surplus, targets[index])
            targets[index] -= count
            surplus -= count
        }
        return zip(old, targets).flatMap { scale($0, to: $1) }
    }

    /// Old ReplicaSets beyond what `revisionHistoryLimit` keeps, once the rollout is done.
    var clearedHistory: [Change] {
        guard let limit = deployment.specInt("revisionHistoryLimit"), new != nil else { return [] }
        let empty = old.filter {
            $0.replicas == 0 && $0.statusInt("replicas") == 0 && !$0.meta.isTerminating
                && $0.statusInt("observedGeneration") >= $0.meta.generation
        }.sorted { Self.revision($0) < Self.revision($1) }
        return empty.prefix(max(0, old.count - limit)).map {
            .delete(Watched.replicaSets.resource, $0.meta.key, uid: $0.meta.uid)
        }
    }
}
