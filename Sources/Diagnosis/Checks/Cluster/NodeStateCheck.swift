import JSONTree

/// Nodes that are not ready: what their own condition says is why.
struct NodeStateCheck: Check {
    let name = "nodes"
    let codes = ["NOD-01", "CFG-01", "RTE-15"]
    let needs: [FactName] = [.objects("nodes")]

    func findings(_ facts: FactBase) -> [Diagnosis] {
        var silent: [APIObject] = []
        var withoutNetwork: [(node: APIObject, message: String)] = []
        var others: [(node: APIObject, message: String)] = []
        var unrouted: [APIObject] = []
        let looked = Set(facts.machines(with: .fileList).map(\.name))
        for symptom in facts.symptoms(.node) {
            guard let node = facts.object("nodes", "", symptom.name), !node.isDeleted, !isBeingRemoved(node) else {
                continue
            }
            let ready = node.condition("Ready")
            let said = ready?.member("message")?.string ?? ""
            // A table says that it is not ready and not why; what is told of its pods does.
            let message = said.isEmpty ? Self.complaint(of: node.name, facts) : said
            switch ready?.member("status")?.string {
            case "Unknown": silent.append(node)
            case "False" where isAboutNetwork(message):
                // On a machine that was looked into, its files say more.
                if !looked.contains(node.name) { withoutNetwork.append((node, message)) }
            case "False": others.append((node, message))
            case "True" where node.condition("NetworkUnavailable")?.member("reason")?.string == "NoRouteCreated":
                unrouted.append(node)
            default:
                others.append(
                    (node, node.condition("NetworkUnavailable")?.member("message")?.string ?? "NetworkUnavailable"))
            }
        }
        var findings: [Diagnosis] = []
        if let cause = Cause.coded("NOD-01") {
            if !silent.isEmpty {
                findings.append(finding(cause, silent.map { ($0, conditionLine($0)) }, facts, isSilent: true))
            }
            if !others.isEmpty {
                var found = finding(cause, others, facts, isSilent: false)
                // Of a column of a table the reason is not known: whatever says one goes first.
                if others.allSatisfy({ $0.message.isEmpty }) {
                    found.confidence = .likely
                    found.needs = [cause.shows]
                }
                findings.append(found)
            }
        }
        if let first = unrouted.first { findings.append(withoutRoute(first, unrouted, facts)) }
        if let cause = Cause.coded("CFG-01"), !withoutNetwork.isEmpty {
            // A file that cannot be parsed looks the same from here.
            var found = finding(cause, withoutNetwork, facts, isSilent: false)
            if let missing = Self.noNetworkAtAll(withoutNetwork.map(\.node), facts) {
                found.title = "no pod network is installed: nothing writes a CNI configuration"
                found.because.insert(missing, at: 0)
                found.fix = Diagnosis.Fix(
                    [
                        "kubectl apply -f MANIFEST   # of one network (flannel, Calico, Cilium, ...), with the pods' range of this cluster"
                    ], undo: "kubectl delete -f MANIFEST", risk: "none where no pod has a network yet", seconds: 90)
            } else {
                found.confidence = .likely
                found.needs = [cause.shows]
            }
            findings.append(found)
        }
        return findings
    }

    /// Why it is sure that no network was ever installed: no node is ready, all workloads are listed, and none of them is
    /// one. Distributions that bring a network inside their own process show none either.
    private static func noNetworkAtAll(_ nodes: [APIObject], _ facts: FactBase) -> String? {
        let all = facts.objects("nodes")
        guard nodes.count == all.count, facts.has(.objects("daemonsets.apps")), facts.has(.objects("pods")),
            facts.components(.agent, .chained).isEmpty,
            !all.contains(where: { node in
                let version = node.text("status", "nodeInfo", "kubeletVersion") ?? ""
                return ["+k3s", "+k0s", "+rke2"].contains(where: version.contains)
            })
        else { return nil }
        return
            "None of \(counted(facts.objects("daemonsets.apps").count, "DaemonSet")) and \(counted(facts.objects("pods").count, "pod")) is of a network."
    }

    /// The route controller of the cloud's manager marks nodes for whose ranges it could make no route
    /// (cloud-provider: controllers/route, `NoRouteCreated`).
    private func withoutRoute(_ first: APIObject, _ nodes: [APIObject], _ facts: FactBase) -> Diagnosis {
        let names = nodes.map(\.name)
        let condition = first.condition("NetworkUnavailable")
        return .of(
            "RTE-15", "the cloud has no route to the pods of \(listed(names))", .certain, at: nodes.map(\.place),
            evidence: [
                .init(
                    "NetworkUnavailable True \(condition?.member("reason")?.string ?? ""): \(condition?.member("message")?.string ?? "")",
                    marking: "NoRouteCreated", from: first.source)
            ],
            because: [
                "the cloud's controller writes a route for each node's range, and could not write this one: a quota, a right, or a route of somebody else in its place",
                "other nodes send packets for these pods to nowhere",
            ],
            explains: names.reduce(into: []) { found, name in
                found.formUnion(facts.symptoms(.node, .sandbox, .ready, on: name).map(\.id))
            },
            fix: .init(
                [
                    "kubectl -n kube-system get pods | grep cloud-controller-manager   # its log says why the route was refused",
                    "delete routes of machines that are gone in the cloud's network, or raise the quota of routes",
                ], risk: "only routes of machines that no longer exist"),
            prevent: "count the routes that the network may have before adding nodes, or wrap the pods' packets")
    }

    /// That the network of a node is not ready, as the events of its pods have it, or the only such condition that
    /// somebody copied; empty where none says so.
    private static func complaint(of node: String, _ facts: FactBase) -> String {
        let pods = Set(facts.pods(on: node).map { "\($0.namespace)/\($0.name)" })
        let event = facts.events.first { event in
            event.text("reason") == "NetworkNotReady" && event.subject.map { pods.contains($0.key) } ?? false
        }
        if let event { return event.message }
        guard facts.symptoms(.node).count == 1 else { return "" }
        let copied = facts.evidence.documents(under: EvidencePath.looseLogs).lazy.compactMap { _, document in
            document.lines.first { $0.contains("NetworkReady=false") }
        }.first
        return copied.map { String($0.drop { $0 == " " }) } ?? ""
    }

    private func isAboutNetwork(_ message: String) -> Bool {
        let lower = message.lowercased()
        return lower.contains("networkpluginnotready") || lower.contains("cni ") || lower.contains("network plugin")
    }

    /// Autoscalers mark what they take away.
    private func isBeingRemoved(_ node: APIObject) -> Bool {
        node.list("spec", "taints").contains { taint in
            let key = taint.member("key")?.string ?? ""
            return key.hasPrefix("ToBeDeleted") || key == "node.cloudprovider.kubernetes.io/shutdown"
                || key == "karpenter.sh/disrupted"
        }
    }

    private func conditionLine(_ node: APIObject) -> String {
        let ready = node.condition("Ready")
        return
            "Ready \(ready?.member("status")?.string ?? "?") \(ready?.member("reason")?.string ?? ""): \(ready?.member("message")?.string ?? "")"
    }

    private func finding(
        _ cause: Cause, _ nodes: [(node: APIObject, message: String)], _ facts: FactBase, isSilent: Bool
    ) -> Diagnosis {
        let names = nodes.map(\.node.name)
        let symptoms = nodes.flatMap { facts.symptoms(.node, .sandbox, .ready, .terminate, on: $0.node.name) }
        let because =
            isSilent
            ? "The kubelet of \(listed(names)) does not report any more: the machine is down, or cannot reach the API server."
            : "The kubelet of \(listed(names)) reports: \(MessageReading.shortened(nodes.first?.message ?? ""))"
        var finding = Diagnosis(
            cause, .certain, at: names.map { "Node/\($0)" },
            evidence: nodes.prefix(2).map {
                Diagnosis.Evidence(MessageReading.shortened($0.message), from: $0.node.source)
            }, because: [because, cause.mechanism],
            explains: Set(symptoms.map(\.id)))
        if isSilent, let name = names.first {
            finding.fix = Diagnosis.Fix(
                [
                    "look at the machine's console: is it up?",
                    "on \(name): systemctl status kubelet; journalctl -u kubelet -n 50",
                ], risk: "none: it only looks", seconds: 60)
        }
        return finding
    }
}

/// Agents that take more memory than their node can bear.
struct AgentMemoryCheck: Check {
    let name = "memory of agents"
    let codes = ["NOD-04"]
    let needs: [FactName] = [.objects("pods"), .objects("nodes")]

    /// Share of a node's memory from which an agent is what presses it.
    private static let share = 0.25

    func applies(to facts: FactBase) -> Bool { !facts.components(.agent).isEmpty }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        guard let cause = Cause.coded("NOD-04") else { return [] }
        var evidence: [Diagnosis.Evidence] = []
        var places: [String] = []
        var lines: [String] = []
        // What happened within the hour; an eviction of last week is history.
        let evictions = facts.events.filter {
            $0.text("reason") == "Evicted" && !facts.isOlder($0.lastSeen, than: 3600)
        }
        for component in facts.components(.agent) {
            for pod in component.pods where !pod.isDeleted {
                guard let name = pod.nodeName, let node = facts.object("nodes", "", name) else { continue }
                let message = pod.text("status", "message") ?? ""
                // The kubelet names who used more than was promised (pkg/kubelet/eviction, nodeLowMessageFmt).
                if pod.text("status", "reason") == "Evicted", message.contains("low on resource: memory"),
                    pod.list("spec", "containers").contains(where: {
                        message.contains("ontainer \($0.member("name")?.string ?? "?") was using")
                    })
                {
                    evidence.append(Diagnosis.Evidence(message, from: pod.source))
                    places.append("Node/\(name)")
                    lines.append(
                        "\(component.component.name) used the most memory of \(name) when the kubelet had to make room."
                    )
                    continue
                }
                if let event = evictions.first(where: { event in
                    event.subject?.name == pod.name && event.message.contains("low on resource: memory")
                        && pod.list("spec", "containers").contains {
                            event.message.contains("ontainer \($0.member("name")?.string ?? "?") was using")
                        }
                }) {
                    evidence.append(Diagnosis.Evidence(MessageReading.shortened(event.message), from: event.source))
                    places.append("Node/\(name)")
                    lines.append(
                        "\(component.component.name) used the most memory of \(name) when the kubelet had to make room."
                    )
                    continue
                }
                guard node.isCondition("MemoryPressure"), let used = residentBytes(of: pod, facts),
                    let whole =
                        (node.text("status", "capacity", "memory") ?? node.text("status", "allocatable", "memory"))
                        .flatMap(Self.bytes), whole > 0,
                    used / whole >= Self.share
                else { continue }
                evidence.append(
                    Diagnosis.Evidence(
                        "process_resident_memory_bytes \(Int(used)), of \(Int(whole)) bytes of the node, MemoryPressure True",
                        from: pod.source))
                places.append("Node/\(name)")
                lines.append("\(component.component.name) holds \(Int(used / whole * 100)) % of the memory of \(name).")
            }
        }
        for (node, victim, component) in killed(facts) where !places.contains("Node/\(node)") {
            evidence.append(Diagnosis.Evidence(MessageReading.shortened(victim.message), from: victim.source))
            places.append("Node/\(node)")
            lines.append("the kernel of \(node) had no memory left and ended \(component).")
        }
        if evidence.isEmpty { return [] }
        let nodes = Set(places.map { String($0.dropFirst(5)) })
        let symptoms = nodes.flatMap { facts.symptoms(.node, .sandbox, .ready, .restarts, on: $0) }
        return [
            Diagnosis(
                cause, .certain, at: places, evidence: Array(evidence.prefix(3)),
                because: Array(lines.prefix(3)) + [cause.mechanism], explains: Set(symptoms.map(\.id)))
        ]
    }

    /// Agents that the kernel ended because the machine had no memory left: the kubelet tells the victim's name
    /// (`SystemOOM`), which the kernel cuts at 15 bytes (TASK_COMM_LEN).
    private func killed(_ facts: FactBase) -> [(node: String, event: APIObject, component: String)] {
        let mark = "victim process: "
        return facts.events.compactMap { event in
            guard event.text("reason") == "SystemOOM", !facts.isOlder(event.lastSeen, than: 3600),
                let node = event.subject?.name, let start = event.message.firstRange(of: mark)
            else { return nil }
            let victim = String(event.message[start.upperBound...].prefix { $0 != "," && $0 != " " })
            let owner = facts.components(.agent).first { component in
                component.programs.contains { victim == $0 || (victim.utf8.count == 15 && $0.hasPrefix(victim)) }
            }
            return owner.map { (node, event, $0.component.name) }
        }
    }

    private func residentBytes(of pod: APIObject, _ facts: FactBase) -> Double? {
        // What the metrics server says, as an object or as `kubectl top pods` prints it, without -A without a namespace.
        let usages = facts.objects("pods.metrics.k8s.io").filter {
            $0["metadata", "name"]?.string == pod.name && ($0.namespace.isEmpty || $0.namespace == pod.namespace)
        }
        let used = usages.flatMap { $0.list("containers") }
            .compactMap { $0.at("usage", "memory")?.string.flatMap(Self.bytes) }
        if !used.isEmpty { return used.reduce(0, +) }
        if let node = pod.nodeName, let document = facts.evidence[EvidencePath.kubelet(node, "metrics-cadvisor")] {
            let lines = document.text.split(separator: "\n").filter {
                $0.hasPrefix("container_memory_working_set_bytes{") && $0.contains("pod=\"\(pod.name)\"")
                    && !$0.contains("container=\"\"")
            }
            let values = lines.compactMap { line in line.split(separator: " ").last.flatMap { Double($0) } }
            if let most = values.max() { return most }
        }
        for (_, document) in facts.evidence.documents(under: "\(EvidencePath.metrics)\(pod.namespace)/\(pod.name)/") {
            for line in document.text.split(separator: "\n") where line.hasPrefix("process_resident_memory_bytes ") {
                return Double(line.dropFirst("process_resident_memory_bytes ".count))
            }
        }
        return nil
    }

    /// A quantity of memory (`apimachinery/pkg/api/resource`): `16Gi`, `16384Mi`, `16000000Ki`, plain bytes.
    static func bytes(_ text: String) -> Double? {
        let units: [(String, Double)] = [
            ("Ki", 1024), ("Mi", 1_048_576), ("Gi", 1_073_741_824), ("Ti", 1_099_511_627_776), ("k", 1000),
            ("M", 1_000_000), ("G", 1_000_000_000), ("T", 1_000_000_000_000),
        ]
        for (unit, factor) in units where text.hasSuffix(unit) {
            return Double(text.dropLast(unit.count)).map { $0 * factor }
        }
        return Double(text)
    }
}

extension RecognisedComponent {
    /// Names its processes go by: those of its containers, and of the programs that their commands start.
    fileprivate var programs: Set<String> {
        let lists = pods.prefix(1).map { $0.list("spec", "containers") }
        let template = workload?.list("spec", "template", "spec", "containers") ?? []
        var names: Set<String> = []
        for container in lists.flatMap({ $0 }) + template {
            if let name = container.member("name")?.string { names.insert(name) }
            if let command = container.member("command")?.elements.first(where: { _ in true })?.string,
                let last = command.split(separator: "/").last
            {
                names.insert(String(last))
            }
        }
        return names
    }
}
