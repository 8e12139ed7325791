import Addressing

/// Where an agent gets its pods' addresses. Two kinds: ``NodeCIDRSource`` (mode `kubernetes`) and ``PoolSource`` (mode
/// `cluster-pool`).
///
/// Every answer is on disk before it is given, so an agent that is killed and started again knows every address it
/// gave out. Neither needs the API for an address out of ranges the node already has.
public protocol AddressSource: Sendable {
    /// One address of each family asked for. Asking again for the same handle gives the same addresses.
    func allocate(_ request: AddressRequest) async throws(AddressSourceError) -> [InterfaceAddress]

    /// Gives the handle's addresses back: they rest for the cooldown and are then given out again. A handle nobody
    /// holds is done already.
    ///
    /// - Returns: what was released; the caller makes the kernel forget the connections of these addresses.
    @discardableResult
    func release(_ handle: AddressHandle) async throws(AddressSourceError) -> [IPAddress]

    /// What the handle holds.
    func addresses(of handle: AddressHandle) async -> [InterfaceAddress]

    /// Gives back whatever handles that are not among `valid` hold, and answers those addresses.
    @discardableResult
    func release(allBut valid: Set<AddressHandle>) async throws(AddressSourceError) -> [IPAddress]

    /// Every address that is given out.
    func allocations() async -> [AddressAllocation]

    /// The ranges the node's addresses come from: what the node announces and other nodes route here.
    func ranges() async -> [IPPrefix]

    /// The node's own addresses inside its ranges, at most one of a family (``FabricNode/tunnelAddress(_:)``).
    func tunnelAddresses() async -> [IPAddress]

    /// Counts, for metrics and `poplin status`.
    func usage() async -> [AddressUsage]
}

/// Whose an address is: one interface of one container, as CNI names it.
public struct AddressHandle: Hashable, Sendable, Comparable, CustomStringConvertible {
    public var network: String
    public var containerID: String
    public var interface: String

    public init(network: String, containerID: String, interface: String) {
        self.network = network
        self.containerID = containerID
        self.interface = interface
    }

    /// `network/container/interface`; none of the three can have a slash in it.
    public var description: String { "\(network)/\(containerID)/\(interface)" }

    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, !parts.contains("") else { return nil }
        self.init(network: parts[0], containerID: parts[1], interface: parts[2])
    }

    public static func < (left: Self, right: Self) -> Bool { left.description < right.description }
}

/// What a pod's interface needs.
public struct AddressRequest: Hashable, Sendable {
    public var handle: AddressHandle
    public var pod: PodIdentity?
    /// Labels of the pod's namespace, which pools may select by.
    public var namespaceLabels: [String: String]
    /// Nil: every family the source has.
    public var families: Set<IPFamily>?
    /// Addresses the pod must have (annotation `poplin.dev/ip-addresses`), at most one of a family.
    public var staticAddresses: [IPAddress]
    /// Pools the pod wants, by name, instead of those that select its node and namespace
    /// (annotation `poplin.dev/ip-pools`).
    public var pools: [String]

    public init(
        _ handle: AddressHandle, pod: PodIdentity? = nil, namespaceLabels: [String: String] = [:],
        families: Set<IPFamily>? = nil, staticAddresses: [IPAddress] = [], pools: [String] = []
    ) {
        self.handle = handle
        self.pod = pod
        self.namespaceLabels = namespaceLabels
        self.families = families
        self.staticAddresses = staticAddresses
        self.pools = pools
    }

    public static let staticAddressesAnnotation = "poplin.dev/ip-addresses"
    public static let poolsAnnotation = "poplin.dev/ip-pools"
}

public struct PodIdentity: Hashable, Sendable {
    public var namespace: String
    public var name: String
    public var uid: String

    public init(namespace: String, name: String, uid: String = "") {
        self.namespace = namespace
        self.name = name
        self.uid = uid
    }
}

/// An address that is given out.
public struct AddressAllocation: Hashable, Sendable {
    public var address: IPAddress
    public var handle: AddressHandle
    public var pod: PodIdentity?
    /// The block or node range it is of.
    public var range: IPPrefix
    public var pool: String

    public init(address: IPAddress, handle: AddressHandle, pod: PodIdentity?, range: IPPrefix, pool: String) {
        self.address = address
        self.handle = handle
        self.pod = pod
        self.range = range
        self.pool = pool
    }
}

/// How full a range is. What rests after its release counts as used: nobody can have it yet.
public struct AddressUsage: Hashable, Sendable {
    public var pool: String
    public var range: IPPrefix
    public var total: UInt128
    public var allocated: Int
    public var cooling: Int
    public var reserved: UInt128

    public init(
        pool: String, range: IPPrefix, total: UInt128, allocated: Int, cooling: Int, reserved: UInt128
    ) {
        self.pool = pool
        self.range = range
        self.total = total
        self.allocated = allocated
        self.cooling = cooling
        self.reserved = reserved
    }

    public var free: UInt128 {
        let used = UInt128(allocated + cooling) + reserved
        return total > used ? total - used : 0
    }
}

/// Why there is no address. Every case says which resource is short, in numbers, and what to do.
public struct AddressSourceError: Error, Hashable, Sendable, CustomStringConvertible {
    public var reason: Reason
    public var message: String
    public var next: String?

    public enum Reason: String, Hashable, Sendable {
        /// Nothing is free; `message` has the numbers.
        case exhausted
        /// A static address cannot be had: somebody has it, or it is in no range of this node.
        case unavailable
        /// The node has no range yet, or no pool selects it.
        case noRange
        /// The API did not answer and the ranges at hand are used up.
        case unreachable
        /// The checkpoint cannot be read or written.
        case storage
    }

    public init(_ reason: Reason, _ message: String, next: String? = nil) {
        self.reason = reason
        self.message = message
        self.next = next
    }

    public var description: String { next.map { "\(message); \($0)" } ?? message }
}
