import Addressing

/// Ends of connections that no policy tells apart.
public struct ReachClass: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        case pods(namespace: String)
        case nodes
        /// Addresses outside the cluster: those of a block that rules name (without its named parts), or the rest.
        case external(String)
    }

    public var kind: Kind
    /// The labels that policies ask for and these pods have, by key.
    public var labels: [String: String]
    /// Told apart by something that is no label: addresses, service account, named ports. Empty when labels suffice.
    public var remark: String
    /// Names of the pods or nodes, sorted; of outside addresses none.
    public var members: [String]
    /// One end that stands for all.
    public var example: FlowEnd

    public var isPods: Bool { if case .pods = kind { true } else { false } }

    public var namespace: String? { if case .pods(let namespace) = kind { namespace } else { nil } }

    /// `shop/app=web`, `shop/*`, `nodes`, `0.0.0.0/0`.
    public var name: String {
        switch kind {
        case .pods(let namespace):
            let labels = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
            return "\(namespace)/\(labels.isEmpty ? "*" : labels)\(remark.isEmpty ? "" : " (\(remark))")"
        case .nodes: return "nodes\(remark.isEmpty ? "" : " (\(remark))")"
        case .external(let block): return block
        }
    }
}

/// Divides the ends of a cluster into classes for one or more sets of policies: two pods are in one class when every
/// selector, address block, service and port name of all those policies answers the same for both.
struct ReachClassifier {
    private let cluster: Cluster
    private var ownKeys: Set<String> = []
    private var namespaceKeys: Set<String> = []
    private var accountKeys: Set<String> = []
    private var blocks: Set<IPPrefix> = []
    private var services: Set<ServiceName> = []
    private var portNames: Set<String> = []

    init(_ cluster: Cluster, _ sets: [PolicySet]) {
        self.cluster = cluster
        for set in sets {
            for policy in set.policies.values where !policy.isStaged {
                note(policy.subject)
                for direction in Direction.allCases {
                    for rule in policy[direction]?.rules ?? [] {
                        for peer in (rule.peers ?? []) + (rule.nearEnd ?? []) { peer.terms.forEach { note($0) } }
                        for match in rule.traffic ?? [] { match.terms.forEach { note($0) } }
                    }
                }
            }
        }
        for set in cluster.networkSets.values { blocks.formUnion(set.prefixes) }
    }

    private mutating func note(_ expression: LabelExpression) {
        for requirement in expression.requirements {
            switch requirement.key.owner {
            case .own: ownKeys.insert(requirement.key.name)
            case .namespace: namespaceKeys.insert(requirement.key.name)
            case .serviceAccount: accountKeys.insert(requirement.key.name)
            }
        }
    }

    private mutating func note(_ term: PeerTerm) {
        switch term {
        case .pods(let expression), .nodes(let expression), .networkSets(let expression, _): note(expression)
        case .addresses(let listed, _):
            for block in listed {
                blocks.insert(block.prefix)
                blocks.formUnion(block.except)
            }
        case .service(let namespace, let name): services.insert(ServiceName(namespace: namespace, name: name))
        case .anyOf(let terms): terms.forEach { note($0) }
        case .not(let inner): note(inner)
        case .entity, .unenforceable: break
        }
    }

    private mutating func note(_ term: TrafficTerm) {
        switch term {
        case .destinationPortNamed(let name, _): portNames.insert(name)
        case .anyOf(let terms): terms.forEach { note($0) }
        case .not(let inner): note(inner)
        default: break
        }
    }

    private struct PodKey: Hashable {
        var namespace: String
        var labels: [String: String]
        var account: [String: String]
        var blocks: [Int]
        var services: [ServiceName]
        var families: [Bool]
        var ports: [ContainerPort]
    }

    /// With the ends they stand for, in the same order: pods by namespace and labels, nodes, the outside.
    func classes() -> [(ReachClass, ReachEnd)] { podClasses() + nodeClasses() + externalClasses() }

    private func podClasses() -> [(ReachClass, ReachEnd)] {
        let endpoints = services.map { ($0, Set(cluster.services[$0]?.endpoints ?? [])) }.sorted { $0.0 < $1.0 }
        let sortedBlocks = blocks.sorted()
        var groups: [PodKey: [ClusterPod]] = [:]
        for pod in cluster.pods.values where pod.isPolicyEndpoint {
            var key = PodKey(
                namespace: pod.id.namespace, labels: [:], account: [:], blocks: [], services: [],
                families: [false, false], ports: [])
            for (name, value) in pod.labels where ownKeys.contains(name) { key.labels[name] = value }
            if !accountKeys.isEmpty {
                for (name, value) in cluster.labels(of: pod).serviceAccount ?? [:] where accountKeys.contains(name) {
                    key.account[name] = value
                }
            }
            for address in pod.addresses { key.families[address.family == .v4 ? 0 : 1] = true }
            for (index, block) in sortedBlocks.enumerated() where pod.addresses.contains(where: block.contains) {
                key.blocks.append(index)
            }
            key.services = endpoints.filter { pair in pod.addresses.contains { pair.1.contains($0) } }.map(\.0)
            if !portNames.isEmpty {
                key.ports = pod.ports.filter { $0.name.map(portNames.contains) ?? false }.sorted()
            }
            groups[key, default: []].append(pod)
        }
        // A remark only where two classes have the same labels.
        var sameLabels: [String: Int] = [:]
        func labelName(_ key: PodKey) -> String {
            key.namespace + "/"
                + key.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
        }
        for key in groups.keys { sameLabels[labelName(key), default: 0] += 1 }
        return groups.map { key, pods -> (ReachClass, ReachEnd) in
            let pods = pods.sorted { $0.id < $1.id }
            let name = labelName(key)
            let kind = ReachClass.Kind.pods(namespace: key.namespace)
            var found = ReachClass(
                kind: kind, labels: key.labels, remark: "", members: pods.map(\.id.name), example: .pod(pods[0].id))
            if sameLabels[name] ?? 0 > 1 {
                found.remark = pods.count == 1 ? pods[0].id.name : "\(pods[0].id.name) and \(pods.count - 1) more"
            }
            return (found, ReachEnd(pods[0], in: cluster))
        }.sorted { ($0.0.namespace ?? "", $0.0.name) < ($1.0.namespace ?? "", $1.0.name) }
    }

    private func nodeClasses() -> [(ReachClass, ReachEnd)] {
        struct NodeKey: Hashable {
            var labels: [String: String]
            var blocks: [Int]
            var families: [Bool]
            var isAPIServer: Bool
        }
        let sortedBlocks = blocks.sorted()
        let apiServer = Set(cluster.apiServerAddresses)
        var groups: [NodeKey: [ClusterNode]] = [:]
        for node in cluster.nodes.values {
            let key = NodeKey(
                labels: node.labels.filter { ownKeys.contains($0.key) },
                blocks: sortedBlocks.indices.filter { index in
                    node.addresses.contains(where: sortedBlocks[index].contains)
                },
                families: [IPFamily.v4, .v6].map { family in node.addresses.contains { $0.family == family } },
                isAPIServer: node.addresses.contains(where: apiServer.contains))
            groups[key, default: []].append(node)
        }
        return groups.values.map { nodes in
            let nodes = nodes.sorted { $0.name < $1.name }
            let remark =
                groups.count > 1
                ? nodes.map(\.name).prefix(2).joined(separator: ", ") + (nodes.count > 2 ? ", ..." : "") : ""
            let found = ReachClass(
                kind: .nodes, labels: [:], remark: remark, members: nodes.map(\.name), example: .node(nodes[0].name))
            return (found, ReachEnd(nodes[0]))
        }.sorted { $0.0.name < $1.0.name }
    }

    /// One class for every block that rules name, without what more specific blocks take out of it, and the rest of
    /// each family. A block that lies whole among pods or nodes, or is used up by blocks inside it, has none.
    private func externalClasses() -> [(ReachClass, ReachEnd)] {
        var taken = Set<IPAddress>()
        for pod in cluster.pods.values { taken.formUnion(pod.addresses) }
        for node in cluster.nodes.values { taken.formUnion(node.addresses) }
        var found: [(ReachClass, ReachEnd)] = []
        for family in [IPFamily.v4, .v6] {
            let whole = IPPrefix(containing: IPAddress(number: 0, family: family), length: 0)
            let mine = blocks.filter { $0.family == family && $0 != whole }.sorted()
            for block in [whole] + mine {
                let inner = mine.filter { $0 != block && block.contains($0) }
                guard let address = Self.address(in: block, outside: inner, taken) else { continue }
                var name = "\(block)"
                if block == whole {
                    name = family == .v4 ? "outside IPv4" : "outside IPv6"
                } else if !inner.isEmpty {
                    name += " (rest)"
                }
                let entry = ReachClass(
                    kind: .external(name), labels: [:], remark: "", members: [], example: .address(address))
                found.append((entry, ReachEnd(address)))
            }
        }
        return found
    }

    /// An address of `block` that is in none of `holes` and nobody's in the cluster; nil when there is none.
    private static func address(in block: IPPrefix, outside holes: [IPPrefix], _ taken: Set<IPAddress>) -> IPAddress? {
        // Documentation addresses first: they make the best examples.
        let preferred = ["198.51.100.1", "203.0.113.1", "2001:db8::1"].compactMap { IPAddress($0) }
        for address in preferred where block.contains(address) && !holes.contains(where: { $0.contains(address) }) {
            if !taken.contains(address) { return address }
        }
        var candidate = block.first.number
        let last = block.last.number
        if block.length == 0 { candidate = preferred.first { $0.family == block.family }?.number ?? 1 }
        var tries = 0
        while candidate <= last, tries < 70_000 {
            tries += 1
            let address = IPAddress(number: candidate, family: block.family)
            if let hole = holes.filter({ $0.contains(address) }).min(by: { $0.length < $1.length }) {
                let (next, overflow) = hole.last.number.addingReportingOverflow(1)
                if overflow { return nil }
                candidate = next
            } else if taken.contains(address) {
                candidate += 1
            } else {
                return address
            }
        }
        return nil
    }
}
