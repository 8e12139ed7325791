import Addressing
import Netlink

/// Makes the kernel forget the connections of addresses that were given back, so that the next pod with an address does
/// not get what was meant for the one before.
enum ConnectionFlush {
    /// - Returns: how many connections were forgotten.
    @discardableResult
    static func forget(_ addresses: [IPAddress]) throws(NetlinkError) -> Int {
        if addresses.isEmpty { return 0 }
        let wanted = Set(addresses)
        let families = Set(wanted.map(\.family))
        var socket = try Conntrack.Socket()
        let flows = try socket.flows(families.count == 1 ? families.first : nil).filter { flow in
            [flow.original, flow.reply].contains { wanted.contains($0.source) || wanted.contains($0.destination) }
        }
        try socket.delete(flows)
        return flows.count
    }
}
