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
        let (info, entries) = try read("filter", version, socket)
        // The policy is the last entry of the chain: the "underflow" of the hook.
        let underflow = Int(word(info, at: 56 + 4 * Int(NF_INET_FORWARD.rawValue)))
        return LegacyEntry(entries, at: underflow, version)?.verdict == -1
    }

    /// Which of the two.
    public enum Version: String, CaseIterable, Sendable {
        case v4 = "iptables-legacy"
        case v6 = "ip6tables-legacy"

        var domain: Int32 { self == .v4 ? AF_INET : AF_INET6 }
        /// SOL_IP, SOL_IPV6
        var level: Int32 { self == .v4 ? 0 : 41 }
        /// sizeof(struct ipt_ip), sizeof(struct ip6t_ip6)
        var matchSize: Int { self == .v4 ? 84 : 136 }
        /// sizeof(struct ipt_entry), sizeof(struct ip6t_entry), in front of the matches
        var entrySize: Int { self == .v4 ? 112 : 168 }
        /// Where the kernel names the tables of this network namespace; not there in a kernel without them.
        public var path: String {
            "/proc/thread-self/net/" + (self == .v4 ? "ip_tables_names" : "ip6_tables_names")
        }
    }

    /// IPT_SO_GET_INFO, IPT_SO_GET_ENTRIES (linux/netfilter_ipv4/ip_tables.h), the same for IPv6.
    static let getInfo: Int32 = 64
    static let getEntries: Int32 = 65

    /// The tables there are; none when the kernel has no old iptables.
    public static func names(_ version: Version) throws(SystemCallError) -> [String] {
        do throws(SystemCallError) {
            let file = try FileDescriptor.open(version.path, O_RDONLY)
            return String(decoding: try file.readAll(), as: UTF8.self).split(separator: "\n").map(String.init)
        } catch  where error.errno == .ENOENT {
            return []
        }
    }

    static func word(_ bytes: [UInt8], at offset: Int) -> UInt32 {
        guard offset >= 0, offset + 4 <= bytes.count else { return 0 }
        return bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self) }
    }

    static func half(_ bytes: [UInt8], at offset: Int) -> UInt16 {
        guard offset >= 0, offset + 2 <= bytes.count else { return 0 }
        return bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt16.self) }
    }
}
