extension NFTables {
    /// A chain of rules. A base chain hangs on a hook and sees packets by itself; a regular one is jumped to.
    public struct Chain: Hashable, Sendable {
        public let table: Table
        public let name: String
        public let base: Base?

        public init(_ table: Table, _ name: String, base: Base? = nil) {
            self.table = table
            self.name = name
            self.base = base
        }

        /// What makes a base chain.
        public struct Base: Hashable, Sendable {
            public let type: ChainType
            public let hook: Hook
            /// Lower runs earlier.
            public let priority: Int32
            /// What happens at the chain's end.
            public let policy: Policy

            public init(_ type: ChainType, _ hook: Hook, priority: Int32, policy: Policy = .accept) {
                self.type = type
                self.hook = hook
                self.priority = priority
                self.policy = policy
            }
        }
    }

    /// `NFTA_CHAIN_TYPE`
    public enum ChainType: String, Hashable, Sendable {
        case filter
        case nat
        case route
    }

    /// `NFTA_CHAIN_POLICY`
    public enum Policy: UInt32, Hashable, Sendable {
        case drop = 0
        case accept = 1
    }

    /// A chain as the kernel lists it.
    public struct ListedChain: Hashable, Sendable {
        public let chain: Chain
        /// Stable while the chain lives.
        public let handle: UInt64
        /// `NFTA_CHAIN_USE`: its own rules, plus every rule and map element that jumps to it.
        public let uses: UInt32
        /// `NFTA_HOOK_HOOKNUM` as it stands: of netdev and arp the numbers mean other hooks than ``Hook``'s. Nil for a
        /// regular chain.
        public var hookNumber: UInt32?
        /// `NFTA_HOOK_PRIORITY`
        public var hookPriority: Int32 = 0
        /// Interfaces whose packets an ingress or egress chain sees; empty for other hooks.
        public var devices: [String] = []
        /// Of a base chain, whatever its hook.
        public var endsWith: Policy = .accept
    }

    /// A rule: expressions, run in order until one does not match.
    public struct Rule: Hashable, Sendable {
        public let table: Table
        public let chain: String
        public let expressions: [Expression]
        /// Shown by `nft list` and by `iptables -S`; at most 253 bytes.
        public let comment: String?

        public init(_ chain: Chain, _ expressions: [Expression], comment: String? = nil) {
            self.init(table: chain.table, chain: chain.name, expressions, comment: comment)
        }

        public init(table: Table, chain: String, _ expressions: [Expression], comment: String? = nil) {
            self.table = table
            self.chain = chain
            self.expressions = expressions
            self.comment = comment
        }

        /// Whether two rules do the same under the same comment; what their counters counted is no difference.
        public func isSame(as other: Rule) -> Bool {
            table == other.table && chain == other.chain && comment == other.comment
                && expressions.count == other.expressions.count
                && zip(expressions, other.expressions).allSatisfy { $0.isSame(as: $1) }
        }
    }

    /// A rule as the kernel lists it.
    public struct ListedRule: Hashable, Sendable {
        public let rule: Rule
        /// Unique in its table; what a rule is deleted by.
        public let handle: UInt64
    }
}
