import CLinux
import Netlink

/// A classifier of kind `bpf` (`tc filter show dev LINK ingress`).
struct BPFFilter {
    var program: UInt32
    var name: String

    static func list(on interface: Int32, _ parent: TrafficControlHandle) throws(NetlinkError) -> [BPFFilter] {
        var socket = try NetlinkSocket(family: NETLINK_ROUTE)
        return try socket.list("RTM_GETTFILTER", on: "#\(interface)", type: Int(RTM_GETTFILTER)) { writer in
            var header = tcmsg()
            header.tcm_ifindex = interface
            header.tcm_parent = parent.rawValue
            writer.append(header)
        } decode: { message throws(MalformedMessage) in
            try BPFFilter(message)
        }
    }

    /// Nil for filters of other kinds, and for a classifier's head, which stands for no program.
    init?(_ message: Message) throws(MalformedMessage) {
        guard message.type == RTM_NEWTFILTER else { return nil }
        let attributes = try message.attributes(after: MemoryLayout<tcmsg>.size)
        guard try attributes.first(Int(TCA_KIND))?.string == "bpf",
            let options = try attributes.first(Int(TCA_OPTIONS))?.nested,
            let program = try options.first(Int(TCA_BPF_ID))?.uint32()
        else { return nil }
        self.program = program
        name = try options.first(Int(TCA_BPF_NAME))?.string ?? ""
    }
}
