import JSONTree
import KubernetesClient
import KubernetesModel

/// Runs pods until enough have succeeded (Kubernetes, pkg/controller/job), in the small: no indexes, no failure policies,
/// and what is counted are the pods that are still there and what the status already says.
enum JobController {
    static let component = "job-controller"
    private static let kind = Watched.jobs.kind

    static func plan(_ key: ObjectKey, _ view: ClusterView, _ context: PlanContext) -> Plan {
        guard let job = view.jobs[key], !job.meta.isTerminating, let template = PodTemplate(of: job) else {
            return Plan()
        }
        let pods = view.pods.controlled(by: job.meta.uid)
        let conditions = job.status?.member("conditions")?.elements.map { JSONValue($0) } ?? []
        let isOver = conditions.contains {
            ["Complete", "Failed"].contains($0.member("type")?.stringValue)
                && $0.member("status")?.stringValue == "True"
        }
        if isOver { return afterwards(job, pods, conditions, context) }

        let active = pods.filter(\.isActive)
        let succeeded = max(job.statusInt("succeeded"), pods.count { $0.facts.status.phase == "Succeeded" })
        let failed = max(job.statusInt("failed"), pods.count { $0.facts.status.phase == "Failed" })
        let completions = job.specInt("completions")
        let isSuspended = job.spec?.member("suspend")?.bool ?? false
        var plan = Plan()
        var verdict: (type: String, reason: String, message: String)?
        let began = job.status?.member("startTime")?.string.flatMap { Timestamp($0) }
        if completions.map({ succeeded >= $0 }) ?? (succeeded > 0 && active.isEmpty) {
            verdict = ("Complete", "CompletionsReached", "Reached expected number of succeeded pods")
        } else if failed > job.specInt("backoffLimit") ?? 6 {
            verdict = ("Failed", "BackoffLimitExceeded", "Job has reached the specified backoff limit")
        } else if let limit = job.specInt("activeDeadlineSeconds"), let began, !isSuspended {
            let left = began.seconds + Int64(limit) - context.now.seconds
            if left <= 0 {
                verdict = ("Failed", "DeadlineExceeded", "Job was active longer than specified deadline")
            } else {
                plan.lookAgain(in: .seconds(left))
            }
        }

        if isSuspended || verdict != nil {
            plan.changes += active.flatMap { deletion($0, job) }
        } else {
            let parallel = job.specInt("parallelism") ?? 1
            let wanted = min(parallel, completions.map { max(0, $0 - succeeded) } ?? (succeeded > 0 ? 0 : parallel))
            if active.count > wanted {
                plan.changes += active.sorted { DeletionRank($0, [:]) < DeletionRank($1, [:]) }
                    .prefix(active.count - wanted).flatMap { deletion($0, job) }
            } else if active.count < wanted {
                let wait = patience(pods, failed, context)
                if wait > 0 {
                    plan.lookAgain(in: .seconds(wait))
                } else {
                    plan.changes += creations(wanted - active.count, job, template, context)
                }
            }
        }
        var status: [JSONMember] = [
            JSONMember("active", .count(verdict == nil && !isSuspended ? active.count : 0)),
            JSONMember("ready", .int(Int64(verdict == nil ? active.count(where: \.isReady) : 0))),
            JSONMember("succeeded", .count(succeeded)), JSONMember("failed", .count(failed)),
            JSONMember("terminating", .int(Int64(pods.count { $0.isTerminating && !$0.isFinished }))),
        ]
        let time = JSONValue.string(context.now.description)
        if began == nil, !isSuspended { status.append(JSONMember("startTime", time)) }
        if let verdict {
            status.append(
                JSONMember(
                    "conditions",
                    .array(
                        conditions + [
                            [
                                "type": .string(verdict.type), "status": "True", "lastProbeTime": time,
                                "lastTransitionTime": time, "reason": .string(verdict.reason),
                                "message": .string(verdict.message),
                            ]
                        ])))
            if verdict.type == "Complete" { status.append(JSONMember("completionTime", time)) }
            plan.changes.append(
                verdict.type == "Complete"
                    ? .event(kind, job.meta, "Completed", "Complete", "Job completed", from: component)
                    : .event(.warning, kind, job.meta, verdict.reason, "Fail", verdict.message, from: component))
        }
        if let change = Change.status(Watched.jobs.resource, job, status) { plan.changes.append(change) }
        return plan
    }

    /// Seconds until a pod that failed is tried again: ten, doubled with every failure, six minutes at most.
    private static func patience(_ pods: [PodRecord], _ failed: Int, _ context: PlanContext) -> Int64 {
        let last = pods.filter { $0.facts.status.phase == "Failed" }.compactMap { $0.meta.creationTimestamp?.seconds }
            .max()
        guard let last, failed > 0 else { return 0 }
        return last + min(360, 10 << Int64(min(failed - 1, 6))) - context.now.seconds
    }

    private static func creations(
        _ count: Int, _ job: PlainRecord, _ template: PodTemplate, _ context: PlanContext
    ) -> [Change] {
        var suffix = NameSuffix(seed: context.seed)
        let labels = [
            "batch.kubernetes.io/job-name": job.meta.name, "job-name": job.meta.name,
            "batch.kubernetes.io/controller-uid": job.meta.uid, "controller-uid": job.meta.uid,
        ]
        return (0..<count).flatMap { _ -> [Change] in
            let name = "\(job.meta.name)-\(suffix.next())"
            return [
                .create(
                    Pod.resource,
                    template.pod(named: name, of: job, kind, labels: labels, generatedFrom: "\(job.meta.name)-")),
                .event(kind, job.meta, "SuccessfulCreate", "Create", "Created pod: \(name)", from: component),
            ]
        }
    }

    private static func deletion(_ pod: PodRecord, _ job: PlainRecord) -> [Change] {
        [
            .delete(Pod.resource, pod.meta.key, uid: pod.meta.uid),
            .event(kind, job.meta, "SuccessfulDelete", "Delete", "Deleted pod: \(pod.meta.name)", from: component),
        ]
    }

    /// Of a job that is over: it goes after `ttlSecondsAfterFinished`.
    private static func afterwards(
        _ job: PlainRecord, _ pods: [PodRecord], _ conditions: [JSONValue], _ context: PlanContext
    ) -> Plan {
        guard let seconds = job.specInt("ttlSecondsAfterFinished"),
            let end = conditions.compactMap({ $0.member("lastTransitionTime")?.stringValue.flatMap(Timestamp.init(_:)) }
            )
            .max()
        else { return Plan() }
        let left = end.seconds + Int64(seconds) - context.now.seconds
        if left > 0 { return Plan(again: .seconds(left)) }
        return Plan([.delete(Watched.jobs.resource, job.meta.key, uid: job.meta.uid)])
    }
}
