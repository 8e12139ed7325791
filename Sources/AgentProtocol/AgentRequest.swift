import Addressing

/// What the cluster plugin asks of the agent of its node: one line of JSON, one connection for each.
///
///     {"v":1,"op":"add","network":"poplin","containerID":"c1","ifname":"eth0","netns":"/run/netns/c1",
///      "hostInterface":"pop0123456789ab","pod":{"namespace":"shop","name":"web-1","uid":"..."},
///      "deadlineMilliseconds":10000}
///
/// The plugin does what is done inside the pod's namespace; the agent answers with what only it knows: addresses, the
/// MTU of the fabric, whether the node is ready. Every operation can be repeated: `add` of an attachment that has its
/// addresses answers with the same ones, `del` of one that has none succeeds.
public struct AgentRequest: Hashable, Sendable {
    /// The version of both requests and replies that this code writes. A reader refuses any other.
    public static let version = 1
    /// The longest line either side reads, in bytes. A `gc` names every sandbox of the node.
    public static let longestLine = 1 << 20

    /// `op`, as it is spelled on the wire.
    public enum Operation: String, CaseIterable, Hashable, Sendable {
        /// Gives the attachment its addresses.
        case add
        /// Takes them back. When ``AgentRequest/hostInterface`` is given, host ports are freed first, and the link is the
        /// agent's to remove, those of a burst together; until it is gone the addresses are nobody else's.
        case delete = "del"
        /// Whether the attachment has the addresses in ``AgentRequest/addresses``.
        case check
        /// Takes back the addresses of every attachment of the network that is not in ``AgentRequest/attachments``.
        case collectGarbage = "gc"
        /// Whether an `add` could be served.
        case status
    }

    public var operation: Operation
    /// The network's name in the CNI configuration. What one network has is nothing to another's `gc`.
    public var network: String
    /// Nil for `gc` and `status`.
    public var attachment: AgentAttachment?
    /// The path of the pod's network namespace (`netns`); empty when it is not known, as DEL may come without.
    public var networkNamespace: String
    /// The name the plugin gives the host's end of the link: how the agent finds it in the kernel again.
    public var hostInterface: String
    /// The pod, as the runtime names it in CNI_ARGS; nil outside Kubernetes.
    public var pod: AgentPod?
    /// `add`: exactly these addresses are wanted (CNI_ARGS, capability `ips`). Empty leaves it to the agent.
    public var requestedAddresses: [IPAddress]
    /// `check`: what the result of ADD says.
    public var addresses: [InterfaceAddress]
    /// `gc`: those that stay.
    public var attachments: [AgentAttachment]
    /// How long the plugin waits for the reply, in milliseconds (1...600,000). The agent gives up by then and answers
    /// why, rather than being cut off.
    public var deadlineMilliseconds: Int

    public init(
        _ operation: Operation, network: String, attachment: AgentAttachment? = nil, networkNamespace: String = "",
        hostInterface: String = "", pod: AgentPod? = nil, requestedAddresses: [IPAddress] = [],
        addresses: [InterfaceAddress] = [], attachments: [AgentAttachment] = [], deadlineMilliseconds: Int = 10_000
    ) {
        self.operation = operation
        self.network = network
        self.attachment = attachment
        self.networkNamespace = networkNamespace
        self.hostInterface = hostInterface
        self.pod = pod
        self.requestedAddresses = requestedAddresses
        self.addresses = addresses
        self.attachments = attachments
        self.deadlineMilliseconds = deadlineMilliseconds
    }
}

/// One interface of one sandbox: `containerID` and `ifname`, as CNI has them.
public struct AgentAttachment: Hashable, Sendable, Comparable, CustomStringConvertible {
    public var containerID: String
    public var interfaceName: String

    public init(containerID: String, interfaceName: String) {
        self.containerID = containerID
        self.interfaceName = interfaceName
    }

    public var description: String { "\(containerID)/\(interfaceName)" }

    public static func < (left: AgentAttachment, right: AgentAttachment) -> Bool {
        (left.containerID, left.interfaceName) < (right.containerID, right.interfaceName)
    }
}

/// A pod as the runtime names it: K8S_POD_NAMESPACE, K8S_POD_NAME and K8S_POD_UID of CNI_ARGS.
public struct AgentPod: Hashable, Sendable, CustomStringConvertible {
    public var namespace: String
    public var name: String
    /// Empty when the runtime does not say it (CRI-O before 1.21, dockershim).
    public var uid: String

    public init(namespace: String, name: String, uid: String = "") {
        self.namespace = namespace
        self.name = name
        self.uid = uid
    }

    public var description: String { "\(namespace)/\(name)" }
}
