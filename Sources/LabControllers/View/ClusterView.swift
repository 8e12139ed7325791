import Addressing
import JSONTree
import KubernetesModel

/// A resource that the controllers follow.
public enum Watched: String, CaseIterable, Sendable {
    case pods, nodes, leases, replicaSets, deployments, daemonSets, statefulSets, jobs, revisions, services, slices
    case endpoints

    public var resource: GroupVersionResource {
        switch self {
        case .pods: Pod.resource
        case .nodes: Node.resource
        case .leases: Lease.resource
        case .replicaSets: GroupVersionResource(group: "apps", version: "v1", resource: "replicasets")
        case .deployments: GroupVersionResource(group: "apps", version: "v1", resource: "deployments")
        case .daemonSets: DaemonSet.resource
        case .statefulSets: GroupVersionResource(group: "apps", version: "v1", resource: "statefulsets")
        case .jobs: GroupVersionResource(group: "batch", version: "v1", resource: "jobs")
        case .revisions: GroupVersionResource(group: "apps", version: "v1", resource: "controllerrevisions")
        case .services: Service.resource
        case .slices: EndpointSlice.resource
        case .endpoints: Endpoints.resource
        }
    }

    public var kind: GroupVersionKind {
        switch self {
        case .pods: Pod.gvk
        case .nodes: Node.gvk
        case .leases: Lease.gvk
        case .replicaSets: GroupVersionKind(group: "apps", version: "v1", kind: "ReplicaSet")
        case .deployments: GroupVersionKind(group: "apps", version: "v1", kind: "Deployment")
        case .daemonSets: DaemonSet.gvk
        case .statefulSets: GroupVersionKind(group: "apps", version: "v1", kind: "StatefulSet")
        case .jobs: GroupVersionKind(group: "batch", version: "v1", kind: "Job")
        case .revisions: GroupVersionKind(group: "apps", version: "v1", kind: "ControllerRevision")
        case .services: Service.gvk
        case .slices: EndpointSlice.gvk
        case .endpoints: Endpoints.gvk
        }
    }

    /// Leases are followed only where kubelets keep theirs.
    public var namespace: String? { self == .leases ? ClusterView.leaseNamespace : nil }

    /// The controller of the kind, where pods can name one as their owner.
    var controller: Controller? {
        switch self {
        case .replicaSets: .replicaSet
        case .deployments: .deployment
        case .daemonSets: .daemonSet
        case .statefulSets: .statefulSet
        case .jobs: .job
        default: nil
        }
    }

    static func of(owner: OwnerReference) -> Watched? {
        allCases.first { $0.kind.kind == owner.kind && $0.kind.apiVersion == owner.apiVersion }
    }
}

/// An object of a followed resource.
public enum WatchedRecord: Sendable {
    case pod(PodRecord)
    case node(NodeRecord)
    case lease(LeaseRecord)
    case service(ServiceRecord)
    case plain(PlainRecord)

    public init(_ resource: Watched, decoding node: JSONNode) throws(FieldError) {
        switch resource {
        case .pods: self = .pod(try PodRecord(decoding: node))
        case .nodes: self = .node(try NodeRecord(decoding: node))
        case .leases: self = .lease(try LeaseRecord(decoding: node))
        case .services: self = .service(try ServiceRecord(decoding: node))
        case .replicaSets, .deployments, .daemonSets, .statefulSets, .jobs:
            self = .plain(try PlainRecord(decoding: node, readsSelector: true))
        case .revisions, .slices, .endpoints: self = .plain(try PlainRecord(decoding: node))
        }
    }

    public var meta: ObjectMeta {
        switch self {
        case .pod(let record): record.meta
        case .node(let record): record.meta
        case .lease(let record): record.meta
        case .service(let record): record.meta
        case .plain(let record): record.meta
        }
    }
}

/// The cluster as the controllers know it: everything they follow, each object in its last known state. It may be behind
/// the server, and one resource further than another.
public struct ClusterView: Sendable {
    static let leaseNamespace = "kube-node-lease"

    public private(set) var pods = ObjectTable<PodRecord>()
    public private(set) var nodes = ObjectTable<NodeRecord>()
    public private(set) var leases = ObjectTable<LeaseRecord>()
    public private(set) var replicaSets = ObjectTable<PlainRecord>()
    public private(set) var deployments = ObjectTable<PlainRecord>()
    public private(set) var daemonSets = ObjectTable<PlainRecord>()
    public private(set) var statefulSets = ObjectTable<PlainRecord>()
    public private(set) var jobs = ObjectTable<PlainRecord>()
    public private(set) var revisions = ObjectTable<PlainRecord>()
    public private(set) var services = ObjectTable<ServiceRecord>()
    public private(set) var slices = ObjectTable<PlainRecord>()
    public private(set) var endpoints = ObjectTable<PlainRecord>()

    /// When each node was last seen to be alive, by our own clock: theirs may be wrong.
    private(set) var lastSigns: [String: Duration] = [:]
    /// When nodes that pods still name went away.
    private(set) var lostNodes: [String: Duration] = [:]
    /// Since when each node has each of its NoExecute taints.
    private var taintTimes: [String: [String: Duration]] = [:]
    /// Ranges of nodes that are gone, the longest free first: they are given again last.
    private(set) var freedRanges: [IPPrefix] = []
    /// Uids of what was seen to go, so that nobody waits for it to come.
    private var deleted: Set<String> = []
    private var deletedOrder: [String] = []
    private var podsOfNode: [String: Set<ObjectKey>] = [:]
    private var waiting: Set<ObjectKey> = []

    public init() {}

    /// Pods that want a node, in the order of keys.
    var unscheduled: [PodRecord] { waiting.sorted().compactMap { pods[$0] } }

    func pods(on node: String) -> [PodRecord] { (podsOfNode[node] ?? []).sorted().compactMap { pods[$0] } }

    func taintSince(_ node: String, _ taint: String) -> Duration { taintTimes[node]?[taint] ?? .zero }

    func wasDeleted(uid: String) -> Bool { deleted.contains(uid) }

    public func meta(_ resource: Watched, _ key: ObjectKey) -> ObjectMeta? {
        switch resource {
        case .pods: pods[key]?.meta
        case .nodes: nodes[key]?.meta
        case .leases: leases[key]?.meta
        case .services: services[key]?.meta
        case .replicaSets: replicaSets[key]?.meta
        case .deployments: deployments[key]?.meta
        case .daemonSets: daemonSets[key]?.meta
        case .statefulSets: statefulSets[key]?.meta
        case .jobs: jobs[key]?.meta
        case .revisions: revisions[key]?.meta
        case .slices: slices[key]?.meta
        case .endpoints: endpoints[key]?.meta
        }
    }

    func workloads(_ resource: Watched) -> ObjectTable<PlainRecord>? {
        switch resource {
        case .replicaSets: replicaSets
        case .deployments: deployments
        case .daemonSets: daemonSets
        case .statefulSets: statefulSets
        case .jobs: jobs
        default: nil
        }
    }

    /// Every node is heard of now: after a time in which nobody could have been.
    mutating func forgiveSilence(at elapsed: Duration) { lastSigns = lastSigns.mapValues { _ in elapsed } }
}

// MARK: - Changing

extension ClusterView {
    /// Takes in that an object is now like this, or gone.
    /// - Parameter elapsed: when, on a monotonic clock.
    /// - Returns: what has to be looked at because of it.
    public mutating func apply(
        _ resource: Watched, _ key: ObjectKey, _ record: WatchedRecord?, at elapsed: Duration = .zero
    ) -> Set<WorkKey> {
        if let old = meta(resource, key), old.uid != record?.meta.uid { remember(deleted: old.uid) }
        switch (resource, record) {
        case (.pods, .pod(let pod)): return take(pod: pod, key)
        case (.pods, _): return take(pod: nil, key)
        case (.nodes, .node(let node)): return take(node: node, key, elapsed)
        case (.nodes, _): return take(node: nil, key, elapsed)
        case (.leases, .lease(let lease)): return take(lease: lease, key, elapsed)
        case (.leases, _): return take(lease: nil, key, elapsed)
        case (.services, .service(let service)):
            _ = services.set(key, service)
            return [WorkKey(.endpoints, key)]
        case (.services, _):
            _ = services.set(key, nil)
            return [WorkKey(.endpoints, key)]
        case (_, .plain(let plain)): return take(resource, plain, key)
        default: return take(resource, nil, key)
        }
    }

    private mutating func remember(deleted uid: String) {
        guard !uid.isEmpty, deleted.insert(uid).inserted else { return }
        deletedOrder.append(uid)
        if deletedOrder.count > 8192 {
            for old in deletedOrder.prefix(4096) { deleted.remove(old) }
            deletedOrder.removeFirst(4096)
        }
    }

    private mutating func take(pod: PodRecord?, _ key: ObjectKey) -> Set<WorkKey> {
        let old = pods.set(key, pod)
        if let name = old?.nodeName, name != pod?.nodeName {
            podsOfNode[name]?.remove(key)
            if podsOfNode[name]?.isEmpty == true { podsOfNode[name] = nil }
        }
        if let pod, !pod.nodeName.isEmpty { podsOfNode[pod.nodeName, default: []].insert(key) }
        if let pod, pod.nodeName.isEmpty, pod.isActive { waiting.insert(key) } else { waiting.remove(key) }

        var keys: Set<WorkKey> = [WorkKey(.podCollector, key), WorkKey(.eviction, key)]
        // A pod that came, went or changed may make room for one that waits.
        if !waiting.isEmpty { keys.insert(WorkKey(.scheduler)) }
        for state in [old, pod] {
            guard let state else { continue }
            keys.formUnion(owners(of: state))
            for service in services.inNamespace(key.namespace) where service.selects(state) {
                keys.insert(WorkKey(.endpoints, service.meta.key))
            }
        }
        return keys
    }

    /// Whose pod it is; of a pod nobody owns, whose it could become.
    private func owners(of pod: PodRecord) -> [WorkKey] {
        let namespace = pod.meta.namespace
        if let owner = pod.meta.controller {
            guard let controller = Watched.of(owner: owner)?.controller else { return [] }
            return [WorkKey(controller, ObjectKey(namespace: namespace, name: owner.name))]
        }
        var keys: [WorkKey] = []
        for resource in [Watched.replicaSets, .daemonSets, .statefulSets, .jobs] {
            guard let controller = resource.controller else { continue }
            for workload in workloads(resource)?.inNamespace(namespace) ?? []
            where workload.selector.map({ !$0.isEverything && $0.matches(pod.meta.labels) }) ?? false {
                keys.append(WorkKey(controller, workload.meta.key))
            }
        }
        return keys
    }

    private mutating func take(node: NodeRecord?, _ key: ObjectKey, _ elapsed: Duration) -> Set<WorkKey> {
        let old = nodes.set(key, node)
        var keys: Set<WorkKey> = [WorkKey(.nodeLifecycle, key), WorkKey(.nodeRange)]
        if !waiting.isEmpty { keys.insert(WorkKey(.scheduler)) }
        if let node {
            lostNodes[key.name] = nil
            freedRanges.removeAll { node.facts.podCIDRs.contains($0) }
            if old?.meta.uid != node.meta.uid || old?.heartbeat != node.heartbeat { lastSigns[key.name] = elapsed }
            let before = taintTimes[key.name] ?? [:]
            let taints = node.taints.filter { $0.effect == "NoExecute" }.map(\.key)
            taintTimes[key.name] =
                taints.isEmpty ? nil : Dictionary(taints.map { ($0, before[$0] ?? elapsed) }) { $1 }
        } else {
            taintTimes[key.name] = nil
            lastSigns[key.name] = nil
            lostNodes[key.name] = elapsed
            freedRanges += old?.facts.podCIDRs ?? []
        }
        let isFitChanged =
            old?.taints != node?.taints || old?.meta.labels != node?.meta.labels
            || old?.facts.isUnschedulable != node?.facts.isUnschedulable
        if isFitChanged || old == nil || node == nil {
            for set in daemonSets.records.keys { keys.insert(WorkKey(.daemonSet, set)) }
            for pod in podsOfNode[key.name] ?? [] {
                keys.formUnion([WorkKey(.eviction, pod), WorkKey(.podCollector, pod)])
            }
        }
        // Whether all nodes are lost is a question about all of them.
        if old?.ready?.status != node?.ready?.status {
            for other in nodes.records.keys { keys.insert(WorkKey(.nodeLifecycle, other)) }
        }
        return keys
    }

    private mutating func take(lease: LeaseRecord?, _ key: ObjectKey, _ elapsed: Duration) -> Set<WorkKey> {
        let old = leases.set(key, lease)
        if let lease, lease.renewTime != old?.renewTime { lastSigns[key.name] = elapsed }
        return [WorkKey(.nodeLifecycle, ObjectKey(name: key.name))]
    }

    private mutating func take(_ resource: Watched, _ record: PlainRecord?, _ key: ObjectKey) -> Set<WorkKey> {
        let old: PlainRecord?
        switch resource {
        case .replicaSets: old = replicaSets.set(key, record)
        case .deployments: old = deployments.set(key, record)
        case .daemonSets: old = daemonSets.set(key, record)
        case .statefulSets: old = statefulSets.set(key, record)
        case .jobs: old = jobs.set(key, record)
        case .revisions: old = revisions.set(key, record)
        case .slices: old = slices.set(key, record)
        case .endpoints: old = endpoints.set(key, record)
        case .pods, .nodes, .leases, .services: return []
        }
        var keys: Set<WorkKey> = []
        if let controller = resource.controller { keys.insert(WorkKey(controller, key)) }
        for state in [old, record] {
            guard let state else { continue }
            switch resource {
            case .slices:
                if let service = state.meta.labels[EndpointSlice.serviceLabel] {
                    keys.insert(WorkKey(.endpoints, ObjectKey(namespace: key.namespace, name: service)))
                }
            case .endpoints: keys.insert(WorkKey(.endpoints, key))
            case .replicaSets, .revisions:
                if let owner = state.meta.controller {
                    guard let controller = Watched.of(owner: owner)?.controller else { continue }
                    keys.insert(WorkKey(controller, ObjectKey(namespace: key.namespace, name: owner.name)))
                } else if resource == .replicaSets {
                    for deployment in deployments.inNamespace(key.namespace)
                    where deployment.selector?.matches(state.meta.labels) ?? false {
                        keys.insert(WorkKey(.deployment, deployment.meta.key))
                    }
                }
            default: break
            }
        }
        return keys
    }
}
