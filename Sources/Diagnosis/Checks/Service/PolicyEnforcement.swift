import JSONTree

/// Policies in a cluster whose network could enforce them and was told not to: they stand in the API, and nobody reads
/// them (POL-07).
struct PolicyEnforcement {
    let facts: FactBase

    init(_ facts: FactBase) { self.facts = facts }

    func findings() -> [Diagnosis] { amazon() + k3s() + kubeOVN() + cilium() }

    // MARK: Cilium

    /// `enable-policy: never` lets every packet pass, whatever the policies say (Cilium: policy enforcement modes).
    private func cilium() -> [Diagnosis] {
        let kinds = [
            "networkpolicies.networking.k8s.io", "ciliumnetworkpolicies.cilium.io",
            "ciliumclusterwidenetworkpolicies.cilium.io",
        ]
        let policies = kinds.flatMap { facts.objects($0) }
        guard let policy = policies.first, NetworkProviders.ciliumSetting("enable-policy", facts) == "never" else {
            return []
        }
        let source = FactSource(
            "ConfigMap/kube-system/cilium-config", command: "kubectl -n kube-system get configmap cilium-config -o yaml"
        )
        return [
            .of(
                "POL-07",
                "\(counted(policies.count, "policy object")) and nobody enforces them: Cilium's enable-policy is never",
                .certain, at: [source.place, policy.place],
                evidence: [
                    .init("enable-policy: never", marking: "never", from: source),
                    .init(policy.place, from: policy.source),
                ],
                because: ["in this mode Cilium lets everything pass: every pod is open in both directions"],
                fix: .init(
                    [
                        "poplin policy explain --live FROM -> TO:PORT   # what the policies would close",
                        "kubectl -n kube-system edit configmap cilium-config   # enable-policy: default",
                        "kubectl -n kube-system rollout restart daemonset cilium",
                    ], undo: "set it to never again",
                    risk: "policies that were not in force begin to close: judge them first", seconds: 180),
                prevent: "set an end to every such switch that is turned in an outage")
        ]
    }

    // MARK: Kube-OVN

    /// Kube-OVN's controller turns policies into ACLs, unless it is told not to (`--enable-np`, on by default).
    private func kubeOVN() -> [Diagnosis] {
        guard let policy = facts.objects("networkpolicies.networking.k8s.io").first else { return [] }
        for workload in facts.objects("deployments.apps") {
            let containers = workload.list("spec", "template", "spec", "containers").filter {
                $0.member("image")?.string?.contains("kube-ovn") ?? false
            }
            let words = containers.flatMap { container in
                ["command", "args"].flatMap { container.member($0).map { Array($0.elements) } ?? [] }
            }.compactMap(\.string)
            guard let off = words.first(where: { $0 == "--enable-np=false" }), policies(areReadBy: workload) else {
                continue
            }
            let count = facts.objects("networkpolicies.networking.k8s.io").count
            return [
                .of(
                    "POL-07",
                    "\(counted(count, "NetworkPolicy")) and nobody enforces them: \(workload.name) runs with \(off)",
                    .certain, at: [workload.place, policy.place],
                    evidence: [
                        .init(off, from: workload.source),
                        .init("\(policy.namespace)/\(policy.name)", from: policy.source),
                    ],
                    because: [
                        "Kube-OVN's controller makes the rules of policies, and it is told to leave them out",
                        "every pod is open in both directions, whatever the policies say",
                    ],
                    fix: .init(
                        [
                            "poplin policy explain --live FROM -> TO:PORT   # what the policies would close",
                            "kubectl -n \(workload.namespace) edit deployment \(workload.name)   # --enable-np=true",
                        ], undo: "set it to false again",
                        risk: "policies that were never in force begin to close: judge them first", seconds: 120))
            ]
        }
        return []
    }

    /// Whether no other program of the cluster enforces policies in its place.
    private func policies(areReadBy controller: APIObject) -> Bool {
        let providers = NetworkProviders(facts)
        let others: [NetworkProviders.Name] = [.calico, .cilium, .antrea, .weave, .kubeRouter]
        return facts.components(.policy).isEmpty && !others.contains(where: providers.runs)
    }

    /// The VPC CNI enforces with an agent of its own that is off unless it is asked for; policies then stand in the API
    /// and nobody reads them.
    private func amazon() -> [Diagnosis] {
        let providers = NetworkProviders(facts)
        guard let set = providers.agent(.aws), !providers.runs(.calico), !providers.runs(.cilium),
            !providers.runs(.antrea), let policy = facts.objects("networkpolicies.networking.k8s.io").first
        else { return [] }
        let agent = set.list("spec", "template", "spec", "containers").first {
            $0.member("image")?.string?.contains("network-policy-agent") ?? false
        }
        let said = agent?.member("args").map { Array($0.elements) } ?? []
        guard let off = said.compactMap(\.string).first(where: { $0 == "--enable-network-policy=false" }) else {
            return []
        }
        let count = facts.objects("networkpolicies.networking.k8s.io").count
        return [
            .of(
                "POL-07", "\(counted(count, "NetworkPolicy")) and nobody enforces them: \(set.name) runs with \(off)",
                .certain, at: [set.place, policy.place],
                evidence: [
                    .init(off, from: set.source), .init("\(policy.namespace)/\(policy.name)", from: policy.source),
                ],
                because: [
                    "the VPC CNI enforces policies with its node agent, and the agent of \(set.namespace)/\(set.name) is told not to",
                    "every pod is open in both directions, whatever the policies say",
                ],
                fix: .init(
                    [
                        "aws eks update-addon --addon-name vpc-cni --configuration-values '{\"enableNetworkPolicy\":\"true\"}' --cluster-name CLUSTER"
                    ],
                    undo: "the same with \"false\"",
                    risk: "policies that were never in force begin to close: see what with poplin policy", seconds: 120)
            )
        ]
    }

    // MARK: k3s and RKE2

    private static let arguments = ["k3s.io/node-args", "rke2.io/node-args"]

    /// k3s has kube-router's policy controller in its own process; `--disable-network-policy` of a server leaves it out on
    /// every node. The arguments stand in an annotation of the Node (k3s: pkg/nodeconfig).
    private func k3s() -> [Diagnosis] {
        let providers = NetworkProviders(facts)
        let others: [NetworkProviders.Name] = [.calico, .cilium, .antrea, .weave, .kubeRouter, .ovn]
        guard facts.components(.policy).isEmpty, !others.contains(where: providers.runs),
            let policy = facts.objects("networkpolicies.networking.k8s.io").first
        else { return [] }
        for node in facts.objects("nodes") {
            for key in Self.arguments {
                guard let text = node.annotations[key],
                    let words = try? JSONTree(parsing: text).root.elements.compactMap(\.string),
                    let off = words.first(where: {
                        $0 == "--disable-network-policy" || $0 == "--disable-network-policy=true"
                    })
                else { continue }
                let count = facts.objects("networkpolicies.networking.k8s.io").count
                return [
                    .of(
                        "POL-07",
                        "\(counted(count, "NetworkPolicy")) and nobody enforces them: \(node.name) runs with \(off)",
                        .certain, at: [node.place, policy.place],
                        evidence: [
                            .init("\(key): \(text)", marking: off, from: node.source),
                            .init("\(policy.namespace)/\(policy.name)", from: policy.source),
                        ],
                        because: [
                            "the policy controller is a part of the server's own process, and that is told to leave it out",
                            "no agent of another network that would enforce policies runs here",
                        ],
                        fix: .init(
                            [
                                "poplin policy explain --live FROM -> TO:PORT   # what the policies would close",
                                "take \(off) out of the server's arguments or config.yaml, and restart it",
                            ], undo: "put it in again",
                            risk: "policies that were never in force begin to close: judge them first", seconds: 120))
                ]
            }
        }
        return []
    }
}
