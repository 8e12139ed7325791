import Addressing
import CLinux
import SystemCalls

/// The kernel's load balancer (ip_vs), read only: what `ipvsadm -S -n` prints.
public enum IPVS {
    public struct Service: Hashable, Sendable {
        /// `IPPROTO_...`, 0 with a mark.
        public var transport: UInt8
        /// Nil with a mark.
        public var address: IPAddress?
        public var port: UInt16
        /// Packets with this mark, whatever they are sent to; 0 for none.
        public var mark: UInt32
        public var isIPv6: Bool
        /// `rr`, `lc`, ...
        public var scheduler: String
        /// Seconds a client stays with its destination; nil when every connection is scheduled anew.
        public var persistence: UInt32?
        public var destinations: [Destination] = []
    }

    public struct Destination: Hashable, Sendable {
        public var address: IPAddress
        public var port: UInt16
        /// `IP_VS_CONN_F_MASQ` and its siblings (the lowest three bits).
        public var method: UInt32
        /// 0: no new connections.
        public var weight: Int32
        public var active: UInt32
        public var inactive: UInt32
    }

    /// Whether this kernel has ip_vs now. Asking for its netlink family where it is a module would load it.
    public static let path = "/proc/thread-self/net/ip_vs"

    /// Every service with its destinations. Needs CAP_NET_ADMIN; ENOENT of a kernel without ip_vs.
    public static func services() throws(NetlinkError) -> [Service] {
        var netlink = try NetlinkSocket(family: NETLINK_GENERIC)
        guard let family = try GenericFamily.number(of: "IPVS", &netlink) else {
            throw NetlinkError(request: "CTRL_CMD_GETFAMILY IPVS", errno: .ENOENT, message: "this kernel has no ip_vs")
        }
        var services = try netlink.list(
            "IPVS_CMD_GET_SERVICE", type: family,
            request: { $0.append(GenericHeader(IPVS_CMD_GET_SERVICE)) },
            decode: { message throws(MalformedMessage) in
                try message.attributes(after: 4).first(IPVS_CMD_ATTR_SERVICE).map {
                    item throws(MalformedMessage) in try Service(item.nested)
                } ?? nil
            })
        for index in services.indices {
            let service = services[index]
            services[index].destinations = try netlink.list(
                "IPVS_CMD_GET_DEST", on: service.name, type: family,
                request: { writer in
                    writer.append(GenericHeader(IPVS_CMD_GET_DEST))
                    writer.nested(IPVS_CMD_ATTR_SERVICE) { service.encode(into: &$0) }
                },
                decode: { message throws(MalformedMessage) in
                    try message.attributes(after: 4).first(IPVS_CMD_ATTR_DEST).map {
                        item throws(MalformedMessage) in try Destination(item.nested, isIPv6: service.isIPv6)
                    } ?? nil
                })
        }
        return services
    }

    // linux/ip_vs.h, which is not among our headers.
    fileprivate static let IPVS_CMD_GET_SERVICE: UInt8 = 4
    fileprivate static let IPVS_CMD_GET_DEST: UInt8 = 8
    fileprivate static let IPVS_CMD_ATTR_SERVICE = 1
    fileprivate static let IPVS_CMD_ATTR_DEST = 2
}

extension IPVS.Service {
    /// Nil without an address family. IPVS_SVC_ATTR_AF 1, _PROTOCOL 2, _ADDR 3, _PORT 4, _FWMARK 5, _SCHED_NAME 6, _FLAGS
    /// 7, _TIMEOUT 8.
    init?(_ reader: AttributeReader) throws(MalformedMessage) {
        guard let family = try reader.first(1)?.uint16() else { return nil }
        let isIPv6 = Int32(family) == AF_INET6
        let mark = try reader.first(5)?.uint32() ?? 0
        // struct ip_vs_flags: flags, mask; IP_VS_SVC_F_PERSISTENT is 1.
        let flags = try reader.first(7)?.uint32() ?? 0
        self.init(
            transport: UInt8(truncatingIfNeeded: try reader.first(2)?.uint16() ?? 0),
            address: mark == 0 ? try reader.first(3)?.address(isIPv6) : nil,
            port: try reader.first(4)?.bigEndian16() ?? 0, mark: mark, isIPv6: isIPv6,
            scheduler: try reader.first(6)?.string ?? "",
            persistence: flags & 1 != 0 ? try reader.first(8)?.uint32() : nil)
    }

    /// What names it in a request.
    func encode(into writer: inout MessageWriter) {
        writer.uint16(1, UInt16(isIPv6 ? AF_INET6 : AF_INET))
        if mark != 0 { return writer.uint32(5, mark) }
        writer.uint16(2, UInt16(transport))
        // union nf_inet_addr
        let bytes = address.map { Array($0.bytes) } ?? []
        writer.bytes(3, bytes + [UInt8](repeating: 0, count: max(16 - bytes.count, 0)))
        writer.bigEndian16(4, port)
    }

    /// `-t 10.96.0.1:443`, `-u`, `--sctp-service`, `-f 4`.
    public var name: String {
        if mark != 0 { return "-f \(mark)\(isIPv6 ? " -6" : "")" }
        let option = [6: "-t", 17: "-u", 132: "--sctp-service"][transport] ?? "--protocol-\(transport)"
        return "\(option) \(address.map { IPVS.text($0, port) } ?? "?")"
    }

    /// Lines of `ipvsadm -S -n`.
    public var text: String {
        var lines = ["-A \(name) -s \(scheduler)" + (persistence.map { " -p \($0)" } ?? "")]
        for destination in destinations {
            // IP_VS_CONN_F_MASQ 0, _LOCALNODE 1, _TUNNEL 2, _DROUTE 3
            let method = [0: "-m", 2: "-i"][destination.method & 7] ?? "-g"
            lines.append(
                "-a \(name) -r \(IPVS.text(destination.address, destination.port)) \(method) -w \(destination.weight)")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension IPVS {
    fileprivate static func text(_ address: IPAddress, _ port: UInt16) -> String {
        address.family == .v6 ? "[\(address)]:\(port)" : "\(address):\(port)"
    }
}

extension IPVS.Destination {
    /// Nil without an address. IPVS_DEST_ATTR_ADDR 1, _PORT 2, _FWD_METHOD 3, _WEIGHT 4, _ACTIVE_CONNS 7, _INACT_CONNS 8,
    /// _ADDR_FAMILY 11.
    init?(_ reader: AttributeReader, isIPv6: Bool) throws(MalformedMessage) {
        let family = try reader.first(11)?.uint16()
        guard let address = try reader.first(1)?.address(family.map { Int32($0) == AF_INET6 } ?? isIPv6) else {
            return nil
        }
        self.init(
            address: address, port: try reader.first(2)?.bigEndian16() ?? 0,
            method: try reader.first(3)?.uint32() ?? 0, weight: try reader.first(4)?.int32() ?? 0,
            active: try reader.first(7)?.uint32() ?? 0, inactive: try reader.first(8)?.uint32() ?? 0)
    }
}

extension Attribute {
    /// Of union nf_inet_addr.
    fileprivate func address(_ isIPv6: Bool) throws(MalformedMessage) -> IPAddress? {
        IPAddress(bytes: payload.prefix(isIPv6 ? 16 : 4))
    }
}
