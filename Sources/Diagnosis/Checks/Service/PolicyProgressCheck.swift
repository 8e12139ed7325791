import JSONTree
import KubernetesModel

/// Whether agents have put into force what the API holds: endpoints that realise an older revision than the policies'.
struct PolicyRevisionCheck: Check {
    let name = "policy in force"
    let codes = ["POL-09"]
    let needs: [FactName] = [.objects("pods")]

    /// Seconds after the last change of a policy that an endpoint may take.
    private static let patience: Int64 = 120

    private static let list = NodeEvidence.Part("exec/cilium-dbg-endpoint-list.json")

    private static let policies = [
        "networkpolicies.networking.k8s.io", "ciliumnetworkpolicies.cilium.io",
        "ciliumclusterwidenetworkpolicies.cilium.io",
    ]

    /// Kinds whose own status counts the nodes that have taken them over.
    private static let counting = [
        "clusternetworkpolicies.crd.antrea.io", "networkpolicies.crd.antrea.io",
        "adminnetworkpolicies.policy.networking.k8s.io", "baselineadminnetworkpolicies.policy.networking.k8s.io",
        "clusternetworkpolicies.policy.networking.k8s.io",
    ]

    func applies(to facts: FactBase) -> Bool {
        facts.machines.contains { $0[Self.list] != nil } || Self.counting.contains { !facts.objects($0).isEmpty }
    }

    func findings(_ facts: FactBase) -> [Diagnosis] { [behind(facts), unrealised(facts)].compactMap { $0 } }

    /// A policy whose status says that not every node has it, long after it was written.
    private func unrealised(_ facts: FactBase) -> Diagnosis? {
        for object in Self.counting.lazy.flatMap({ facts.objects($0) }) where !object.isDeleted {
            let written =
                object.list("metadata", "managedFields").filter { $0.member("subresource")?.string != "status" }
                .compactMap { $0.member("time")?.string.flatMap(APIObject.seconds) }
                + [object.createdAt].compactMap { $0 }
            guard facts.isOlder(written.max(), than: Self.patience) else { continue }
            // Antrea counts nodes; OVN-Kubernetes and others have a condition for each zone.
            let counts = (
                has: object["status", "currentNodesRealized"]?.int, wants: object["status", "desiredNodesRealized"]?.int
            )
            let refusing = object.list("status", "conditions").first {
                ($0.member("type")?.string ?? "").hasPrefix("Ready-In-Zone-") && $0.member("status")?.string == "False"
            }
            let line: String
            if let has = counts.has, let wants = counts.wants, has < wants {
                line = "status: \(object.text("status", "phase") ?? "realised") on \(has) of \(wants) nodes"
            } else if let refusing {
                line =
                    "\(refusing.member("type")?.string ?? ""): \(refusing.member("message")?.string ?? refusing.member("reason")?.string ?? "False")"
            } else {
                continue
            }
            let ago = facts.seconds(since: written.max()).map { WrappedText.duration($0) } ?? "long"
            return .of(
                "POL-09", "\(object.name) is not in force on every node: \(line)", .certain, at: [object.place],
                evidence: [.init(line, from: object.source)],
                because: [
                    "it was written \(ago) ago, and its own status says that not all agents have taken it over: what it allows and denies depends on the node a pod runs on"
                ],
                fix: .init(
                    [
                        "kubectl get \(object.resource) \(object.namespace.isEmpty ? "" : "-n \(object.namespace) ")\(object.name) -o yaml   # status: which nodes, and why",
                        "kubectl get pods -A -o wide | grep -E 'antrea-agent|ovnkube-node'   # the agent of a node that lacks it: its log",
                    ], undo: "none is needed: it only looks", risk: "none", seconds: 60),
                prevent: "wait for the status of a policy after a change, not for a number of seconds",
                deadEnds: ["deleting the policy and applying it again"])
        }
        return nil
    }

    private struct Endpoint {
        var pod: String
        var realised: Int64
        var wanted: Int64
        var state: String
        var machine: NodeEvidence
    }

    private func behind(_ facts: FactBase) -> Diagnosis? {
        let objects = Self.policies.flatMap { facts.objects($0) }
        let changes = objects.compactMap { object in
            (object.list("metadata", "managedFields").compactMap {
                $0.member("time")?.string.flatMap(APIObject.seconds)
            }
                + [object.createdAt].compactMap { $0 }).max().map { (object, $0) }
        }
        // While a change is on its way being behind is no fault.
        guard let last = changes.max(by: { $0.1 < $1.1 }), facts.isOlder(last.1, than: Self.patience) else {
            return nil
        }
        var late: [Endpoint] = []
        for machine in facts.machines {
            guard let list = machine.json(Self.list), list.kind == .array else { continue }
            for item in list.elements {
                guard let policy = item.at("status", "policy"),
                    let realised = policy.at("realized", "policy-revision")?.int,
                    let wanted = policy.at("spec", "policy-revision")?.int, realised < wanted,
                    let pod = item.at("status", "external-identifiers", "pod-name")?.string
                else { continue }
                late.append(
                    Endpoint(
                        pod: pod, realised: realised, wanted: wanted, state: item.at("status", "state")?.string ?? "",
                        machine: machine))
            }
        }
        guard let first = late.max(by: { $0.wanted - $0.realised < $1.wanted - $1.realised }) else { return nil }
        let ago = facts.seconds(since: last.1).map { WrappedText.duration($0) } ?? "long"
        let pods = Dictionary(facts.pods.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let agent = facts.components(.agent).first { $0.component.name == "cilium" }
        // Where nobody listed the agent's pods, a name to be filled in.
        let pod = agent?.pods(on: first.machine.name).first
        let inside =
            "kubectl -n \(pod?.namespace ?? "kube-system") exec \(pod?.name ?? "CILIUM-ON-\(first.machine.name)") --"
        return .of(
            "POL-09",
            "\(first.pod) is judged by policies as they were: revision \(first.realised), and the agent is at \(first.wanted)",
            .certain, at: late.prefix(4).map { "Pod/\($0.pod)" } + ["Node/\(first.machine.name)"],
            evidence: late.prefix(3).map {
                $0.machine.quote(
                    "\($0.pod): policy revision \($0.realised) of \($0.wanted)"
                        + ($0.state.isEmpty ? "" : ", \($0.state)"), Self.list, "cilium-dbg endpoint list -o json",
                    telling: "\($0.realised) of \($0.wanted)")
            },
            because: [
                "the last change of a policy (\(last.0.place)) is \(ago) old, and \(counted(late.count, "endpoint")) of \(first.machine.name) "
                    + "\(late.count == 1 ? "has" : "have") not taken it over: connections are allowed and denied as before it"
            ],
            explains: late.reduce(into: []) { $0.formUnion(pods[$1.pod]?.symptoms ?? []) },
            fix: .init(
                [
                    "\(inside) cilium-dbg endpoint list   # numbers; state not ready says why",
                    "\(inside) cilium-dbg endpoint regenerate --all",
                ], undo: "none is needed: it computes the same policy anew",
                risk: "the agent of one node is busy for some seconds", seconds: 30),
            prevent: "wait for the revision after a change (cilium-dbg policy wait), not for a number of seconds",
            deadEnds: [
                "sleep 10 after applying a policy: it may be soon enough, or not",
                "deleting the policy and applying it again",
            ])
    }

}

/// Agents that need long for every change of a policy because there are so many.
struct PolicyScaleCheck: Check {
    let name = "policy in force"
    let codes = ["POL-10"]
    let needs: [FactName] = [.objects("pods")]

    /// Seconds that nine of ten changes may take until they are in force.
    private static let slow = 10.0

    func applies(to facts: FactBase) -> Bool {
        facts.evidence.documents(under: EvidencePath.metrics).contains { $0.document.holds("felix_") }
    }

    func findings(_ facts: FactBase) -> [Diagnosis] { slow(facts).map { [$0] } ?? [] }

    private func slow(_ facts: FactBase) -> Diagnosis? {
        for component in facts.components(.agent) where component.component.name == "calico" {
            for pod in component.pods {
                for document in facts.metrics(pod.namespace, pod.name) {
                    let times = MetricSample.named("felix_int_dataplane_apply_time_seconds", in: document.text)
                    // What an agent of another release prints of the tail, nine of ten or ninety-nine of a hundred.
                    let tails = ["0.9", "0.99"].lazy.compactMap { one in
                        times.first { $0.labels["quantile"] == one }
                    }
                    guard let tail = tails.first, tail.value >= Self.slow,
                        let policies = MetricSample.named("felix_active_local_policies", in: document.text).first,
                        policies.value >= 500
                    else { continue }
                    let rules = MetricSample.named("felix_iptables_rules", in: document.text).reduce(0) {
                        $0 + $1.value
                    }
                    let node = pod.nodeName ?? ""
                    return .of(
                        "POL-10",
                        "a change of policies takes \(Int(tail.value)) s on \(node) until it is in force", .likely,
                        at: [pod.place, "Node/\(node)"],
                        evidence: [
                            .init(
                                "felix_int_dataplane_apply_time_seconds{quantile=\"\(tail.labels["quantile"] ?? "")\"} \(tail.value)",
                                marking: "\(tail.value)", from: document.source),
                            .init("felix_active_local_policies \(Int(policies.value))", from: document.source),
                        ] + (rules > 0 ? [.init("felix_iptables_rules \(Int(rules))", from: document.source)] : []),
                        because: [
                            "\(Int(policies.value)) policies are for pods of this node, and every change writes their rules anew: new pods and changed policies wait for it"
                        ],
                        fix: .init(
                            [
                                "kubectl get networkpolicies -A --no-headers | awk '{print $1}' | sort | uniq -c | sort -rn | head   # who has them",
                                "select by fewer and broader labels: one policy for many pods instead of one for each",
                            ], undo: "keep the manifests of what is merged (kubectl get -o yaml)",
                            risk: "merge in one namespace first and compare: poplin policy diff", seconds: nil),
                        prevent: "an alert on felix_int_dataplane_apply_time_seconds",
                        deadEnds: ["restarting calico-node: the first thing it does is the longest of these writes"],
                        needs: ["the same metric on a node with few pods: is it quick there?"])
                }
            }
        }
        return nil
    }
}
