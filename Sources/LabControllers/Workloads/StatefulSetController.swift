import JSONTree
import KubernetesClient
import KubernetesModel

/// Keeps numbered pods (Kubernetes, pkg/controller/statefulset), in the small: no volume claims, and a pod that is made
/// again has the newest template whatever the partition says.
enum StatefulSetController {
    static let component = "statefulset-controller"
    private static let kind = Watched.statefulSets.kind

    static func plan(_ key: ObjectKey, _ view: ClusterView, _ context: PlanContext) -> Plan {
        guard let set = view.statefulSets[key], let selector = set.selector, !selector.isEverything,
            let template = PodTemplate(of: set)
        else { return Plan() }
        let ownership = Ownership(of: set, kind, among: view.pods, Pod.resource) { ordinal(of: $0, in: set) != nil }
        if !ownership.changes.isEmpty { return Plan(ownership.changes) }
        if set.meta.isTerminating { return Plan() }
        let history = RevisionHistory(of: set, kind, template, view)
        if !history.changes.isEmpty { return Plan(history.changes) }
        if (set.spec?.member("volumeClaimTemplates")?.count ?? 0) > 0, ownership.owned.isEmpty {
            return Plan([
                .event(
                    .warning, kind, set.meta, "FailedCreate", "Create",
                    "spec.volumeClaimTemplates: there are no volumes here; use emptyDir in the template",
                    from: component)
            ])
        }
        let members = Members(set, ownership.owned, revision: history.name)
        var plan = Plan(members.steps(template))
        if plan.changes.isEmpty { plan.changes += history.cleared(set, ownership.owned) }
        let patience = set.specInt("minReadySeconds") ?? 0
        let alive = ownership.owned.filter(\.isActive)
        let available = alive.filter { $0.isAvailable(after: patience, now: context.now) }.count
        if let status = members.status(alive, available: available) { plan.changes.append(status) }
        if available < alive.filter(\.isReady).count { plan.lookAgain(in: .seconds(1)) }
        return plan
    }

    /// The number at the end of a member's name.
    private static func ordinal(of pod: PodRecord, in set: PlainRecord) -> Int? {
        guard pod.meta.name.hasPrefix(set.meta.name + "-") else { return nil }
        let digits = pod.meta.name.dropFirst(set.meta.name.count + 1)
        guard let number = Int(digits), String(number) == digits else { return nil }
        return number
    }

    private struct Members {
        let set: PlainRecord
        let revision: String
        private var byOrdinal: [Int: PodRecord] = [:]
        private let first: Int
        private let isOrdered: Bool

        init(_ set: PlainRecord, _ pods: [PodRecord], revision: String) {
            self.set = set
            self.revision = revision
            first = set.spec?.at("ordinals", "start")?.int.flatMap { Int(exactly: $0) } ?? 0
            isOrdered = set.spec?.member("podManagementPolicy")?.string != "Parallel"
            for pod in pods { if let number = ordinal(of: pod, in: set) { byOrdinal[number] = pod } }
        }

        private var wanted: Range<Int> { first..<(first + max(0, set.replicas)) }

        /// In order: each waits for the one before. In parallel: all at once; updates are one at a time in any case.
        func steps(_ template: PodTemplate) -> [Change] {
            var changes: [Change] = []
            for number in wanted {
                guard let pod = byOrdinal[number] else {
                    changes += creation(number, template)
                    if isOrdered { return changes }
                    continue
                }
                if pod.isFinished, !pod.isTerminating { changes += deletion(pod) }
                if isOrdered, !pod.isActive || !pod.isReady { return changes }
            }
            let surplus = byOrdinal.filter { !wanted.contains($0.key) }.sorted { $0.key > $1.key }.map(\.value)
            for pod in surplus {
                if !pod.isTerminating { changes += deletion(pod) }
                if isOrdered { return changes }
            }
            return changes.isEmpty ? update : changes
        }

        private var update: [Change] {
            let strategy = set.spec?.member("updateStrategy")
            if strategy?.member("type")?.string == "OnDelete" { return [] }
            let partition = strategy?.at("rollingUpdate", "partition")?.int.flatMap { Int(exactly: $0) } ?? 0
            for number in wanted.reversed() where number >= partition {
                guard let pod = byOrdinal[number] else { return [] }
                if pod.meta.labels[PodTemplate.revisionLabel] != revision {
                    return pod.isTerminating ? [] : deletion(pod)
                }
                if !pod.isActive || !pod.isReady { return [] }
            }
            return []
        }

        private func creation(_ number: Int, _ template: PodTemplate) -> [Change] {
            let name = "\(set.meta.name)-\(number)"
            let labels = [
                PodTemplate.revisionLabel: revision, "statefulset.kubernetes.io/pod-name": name,
                "apps.kubernetes.io/pod-index": String(number),
            ]
            var pod = template.pod(named: name, of: set, kind, labels: labels)
            pod = pod.setting(at: ["spec", "hostname"], to: .string(name))
            if let service = set.spec?.member("serviceName")?.string, !service.isEmpty {
                pod = pod.setting(at: ["spec", "subdomain"], to: .string(service))
            }
            return [
                .create(Pod.resource, pod),
                .event(
                    kind, set.meta, "SuccessfulCreate", "Create",
                    "create Pod \(name) in StatefulSet \(set.meta.name) successful", from: component),
            ]
        }

        private func deletion(_ pod: PodRecord) -> [Change] {
            [
                .delete(Pod.resource, pod.meta.key, uid: pod.meta.uid),
                .event(
                    kind, set.meta, "SuccessfulDelete", "Delete",
                    "delete Pod \(pod.meta.name) in StatefulSet \(set.meta.name) successful", from: component),
            ]
        }

        func status(_ alive: [PodRecord], available: Int) -> Change? {
            let updated = alive.filter { $0.meta.labels[PodTemplate.revisionLabel] == revision }.count
            let isDone = updated == set.replicas && alive.filter(\.isReady).count == set.replicas
            let before = set.status?.member("currentRevision")?.string
            let current = isDone ? revision : before ?? revision
            let currents = alive.filter { $0.meta.labels[PodTemplate.revisionLabel] == current }.count
            return Change.status(
                Watched.statefulSets.resource, set,
                [
                    JSONMember("observedGeneration", .int(Int64(set.meta.generation))),
                    JSONMember("replicas", .int(Int64(alive.count))),
                    JSONMember("readyReplicas", .count(alive.filter(\.isReady).count)),
                    JSONMember("availableReplicas", .int(Int64(available))),
                    JSONMember("currentReplicas", .count(currents)), JSONMember("updatedReplicas", .count(updated)),
                    JSONMember("currentRevision", .string(current)), JSONMember("updateRevision", .string(revision)),
                    JSONMember("collisionCount", 0),
                ])
        }
    }
}
