import Addressing
import CLinux
import Netlink

/// Makes the kernel forget the connections of addresses that were given back, so that the next pod with an address does
/// not get what was meant for the one before.
enum ConnectionFlush {
    /// TCP, UDP, SCTP and ICMP.
    private static let transports: [IPFamily: [UInt8]] = [
        .v4: [UInt8(IPPROTO_TCP), UInt8(IPPROTO_UDP), UInt8(IPPROTO_SCTP), UInt8(IPPROTO_ICMP)],
        .v6: [UInt8(IPPROTO_TCP), UInt8(IPPROTO_UDP), UInt8(IPPROTO_SCTP), UInt8(IPPROTO_ICMPV6)],
    ]

    /// - Returns: how many connections were forgotten.
    @discardableResult
    static func forget(_ addresses: [IPAddress]) throws(NetlinkError) -> Int {
        if addresses.isEmpty { return 0 }
        let wanted = Set(addresses)
        var socket = try Conntrack.Socket()
        var count = 0
        for family in IPFamily.allCases where wanted.contains(where: { $0.family == family }) {
            for transport in transports[family] ?? [] {
                let flows = try socket.flows(family, transport: transport).filter { flow in
                    [flow.original, flow.reply].contains {
                        wanted.contains($0.source) || wanted.contains($0.destination)
                    }
                }
                try socket.delete(flows)
                count += flows.count
            }
        }
        return count
    }
}
