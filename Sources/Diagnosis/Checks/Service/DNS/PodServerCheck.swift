import JSONTree

/// Pods that were told to ask their node's servers (`dnsPolicy: Default`), which know no Service, and that ask for one.
struct PodServerCheck: Check {
    let name = "DNS"
    let codes = ["DNS-07"]
    let needs: [FactName] = [.objects("pods"), .objects("services")]

    func applies(to facts: FactBase) -> Bool { !Self.candidates(facts).isEmpty }

    private static func candidates(_ facts: FactBase) -> [PodView] {
        facts.pods.filter { pod in
            !pod.isFinished && !pod.isTerminating && !pod.isOnHostNetwork
                && pod.object.text("spec", "dnsPolicy") == "Default" && !facts.logs(pod.namespace, pod.name).isEmpty
        }
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        let dns = DNSView(facts)
        let servers = Set(dns.pods.map(\.id))
        // By the workload: all of its pods have the same template.
        var seen: Set<String> = []
        return Self.candidates(facts).filter { !servers.contains($0.id) }.compactMap { pod in
            guard let line = Self.line(pod, facts),
                seen.insert("\(pod.namespace)/\(pod.owner?.name ?? pod.name)").inserted
            else { return nil }
            let workload = pod.owner.flatMap { owner -> String? in
                guard owner.kind == "ReplicaSet", let dash = owner.name.lastIndex(of: "-") else { return nil }
                return String(owner.name[..<dash])
            }
            return .of(
                "DNS-07", "\(pod.id) asks its node's DNS servers, which know no Service", .certain,
                at: [pod.object.place],
                evidence: [.init("dnsPolicy: Default", marking: "Default", from: pod.object.source), line],
                because: [
                    "with dnsPolicy Default a pod has the node's resolv.conf; only ClusterFirst asks the cluster's servers",
                    "it looks a Service up, and the node's servers answer that there is no such name",
                ],
                explains: pod.symptoms,
                fix: workload.map { name in
                    .init(
                        [
                            "kubectl -n \(pod.namespace) patch deployment \(name) -p '{\"spec\":{\"template\":{\"spec\":{\"dnsPolicy\":\"ClusterFirst\"}}}}'"
                        ], undo: "kubectl -n \(pod.namespace) rollout undo deployment/\(name)",
                        risk: "its pods are made anew", seconds: 60)
                }
                    ?? .init(
                        ["set dnsPolicy: ClusterFirst in the template of \(pod.id), and make its pods anew"],
                        undo: "set Default again", risk: "its pods are made anew", seconds: 60),
                deadEnds: ["restarting CoreDNS: it is not asked"])
        }
    }

    /// A look-up of a Service's full name that failed.
    private static func line(_ pod: PodView, _ facts: FactBase) -> Diagnosis.Evidence? {
        for document in facts.logs(pod.namespace, pod.name) where document.holds(".svc") {
            if let line = document.lines.suffix(400).last(where: { $0.contains(".svc") && NameFailure.isSign($0) }) {
                return .init(String(line), from: document.source)
            }
        }
        return nil
    }
}
