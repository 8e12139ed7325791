import Diagnosis

/// `iptables -L -n -v` in the words of `iptables-save`: what people paste most of all.
///
/// Without `-v` the interfaces of a rule are not shown, so that every rule but those of Services, which have none, gets a
/// condition that nobody can decide. The same holds for each match whose words are not known here.
struct IPTablesListing {
    private var tables: [(name: String, lines: [String])] = []
    private var builtIn: [String] = []
    private var declared: [String] = []
    private var rules: [String] = []
    private var chain = ""
    private var hasUserChains = false
    private var columns: Columns?
    /// Of the command or the file's name: `nat` of `iptables -t nat -L`.
    private let named: String?

    private struct Columns {
        var hasNumber: Bool
        /// `pkts bytes`, and `in out`.
        var isVerbose: Bool
    }

    /// In the order in which every table lists them.
    private static let hooks = ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"]

    private init(named: String?) { self.named = named }

    /// `Chain FORWARD (policy DROP 7 packets, 420 bytes)`, `Chain KUBE-FORWARD (1 references)`.
    static func isHead(_ line: Substring) -> Bool { head(line) != nil }

    private static func head(_ line: Substring) -> (chain: Substring, policy: Substring?)? {
        let words = line.split(separator: " ", maxSplits: 4)
        guard words.count >= 4, words[0] == "Chain" else { return nil }
        if words[2] == "(policy" { return (words[1], words[3].prefix { $0.isUppercase }) }
        return words[2].hasPrefix("(") && words[3].hasPrefix("reference") ? (words[1], nil) : nil
    }

    /// - Parameter name: of the file or the command, which may tell the table.
    static func save(_ text: String, named name: String) -> [UInt8] {
        let words = name.split(separator: "/").last?.lowercased().split { !$0.isLetter }.map(String.init) ?? []
        var listing = IPTablesListing(named: words.first { word in known.contains { $0.table == word } })
        for line in text.split(whereSeparator: \.isNewline) { listing.read(line) }
        listing.close()
        let blocks = listing.tables.map { "*\($0.name)\n" + $0.lines.joined(separator: "\n") + "\nCOMMIT\n" }
        return Array((PacketFilter.listed + "\n" + blocks.joined()).utf8)
    }

    private mutating func read(_ line: Substring) {
        if let (name, policy) = Self.head(line) {
            if policy != nil {
                let place = Self.hooks.firstIndex(of: String(name)) ?? 0
                let last = builtIn.last.flatMap { Self.hooks.firstIndex(of: $0) } ?? -1
                // Of one table the built-in chains come first, in their order: this is another table.
                if hasUserChains || place <= last { close() }
                builtIn.append(String(name))
            } else {
                hasUserChains = true
            }
            chain = String(name)
            columns = nil
            declared.append(":\(name) \(policy ?? "-") [0:0]")
            return
        }
        let words = line.split(whereSeparator: \.isWhitespace)
        if words.contains("target"), words.contains("prot"), words.contains("source") {
            columns = Columns(hasNumber: words.first == "num", isVerbose: words.contains("pkts"))
        } else if let columns, !chain.isEmpty, let rule = Self.rule(line, columns, chain) {
            rules.append(rule)
        }
    }

    private mutating func close() {
        if !declared.isEmpty { tables.append((table, declared + rules)) }
        (builtIn, declared, rules, chain, hasUserChains) = ([], [], [], "", false)
    }

    /// Tables and the built-in chains they have; what is asked for most comes first.
    private static let known: [(table: String, hooks: Set<String>)] = [
        ("filter", ["INPUT", "FORWARD", "OUTPUT"]), ("nat", ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"]),
        ("raw", ["PREROUTING", "OUTPUT"]), ("mangle", Set(hooks)), ("security", ["INPUT", "FORWARD", "OUTPUT"]),
    ]

    /// As it was named, where it has such chains; otherwise the one with just these; chains of users alone are told by
    /// whose they are.
    private var table: String {
        let hooks = Set(builtIn)
        if let named, Self.known.contains(where: { $0.table == named && hooks.isSubset(of: $0.hooks) }) { return named }
        if hooks.isEmpty {
            let translating = [
                "KUBE-SERVICES", "KUBE-SVC-", "KUBE-SEP-", "KUBE-NODEPORTS", "KUBE-POSTROUTING", "FLANNEL-POSTRTG",
            ]
            return declared.contains { line in translating.contains { line.hasPrefix(":\($0)") } } ? "nat" : "filter"
        }
        return Self.known.first { $0.hooks == hooks }?.table ?? Self.known.first { hooks.isSubset(of: $0.hooks) }?.table
            ?? "filter"
    }

    /// Two answers as one: of a table that both have the longer one counts.
    static func merged(_ first: [UInt8], _ second: [UInt8]) -> [UInt8] {
        var order: [Substring] = []
        var blocks: [Substring: String] = [:]
        var isListed = false
        for text in [first, second].map({ String(decoding: $0, as: UTF8.self) }) {
            isListed = isListed || text.hasPrefix(PacketFilter.listed)
            for block in text.split(separator: "\n*").map({ $0.drop { $0 == "*" } }) where !block.hasPrefix("#") {
                guard let name = block.split(whereSeparator: \.isNewline).first else { continue }
                if blocks[name] == nil { order.append(name) }
                if block.utf8.count > blocks[name]?.utf8.count ?? 0 { blocks[name] = String(block) }
            }
        }
        let title = isListed ? PacketFilter.listed + "\n" : ""
        return Array((title + order.compactMap { blocks[$0] }.map { "*\($0)\n" }.joined()).utf8)
    }

    // MARK: Rules

    /// Nil for a line that is no rule.
    private static func rule(_ line: Substring, _ columns: Columns, _ chain: String) -> String? {
        var words = ListedWords(line)
        if columns.hasNumber { guard words.next().flatMap({ Int($0) }) != nil else { return nil } }
        if columns.isVerbose {
            guard words.next()?.first?.isNumber ?? false, words.next()?.first?.isNumber ?? false else { return nil }
        }
        guard var target = words.next(), var transport = words.next() else { return nil }
        let options: Set<Substring> = ["--", "-f", "!f"]
        // A rule without a target leaves its column empty.
        if options.contains(transport) {
            (target, transport) = ("", target)
        } else if let option = words.peek, options.contains(option) {
            // IPv6 has no such column.
            _ = words.next()
        }
        var input: Substring = "*"
        var output: Substring = "*"
        if columns.isVerbose {
            guard let first = words.next(), let second = words.next() else { return nil }
            (input, output) = (first, second)
        }
        guard let source = words.next(), let destination = words.next() else { return nil }
        var rule = ["-A", chain]
        func add(_ option: String, _ value: Substring, isAnything: (Substring) -> Bool) {
            let plain = value.drop { $0 == "!" }
            if isAnything(plain) { return }
            rule += (value.first == "!" ? ["!"] : []) + [option, String(plain)]
        }
        add("-p", transport) { $0 == "all" || $0 == "0" }
        add("-i", input) { $0 == "*" || $0 == "any" }
        add("-o", output) { $0 == "*" || $0 == "any" }
        for (option, value) in [("-s", source), ("-d", destination)] {
            add(option, value) { ["0.0.0.0/0", "anywhere", "::/0"].contains($0) }
        }
        if !columns.isVerbose, !chain.hasPrefix("KUBE-") { rule += ["-m", "listed", "--interfaces", "unseen"] }
        var matches = ListedMatches(target: target, words: words)
        matches.read()
        rule += matches.conditions
        if !target.isEmpty { rule += [matches.isGoto ? "-g" : "-j", String(target)] + matches.options }
        return rule.joined(separator: " ")
    }
}

/// Words of a line, one after the other.
struct ListedWords {
    private var rest: Substring

    init(_ line: Substring) { rest = line }

    /// The next one, which stays.
    var peek: Substring? {
        let start = rest.drop(while: \.isWhitespace)
        return start.isEmpty ? nil : start.prefix { !$0.isWhitespace }
    }

    mutating func next() -> Substring? {
        guard let word = peek else { return nil }
        rest = rest[word.endIndex...]
        return word
    }

    /// Whether these words come next; they are taken then.
    mutating func take(_ words: String...) -> Bool {
        var ahead = self
        for word in words where ahead.next() ?? "" != word { return false }
        self = ahead
        return true
    }

    /// All up to a mark, which is taken too; to the end where it is not there.
    mutating func text(until mark: String) -> Substring {
        let end = rest.firstRange(of: mark)
        let text = rest[..<(end?.lowerBound ?? rest.endIndex)]
        rest = rest[(end?.upperBound ?? rest.endIndex)...]
        return text
    }

    /// All that is left.
    mutating func remaining() -> Substring {
        defer { rest = rest[rest.endIndex...] }
        return rest
    }
}
