import Addressing
import JSONTree

/// Policies that admit what was observed, as few and as readable as they can be: one for each workload and direction,
/// peers by workload and namespace, DNS as DNS.
public struct PolicySuggestion: Sendable {
    public struct Suggested: Sendable {
        public var policy: Policy
        public var manifest: JSONValue
        /// For the reader: `shop/cart takes TCP 8080 from shop/web`.
        public var because: [String]
    }

    /// How much the observation can be trusted.
    public struct Coverage: Sendable {
        public var flows: Int
        /// RFC 3339, of the earliest and latest flow; nil when flows carry no time.
        public var first: String?
        public var last: String?
        /// Workloads of the cluster that were in no flow.
        public var neverSeen: [String]
        /// Flows with an end the cluster does not have, which are not covered.
        public var unknownEnds: [String]
    }

    public let policies: [Suggested]
    public let coverage: Coverage
    /// Observed flows that the suggested policies would still refuse: none, or it is a fault.
    public let refused: [Flow]
    /// What is open under the suggested policies beyond the observed pairs.
    public let wider: [ReachDifference.Entry]

    public init(
        from flows: [Flow], times: [String] = [], in cluster: Cluster, namespaces: Set<String>? = nil,
        dialect: SuggestionDialect = .kubernetes
    ) {
        var builder = SuggestionBuilder(cluster, namespaces, dialect)
        var unknown: Set<String> = []
        for flow in flows { builder.take(flow, unknown: &unknown) }
        policies = builder.policies()
        let seen = builder.seen
        let workloads = Set(cluster.pods.values.filter(\.isPolicyEndpoint).map { Workload($0) })
        coverage = Coverage(
            flows: flows.count, first: times.min(), last: times.max(),
            neverSeen: workloads.subtracting(seen).map(\.description).sorted(), unknownEnds: unknown.sorted())
        let set = PolicySet(policies.map(\.policy))
        let engine = PolicyEngine(cluster: cluster, policies: set)
        refused = flows.filter { flow in
            guard let verdict = try? engine.verdict(flow) else { return false }
            return !verdict.isAllowed
        }
        wider = SuggestionCheck(cluster, set, flows).unseen()
    }
}

/// Pods that a person would name together.
struct Workload: Hashable, Comparable, CustomStringConvertible {
    let namespace: String
    let labels: [String: String]

    init(_ pod: ClusterPod) {
        namespace = pod.id.namespace
        labels = WorkloadLabels.selecting(pod)
    }

    /// For object names and sentences: the application's name.
    var shortName: String {
        let names = ["app", "app.kubernetes.io/name", "k8s-app", "name", "run"]
        let name = names.lazy.compactMap { labels[$0] }.first ?? labels.values.sorted().first ?? "all"
        let part = ["app.kubernetes.io/component", "component", "tier", "role"].lazy.compactMap { labels[$0] }.first
        return part.map { "\(name)-\($0)" } ?? name
    }

    var description: String { "\(namespace)/\(shortName)" }

    static func < (left: Workload, right: Workload) -> Bool {
        (left.namespace, left.shortName, left.text) < (right.namespace, right.shortName, right.text)
    }

    private var text: String {
        labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    }
}

/// Gathers flows by workload and writes the policies.
private struct SuggestionBuilder {
    /// The far end of rules.
    enum Far: Hashable, Comparable {
        case dns
        case workload(Workload)
        case outside(IPPrefix)

        private var rank: Int {
            switch self {
            case .dns: 0
            case .workload: 1
            case .outside: 2
            }
        }

        static func < (left: Far, right: Far) -> Bool {
            switch (left, right) {
            case (.workload(let one), .workload(let other)): one < other
            case (.outside(let one), .outside(let other)): one < other
            default: left.rank < right.rank
            }
        }
    }

    struct Port: Hashable, Comparable {
        var transport: TransportProtocol
        /// Nil for protocols without ports, which NetworkPolicy cannot name.
        var number: UInt16?

        static func < (left: Port, right: Port) -> Bool {
            (left.transport, left.number ?? 0) < (right.transport, right.number ?? 0)
        }
    }

    struct Side: Hashable {
        var workload: Workload
        var direction: Direction
    }

    let cluster: Cluster
    let namespaces: Set<String>?
    let dialect: SuggestionDialect
    let dnsPods: Set<PodName>
    private(set) var seen: Set<Workload> = []
    private var sides: [Side: [Far: Set<Port>]] = [:]

    init(_ cluster: Cluster, _ namespaces: Set<String>?, _ dialect: SuggestionDialect) {
        self.cluster = cluster
        self.dialect = dialect
        self.namespaces = namespaces
        var dnsPods: Set<PodName> = []
        for service in LintReach.dnsServices(cluster) {
            for pod in cluster.pods.values where pod.isPolicyEndpoint {
                let isEndpoint =
                    pod.addresses.contains(where: service.endpoints.contains)
                    || (pod.id.namespace == service.id.namespace && !service.selector.isEmpty
                        && service.selector.allSatisfy { pod.labels[$0.key] == $0.value })
                if isEndpoint { dnsPods.insert(pod.id) }
            }
        }
        self.dnsPods = dnsPods
    }

    /// The pod an end is, or stands on the address of.
    private func pod(_ end: FlowEnd) -> ClusterPod? {
        switch end {
        case .pod(let name): cluster.pods[name]
        case .address(let address): cluster.pods.values.first { $0.isPolicyEndpoint && $0.addresses.contains(address) }
        case .node: nil
        }
    }

    mutating func take(_ flow: Flow, unknown: inout Set<String>) {
        for end in [flow.source, flow.destination] {
            if case .pod(let name) = end, cluster.pods[name] == nil { unknown.insert("\(name)") }
        }
        let source = pod(flow.source)
        let destination = pod(flow.destination)
        if let source, let destination, source.id == destination.id { return }
        let port = Port(transport: flow.transport, number: flow.transport.hasPorts ? flow.port : nil)
        if let source, source.isPolicyEndpoint {
            seen.insert(Workload(source))
            if let far = far(flow.destination, destination, port) { add(source, .egress, far, port) }
        }
        if let destination, destination.isPolicyEndpoint {
            seen.insert(Workload(destination))
            // The cluster's DNS is everybody's; closing it to those seen would cut off those not seen.
            if !dnsPods.contains(destination.id), let far = far(flow.source, source, nil) {
                add(destination, .ingress, far, port)
            }
        }
    }

    private mutating func add(_ pod: ClusterPod, _ direction: Direction, _ far: Far, _ port: Port) {
        if let namespaces, !namespaces.contains(pod.id.namespace) { return }
        sides[Side(workload: Workload(pod), direction: direction), default: [:]][far, default: []].insert(port)
    }

    private func far(_ end: FlowEnd, _ pod: ClusterPod?, _ port: Port?) -> Far? {
        if let pod, pod.isPolicyEndpoint {
            if port != nil, dnsPods.contains(pod.id) { return .dns }
            return .workload(Workload(pod))
        }
        switch end {
        case .address(let address): return .outside(IPPrefix(containing: address, length: address.family.bitWidth))
        case .node(let name):
            return cluster.nodes[name]?.addresses.first.map {
                .outside(IPPrefix(containing: $0, length: $0.family.bitWidth))
            }
        case .pod: return nil
        }
    }

    func policies() -> [PolicySuggestion.Suggested] {
        sides.sorted { left, right in
            left.key.workload == right.key.workload
                ? left.key.direction > right.key.direction : left.key.workload < right.key.workload
        }.map { suggested($0.key, $0.value) }
    }

    /// Far ends with the same ports share a rule; the rules stand in the order DNS, pods, outside.
    private func suggested(_ side: Side, _ fars: [Far: Set<Port>]) -> PolicySuggestion.Suggested {
        var byPorts: [(ports: [Port], fars: [Far])] = []
        for (far, ports) in fars.sorted(by: { $0.key < $1.key }) {
            let sorted = ports.sorted()
            if far != .dns, let index = byPorts.firstIndex(where: { $0.ports == sorted && $0.fars != [.dns] }) {
                byPorts[index].fars.append(far)
            } else {
                byPorts.append((sorted, [far]))
            }
        }
        let workload = side.workload
        let name = "\(workload.shortName)-\(side.direction.rawValue)"
        if dialect != .kubernetes {
            let written = SuggestedManifest(
                name: name, workload: workload, direction: side.direction,
                rules: byPorts.map { ports, fars in
                    let ends = Self.merged(fars)
                    return SuggestedManifest.Rule(
                        pods: ends.flatMap(pods),
                        outside: ends.compactMap { if case .outside(let prefix) = $0 { prefix } else { nil } },
                        ports: ports.map { ($0.transport, $0.number) })
                })
            if let (manifest, policy) = written.suggested(dialect) {
                return PolicySuggestion.Suggested(
                    policy: policy, manifest: manifest, because: byPorts.map { sentence(side, $0.ports, $0.fars) })
            }
        }
        let list = side.direction == .ingress ? "from" : "to"
        var rules: [JSONValue] = []
        var models: [(peers: [Peer]?, traffic: [TrafficMatch]?)] = []
        var because: [String] = []
        for (ports, fars) in byPorts {
            let items = Self.merged(fars).flatMap { peers($0, from: workload.namespace) }
            var members = [JSONMember(list, .array(items.map(\.0)))]
            // A protocol that cannot be named opens all of them to these peers.
            let pairs = ports.map { port in port.number.flatMap { PolicySnippet.port(port.transport, $0) } }
            var traffic: [TrafficMatch]?
            if pairs.allSatisfy({ $0 != nil }) {
                members.append(JSONMember("ports", .array(pairs.compactMap { $0?.0 })))
                traffic = pairs.compactMap { $0?.1 }
            }
            rules.append(.object(members))
            models.append((items.map(\.1), traffic))
            because.append(sentence(side, ports, fars))
        }
        return PolicySuggestion.Suggested(
            policy: PolicySnippet.policy(
                name, in: workload.namespace, selecting: workload.labels, side.direction, rules: models),
            manifest: PolicySnippet.networkPolicy(
                name, in: workload.namespace, selecting: workload.labels, side.direction, rules: rules),
            because: because)
    }

    /// Many neighbouring addresses become their common /24 (/64), from four on.
    private static func merged(_ fars: [Far]) -> [Far] {
        var groups: [IPPrefix: [IPPrefix]] = [:]
        for case .outside(let prefix) in fars {
            let length = prefix.family == .v4 ? 24 : 64
            groups[IPPrefix(containing: prefix.network, length: length), default: []].append(prefix)
        }
        var result = fars.filter { if case .outside = $0 { false } else { true } }
        for (whole, parts) in groups.sorted(by: { $0.key < $1.key }) {
            result += parts.count >= 4 ? [.outside(whole)] : parts.sorted().map { .outside($0) }
        }
        return result
    }

    /// The pods a far end stands for; none for what is outside.
    private func pods(_ far: Far) -> [(labels: [String: String], namespace: String)] {
        switch far {
        case .dns:
            Set(dnsPods.compactMap { cluster.pods[$0].map { Workload($0) } }).sorted().map { ($0.labels, $0.namespace) }
        case .workload(let workload): [(workload.labels, workload.namespace)]
        case .outside: []
        }
    }

    private func peers(_ far: Far, from namespace: String) -> [(JSONValue, Peer)] {
        if case .outside(let prefix) = far {
            return [
                (
                    ["ipBlock": ["cidr": .string("\(prefix)")]],
                    Peer([.addresses([AddressBlock(prefix)], scope: .anyEnd)])
                )
            ]
        }
        return pods(far).map { PolicySnippet.peer(labels: $0.labels, of: $0.namespace, from: namespace) }
    }

    private func sentence(_ side: Side, _ ports: [Port], _ fars: [Far]) -> String {
        let names = fars.map { far in
            switch far {
            case .dns: "the cluster's DNS"
            case .workload(let workload): "\(workload)"
            case .outside(let prefix): "\(prefix)"
            }
        }
        var shown = names.prefix(4).joined(separator: ", ")
        if names.count > 4 { shown += " and \(names.count - 4) more" }
        let traffic = ports.map { port in port.number.map { "\(port.transport) \($0)" } ?? "\(port.transport)" }
        let verb = side.direction == .ingress ? "takes" : "sends"
        let preposition = side.direction == .ingress ? "from" : "to"
        return "\(side.workload) \(verb) \(traffic.joined(separator: ", ")) \(preposition) \(shown)"
    }
}

/// What the suggested policies let through that nobody was seen doing.
private struct SuggestionCheck {
    private let reachability: Reachability
    private let observed: Set<[Int]>

    init(_ cluster: Cluster, _ set: PolicySet, _ flows: [Flow]) {
        reachability = Reachability(cluster, set)
        var index: [PodName: Int] = [:]
        for (number, entry) in reachability.classes.enumerated() {
            guard let namespace = entry.namespace else { continue }
            for member in entry.members { index[PodName(namespace: namespace, name: member)] = number }
        }
        var byAddress: [IPAddress: PodName] = [:]
        for pod in cluster.pods.values where pod.isPolicyEndpoint {
            for address in pod.addresses { byAddress[address] = pod.id }
        }
        func number(_ end: FlowEnd) -> Int? {
            switch end {
            case .pod(let name): index[name]
            case .address(let address): byAddress[address].flatMap { index[$0] }
            case .node: nil
            }
        }
        observed = Set(
            flows.compactMap { flow in
                guard let source = number(flow.source), let destination = number(flow.destination) else { return nil }
                return [source, destination]
            })
    }

    /// Pairs of pods, one of which at least is policed on its side, that are open and were never seen.
    func unseen() -> [ReachDifference.Entry] {
        var found: [ReachDifference.Entry] = []
        let classes = reachability.classes
        for source in classes.indices where classes[source].isPods {
            for destination in classes.indices where classes[destination].isPods {
                if source == destination, classes[source].members.count < 2 { continue }
                if observed.contains([source, destination]) { continue }
                let set = reachability.traffic(from: source, to: destination, reachability.families[0])
                if set.isEmpty || set.isEverything { continue }
                found.append(
                    ReachDifference.Entry(
                        source: classes[source], destination: classes[destination], families: reachability.families,
                        gained: set, lost: .nothing))
            }
        }
        return found
    }
}
