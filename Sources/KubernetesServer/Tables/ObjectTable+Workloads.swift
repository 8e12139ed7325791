import JSONTree
import KubernetesModel

extension ObjectTable {
    /// Everything that keeps pods.
    static let workloads: [GroupResource: ObjectTable] = [
        GroupResource(group: "apps", resource: "deployments"): ObjectTable(
            [
                .name, Column("Ready", "Pods that are ready, of those wanted."),
                .integer("Up-to-date", "Pods of the present template."),
                .integer("Available", "Pods that have been ready long enough."), .age,
            ] + templateColumns
        ) { object, now in
            [
                object.nameCell,
                .string("\(object.number("status", "readyReplicas"))/\(object.number("spec", "replicas"))"),
                object.numberCell("status", "updatedReplicas"), object.numberCell("status", "availableReplicas"),
                object.ageCell(now),
            ] + templateCells(object)
        },
        GroupResource(group: "apps", resource: "replicasets"): ObjectTable(
            [
                .name, .integer("Desired", "How many pods it is to keep."), .integer("Current", "How many it keeps."),
                .integer("Ready", "How many of them are ready."), .age,
            ] + templateColumns
        ) { object, now in
            [
                object.nameCell, object.numberCell("spec", "replicas"), object.numberCell("status", "replicas"),
                object.numberCell("status", "readyReplicas"), object.ageCell(now),
            ] + templateCells(object)
        },
        GroupResource(group: "apps", resource: "daemonsets"): ObjectTable(
            [
                .name, .integer("Desired", "Nodes that should run its pod."), .integer("Current", "Nodes that run it."),
                .integer("Ready", "Nodes where it is ready."),
                .integer("Up-to-date", "Nodes with the present template."),
                .integer("Available", "Nodes where it has been ready long enough."),
                Column("Node Selector", "Which nodes."), .age,
            ] + templateColumns
        ) { object, now in
            [
                object.nameCell, object.numberCell("status", "desiredNumberScheduled"),
                object.numberCell("status", "currentNumberScheduled"), object.numberCell("status", "numberReady"),
                object.numberCell("status", "updatedNumberScheduled"), object.numberCell("status", "numberAvailable"),
                object.labelsCell("spec", "template", "spec", "nodeSelector"), object.ageCell(now),
            ] + templateCells(object)
        },
        GroupResource(group: "apps", resource: "statefulsets"): ObjectTable([
            .name, Column("Ready", "Pods that are ready, of those wanted."), .age,
            .wide("Containers", "Names of the template's containers."),
            .wide("Images", "Images of the template's containers."),
        ]) { object, now in
            [
                object.nameCell,
                .string("\(object.number("status", "readyReplicas"))/\(object.number("spec", "replicas"))"),
                object.ageCell(now),
            ] + object.containerCells("spec", "template", "spec")
        },
        GroupResource(group: "apps", resource: "controllerrevisions"): ObjectTable([
            .name, Column("Controller", "Whose revision it is."), .integer("Revision", "Its number."), .age,
        ]) { object, now in
            let owner = object.list("metadata", "ownerReferences").first { $0.member("controller")?.bool == true }
            let text = owner.map { owner in
                let group = (owner.text("apiVersion") ?? "").split(separator: "/").dropLast().joined()
                let kind = (owner.text("kind") ?? "").lowercased()
                return "\(kind)\(group.isEmpty ? "" : ".\(group)")/\(owner.text("name") ?? "")"
            }
            return [object.nameCell, .string(text ?? noneText), object.numberCell("revision"), object.ageCell(now)]
        },
        GroupResource(group: "batch", resource: "jobs"): ObjectTable(
            [
                .name, Column("Status", "Running, Complete, Failed or Suspended."),
                Column("Completions", "Pods that succeeded, of those wanted."),
                Column("Duration", "From its start to its end, or until now."), .age,
            ] + templateColumns
        ) { object, now in
            let wanted = object.at("spec", "completions")?.int
            let parallelism = object.at("spec", "parallelism")?.int ?? 1
            let done = object.number("status", "succeeded")
            let completions =
                wanted.map { "\(done)/\($0)" } ?? (parallelism > 1 ? "\(done)/1 of \(parallelism)" : "\(done)/1")
            var duration = ""
            if let start = object.moment(["status", "startTime"]) {
                let end = object.moment(["status", "completionTime"]) ?? now
                duration = ElapsedTime.text(seconds: end.seconds - start.seconds)
            }
            return [
                object.nameCell, .string(jobStatus(object)), .string(completions), .string(duration),
                object.ageCell(now),
            ]
                + templateCells(object)
        },
        GroupResource(group: "batch", resource: "cronjobs"): ObjectTable([
            .name, Column("Schedule", "When, in cron's words."), Column("Timezone", "Whose clock."),
            Column("Suspend", type: "boolean", "Whether no more jobs are made."),
            .integer("Active", "Jobs that run now."), Column("Last Schedule", "How long ago it made a job."), .age,
        ]) { object, now in
            let last = object.moment(["status", "lastScheduleTime"])
            return [
                object.nameCell, object.textCell("spec", "schedule", otherwise: ""),
                object.textCell("spec", "timeZone"),
                .bool(object.at("spec", "suspend")?.bool ?? false), .int(Int64(object.list("status", "active").count)),
                .string(last.map { ElapsedTime.text(since: $0, now: now) } ?? noneText), object.ageCell(now),
            ]
        },
        GroupResource(group: "policy", resource: "poddisruptionbudgets"): ObjectTable([
            .name, Column("Min Available", "Pods that must stay."),
            Column("Max Unavailable", "Pods that may be missing."),
            .integer("Allowed Disruptions", "Pods that may be evicted now."), .age,
        ]) { object, now in
            func bound(_ key: String) -> JSONValue {
                guard let node = object.at("spec", key) else { return "N/A" }
                return .string(node.string ?? node.numberText ?? "N/A")
            }
            return [
                object.nameCell, bound("minAvailable"), bound("maxUnavailable"),
                object.numberCell("status", "disruptionsAllowed"), object.ageCell(now),
            ]
        },
    ]

    private static func templateCells(_ object: JSONNode) -> [JSONValue] {
        object.containerCells("spec", "template", "spec") + [object.selectorCell("spec", "selector")]
    }

    private static func jobStatus(_ job: JSONNode) -> String {
        func holds(_ type: String) -> Bool { job.condition(type)?.text("status") == "True" }
        if holds("Complete") { return "Complete" }
        if holds("Failed") { return "Failed" }
        if job.text("metadata", "deletionTimestamp") != nil { return "Terminating" }
        if holds("Suspended") { return "Suspended" }
        if holds("FailureTarget") { return "FailureTarget" }
        return holds("SuccessCriteriaMet") ? "SuccessCriteriaMet" : "Running"
    }
}
