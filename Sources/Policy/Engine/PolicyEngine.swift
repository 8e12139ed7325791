import Addressing

/// The state of a cluster and all its policies, kept ready for verdicts and changed one object at a time.
///
/// Pods are not looked at one by one: pods of one namespace with the same labels, service account and port names are
/// one *class*, each distinct selector is one number with the set of classes it matches, and classes that the same
/// policies select share one ``RuleSet``. A change touches only the selectors that are filed under a label the change
/// is about.
///
/// A plain value without I/O. ``verdict(_:)`` asks what happens to a flow, ``walk(_:)`` asks why.
public struct PolicyEngine: Sendable {
    public internal(set) var cluster = Cluster()
    public internal(set) var policies = PolicySet()

    // Ends, by number.
    var podIDs = PodIndex()
    /// By the number of ``podIDs``.
    var pods: [PodEntry] = []
    var nodeIDs: [String: Int32] = [:]
    var nodes: [NodeEntry] = []
    var owners: [IPAddress: [EndOwner]] = [:]

    // Classes of ends.
    var classIDs: [ClassKey: Int32] = [:]
    var classes: [EndClass] = []
    var freeClasses: [Int32] = []
    var classesByBucket: [Bucket: [Int32]] = [:]
    var namespaceIDs: [String: Int32] = [:]
    var pairIDs: [LabelPair: Int32] = [:]

    // Selectors.
    var selectorIDs: [SelectorKey: Int32] = [:]
    var selectors: [SelectorEntry] = []
    var freeSelectors: [Int32] = []
    var selectorsByBucket: [Bucket: [Int32]] = [:]

    // Sets of addresses.
    var atomIDs: [AtomSource: Int32] = [:]
    var atoms: [AtomEntry] = []
    var freeAtoms: [Int32] = []

    // Names of ports.
    var portNameIDs: [String: Int32] = [:]
    var portNames: [String] = []
    /// For each name: protocol * 65536 + number, with the number of classes that have it.
    var namedPorts: [Int32: [UInt32: Int]] = [:]
    /// Classes that have a port of the name.
    var classesByPort: [Int32: Set<Int32>] = [:]

    // Policies. A changed policy gets a new number, so that a number always means the same rules.
    var policyIDs: [PolicyReference: Int32] = [:]
    var entries: [Int32: PolicyEntry] = [:]
    var nextPolicyID: Int32 = 0
    var ruleSets: [[Int32]: SharedRuleSet] = [:]

    /// Classes whose policies changed since the last ``settle()``.
    var dirtyClasses: Set<Int32> = []
    /// What happened since the compiler last looked; nil when nobody listens.
    var journal: EngineJournal?

    public init() {}

    public init(cluster: Cluster, policies: PolicySet) {
        var changes: [EngineChange] = []
        changes += policies.tiers.values.map { .tier($0) }
        changes += cluster.namespaces.values.map { .namespace($0) }
        changes += cluster.serviceAccounts.values.map { .serviceAccount($0) }
        changes += cluster.nodes.values.map { .node($0) }
        changes += cluster.services.values.map { .service($0) }
        changes += cluster.networkSets.values.map { .networkSet($0) }
        changes += cluster.pods.values.map { .pod($0) }
        changes += policies.policies.values.map { .policy($0) }
        apply(changes)
    }
}

/// One object added, changed or removed.
public enum EngineChange: Sendable {
    case pod(ClusterPod)
    case podRemoved(PodName)
    case namespace(ClusterNamespace)
    case namespaceRemoved(String)
    case node(ClusterNode)
    case nodeRemoved(String)
    case service(ClusterService)
    case serviceRemoved(ServiceName)
    case networkSet(NetworkSet)
    case networkSetRemoved(NetworkSetName)
    case serviceAccount(ClusterServiceAccount)
    case serviceAccountRemoved(ServiceAccountName)
    case policy(Policy)
    case policyRemoved(PolicyReference)
    case tier(PolicyTier)
    case tierRemoved(String)
}

extension PolicyEngine {
    public mutating func apply(_ change: EngineChange) { apply(CollectionOfOne(change)) }

    /// Applies the changes in order. Objects that are as they were change nothing, so that a resync costs only the
    /// comparisons.
    public mutating func apply(_ changes: some Sequence<EngineChange>) {
        for change in changes {
            switch change {
            case .pod(let pod): update(pod)
            case .podRemoved(let name): removePod(name)
            case .namespace(let namespace):
                if cluster.update(namespace) != namespace { refreshNamespace(namespace.name) }
            case .namespaceRemoved(let name):
                if cluster.removeNamespace(name) != nil { refreshNamespace(name) }
            case .node(let node):
                if cluster.update(node) != node { refreshNode(node.name) }
            case .nodeRemoved(let name):
                if cluster.removeNode(name) != nil { refreshNode(name) }
            case .service(let service):
                if cluster.update(service) != service { refreshService(service.id) }
            case .serviceRemoved(let id):
                if cluster.removeService(id) != nil { refreshService(id) }
            case .networkSet(let set):
                if cluster.update(set) != set { refreshNetworkSets() }
            case .networkSetRemoved(let id):
                if cluster.removeNetworkSet(id) != nil { refreshNetworkSets() }
            case .serviceAccount(let account):
                if cluster.update(account) != account { refreshServiceAccount(account.id) }
            case .serviceAccountRemoved(let id):
                if cluster.removeServiceAccount(id) != nil { refreshServiceAccount(id) }
            case .policy(let policy): update(policy)
            case .policyRemoved(let reference): removePolicy(reference)
            case .tier(let tier):
                let old = policies.tiers[tier.name]
                policies.update(tier)
                if old != tier { refreshTier(tier.name) }
            case .tierRemoved(let name):
                let old = policies.tiers[name]
                policies.removeTier(named: name)
                if old != policies.tiers[name] { refreshTier(name) }
            }
        }
        settle()
    }
}

// MARK: - Records

/// What the engine keeps of a pod besides its class.
struct PodEntry: Sendable {
    /// -1 for pods that are no policy endpoints.
    var classID: Int32
    /// -1 while not scheduled.
    var nodeID: Int32
    var isOnHostNetwork: Bool
    var v4: UInt32
    var v6: UInt128
    var hasV4: Bool
    var hasV6: Bool
}

struct NodeEntry: Sendable {
    var name: String
    var classID: Int32
    var addresses: [IPAddress] = []
}

/// Whose an address is.
enum EndOwner: Hashable, Sendable {
    case pod(Int32)
    case node(Int32)
}

struct ClassKey: Hashable, Sendable {
    var subject: SelectorSubject
    /// Of a node its name.
    var namespace: String
    var own: [String: String]
    var serviceAccount: String
    /// The named ports, sorted; unnamed ones make no difference.
    var ports: [ContainerPort]
}

struct EndClass: Sendable {
    struct NamedPort: Hashable, Sendable {
        var name: Int32
        var transport: UInt8
        var number: UInt16
    }

    var key: ClassKey
    var view: LabelView
    var namespaceID: Int32
    var pairs: [Int32]
    var ports: [NamedPort]
    /// Pods (or the node) that are of this class; 0 for a free place.
    var count: Int
    /// Sorted.
    var matching: [Int32] = []
    /// Policies that apply, in the order of the walk.
    var policies: [Int32] = []
    var ruleSet: RuleSet = .empty
    /// Under which ``ruleSet`` is shared.
    var ruleSetKey: [Int32] = []
}

struct LabelPair: Hashable, Sendable {
    var key: String
    var value: String
}

/// What selectors and classes are filed under, so that only pairs that can match are compared: a namespace, a label,
/// both, a label of the namespace, or nothing.
struct Bucket: Hashable, Sendable {
    enum Kind: UInt8, Hashable, Sendable { case pods, namespaceLabel, nodes }
    var kind: Kind
    var namespace: Int32 = -1
    var pair: Int32 = -1
}

struct SelectorEntry: Sendable {
    var key: SelectorKey
    /// Sorted classes.
    var members: [Int32]
    var buckets: [Bucket]
    /// Policies that use it, as subject or in rules, each use counted.
    var users: Int
    /// Policies whose subject it is.
    var subjectOf: [Int32]
}

struct AtomEntry: Sendable {
    var source: AtomSource
    var set: AddressSet
    var users: Int
}

struct PolicyEntry: Sendable {
    var policy: Policy
    var subject: Int32
    /// Nil where the policy has no say.
    var egress: [NormalRule]?
    var ingress: [NormalRule]?
    var selectors: [Int32]
    var atoms: [Int32]
}

struct SharedRuleSet: Sendable {
    var ruleSet: RuleSet
    var users: Int
}

/// What the compiler must look at again.
struct EngineJournal: Sendable {
    /// Classes that came, went, or whose rules changed.
    var classes: Set<Int32> = []
    /// (selector, class) pairs whose membership changed, by selector.
    var memberships: [Int32: Set<Int32>] = [:]
    var atoms: Set<Int32> = []
    /// Names whose numbers changed for resolution over every pod.
    var portNames: Set<Int32> = []
    var pods: Set<Int32> = []
}
