import Addressing

/// Yes, no, or not to be known because the term cannot be enforced. What depends on a maybe allows nothing and denies
/// everything.
enum Certainty: UInt8, Comparable {
    case no, maybe, yes

    static func < (left: Certainty, right: Certainty) -> Bool { left.rawValue < right.rawValue }

    init(_ answer: Bool) { self = answer ? .yes : .no }

    var opposite: Certainty {
        switch self {
        case .no: .yes
        case .maybe: .maybe
        case .yes: .no
        }
    }
}

/// One end of a connection, with everything that terms can ask of it.
struct ReachEnd: Sendable {
    enum Kind: Sendable {
        case pod(ClusterPod)
        case node(ClusterNode)
        case external(IPAddress)
    }

    let kind: Kind
    let labels: LabelView
    let addresses: [IPAddress]

    init(_ pod: ClusterPod, in cluster: Cluster) {
        kind = .pod(pod)
        labels = cluster.labels(of: pod)
        addresses = pod.addresses
    }

    init(_ node: ClusterNode) {
        kind = .node(node)
        labels = LabelView(own: node.labels)
        addresses = node.addresses
    }

    init(_ address: IPAddress) {
        kind = .external(address)
        labels = LabelView(own: [:])
        addresses = [address]
    }

    var isPod: Bool { if case .pod = kind { true } else { false } }
    var isNode: Bool { if case .node = kind { true } else { false } }
    var isExternal: Bool { if case .external = kind { true } else { false } }

    func address(_ family: IPFamily) -> IPAddress? { addresses.first { $0.family == family } }

    /// Named ports of a pod.
    func numbers(ofPort name: String) -> [ContainerPort] {
        if case .pod(let pod) = kind { pod.ports.filter { $0.name == name } } else { [] }
    }
}

/// What the terms of rules ask of the cluster as a whole, looked up once.
struct ReachWorld {
    let cluster: Cluster
    private var setPrefixes: [LabelExpression: [IPPrefix]] = [:]
    private(set) lazy var portsByName: [String: Set<ContainerPort>] = {
        var ports: [String: Set<ContainerPort>] = [:]
        for pod in cluster.pods.values where pod.isPolicyEndpoint {
            for port in pod.ports {
                if let name = port.name {
                    ports[name, default: []].insert(ContainerPort(number: port.number, transport: port.transport))
                }
            }
        }
        return ports
    }()
    private lazy var apiServer = Set(cluster.apiServerAddresses)

    init(_ cluster: Cluster) { self.cluster = cluster }

    mutating func prefixes(_ expression: LabelExpression) -> [IPPrefix] {
        if let known = setPrefixes[expression] { return known }
        var found: [IPPrefix] = []
        for set in cluster.networkSets.values {
            let namespace = set.id.namespace.isEmpty ? nil : cluster.labels(ofNamespace: set.id.namespace)
            if expression.matches(LabelView(own: set.labels, namespace: namespace)) { found += set.prefixes }
        }
        setPrefixes[expression] = found
        return found
    }

    // MARK: Peers

    /// Whether one of the alternatives matches; nil alternatives match everything.
    mutating func match(_ peers: [Peer]?, _ end: ReachEnd, _ family: IPFamily) -> Certainty {
        guard let peers else { return .yes }
        var best = Certainty.no
        for peer in peers {
            var worst = Certainty.yes
            for term in peer.terms {
                worst = min(worst, match(term, end, family))
                if worst == .no { break }
            }
            best = max(best, worst)
            if best == .yes { break }
        }
        return best
    }

    private mutating func match(_ term: PeerTerm, _ end: ReachEnd, _ family: IPFamily) -> Certainty {
        switch term {
        case .pods(let expression): return Certainty(end.isPod && expression.matches(end.labels))
        case .nodes(let expression): return Certainty(end.isNode && expression.matches(end.labels))
        case .addresses(let blocks, let scope):
            guard allows(scope, end), let address = end.address(family) else { return .no }
            return Certainty(blocks.contains { $0.contains(address) })
        case .networkSets(let expression, let scope):
            guard allows(scope, end), let address = end.address(family) else { return .no }
            return Certainty(prefixes(expression).contains { $0.contains(address) })
        case .service(let namespace, let name):
            guard let address = end.address(family) else { return .no }
            let service = cluster.services[ServiceName(namespace: namespace, name: name)]
            return Certainty(service?.endpoints.contains(address) ?? false)
        case .entity(let entity): return Certainty(match(entity, end, family))
        case .anyOf(let terms):
            var best = Certainty.no
            for term in terms {
                best = max(best, match(term, end, family))
                if best == .yes { break }
            }
            return best
        case .not(let term): return match(term, end, family).opposite
        case .unenforceable: return .maybe
        }
    }

    private func allows(_ scope: AddressScope, _ end: ReachEnd) -> Bool {
        switch scope {
        case .anyEnd: true
        case .outsideCluster: end.isExternal
        case .outsidePods: !end.isPod
        }
    }

    /// Nodes are never the subject's own here: a class of pods has no node.
    private mutating func match(_ entity: Entity, _ end: ReachEnd, _ family: IPFamily) -> Bool {
        switch entity {
        case .all: true
        case .world: end.isExternal
        case .worldIPv4: end.isExternal && family == .v4
        case .worldIPv6: end.isExternal && family == .v6
        case .cluster: !end.isExternal || isAPIServer(end, family)
        case .remoteNode: end.isNode
        case .kubeAPIServer: isAPIServer(end, family)
        case .host, .health, .ingress, .unmanaged, .initialising, .none: false
        }
    }

    private mutating func isAPIServer(_ end: ReachEnd, _ family: IPFamily) -> Bool {
        end.address(family).map { apiServer.contains($0) } ?? false
    }

    // MARK: Traffic

    /// What of all traffic to `destination` one of the alternatives matches for sure, and what it may match.
    mutating func traffic(
        _ matches: [TrafficMatch]?, to destination: ReachEnd, _ family: IPFamily
    ) -> (sure: TrafficSet, maybe: TrafficSet) {
        guard let matches else { return (.everything, .everything) }
        var sure = TrafficSet.nothing
        var maybe = TrafficSet.nothing
        for match in matches {
            var one = (sure: TrafficSet.everything, maybe: TrafficSet.everything)
            for term in match.terms {
                let found = traffic(term, destination, family)
                one = (one.sure.intersection(found.sure), one.maybe.intersection(found.maybe))
            }
            sure = sure.union(one.sure)
            maybe = maybe.union(one.maybe)
        }
        return (sure, maybe)
    }

    private mutating func traffic(
        _ term: TrafficTerm, _ destination: ReachEnd, _ family: IPFamily
    ) -> (sure: TrafficSet, maybe: TrafficSet) {
        func exactly(_ set: TrafficSet) -> (TrafficSet, TrafficSet) { (set, set) }
        switch term {
        case .protocolIs(let transport): return exactly(TrafficSet(transport))
        case .family(let wanted): return exactly(wanted == family ? .everything : .nothing)
        case .destinationPorts(let ranges):
            let all = [TransportProtocol.tcp, .udp, .sctp, .udpLite]
            return exactly(all.reduce(TrafficSet.nothing) { $0.union(TrafficSet($1, ranges)) })
        case .destinationPortNamed(let name, let resolution):
            let ports =
                resolution == .destinationPod ? destination.numbers(ofPort: name) : Array(portsByName[name] ?? [])
            return exactly(
                ports.reduce(TrafficSet.nothing) { $0.union(TrafficSet($1.transport, [PortRange($1.number)])) })
        // A connection whose source port nobody has said.
        case .sourcePorts: return exactly(.nothing)
        case .icmp(let type, let code): return exactly(TrafficSet(icmp: family, type: type, code: code))
        case .anyOf(let terms):
            var found = (sure: TrafficSet.nothing, maybe: TrafficSet.nothing)
            for term in terms {
                let one = traffic(term, destination, family)
                found = (found.sure.union(one.sure), found.maybe.union(one.maybe))
            }
            return found
        case .not(let term):
            let inner = traffic(term, destination, family)
            return (inner.maybe.complement, inner.sure.complement)
        case .unenforceable: return (.nothing, .everything)
        }
    }
}
