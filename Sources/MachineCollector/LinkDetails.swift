import CLinux
import JSONTree
import Netlink

/// What of an interface only a doctor wants to know: its counters and its XDP program (RTM_NEWLINK).
struct LinkDetails {
    var index: Int32
    var name: String
    /// `struct rtnl_link_stats64`, in its order (linux/if_link.h).
    var counters: [UInt64] = []
    var program: (id: UInt32, mode: String)?

    /// All interfaces of the calling thread's namespace.
    static func list() throws(NetlinkError) -> [LinkDetails] {
        var socket = try NetlinkSocket(family: NETLINK_ROUTE)
        return try socket.list("RTM_GETLINK", type: Int(RTM_GETLINK)) { writer in
            writer.append(ifinfomsg())
        } decode: { message throws(MalformedMessage) in
            try LinkDetails(message)
        }
    }

    init?(_ message: Message) throws(MalformedMessage) {
        guard message.type == RTM_NEWLINK else { return nil }
        index = try message.header(ifinfomsg.self).ifi_index
        let attributes = try message.attributes(after: MemoryLayout<ifinfomsg>.size)
        guard let name = try attributes.first(Int(IFLA_IFNAME))?.string else { return nil }
        self.name = name
        if let statistics = try attributes.first(Int(IFLA_STATS64)) {
            counters = stride(from: 0, to: statistics.payload.count / 8 * 8, by: 8).map {
                statistics.payload.loadUnaligned(fromByteOffset: $0, as: UInt64.self)
            }
        }
        if let program = try attributes.first(Int(IFLA_XDP))?.nested,
            let mode = try program.first(Int(IFLA_XDP_ATTACHED))?.uint8(),
            let id = try program.first(Int(IFLA_XDP_PROG_ID))?.uint32()
        {
            // XDP_ATTACHED_DRV, _SKB, _HW; with several at once the numbers are told apart.
            let modes = ["none", "driver", "generic", "offload", "multi"]
            self.program = (id, Int(mode) < modes.count ? modes[Int(mode)] : "\(mode)")
        }
    }

    /// `stats64` as `ip -s -j link` prints it; nil where the kernel told none.
    var statistics: JSONValue? {
        guard counters.count > 17 else { return nil }
        func group(_ fields: [(String, Int)]) -> JSONValue {
            .object(fields.map { JSONMember($0.0, .uint(counters[$0.1])) })
        }
        return .object([
            JSONMember(
                "rx",
                group([
                    ("bytes", 2), ("packets", 0), ("errors", 4), ("dropped", 6), ("over_errors", 11), ("multicast", 8),
                ])),
            JSONMember(
                "tx",
                group([
                    ("bytes", 3), ("packets", 1), ("errors", 5), ("dropped", 7), ("carrier_errors", 16),
                    ("collisions", 9),
                ])),
        ])
    }
}
