import JSONTree

/// Pods whose init container cannot write the rules that lead traffic to the proxy (MSH-05).
extension SidecarCheck {
    func unwritten(_ facts: FactBase) -> [Diagnosis] {
        var found: [(pod: APIObject, state: ContainerState)] = []
        for pod in facts.objects("pods") where !pod.isDeleted {
            for state in pod.containerStatuses
            where state.isInit && !state.isReady && MeshPods.writers.contains(state.name)
                && (state.waiting == "CrashLoopBackOff" || (state.exitCode ?? 0) != 0)
            {
                found.append((pod, state))
            }
        }
        guard let first = found.first else { return [] }
        let line = found.lazy.compactMap { pod, state -> Diagnosis.Evidence? in
            if let told = Self.telling(state.endMessage) { return .init(told, from: pod.source) }
            for isPrevious in [true, false] {
                let path = EvidencePath.log(pod.namespace, pod.name, state.name, previous: isPrevious)
                if let log = facts.evidence[path], let told = Self.telling(log.text) {
                    return .init(told, from: log.source)
                }
            }
            return nil
        }.first
        // Without a word about its rules it may have ended for any reason.
        guard let line else { return [] }
        let symptoms = facts.symptoms(.restarts, .ready, .sandbox).filter { symptom in
            found.contains { symptom.isOf($0.pod) }
        }
        let kernels = Set(
            found.compactMap { entry in
                entry.pod.nodeName.flatMap { facts.object("nodes", "", $0) }?
                    .text("status", "nodeInfo", "kernelVersion")
            }
        ).sorted()
        return [
            .of(
                "MSH-05", "\(first.state.name) of \(counted(found.count, "pod")) cannot write its rules", .certain,
                at: found.prefix(4).map(\.pod.place),
                evidence: [
                    .init("\(first.state.name): \(first.state.restarts) restarts", from: first.pod.source), line,
                ],
                because: [
                    "\(first.state.name) leads a pod's traffic to its proxy with iptables, and iptables says that it cannot",
                    kernels.isEmpty
                        ? "the kernel has not what that flavour of iptables needs"
                        : "the kernel there (\(listed(kernels))) has not what that flavour of iptables needs, or the container may not use it",
                ],
                explains: Set(symptoms.map(\.id)),
                fix: .init(
                    [
                        "linkerd upgrade --set proxyInit.iptablesMode=nft | kubectl apply -f -   # where the kernel has nf_tables only",
                        "or let the mesh's own CNI plugin write them (linkerd-cni, istio-cni)",
                    ], undo: "set the former mode again", risk: "pods get it when they are made anew", seconds: 120))
        ]
    }

    /// A line in which iptables says that it cannot do what it was told.
    private static func telling(_ text: String) -> String? {
        text.split(whereSeparator: \.isNewline).first { line in
            line.contains("iptables")
                && [
                    "do you need to insmod", "Could not fetch rule set", "an't initialize", "annot initialize",
                    "Permission denied (you must be root)", "Operation not permitted", "executable file not found",
                    "failed to execute",
                ].contains { line.contains($0) }
        }.map(String.init)
    }
}
