import CLinux

/// nf_tables: tables, chains, sets and rules, spoken in the kernel's own messages (net/netfilter/nf_tables_api.c).
///
/// Everything here is a value: a `Transaction` collects values and becomes one batch that the kernel takes whole or
/// not at all; dumps give the same values back, so that what is there can be compared with what should be.
/// Names of types and numbers are the kernel's; `nft` (userspace) knows a little more: the type numbers of set keys
/// and the comments, which the kernel only stores. We write both as nft does, so that `nft list` reads well.
///
/// Not here: stateful objects, flowtables, set timeouts and expressions in elements, quotas, limits, logging.
public enum NFTables {
    /// A table's family: which packets its chains can see (`NFPROTO_...`).
    public enum Family: UInt8, Hashable, Sendable, CaseIterable, CustomStringConvertible {
        case inet = 1
        case ip = 2
        case arp = 3
        case netdev = 5
        case bridge = 7
        case ip6 = 10

        public var description: String {
            switch self {
            case .inet: "inet"
            case .ip: "ip"
            case .arp: "arp"
            case .netdev: "netdev"
            case .bridge: "bridge"
            case .ip6: "ip6"
            }
        }
    }

    /// What a table is called: a name means nothing without its family.
    public struct Table: Hashable, Sendable, CustomStringConvertible {
        public let family: Family
        public let name: String

        public init(_ family: Family, _ name: String) {
            self.family = family
            self.name = name
        }

        public var description: String { "\(family) \(name)" }
    }

    /// Where in the packet's way a base chain sits (`NF_INET_...`; for bridges the same numbers, `NF_BR_...`).
    public enum Hook: UInt32, Hashable, Sendable {
        case prerouting = 0
        case input = 1
        case forward = 2
        case output = 3
        case postrouting = 4
    }

    /// What is done with a packet. `jump` comes back, `goto` does not: the end of the chain it goes to is the end of
    /// the chain that jumped.
    public enum Verdict: Hashable, Sendable {
        case accept
        case drop
        case `return`
        case jump(String)
        case goto(String)
        /// NF_QUEUE, NFT_BREAK and whatever comes: read, never written.
        case other(Int32)

        /// `NFTA_VERDICT_CODE`.
        var code: Int32 {
            switch self {
            case .accept: Int32(NF_ACCEPT)
            case .drop: Int32(NF_DROP)
            case .return: NFT_RETURN.rawValue
            case .jump: NFT_JUMP.rawValue
            case .goto: NFT_GOTO.rawValue
            case .other(let code): code
            }
        }

        /// `NFTA_VERDICT_CHAIN`.
        var chain: String? {
            switch self {
            case .jump(let chain), .goto(let chain): chain
            default: nil
            }
        }

        init(code: Int32, chain: String?) {
            switch (code, chain) {
            case (Int32(NF_ACCEPT), _): self = .accept
            case (Int32(NF_DROP), _): self = .drop
            case (NFT_RETURN.rawValue, _): self = .return
            case (NFT_JUMP.rawValue, let chain?): self = .jump(chain)
            case (NFT_GOTO.rawValue, let chain?): self = .goto(chain)
            default: self = .other(code)
            }
        }
    }

    /// One of the sixteen 32-bit registers a rule computes with. Longer values take the next ones too.
    public struct Register: Hashable, Sendable {
        /// `NFT_REG_...` as the kernel dumps it: a multiple of four words has the number of the 128-bit register
        /// that lies over it, the others those of the 32-bit registers.
        let rawValue: UInt32

        /// The register that starts `word` 32-bit words in, 0...15.
        public init(word: Int) {
            precondition((0..<16).contains(word))
            let word = UInt32(word)
            rawValue = word % 4 == 0 ? NFT_REG_1.rawValue + word / 4 : NFT_REG32_00.rawValue + word
        }

        init(rawValue: UInt32) {
            // A rule may name the same word both ways; keep one of them so that rules compare.
            let first = NFT_REG32_00.rawValue
            if rawValue >= first, (rawValue - first) % 4 == 0 {
                self.rawValue = NFT_REG_1.rawValue + (rawValue - first) / 4
            } else {
                self.rawValue = rawValue
            }
        }

        /// The one nft starts with.
        public static let first = Register(word: 0)
        /// Where verdicts go (`NFT_REG_VERDICT`).
        static let verdict = Register(rawValue: NFT_REG_VERDICT.rawValue)
    }

    /// The message number of the netlink subsystem (`NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_...`).
    static func type(_ message: nf_tables_msg_types) -> Int {
        Int(NFNL_SUBSYS_NFTABLES) << 8 | Int(message.rawValue)
    }

    static func header(_ family: Family?, resource: UInt16 = 0) -> nfgenmsg {
        nfgenmsg(
            nfgen_family: family?.rawValue ?? UInt8(AF_UNSPEC), version: UInt8(NFNETLINK_V0),
            res_id: resource.bigEndian)
    }
}

/// Priorities that other tools use, for base chains that want to stand before or after them
/// (linux/netfilter_ipv4.h: `NF_IP_PRI_...`; for bridges linux/netfilter_bridge.h).
extension NFTables {
    public enum Priority {
        /// Before connection tracking.
        public static let raw: Int32 = -300
        public static let mangle: Int32 = -150
        /// Destination NAT in prerouting and output.
        public static let destinationNAT: Int32 = -100
        /// The iptables filter tables.
        public static let filter: Int32 = 0
        /// Source NAT in postrouting.
        public static let sourceNAT: Int32 = 100
        /// Destination NAT of the bridge family (`NF_BR_PRI_NAT_DST_BRIDGED`).
        public static let bridgeDestinationNAT: Int32 = -300
    }
}
