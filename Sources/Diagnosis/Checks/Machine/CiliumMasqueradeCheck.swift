import Addressing

/// Cilium that was told to hide nobody (RTE-14): what pods send to the world leaves with their own addresses, to which the
/// world has no way back. In clouds whose networks know the pods it is meant so.
struct CiliumMasqueradeCheck: Check {
    let name = "masquerading"
    let codes = ["RTE-14"]
    let needs: [FactName] = [.objects("configmaps"), .objects("pods")]

    /// Who hands out addresses that the network outside knows.
    private static let routed: Set<String> = ["eni", "azure", "alibabacloud", "delegated-plugin"]

    func applies(to facts: FactBase) -> Bool {
        NetworkProviders.ciliumSetting("enable-ipv4-masquerade", facts) == "false"
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        guard !Self.routed.contains(NetworkProviders.ciliumSetting("ipam", facts) ?? ""),
            ["", "none"].contains(NetworkProviders.ciliumSetting("cni-chaining-mode", facts) ?? ""),
            !facts.pods.contains(where: { $0.name.contains("ip-masq-agent") })
        else { return [] }
        // Routers that were told of the pods by BGP would know the way: then nobody complains.
        let hosts = Set(facts.pods.filter(\.isOnHostNetwork).map(\.id))
        let failure = FailedConnection.all(facts).last { failure in
            failure.isSilence && !facts.isOfCluster(failure.address) && !hosts.contains(failure.pod)
        }
        guard let failure else { return [] }
        let source = FactSource(
            "ConfigMap/kube-system/cilium-config", command: "kubectl -n kube-system get configmap cilium-config -o yaml"
        )
        return [
            .of(
                "RTE-14", "Pods send to the world with their own addresses: Cilium's masquerading is off", .likely,
                at: [source.place, "Pod/\(failure.pod)"],
                evidence: [
                    .init("enable-ipv4-masquerade: false", marking: "false", from: source),
                    .init(failure.line, from: failure.source),
                ],
                because: [
                    "\(failure.pod) gets no answer from \(failure.address), outside of the cluster",
                    "nothing gives its packets a node's address, and who is asked out there knows no way to a pod",
                ],
                explains: ["pod \(failure.pod) ready"],
                fix: .init(
                    [
                        "kubectl -n kube-system patch configmap cilium-config -p '{\"data\":{\"enable-ipv4-masquerade\":\"true\"}}'",
                        "kubectl -n kube-system rollout restart daemonset cilium",
                    ], undo: "set it to false again and restart the agents",
                    risk: "the world then sees nodes' addresses in place of pods'", seconds: 120),
                prevent: "turn it off only where every router outside has a route to the pods",
                needs: [
                    "tcpdump -ni CARD host \(failure.address) on the pod's node: whose address do its packets have?"
                ])
        ]
    }
}
