import Addressing
import JSONTree

public struct Pod: KubernetesKind {
    public static let gvk = GroupVersionKind(version: "v1", kind: "Pod")
    public static let resource = GroupVersionResource(version: "v1", resource: "pods")
    public static let isNamespaced = true

    public var metadata: ObjectMeta
    public var spec: Spec
    public var status: Status

    public struct Spec: Sendable {
        /// Empty until the pod is scheduled.
        public var nodeName = ""
        /// The pod uses its node's network namespace: no address and no policy of its own.
        public var hostNetwork = false
        public var hostname = ""
        public var subdomain = ""
        public var serviceAccountName = ""
        public var restartPolicy = "Always"
        public var nodeSelector: [String: String] = [:]
        public var containers: [Container] = []
        public var initContainers: [Container] = []
        public var readinessGates: [String] = []
        public var terminationGracePeriodSeconds: Int?
    }

    public struct Container: Sendable {
        public var name: String
        public var image: String
        public var ports: [Port]
        /// `Always` makes an init container a sidecar, which runs as long as the pod.
        public var restartPolicy: String

        public var isSidecar: Bool { restartPolicy == "Always" }
    }

    public struct Port: Hashable, Sendable {
        public var name: String
        public var containerPort: UInt16
        /// 0 for none.
        public var hostPort: UInt16
        public var hostIP: String
        public var transport: TransportProtocol
    }

    public struct Status: Sendable {
        /// `Pending`, `Running`, `Succeeded`, `Failed`, `Unknown`, or empty.
        public var phase = ""
        public var reason = ""
        public var message = ""
        public var hostIP: IPAddress?
        public var podIPs: [IPAddress] = []
        public var conditions: [Condition] = []
        public var containers: [ContainerStatus] = []
        public var initContainers: [ContainerStatus] = []
        public var startTime: Timestamp?
    }

    public struct ContainerStatus: Sendable {
        public var name: String
        public var containerID: String
        public var isReady: Bool
        public var restartCount: Int
        /// Why it waits: `CrashLoopBackOff`, `ContainerCreating`; empty when it does not.
        public var waitingReason: String
        public var waitingMessage: String
        public var isRunning: Bool
        public var terminatedReason: String
        /// What the container wrote last of why it ended: of this run when it is over, else of the one before;
        /// empty when it never ended or wrote nothing (`state` and `lastState`: `terminated.message`).
        public var terminationMessage: String
    }

    public init(decoding node: JSONNode) throws(FieldError) {
        let fields = try FieldReader(node)
        metadata = try ObjectMeta(of: node)
        spec = try fields.object("spec").map(Spec.init(reading:)) ?? Spec()
        status = try fields.object("status").map(Status.init(reading:)) ?? Status()
    }
}

extension Pod {
    /// Over for good: its containers will not run again and its addresses are free.
    public var isFinished: Bool { status.phase == "Succeeded" || status.phase == "Failed" }

    public var isReady: Bool { status.conditions.contains { $0.type == "Ready" && $0.isTrue } }

    /// The containers whose ports traffic can reach: the main ones, then sidecars.
    public var servingContainers: [Container] { spec.containers + spec.initContainers.filter(\.isSidecar) }

    /// The number behind a named port.
    public func port(named name: String, _ transport: TransportProtocol = .tcp) -> UInt16? {
        for container in servingContainers {
            if let port = container.ports.first(where: { $0.name == name && $0.transport == transport }) {
                return port.containerPort
            }
        }
        return nil
    }
}

// MARK: - Decoding

extension Pod.Spec {
    init(reading fields: FieldReader) throws(FieldError) {
        nodeName = try fields.string("nodeName") ?? ""
        hostNetwork = try fields.bool("hostNetwork") ?? false
        hostname = try fields.string("hostname") ?? ""
        subdomain = try fields.string("subdomain") ?? ""
        serviceAccountName = try fields.string("serviceAccountName") ?? ""
        restartPolicy = try fields.string("restartPolicy") ?? "Always"
        nodeSelector = try fields.stringMap("nodeSelector")
        containers = try fields.objects("containers", Pod.Container.init(reading:))
        initContainers = try fields.objects("initContainers", Pod.Container.init(reading:))
        readinessGates = try fields.objects("readinessGates") { gate throws(FieldError) in
            try gate.string("conditionType") ?? ""
        }
        terminationGracePeriodSeconds = try fields.int("terminationGracePeriodSeconds")
    }
}

extension Pod.Container {
    init(reading fields: FieldReader) throws(FieldError) {
        name = try fields.string("name") ?? ""
        image = try fields.string("image") ?? ""
        ports = try fields.objects("ports", Pod.Port.init(reading:))
        restartPolicy = try fields.string("restartPolicy") ?? ""
    }
}

extension Pod.Port {
    init(reading fields: FieldReader) throws(FieldError) {
        name = try fields.string("name") ?? ""
        containerPort = try fields.port("containerPort") ?? 0
        hostPort = try fields.port("hostPort") ?? 0
        hostIP = try fields.string("hostIP") ?? ""
        transport = try fields.transportProtocol()
    }
}

extension Pod.Status {
    init(reading fields: FieldReader) throws(FieldError) {
        phase = try fields.string("phase") ?? ""
        reason = try fields.string("reason") ?? ""
        message = try fields.string("message") ?? ""
        hostIP = try fields.address("hostIP")
        for item in try fields.objects("podIPs") {
            if let address = try item.address("ip") { podIPs.append(address) }
        }
        // Old servers and hand-written dumps have only the single field.
        if podIPs.isEmpty, let address = try fields.address("podIP") { podIPs = [address] }
        conditions = try fields.objects("conditions", Condition.init(reading:))
        containers = try fields.objects("containerStatuses", Pod.ContainerStatus.init(reading:))
        initContainers = try fields.objects("initContainerStatuses", Pod.ContainerStatus.init(reading:))
        startTime = try fields.timestamp("startTime")
    }
}

extension Pod.ContainerStatus {
    init(reading fields: FieldReader) throws(FieldError) {
        name = try fields.string("name") ?? ""
        containerID = try fields.string("containerID") ?? ""
        isReady = try fields.bool("ready") ?? false
        restartCount = try fields.int("restartCount") ?? 0
        let state = try fields.object("state")
        let waiting = try state?.object("waiting")
        waitingReason = try waiting?.string("reason") ?? ""
        waitingMessage = try waiting?.string("message") ?? ""
        isRunning = state?.field("running") != nil
        let terminated = try state?.object("terminated")
        terminatedReason = try terminated?.string("reason") ?? ""
        let last = try fields.object("lastState")?.object("terminated")
        let words = try (terminated ?? last)?.string("message")
        terminationMessage = words ?? ""
    }
}
