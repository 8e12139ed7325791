import JSONTree

/// Policies in a cluster whose network could enforce them and was told not to: they stand in the API, and nobody reads
/// them (POL-07).
struct PolicyEnforcement {
    let facts: FactBase

    init(_ facts: FactBase) { self.facts = facts }

    func findings() -> [Diagnosis] { amazon() + k3s() + kubeOVN() + cilium() + managed() }

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

    // MARK: AKS and GKE

    /// Beginnings of labels that tell a cloud's nodes, and how the cluster is given an engine: both clouds run it as a DaemonSet
    /// (azure-npm, calico-node, cilium, anetd), and without one policies are only stored.
    private static let clouds = [
        (
            label: "kubernetes.azure.com/", name: "AKS",
            command: "az aks update --resource-group GROUP --name CLUSTER --network-policy calico"
        ),
        (
            label: "cloud.google.com/gke-", name: "GKE",
            command: "gcloud container clusters update CLUSTER --update-addons=NetworkPolicy=ENABLED"
        ),
    ]

    private func managed() -> [Diagnosis] {
        guard let policy = facts.objects("networkpolicies.networking.k8s.io").first,
            let node = facts.objects("nodes").first,
            let cloud = Self.clouds.first(where: { cloud in node.labels.keys.contains { $0.hasPrefix(cloud.label) } })
        else { return [] }
        // That an engine is not there is known where the DaemonSets of the system are.
        let sets = facts.objects("daemonsets.apps")
        let engines = ["calico", "cilium", "azure-npm", "antrea", "anetd", "netpol", "network-policies", "kube-router"]
        guard sets.contains(where: { $0.namespace == "kube-system" }),
            !sets.contains(where: { set in engines.contains { set.name.contains($0) } }),
            !facts.pods.contains(where: { pod in engines.contains { pod.name.contains($0) } }),
            facts.components(.policy).isEmpty
        else { return [] }
        let count = facts.objects("networkpolicies.networking.k8s.io").count
        return [
            .of(
                "POL-07",
                "\(counted(count, "NetworkPolicy")) and nobody enforces them: this \(cloud.name) has no engine",
                .certain, at: [policy.place],
                evidence: [
                    .init("DaemonSets: \(listed(sets.map(\.name)))", from: sets[0].source),
                    .init("\(policy.namespace)/\(policy.name)", from: policy.source),
                ],
                because: [
                    "\(cloud.name) enforces policies with a DaemonSet that a cluster has only if it was asked for",
                    "every pod is open in both directions, whatever the policies say",
                ],
                fix: .init(
                    ["poplin policy explain --live FROM -> TO:PORT   # what the policies would close", cloud.command],
                    undo: "the same with none",
                    risk: "policies that were never in force begin to close: judge them first",
                    seconds: 600))
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
