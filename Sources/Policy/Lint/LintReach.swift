import Addressing
import Findings

/// Checks that need to know who reaches whom: rules that add nothing, peers that match nothing, DNS.
struct LintReach {
    private let cluster: Cluster
    private let policies: PolicySet
    private let classes: [(ReachClass, ReachEnd)]
    private let families: [IPFamily]
    /// When the manifests have no DNS, one is assumed, and every finding says so.
    private let assumesDNS: Bool

    private struct DNSEndpoint: Hashable {
        var end: Int
        var transport: TransportProtocol
        var port: UInt16
        var servicePort: UInt16
    }

    init(_ cluster: Cluster, _ policies: PolicySet) {
        var cluster = cluster
        assumesDNS = Self.dnsServices(cluster).isEmpty
        if assumesDNS {
            let name = PodName(namespace: "kube-system", name: "coredns")
            cluster.update(
                ClusterPod(
                    id: name, labels: ["k8s-app": "kube-dns"],
                    ports: [
                        ContainerPort(name: "dns", number: 53, transport: .udp),
                        ContainerPort(name: "dns-tcp", number: 53),
                    ]))
            cluster.update(
                ClusterService(
                    id: PodName(namespace: "kube-system", name: "kube-dns"), selector: ["k8s-app": "kube-dns"],
                    ports: [ServicePort(name: "dns", number: 53, transport: .udp)]))
        }
        self.cluster = cluster
        self.policies = policies
        classes = ReachClassifier(cluster, [policies]).classes()
        let present = [IPFamily.v4, .v6].filter { family in
            cluster.pods.values.contains { $0.addresses.contains { $0.family == family } }
        }
        families = present.isEmpty ? [.v4] : present
    }

    static func dnsServices(_ cluster: Cluster) -> [ClusterService] {
        cluster.services.values.filter { service in
            service.labels["k8s-app"] == "kube-dns"
                || (service.id.namespace == "kube-system" && service.id.name == "kube-dns")
                || service.id.description == "openshift-dns/dns-default"
        }
    }

    func findings() -> [LintFinding] {
        var found: [LintFinding] = []
        let planner = ReachPlanner(policies)
        var world = ReachWorld(cluster)
        var isUseful = [Bool](repeating: false, count: planner.rules.count)
        var matchesSomething = [Bool](repeating: false, count: planner.rules.count)
        var hasSubject = [Bool](repeating: false, count: planner.rules.count)
        var columns: [IPFamily: [[UInt8]]] = [:]
        let dns = dnsEndpoints()
        var withoutDNS: [PolicyReference: (ReachClass, wrongPort: UInt16?)] = [:]
        for family in families {
            columns[family] = planner.rules.map { rule in
                classes.map { entry in world.match(rule.peers, entry.1, family).rawValue }
            }
        }
        for direction in Direction.allCases {
            var judged = Set<[Int]>()
            for entry in classes where entry.1.isPod {
                for family in families {
                    let (walk, key) = planner.walk(of: entry.1, direction) { world.match($0.nearEnd, entry.1, family) }
                    if walk.isOpen { continue }
                    // Subjects under the same policies have the same answers, unless port names are looked up at them.
                    let isShared = !(walk.looksUpPortNames && direction == .ingress)
                    if isShared, !judged.insert(key + [family == .v4 ? -10 : -20]).inserted { continue }
                    guard let matching = columns[family] else { continue }
                    var judge = WalkJudge(
                        walk: walk, direction: direction, subject: entry.1, ends: classes.map(\.1), family: family,
                        matching: matching)
                    judge.run(&world, useful: &isUseful, matches: &matchesSomething, subjects: &hasSubject)
                    if direction == .egress, family == families[0],
                        let missing = judge.missingDNS(dns.map { ($0.end, $0.transport, $0.port, $0.servicePort) })
                    {
                        for policy in policies.inOrder
                        where policy.egress?.isolates == true && policy.subject.matches(entry.1.labels) {
                            if withoutDNS[policy.reference] == nil {
                                withoutDNS[policy.reference] = (entry.0, missing.wrongPort)
                            }
                        }
                    }
                }
            }
        }
        for (index, rule) in planner.rules.enumerated() where hasSubject[index] && rule.action != .log {
            guard let policy = policies.policies[rule.reference.policy] else { continue }
            if !matchesSomething[index] {
                if let peers = rule.peers, !peers.isEmpty, rule.unenforceable.isEmpty, !isContradictory(rule) {
                    found.append(
                        PolicyLint.finding(
                            "POL-26", policy,
                            "\(rule.reference.path): its peers match nothing in this cluster at present",
                            at: rule.peers?.first?.place ?? rule.place, severity: .note,
                            because: nearMiss(rule).map { [$0] } ?? []))
                }
            } else if !isUseful[index], rule.unenforceable.isEmpty {
                let always = alwaysCovering(rule, policy)
                found.append(
                    PolicyLint.finding(
                        "POL-20", policy,
                        "\(rule.reference.path) changes nothing: what it \(rule.action.verb) is decided so without it",
                        at: rule.place,
                        because: always.map {
                            ["in every cluster: \($0.reference.path) of \($0.reference.policy) covers it"]
                        }
                            ?? ["in this cluster, by the other rules together"]))
            }
        }
        let dnsName =
            assumesDNS
            ? "the cluster's DNS (assumed to be kube-system, k8s-app=kube-dns, port 53)" : "the cluster's DNS"
        for (reference, missing) in withoutDNS {
            guard let policy = policies.policies[reference], !policy.isStaged else { continue }
            if let port = missing.wrongPort {
                found.append(
                    PolicyLint.finding(
                        "POL-14", policy,
                        "\(missing.0.name) may reach \(dnsName) on the service's port only; its pods listen on \(port)",
                        at: policy.subjectPlace, next: "allow port \(port) too"))
            } else {
                found.append(
                    PolicyLint.finding(
                        "POL-21", policy, "egress of \(missing.0.name) is closed and \(dnsName) with it",
                        at: policy.subjectPlace,
                        because: [
                            "names do not resolve for \(missing.0.members.count) pod\(missing.0.members.count == 1 ? "" : "s")"
                        ],
                        next: "allow UDP and TCP to the DNS pods"))
            }
        }
        return found
    }

    private func nearMiss(_ rule: PolicyRule) -> String? {
        for peer in rule.peers ?? [] {
            for case .pods(let expression) in peer.terms {
                let pods = cluster.pods.values.filter(\.isPolicyEndpoint)
                if let near = PolicyLint.nearMiss(expression, pods, in: cluster) { return near }
            }
        }
        return nil
    }

    private func isContradictory(_ rule: PolicyRule) -> Bool {
        (rule.peers ?? []).allSatisfy { peer in
            peer.terms.contains { term in
                if case .pods(let expression) = term, case .contradictory = expression.satisfiability {
                    true
                } else {
                    false
                }
            }
        }
    }

    /// One other rule that decides everything this one does, whatever the cluster.
    private func alwaysCovering(_ rule: PolicyRule, _ policy: Policy) -> PolicyRule? {
        guard rule.action == .allow, rule.nearEnd == nil else { return nil }
        for other in policies.inOrder where other.tier == policy.tier {
            guard policy.subject.implies(other.subject) == true else { continue }
            for candidate in other[rule.reference.direction]?.rules ?? []
            where candidate.reference != rule.reference && candidate.action == .allow && candidate.nearEnd == nil {
                guard candidate.traffic == nil || candidate.traffic == rule.traffic, covers(candidate.peers, rule.peers)
                else { continue }
                return candidate
            }
        }
        return nil
    }

    private func covers(_ wide: [Peer]?, _ narrow: [Peer]?) -> Bool {
        guard let wide else { return true }
        guard let narrow else { return false }
        return narrow.allSatisfy { peer in
            wide.contains { other in
                if other == peer { return true }
                guard case .pods(let question)? = other.terms.first, other.terms.count == 1 else { return false }
                return peer.terms.contains { term in
                    if case .pods(let inner) = term { inner.implies(question) == true } else { false }
                }
            }
        }
    }

    /// Where names are resolved: classes of DNS pods with the ports they listen on, and NodeLocal DNS.
    private func dnsEndpoints() -> [DNSEndpoint] {
        var found: Set<DNSEndpoint> = []
        for service in Self.dnsServices(cluster) {
            for (index, entry) in classes.enumerated() {
                guard case .pod(let pod) = entry.1.kind else { continue }
                let isEndpoint =
                    pod.addresses.contains(where: service.endpoints.contains)
                    || (service.endpoints.isEmpty && pod.id.namespace == service.id.namespace
                        && !service.selector.isEmpty
                        && service.selector.allSatisfy { pod.labels[$0.key] == $0.value })
                guard isEndpoint else { continue }
                for port in service.ports where port.transport == .udp {
                    var number: UInt16?
                    switch port.target {
                    case .number(let target): number = target
                    case .name(let name): number = pod.ports.first { $0.name == name && $0.transport == .udp }?.number
                    }
                    if let number {
                        found.insert(DNSEndpoint(end: index, transport: .udp, port: number, servicePort: port.number))
                    }
                }
            }
        }
        return Array(found)
    }
}

/// One walk judged for every far end: which rules match at all, and which make a difference.
private struct WalkJudge {
    let walk: ReachWalk
    let direction: Direction
    let subject: ReachEnd
    let ends: [ReachEnd]
    let family: IPFamily
    /// By rule number, then end.
    let matching: [[UInt8]]
    private var allowedTo: [Int: TrafficSet] = [:]

    init(
        walk: ReachWalk, direction: Direction, subject: ReachEnd, ends: [ReachEnd], family: IPFamily,
        matching: [[UInt8]]
    ) {
        self.walk = walk
        self.direction = direction
        self.subject = subject
        self.ends = ends
        self.family = family
        self.matching = matching
    }

    mutating func run(_ world: inout ReachWorld, useful: inout [Bool], matches: inout [Bool], subjects: inout [Bool]) {
        let rules = walk.tiers.flatMap(\.rules)
        for rule in rules { subjects[rule.number] = true }
        var known: [[UInt8]: TrafficSet] = [:]
        var traffic: [Int: (sure: TrafficSet, maybe: TrafficSet)] = [:]
        for rule in rules { traffic[rule.number] = world.traffic(rule.rule.traffic, to: subject, family) }
        let looksUp = direction == .egress && walk.looksUpPortNames
        for peer in ends.indices {
            let pattern = rules.map { matching[$0.number][peer] }
            if looksUp {
                for rule in rules { traffic[rule.number] = world.traffic(rule.rule.traffic, to: ends[peer], family) }
            } else if let set = known[pattern] {
                allowedTo[peer] = set
                continue
            }
            func allowed(without skipped: Int?) -> TrafficSet {
                walk.allowed(
                    certainty: { rule in
                        rule.number == skipped ? .no : Certainty(rawValue: matching[rule.number][peer]) ?? .no
                    }, traffic: { traffic[$0.number] ?? (.nothing, .everything) })
            }
            let whole = allowed(without: nil)
            known[pattern] = whole
            allowedTo[peer] = whole
            for (position, rule) in rules.enumerated() where pattern[position] != 0 {
                if traffic[rule.number]?.maybe.isEmpty ?? true { continue }
                matches[rule.number] = true
                if !useful[rule.number], allowed(without: rule.number) != whole { useful[rule.number] = true }
            }
        }
    }

    /// Nil when DNS can be reached, when nothing can be reached anyway, or when there is none.
    func missingDNS(
        _ endpoints: [(end: Int, transport: TransportProtocol, port: UInt16, servicePort: UInt16)]
    ) -> (found: Bool, wrongPort: UInt16?)? {
        if endpoints.isEmpty || allowedTo.values.allSatisfy(\.isEmpty) { return nil }
        if endpoints.contains(where: { allowedTo[$0.end]?.contains($0.transport, port: $0.port) ?? false }) {
            return nil
        }
        // NodeLocal DNS answers on a link-local address of every node.
        for (index, end) in ends.enumerated() where end.isExternal {
            if case .external(let address) = end.kind, address == IPAddress("169.254.20.10"),
                allowedTo[index]?.contains(.udp, port: 53) ?? false
            {
                return nil
            }
        }
        let wrong = endpoints.first { allowedTo[$0.end]?.contains($0.transport, port: $0.servicePort) ?? false }
        return (true, wrong?.port)
    }
}
