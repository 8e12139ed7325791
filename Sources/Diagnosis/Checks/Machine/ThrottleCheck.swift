import JSONTree

/// DNS pods that their CPU limit stops, as the machine's own control groups say (DNS-01). Where kubelet's metrics say it
/// as well, that check speaks.
struct ThrottleCheck: Check {
    let name = "CPU limits"
    let codes = ["DNS-01"]
    let needs: [FactName] = []

    /// Share of throttled periods from which queries wait noticeably; and so many periods that it is no start-up.
    private static let share = 0.05
    private static let periods: Int64 = 100

    func applies(to facts: FactBase) -> Bool { facts.machines.contains { $0[.controlGroups] != nil } }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        let isKnown = facts.has(.objects("services")) && facts.has(.objects("pods"))
        let dns = isKnown ? DNSView(facts) : nil
        let pods = (dns?.pods ?? []) + (dns?.caches ?? [])
        return facts.machines.compactMap { machine in
            if facts.evidence[EvidencePath.kubelet(machine.name, "metrics-cadvisor")] != nil { return nil }
            var names: [String: (namespace: String, pod: String)] = [:]
            for pod in pods where pod.node == machine.name {
                if let uid = pod.object.text("metadata", "uid") { names[uid] = (pod.namespace, pod.name) }
            }
            for sandbox in machine.runtimeSandboxes ?? []
            where sandbox.isReady
                && ["kube-dns", "coredns", "node-local-dns"].contains(sandbox.labels["k8s-app"] ?? "")
            {
                names[sandbox.uid] = (sandbox.namespace, sandbox.pod)
            }
            return finding(machine, names, facts)
        }
    }

    private func finding(
        _ machine: NodeEvidence, _ names: [String: (namespace: String, pod: String)], _ facts: FactBase
    ) -> Diagnosis? {
        var worst: (pod: (namespace: String, pod: String), line: String, share: Double, quota: Int64?)?
        for group in machine.json(.controlGroups).map({ Array($0.elements) }) ?? [] {
            guard let uid = group.member("pod")?.string, let pod = names[uid],
                let all = group.member("nr_periods")?.int, all >= Self.periods,
                let stopped = group.member("nr_throttled")?.int
            else { continue }
            let share = Double(stopped) / Double(all)
            if share > Self.share, share > worst?.share ?? 0 {
                let place = group.member("cgroup")?.string ?? ""
                worst = (
                    pod, "\(place): nr_throttled \(stopped) of nr_periods \(all)", share,
                    group.member("quota_usec")?.int
                )
            }
        }
        guard let worst else { return nil }
        let pod = "\(worst.pod.namespace)/\(worst.pod.pod)"
        return .machine(
            "DNS-01", "\(pod) is stopped by its CPU limit in \(Int((worst.share * 100).rounded())) of 100 periods",
            .certain, at: ["Pod/\(pod)", machine.place],
            evidence: [
                machine.quote(worst.line, .controlGroups, "cat /sys/fs/cgroup/.../cpu.stat", telling: "nr_throttled")
            ],
            because: [
                "the kernel stops the container for the rest of each period of 100 ms once its share is used; queries of that time wait or run into their timeout"
            ],
            explains: ["pod \(pod) ready"],
            fix: .init(
                [
                    "kubectl -n \(worst.pod.namespace) get deployment,daemonset -l k8s-app=kube-dns",
                    "kubectl -n \(worst.pod.namespace) patch deployment coredns --type json -p "
                        + "'[{\"op\":\"remove\",\"path\":\"/spec/template/spec/containers/0/resources/limits/cpu\"}]'",
                ],
                undo: "kubectl -n \(worst.pod.namespace) rollout undo deployment coredns",
                risk: "its pods are made anew, one after the other", seconds: 60),
            prevent: "requests for CPU and no limit, as the upstream manifest has it")
    }
}
