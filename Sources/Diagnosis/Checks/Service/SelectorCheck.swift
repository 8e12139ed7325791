import Findings
import KubernetesModel

/// Services whose selector matches no pod although pods nearly match.
///
/// A selector without a pod is by itself no fault: a workload scaled to zero, the idle colour of a blue-green pair. It
/// is one when pods that are not anybody's of that kind differ from it in one label.
struct SelectorCheck: Check {
    let name = "services"
    let codes = ["SVC-01"]
    let needs: [FactName] = [.objects("services"), .objects("pods")]

    func applies(to facts: FactBase) -> Bool { !facts.objects("services").isEmpty }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        let map = ServiceMap(facts)
        let templates = Self.templates(facts)
        let byNamespace = Dictionary(grouping: map.pods.filter { !$0.isFinished }, by: \.namespace)
        return map.entries.compactMap { entry in
            guard !entry.selector.isEmpty, entry.pods.isEmpty, entry.readyEndpoints.isEmpty,
                entry.object.text("spec", "type") != "ExternalName", !isByHand(entry),
                // Pods that are over or not made yet would match: nothing is wrong with the labels.
                !(templates[entry.object.namespace] ?? []).contains(where: { entry.selector.isSubset(of: $0) }),
                !map.pods.contains(where: { $0.namespace == entry.object.namespace && $0.matches(entry.selector) })
            else { return nil }
            return finding(entry, byNamespace[entry.object.namespace] ?? [], map)
        }
    }

    /// Endpoints that somebody else keeps (a slice not of the endpoint slice controller).
    private func isByHand(_ entry: ServiceMap.Entry) -> Bool {
        entry.slices.contains { slice in
            (slice.labels["endpointslice.kubernetes.io/managed-by"] ?? "endpointslice-controller.k8s.io")
                != "endpointslice-controller.k8s.io"
        }
    }

    private struct Near {
        var pod: PodView
        var key: String
        /// The key under which the pod has the value, when it is another.
        var otherKey: String?
        /// The pod has neither the key nor the value.
        var isAbsent = false
        var matched: Int
        var distance: Int
    }

    private func finding(_ entry: ServiceMap.Entry, _ pods: [PodView], _ map: ServiceMap) -> Diagnosis? {
        let nearest = pods.filter { !$0.isTerminating }.compactMap { near(entry.selector, $0) }
            .min { ($0.distance, -$0.matched, $0.pod.name) < ($1.distance, -$1.matched, $1.pod.name) }
        guard let nearest else { return namesake(entry, pods, map) ?? elsewhere(entry, map) }
        // With one other label alone the pods must be this Service's by nobody else's word: no pod has such a label, and
        // no Service sends to them.
        if nearest.isAbsent, nearest.matched == 1,
            pods.contains(where: { $0.labels[nearest.key] != nil })
                || map.entries.contains(where: { other in
                    other.id != entry.id && other.object.namespace == entry.object.namespace && !other.selector.isEmpty
                        && other.pods.contains { $0.name == nearest.pod.name }
                })
        {
            return nil
        }
        let wanted = entry.selector[nearest.key] ?? ""
        let key = nearest.otherKey ?? nearest.key
        let actual = nearest.pod.labels[key] ?? ""
        let alike = pods.filter { pod in
            near(entry.selector, pod) != nil && (nearest.isAbsent ? pod.labels[key] == nil : pod.labels[key] == actual)
        }
        // Pods that another Service of the same ports already serves may be another track of the application.
        let isServedAlready = map.entries.contains { other in
            other.id != entry.id && other.object.namespace == entry.object.namespace && !other.selector.isEmpty
                && other.pods.contains { $0.name == nearest.pod.name }
                && Set(other.ports.map(\.number)) == Set(entry.ports.map(\.number))
        }
        var patched = entry.selector
        patched[nearest.key] = nil
        patched[key] = actual
        let namespace = entry.object.namespace
        let removal = nearest.otherKey == nil ? "" : "\"\(nearest.key)\":null,"
        let change = nearest.isAbsent ? "\"\(key)\":null" : "\(removal)\"\(key)\":\"\(actual)\""
        var undo = "\"\(nearest.key)\":\"\(wanted)\""
        if nearest.otherKey != nil { undo += ",\"\(key)\":null" }
        let writer = entry.object.lastWriter.map { ["the Service was last written by \($0)"] } ?? []
        return .of(
            "SVC-01",
            nearest.isAbsent
                ? "service \(entry.id) selects \(nearest.key): \(wanted), a label its pods do not have"
                : "service \(entry.id) selects \(nearest.key): \(wanted), its pods have \(key): \(actual)",
            isServedAlready || nearest.distance > 5 ? .likely : .certain, at: [entry.object.place],
            evidence: [
                .init(
                    "selector: \(entry.selector.selectorText)", marking: "\(nearest.key)=\(wanted)",
                    from: entry.object.source),
                .init(
                    "labels: \(nearest.pod.labels.selectorText)", marking: nearest.isAbsent ? "" : "\(key)=\(actual)",
                    from: nearest.pod.object.source),
            ],
            because: [
                "a Service sends to pods that have every label of its selector; no pod of namespace \(namespace) has "
                    + "\(nearest.key)=\(wanted), and \(counted(alike.count, "pod")) "
                    + (nearest.isAbsent ? "would match without it" : "would match with \(key)=\(actual)")
            ] + writer,
            explains: [entry.symptom],
            fix: .init(
                [
                    "kubectl -n \(namespace) patch service \(entry.object.name) --type merge -p "
                        + "'{\"spec\":{\"selector\":{\(change)}}}'"
                ],
                undo: "kubectl -n \(namespace) patch service \(entry.object.name) --type merge -p "
                    + "'{\"spec\":{\"selector\":{\(undo)}}}'",
                risk: "none for others: the Service has no endpoint now", seconds: 5),
            prevent: "select by labels that the workload's template sets, and change both in one commit",
            deadEnds: ["restarting the pods or kube-proxy: the Service has no endpoint to send to"],
            needs: ["whether \(nearest.pod.id) is meant to be behind \(entry.id)"])
    }

    /// Nothing is like the selector, and a workload of the Service's own name has the port it sends to and pods that no
    /// other Service sends to.
    private func namesake(_ entry: ServiceMap.Entry, _ pods: [PodView], _ map: ServiceMap) -> Diagnosis? {
        let own = pods.filter { pod in
            guard !pod.isTerminating, let owner = pod.owner else { return false }
            let hash = pod.labels["pod-template-hash"].map { "-\($0)" } ?? ""
            let workload =
                !hash.isEmpty && owner.name.hasSuffix(hash) ? String(owner.name.dropLast(hash.count)) : owner.name
            return workload == entry.object.name
        }
        guard let pod = own.first,
            entry.ports.contains(where: { port in
                pod.ports.contains { $0.number == port.targetNumber || $0.name == port.target }
            }),
            !map.entries.contains(where: { other in
                other.id != entry.id && other.object.namespace == entry.object.namespace
                    && other.pods.contains { $0.id == pod.id }
            })
        else { return nil }
        let labels = pod.labels.filter { !Self.isVolatile($0.key) }
        return .of(
            "SVC-01",
            "service \(entry.id) selects \(entry.selector.selectorText), and the pods of \(entry.object.name) have other labels",
            .likely, at: [entry.object.place],
            evidence: [
                .init("selector: \(entry.selector.selectorText)", from: entry.object.source),
                .init("labels: \(labels.selectorText)", from: pod.object.source),
            ],
            because: [
                "a Service sends to pods that have every label of its selector; no pod of namespace "
                    + "\(entry.object.namespace) has, and \(counted(own.count, "pod")) of the workload of its name, "
                    + "with its port, are behind no Service"
            ],
            explains: [entry.symptom],
            fix: .init(
                [
                    "kubectl -n \(entry.object.namespace) set selector service \(entry.object.name) '\(labels.selectorText)'"
                ],
                undo:
                    "kubectl -n \(entry.object.namespace) set selector service \(entry.object.name) '\(entry.selector.selectorText)'",
                risk: "none for others: the Service has no endpoint now", seconds: 5),
            prevent: "select by labels that the workload's template sets, and change both in one commit",
            needs: ["whether \(pod.id) is meant to be behind \(entry.id)"])
    }

    /// The pods with these labels live in another namespace; a selector never looks there.
    private func elsewhere(_ entry: ServiceMap.Entry, _ map: ServiceMap) -> Diagnosis? {
        guard entry.selector.count > 1 || entry.selector.keys.contains("app.kubernetes.io/instance") else { return nil }
        let found = map.pods.filter { !$0.isFinished && $0.matches(entry.selector) }
        guard let pod = found.first, Set(found.map(\.namespace)).count == 1,
            !map.entries.contains(where: { $0.object.namespace == pod.namespace && $0.selector == entry.selector })
        else { return nil }
        return .of(
            "SVC-01", "service \(entry.id) selects pods that are in namespace \(pod.namespace)", .likely,
            at: [entry.object.place],
            evidence: [
                .init("selector: \(entry.selector.selectorText)", from: entry.object.source),
                .init("labels: \(pod.labels.selectorText)", from: pod.object.source),
            ],
            because: ["a Service selects pods of its own namespace only"], explains: [entry.symptom],
            fix: .init(
                [
                    "kubectl -n \(pod.namespace) create service clusterip \(entry.object.name) "
                        + entry.ports.map { "--tcp=\($0.number):\($0.target)" }.joined(separator: " "),
                    "kubectl -n \(pod.namespace) set selector service \(entry.object.name) "
                        + "'\(entry.selector.selectorText)'",
                ],
                undo: "kubectl -n \(pod.namespace) delete service \(entry.object.name)",
                risk: "the name that clients use changes with the namespace", seconds: 10),
            needs: ["where the pods of \(entry.id) are meant to run"])
    }

    /// Whether a pod has all of the selector but one label, and that one nearly.
    private func near(_ selector: [String: String], _ pod: PodView) -> Near? {
        let missing = selector.filter { pod.labels[$0.key] != $0.value }
        guard missing.count == 1, let (key, wanted) = missing.first else { return nil }
        let matched = selector.count - 1
        if let actual = pod.labels[key] {
            // With other labels equal any other value is near; alone it must look alike.
            let distance = Self.distance(wanted, actual)
            guard let distance else {
                return matched > 0 ? Near(pod: pod, key: key, matched: matched, distance: 9) : nil
            }
            return Near(pod: pod, key: key, matched: matched, distance: distance)
        }
        let sameValue = pod.labels.filter { $0.value == wanted && !Self.isVolatile($0.key) }.keys.sorted().first
        if let sameValue { return Near(pod: pod, key: key, otherKey: sameValue, matched: matched, distance: 1) }
        // All the others, and nothing like this one.
        return matched > 0 ? Near(pod: pod, key: key, isAbsent: true, matched: matched, distance: 4) : nil
    }

    /// How far two values are apart; nil when they have nothing in common.
    static func distance(_ left: String, _ right: String) -> Int? {
        if left.lowercased().sorted() == right.lowercased().sorted() { return 1 }
        if left.hasPrefix("\(right)-") || right.hasPrefix("\(left)-") || left.hasSuffix("-\(right)")
            || right.hasSuffix("-\(left)")
        {
            return 2
        }
        if EditDistance.nearest(to: left, in: [right]) != nil { return 3 }
        // `front` and `frontend`: a word, and the longer one that begins with it.
        let (short, long) = left.count < right.count ? (left, right) : (right, left)
        return short.count >= 4 && long.hasPrefix(short) ? 4 : nil
    }

    private static func isVolatile(_ key: String) -> Bool {
        ["pod-template-hash", "controller-revision-hash", "statefulset.kubernetes.io/pod-name", "batch.kubernetes.io"]
            .contains { key.hasPrefix($0) } || key.hasSuffix("-name") && key.hasPrefix("batch")
    }

    /// Labels of what workloads that have no pod at present would make, by namespace.
    static func templates(_ facts: FactBase) -> [String: [[String: String]]] {
        var found: [String: [[String: String]]] = [:]
        for resource in [
            "deployments.apps", "statefulsets.apps", "daemonsets.apps", "replicasets.apps", "replicationcontrollers",
            "jobs.batch",
        ] {
            for workload in facts.objects(resource) {
                let labels = ServiceMap.strings(workload["spec", "template", "metadata", "labels"])
                let wanted = workload.int("spec", "replicas") ?? workload.int("status", "desiredNumberScheduled")
                // What has pods to run and runs none of these labels says nothing for the selector.
                if resource != "jobs.batch", wanted ?? 1 > 0 { continue }
                if !labels.isEmpty { found[workload.namespace, default: []].append(labels) }
            }
        }
        for job in facts.objects("cronjobs.batch") {
            let labels = ServiceMap.strings(job["spec", "jobTemplate", "spec", "template", "metadata", "labels"])
            if !labels.isEmpty { found[job.namespace, default: []].append(labels) }
        }
        return found
    }
}

extension [String: String] {
    fileprivate func isSubset(of other: [String: String]) -> Bool { allSatisfy { other[$0.key] == $0.value } }
}
