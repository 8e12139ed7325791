import CLinux

extension NFTables {
    /// One step of a rule. A rule is a list of them, run in order until one does not match.
    ///
    /// Values are bytes as the packet has them (network order); what the kernel computes itself (mark, conntrack
    /// state) is in host order, which `Expression.host` writes.
    public enum Expression: Hashable, Sendable {
        /// `[ meta load KEY => REGISTER ]`
        case meta(MetaKey, into: Register)
        /// `[ meta set KEY with REGISTER ]`
        case setMeta(MetaKey, from: Register)
        /// `[ payload load LENGTHb @ BASE header + OFFSET => REGISTER ]`
        case payload(PayloadBase, offset: UInt32, length: UInt32, into: Register)
        /// `[ cmp OPERATOR reg REGISTER VALUE ]`
        case compare(Register, Comparison, [UInt8])
        /// `[ bitwise REGISTER = ( REGISTER & MASK ) ^ XOR ]`
        case bitwise(Register, into: Register, mask: [UInt8], xor: [UInt8])
        /// `[ lookup reg REGISTER set NAME ]`: matches when the set has the key; with `into` also loads the map's
        /// value, with `.verdict` decides by it.
        case lookup(String, Register, result: LookupResult, inverted: Bool)
        /// `[ ct load KEY => REGISTER ]`
        case conntrack(ConntrackKey, into: Register)
        /// `[ immediate reg REGISTER VALUE ]`
        case immediate([UInt8], into: Register)
        /// `[ immediate reg 0 VERDICT ]`
        case verdict(Verdict)
        /// `[ nat dnat|snat FAMILY addr REGISTER proto REGISTER ]`
        case nat(NATKind, Family, address: Register?, port: Register?)
        /// `[ masq ]`
        case masquerade
        /// `[ masq flags 0x10 ]`: the source port is chosen at random, by the kernel's full range.
        case masqueradeRandomly
        /// `[ counter pkts P bytes B ]`
        case counter(packets: UInt64, bytes: UInt64)
        /// `[ fib SELECTOR RESULT => REGISTER ]`
        case fib(FIBSelector, FIBResult, into: Register)
        /// `[ reject type T code C ]`
        case reject(type: UInt32, code: UInt8)
        /// An iptables match behind nft_compat: read, never written. `info` is the extension's own structure
        /// (linux/netfilter/xt_*.h), with what only the kernel uses of it zeroed.
        case match(name: String, revision: UInt32, info: [UInt8])
        /// An iptables target behind nft_compat: read, never written.
        case target(name: String, revision: UInt32, info: [UInt8])
        /// `[ range eq|neq reg REGISTER FROM TO ]`: read, never written.
        case range(Register, isNegated: Bool, from: [UInt8], to: [UInt8])
        /// `[ limit ]`: read, never written.
        case limit(Limit)
        /// `[ log ]`: read, never written.
        case log(Log)
        /// `[ numgen reg REGISTER = random mod MODULUS ]`, or `inc` instead of `random`: read, never written.
        case numbers(modulus: UInt32, isRandom: Bool, into: Register)
        /// An expression we have no case for: read, never written, except `notrack`, which has nothing but its name.
        case other(name: String)

        /// A 32-bit value in host order, as meta and ct load them.
        public static func host(_ value: UInt32) -> [UInt8] {
            withUnsafeBytes(of: value) { Array($0) }
        }

        /// Whether two expressions ask and do the same: counters differ in what they counted only.
        public func isSame(as other: Expression) -> Bool {
            if case .counter = self, case .counter = other { return true }
            return self == other
        }
    }

    /// What a look-up does besides matching.
    public enum LookupResult: Hashable, Sendable {
        /// A set: nothing.
        case none
        /// A verdict map: decides.
        case verdict
        /// A map: loads the value.
        case value(Register)
    }

    /// At most so many packets in a time.
    public struct Limit: Hashable, Sendable {
        /// Packets (or bytes, of another type) in one `unit`.
        public var rate: UInt64
        /// Seconds.
        public var unit: UInt64
        public var burst: UInt32
        /// NFT_LIMIT_PKTS; else bytes.
        public var isOfPackets: Bool
        public var isInverted: Bool
    }

    /// What is written down of a packet.
    public struct Log: Hashable, Sendable {
        /// Of nfnetlink_log; nil when the kernel's own log gets it.
        public var group: UInt16?
        public var prefix: String
        /// Bytes of the packet, nil for all.
        public var length: UInt32?
        /// Packets that are sent together.
        public var threshold: UInt16?
    }

    /// `NFT_META_...`, those we use; the number stays for the others.
    public struct MetaKey: RawRepresentable, Hashable, Sendable {
        public let rawValue: UInt32
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        /// 4 bytes, host order.
        public static let mark = MetaKey(rawValue: NFT_META_MARK.rawValue)
        /// 16 bytes, padded with zeros.
        public static let iifname = MetaKey(rawValue: NFT_META_IIFNAME.rawValue)
        /// 16 bytes, padded with zeros.
        public static let oifname = MetaKey(rawValue: NFT_META_OIFNAME.rawValue)
        /// 1 byte, `NFPROTO_...`.
        public static let nfproto = MetaKey(rawValue: NFT_META_NFPROTO.rawValue)
        /// 1 byte, `IPPROTO_...`.
        public static let l4proto = MetaKey(rawValue: NFT_META_L4PROTO.rawValue)
    }

    /// Which header a payload offset counts from (`NFT_PAYLOAD_..._HEADER`).
    public enum PayloadBase: UInt32, Hashable, Sendable {
        case link = 0
        case network = 1
        case transport = 2
        /// `NFT_PAYLOAD_INNER_HEADER` (Linux 6.0), read only.
        case inner = 3
    }

    /// `NFT_CMP_...`
    public enum Comparison: UInt32, Hashable, Sendable {
        case equal = 0
        case notEqual = 1
        case less = 2
        case lessOrEqual = 3
        case greater = 4
        case greaterOrEqual = 5
    }

    /// `NFT_CT_...`, those we use.
    public struct ConntrackKey: RawRepresentable, Hashable, Sendable {
        public let rawValue: UInt32
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        /// 4 bytes, host order, one of `ConntrackState`.
        public static let state = ConntrackKey(rawValue: NFT_CT_STATE.rawValue)
        /// 4 bytes, host order, bits `IPS_...`.
        public static let status = ConntrackKey(rawValue: NFT_CT_STATUS.rawValue)
    }

    /// Bits of `ct state` (linux/netfilter/nf_conntrack_common.h: `NF_CT_STATE_BIT`).
    public enum ConntrackState {
        public static let invalid: UInt32 = 1
        public static let established: UInt32 = 2
        public static let related: UInt32 = 4
        public static let new: UInt32 = 8
    }

    /// Bits of `ct status`.
    public enum ConntrackStatus {
        /// `IPS_SRC_NAT`
        public static let sourceNAT: UInt32 = 1 << 4
        /// `IPS_DST_NAT`
        public static let destinationNAT: UInt32 = 1 << 5
    }

    /// `NFT_NAT_...`
    public enum NATKind: UInt32, Hashable, Sendable {
        case source = 0
        case destination = 1
    }

    /// `NFTA_FIB_F_...`
    public struct FIBSelector: OptionSet, Hashable, Sendable {
        public let rawValue: UInt32
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        public static let sourceAddress = FIBSelector(rawValue: 1)
        public static let destinationAddress = FIBSelector(rawValue: 2)
    }

    /// `NFT_FIB_RESULT_...`
    public enum FIBResult: UInt32, Hashable, Sendable {
        case outputInterface = 1
        case outputInterfaceName = 2
        /// `RTN_...`, 4 bytes, host order.
        case addressType = 3
    }
}

// MARK: Phrases

extension NFTables.Expression {
    /// `ip saddr`, `ip daddr`, `ip6 saddr`, `ip6 daddr` into a register, behind the check that the packet is of
    /// that family: in an inet table the network header may be either.
    public static func address(_ direction: Direction, _ family: NFTables.Family, into register: NFTables.Register)
        -> [NFTables.Expression]
    {
        [
            .meta(.nfproto, into: register), .compare(register, .equal, [family.rawValue]),
            addressLoad(direction, family, into: register),
        ]
    }

    /// The address without the check of the family.
    public static func addressLoad(
        _ direction: Direction, _ family: NFTables.Family, into register: NFTables.Register
    ) -> NFTables.Expression {
        if family == .ip6 {
            // struct ipv6hdr: saddr at 8, daddr at 24
            .payload(.network, offset: direction == .source ? 8 : 24, length: 16, into: register)
        } else {
            // struct iphdr: saddr at 12, daddr at 16
            .payload(.network, offset: direction == .source ? 12 : 16, length: 4, into: register)
        }
    }

    /// Which of a packet's two addresses.
    public enum Direction: Hashable, Sendable {
        case source
        case destination
    }

    /// `ct state established,related` and the like: true when any of the bits is set.
    public static func conntrack(_ key: NFTables.ConntrackKey, anyOf bits: UInt32) -> [NFTables.Expression] {
        [
            .conntrack(key, into: .first),
            .bitwise(.first, into: .first, mask: host(bits), xor: host(0)),
            .compare(.first, .notEqual, host(0)),
        ]
    }

    /// `meta mark set meta mark or BITS`
    public static func setMark(_ bits: UInt32) -> [NFTables.Expression] {
        [
            .meta(.mark, into: .first),
            .bitwise(.first, into: .first, mask: host(~bits), xor: host(bits)),
            .setMeta(.mark, from: .first),
        ]
    }

    /// `meta mark set meta mark and not BITS`
    public static func clearMark(_ bits: UInt32) -> [NFTables.Expression] {
        [
            .meta(.mark, into: .first),
            .bitwise(.first, into: .first, mask: host(~bits), xor: host(0)),
            .setMeta(.mark, from: .first),
        ]
    }

    /// `meta mark and BITS == BITS`
    public static func markHas(_ bits: UInt32) -> [NFTables.Expression] {
        [
            .meta(.mark, into: .first),
            .bitwise(.first, into: .first, mask: host(bits), xor: host(0)),
            .compare(.first, .equal, host(bits)),
        ]
    }

    /// `meta mark and BITS == 0`
    public static func markLacks(_ bits: UInt32) -> [NFTables.Expression] {
        [
            .meta(.mark, into: .first),
            .bitwise(.first, into: .first, mask: host(bits), xor: host(0)),
            .compare(.first, .equal, host(0)),
        ]
    }

    /// `iifname "NAME"` or `oifname "NAME"`
    public static func interface(
        _ key: NFTables.MetaKey, _ name: String, _ comparison: NFTables.Comparison = .equal
    ) -> [NFTables.Expression] {
        [.meta(key, into: .first), .compare(.first, comparison, NFTables.Value.interface(name).bytes)]
    }

    /// `fib daddr type local`
    public static var destinationIsLocal: [NFTables.Expression] {
        [
            .fib(.destinationAddress, .addressType, into: .first),
            .compare(.first, .equal, host(UInt32(RTN_LOCAL))),
        ]
    }
}
