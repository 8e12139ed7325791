import CLinux
import SystemCalls

/// The tables of the old iptables, which live beside nf_tables in the kernel and drop packets on their own. They are
/// read here, never changed.
public enum LegacyTables {
    /// Whether this namespace has the filter table of the old iptables, and what happens at the end of its FORWARD
    /// chain.
    ///
    /// - Returns: true when forwarded packets are dropped there, false when they are accepted, nil when there is no such
    ///   table. Reading a table that does not exist yet would make it, so its name is looked up first.
    public static func forwardPolicyDrops(_ version: Version) throws(SystemCallError) -> Bool? {
        guard try names(version).contains("filter") else { return nil }
        let socket = try Sockets.make(
            domain: version.domain, type: Int32(SOCK_RAW.rawValue), protocol: Int32(IPPROTO_RAW))
        // struct ipt_getinfo: name (32), valid_hooks, hook_entry (5 x 4), underflow (5 x 4), num_entries, size
        var info = [UInt8](repeating: 0, count: 84)
        info.replaceSubrange(0..<6, with: Array("filter".utf8))
        try Sockets.option(socket, level: version.level, name: Self.getInfo, into: &info)
        let underflow = Int(word(info, at: 56 + 4 * Int(NF_INET_FORWARD.rawValue)))
        let size = Int(word(info, at: 80))
        guard size > 0, size < 64 << 20 else { return nil }
        // struct ipt_get_entries: name (32), size, padding (4), the entries
        var entries = [UInt8](repeating: 0, count: 40 + size)
        entries.replaceSubrange(0..<6, with: Array("filter".utf8))
        withUnsafeBytes(of: UInt32(size)) { entries.replaceSubrange(32..<36, with: $0) }
        try Sockets.option(socket, level: version.level, name: Self.getEntries, into: &entries)
        // struct ipt_entry: the match (84; ip6t_entry: 136), nfcache, target_offset as u16
        let entry = 40 + underflow
        let field = entry + version.matchSize + 4
        guard field + 2 <= entries.count else { return nil }
        let target = entry + Int(entries[field]) + Int(entries[field + 1]) << 8
        // struct xt_standard_target: xt_entry_target (32), verdict: -1 is NF_DROP, -2 is NF_ACCEPT
        guard target + 36 <= entries.count else { return nil }
        return Int32(bitPattern: word(entries, at: target + 32)) == -1
    }

    /// Which of the two.
    public enum Version: String, CaseIterable, Sendable {
        case v4 = "iptables-legacy"
        case v6 = "ip6tables-legacy"

        fileprivate var domain: Int32 { self == .v4 ? AF_INET : AF_INET6 }
        /// SOL_IP, SOL_IPV6
        fileprivate var level: Int32 { self == .v4 ? 0 : 41 }
        /// sizeof(struct ipt_ip), sizeof(struct ip6t_ip6)
        fileprivate var matchSize: Int { self == .v4 ? 84 : 136 }
        fileprivate var path: String {
            "/proc/thread-self/net/" + (self == .v4 ? "ip_tables_names" : "ip6_tables_names")
        }
    }

    /// IPT_SO_GET_INFO, IPT_SO_GET_ENTRIES (linux/netfilter_ipv4/ip_tables.h), the same for IPv6.
    private static let getInfo: Int32 = 64
    private static let getEntries: Int32 = 65

    /// The tables there are; none when the kernel has no old iptables.
    private static func names(_ version: Version) throws(SystemCallError) -> [String] {
        do throws(SystemCallError) {
            let file = try FileDescriptor.open(version.path, O_RDONLY)
            return String(decoding: try file.readAll(), as: UTF8.self).split(separator: "\n").map(String.init)
        } catch  where error.errno == .ENOENT {
            return []
        }
    }

    private static func word(_ bytes: [UInt8], at offset: Int) -> UInt32 {
        guard offset >= 0, offset + 4 <= bytes.count else { return 0 }
        return bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self) }
    }
}
