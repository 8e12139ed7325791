import JSONTree
import KubernetesClient
import KubernetesModel

/// One thing a controller wants done to the cluster. Plans are lists of these, carried out in order; the first that
/// fails ends the plan, and it is made anew from what is then there.
public enum Change: Sendable, Equatable {
    /// The object names its apiVersion, kind, namespace and name.
    case create(GroupVersionResource, JSONValue)
    /// Only the object of this uid. Seconds of grace; nil is the object's own.
    case delete(GroupVersionResource, ObjectKey, uid: String, graceSeconds: Int? = nil)
    case patch(GroupVersionResource, ObjectKey, Patch)
    case bind(ObjectKey, uid: String, node: String)
    /// An event, said by this component.
    case note(EventNote, from: String)

    public struct Patch: Sendable, Equatable {
        public enum Form: Sendable, Equatable { case merge, strategic }

        public var form: Form
        /// Empty for the object itself.
        public var subresource: String
        public var body: JSONValue

        public init(_ form: Form, subresource: String = "", _ body: JSONValue) {
            self.form = form
            self.subresource = subresource
            self.body = body
        }

        /// A merge patch.
        public init(subresource: String = "", _ body: JSONValue) {
            self.init(.merge, subresource: subresource, body)
        }
    }
}

/// What a controller wants of one object's world, and when it wants to look again though nothing happens.
public struct Plan: Sendable, Equatable {
    public var changes: [Change] = []
    /// From now; nil for "when something happens".
    public var again: Duration?

    public init(_ changes: [Change] = [], again: Duration? = nil) {
        self.changes = changes
        self.again = again
    }

    /// The earlier of two times to look again.
    mutating func lookAgain(in delay: Duration) {
        let delay = max(delay, .milliseconds(10))
        again = again.map { min($0, delay) } ?? delay
    }
}

/// What a plan depends on beside the cluster: time, chance, and how the controllers are set up.
public struct PlanContext: Sendable {
    /// By the wall, for what is written into objects.
    public var now: Timestamp
    /// Monotonic, for ages.
    public var elapsed: Duration
    /// Where names get their random ends from.
    public var seed: UInt64
    public var settings: ControllerSettings

    public init(now: Timestamp, elapsed: Duration, seed: UInt64, settings: ControllerSettings = ControllerSettings()) {
        self.now = now
        self.elapsed = elapsed
        self.seed = seed
        self.settings = settings
    }
}

/// The flags of kube-controller-manager that matter here, with its defaults.
public struct ControllerSettings: Sendable {
    /// Where nodes get their pod addresses from, one range for each family; empty allocates none.
    public var nodeRanges: [NodeRange] = []
    /// A node whose lease was not renewed for so long is not reachable.
    public var nodeMonitorGrace: Duration = .seconds(40)
    /// Pods of a node that is gone are kept so long, in case it comes back.
    public var orphanQuarantine: Duration = .seconds(40)
    /// More finished pods than this are collected, the oldest first.
    public var finishedPodLimit = 1000

    public init() {}
}

/// One controller and the object it is to look at. Work on one key is never done twice at the same time.
public struct WorkKey: Hashable, Sendable, Comparable, CustomStringConvertible {
    public var controller: Controller
    public var key: ObjectKey

    public init(_ controller: Controller, _ key: ObjectKey = ObjectKey(name: "")) {
        self.controller = controller
        self.key = key
    }

    public static func < (left: WorkKey, right: WorkKey) -> Bool {
        left.controller == right.controller
            ? left.key < right.key : left.controller.rawValue < right.controller.rawValue
    }

    public var description: String { "\(controller.rawValue) \(key)" }
}

/// The controllers. Raw values stand in logs.
public enum Controller: String, CaseIterable, Sendable {
    /// One key for all pods: a decision needs the whole cluster.
    case scheduler
    case deployment
    case replicaSet
    case daemonSet
    case statefulSet
    case job
    /// EndpointSlices and Endpoints of a service.
    case endpoints
    /// One key for all nodes: a range is given once.
    case nodeRange
    /// Conditions and taints of a node.
    case nodeLifecycle
    /// A pod that does not tolerate its node's taints.
    case eviction
    /// A pod that nobody will end: its node is gone, or it was never scheduled.
    case podCollector

    public func plan(_ key: ObjectKey, _ view: ClusterView, _ context: PlanContext) -> Plan {
        switch self {
        case .scheduler: Scheduler.plan(view, context)
        case .deployment: DeploymentController.plan(key, view, context)
        case .replicaSet: ReplicaSetController.plan(key, view, context)
        case .daemonSet: DaemonSetController.plan(key, view, context)
        case .statefulSet: StatefulSetController.plan(key, view, context)
        case .job: JobController.plan(key, view, context)
        case .endpoints: EndpointsController.plan(key, view, context)
        case .nodeRange: NodeRangeController.plan(view, context)
        case .nodeLifecycle: NodeLifecycle.plan(key, view, context)
        case .eviction: TaintEviction.plan(key, view, context)
        case .podCollector: PodCollector.plan(key, view, context)
        }
    }
}
