import Addressing

/// What lint asks of a cluster again and again, looked up once: pods that nothing tells apart, and whose an address is.
struct LintCluster {
    /// Pods of one namespace with the same labels, service account and ports, sorted by name. Finished pods are in none.
    struct Group {
        let namespace: String
        let labels: LabelView
        let isOnHostNetwork: Bool
        let pods: [ClusterPod]

        var example: ClusterPod { pods[0] }
    }

    private struct GroupKey: Hashable {
        var namespace: String
        var own: [String: String]
        var serviceAccount: String
        var isOnHostNetwork: Bool
        var ports: [ContainerPort]
    }

    let cluster: Cluster
    /// By the name of the first pod.
    let groups: [Group]
    /// Families that pods have addresses of.
    let families: Set<IPFamily>
    /// Pods of a workload, by name.
    let byWorkload: [Workload: [ClusterPod]]
    private let byNamespace: [String: [Int]]
    /// Of pods that policies apply to, ascending, by family.
    private let addresses: [IPFamily: [(number: UInt128, pod: PodName)]]

    init(_ cluster: Cluster) {
        self.cluster = cluster
        var members: [GroupKey: [ClusterPod]] = [:]
        var addresses: [IPFamily: [(number: UInt128, pod: PodName)]] = [:]
        for pod in cluster.pods.values where !pod.isFinished {
            let key = GroupKey(
                namespace: pod.id.namespace, own: pod.labels, serviceAccount: pod.serviceAccount,
                isOnHostNetwork: pod.isOnHostNetwork, ports: pod.ports)
            members[key, default: []].append(pod)
            for address in pod.addresses where pod.isPolicyEndpoint {
                addresses[address.family, default: []].append((address.number, pod.id))
            }
        }
        self.addresses = addresses.mapValues { list in
            list.sorted { ($0.number, $0.pod) < ($1.number, $1.pod) }
        }
        families = Set(cluster.pods.values.flatMap { $0.addresses.map(\.family) })
        groups = members.map { key, pods in
            let pods = pods.sorted { $0.id < $1.id }
            return Group(
                namespace: key.namespace, labels: cluster.labels(of: pods[0]), isOnHostNetwork: key.isOnHostNetwork,
                pods: pods)
        }.sorted { $0.example.id < $1.example.id }
        byWorkload = Dictionary(grouping: groups.flatMap(\.pods), by: { Workload($0) })
        byNamespace = Dictionary(grouping: groups.indices, by: { [groups] in groups[$0].namespace })
    }

    /// The groups of the namespaces an expression is bound to, of all where it is not.
    func reach(of expression: LabelExpression) -> [Group] {
        guard let namespaces = expression.requiredValues(of: .namespaceName) else { return groups }
        return namespaces.flatMap { byNamespace[$0] ?? [] }.map { groups[$0] }
    }

    func matching(_ expression: LabelExpression) -> [Group] {
        reach(of: expression).filter { expression.matches($0.labels) }
    }

    /// Pods that policies apply to with an address in the block, by name.
    func pods(in block: AddressBlock) -> [ClusterPod] {
        guard let list = addresses[block.prefix.family] else { return [] }
        let first = block.prefix.first.number
        let last = block.prefix.last.number
        var low = 0
        var high = list.count
        while low < high {
            let middle = (low + high) / 2
            if list[middle].number < first { low = middle + 1 } else { high = middle }
        }
        var names: Set<PodName> = []
        while low < list.count, list[low].number <= last {
            let address = IPAddress(number: list[low].number, family: block.prefix.family)
            if !block.except.contains(where: { $0.contains(address) }) { names.insert(list[low].pod) }
            low += 1
        }
        return names.sorted().compactMap { cluster.pods[$0] }
    }

    /// `3 pods, such as shop/web-0`.
    static func counted(_ count: Int, _ example: PodName) -> String {
        count == 1 ? "pod \(example)" : "\(count) pods, such as \(example)"
    }
}
