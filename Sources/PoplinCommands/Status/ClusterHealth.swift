import Addressing
import Agent
import Fabric
import Findings
import Foundation
import IPAMKubernetes
import KubernetesModel

/// How a cluster's pod network is, concluded from facts. Pure.
struct ClusterHealth: Sendable {
    struct Component: Sendable, Equatable {
        enum State: String, Sendable {
            case ok = "OK"
            case trouble = "errors"
            case absent = "not installed"
            /// Neither green nor red.
            case unknown
        }
        var name: String
        var state: State
        var text: String
    }

    struct NodeRow: Sendable, Equatable {
        var name: String
        var isReady: Bool
        /// What the agent says of its node; nil when no agent ever said anything.
        var hasNetwork: Bool?
        var backend: String
        var addresses: [String]
        var ranges: [String]
        /// Whether connections between pods are tracked, as the node's agent says it.
        var connections: String?
        /// Pods with an address of their own: of ours, and all.
        var managed: Int
        var pods: Int
    }

    struct Pool: Sendable, Equatable {
        var name: String
        var ranges: [String]
        var used: Int
        /// Nil for more than anybody counts.
        var size: Int?
        var blocks: Int?
    }

    /// Something wrong, with the object it is about.
    struct Problem: Sendable, Equatable {
        /// `Node node-2`, `Pod default/web-1`.
        var object: String
        var message: String
    }

    var server: String
    var version: String
    var components: [Component] = []
    var nodes: [NodeRow] = []
    var managedPods = 0
    var allPods = 0
    var hostPods = 0
    var addressMode: String
    var pools: [Pool] = []
    var errors: [Problem] = []
    var warnings: [Problem] = []
    var unknown: [ClusterFacts.Unknown]

    var isHealthy: Bool { errors.isEmpty && !isUndetermined }

    /// No error is known, and what everything stands on could not be looked at.
    var isUndetermined: Bool { errors.isEmpty && !["daemonsets.apps", "nodes", "pods"].allSatisfy(isKnown) }

    /// Whether a resource could be looked at.
    func isKnown(_ resource: String) -> Bool { !unknown.contains { $0.resource == resource } }

    /// Nodes that have connections between pods tracked, with the reason.
    var tracked: [Problem] {
        let start = "tracked, "
        let reasons = nodes.compactMap { node in
            node.connections.flatMap { $0.hasPrefix(start) ? (node.name, String($0.dropFirst(start.count))) : nil }
        }
        return Dictionary(grouping: reasons, by: \.1).sorted { ($0.value[0].0, $0.key) < ($1.value[0].0, $1.key) }
            .map { Problem(object: $0.value.map(\.0).joined(separator: ", "), message: $0.key) }
    }

    /// - Parameter now: events older than ten minutes are history.
    init(_ facts: ClusterFacts, now: Timestamp) {
        server = facts.server
        version = facts.version
        addressMode = facts.addressMode
        unknown = facts.unknown
        readComponents(facts)
        readConfiguration(facts)
        readNodes(facts)
        readAgentProblems(facts)
        readPools(facts)
        readWarnings(facts, now)
    }

    // MARK: Parts

    private mutating func readComponents(_ facts: ClusterFacts) {
        if facts.daemonSets.isEmpty, !isKnown("daemonsets.apps") {
            components.append(Component(name: "Agent", state: .unknown, text: "DaemonSets could not be looked at"))
        } else if facts.daemonSets.isEmpty {
            components.append(Component(name: "Agent", state: .absent, text: ""))
            errors.append(
                Problem(
                    object: "Namespace \(facts.agentNamespace)",
                    message: "there is no agent DaemonSet: apply the manifests in deploy/"))
        }
        for set in facts.daemonSets {
            let text =
                "\(set.key.name): \(set.desiredNumberScheduled) desired, \(set.numberReady) ready, "
                + "\(set.numberAvailable) available, \(set.updatedNumberScheduled) updated"
            let isWell =
                set.observedGeneration >= set.metadata.generation && set.numberReady == set.desiredNumberScheduled
                && set.updatedNumberScheduled == set.desiredNumberScheduled && set.desiredNumberScheduled > 0
            components.append(Component(name: "Agent", state: isWell ? .ok : .trouble, text: text))
            if !isWell, set.desiredNumberScheduled == 0 {
                errors.append(Problem(object: "DaemonSet \(set.key)", message: "no node is to run it"))
            } else if !isWell {
                errors.append(
                    Problem(
                        object: "DaemonSet \(set.key)",
                        message: "\(set.numberReady) of \(set.desiredNumberScheduled) pods are ready, "
                            + "\(set.updatedNumberScheduled) are of the current template"))
            }
        }
        for pod in facts.agentPods where !pod.isReady && !pod.isFinished {
            errors.append(Problem(object: "Pod \(pod.key)", message: Self.trouble(of: pod)))
        }
        if !facts.definitions.isEmpty {
            let served = facts.definitions.count(where: \.isEstablished)
            let isWell = served == facts.definitions.count
            components.append(
                Component(
                    name: "CRDs", state: isWell ? .ok : .trouble,
                    text: "\(served) of \(facts.definitions.count) established"))
            for definition in facts.definitions where !definition.isEstablished {
                errors.append(
                    Problem(object: "CustomResourceDefinition \(definition.name)", message: "is not established"))
            }
        }
    }

    /// Why a pod is not ready, in its containers' own words.
    private static func trouble(of pod: Pod) -> String {
        for status in pod.status.initContainers + pod.status.containers where !status.waitingReason.isEmpty {
            let text = status.waitingMessage.isEmpty ? "" : ": \(status.waitingMessage)"
            return "container \(status.name) waits, \(status.waitingReason)\(text)\(lastWords(status))"
        }
        if pod.spec.nodeName.isEmpty {
            return pod.status.conditions.first { $0.type == "PodScheduled" && !$0.isTrue }?.message ?? "has no node"
        }
        let place = "on node \(pod.spec.nodeName)"
        if let worst = pod.status.containers.max(by: { $0.restartCount < $1.restartCount }), worst.restartCount > 0 {
            return "is not ready \(place), \(worst.restartCount) restarts\(lastWords(worst)): kubectl -n "
                + "\(pod.metadata.namespace) logs \(pod.metadata.name) --previous"
        }
        return "is not ready \(place) (\(pod.status.phase.isEmpty ? "no status" : pod.status.phase))"
    }

    /// What the container wrote when it ended: an agent that cannot run says there why.
    private static func lastWords(_ status: Pod.ContainerStatus) -> String {
        let line = status.terminationMessage.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        return line.isEmpty ? "" : "; it ended with \"\(line)\""
    }

    /// What every agent would refuse, or trip over, with object and field.
    private mutating func readConfiguration(_ facts: ClusterFacts) {
        let object = "ConfigMap \(ClusterFacts.namespace)/poplin-config"
        errors += facts.configurationErrors.map { Problem(object: object, message: $0) }
        warnings += facts.configurationWarnings.map { Problem(object: object, message: $0) }
        let taken: [AddressConflicts.Claim] =
            facts.podNetworks.map {
                .init($0, .pods, at: "\(object): net-conf.json: \($0.family == .v4 ? "Network" : "IPv6Network")")
            }
            + (facts.addressMode == "kubernetes" ? [] : facts.pools)
            .flatMap { AddressConflicts.claims(ofPool: $0.metadata.name, $0.cidrs) }
        for (service, address) in facts.serviceAddresses {
            let claim = AddressConflicts.Claim(
                IPPrefix(containing: address, length: address.family.bitWidth), .services,
                at: "Service \(service): spec.clusterIP")
            guard let other = taken.first(where: { $0.range.overlaps(claim.range) }) else { continue }
            errors.append(
                Problem(
                    object: other.place,
                    message:
                        "\(other.range) holds \(address) of \(claim.place): pods and services need ranges that lie apart"
                ))
            // The others lie there for the same reason.
            return
        }
    }

    /// What agents say on their Nodes, once for all that say the same.
    private mutating func readAgentProblems(_ facts: ClusterFacts) {
        var names: [String: [String]] = [:]
        var messages: [String] = []
        for node in facts.nodes.sorted(by: { $0.key < $1.key }) {
            guard
                let problem = node.conditions.first(where: {
                    $0.type == NodeMarks.problemCondition && $0.status == "True"
                })
            else { continue }
            // Where it is seen is said once, before it.
            let message = problem.message.replacingOccurrences(of: " on node \(node.key.name)", with: "")
            if facts.configurationErrors.contains(message) { continue }
            if names[message] == nil { messages.append(message) }
            names[message, default: []].append(node.key.name)
        }
        for message in messages {
            let nodes = names[message] ?? []
            let most = 3
            let rest = nodes.count > most ? " and \(nodes.count - most) more" : ""
            let list = nodes.prefix(most).joined(separator: ", ") + rest
            errors.append(Problem(object: "\(nodes.count == 1 ? "Node" : "Nodes") \(list)", message: message))
        }
    }

    private mutating func readNodes(_ facts: ClusterFacts) {
        let pools = facts.pools.flatMap(\.cidrs)
        var backends: [String: [String]] = [:]
        for node in facts.nodes.sorted(by: { $0.key < $1.key }) {
            let fabric = FabricNode(node)
            let condition = node.conditions.first { $0.type == "NetworkUnavailable" }
            let hasNetwork = condition.map { $0.status == "False" }
            let mine = facts.pods.filter { $0.spec.nodeName == node.key.name && !$0.isFinished }
            let own = mine.filter { !$0.spec.hostNetwork }
            let managed = own.filter { pod in
                guard hasNetwork == true, let address = pod.status.podIPs.first else { return false }
                return (fabric.podCIDRs + pools).contains { $0.contains(address) }
            }
            managedPods += managed.count
            allPods += own.count
            hostPods += mine.count - own.count
            if let backend = fabric.backend { backends[backend.type, default: []].append(node.key.name) }
            nodes.append(
                NodeRow(
                    name: node.key.name, isReady: node.isReady, hasNetwork: hasNetwork,
                    backend: fabric.backend?.type ?? "", addresses: fabric.addresses.map(\.description),
                    ranges: fabric.podCIDRs.map(\.description), connections: fabric.podConnections,
                    managed: managed.count, pods: own.count))
            readTrouble(of: node, condition, fabric, facts)
        }
        allPods += facts.pods.count { $0.spec.nodeName.isEmpty && !$0.spec.hostNetwork && !$0.isFinished }
        if backends.count > 1 {
            let texts = backends.sorted { $0.key < $1.key }.map { "\($0.key) on \($0.value.joined(separator: ", "))" }
            errors.append(
                Problem(
                    object: "ConfigMap \(ClusterFacts.namespace)/poplin-config",
                    message: "nodes have different backends: \(texts.joined(separator: "; "))"))
        }
    }

    private mutating func readTrouble(
        of node: Node, _ network: Condition?, _ fabric: FabricNode, _ facts: ClusterFacts
    ) {
        let object = "Node \(node.key.name)"
        if !node.isReady {
            let ready = node.conditions.first { $0.type == "Ready" }
            let why = ready.map { [$0.reason, $0.message].filter { !$0.isEmpty }.joined(separator: ": ") } ?? ""
            errors.append(
                Problem(
                    object: object, message: "Ready is \(ready?.status ?? "not set")\(why.isEmpty ? "" : ", \(why)")"))
        }
        if let network, network.status != "False" {
            errors.append(
                Problem(
                    object: object,
                    message: "NetworkUnavailable is \(network.status), \(network.reason): \(network.message)"))
        } else if network == nil, !facts.daemonSets.isEmpty {
            errors.append(Problem(object: object, message: "no agent has set NetworkUnavailable to False here"))
        }
        if node.taints.contains(where: { $0.key == "node.poplin.dev/agent-not-ready" }) {
            errors.append(
                Problem(
                    object: object, message: "has the taint node.poplin.dev/agent-not-ready: its agent is not ready"))
        }
        if facts.addressMode == "kubernetes", fabric.podCIDRs.isEmpty {
            errors.append(
                Problem(
                    object: object,
                    message: "spec.podCIDRs is empty: nobody gives nodes their ranges (kube-controller-manager "
                        + "--allocate-node-cidrs --cluster-cidr)"))
        }
    }

    /// The first range of services or address of a node that a pool lies over, as agents say it.
    private static func conflict(of pool: IPPool, _ facts: ClusterFacts) -> String? {
        var unread: [String] = []
        let nodes = facts.nodes.map { FabricNode($0, problems: &unread) }
        return AddressConflicts.conflict(
            ofPool: pool.metadata.name, pool.cidrs, services: facts.serviceRanges, nodes: nodes)
    }

    private mutating func readPools(_ facts: ClusterFacts) {
        if facts.addressMode == "kubernetes" {
            let count = facts.pools.count + facts.unreadablePools.count
            if count > 0 {
                warnings.append(
                    Problem(
                        object: "",
                        message:
                            "\(counted(count, "IPPool")) present, not used: ipam.mode is kubernetes (poplin.json of ConfigMap "
                            + "poplin-config)"))
            }
            for row in nodes where !row.ranges.isEmpty {
                let prefixes = row.ranges.compactMap { IPPrefix($0) }
                pools.append(
                    Pool(
                        name: row.name, ranges: row.ranges, used: row.managed,
                        size: prefixes.first.flatMap(Self.capacity), blocks: nil))
            }
            return
        }
        let misplaced = Dictionary(
            facts.pools.compactMap { pool in Self.conflict(of: pool, facts).map { (pool.metadata.name, $0) } }
        ) { first, _ in first }
        let reading = PoolReading(pools: facts.pools, unreadable: facts.unreadablePools)
        for complaint in reading.complaints(misplaced: misplaced) {
            let problem = Problem(object: "", message: complaint.message)
            if complaint.consequence == .used {
                warnings.append(problem)
            } else if !errors.contains(where: { $0.message == complaint.message }) {
                // What an agent says already is said.
                errors.append(problem)
            }
        }
        for pool in reading.pools {
            let blocks = facts.blocks.filter { $0.pool == pool.metadata.name }
            let used = blocks.compactMap(\.status?.allocated).reduce(0, +)
            let sizes = pool.cidrs(.v4).isEmpty ? pool.cidrs : pool.cidrs(.v4)
            let size = sizes.reduce(Int?.some(0)) { sum, prefix in
                sum.flatMap { sum in Self.capacity(prefix).map { sum + $0 } }
            }
            pools.append(
                Pool(
                    name: pool.metadata.name, ranges: pool.cidrs.map(\.description), used: used, size: size,
                    blocks: blocks.count))
            if let size, used >= size {
                errors.append(
                    Problem(object: "IPPool \(pool.metadata.name)", message: "all \(size) addresses are in use"))
            } else if let size, used * 10 >= size * 8 {
                warnings.append(
                    Problem(
                        object: "IPPool \(pool.metadata.name)", message: "\(used) of \(size) addresses are in use"))
            }
        }
    }

    /// Addresses of a range; of more than a million nobody counts them.
    private static func capacity(_ prefix: IPPrefix) -> Int? {
        let bits = prefix.family.bitWidth - prefix.length
        return bits > 20 ? nil : 1 << bits
    }

    private mutating func readWarnings(_ facts: ClusterFacts, _ now: Timestamp) {
        func unenforced(_ count: Int, _ kind: String) {
            let plural = kind.hasSuffix("y") ? "\(kind.dropLast())ies" : kind + "s"
            warnings.append(
                Problem(
                    object: "", message: "\(count) \(count == 1 ? kind : plural) present, not enforced by this version")
            )
        }
        if facts.networkPolicies > 0 { unenforced(facts.networkPolicies, "NetworkPolicy") }
        for (kind, count) in facts.otherPolicies { unenforced(count, kind) }
        if facts.services > 0, !facts.hasServiceProxy {
            let words =
                facts.services == 1
                ? "1 Service with a cluster address" : "\(facts.services) Services with cluster addresses"
            warnings.append(
                Problem(object: "", message: "\(words), not served by this version, and no kube-proxy is there"))
        }
        // The newest of each object: what a kubelet says again and again is said once here.
        let recent = facts.warnings.filter { event in
            guard
                ["FailedCreatePodSandBox", "NetworkNotReady", "IPAMExhausted", "FailedKillPod"].contains(event.reason)
            else { return false }
            let time = event.lastTimestamp ?? event.eventTime?.timestamp ?? event.metadata.creationTimestamp
            return time.map { now.seconds - $0.seconds < 600 } ?? false
        }
        var seen: Set<String> = []
        let alive = Set(facts.pods.filter { !$0.isReady }.map(\.key))
        for event in recent.reversed() {
            let reference = event.involvedObject
            let key = ObjectKey(namespace: reference.namespace, name: reference.name)
            guard reference.kind != "Pod" || alive.contains(key) else { continue }
            let object = "\(reference.kind) \(key)"
            if seen.insert(object).inserted {
                errors.append(Problem(object: object, message: "\(event.reason): \(event.message)"))
            }
        }
        let refused = unknown.filter(\.isRefused)
        if let first = refused.first {
            // `... is forbidden: User "jane" cannot list ...`
            let user = first.reason.firstMatch(of: /User "([^"]+)"/).map { " to \($0.1)" } ?? ""
            warnings.append(
                Problem(
                    object: "",
                    message: "not looked at, refused\(user): \(refused.map(\.resource).joined(separator: ", "))"))
        }
        for item in unknown where !item.isRefused {
            warnings.append(Problem(object: "", message: "not looked at: \(item.resource): \(item.reason)"))
        }
    }
}
