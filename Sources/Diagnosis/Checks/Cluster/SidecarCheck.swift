import JSONTree

/// Pods without the proxy they should have, proxies without memory, and pods whose traffic does not go through theirs.
struct SidecarCheck: Check {
    let name = "mesh proxies"
    let codes = ["MSH-01", "MSH-04", "MSH-05", "CFG-08"]
    let needs: [FactName] = [.objects("pods")]

    private static let webhooks = "mutatingwebhookconfigurations.admissionregistration.k8s.io"

    func applies(to facts: FactBase) -> Bool {
        !facts.components(.mesh).isEmpty || facts.objects("pods").contains { MeshPods.proxy(of: $0) != nil }
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        withoutProxy(facts) + withoutMemory(facts) + withoutRedirection(facts) + unwritten(facts)
    }

    // MARK: MSH-01

    private func withoutProxy(_ facts: FactBase) -> [Diagnosis] {
        guard let cause = Cause.coded("MSH-01") else { return [] }
        let namespaces = Dictionary(
            facts.objects("namespaces").map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var groups: [String: (says: String, revision: String, pods: [APIObject])] = [:]
        for pod in facts.objects("pods") {
            let phase = pod.text("status", "phase")
            guard phase == "Running" || phase == "Pending", !pod.isDeleted, MeshPods.proxy(of: pod) == nil,
                let wish = MeshPods.wish(of: pod, namespaces[pod.namespace])
                    ?? MeshPods.linkerdWish(of: pod, namespaces[pod.namespace]), !isOfMesh(pod)
            else { continue }
            groups[wish.says, default: (wish.says, wish.revision, [])].pods.append(pod)
        }
        // Without the injectors nobody can say whether the wish is heard.
        if !facts.has(.objects(Self.webhooks)) || !facts.has(.objects("namespaces")) { return [] }
        return groups.keys.sorted().compactMap { key in
            guard let group = groups[key], let first = group.pods.first else { return nil }
            var because = ["\(group.says), and \(group.pods.count) of its pods have no proxy."]
            because.append(contentsOf: reason(group.revision, group.pods, facts).map { [$0] } ?? [])
            var finding = Diagnosis(
                cause, .certain, at: group.pods.prefix(4).map(\.place),
                evidence: [
                    Diagnosis.Evidence(
                        "containers: \(MeshPods.containers(first).compactMap { $0.member("name")?.string }.joined(separator: ", "))",
                        from: first.source)
                ], because: because + [cause.mechanism])
            finding.fix = Diagnosis.Fix(
                [
                    "kubectl -n \(first.namespace) rollout restart \(Self.workloads(of: group.pods)) # injection happens when a pod is made"
                ],
                risk:
                    "pods are replaced one after the other; if the revision is wrong, set the namespace's label first",
                seconds: 120)
            return finding
        }
    }

    /// `deployment/cart statefulset/db`, as kubectl names what makes the pods: a ReplicaSet is its Deployment's, whose name
    /// is without the hash at the end.
    private static func workloads(of pods: [APIObject]) -> String {
        var names: [String] = []
        for pod in pods {
            guard let owner = pod.list("metadata", "ownerReferences").first, let kind = owner.member("kind")?.string,
                let name = owner.member("name")?.string
            else { continue }
            let hash = pod.labels["pod-template-hash"].map { "-\($0)" } ?? ""
            let isDeployment = kind == "ReplicaSet" && !hash.isEmpty && name.hasSuffix(hash)
            let text = isDeployment ? "deployment/\(name.dropLast(hash.count))" : "\(kind.lowercased())/\(name)"
            if !names.contains(text) { names.append(text) }
        }
        return names.isEmpty ? "deployment" : names.prefix(4).joined(separator: " ")
    }

    /// Gateways and the control plane are not injected as applications are.
    private func isOfMesh(_ pod: APIObject) -> Bool {
        pod.labels["app"] == "istiod" || pod.labels["istio"] == "ingressgateway"
            || pod.labels["istio"] == "egressgateway" || pod.labels["linkerd.io/control-plane-component"] != nil
    }

    private func reason(_ revision: String, _ pods: [APIObject], _ facts: FactBase) -> String? {
        guard facts.has(.objects(Self.webhooks)) else { return nil }
        let injectors = facts.objects(Self.webhooks).filter {
            $0.name.contains("sidecar-injector") || $0.name.contains("revision-tag")
                || $0.name.contains("proxy-injector")
        }
        if injectors.isEmpty { return "There is no injector: no mutating webhook of the mesh exists." }
        let revisions = Set(injectors.compactMap { $0.labels["istio.io/tag"] ?? $0.labels["istio.io/rev"] })
        if !revisions.isEmpty, !revisions.contains(revision), revision != "default" {
            return "No injector is of revision \(revision); there are \(revisions.sorted().joined(separator: ", "))."
        }
        let youngest = injectors.compactMap(\.createdAt).min() ?? 0
        let isOlder = pods.allSatisfy { ($0.createdAt ?? .max) < youngest }
        return isOlder ? "The pods are older than the injector." : nil
    }

    // MARK: MSH-04

    private func withoutMemory(_ facts: FactBase) -> [Diagnosis] {
        guard let cause = Cause.coded("MSH-04") else { return [] }
        var pods: [(pod: APIObject, state: ContainerState)] = []
        for pod in facts.objects("pods") where !pod.isDeleted {
            for state in pod.containerStatuses where MeshPods.proxies.contains(state.name) {
                let ended = state.ended?.member("finishedAt")?.string.flatMap(APIObject.seconds)
                // One restart a week ago is history.
                guard state.endReason == "OOMKilled",
                    state.waiting == "CrashLoopBackOff" || !facts.isOlder(ended, than: SymptomReader.restartMemory)
                else { continue }
                pods.append((pod, state))
            }
        }
        guard let first = pods.first else { return [] }
        let limit = MeshPods.proxy(of: first.pod)?.at("resources", "limits", "memory")?.string
        let symptoms = pods.flatMap { entry in
            facts.symptoms(.restarts, .ready).filter { $0.isOf(entry.pod) }
        }
        return [
            Diagnosis(
                cause, .certain, at: pods.prefix(4).map(\.pod.place),
                evidence: pods.prefix(2).map {
                    Diagnosis.Evidence(
                        "\($0.state.name): OOMKilled, \($0.state.restarts) restarts", from: $0.pod.source)
                },
                because: [
                    "The proxy of \(pods.count) pods was killed at its memory limit\(limit.map { " of \($0)" } ?? "").",
                    cause.mechanism,
                ], explains: Set(symptoms.map(\.id)))
        ]
    }

    // MARK: MSH-05 and CFG-08

    private func withoutRedirection(_ facts: FactBase) -> [Diagnosis] {
        guard let missed = Cause.coded("MSH-05"), let raced = Cause.coded("CFG-08") else { return [] }
        var findings: [Diagnosis] = []
        var plain: [(pod: APIObject, evidence: Diagnosis.Evidence)] = []
        var races: [Confidence] = []
        for pod in facts.objects("pods") where !pod.isDeleted {
            guard
                let state = pod.containerStatuses.first(where: {
                    MeshPods.validators.contains($0.name) && $0.exitCode != nil && $0.exitCode != 0 && !$0.isReady
                        && ($0.waiting == "CrashLoopBackOff" || $0.restarts > 0
                            || $0.node.at("state", "terminated") != nil)
                })
            else { continue }
            let evidence = Diagnosis.Evidence(
                "\(state.name): exit \(state.exitCode ?? 0), \(state.restarts) restarts", from: pod.source)
            let symptoms = Set(
                facts.symptoms(.restarts, .ready, .sandbox).filter { $0.isOf(pod) }.map(\.id))
            if let race = Self.race(pod, facts) {
                races.append(race.confidence)
                findings.append(
                    Diagnosis(
                        raced, race.confidence, at: [pod.place], evidence: [evidence, race.evidence],
                        because: [race.because, raced.mechanism], explains: symptoms))
            }
            plain.append((pod, evidence))
        }
        if let first = plain.first {
            let symptoms = plain.flatMap { entry in
                facts.symptoms(.restarts, .ready, .sandbox).filter { $0.isOf(entry.pod) }
            }
            findings.append(
                Diagnosis(
                    // No surer than what brought it about, so that it is told as the consequence it is.
                    missed, races.count == plain.count ? races.min() ?? .certain : .certain,
                    at: plain.prefix(4).map(\.pod.place), evidence: [first.evidence],
                    because: [
                        "The validator of \(plain.count) pods finds no redirection to the proxy.", missed.mechanism,
                    ], explains: Set(symptoms.map(\.id))))
        }
        return findings
    }

    /// Whether the configuration was changed after the pod's sandbox was made.
    private static func race(
        _ pod: APIObject, _ facts: FactBase
    ) -> (confidence: Confidence, because: String, evidence: Diagnosis.Evidence)? {
        guard let node = pod.nodeName, let started = pod.time("status", "startTime") ?? pod.createdAt else {
            return nil
        }
        if let machine = facts.machines.first(where: { $0.name == node }), let list = machine.json(.fileList),
            list.kind == .array
        {
            for entry in list.elements {
                guard let path = entry.member("path")?.string, path.hasPrefix("/etc/cni/net.d/"),
                    [".conflist", ".conf", ".json"].contains(where: { path.hasSuffix($0) }),
                    let changed = entry.member("mtime")?.int, changed > started,
                    let text = machine.file(path)?.text, text.contains("istio-cni") || text.contains("linkerd-cni")
                else { continue }
                return (
                    .certain,
                    "\(path) on \(node) names the mesh's plugin since \(changed - started) s after the pod was started: the pod was set up without it.",
                    Diagnosis.Evidence(
                        "\(path) changed \(changed - started) s after the start of \(pod.name)",
                        from: machine.source(.fileList, command: "stat -c %y \(path)"))
                )
            }
            // Of a machine whose configuration lies there the list decides; some other file of it says nothing.
            if list.elements.contains(where: {
                $0.member("path")?.string.map { $0.hasPrefix("/etc/cni/net.d/") && machine.file($0) != nil } ?? false
            }) {
                return nil
            }
        }
        // Without the machine: the mesh's installer on that node became ready after the pod was started.
        let installers = facts.components(.chained).filter {
            $0.component.name == "istio-cni" || $0.component.name == "linkerd-cni"
        }
        for installer in installers.flatMap({ $0.pods(on: node) }) {
            // It was ready when its condition says so, and not before its containers ran.
            let times =
                [installer.condition("Ready")?.member("lastTransitionTime")?.string]
                + installer.containerStatuses.filter { $0.restarts == 0 }.map {
                    $0.node.at("state", "running", "startedAt")?.string
                }
            guard let ready = times.compactMap({ $0.flatMap(APIObject.seconds) }).max(),
                installer.isCondition("Ready"), ready > started
            else { continue }
            return (
                .likely,
                "\(installer.name) on \(node) was ready \(ready - started) s after the pod was started.",
                Diagnosis.Evidence(
                    "\(installer.name): Ready since \(ready - started) s after the pod's start", from: installer.source)
            )
        }
        return nil
    }
}
