import Addressing

/// What the agent answers: one line of JSON, either what was asked for or why not.
///
///     {"v":1,"addresses":["10.244.1.5/32"],"gateways":["169.254.1.1"],"hostMAC":"02:70:6f:70:6c:6e","mtu":1450}
///     {"v":1,"linkGone":true,"taken":true}
///     {"v":1,"error":{"code":11,"message":"...","details":"..."}}
public enum AgentReply: Hashable, Sendable {
    /// `del`, `check`, `gc` and `status` that succeeded: nothing to tell.
    case done
    /// `del` that succeeded: host ports are free, and the links of the attachment are the agent's to remove. The address
    /// is nobody else's before they are gone. `linkGone` beside it tells plugins before this one to leave the link alone.
    case taken
    case endpoint(AgentEndpoint)
    case failure(AgentFailure)
}

/// How a pod is connected: the answer to `add`.
public struct AgentEndpoint: Hashable, Sendable {
    /// At most one for each family, the cluster's first family first; /32 and /128, for there is nobody else on the
    /// pod's link.
    public var addresses: [InterfaceAddress]
    /// Where the pod's default routes lead, one for each family of ``addresses``: link-local, the same in every pod,
    /// and nobody's address: a permanent neighbour entry answers for it.
    public var gateways: [IPAddress]
    /// The host's end of every pod has this.
    public var hostMAC: MACAddress
    /// Bytes: what crosses the fabric whole.
    public var mtu: Int
    /// The node's own, at most one of each family: what the host answers a pod from when a program has not chosen.
    public var nodeAddresses: [IPAddress]

    public init(
        addresses: [InterfaceAddress], gateways: [IPAddress], hostMAC: MACAddress, mtu: Int,
        nodeAddresses: [IPAddress] = []
    ) {
        self.nodeAddresses = nodeAddresses
        self.addresses = addresses
        self.gateways = gateways
        self.hostMAC = hostMAC
        self.mtu = mtu
    }

    /// 169.254.1.1 and fe80::1.
    public static func gateway(_ family: IPFamily) -> IPAddress {
        switch family {
        case .v4: IPAddress(number: 0xA9FE_0101, family: .v4)
        case .v6: IPAddress(number: UInt128(0xFE80) << 112 | 1, family: .v6)
        }
    }

    /// Locally administered (02:...), then "popln".
    public static let hostMAC = MACAddress(rawValue: 0x0270_6F70_6C6E)
}

/// Why the agent does not do what it was asked.
public struct AgentFailure: Error, Hashable, Sendable, CustomStringConvertible {
    public var code: Code
    /// One sentence with the objects it is about. It lands in the events of the pod.
    public var message: String
    /// Further lines: numbers, holders, what to look at.
    public var details: String

    public init(_ code: Code, _ message: String, details: String = "") {
        self.code = code
        self.message = message
        self.details = details
    }

    public var description: String {
        details.isEmpty ? "\(message) (code \(code.rawValue))" : "\(message) (code \(code.rawValue))\n\(details)"
    }

    /// The numbers of the CNI specification and of our plugins, so that the plugin passes them on as they are.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: Int
        public init(rawValue: Int) { self.rawValue = rawValue }

        /// The request's version is not the agent's.
        public static let incompatibleVersion = Code(rawValue: 1)
        /// The request could not be read.
        public static let malformedRequest = Code(rawValue: 6)
        /// Something in the request is impossible, such as an address outside the node's range.
        public static let invalidRequest = Code(rawValue: 7)
        /// The agent is starting, or waits for the cluster: ask again.
        public static let tryAgainLater = Code(rawValue: 11)
        /// `status`: an `add` could not be served.
        public static let notAvailable = Code(rawValue: 50)
        /// `status`: nor is traffic of running pods as it should be.
        public static let limitedConnectivity = Code(rawValue: 51)
        public static let kernelRefused = Code(rawValue: 100)
        public static let addressesExhausted = Code(rawValue: 101)
        public static let alreadyTaken = Code(rawValue: 102)
        public static let checkFailed = Code(rawValue: 103)
    }
}
