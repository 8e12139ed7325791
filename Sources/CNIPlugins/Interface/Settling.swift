import Addressing
import CNI
import LinuxHost
import Netlink

/// Waiting for what the kernel does later, from its work queues. Changes are listened to before the state is looked
/// at, so nothing is missed and nothing is polled.
enum Settling {
    /// How long a port may take to come up, in nanoseconds. The kernel needs well under a millisecond when idle.
    static let portDeadline: UInt64 = 3_000_000_000
    /// How long duplicate address detection may take, in nanoseconds: up to a second of random delay, then a second
    /// for each of `dad_transmits` probes (RFC 4862 5.4).
    static let addressDeadline: UInt64 = 10_000_000_000

    /// Waits until a link's operational state is up: before that a bridge does not forward through the port.
    static func waitUntilUp(_ link: Link, in socket: inout RouteSocket) throws(CNIError) {
        func state(_ socket: inout RouteSocket) throws(CNIError) -> Link {
            let found = try kernel { () throws(NetlinkError) in try socket.link(at: link.index) }
            guard let found else { throw CNIError(.kernelRefused, "\(link.name) vanished while it was being set up") }
            return found
        }
        if try state(&socket).operationalState == .up { return }
        var events = try kernel { () throws(NetlinkError) in
            var events = try RouteSocket()
            try events.listen(to: .link)
            return events
        }
        var current = try state(&socket).operationalState
        let deadline = Clock.monotonic() + portDeadline
        while current != .up {
            guard let milliseconds = remaining(deadline) else {
                throw CNIError(
                    .kernelRefused, "port \(link.name) did not come up: its state is \(current)",
                    details: "waited \(portDeadline / 1_000_000_000) s; the container's end must be up and nobody may"
                        + " take it down again")
            }
            _ = try kernel { () throws(NetlinkError) in
                try events.nextEvents(within: milliseconds) { message throws(MalformedMessage) in
                    guard let change = try Link(message), change.index == link.index else { return }
                    current = change.operationalState
                }
            }
        }
    }

    /// Waits until no IPv6 address of a link is tentative any more. The thread must be in the link's namespace.
    static func waitForAddresses(of link: Link, in socket: inout RouteSocket) throws(CNIError) {
        var events = try kernel { () throws(NetlinkError) in
            var events = try RouteSocket()
            try events.listen(to: .addressesIPv6)
            return events
        }
        let deadline = Clock.monotonic() + addressDeadline
        while true {
            let addresses = try kernel { () throws(NetlinkError) in
                try socket.addresses(on: link.index, family: .v6)
            }
            if let failed = addresses.first(where: { $0.flags.contains(.dadFailed) }) {
                throw CNIError(
                    .alreadyTaken, "\(failed.address.address) is already used by another machine on the link",
                    details: "duplicate address detection failed on \(link.name) (enabledad is true)")
            }
            let tentative = addresses.filter { $0.flags.contains(.tentative) && !$0.flags.contains(.optimistic) }
            if tentative.isEmpty { return }
            guard let milliseconds = remaining(deadline) else {
                let list = tentative.map(\.address.description).joined(separator: ", ")
                throw CNIError(
                    .tryAgainLater, "duplicate address detection did not finish for \(list)",
                    details: "waited \(addressDeadline / 1_000_000_000) s on \(link.name)")
            }
            _ = try kernel { () throws(NetlinkError) in try events.nextEvents(within: milliseconds) { _ in } }
        }
    }

    /// Milliseconds until `deadline`, at least one; nil when it is over.
    private static func remaining(_ deadline: UInt64) -> Int32? {
        let now = Clock.monotonic()
        return now < deadline ? Int32(clamping: (deadline - now) / 1_000_000 + 1) : nil
    }
}
