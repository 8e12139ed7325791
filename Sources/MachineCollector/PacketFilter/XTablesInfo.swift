import Addressing

/// The structure that an extension of xtables keeps in a rule (linux/netfilter/xt_*.h, in the machine's byte order), as
/// the kernel hands it out. Whoever reads a field has asked for the structure's size before: what lies beyond is 0.
struct XTablesInfo {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var count: Int { bytes.count }

    func byte(_ offset: Int) -> Int { offset < bytes.count ? Int(bytes[offset]) : 0 }

    /// 16 bits.
    func half(_ offset: Int) -> Int { Int(load(offset, as: UInt16.self)) }

    /// 16 bits as the network has them.
    func networkHalf(_ offset: Int) -> Int { byte(offset) << 8 | byte(offset + 1) }

    /// 32 bits.
    func word(_ offset: Int) -> UInt32 { load(offset, as: UInt32.self) }

    func long(_ offset: Int) -> UInt64 { load(offset, as: UInt64.self) }

    private func load<Value: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, as type: Value.Type) -> Value {
        guard offset + MemoryLayout<Value>.size <= bytes.count else { return 0 }
        return bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: type) }
    }

    /// Up to the first NUL, at most `count` bytes.
    func text(_ offset: Int, _ count: Int) -> String {
        guard offset < bytes.count else { return "" }
        let end = min(offset + count, bytes.count)
        return String(decoding: bytes[offset..<end].prefix { $0 != 0 }, as: UTF8.self)
    }

    /// `union nf_inet_addr`, which has room for an address of either family; of IPv4 the first four bytes count.
    func address(_ offset: Int, _ family: IPFamily) -> IPAddress? {
        let size = family == .v4 ? 4 : 16
        guard offset + size <= bytes.count else { return nil }
        return IPAddress(bytes: bytes[offset..<(offset + size)])
    }

    func slice(_ offset: Int, _ count: Int) -> [UInt8] {
        guard offset + count <= bytes.count else { return [UInt8](repeating: 0, count: count) }
        return Array(bytes[offset..<(offset + count)])
    }
}

/// Words as iptables-save writes them.
enum IPTablesWords {
    /// Without quotation marks only when there is nothing but letters, digits, `_` and `-` (`xtables_save_string`).
    static func quoted(_ text: String) -> String {
        func isPlain(_ unit: UInt8) -> Bool {
            switch unit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        if !text.isEmpty && text.utf8.allSatisfy(isPlain) { return text }
        var quoted = "\""
        for character in text {
            if "\"\\'".contains(character) { quoted.append("\\") }
            quoted.append(character)
        }
        return quoted + "\""
    }

    static func hex(_ value: UInt32) -> String { "0x" + String(value, radix: 16) }

    static func hexByte(_ value: Int) -> String {
        let digits = String(value & 255, radix: 16)
        return "0x" + (digits.count < 2 ? "0" : "") + digits
    }

    /// `0x4000/0x4000`; the mask only where it leaves something out.
    static func masked(_ value: UInt32, _ mask: UInt32) -> String {
        mask == .max ? hex(value) : "\(hex(value))/\(hex(mask))"
    }

    /// `10`, `10:20`.
    static func range(_ first: Int, _ last: Int, _ separator: String = ":") -> String {
        first == last ? "\(first)" : "\(first)\(separator)\(last)"
    }

    /// `/24`, or the mask itself where it has gaps; nil for none of the address.
    static func mask(_ bytes: [UInt8]) -> String? {
        let ones = bytes.reduce(0) { $0 + $1.nonzeroBitCount }
        if ones == 0 { return nil }
        let whole = bytes.enumerated().allSatisfy { index, byte in
            let bits = min(max(ones - index * 8, 0), 8)
            return byte == UInt8(truncatingIfNeeded: 0xFF00 >> bits)
        }
        if whole { return "/\(ones)" }
        return IPAddress(bytes: bytes).map { "/\($0)" }
    }

    /// `/etc/protocols` as Debian has it, for what iptables itself prints by name.
    static func transport(_ number: UInt8) -> String {
        let names: [UInt8: String] = [
            1: "icmp", 2: "igmp", 4: "ipencap", 6: "tcp", 17: "udp", 33: "dccp", 41: "ipv6", 47: "gre", 50: "esp",
            51: "ah", 58: "ipv6-icmp", 89: "ospf", 103: "pim", 108: "ipcomp", 112: "vrrp", 115: "l2tp", 132: "sctp",
            135: "mobility-header", 136: "udplite",
        ]
        return names[number] ?? "\(number)"
    }

    private static let flags: [(Int, String)] = [
        (1, "FIN"), (2, "SYN"), (4, "RST"), (8, "PSH"), (16, "ACK"), (32, "URG"),
    ]

    /// `FIN,SYN`, `NONE`.
    static func tcpFlags(_ bits: Int) -> String {
        let names = flags.filter { bits & $0.0 != 0 }.map(\.1)
        return names.isEmpty ? "NONE" : names.joined(separator: ",")
    }

    /// `5/min`, as libxt_limit makes it of the time between two packets.
    ///
    /// - Parameter period: in 1/10000 s (`XT_LIMIT_SCALE`).
    static func rate(_ period: UInt64) -> String {
        let unit = RateUnit(of: period, scale: 10_000)
        return period > 0 ? "\(unit.seconds * 10_000 / period)/\(unit.name)" : "10000/sec"
    }

    /// The unit in which a rate is told.
    struct RateUnit {
        let name: String
        let seconds: UInt64

        /// - Parameters:
        ///   - period: the time between two packets.
        ///   - scale: how many of the period's units are a second.
        init(of period: UInt64, scale: UInt64) {
            let smaller: [(String, UInt64)] = [("hour", 3600), ("min", 60), ("sec", 1)]
            var chosen: (String, UInt64) = ("day", 86400)
            for unit in smaller where period > 0 {
                let whole = unit.1 * scale
                if period > whole || whole / period < whole % period { break }
                chosen = unit
            }
            (name, seconds) = chosen
        }
    }

    /// What has no form here, as a word that nobody takes for known: the revision and the bytes, without zeros at the end.
    static func undecoded(_ revision: UInt32, _ bytes: [UInt8]) -> String {
        let used = bytes.lastIndex { $0 != 0 }.map { Array(bytes[...$0]) } ?? []
        let digits = used.prefix(64).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return "--undecoded \(revision):\(digits)\(used.count > 64 ? "+\(used.count - 64)" : "")"
    }
}
