import Addressing
import CLinux
import Findings
import LinuxHost
import Netlink
import SystemCalls

/// Brings a node's kernel to the state a plan wants, in one network namespace, and looks at what is there.
///
/// Ours are: interfaces with the alias ``FabricDriver/mark`` and everything on them; routes of the main table that
/// carry protocol number 112 and lead over a gateway, or are unreachable with our metric. Everything else is left
/// alone: where somebody else's object stands in the way, that is an error that names it.
public struct FabricDriver: ~Copyable {
    var socket: RouteSocket
    /// The namespace it works in; nil for the process's own.
    let namespace: NetworkNamespace?
    /// For the watch of the same namespace.
    public let removals = OwnRemovals()
    /// Netlink requests sent so far.
    public internal(set) var requests = 0

    /// The alias (IFLA_IFALIAS) of the tunnel's interface.
    public static let mark = "poplin:fabric"
    /// The metric of the unreachable routes to our own ranges: behind any connected route to the same range.
    static let unreachablePriority: UInt32 = 0xFFFF_0000
    /// Requests in one send. The kernel works on all of them under one lock; others wait meanwhile.
    static let batchLimit = 512

    /// Works in the calling thread's network namespace.
    public init() throws(NetlinkError) {
        socket = try RouteSocket()
        namespace = nil
    }

    /// Works in `namespace`.
    public init(in namespace: consuming NetworkNamespace) throws(NetlinkError) {
        socket = try RouteSocket(in: namespace.descriptor)
        self.namespace = consume namespace
    }

    // MARK: Converging

    /// What became of one try to bring the kernel to a state.
    public struct Report: Sendable {
        /// What was done, or tried.
        public var delta: FabricDelta
        /// The steps that failed.
        public var failures: [Failure]

        public var isSettled: Bool { failures.isEmpty }
        public var findings: [Finding] { failures.map(\.finding) }
    }

    public struct Failure: Error, Sendable, CustomStringConvertible {
        public var step: FabricDelta.Step
        public var reason: String
        /// What stands in the way, or what to try.
        public var next: String?

        public var description: String { "\(step): \(reason)" }
        public var finding: Finding { Finding(code: "FAB-10", description, next: next) }
    }

    /// Looks at what is there and makes it `desired`. Looking costs a listing of routes and neighbours; a second call
    /// changes nothing.
    public mutating func converge(to desired: FabricState) throws(NetlinkError) -> Report {
        let observed = try observe(tunnel: desired.tunnel?.name)
        var delta = observed.state.delta(to: desired)
        for stray in observed.strays { delta.steps.append(.removeTunnel(stray)) }
        return Report(delta: delta, failures: try apply(delta))
    }

    /// Goes from a state that the kernel is known to have to `desired`, without looking.
    public mutating func change(
        from known: FabricState, to desired: FabricState
    ) throws(NetlinkError) -> Report {
        let delta = known.delta(to: desired)
        return Report(delta: delta, failures: try apply(delta))
    }

    /// Does what the change of a plan is, in a kernel that is known to be as the plan was.
    public mutating func change(by delta: FabricDelta) throws(NetlinkError) -> Report {
        Report(delta: delta, failures: try apply(delta))
    }

    /// Takes everything of the fabric away.
    public mutating func removeAll() throws(NetlinkError) -> Report { try converge(to: FabricState()) }
}
