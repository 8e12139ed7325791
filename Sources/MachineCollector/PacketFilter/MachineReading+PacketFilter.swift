import Addressing
import CLinux
import Diagnosis
import JSONTree
import LinuxHost
import Netlink
import SystemCalls

extension MachineReading {
    /// Members of ipsets that are read, of all sets together.
    private static let mostMembers = 1 << 16

    /// Rules of nf_tables, in the form of `nft -j list ruleset`; the tables among them that iptables keeps, and those of
    /// the old iptables, in that of `iptables-save`; the sets that both name. Of the calling thread's namespace.
    ///
    /// - Parameters:
    ///   - base: where it is kept; nil for the machine's own.
    ///   - namespace: for the commands. Of a pod only what is there is written: most have no rule at all.
    mutating func readPacketFilters(_ base: String? = nil, namespace: String? = nil) {
        let prefix = namespace.map { "nsenter --net=\($0) " } ?? ""
        func isWorth(_ text: String) -> Bool { namespace == nil || !text.isEmpty }
        let sets = readIPSets(base, prefix, isWorth)
        do throws(NetlinkError) {
            var reader = try NFTablesReader(sets: sets)
            add(
                try reader.read().serialized(), NodeEvidence.Part.nftables.path, at: base,
                command: "\(prefix)nft -j list ruleset")
            for (family, part, program) in [
                (IPFamily.v4, NodeEvidence.Part.iptables, "iptables"), (.v6, .ip6tables, "ip6tables"),
            ] {
                let text = reader.saved[family]?.text ?? ""
                if isWorth(text) { add(text, part.path, at: base, command: "\(prefix)\(program)-nft-save") }
            }
        } catch {
            for part in [NodeEvidence.Part.nftables, .iptables, .ip6tables] {
                miss(part.path, at: base, because: Self.reason(error))
            }
        }
        readLegacyTables(.v4, .iptablesLegacy, sets, base, prefix, isWorth)
        readLegacyTables(.v6, .ip6tablesLegacy, sets, base, prefix, isWorth)
    }

    /// Without root the kernel shows none of this.
    static func reason(_ error: NetlinkError) -> String {
        error.errno == .EPERM ? "\(error): reading packet filters needs root (CAP_NET_ADMIN)" : "\(error)"
    }

    private mutating func readLegacyTables(
        _ version: LegacyTables.Version, _ part: NodeEvidence.Part, _ sets: [UInt16: String], _ base: String?,
        _ prefix: String, _ isWorth: (String) -> Bool
    ) {
        do throws(SystemCallError) {
            let tables = try LegacyTables.tables(version)
            var save = IPTablesSave()
            for table in tables { save.add(table, version == .v4 ? .v4 : .v6, sets: sets) }
            let isThere = (try? FileSystem.exists(version.path)) == true
            let note = isThere ? "" : "# this kernel has no \(version == .v4 ? "ip_tables" : "ip6_tables")\n"
            guard isWorth(save.text) else { return }
            add(note + save.text, part.path, at: base, command: "\(prefix)\(version.rawValue)-save")
        } catch {
            let needs = [.EPERM, .EACCES].contains(error.errno)
            miss(
                part.path, at: base,
                because: "\(error)"
                    + (needs ? ": reading the tables of the old iptables needs root (CAP_NET_ADMIN, CAP_NET_RAW)" : ""))
        }
    }

    /// All sets with their members, in the form of `ipset save`.
    ///
    /// - Returns: names by the kernel's number.
    private mutating func readIPSets(
        _ base: String?, _ prefix: String, _ isWorth: (String) -> Bool
    ) -> [UInt16: String] {
        let part = NodeEvidence.Part.ipsets.path
        // Asking a kernel that has it as a module would load it.
        guard (try? FileSystem.exists("/sys/module/ip_set")) == true else {
            if base == nil {
                add("# this kernel has no ip_set, or its module is not loaded\n", part, command: "ipset save")
            }
            return [:]
        }
        do throws(NetlinkError) {
            var socket = try IPSets.Socket()
            let sets = try socket.list(most: Self.mostMembers)
            let text = IPSetSave(sets).text
            if isWorth(text) { add(text, part, at: base, command: "\(prefix)ipset save") }
            return Dictionary(sets.compactMap { set in set.index.map { ($0, set.name) } }) { first, _ in first }
        } catch {
            miss(part, at: base, because: Self.reason(error))
            return [:]
        }
    }
}

/// Sets as `ipset save` prints them.
struct IPSetSave {
    let text: String

    init(_ sets: [IPSets.Listed]) {
        var lines: [String] = []
        // A list names sets, which come before it.
        for set in sets.sorted(by: {
            ($0.type == "list:set" ? 1 : 0, $0.name) < ($1.type == "list:set" ? 1 : 0, $1.name)
        }) {
            var words = ["create", set.name, set.type]
            if set.family == UInt8(AF_INET) { words.append("family inet") }
            if set.family == UInt8(AF_INET6) { words.append("family inet6") }
            if let range = set.range { words.append("range \(range)") }
            if let size = set.hashSize { words.append("hashsize \(size)") }
            if let maximum = set.maximum { words.append("\(set.type == "list:set" ? "size" : "maxelem") \(maximum)") }
            if let timeout = set.timeout { words.append("timeout \(timeout)") }
            lines.append(words.joined(separator: " "))
            let size = "\(set.count) members, \(set.references) references, \(set.memory) bytes"
            guard let members = set.members else {
                lines.append("# \(set.name): \(size); \(PacketFilter.leftOut)")
                continue
            }
            lines.append("# \(set.name): \(size)")
            for member in members {
                var line = "add \(set.name) \(member.text)"
                if let timeout = member.timeout { line += " timeout \(timeout)" }
                if member.isException { line += " nomatch" }
                if let comment = member.comment { line += " comment \"\(comment)\"" }
                lines.append(line)
            }
        }
        text = lines.isEmpty ? "" : lines.joined(separator: "\n") + "\n"
    }
}
