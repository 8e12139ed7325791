import Addressing
import CLinux
import LinuxHost
import Netlink
import SystemCalls

/// Waits for changes in the kernel that may concern the fabric: its interface or the one below changed or went, a
/// route, neighbour or forwarding entry of ours was removed, an address came or went.
///
/// Blocking: it belongs on a thread of its own. What it reports is a reason to look, not a difference.
///
/// On a node where pods come and go most of what the kernel says is about their links. It is let come together for a
/// moment and then read at once, and a link that is not the fabric's is decoded once.
public struct FabricWatch: ~Copyable {
    private var socket: RouteSocket
    private let names: Set<String>
    /// The tunnel's interfaces, as far as events and the first look have told.
    private var tunnels: Set<InterfaceIndex>
    /// Links that are not the fabric's.
    private var others: Set<InterfaceIndex> = []
    private let removals: OwnRemovals?

    /// What has nothing to do with the fabric is read no more often than this, in nanoseconds.
    private static let pause: UInt64 = 20_000_000

    /// - Parameters:
    ///   - interfaces: the names of the tunnel and of the underlay.
    ///   - removals: what a driver removes itself, which is no reason to look.
    public init(interfaces: Set<String>, removals: OwnRemovals? = nil) throws(NetlinkError) {
        // Listen first, look second: what changes in between is then heard of.
        let listening = try Self.listening(RouteSocket())
        var looking = try RouteSocket()
        let tunnels = Self.tunnels(try looking.links())
        self.init(interfaces, tunnels, removals, listening)
    }

    public init(
        interfaces: Set<String>, removals: OwnRemovals? = nil, in namespace: borrowing NetworkNamespace
    ) throws(NetlinkError) {
        let listening = try Self.listening(RouteSocket(in: namespace.descriptor))
        var looking = try RouteSocket(in: namespace.descriptor)
        let tunnels = Self.tunnels(try looking.links())
        self.init(interfaces, tunnels, removals, listening)
    }

    private init(
        _ names: Set<String>, _ tunnels: Set<InterfaceIndex>, _ removals: OwnRemovals?, _ socket: consuming RouteSocket
    ) {
        self.removals = removals
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
        var rest = milliseconds
        repeat {
            do throws(NetlinkError) {
                var heard = try hear(within: rest)
                if heard == .nothing { return false }
                while heard == .others { heard = try hear(within: 0) }
                if heard == .fabric { return true }
                Clock.sleep(nanoseconds: Self.pause)
            } catch  where error.errno == .ENOBUFS {
                // Events were lost, so anything may have happened.
                return true
            }
            rest = milliseconds - Int32(clamping: (Clock.monotonic() - start) / 1_000_000)
        } while rest > 0
        return false
    }

    private enum Heard {
        case nothing
        /// Something that does not concern the fabric.
        case others
        case fabric
    }

    private mutating func hear(within milliseconds: Int32) throws(NetlinkError) -> Heard {
        var hearing = Hearing(names: names, tunnels: tunnels, others: others, removals: removals)
        var concerns = false
        let came = try socket.nextEvents(within: milliseconds) { message throws(MalformedMessage) in
            if try hearing.concerns(message) { concerns = true }
        }
        tunnels = hearing.tunnels
        others = hearing.others
        return concerns ? .fabric : came ? .others : .nothing
    }

    /// What is known of links, while messages are read.
    private struct Hearing {
        let names: Set<String>
        var tunnels: Set<InterfaceIndex>
        var others: Set<InterfaceIndex>
        let removals: OwnRemovals?

        mutating func concerns(_ message: Message) throws(MalformedMessage) -> Bool {
            switch message.type {
            case Int(RTM_NEWLINK), Int(RTM_DELLINK):
                return try concernsLink(message)
            case Int(RTM_DELROUTE):
                guard let route = try Route(message), route.origin == RTPROT_POPLIN else { return false }
                return !isOurs(.route(route.destination))
            case Int(RTM_DELNEIGH):
                if let entry = try ForwardingEntry(message) {
                    return tunnels.contains(entry.interface) && !isOurs(.forwarding(entry.mac))
                }
                // A permanent neighbour that somebody deletes is announced as a failed one.
                guard let neighbour = try Neighbour(message), tunnels.contains(neighbour.interface) else {
                    return false
                }
                return !isOurs(.neighbour(neighbour.address))
            case Int(RTM_NEWADDR), Int(RTM_DELADDR):
                return try LinkAddress(message) != nil
            default:
                return false
            }
        }

        /// A link that gets another name is found by the next look, or when it gets an address.
        private mutating func concernsLink(_ message: Message) throws(MalformedMessage) -> Bool {
            let index = InterfaceIndex(try message.header(ifinfomsg.self).ifi_index)
            if others.contains(index) {
                if message.type == Int(RTM_DELLINK) { others.remove(index) }
                return false
            }
            guard let link = try Link(message) else { return false }
            if link.alias == FabricDriver.mark { tunnels.insert(link.index) }
            if names.contains(link.name) || tunnels.contains(link.index) { return true }
            // A tunnel that is being made gets its mark after its name.
            if message.type == Int(RTM_NEWLINK), link.kind != "vxlan" { others.insert(index) }
            return false
        }

        private func isOurs(_ object: OwnRemovals.Object) -> Bool { removals?.wasOurs(object) ?? false }
    }
}
