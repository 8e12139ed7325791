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
    /// The tunnel's interfaces, as far as events and the first look have told.
    private var tunnels: Set<InterfaceIndex>

    /// - Parameter interfaces: the names of the tunnel and of the underlay.
    public init(interfaces: Set<String>) throws(NetlinkError) {
        // Listen first, look second: what changes in between is then heard of.
        let listening = try Self.listening(RouteSocket())
        var looking = try RouteSocket()
        let tunnels = Self.tunnels(try looking.links())
        self.init(interfaces, tunnels, listening)
    }

    public init(interfaces: Set<String>, in namespace: borrowing NetworkNamespace) throws(NetlinkError) {
        let listening = try Self.listening(RouteSocket(in: namespace.descriptor))
        var looking = try RouteSocket(in: namespace.descriptor)
        let tunnels = Self.tunnels(try looking.links())
        self.init(interfaces, tunnels, listening)
    }

    private init(_ names: Set<String>, _ tunnels: Set<InterfaceIndex>, _ socket: consuming RouteSocket) {
        self.names = names
        self.tunnels = tunnels
        self.socket = socket
    }

    private static func tunnels(_ links: [Link]) -> Set<InterfaceIndex> {
        Set(links.filter { $0.alias == FabricDriver.mark }.map(\.index))
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
                var tunnels = tunnels
                let came = try socket.nextEvents(within: rest) { message throws(MalformedMessage) in
                    if try Self.concerns(message, names, &tunnels) { concerns = true }
                }
                self.tunnels = tunnels
                if concerns || !came { return concerns }
            } catch  where error.errno == .ENOBUFS {
                // Events were lost, so anything may have happened.
                return true
            }
            rest = milliseconds - Int32(clamping: (Clock.monotonic() - start) / 1_000_000)
        } while rest > 0
        return false
    }

    private static func concerns(
        _ message: Message, _ names: Set<String>, _ tunnels: inout Set<InterfaceIndex>
    ) throws(MalformedMessage) -> Bool {
        switch message.type {
        case Int(RTM_NEWLINK), Int(RTM_DELLINK):
            guard let link = try Link(message) else { return false }
            if link.alias == FabricDriver.mark { tunnels.insert(link.index) }
            return names.contains(link.name) || tunnels.contains(link.index)
        case Int(RTM_DELROUTE):
            return try Route(message)?.origin == RTPROT_POPLIN
        case Int(RTM_DELNEIGH):
            // A permanent neighbour that somebody deletes is announced as a failed one.
            if let entry = try ForwardingEntry(message) { return tunnels.contains(entry.interface) }
            return try Neighbour(message).map { tunnels.contains($0.interface) } ?? false
        case Int(RTM_NEWADDR), Int(RTM_DELADDR):
            return try LinkAddress(message) != nil
        default:
            return false
        }
    }
}
