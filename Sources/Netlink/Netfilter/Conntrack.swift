import Addressing
import CLinux
import SystemCalls

/// The kernel's table of connections (nf_conntrack), as far as port mapping needs it: which flows go to a port, and
/// making the kernel forget them. A UDP flow that was seen before its port was mapped keeps going where it went,
/// and one that goes to a pod that is gone keeps going there, for as long as somebody sends.
public enum Conntrack {
    /// One direction's addresses and ports.
    public struct Tuple: Hashable, Sendable {
        public let source: IPAddress
        public let destination: IPAddress
        /// 0, as the other, where the protocol has no ports.
        public let sourcePort: UInt16
        public let destinationPort: UInt16
    }

    /// One connection.
    public struct Flow: Hashable, Sendable {
        public let family: IPFamily
        /// `IPPROTO_...`
        public let transport: UInt8
        /// As the first packet had it.
        public let original: Tuple
        /// As answers have it: after address translation this is not `original` turned around.
        public let reply: Tuple
        /// `CTA_TUPLE_ORIG`, `CTA_ZONE` and `CTA_ID` as the kernel sent them: what a deletion names the flow by.
        fileprivate let identity: [Identity]
    }

    fileprivate struct Identity: Hashable, Sendable {
        let type: Int
        let isNested: Bool
        let bytes: [UInt8]
    }

    /// A conversation with the table in one network namespace.
    public struct Socket: ~Copyable {
        private var netlink: NetlinkSocket

        /// Opens a socket in the calling thread's network namespace.
        public init() throws(NetlinkError) { netlink = try NetlinkSocket(family: NETLINK_NETFILTER) }

        /// Opens a socket in the network namespace behind `namespace`.
        public init(in namespace: borrowing FileDescriptor) throws(NetlinkError) {
            netlink = try NetlinkSocket(family: NETLINK_NETFILTER, in: namespace)
        }

        /// Talks over an open NETLINK_NETFILTER socket.
        public init(_ netlink: consuming NetlinkSocket) { self.netlink = netlink }

        /// The flows of a transport protocol whose first packet went to `port`, or to any port.
        ///
        /// The kernel walks its whole table and, since Linux 5.8, sends only what matches (CTA_FILTER); what an
        /// older one sends besides is dropped here.
        public mutating func flows(
            _ family: IPFamily, transport: UInt8, port: UInt16? = nil
        ) throws(NetlinkError) -> [Flow] {
            try netlink.list(
                "IPCTNL_MSG_CT_GET", type: Self.type(IPCTNL_MSG_CT_GET),
                request: { writer in
                    writer.append(Self.header(family))
                    writer.nested(Int(CTA_TUPLE_ORIG.rawValue)) { tuple in
                        tuple.nested(Int(CTA_TUPLE_PROTO.rawValue)) { fields in
                            fields.uint8(Int(CTA_PROTO_NUM.rawValue), transport)
                            if let port { fields.bigEndian16(Int(CTA_PROTO_DST_PORT.rawValue), port) }
                        }
                    }
                    writer.nested(Int(CTA_FILTER.rawValue)) { filter in
                        var flags = Self.CTA_FILTER_F_CTA_PROTO_NUM
                        if port != nil { flags |= Self.CTA_FILTER_F_CTA_PROTO_DST_PORT }
                        filter.uint32(Int(CTA_FILTER_ORIG_FLAGS.rawValue), flags)
                        filter.uint32(Int(CTA_FILTER_REPLY_FLAGS.rawValue), 0)
                    }
                },
                decode: { message throws(MalformedMessage) in
                    guard let flow = try Flow(message), flow.family == family, flow.transport == transport,
                        port == nil || flow.original.destinationPort == port
                    else { return nil }
                    return flow
                })
        }

        /// The flows of all protocols, of one family or of both. One walk, as for a single protocol: the kernel goes
        /// through its whole table whatever is asked for, which is milliseconds of its time also when the table is empty.
        public mutating func flows(_ family: IPFamily? = nil) throws(NetlinkError) -> [Flow] {
            try netlink.list(
                "IPCTNL_MSG_CT_GET", type: Self.type(IPCTNL_MSG_CT_GET),
                request: { writer in writer.append(Self.header(family)) },
                decode: { message throws(MalformedMessage) in
                    guard let flow = try Flow(message), family == nil || flow.family == family else { return nil }
                    return flow
                })
        }

        /// Forgets flows; those that ended meanwhile are forgotten already.
        public mutating func delete(_ flows: [Flow]) throws(NetlinkError) {
            var batch = RequestBatch(capacity: 128 * flows.count)
            for flow in flows {
                batch.request(
                    "IPCTNL_MSG_CT_DELETE", on: "\(flow.original.destination) port \(flow.original.destinationPort)",
                    type: Self.type(IPCTNL_MSG_CT_DELETE), flags: 0
                ) { writer in
                    writer.append(Self.header(flow.family))
                    for part in flow.identity {
                        writer.bytes(part.isNested ? part.type | Int(NLA_F_NESTED) : part.type, part.bytes)
                    }
                }
            }
            for failure in try netlink.perform(&batch) where failure.error.errno != .ENOENT { throw failure.error }
        }

        private static func type(_ message: cntl_msg_types) -> Int {
            Int(NFNL_SUBSYS_CTNETLINK) << 8 | Int(message.rawValue)
        }

        private static func header(_ family: IPFamily?) -> nfgenmsg {
            nfgenmsg(nfgen_family: family?.netlinkNumber ?? UInt8(AF_UNSPEC), version: UInt8(NFNETLINK_V0), res_id: 0)
        }

        // net/netfilter/nf_conntrack_netlink.c, not in uapi: which fields of a tuple a filter compares.
        private static let CTA_FILTER_F_CTA_PROTO_NUM: UInt32 = 1 << 3
        private static let CTA_FILTER_F_CTA_PROTO_DST_PORT: UInt32 = 1 << 5
    }
}

extension Conntrack.Flow {
    /// Nil for a message that does not say both directions.
    init?(_ message: Message) throws(MalformedMessage) {
        var original: (tuple: Conntrack.Tuple, transport: UInt8)?
        var reply: (tuple: Conntrack.Tuple, transport: UInt8)?
        var identity: [Conntrack.Identity] = []
        try message.attributes(after: MemoryLayout<nfgenmsg>.size).forEach { field throws(MalformedMessage) in
            switch field.type {
            case Int(CTA_TUPLE_ORIG.rawValue):
                original = try Conntrack.Tuple.read(field.nested)
                identity.append(.init(type: field.type, isNested: true, bytes: field.bytes))
            case Int(CTA_TUPLE_REPLY.rawValue):
                reply = try Conntrack.Tuple.read(field.nested)
            case Int(CTA_ZONE.rawValue), Int(CTA_ID.rawValue):
                identity.append(.init(type: field.type, isNested: false, bytes: field.bytes))
            default: break
            }
        }
        guard let original, let reply else { return nil }
        self.init(
            family: original.tuple.source.family, transport: original.transport, original: original.tuple,
            reply: reply.tuple, identity: identity)
    }
}

extension Conntrack.Tuple {
    fileprivate static func read(
        _ fields: AttributeReader
    ) throws(MalformedMessage) -> (tuple: Conntrack.Tuple, transport: UInt8)? {
        guard let addresses = try fields.first(Int(CTA_TUPLE_IP.rawValue))?.nested,
            let ports = try fields.first(Int(CTA_TUPLE_PROTO.rawValue))?.nested
        else { return nil }
        var source: IPAddress?
        var destination: IPAddress?
        try addresses.forEach { field throws(MalformedMessage) in
            switch field.type {
            case Int(CTA_IP_V4_SRC.rawValue), Int(CTA_IP_V6_SRC.rawValue): source = IPAddress(bytes: field.payload)
            case Int(CTA_IP_V4_DST.rawValue), Int(CTA_IP_V6_DST.rawValue):
                destination = IPAddress(bytes: field.payload)
            default: break
            }
        }
        guard let source, let destination,
            let transport = try ports.first(Int(CTA_PROTO_NUM.rawValue))?.uint8()
        else { return nil }
        let sourcePort = try ports.first(Int(CTA_PROTO_SRC_PORT.rawValue))?.bigEndian16() ?? 0
        let destinationPort = try ports.first(Int(CTA_PROTO_DST_PORT.rawValue))?.bigEndian16() ?? 0
        return (
            Conntrack.Tuple(
                source: source, destination: destination, sourcePort: sourcePort, destinationPort: destinationPort),
            transport
        )
    }
}
