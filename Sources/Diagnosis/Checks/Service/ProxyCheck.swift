import JSONTree

/// kube-proxy: whether it runs on every node that needs it, in one mode, and what its logs say when it does not.
struct ProxyCheck: Check {
    let name = "services"
    let codes = ["SVC-03", "SVC-04", "SVC-10", "SVC-11", "NOD-02", "INS-07"]
    let needs: [FactName] = [.objects("pods")]

    func applies(to facts: FactBase) -> Bool {
        !facts.components(.proxy).isEmpty || UnservedServices(facts) != nil
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        if let unserved = UnservedServices(facts) { return nobody(unserved, facts) }
        guard let agent = NetworkProviders(facts).agent(.kubeProxy) else {
            // Its DaemonSet may not be read, or it is a static pod.
            return failing(
                facts.components(.proxy).flatMap(\.pods).map { PodView($0) }.filter { !$0.isFinished }, facts)
        }
        let selector = ServiceMap.strings(agent["spec", "selector", "matchLabels"])
        let pods = facts.pods.filter { $0.namespace == agent.namespace && $0.matches(selector) && !$0.isFinished }
        let failing = failing(pods, facts)
        return failing + absent(pods, agent, facts) + modes(pods, facts)
            + (failing.contains { $0.code == "SVC-10" } ? [] : stuck(pods, facts))
    }

    // MARK: Pods

    /// What a proxy that does not run says of itself; and rules that cannot be written although it runs.
    private func failing(_ pods: [PodView], _ facts: FactBase) -> [Diagnosis] {
        var found: [String: Diagnosis] = [:]
        for pod in pods {
            let isDown = !pod.isReady && (pod.isCrashing || !pod.waitingReasons.isEmpty)
            var told: (code: String, line: Diagnosis.Evidence)?
            for document in facts.logs(pod.namespace, pod.name).reversed() where told == nil {
                // The last lines tell the state; older ones may be of a moment that is over.
                for line in document.lines.suffix(isDown ? 200 : 20).reversed() where told == nil {
                    guard let cause = LogReader.mechanisms(of: String(line)).first,
                        ["SVC-10", "SVC-11"].contains(cause.code)
                            || (isDown && cause.code == "NOD-02")
                            // A kernel that cannot do one mode leaves the others: that is its configuration's doing.
                            || (isDown && cause.code == "INS-07" && !line.lowercased().contains("ipvs")),
                        isDown || cause.confidence == .certain
                    else { continue }
                    // nft prints the refused rule on a line of its own: one with `fib` needs a part of the kernel.
                    let lacksPart =
                        cause.code == "SVC-10" && document.holds(" fib ")
                        && line.lowercased().contains("could not process rule: no such file")
                    told = (lacksPart ? "INS-07" : cause.code, .init(String(line), from: document.source))
                }
            }
            if let told {
                found["\(told.code)"] = merged(found["\(told.code)"], pod, told.code, told.line)
                // The limit may be the process's own of files, unless the machine's of watches is the kernel's.
                if told.code == "NOD-02",
                    (facts.machine(pod.node)?.sysctls?.int("fs.inotify.max_user_instances") ?? .max) > 256
                {
                    found["NOD-02"]?.confidence = .likely
                }
            } else if isDown {
                found["SVC-03"] = merged(
                    found["SVC-03"], pod, "SVC-03",
                    .init("\(pod.name): \(pod.waitingReasons.first ?? "not ready")", from: pod.object.source))
            }
        }
        return found.sorted { $0.key < $1.key }.map(\.value)
    }

    private func merged(
        _ known: Diagnosis?, _ pod: PodView, _ code: String, _ line: Diagnosis.Evidence
    ) -> Diagnosis {
        if var known {
            known.places += ["Node/\(pod.node)"]
            known.explains.formUnion(pod.symptoms)
            return known
        }
        let titles = [
            "SVC-03": "kube-proxy does not run on \(pod.node): Services are not programmed there",
            "SVC-10": "kube-proxy on \(pod.node) cannot write its rules",
            "SVC-11": "kube-proxy on \(pod.node) stops because it may not set nf_conntrack_max",
            "NOD-02": "kube-proxy does not start on \(pod.node): there is no inotify instance or open file left",
            "INS-07": "kube-proxy does not start on \(pod.node): its kernel lacks what it asks for",
        ]
        let because = [
            "SVC-03":
                "without it the node keeps the rules it has; Services and endpoints that change since then do not "
                + "work from there",
            "SVC-10": "the whole set of rules is written at once, and one refusal leaves all of them as they were",
            "SVC-11":
                "the sysctl is read-only for the network namespace of this node, and kube-proxy gives up at start",
            "NOD-02":
                "it watches its own configuration and gets no watch: those of one user are counted over the whole "
                + "machine. Services that change since then do not work from there",
            "INS-07":
                "a module that kube-proxy's rules need is not loaded, or the kernel was built without it; the last line "
                + "it writes names the file or the table. Services are not programmed there",
        ]
        let fixes: [String: Diagnosis.Fix] = [
            "SVC-03": .init(
                [
                    "kubectl -n \(pod.namespace) logs \(pod.name) --previous --tail=50",
                    "kubectl -n \(pod.namespace) describe pod \(pod.name)",
                ], risk: "none: both only read"),
            "SVC-10": .init(
                [
                    "kubectl -n \(pod.namespace) logs \(pod.name) --tail=50",
                    "on \(pod.node): fuser -v /run/xtables.lock",
                ],
                risk: "none: both only read"),
            "SVC-11": .init(
                [
                    "kubectl -n \(pod.namespace) edit configmap kube-proxy   # conntrack: {maxPerCore: 0}",
                    "kubectl -n \(pod.namespace) delete pod \(pod.name)",
                ], undo: "set maxPerCore back", risk: "the node's own limit of connections stays", seconds: 30),
            "NOD-02": .init(
                [
                    "sysctl -w fs.inotify.max_user_instances=8192   # on \(pod.node), and in /etc/sysctl.d",
                    "kubectl -n \(pod.namespace) delete pod \(pod.name)",
                ], undo: "set the old value again", risk: "a little kernel memory for each watch", seconds: 30),
            "INS-07": .init(
                [
                    "modprobe nf_conntrack   # on \(pod.node), and a line of /etc/modules-load.d; or the module that the line names",
                    "kubectl -n \(pod.namespace) delete pod \(pod.name)",
                ], undo: "take the line out again", risk: "none: the module only waits for rules", seconds: 30),
        ]
        return .of(
            code, titles[code] ?? code, .certain, at: [pod.object.place, "Node/\(pod.node)"], evidence: [line],
            because: [because[code] ?? ""], explains: pod.symptoms, fix: fixes[code],
            deadEnds: ["restarting the pods behind Services: the way to them is missing"])
    }

    /// Nodes that run pods, long since, and no proxy.
    private func absent(_ pods: [PodView], _ agent: APIObject, _ facts: FactBase) -> [Diagnosis] {
        let served = Set(pods.map(\.node))
        let selector = ServiceMap.strings(agent["spec", "template", "spec", "nodeSelector"])
        let missing = facts.objects("nodes").filter { node in
            !served.contains(node.name) && node.isNodeReady && node.bool("spec", "unschedulable") != true
                && selector.allSatisfy { node.labels[$0.key] == $0.value }
                && node.labels["eks.amazonaws.com/compute-type"] != "fargate"
                && node.labels["type"] != "virtual-kubelet"
                && (facts.seconds(since: node.createdAt) ?? .max) > 300
                && node.list("spec", "taints").allSatisfy {
                    $0.member("key")?.string?.hasPrefix("node-role.kubernetes.io/") ?? false
                }
        }
        guard !missing.isEmpty, missing.count < facts.objects("nodes").count,
            agent["spec", "template", "spec", "affinity", "nodeAffinity"] == nil
        else { return [] }
        return [
            .of(
                "SVC-03", "no kube-proxy on \(listed(missing.map(\.name))): Services are not programmed there",
                .certain, at: missing.map(\.place),
                evidence: [
                    .init(
                        "desired \(agent.int("status", "desiredNumberScheduled") ?? 0), "
                            + "ready \(agent.int("status", "numberReady") ?? 0), nodes \(facts.objects("nodes").count)",
                        from: agent.source)
                ],
                because: [
                    "the DaemonSet has no pod on \(listed(missing.map(\.name))), and nothing else translates Services"
                ],
                fix: .init(
                    ["kubectl -n \(agent.namespace) describe daemonset \(agent.name)"], risk: "none: it only reads"))
        ]
    }

    /// No proxy anywhere, and the name servers, which ask the API server by its Service, run and wait.
    private func nobody(_ unserved: UnservedServices, _ facts: FactBase) -> [Diagnosis] {
        let waiting = UnservedServices.nameServers(facts)
        guard let first = waiting.first,
            waiting.allSatisfy({ pod in
                !pod.isReady && pod.object.text("status", "phase") == "Running"
                    && (facts.seconds(since: pod.object.createdAt) ?? 0) > 120
            })
        else { return [] }
        return [
            .of(
                "SVC-03", "nobody serves Services: no kube-proxy is there, and nothing in its place", .likely,
                at: waiting.map(\.object.place),
                evidence: [
                    .init("\(first.id): running and not ready", from: first.object.source),
                    .init(
                        "no kube-proxy among \(counted(facts.objects("daemonsets.apps").count, "DaemonSet")) and "
                            + "\(counted(facts.objects("pods").count, "pod"))",
                        from: FactSource("DaemonSets and pods", command: "kubectl get daemonsets,pods -A")),
                ],
                because: [
                    "the name server asks the API server by the cluster address of its Service, and waits;",
                    "\(unserved.networks.joined(separator: ", ")) leaves these addresses to kube-proxy, and there is none",
                ],
                explains: waiting.reduce(into: []) { $0.formUnion($1.symptoms) },
                fix: .init(
                    ["kubeadm init phase addon kube-proxy --kubeconfig /etc/kubernetes/admin.conf"],
                    undo: "kubectl -n kube-system delete daemonset kube-proxy",
                    risk: "none where nothing serves them; beside a replacement two would write rules", seconds: 60),
                prevent: "leave out --skip-phases=addon/kube-proxy unless the network serves Services",
                deadEnds: ["restarting the name servers: the way to the API server is missing"],
                needs: [
                    "whether a proxy runs outside of pods: systemctl status kube-proxy, on a node"
                ])
        ]
    }

    // MARK: Modes

    private func modes(_ pods: [PodView], _ facts: FactBase) -> [Diagnosis] {
        var known: [String: (pod: PodView, evidence: Diagnosis.Evidence)] = [:]
        var nodes: [String: Set<String>] = [:]
        for pod in pods {
            guard let (mode, evidence) = mode(of: pod, facts) else { continue }
            known[mode] = known[mode] ?? (pod, evidence)
            nodes[mode, default: []].insert(pod.node)
        }
        guard nodes.count > 1 else { return [] }
        let ordered = nodes.sorted { ($0.value.count, $0.key) < ($1.value.count, $1.key) }
        let odd = ordered[0]
        let usual = ordered[ordered.count - 1]
        return [
            .of(
                "SVC-04",
                "kube-proxy runs in mode \(odd.key) on \(listed(odd.value.sorted())) and \(usual.key) elsewhere",
                .certain, at: odd.value.sorted().map { "Node/\($0)" },
                evidence: ordered.compactMap { known[$0.key]?.evidence },
                because: [
                    "nodes differ in what they do with Services: "
                        + ordered.map { "\($0.key) on \(counted($0.value.count, "node"))" }.joined(separator: ", "),
                    "the mode is read when kube-proxy starts; some have not been restarted since it was changed, or "
                        + "lack the kernel modules and fell back",
                ],
                fix: .init(
                    odd.value.sorted().prefix(3).compactMap { node in
                        pods.first { $0.node == node }.map { "kubectl -n \($0.namespace) delete pod \($0.name)" }
                    }, undo: "set the mode back in configmap kube-proxy and do the same",
                    risk: "new connections of that node wait a second; then kube-proxy --cleanup for what is left",
                    seconds: 20))
        ]
    }

    private static let failures = [
        "kubeproxy_sync_proxy_rules_iptables_restore_failures_total",
        "kubeproxy_sync_proxy_rules_nftables_sync_failures_total",
    ]
    private static let synced = "kubeproxy_sync_proxy_rules_last_timestamp_seconds"
    private static let queued = "kubeproxy_sync_proxy_rules_last_queued_timestamp_seconds"
    /// Seconds that rules may wait to be written: a sync is tried again every 30 s (pkg/proxy, retry).
    private static let backlog = 120.0

    /// Proxies whose metrics say that rules wait since long and every try failed.
    func stuck(_ pods: [PodView], _ facts: FactBase) -> [Diagnosis] {
        pods.compactMap { pod in
            for document in facts.metrics(pod.namespace, pod.name) where document.holds(Self.queued) {
                let text = document.text
                let failed = Self.failures.flatMap { MetricSample.named($0, in: text) }.first { $0.value > 0 }
                guard let failed, let last = MetricSample.named(Self.synced, in: text).map(\.value).max(),
                    let wanted = MetricSample.named(Self.queued, in: text).map(\.value).max(),
                    wanted - last >= Self.backlog
                else { continue }
                let seconds = Int(wanted - last)
                return .of(
                    "SVC-10", "kube-proxy on \(pod.node) cannot write its rules", .certain,
                    at: ["Node/\(pod.node)", pod.object.place],
                    evidence: [
                        .init(
                            "\(failed.name) \(Int(failed.value))", marking: "\(Int(failed.value))",
                            from: document.source),
                        .init(
                            "rules wait since \(seconds) s: \(Self.queued) is that much newer than \(Self.synced)",
                            from: document.source),
                    ],
                    because: [
                        "the whole set of rules is written at once, and one refusal leaves all of them as they were: Services of the last \(seconds / 60) minutes are not on this node"
                    ],
                    explains: facts.unreadyPods(on: pod.node),
                    fix: .init(
                        [
                            "kubectl -n \(pod.namespace) logs \(pod.object.name) --tail=100 | grep -A4 -i fail   # the line that is refused"
                        ], risk: "none: it only reads"),
                    deadEnds: ["restarting kube-proxy: it writes the same rules again"])
            }
            return nil
        }
    }

    /// What it says when it starts, or which of its metrics have counted.
    private func mode(of pod: PodView, _ facts: FactBase) -> (String, Diagnosis.Evidence)? {
        for document in facts.logs(pod.namespace, pod.name).reversed() {
            for line in document.lines.reversed() {
                let text = line.lowercased()
                guard text.contains("using ") && text.contains("prox") else { continue }
                for mode in ["iptables", "ipvs", "nftables"]
                where text.contains("using \(mode) prox") || text.contains("using \(mode)-proxy") {
                    return (mode, .init("\(pod.node): \(line)", from: document.source))
                }
            }
        }
        for document in facts.metrics(pod.namespace, pod.name) {
            for (mode, metric) in [
                ("nftables", "kubeproxy_sync_proxy_rules_nftables_sync_failures_total"),
                ("iptables", "kubeproxy_sync_proxy_rules_iptables_total"),
            ] {
                let samples = MetricSample.named(metric, in: document.text)
                if mode == "iptables", samples.contains(where: { $0.value > 0 }) {
                    return (
                        mode,
                        .init("\(pod.node): \(metric) \(Int(samples.map(\.value).max() ?? 0))", from: document.source)
                    )
                }
                if mode == "nftables", !samples.isEmpty,
                    MetricSample.named("kubeproxy_sync_proxy_rules_iptables_total", in: document.text).isEmpty
                {
                    return (mode, .init("\(pod.node): \(metric)", from: document.source))
                }
            }
        }
        return nil
    }
}
