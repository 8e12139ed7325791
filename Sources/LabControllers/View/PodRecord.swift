import JSONTree
import KubernetesModel

public struct PodRecord: Recorded {
    public let meta: ObjectMeta
    public let node: JSONNode
    public let facts: Pod
    public let tolerations: [Toleration]
    /// Of all containers, thousandths of a processor and bytes.
    let milliCPU: Int64
    let memory: Int64
    let hostPorts: [HostPort]
    /// Since when it is ready; nil while it is not.
    public let readySince: Timestamp?

    public init(decoding node: JSONNode) throws(FieldError) {
        self.node = node
        facts = try Pod(decoding: node)
        meta = facts.metadata
        tolerations =
            try FieldReader(node).object("spec")?.objects("tolerations", Toleration.init(reading:)) ?? []
        (milliCPU, memory) = Self.requests(of: node)
        hostPorts = facts.servingContainers.flatMap(\.ports).filter { $0.hostPort != 0 }.map {
            HostPort(address: $0.hostIP, transport: $0.transport, port: $0.hostPort)
        }
        readySince = facts.status.conditions.first { $0.type == "Ready" && $0.isTrue }
            .map { $0.lastTransitionTime ?? Timestamp(seconds: 0) }
    }

    /// What main containers and sidecars ask for together, or the largest init container if that is more.
    private static func requests(of node: JSONNode) -> (Int64, Int64) {
        func ask(_ container: JSONNode, _ resource: String) -> Quantity? {
            container.at("resources", "requests", resource).flatMap(Quantity.init(_:))
        }
        var sum: (cpu: Int64, memory: Int64) = (0, 0)
        var largest: (cpu: Int64, memory: Int64) = (0, 0)
        for container in node.at("spec", "containers")?.elements.map({ $0 }) ?? [] {
            sum.cpu &+= ask(container, "cpu")?.milli ?? 0
            sum.memory &+= ask(container, "memory")?.whole ?? 0
        }
        for container in node.at("spec", "initContainers")?.elements.map({ $0 }) ?? [] {
            let (cpu, memory) = (ask(container, "cpu")?.milli ?? 0, ask(container, "memory")?.whole ?? 0)
            if container.member("restartPolicy")?.string == "Always" {
                sum.cpu &+= cpu
                sum.memory &+= memory
            } else {
                largest = (max(largest.cpu, cpu), max(largest.memory, memory))
            }
        }
        return (max(sum.cpu, largest.cpu), max(sum.memory, largest.memory))
    }
}

extension PodRecord {
    var nodeName: String { facts.spec.nodeName }
    var isFinished: Bool { facts.isFinished }
    var isTerminating: Bool { meta.isTerminating }
    /// Runs or will run: what a controller counts as one of its replicas.
    var isActive: Bool { !isFinished && !isTerminating }
    var isReady: Bool { readySince != nil }

    var schedulerName: String { node.at("spec", "schedulerName")?.string ?? "default-scheduler" }
    var isGated: Bool { node.at("spec", "schedulingGates").map { $0.count > 0 } ?? false }
    var affinity: JSONNode? { node.at("spec", "affinity") }

    /// Ready for so many seconds.
    func isAvailable(after seconds: Int, now: Timestamp) -> Bool {
        guard let readySince else { return false }
        return seconds == 0 || now.seconds - readySince.seconds >= Int64(seconds)
    }
}

/// A port of the node that a container takes.
struct HostPort: Hashable, Sendable {
    /// Empty for every address.
    var address: String
    var transport: TransportProtocol
    var port: UInt16

    func conflicts(with other: HostPort) -> Bool {
        guard port == other.port, transport == other.transport else { return false }
        func isEvery(_ text: String) -> Bool { text.isEmpty || text == "0.0.0.0" || text == "::" }
        return isEvery(address) || isEvery(other.address) || address == other.address
    }
}

/// What a pod puts up with (core/v1 Toleration).
public struct Toleration: Hashable, Sendable {
    /// Empty, with `Exists`, is every key.
    public var key: String
    /// `Equal` or `Exists`.
    public var `operator`: String
    public var value: String
    /// Empty is every effect.
    public var effect: String
    /// How long with a NoExecute taint; nil is for ever.
    public var seconds: Int?

    public init(reading fields: FieldReader) throws(FieldError) {
        key = try fields.string("key") ?? ""
        self.operator = try fields.string("operator") ?? "Equal"
        value = try fields.string("value") ?? ""
        effect = try fields.string("effect") ?? ""
        seconds = try fields.int("tolerationSeconds")
    }

    public init(key: String, operator: String = "Exists", value: String = "", effect: String = "", seconds: Int? = nil)
    {
        self.key = key
        self.operator = `operator`
        self.value = value
        self.effect = effect
        self.seconds = seconds
    }

    func tolerates(_ taint: NodeRecord.Taint) -> Bool {
        guard effect.isEmpty || effect == taint.effect, key.isEmpty || key == taint.key else { return false }
        return self.operator == "Exists" || (!key.isEmpty && value == taint.value)
    }
}
