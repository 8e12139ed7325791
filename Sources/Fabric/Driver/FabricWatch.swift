import Addressing
import CLinux
import LinuxHost
import Netlink
import SystemCalls

/// Waits for changes in the kernel that may concern the fabric: its interface or the one below changed or went, a
/// route, neighbour or forwarding entry of ours was removed, an address came or went.
///
/// Blocking: it belongs on a thread of its own. What it reports is a reason to look, not a difference: also our own
/// removals are reported, and looking then finds nothing to do.
public struct FabricWatch: ~Copyable {
    private var socket: RouteSocket
    private let names: Set<String>

    /// - Parameter interfaces: the names of the tunnel and of the underlay.
    public init(interfaces: Set<String>) throws(NetlinkError) {
        self.init(interfaces, try Self.listening(RouteSocket()))
    }

    public init(interfaces: Set<String>, in namespace: borrowing NetworkNamespace) throws(NetlinkError) {
        self.init(interfaces, try Self.listening(RouteSocket(in: namespace.descriptor)))
    }

    private init(_ names: Set<String>, _ socket: consuming RouteSocket) {
        self.names = names
        self.socket = socket
    }

    private static func listening(_ socket: consuming RouteSocket) throws(NetlinkError) -> RouteSocket {
        for group in [
            RouteSocket.Group.link, .neighbours, .addressesIPv4, .addressesIPv6, .routesIPv4, .routesIPv6,
        ] { try socket.listen(to: group) }
        return socket
    }

    /// Waits for something that concerns the fabric; false when the time is over first.
    public mutating func nextChange(within milliseconds: Int32) throws(NetlinkError) -> Bool {
        let start = Clock.monotonic()
        var concerns = false
        var rest = milliseconds
        repeat {
            do throws(NetlinkError) {
                let names = names
                let came = try socket.nextEvents(within: rest) { message throws(MalformedMessage) in
                    if try Self.concerns(message, names) { concerns = true }
                }
                if concerns || !came { return concerns }
            } catch  where error.errno == .ENOBUFS {
                // Events were lost, so anything may have happened.
                return true
            }
            rest = milliseconds - Int32(clamping: (Clock.monotonic() - start) / 1_000_000)
        } while rest > 0
        return false
    }

    private static func concerns(_ message: Message, _ names: Set<String>) throws(MalformedMessage) -> Bool {
        switch message.type {
        case Int(RTM_NEWLINK), Int(RTM_DELLINK):
            guard let link = try Link(message) else { return false }
            return names.contains(link.name) || link.alias == FabricDriver.mark
        case Int(RTM_DELROUTE):
            return try Route(message)?.origin == RTPROT_POPLIN
        case Int(RTM_DELNEIGH):
            if let entry = try ForwardingEntry(message) { return entry.destination != nil }
            return try Neighbour(message)?.state.contains(.permanent) ?? false
        case Int(RTM_NEWADDR), Int(RTM_DELADDR):
            return try LinkAddress(message) != nil
        default:
            return false
        }
    }
}
