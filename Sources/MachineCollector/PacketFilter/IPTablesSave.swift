import Addressing
import Netlink

/// Tables as iptables-save prints them.
struct IPTablesSave {
    struct Chain {
        var name: String
        /// `ACCEPT`, `DROP`; nil for a chain that no hook calls.
        var policy: String?
        /// What stands behind `-A CHAIN`.
        var rules: [String] = []
    }

    struct Table {
        var name: String
        var chains: [Chain]
    }

    var tables: [Table] = []

    /// The tables that iptables makes; of that name a table of nft's may hold anything.
    static let names: Set<String> = ["raw", "mangle", "nat", "filter", "security"]

    /// Chains of hooks in the order of the hooks, the others by name.
    private static let hooks = ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"]

    var text: String {
        var text = ""
        for table in tables.sorted(by: { $0.name < $1.name }) {
            text += "*\(table.name)\n"
            let chains = table.chains.sorted { left, right in
                let first = left.policy == nil ? 9 : Self.hooks.firstIndex(of: left.name) ?? 8
                let second = right.policy == nil ? 9 : Self.hooks.firstIndex(of: right.name) ?? 8
                return (first, left.name) < (second, right.name)
            }
            for chain in chains { text += ":\(chain.name) \(chain.policy ?? "-") [0:0]\n" }
            for chain in chains {
                for rule in chain.rules { text += "-A \(chain.name)\(rule.isEmpty ? "" : " " + rule)\n" }
            }
            text += "COMMIT\n"
        }
        return text
    }

    /// Whether a table of nf_tables is one that iptables-nft keeps: its name, and its hooks' chains have iptables' names.
    static func keeps(_ table: NFTables.Table, _ chains: [NFTables.ListedChain]) -> Bool {
        guard table.family == .ip || table.family == .ip6, names.contains(table.name) else { return false }
        let bases = chains.filter { $0.chain.base != nil }
        return !chains.isEmpty
            && bases.allSatisfy { listed in listed.chain.base.map { "\($0.hook)".uppercased() } == listed.chain.name }
    }

    /// Adds a table that iptables-nft keeps.
    ///
    /// - Returns: whether these words say all of it; false when nft wrote into it.
    mutating func add(
        _ table: NFTables.Table, _ chains: [NFTables.ListedChain], _ rules: [NFTables.ListedRule],
        sets: [UInt16: String]
    ) -> Bool {
        var isWhole = true
        var own: [String: Chain] = [:]
        for listed in chains {
            own[listed.chain.name] = Chain(
                name: listed.chain.name, policy: listed.chain.base.map { $0.policy == .accept ? "ACCEPT" : "DROP" })
        }
        let family: IPFamily = table.family == .ip6 ? .v6 : .v4
        for listed in rules {
            let rule = IPTablesRuleText(listed.rule.expressions, family, sets: sets)
            if rule.isForeign { isWhole = false }
            own[listed.rule.chain]?.rules.append(rule.text)
        }
        tables.append(Table(name: table.name, chains: Array(own.values)))
        return isWhole
    }

    /// Adds a table of the old iptables.
    mutating func add(_ table: LegacyTables.Table, _ family: IPFamily, sets: [UInt16: String]) {
        tables.append(
            Table(
                name: table.name,
                chains: table.chains.map { chain in
                    Chain(
                        name: chain.name, policy: chain.policy?.rawValue,
                        rules: chain.rules.map { LegacyRuleText($0, family, sets: sets).text })
                }))
    }
}

/// A rule of the old iptables as iptables-save prints it.
struct LegacyRuleText {
    let text: String

    init(_ rule: LegacyTables.Rule, _ family: IPFamily, sets: [UInt16: String]) {
        var words: [String] = []
        func add(_ option: String, _ value: String, _ inversion: LegacyTables.Inversions) {
            words.append("\(rule.inversions.contains(inversion) ? "! " : "")\(option) \(value)")
        }
        for (option, address, mask, inversion) in [
            ("-s", rule.source, rule.sourceMask, LegacyTables.Inversions.source),
            ("-d", rule.destination, rule.destinationMask, .destination),
        ] {
            guard let suffix = IPTablesWords.mask(mask), let address = IPAddress(bytes: address) else { continue }
            add(option, "\(address)\(suffix)", inversion)
        }
        if !rule.input.isEmpty { add("-i", rule.input, .input) }
        if !rule.output.isEmpty { add("-o", rule.output, .output) }
        if rule.transport != 0 { add("-p", IPTablesWords.transport(rule.transport), .transport) }
        if rule.isFragment { words.append(rule.inversions.contains(.fragment) ? "! -f" : "-f") }
        for match in rule.matches {
            words.append(XTablesExtension(match.name, match.revision, match.info, family, sets: sets).matchText)
        }
        switch rule.target {
        case .none: break
        case .accept: words.append("-j ACCEPT")
        case .drop: words.append("-j DROP")
        case .return: words.append("-j RETURN")
        case .queue: words.append("-j QUEUE")
        case .chain(let name): words.append("\(rule.isGoto ? "-g" : "-j") \(name)")
        case .extension(let target):
            words.append(XTablesExtension(target.name, target.revision, target.info, family, sets: sets).targetText)
        }
        text = words.joined(separator: " ")
    }
}
