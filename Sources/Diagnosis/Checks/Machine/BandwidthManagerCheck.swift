import JSONTree

/// Pods that Cilium's bandwidth manager slows down because an annotation says so. It knows one, that of what leaves a pod
/// (Cilium: Documentation/network/kubernetes/bandwidth-manager.rst).
struct BandwidthManagerCheck: Check {
    let name = "bandwidth manager"
    let codes = ["PRF-02"]
    let needs: [FactName] = [.objects("pods")]

    func applies(to facts: FactBase) -> Bool {
        NetworkProviders.ciliumSetting("enable-bandwidth-manager", facts) == "true"
            || !facts.objects("subnets.kubeovn.io").isEmpty
    }

    /// Kube-OVN shapes a pod's port in Open vSwitch by annotations of its own, in megabits per second (docs: guide/qos).
    private static let kubeOVN = ["ovn.kubernetes.io/ingress_rate", "ovn.kubernetes.io/egress_rate"]

    private func heldByKubeOVN(_ facts: FactBase) -> [Diagnosis] {
        for pod in facts.pods where !pod.isFinished && !pod.isTerminating {
            let annotations = pod.object.annotations
            guard
                let key = Self.kubeOVN.first(where: {
                    annotations[$0].flatMap(Double.init).map { $0 > 0 && $0 <= 10 } ?? false
                }),
                let value = annotations[key]
            else { continue }
            return [
                .of(
                    "PRF-02", "\(pod.id) is held to \(value) Mbit/s by its own annotation", .likely,
                    at: [pod.object.place], evidence: [.init("\(key): \(value)", from: pod.object.source)],
                    because: [
                        "Kube-OVN gives the pod's port in Open vSwitch this rate, in megabits per second: nothing faster passes, whatever the network could do"
                    ], fix: ChainCheck.unshaping(key),
                    needs: ["ovs-vsctl list qos   # on \(pod.node): the rate of the pod's port"])
            ]
        }
        return []
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        if NetworkProviders.ciliumSetting("enable-bandwidth-manager", facts) != "true" { return heldByKubeOVN(facts) }
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
