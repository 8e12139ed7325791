import Addressing

/// Ranges that must not share addresses and do: pods, Services, nodes, other networks of the machines, and what people
/// named with `externalRanges`.
struct RangeOverlapCheck: Check {
    let name = "ranges"
    let codes = ["IPM-07", "IPM-09", "GCP-03"]
    let needs: [FactName] = []

    /// What kubeadm was told says ranges as well, without a node.
    func applies(to facts: FactBase) -> Bool {
        !facts.objects("nodes").isEmpty || facts.object("configmaps", "kube-system", "kubeadm-config") != nil
    }

    private struct Pair {
        var left: ClusterRanges.Range
        var right: ClusterRanges.Range
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        let providers = NetworkProviders(facts)
        let ranges = ClusterRanges(facts, providers)
        let pods = ranges.of(.pods)
        let services = ranges.of(.services)
        var found: [Diagnosis] = []
        found += findings(pairs(pods, services), "pods and Services", code: "IPM-07", facts)
        found += findings(pairs(pods, ranges.of(.node)), "pods and nodes", code: "IPM-07", facts)
        found += findings(pairs(services, ranges.of(.node)), "Services and nodes", code: "IPM-07", facts)
        let isGoogle = facts.objects("nodes").contains { $0.text("spec", "providerID")?.hasPrefix("gce://") ?? false }
        let external = ranges.of(.external)
        found += findings(
            pairs(pods, external), "pods and a network outside", code: isGoogle ? "GCP-03" : "IPM-07", facts)
        found += findings(pairs(services, external), "Services and a network outside", code: "IPM-07", facts)
        let routes = ranges.of(.route)
        let overlapping = pairs(pods, routes)
        found +=
            providers.runs(.cilium)
            ? hiddenFromCilium(overlapping, facts)
            : findings(overlapping, "pods and another network of the machine", code: "IPM-07", facts)
        found += findings(pairs(services, routes), "Services and another network of the machine", code: "IPM-07", facts)
        // One cause is told once: a network that holds the servers says it already.
        return found.isEmpty ? resolvers(services, facts) : found
    }

    private func pairs(_ left: [ClusterRanges.Range], _ right: [ClusterRanges.Range]) -> [Pair] {
        left.flatMap { one in right.filter { $0.prefix.overlaps(one.prefix) }.map { Pair(left: one, right: $0) } }
    }

    /// One finding for all pairs of two kinds: they have one cause.
    private func findings(_ pairs: [Pair], _ what: String, code: String, _ facts: FactBase) -> [Diagnosis] {
        guard let first = pairs.first else { return [] }
        let narrow = first.left.prefix.contains(first.right.prefix) ? first.right : first.left
        var fix = Diagnosis.Fix(
            ["ip route get \(narrow.prefix.network)   # on a node: where its packets go now"],
            risk: "none: it only reads")
        if first.right.use == .route, first.right.device.hasPrefix("docker") {
            fix = Diagnosis.Fix(
                [
                    "on \(first.right.machine): set \"bip\": \"192.168.255.1/24\" in /etc/docker/daemon.json",
                    "systemctl restart docker",
                ], undo: "take bip out again and restart docker",
                risk: "containers of Docker itself restart; those of Kubernetes do not", seconds: 30)
        } else if first.left.use == .pods {
            fix = Diagnosis.Fix(
                [
                    "kubectl create -f <a second pool or range that overlaps nothing>",
                    "kubectl rollout restart deployment -n <namespace>   # pods take addresses of the new one",
                ], undo: "enable the old range again", risk: "pods are made anew, a few at a time")
        }
        return [
            .of(
                code, "\(what) share addresses: \(first.left.prefix) and \(first.right.prefix)", .certain,
                at: pairs.prefix(4).map { "\($0.left.name), \($0.right.name)" },
                evidence: [first.left, first.right].map {
                    .init("\($0.name): \($0.prefix)", marking: "\($0.prefix)", from: $0.source)
                },
                because: [
                    "\(first.left.name) (\(first.left.prefix)) and \(first.right.name) (\(first.right.prefix)) overlap: "
                        + "packets to \(narrow.prefix) go to whichever is the more specific route",
                    pairs.count > 1 ? "\(pairs.count - 1) more pairs overlap in the same way" : "",
                ].filter { !$0.isEmpty }, fix: fix,
                prevent: "keep one list of all ranges: pods, Services, nodes, VPNs, peered networks",
                deadEnds: ["kubectl cluster-info dump | grep cidr: it shows flags, and not what routes do"])
        ]
    }

    /// Cilium's agent leaves out the part of the range that the host has another route for.
    private func hiddenFromCilium(_ pairs: [Pair], _ facts: FactBase) -> [Diagnosis] {
        Dictionary(
            grouping: pairs.filter { pair in
                pair.left.name.hasSuffix(" of \(pair.right.machine)") || pair.right.prefix.contains(pair.left.prefix)
            }, by: \.right.machine
        ).sorted { $0.key < $1.key }.map { machine, pairs in
            let pair = pairs[0]
            let failures = SandboxFailures(facts, pods: facts.pods).byNode[machine] ?? []
            return .of(
                "IPM-09", "\(machine) routes \(pair.right.prefix) to \(pair.right.device), over its pod range",
                .certain, at: ["Node/\(machine)"],
                evidence: [
                    .init("\(pair.left.prefix)", from: pair.left.source),
                    .init(
                        "\(pair.right.prefix) dev \(pair.right.device)", marking: "\(pair.right.prefix)",
                        from: pair.right.source),
                ] + failures.evidence,
                because: [
                    "Cilium does not hand out addresses that the host routes elsewhere: of \(pair.left.prefix) it "
                        + (pair.right.prefix.contains(pair.left.prefix) ? "has none left" : "leaves out a part")
                ],
                explains: failures.symptoms,
                fix: .init(
                    ["on \(machine): ip route del \(pair.right.prefix) dev \(pair.right.device)"],
                    undo: "ip route add \(pair.right.prefix) dev \(pair.right.device)",
                    risk: "what uses \(pair.right.device) loses its route: find out first what made it", seconds: 5),
                deadEnds: ["restarting the agent: it finds the same route"])
        }
    }
}
