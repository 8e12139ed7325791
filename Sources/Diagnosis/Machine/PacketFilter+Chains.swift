extension PacketFilter {
    public struct Chain: Sendable {
        public var name: String
        public var base: Base?
        private var read: [Rule] = []
        /// Whose lines its rules are, when nobody has read them yet.
        private let unread: (chains: UnreadChains, index: Int)?

        init(name: String, base: Base? = nil) {
            self.name = name
            self.base = base
            unread = nil
        }

        fileprivate init(name: String, base: Base?, in chains: UnreadChains, at index: Int) {
            self.name = name
            self.base = base
            unread = (chains, index)
        }

        public var rules: [Rule] { unread.map { $0.chains.rules($0.index) } ?? read }

        fileprivate mutating func append(_ rule: Rule) { read.append(rule) }
        fileprivate var isEmpty: Bool { unread.map { $0.chains.isEmpty($0.index) } ?? read.isEmpty }
    }

    /// The chains of one table, by name.
    public struct Chains: Sendable {
        private var read: [String: Chain] = [:]
        let unread: UnreadChains?
        /// Of the unread ones: what a base chain is called for.
        private let base: @Sendable (_ name: String, _ policyDrops: Bool) -> Base?

        init() {
            unread = nil
            base = { _, _ in nil }
        }

        init(_ unread: UnreadChains, base: @escaping @Sendable (_ name: String, _ policyDrops: Bool) -> Base?) {
            self.unread = unread
            self.base = base
        }

        public subscript(name: String) -> Chain? {
            if let known = read[name] { return known }
            guard let unread, let found = unread.find(name) else { return nil }
            return Chain(name: name, base: base(name, found.policyDrops), in: unread, at: found.index)
        }

        mutating func add(_ chain: Chain) { read[chain.name] = chain }

        /// Nothing where there is no such chain.
        mutating func append(_ rule: Rule, to chain: String) { read[chain]?.append(rule) }

        /// False where there is no such chain.
        func hasRules(_ name: String) -> Bool { self[name].map { !$0.isEmpty } ?? false }

        /// Those that the kernel calls.
        var bases: [Chain] {
            read.values.filter { $0.base != nil }
                + (unread == nil ? [] : Hook.allCases.compactMap { self[$0.rawValue.uppercased()] })
                .filter { $0.base != nil && read[$0.name] == nil }
        }

        func contains(prefix: String) -> Bool {
            read.keys.contains { $0.hasPrefix(prefix) } || unread?.contains(prefix: prefix) ?? false
        }

        /// In the order of the names.
        func names(beginningWith prefix: String = "", withRules: Bool = false) -> [String] {
            let own = read.values.filter { $0.name.hasPrefix(prefix) && !(withRules && $0.isEmpty) }.map(\.name)
            return (own + (unread?.names(beginningWith: prefix, withRules: withRules) ?? [])).sorted()
        }

        /// Of the chains that were read, in the order of their names.
        var readRules: [Rule] { read.values.sorted { $0.name < $1.name }.flatMap(\.rules) }

        /// Whether the text of a rule holds these words.
        func mention(_ words: String) -> Bool {
            unread?.mention(words) ?? false
                || read.values.contains { $0.rules.contains { $0.text.contains(words) } }
        }
    }
}
