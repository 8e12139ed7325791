import Addressing

/// Pods with addresses of the bridge that a runtime's package brings, seen from the API alone (CFG-05): the node was
/// ready before the cluster's network was there.
struct StrangerAddressCheck: Check {
    let name = "pods' addresses"
    let codes = ["CFG-05"]
    let needs: [FactName] = [.objects("pods"), .objects("nodes")]

    /// Ranges of the configurations that packages install: `100-crio-bridge.conflist` of CRI-O (contrib/cni) and
    /// `87-podman-bridge.conflist` of Podman (cni/). Read in March 2026.
    private static let packaged: [(range: IPPrefix, owner: String, file: String)] = [
        ("10.85.0.0/16", "CRI-O", "100-crio-bridge.conflist"), ("10.88.0.0/16", "Podman", "87-podman-bridge.conflist"),
    ].compactMap { range, owner, file in IPPrefix(range).map { ($0, owner, file) } }

    func applies(to facts: FactBase) -> Bool { !facts.objects("pods").isEmpty }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        let pools = facts.addressPools
        // Machines that were looked into say it themselves, with the file.
        let seen = Set(facts.machines.filter { !NodeNetworkFiles($0, facts).files.isEmpty }.map(\.name))
        let pods = facts.pods.filter { !$0.isOnHostNetwork && !$0.isFinished && !$0.isTerminating }
        // Where nobody told the pools, the addresses of the others stand for them.
        func isInPool(_ address: IPAddress) -> Bool {
            pools.isEmpty
                ? !Self.packaged.contains { $0.range.contains(address) } : pools.contains { $0.contains(address) }
        }
        // The pools are those of the pods only where most pods have addresses of them.
        let settled = pods.filter { pod in pod.addresses.contains(where: isInPool) }
        return Self.packaged.compactMap { range, owner, file in
            if pools.contains(where: { $0.overlaps(range) }) { return nil }
            let strangers = pods.filter { pod in
                !seen.contains(pod.node) && pod.addresses.contains { range.contains($0) }
            }
            let usual = pools.first.map { "\($0)" } ?? settled.first?.addresses.first.map { "the network of \($0)" }
            guard let first = strangers.first, settled.count >= strangers.count || pools.isEmpty,
                let address = first.addresses.first, let usual, !pools.isEmpty || Self.runs(owner, on: strangers, facts)
            else { return nil }
            let nodes = Set(strangers.map(\.node)).sorted()
            return .of(
                "CFG-05",
                "\(counted(strangers.count, "pod")) of \(listed(nodes)) \(strangers.count == 1 ? "has an address" : "have addresses") of \(owner)'s own bridge, not of the cluster's network",
                pools.isEmpty ? .likely : .certain,
                at: nodes.map { "Node/\($0)" } + strangers.prefix(5).map(\.object.place),
                evidence: strangers.prefix(3).map {
                    .init("podIP: \($0.addresses.first.map { "\($0)" } ?? "")", from: $0.object.source)
                } + [
                    .init(
                        "pods of this cluster have addresses of \(usual)",
                        from: FactSource("nodes and pools", command: "kubectl get nodes -o yaml"))
                ],
                because: [
                    "\(address) is of \(range), the range of \(file), which came with \(owner)'s package and made the node ready before the cluster's network was there;",
                    "no other node knows such addresses",
                ], explains: strangers.reduce(into: []) { $0.formUnion($1.symptoms) },
                fix: .init(
                    ["mv /etc/cni/net.d/\(file) /root/\(file)   # on \(listed(nodes))"]
                        + strangers.prefix(10).map { "kubectl -n \($0.namespace) delete pod \($0.name)" },
                    undo: "mv /root/\(file) /etc/cni/net.d/\(file)", risk: "these pods are made anew", seconds: 60),
                prevent: "remove the packaged file from the node image",
                needs: pools.isEmpty ? ["ls /etc/cni/net.d on \(nodes[0]): is \(file) there?"] : [])
        }
    }

    /// Whether the runtime of these nodes is the one whose package brings the bridge.
    private static func runs(_ owner: String, on pods: [PodView], _ facts: FactBase) -> Bool {
        pods.allSatisfy { pod in
            let runtime = facts.nodeObject(pod.node)?.text("status", "nodeInfo", "containerRuntimeVersion") ?? ""
            return owner == "CRI-O" && runtime.hasPrefix("cri-o")
        }
    }
}
