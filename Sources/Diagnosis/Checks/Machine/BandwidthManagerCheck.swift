import JSONTree

/// Pods that Cilium's bandwidth manager slows down because an annotation says so. It knows one, that of what leaves a pod
/// (Cilium: Documentation/network/kubernetes/bandwidth-manager.rst).
struct BandwidthManagerCheck: Check {
    let name = "bandwidth manager"
    let codes = ["PRF-02"]
    let needs: [FactName] = [.objects("pods"), .objects("configmaps")]

    func applies(to facts: FactBase) -> Bool {
        NetworkProviders.ciliumSetting("enable-bandwidth-manager", facts) == "true"
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        let key = "kubernetes.io/egress-bandwidth"
        let held = facts.pods.first { pod in
            !pod.isFinished && !pod.isTerminating
                && pod.object.annotations[key].flatMap(ChainCheck.bits).map { $0 <= 10_000_000 } ?? false
        }
        guard let held, let value = held.object.annotations[key] else { return [] }
        return [
            .of(
                "PRF-02", "\(held.id) is held to \(value) bit/s by its own annotation", .likely,
                at: [held.object.place],
                evidence: [
                    .init("\(key): \(value)", from: held.object.source),
                    .init(
                        "enable-bandwidth-manager: true",
                        from: FactSource(
                            "ConfigMap/kube-system/cilium-config",
                            command: "kubectl -n kube-system get configmap cilium-config -o yaml")),
                ],
                because: [
                    "Cilium's bandwidth manager gives each packet of the pod its time: what leaves it is never faster, whatever the network could do"
                ], fix: ChainCheck.unshaping(key),
                needs: ["cilium-dbg bpf bandwidth list   # on \(held.node): the pod's limit, beside what it sends"])
        ]
    }
}
