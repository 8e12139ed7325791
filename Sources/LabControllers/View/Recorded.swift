import JSONTree
import KubernetesModel

/// An object in the controllers' view: what is asked of it often, read once, and all of it for the rest.
public protocol Recorded: Sendable {
    var meta: ObjectMeta { get }
    var node: JSONNode { get }
}

/// Objects of which a controller reads what it needs when it plans: workloads, services, slices.
public struct PlainRecord: Recorded {
    public let meta: ObjectMeta
    public let node: JSONNode
    /// `spec.selector` in the form of workloads; nil where there is none.
    public let selector: LabelSelector?

    public init(decoding node: JSONNode, readsSelector: Bool = false) throws(FieldError) {
        self.node = node
        meta = try ObjectMeta(of: node)
        selector = readsSelector ? try node.at("spec", "selector").map(LabelSelector.init(_:)) : nil
    }

    var spec: JSONNode? { node.member("spec") }
    var status: JSONNode? { node.member("status") }

    func specInt(_ key: String) -> Int? { spec?.member(key)?.int.flatMap { Int(exactly: $0) } }
    func statusInt(_ key: String) -> Int { status?.member(key)?.int.flatMap { Int(exactly: $0) } ?? 0 }

    /// Of a workload: 1 when absent.
    var replicas: Int { specInt("replicas") ?? 1 }
}

public struct LeaseRecord: Recorded {
    public let meta: ObjectMeta
    public let node: JSONNode
    public let renewTime: MicroTime?

    public init(decoding node: JSONNode) throws(FieldError) {
        self.node = node
        let lease = try Lease(decoding: node)
        meta = lease.metadata
        renewTime = lease.renewTime
    }
}

public struct ServiceRecord: Recorded {
    public let meta: ObjectMeta
    public let node: JSONNode
    public let service: Service

    public init(decoding node: JSONNode) throws(FieldError) {
        self.node = node
        service = try Service(decoding: node)
        meta = service.metadata
    }

    func selects(_ pod: PodRecord) -> Bool {
        guard let selector = service.selector, !selector.isEmpty, meta.namespace == pod.meta.namespace else {
            return false
        }
        return selector.allSatisfy { pod.meta.labels[$0.key] == $0.value }
    }
}

public struct NodeRecord: Recorded {
    public struct Taint: Hashable, Sendable {
        public var key: String
        public var value: String
        public var effect: String
        public var timeAdded: Timestamp?

        public init(key: String, value: String = "", effect: String, timeAdded: Timestamp? = nil) {
            self.key = key
            self.value = value
            self.effect = effect
            self.timeAdded = timeAdded
        }

        /// As the scheduler prints it: `{key: value}`.
        var braced: String { "{\(key): \(value)}" }
    }

    public let meta: ObjectMeta
    public let node: JSONNode
    public let facts: Node
    public let taints: [Taint]
    /// Thousandths of a processor; nil is without limit.
    public let milliCPU: Int64?
    /// Bytes.
    public let memory: Int64?
    public let podLimit: Int64?

    public init(decoding node: JSONNode) throws(FieldError) {
        self.node = node
        facts = try Node(decoding: node)
        meta = facts.metadata
        taints =
            try FieldReader(node).object("spec")?.objects("taints") { taint throws(FieldError) in
                Taint(
                    key: try taint.string("key") ?? "", value: try taint.string("value") ?? "",
                    effect: try taint.string("effect") ?? "", timeAdded: try taint.timestamp("timeAdded"))
            } ?? []
        let status = node.member("status")
        let resources = status?.member("allocatable") ?? status?.member("capacity")
        func amount(_ name: String) -> Quantity? { resources?.member(name).flatMap(Quantity.init(_:)) }
        milliCPU = amount("cpu")?.milli
        memory = amount("memory")?.whole
        podLimit = amount("pods")?.whole
    }

    /// What the kubelet last wrote as the time of its report.
    var heartbeat: String? {
        node.at("status", "conditions")?.elements.first { $0.member("type")?.string == "Ready" }?
            .member("lastHeartbeatTime")?.string
    }

    var ready: Condition? { facts.conditions.first { $0.type == "Ready" } }
}
