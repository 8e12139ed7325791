import Addressing
import JSONTree
import KubernetesModel
import Testing

@testable import Policy

/// Any state to any state: only where the cluster is counts, not how it came there.
@Suite struct StateWalkTests {
    /// A cluster with its policies, by name.
    struct State: Sendable, CustomStringConvertible {
        var description: String
        var cluster = Cluster()
        var policies = PolicySet()

        init(
            _ name: String, _ base: State? = nil, _ change: (inout Cluster) -> Void = { _ in },
            manifests: [String] = []
        )
            throws
        {
            description = name
            cluster = base?.cluster ?? Cluster()
            change(&cluster)
            let input = try KubernetesAgreementTests.read(
                manifests.map { JSONValue(try JSONTree(parsing: $0).root) }
            ).finish()
            policies = PolicySet(
                Array((base?.policies ?? PolicySet()).policies.values) + Array(input.policies.policies.values),
                tiers: Array((base?.policies ?? PolicySet()).tiers.values) + Array(input.policies.tiers.values))
            for set in input.cluster.networkSets.values { cluster.update(set) }
        }
    }

    static let states: [State] = {
        do { return try makeStates() } catch { return [] }
    }()

    private static func makeStates() throws -> [State] {
        func pod(_ namespace: String, _ name: String) -> PodName { PodName(namespace: namespace, name: name) }
        let empty = try State("empty")
        let world = try State("pods without policies", nil, { $0 = DialectWorld.cluster })
        let denied = try State("everything denied", world, manifests: deny)
        let web = try State("the web is open to the front", denied, manifests: openings)
        let relabelled = try State(
            "a namespace changes its team", web,
            { $0.update(ClusterNamespace(name: "shop", labels: ["team": "blue", "env": "prod"])) })
        let moved = try State(
            "pods gone, relabelled, finished and moved", web,
            { cluster in
                cluster.removePod(pod("shop", "p1"))
                for (id, change) in [("p0", 0), ("p2", 1), ("p3", 2), ("p4", 3)] {
                    guard var one = cluster.pods[pod("shop", id)] else { continue }
                    switch change {
                    case 0: one.labels = ["app": "web", "tier": "front"]
                    case 1: one.isFinished = true
                    case 2: one.ports = [ContainerPort(name: "http", number: 9999)]
                    default: one.node = "node-0"
                    }
                    cluster.update(one)
                }
            })
        let ordered = try State("cluster policies above and below", web, manifests: cluster)
        let calico = try State("Calico's near ends and network sets", world, manifests: calico)
        let cilium = try State("Cilium's denials and entities", web, manifests: cilium)
        return [empty, world, denied, web, relabelled, moved, ordered, calico, cilium]
    }

    private static let deny = ["shop", "pay", "ops"].map { namespace in
        """
        {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
         "metadata": {"name": "deny", "namespace": "\(namespace)"},
         "spec": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}}
        """
    }

    private static let openings = [
        """
        {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "web", "namespace": "shop"},
         "spec": {"podSelector": {"matchLabels": {"app": "web"}}, "ingress": [
           {"from": [{"namespaceSelector": {}, "podSelector": {"matchLabels": {"tier": "front"}}}],
            "ports": [{"port": "http"}]}]}}
        """,
        """
        {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "out", "namespace": "shop"},
         "spec": {"podSelector": {}, "egress": [
           {"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["10.0.1.0/24"]}}]},
           {"ports": [{"port": "dns", "protocol": "UDP"}]}]}}
        """,
    ]

    private static let cluster = [
        """
        {"apiVersion": "policy.networking.k8s.io/v1alpha1", "kind": "AdminNetworkPolicy", "metadata": {"name": "guard"},
         "spec": {"priority": 5, "subject": {"namespaces": {"matchLabels": {"team": "red"}}},
          "ingress": [
           {"action": "Deny", "from": [{"namespaces": {"matchLabels": {"team": "blue"}}}],
            "ports": [{"portNumber": {"protocol": "TCP", "port": 80}}]},
           {"action": "Pass", "from": [{"namespaces": {}}]}],
          "egress": [{"action": "Allow", "to": [
            {"nodes": {"matchLabels": {"zone": "z1"}}}, {"networks": ["203.0.113.0/24"]}]}]}}
        """,
        """
        {"apiVersion": "policy.networking.k8s.io/v1alpha1", "kind": "BaselineAdminNetworkPolicy",
         "metadata": {"name": "default"}, "spec": {"subject": {"namespaces": {}},
          "ingress": [{"action": "Deny", "from": [{"namespaces": {}}]}]}}
        """,
    ]

    private static let calico = [
        """
        {"apiVersion": "projectcalico.org/v3", "kind": "GlobalNetworkPolicy", "metadata": {"name": "lan"},
         "spec": {"order": 10, "selector": "app == 'web' || role == 'lan'", "types": ["Ingress", "Egress"],
          "ingress": [
           {"action": "Allow", "protocol": "TCP", "source": {"selector": "role in {'office', 'lan'}"},
            "destination": {"nets": ["10.0.0.0/24"], "ports": ["http", 53]}},
           {"action": "Deny", "source": {"notNets": ["10.0.0.0/8"]}},
           {"action": "Pass"}],
          "egress": [{"action": "Allow", "destination": {"selector": "app == 'db'", "notNets": ["10.0.1.0/24"]}}]}}
        """
    ]

    private static let cilium = [
        """
        {"apiVersion": "cilium.io/v2", "kind": "CiliumClusterwideNetworkPolicy", "metadata": {"name": "edge"},
         "spec": {"endpointSelector": {"matchLabels": {"app": "web"}},
          "ingress": [{"fromEntities": ["cluster"]}], "ingressDeny": [{"fromEntities": ["remote-node"]}],
          "egress": [{"toCIDR": ["203.0.113.0/24"]},
           {"toEndpoints": [{"matchLabels": {"app": "db"}}], "toPorts": [{"ports": [{"port": "http"}]}]}]}}
        """
    ]

    @Test func allStatesAreThere() { #expect(Self.states.count == 9) }

    @Test(arguments: 0..<9) func fromOneToEveryOther(_ index: Int) throws {
        var random = SeededRandom(seed: UInt64(index))
        let start = try #require(Self.states.indices.contains(index) ? Self.states[index] : nil)
        for end in Self.states {
            var mirror = Mirror(PolicyCompiler(cluster: start.cluster, policies: start.policies, scope: .everywhere))
            var changes = Self.changes(from: start, to: end)
            changes.shuffle(using: &random)
            for change in changes { mirror.apply(change) }
            let fresh = PolicyCompiler(cluster: end.cluster, policies: end.policies, scope: .everywhere)
            #expect(mirror.compiler.canonical == fresh.canonical, "\(start) to \(end)")
            #expect(mirror.isFaithful, "\(start) to \(end): the deltas do not add up")
            #expect(mirror.compiler.digest == fresh.digest, "\(start) to \(end)")
            // A resync tells everything again, and nothing is written.
            let again = mirror.compiler.apply(Self.changes(from: State.nothing, to: end))
            #expect(again.isEmpty, "\(end): a resync wrote \(again)")
        }
    }

    @Test(arguments: 0..<6) func randomWalks(_ seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed) + 400)
        var kubernetes = KubernetesGenerator(seed: UInt64(seed) + 800)
        var dialects = DialectGenerator(seed: UInt64(seed) + 900)
        let scope: PolicyCompiler.Scope = seed % 2 == 0 ? .everywhere : .node("node-0")
        var mirror = Mirror(PolicyCompiler(cluster: DialectWorld.cluster, policies: PolicySet(), scope: scope))
        let steps = KubernetesAgreementTests.isSoak ? 3_000 : 80
        for step in 0..<steps {
            var changes: [EngineChange] = []
            switch Int.random(in: 0..<8, using: &random) {
            case 0, 1, 2:
                let manifests =
                    [kubernetes.policies(), dialects.ciliumPolicies(), dialects.calicoPolicies()]
                    .randomElement(using: &random) ?? []
                let read = try KubernetesAgreementTests.read(manifests).finish()
                changes += read.policies.policies.values.map { .policy($0) }
                changes += read.policies.tiers.values.map { .tier($0) }
            case 3:
                let known = mirror.compiler.engine.policies.policies.keys.sorted()
                for reference in known.shuffled(using: &random).prefix(2) { changes.append(.policyRemoved(reference)) }
            case 4:
                guard let name = mirror.compiler.engine.cluster.pods.keys.sorted().randomElement(using: &random) else {
                    continue
                }
                changes.append(.podRemoved(name))
            case 5:
                changes.append(
                    .namespace(
                        ClusterNamespace(
                            name: ["shop", "pay", "ops"].randomElement(using: &random) ?? "shop",
                            labels: [[:], ["team": "red"], ["team": "blue", "env": "prod"]].randomElement(
                                using: &random) ?? [:])))
            case 6:
                changes.append(
                    .networkSet(
                        NetworkSet(
                            id: NetworkSetName(name: "office"),
                            labels: ["role": ["office", "lan"].randomElement(using: &random) ?? ""],
                            prefixes: [["203.0.113.0/24"], ["10.0.0.0/25", "fd00:b::/48"]].randomElement(using: &random)
                                .map { $0.compactMap { IPPrefix($0) } } ?? [])))
            default:
                guard var pod = DialectWorld.pods.randomElement(using: &random) else { continue }
                pod.labels = DialectWorld.pods.randomElement(using: &random)?.labels ?? [:]
                pod.isFinished = Int.random(in: 0..<6, using: &random) == 0
                pod.isOnHostNetwork = Int.random(in: 0..<8, using: &random) == 0
                pod.node = ["node-0", "node-1", ""].randomElement(using: &random) ?? ""
                changes.append(.pod(pod))
            }
            for change in changes { mirror.apply(change) }
            guard step % 4 == 0 else { continue }
            let engine = mirror.compiler.engine
            let fresh = PolicyCompiler(cluster: engine.cluster, policies: engine.policies, scope: scope)
            let same = mirror.compiler.canonical == fresh.canonical
            #expect(same, "step \(step) of walk \(seed)")
            #expect(mirror.isFaithful, "step \(step) of walk \(seed): the deltas do not add up")
            if !same { return }
        }
    }

    static func changes(from start: State, to end: State) -> [EngineChange] {
        var result: [EngineChange] = []
        result += start.cluster.pods.keys.filter { end.cluster.pods[$0] == nil }.map { .podRemoved($0) }
        result += start.cluster.namespaces.keys.filter { end.cluster.namespaces[$0] == nil }.map {
            .namespaceRemoved($0)
        }
        result += start.cluster.nodes.keys.filter { end.cluster.nodes[$0] == nil }.map { .nodeRemoved($0) }
        result += start.cluster.networkSets.keys.filter { end.cluster.networkSets[$0] == nil }.map {
            .networkSetRemoved($0)
        }
        result += start.cluster.serviceAccounts.keys.filter { end.cluster.serviceAccounts[$0] == nil }
            .map { .serviceAccountRemoved($0) }
        result += start.policies.policies.keys.filter { end.policies.policies[$0] == nil }.map { .policyRemoved($0) }
        result += end.cluster.pods.values.map { .pod($0) }
        result += end.cluster.namespaces.values.map { .namespace($0) }
        result += end.cluster.nodes.values.map { .node($0) }
        result += end.cluster.networkSets.values.map { .networkSet($0) }
        result += end.cluster.serviceAccounts.values.map { .serviceAccount($0) }
        result += end.policies.tiers.values.map { .tier($0) }
        result += end.policies.policies.values.map { .policy($0) }
        return result
    }
}

extension StateWalkTests.State {
    static let nothing = StateWalkTests.State()
    private init() { description = "nothing" }
}

/// A datapath that writes what it is told and nothing else.
private struct Mirror {
    var compiler: PolicyCompiler
    var lines: [Int32: Set<DatapathEntry>] = [:]

    init(_ compiler: PolicyCompiler) {
        self.compiler = compiler
        for (id, record) in compiler.programs { lines[id] = Set(record.program.entries) }
    }

    mutating func apply(_ change: EngineChange) {
        let delta = compiler.apply(change)
        for id in delta.released { lines[id] = nil }
        for (id, entries) in delta.removed { lines[id, default: []].subtract(entries) }
        for (id, entries) in delta.added { lines[id, default: []].formUnion(entries) }
    }

    var isFaithful: Bool {
        compiler.programs.allSatisfy { Set($0.value.program.entries) == lines[$0.key] ?? [] }
    }
}

extension PolicyCompiler {
    /// What is compiled, without the numbers that depend on the order of events.
    var canonical: [PodName: Set<String>] {
        var result: [PodName: Set<String>] = [:]
        for name in engine.cluster.pods.keys {
            guard let program = program(of: name) else { continue }
            var lines = Set(program.entries.map { canonical($0) })
            lines.insert("\(program.shape)")
            result[name] = lines
        }
        return result
    }

    private func canonical(_ line: DatapathEntry) -> String {
        let identity = line.peer.identity.map { id in
            let key = engine.classes[Int(id)].key
            return
                "\(key.subject) \(key.namespace) \(key.own.sorted { $0.key < $1.key }) \(key.serviceAccount) \(key.ports)"
        }
        return
            "\(line.direction) \(line.tier) \(line.peer.kind) \(identity ?? "-") \(line.prefix.map(\.description) ?? "-") \(line.entry)"
    }
}
