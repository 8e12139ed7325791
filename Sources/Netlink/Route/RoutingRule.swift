import Addressing
import CLinux

/// A rule that chooses a routing table (RTM_NEWRULE).
public struct RoutingRule: Hashable, Sendable {
    public var family: IPFamily
    /// 0...; the lower is asked first.
    public var priority: UInt32
    /// The table that is asked; 0 for rules that do something else.
    public var table: UInt32
    /// FR_ACT_...: 1 look the table up, 2 go to another rule, 6 blackhole, 7 unreachable, 8 prohibit.
    public var action: UInt8 = 1
    public var source: IPPrefix?
    public var destination: IPPrefix?
    public var inputInterface: String?
    public var outputInterface: String?
    public var mark: UInt32?
    /// The bits of the mark that count.
    public var markMask: UInt32?
    /// Who made it (RTPROT_...).
    public var origin: UInt8 = 0
    /// It counts for what does not match (FIB_RULE_INVERT). Read only here, as the next two.
    public private(set) var isInverted = false
    /// The rule to go to, by priority (FRA_GOTO).
    public private(set) var target: UInt32?
    /// Routes with a prefix this long or shorter do not count (FRA_SUPPRESS_PREFIXLEN).
    public private(set) var suppressedLength: UInt32?

    public init(family: IPFamily, priority: UInt32, table: UInt32) {
        self.family = family
        self.priority = priority
        self.table = table
    }

    /// Reads RTM_NEWRULE or RTM_DELRULE; nil for other messages and for families that are not IP.
    public init?(_ message: Message) throws(MalformedMessage) {
        guard message.type == RTM_NEWRULE || message.type == RTM_DELRULE else { return nil }
        let header = try message.header(fib_rule_hdr.self)
        guard let family = IPFamily(netlinkNumber: header.family) else { return nil }
        var rule = RoutingRule(family: family, priority: 0, table: UInt32(header.table))
        rule.action = header.action
        rule.isInverted = header.flags & UInt32(FIB_RULE_INVERT) != 0
        try message.attributes(after: MemoryLayout<fib_rule_hdr>.size).forEach { item throws(MalformedMessage) in
            switch item.type {
            case FRA_PRIORITY: rule.priority = try item.uint32()
            case FRA_TABLE: rule.table = try item.uint32()
            case FRA_SRC: rule.source = Self.prefix(item, header.src_len)
            case FRA_DST: rule.destination = Self.prefix(item, header.dst_len)
            case FRA_IIFNAME: rule.inputInterface = item.string
            case FRA_OIFNAME: rule.outputInterface = item.string
            case FRA_FWMARK: rule.mark = try item.uint32()
            case FRA_FWMASK: rule.markMask = try item.uint32()
            case FRA_GOTO: rule.target = try item.uint32()
            case FRA_SUPPRESS_PREFIXLEN:
                let length = try item.uint32()
                rule.suppressedLength = length == .max ? nil : length
            case FRA_PROTOCOL: rule.origin = try item.uint8()
            default: break
            }
        }
        self = rule
    }

    private static func prefix(_ item: Attribute, _ length: UInt8) -> IPPrefix? {
        guard let address = IPAddress(bytes: item.payload), Int(length) <= address.family.bitWidth else { return nil }
        return IPPrefix(containing: address, length: Int(length))
    }

    func write(to writer: inout MessageWriter) {
        var header = fib_rule_hdr()
        header.family = family.netlinkNumber
        header.src_len = UInt8(clamping: source?.length ?? 0)
        header.dst_len = UInt8(clamping: destination?.length ?? 0)
        header.table = table < 256 ? UInt8(table) : UInt8(RT_TABLE_UNSPEC.rawValue)
        header.action = action
        writer.append(header)
        writer.uint32(FRA_PRIORITY, priority)
        if let source { writer.address(FRA_SRC, source.network) }
        if let destination { writer.address(FRA_DST, destination.network) }
        if let inputInterface { writer.string(FRA_IIFNAME, inputInterface) }
        if let outputInterface { writer.string(FRA_OIFNAME, outputInterface) }
        if let mark { writer.uint32(FRA_FWMARK, mark) }
        if let markMask { writer.uint32(FRA_FWMASK, markMask) }
        if table >= 256 { writer.uint32(FRA_TABLE, table) }
        if origin != 0 { writer.uint8(FRA_PROTOCOL, origin) }
    }
}

extension RequestBatch {
    /// `ip rule add`: EEXIST when there is the same.
    @discardableResult
    public mutating func add(_ rule: RoutingRule) -> Int {
        request(
            "RTM_NEWRULE", on: "\(rule.priority)", type: RTM_NEWRULE, flags: Int32(NLM_F_CREATE | NLM_F_EXCL)
        ) { rule.write(to: &$0) }
    }

    /// `ip rule del`: ENOENT when there is none.
    @discardableResult
    public mutating func delete(_ rule: RoutingRule) -> Int {
        request("RTM_DELRULE", on: "\(rule.priority)", type: RTM_DELRULE, flags: 0) { rule.write(to: &$0) }
    }
}
