import CLinux
import SystemCalls

extension LegacyTables {
    /// One table with its chains.
    public struct Table: Hashable, Sendable {
        public var name: String
        public var chains: [Chain]
    }

    public struct Chain: Hashable, Sendable {
        public var name: String
        /// Nil for a chain that no hook calls.
        public var policy: Policy?
        public var rules: [Rule] = []
    }

    public enum Policy: String, Hashable, Sendable {
        case accept = "ACCEPT"
        case drop = "DROP"
    }

    /// A match or a target with its own structure (linux/netfilter/xt_*.h).
    public struct Extension: Hashable, Sendable {
        public var name: String
        public var revision: UInt32
        public var info: [UInt8]
    }

    /// `IPT_INV_...`
    public struct Inversions: OptionSet, Hashable, Sendable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        public static let input = Inversions(rawValue: 0x01)
        public static let output = Inversions(rawValue: 0x02)
        public static let source = Inversions(rawValue: 0x08)
        public static let destination = Inversions(rawValue: 0x10)
        public static let fragment = Inversions(rawValue: 0x20)
        public static let transport = Inversions(rawValue: 0x40)
    }

    public struct Rule: Hashable, Sendable {
        /// Four or sixteen bytes each.
        public var source: [UInt8]
        public var sourceMask: [UInt8]
        public var destination: [UInt8]
        public var destinationMask: [UInt8]
        /// Empty for any; with `+` at its end a prefix of names.
        public var input: String
        public var output: String
        /// `IPPROTO_...`, 0 for any.
        public var transport: UInt8
        public var isFragment: Bool
        public var isGoto: Bool
        public var inversions: Inversions
        public var matches: [Extension]
        public var target: Target
    }

    public enum Target: Hashable, Sendable {
        /// The next rule.
        case none
        case accept, drop, `return`, queue
        case chain(String)
        case `extension`(Extension)
    }

    /// Every table of this network namespace with its rules; none when the kernel has no old iptables, or nobody used it
    /// here. Needs CAP_NET_ADMIN.
    public static func tables(_ version: Version) throws(SystemCallError) -> [Table] {
        let names = try names(version)
        if names.isEmpty { return [] }
        let socket = try Sockets.make(
            domain: version.domain, type: Int32(SOCK_RAW.rawValue), protocol: Int32(IPPROTO_RAW))
        var tables: [Table] = []
        for name in names {
            var attempts = 0
            while true {
                attempts += 1
                do throws(SystemCallError) {
                    let (info, entries) = try read(name, version, socket)
                    tables.append(try Table(name: name, info: info, entries: entries, version))
                    break
                } catch {
                    // EAGAIN: the table was replaced between the two questions.
                    guard error.errno == .EAGAIN, attempts < 16 else { throw error }
                }
            }
        }
        return tables
    }

    /// The answers to IPT_SO_GET_INFO and IPT_SO_GET_ENTRIES, of the latter what is behind its header.
    static func read(
        _ table: String, _ version: Version, _ socket: borrowing FileDescriptor
    ) throws(SystemCallError) -> (info: [UInt8], entries: [UInt8]) {
        // XT_TABLE_MAXNAMELEN
        let name = Array(table.utf8.prefix(31))
        // struct ipt_getinfo: name (32), valid_hooks, hook_entry (5 x 4), underflow (5 x 4), num_entries, size
        var info = [UInt8](repeating: 0, count: 84)
        info.replaceSubrange(0..<name.count, with: name)
        try Sockets.option(socket, level: version.level, name: getInfo, into: &info)
        let size = Int(word(info, at: 80))
        guard size > 0, size < 256 << 20 else { throw SystemCallError("IPT_SO_GET_INFO", Errno(rawValue: EMSGSIZE)) }
        // struct ipt_get_entries: name (32), size, padding (4), the entries
        var entries = [UInt8](repeating: 0, count: 40 + size)
        entries.replaceSubrange(0..<name.count, with: name)
        withUnsafeBytes(of: UInt32(size)) { entries.replaceSubrange(32..<36, with: $0) }
        try Sockets.option(socket, level: version.level, name: getEntries, into: &entries)
        return (info, Array(entries.dropFirst(40)))
    }
}

extension LegacyTables.Table {
    /// Of struct ipt_getinfo and the entries. Throws EBADMSG where lengths lead nowhere.
    init(
        name: String, info: [UInt8], entries: [UInt8], _ version: LegacyTables.Version
    ) throws(SystemCallError) {
        let broken = SystemCallError("IPT_SO_GET_ENTRIES", Errno(rawValue: EBADMSG), on: name)
        guard info.count >= 84 else { throw broken }
        let hooks = LegacyTables.word(info, at: 32)
        let names = ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"]
        /// Chains by the offset of their first rule, and the offsets of policies.
        var starts: [Int: LegacyTables.Chain] = [:]
        var policies: [Int: Int] = [:]
        for hook in 0..<5 where hooks & 1 << UInt32(hook) != 0 {
            let start = Int(LegacyTables.word(info, at: 36 + 4 * hook))
            starts[start] = LegacyTables.Chain(name: names[hook])
            policies[Int(LegacyTables.word(info, at: 56 + 4 * hook))] = start
        }
        // The first walk finds what jumps lead to.
        var offsets: [(offset: Int, entry: LegacyEntry)] = []
        var offset = 0
        while offset < entries.count {
            guard let entry = LegacyEntry(entries, at: offset, version) else { throw broken }
            offsets.append((offset, entry))
            if let chain = entry.chainName, offset + entry.length < entries.count {
                starts[offset + entry.length] = LegacyTables.Chain(name: chain)
            }
            offset += entry.length
        }
        let byOffset = starts.mapValues(\.name)
        var current: Int?
        for (offset, entry) in offsets {
            if byOffset[offset] != nil { current = offset }
            guard let start = current else { continue }
            if let base = policies[offset] {
                starts[base]?.policy = entry.verdict == -1 ? .drop : .accept
                current = nil
                continue
            }
            if entry.chainName != nil { continue }
            starts[start]?.rules.append(entry.rule(byOffset, next: offset + entry.length))
        }
        // A chain of its own ends with a RETURN that nobody wrote.
        for (start, chain) in starts where chain.policy == nil && !chain.rules.isEmpty {
            starts[start]?.rules.removeLast()
        }
        self.init(name: name, chains: starts.sorted { $0.key < $1.key }.map(\.value))
    }
}

/// struct ipt_entry or struct ip6t_entry with its matches and its target.
struct LegacyEntry {
    private let bytes: [UInt8]
    private let version: LegacyTables.Version
    /// Bytes up to the next entry.
    let length: Int
    private let targetOffset: Int
    private let start: Int

    /// Nil when its offsets lie outside.
    init?(_ bytes: [UInt8], at start: Int, _ version: LegacyTables.Version) {
        self.bytes = bytes
        self.version = version
        self.start = start
        // ip (84; ip6t_ip6: 136), nfcache (4), target_offset, next_offset (u16 each), comefrom (4), two counters (u64)
        let field = start + version.matchSize + 4
        guard start + version.entrySize + 32 <= bytes.count else { return nil }
        targetOffset = Int(LegacyTables.half(bytes, at: field))
        length = Int(LegacyTables.half(bytes, at: field + 2))
        guard targetOffset >= version.entrySize, length >= targetOffset + 32, start + length <= bytes.count else {
            return nil
        }
    }

    /// struct xt_entry_match and xt_entry_target: size (u16), name (29), revision (u8), then the structure.
    private func item(at offset: Int, end: Int) -> LegacyTables.Extension? {
        guard offset + 32 <= end else { return nil }
        let size = Int(LegacyTables.half(bytes, at: offset))
        guard size >= 32, offset + size <= end else { return nil }
        let name = String(decoding: bytes[(offset + 2)..<(offset + 31)].prefix { $0 != 0 }, as: UTF8.self)
        return .init(
            name: name, revision: UInt32(bytes[offset + 31]), info: Array(bytes[(offset + 32)..<(offset + size)]))
    }

    private var targetItem: LegacyTables.Extension? { item(at: start + targetOffset, end: start + length) }

    /// The chain that begins behind this entry: its target is ERROR with the chain's name (struct xt_error_target).
    var chainName: String? {
        guard let target = targetItem, target.name == "ERROR" else { return nil }
        return String(decoding: target.info.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// Of struct xt_standard_target; nil when the target is an extension.
    var verdict: Int32? {
        guard let target = targetItem, target.name.isEmpty, target.info.count >= 4 else { return nil }
        return Int32(bitPattern: LegacyTables.word(target.info, at: 0))
    }

    /// - Parameter chains: by the offset of their first rule.
    func rule(_ chains: [Int: String], next: Int) -> LegacyTables.Rule {
        let size = version == .v4 ? 4 : 16
        func field(_ offset: Int, _ count: Int) -> [UInt8] { Array(bytes[(start + offset)..<(start + offset + count)]) }
        // struct ipt_ip: src, dst, smsk, dmsk, iniface[16], outiface[16] and their masks, proto (u16), flags, invflags;
        // struct ip6t_ip6 has tos in front of flags.
        let names = 4 * size
        let last = names + 64
        let flags = bytes[start + last + (version == .v4 ? 2 : 3)]
        let inversions = bytes[start + last + (version == .v4 ? 3 : 4)]
        var matches: [LegacyTables.Extension] = []
        var offset = start + version.entrySize
        while offset < start + targetOffset, let match = item(at: offset, end: start + targetOffset) {
            matches.append(match)
            offset += 32 + match.info.count
        }
        let target: LegacyTables.Target
        switch verdict {
        // -NF_DROP - 1, -NF_ACCEPT - 1, -NF_QUEUE - 1, XT_RETURN
        case -1: target = .drop
        case -2: target = .accept
        case -4: target = .queue
        case -5: target = .return
        case let position?: target = Int(position) == next ? .none : chains[Int(position)].map { .chain($0) } ?? .none
        case nil: target = targetItem.map { .extension($0) } ?? .none
        }
        return .init(
            source: field(0, size), sourceMask: field(2 * size, size), destination: field(size, size),
            destinationMask: field(3 * size, size), input: Self.name(field(names, 16), field(names + 32, 16)),
            output: Self.name(field(names + 16, 16), field(names + 48, 16)), transport: bytes[start + last],
            isFragment: version == .v4 && flags & 1 != 0, isGoto: flags & (version == .v4 ? 2 : 4) != 0,
            inversions: .init(rawValue: inversions), matches: matches, target: target)
    }

    /// The mask ends before the name's NUL when only the beginning counts.
    private static func name(_ bytes: [UInt8], _ mask: [UInt8]) -> String {
        let length = mask.prefix { $0 != 0 }.count
        if length == 0 { return "" }
        let text = String(decoding: bytes.prefix(length).prefix { $0 != 0 }, as: UTF8.self)
        return length > text.utf8.count || length == 16 ? text : text + "+"
    }
}
