import JSONTree
import KubernetesModel

extension ObjectTable {
    /// The core group.
    static let core: [GroupResource: ObjectTable] = [
        GroupResource(resource: "pods"): pods,
        GroupResource(resource: "nodes"): nodes,
        GroupResource(resource: "namespaces"): ObjectTable([
            .name, Column("Status", "Active, or Terminating while it is being emptied."), .age,
        ]) { object, now in [object.nameCell, object.textCell("status", "phase", otherwise: ""), object.ageCell(now)] },
        GroupResource(resource: "configmaps"): ObjectTable([
            .name, .integer("Data", "How many keys it has."), .age,
        ]) { object, now in [object.nameCell, keyCount(object, "data", "binaryData"), object.ageCell(now)] },
        GroupResource(resource: "secrets"): ObjectTable([
            .name, Column("Type", "What kind of secret it is."), .integer("Data", "How many keys it has."), .age,
        ]) { object, now in
            [object.nameCell, object.textCell("type", otherwise: ""), keyCount(object, "data"), object.ageCell(now)]
        },
        GroupResource(resource: "serviceaccounts"): ObjectTable([
            .name, .integer("Secrets", "How many secrets may be used by its pods."), .age,
        ]) { object, now in
            [object.nameCell, .int(Int64(object.list("secrets").count)), object.ageCell(now)]
        },
        GroupResource(resource: "events"): events,
        GroupResource(group: "events.k8s.io", resource: "events"): events,
        GroupResource(resource: "replicationcontrollers"): ObjectTable(
            [
                .name, .integer("Desired", "How many pods it is to keep."), .integer("Current", "How many it keeps."),
                .integer("Ready", "How many of them are ready."), .age,
            ] + templateColumns
        ) { object, now in
            [
                object.nameCell, object.numberCell("spec", "replicas"), object.numberCell("status", "replicas"),
                object.numberCell("status", "readyReplicas"), object.ageCell(now),
            ] + object.containerCells("spec", "template", "spec") + [object.labelsCell("spec", "selector")]
        },
        GroupResource(resource: "persistentvolumeclaims"): ObjectTable([
            .name, Column("Status", "Its phase."), Column("Volume", "The volume it is bound to."), .age,
        ]) { object, now in
            [
                object.nameCell, object.textCell("status", "phase", otherwise: ""),
                object.textCell("spec", "volumeName", otherwise: ""), object.ageCell(now),
            ]
        },
    ]

    /// The last three columns of everything that has a pod template.
    static let templateColumns: [Column] = [
        .wide("Containers", "Names of the template's containers."),
        .wide("Images", "Images of the template's containers."),
        .wide("Selector", "Which pods belong to it."),
    ]

    private static func keyCount(_ object: JSONNode, _ members: String...) -> JSONValue {
        .int(Int64(members.reduce(0) { $0 + (object.member($1)?.count ?? 0) }))
    }

    private static let pods = ObjectTable([
        .name, Column("Ready", "Containers that are ready, of all."),
        Column("Status", "The phase, or why the pod is not further."),
        Column("Restarts", "How often containers were started again, and when last."), .age,
        .wide("IP", "The pod's first address."), .wide("Node", "Where it runs."),
        .wide("Nominated Node", "Where it will run once others have made room."),
        .wide("Readiness Gates", "How many of its readiness gates are open, of all."),
    ]) { pod, now in
        let text = PodStatusText(pod)
        let address = pod.list("status", "podIPs").first?.text("ip") ?? pod.text("status", "podIP")
        let gates = pod.list("spec", "readinessGates").compactMap { $0.text("conditionType") }
        let open = gates.count { pod.condition($0)?.text("status") == "True" }
        return [
            pod.nameCell, .string("\(text.ready)/\(text.total)"), .string(text.status), .string(text.restartText(now)),
            pod.ageCell(now), .string(address.flatMap { $0.isEmpty ? nil : $0 } ?? noneText),
            pod.textCell("spec", "nodeName"), pod.textCell("status", "nominatedNodeName"),
            .string(gates.isEmpty ? noneText : "\(open)/\(gates.count)"),
        ]
    }

    private static let nodes = ObjectTable([
        .name, Column("Status", "Whether the kubelet says that it can run pods."), Column("Roles", "From its labels."),
        .age, Column("Version", "Of the kubelet."), .wide("Internal-IP", "Its address inside the cluster."),
        .wide("External-IP", "Its address for others."), .wide("OS-Image", "Its operating system."),
        .wide("Kernel-Version", "Its kernel."), .wide("Container-Runtime", "What runs its containers."),
    ]) { node, now in
        var status =
            switch node.condition("Ready")?.text("status") {
            case "True": "Ready"
            case nil: "Unknown"
            default: "NotReady"
            }
        if node.at("spec", "unschedulable")?.bool == true { status += ",SchedulingDisabled" }
        func address(_ type: String) -> JSONValue {
            let found = node.list("status", "addresses").first { $0.text("type") == type }
            return .string(found?.text("address") ?? noneText)
        }
        return [
            node.nameCell, .string(status), .string(roles(of: node)), node.ageCell(now),
            node.textCell("status", "nodeInfo", "kubeletVersion", otherwise: ""), address("InternalIP"),
            address("ExternalIP"), node.textCell("status", "nodeInfo", "osImage", otherwise: "<unknown>"),
            node.textCell("status", "nodeInfo", "kernelVersion", otherwise: "<unknown>"),
            node.textCell("status", "nodeInfo", "containerRuntimeVersion", otherwise: "<unknown>"),
        ]
    }

    private static func roles(of node: JSONNode) -> String {
        let prefix = "node-role.kubernetes.io/"
        var roles: Set<String> = []
        for (key, value) in node.at("metadata", "labels")?.members.map({ ($0.key, $0.value) }) ?? [] {
            if key.hasPrefix(prefix), key.count > prefix.count {
                roles.insert(String(key.dropFirst(prefix.count)))
            } else if key == "kubernetes.io/role", let role = value.string, !role.isEmpty {
                roles.insert(role)
            }
        }
        return roles.isEmpty ? noneText : roles.sorted().joined(separator: ",")
    }

    private static let events = ObjectTable([
        Column("Last Seen", "How long ago it happened last."), Column("Type", "Normal or Warning."),
        Column("Reason", "One word for machines."), Column("Object", "What it happened to."),
        .wide("Subobject", "The part of the object."), .wide("Source", "Who reports it."),
        Column("Message", "A sentence for people."), .wide("First Seen", "How long ago it happened first."),
        .wide("Count", type: "integer", "How often it happened."),
        Column("Name", format: "name", priority: 1, "Name of the event."),
    ]) { event, now in
        // Events of both groups are stored alike but name these fields differently (events.k8s.io: regarding, note).
        let object = event.member("involvedObject") ?? event.member("regarding")
        let kind = object?.text("kind")?.lowercased() ?? ""
        let made = event.moment(["firstTimestamp"]) ?? event.moment(["eventTime"])
        let last = event.moment(["series", "lastObservedTime"]) ?? event.moment(["lastTimestamp"]) ?? made
        let count = event.at("series", "count")?.int ?? event.at("count")?.int ?? 1
        let source = [
            event.text("source", "component") ?? event.text("reportingComponent"), event.text("source", "host"),
        ]
        return [
            .string(ElapsedTime.text(since: last, now: now)), event.textCell("type", otherwise: ""),
            event.textCell("reason", otherwise: ""), .string("\(kind)/\(object?.text("name") ?? "")"),
            .string(object?.text("fieldPath") ?? ""),
            .string(source.compactMap(\.self).filter { !$0.isEmpty }.joined(separator: ", ")),
            .string((event.text("message") ?? event.text("note") ?? "").trimmed),
            .string(ElapsedTime.text(since: made, now: now)),
            .int(max(1, count)), event.nameCell,
        ]
    }
}

extension String {
    /// Without blanks and newlines at both ends.
    fileprivate var trimmed: String {
        let text = drop(while: \.isWhitespace)
        return String(text.reversed().drop(while: \.isWhitespace).reversed())
    }
}
