import CLinux
import Netlink
import SystemCalls

extension ConnectionUsers {
    /// What nf_tables does not know of, in the calling thread's network namespace, in words.
    public static func outsideOfTables() -> [String] {
        var users: [String] = []
        for version in LegacyTables.Version.allCases {
            // A table is there from the first time that somebody looked at it, with rules or without.
            let names = (try? LegacyTables.names(version)) ?? []
            if let name = names.sorted().first { users.append("table \(name) of \(version.rawValue)") }
        }
        let services = (try? read(IPVS.path)).map(virtualServices(in:)) ?? 0
        if services > 0 { users.append("ip_vs with \(services) \(services == 1 ? "service" : "services")") }
        return users
    }

    private static func read(_ path: String) throws(SystemCallError) -> String {
        let file = try FileDescriptor.open(path, O_RDONLY)
        return String(decoding: try file.readAll(), as: UTF8.self)
    }

    /// How many services /proc/net/ip_vs names: the lines that are neither head nor destination
    /// (net/netfilter/ipvs/ip_vs_ctl.c, `ip_vs_info_seq_show`).
    static func virtualServices(in text: String) -> Int {
        text.split(separator: "\n").count { line in
            ["TCP ", "UDP ", "SCTP", "FWM "].contains { line.hasPrefix($0) }
        }
    }

    /// As ``outsideOfTables()``, with the chains there are; nil while nobody needs connections. One listing, cheap enough
    /// for every second.
    public static func reason() throws(NetlinkError) -> String? {
        var socket = try NFTables.Socket()
        return ConnectionUsers(chains: try foreignChains(&socket), others: outsideOfTables()).reason
    }
}
