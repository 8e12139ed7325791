import JSONTree

/// `nft list ruleset` as people keep it, in the JSON that `nft -j` prints of the same (libnftables-json(5)): tables,
/// chains, sets, maps and rules. A rule with words that are not known stays one whose condition nobody can decide.
struct NFTablesText {
    private var items: [JSONValue] = []

    private static let families: Set<Substring> = ["ip", "ip6", "inet", "arp", "bridge", "netdev"]

    /// `table inet filter {` or `table ip nat { # handle 2`.
    static func isTable(_ line: Substring) -> Bool {
        let words = line.split(separator: " ")
        return words.count >= 4 && words[0] == "table" && families.contains(words[1]) && words[3].hasPrefix("{")
    }

    static func json(_ text: String) -> [UInt8] {
        var reading = NFTablesText()
        var tokens = NFTablesTokens(text)
        while let token = tokens.next() {
            guard token == .word("table"), let family = tokens.word(), let name = tokens.word() else { continue }
            reading.read(table: name, family, tokens.block())
        }
        let value: JSONValue = ["nftables": .array(reading.items)]
        return value.serialized()
    }

    private mutating func add(_ kind: String, _ family: String, _ table: String, _ more: [JSONMember]) {
        let place = [JSONMember("family", .string(family)), JSONMember("table", .string(table))]
        items.append(.object([JSONMember(kind, .object(place + more))]))
    }

    private mutating func read(table: String, _ family: String, _ tokens: NFTablesTokens) {
        var tokens = tokens
        var members = [JSONMember("family", .string(family)), JSONMember("name", .string(table))]
        var chains: [(name: String, body: NFTablesTokens)] = []
        var sets: [(kind: String, name: String, body: NFTablesTokens)] = []
        while let token = tokens.next() {
            guard case .word(let word) = token else { continue }
            switch word {
            case "flags": members.append(JSONMember("flags", .array(tokens.line().map { .string($0.text) })))
            case "chain": if let name = tokens.word() { chains.append((name, tokens.block())) }
            case "set", "map": if let name = tokens.word() { sets.append((word, name, tokens.block())) }
            default:
                // Counters, flow tables, helpers: nothing that decides over a packet.
                _ = tokens.line()
            }
        }
        items.append(.object([JSONMember("table", .object(members))]))
        for set in sets { read(set: set.name, set.kind, set.body, family, table) }
        for chain in chains { read(chain: chain.name, chain.body, family, table) }
    }

    private mutating func read(
        set name: String, _ kind: String, _ tokens: NFTablesTokens, _ family: String, _ table: String
    ) {
        var tokens = tokens
        var elements: [JSONValue] = []
        while let token = tokens.next() {
            if token == .end { continue }
            guard token == .word("elements"), tokens.peek == .word("=") else {
                _ = tokens.line()
                continue
            }
            tokens.skip()
            elements = NFTablesElements.all(tokens.block())
        }
        add(kind, family, table, [JSONMember("name", .string(name)), JSONMember("elem", .array(elements))])
    }

    // MARK: Chains

    private static let priorities: [String: Int64] = [
        "raw": -300, "mangle": -150, "dstnat": -100, "filter": 0, "security": 50, "srcnat": 100, "out": 100,
    ]

    private mutating func read(chain name: String, _ tokens: NFTablesTokens, _ family: String, _ table: String) {
        var tokens = tokens
        var members = [JSONMember("name", .string(name))]
        var rules: [(expressions: [JSONValue], comment: String?)] = []
        while !tokens.isAtEnd {
            let line = tokens.line()
            guard let first = line.first else { continue }
            if first == .word("type"), line.contains(.word("hook")) {
                members += Self.base(line)
            } else if first == .word("policy"), line.count == 2 {
                members.append(JSONMember("policy", .string(line[1].text)))
            } else if first == .word("devices") || first == .word("comment") && line.count == 2 {
                continue
            } else {
                var rule = NFTablesRuleText(NFTablesTokens(line))
                rules.append((rule.read(), rule.comment))
            }
        }
        add("chain", family, table, members)
        for rule in rules {
            var own = [JSONMember("chain", .string(name)), JSONMember("expr", .array(rule.expressions))]
            if let comment = rule.comment { own.append(JSONMember("comment", .string(comment))) }
            add("rule", family, table, own)
        }
    }

    /// `type filter hook forward priority filter - 5`.
    private static func base(_ line: [NFTablesTokens.Token]) -> [JSONMember] {
        var members: [JSONMember] = []
        func after(_ word: String) -> ArraySlice<NFTablesTokens.Token> {
            line.firstIndex(of: .word(word)).map { line[($0 + 1)...] } ?? []
        }
        if let type = after("type").first { members.append(JSONMember("type", .string(type.text))) }
        if let hook = after("hook").first { members.append(JSONMember("hook", .string(hook.text))) }
        var words = after("priority").map(\.text)[...]
        if let first = words.popFirst() {
            var priority = Int64(first) ?? priorities[first] ?? 0
            if let sign = words.popFirst(), sign == "+" || sign == "-", let number = words.first.flatMap({ Int64($0) })
            {
                priority += sign == "+" ? number : -number
            }
            members.append(JSONMember("prio", .int(priority)))
        }
        return members
    }
}

/// Words, quoted text and braces of nft's language.
struct NFTablesTokens {
    enum Token: Equatable {
        case word(String)
        case quoted(String)
        case open
        case close
        case comma
        case colon
        /// Of a line or a statement.
        case end

        var text: String {
            switch self {
            case .word(let text), .quoted(let text): text
            default: ""
            }
        }
    }

    private let all: [Token]
    private var index = 0

    init(_ tokens: [Token]) { all = tokens }

    init(_ text: String) {
        var tokens: [Token] = []
        for line in text.split(whereSeparator: \.isNewline) {
            Self.read(line, into: &tokens)
            tokens.append(.end)
        }
        all = tokens
    }

    private static func read(_ line: Substring, into tokens: inout [Token]) {
        var word = ""
        var quoted: String?
        func close(_ tokens: inout [Token]) {
            if word == ":" {
                tokens.append(.colon)
            } else if !word.isEmpty {
                tokens.append(.word(word))
            }
            word = ""
        }
        for character in line {
            if let text = quoted {
                if character == "\"" {
                    tokens.append(.quoted(text))
                    quoted = nil
                } else {
                    quoted = text + String(character)
                }
                continue
            }
            switch character {
            case "#": return close(&tokens)
            case "\"":
                close(&tokens)
                quoted = ""
            case "{", "}", ",", ";":
                close(&tokens)
                tokens.append(character == "{" ? .open : character == "}" ? .close : character == "," ? .comma : .end)
            case " ", "\t": close(&tokens)
            default: word.append(character)
            }
        }
        close(&tokens)
    }

    var isAtEnd: Bool { index >= all.count }
    var peek: Token? { index < all.count ? all[index] : nil }

    mutating func next() -> Token? {
        guard index < all.count else { return nil }
        index += 1
        return all[index - 1]
    }

    mutating func skip() { index += 1 }

    /// Nil, and nothing is taken, where no word stands.
    mutating func word() -> String? {
        switch peek {
        case .word(let text), .quoted(let text):
            index += 1
            return text
        default: return nil
        }
    }

    /// The block that begins here, without its braces; empty where none does.
    mutating func block() -> NFTablesTokens {
        guard peek == .open else { return NFTablesTokens([]) }
        index += 1
        let start = index
        var depth = 1
        while let token = next() {
            if token == .open { depth += 1 }
            if token == .close { depth -= 1 }
            if depth == 0 { return NFTablesTokens(Array(all[start..<index - 1])) }
        }
        return NFTablesTokens(Array(all[start...]))
    }

    /// Up to the next end outside of braces, which is taken as well; lists may go over lines.
    mutating func line() -> [Token] {
        var line: [Token] = []
        var depth = 0
        while let token = peek {
            index += 1
            if token == .open { depth += 1 }
            if token == .close { depth -= 1 }
            if token == .end {
                if depth <= 0 { return line }
                continue
            }
            line.append(token)
        }
        return line
    }
}

/// What stands between the braces of a set or a map.
enum NFTablesElements {
    static func all(_ tokens: NFTablesTokens) -> [JSONValue] {
        var tokens = tokens
        var elements: [JSONValue] = []
        var key: [NFTablesTokens.Token] = []
        var verdict: [NFTablesTokens.Token]?
        func close(_ elements: inout [JSONValue]) {
            if let value = Self.key(key) {
                if let verdict {
                    elements.append(.array([value, Self.verdict(verdict)]))
                } else {
                    elements.append(value)
                }
            }
            key = []
            verdict = nil
        }
        while let token = tokens.next() {
            switch token {
            case .comma: close(&elements)
            case .colon: verdict = []
            case .end, .open, .close: continue
            default:
                if verdict != nil { verdict?.append(token) } else { key.append(token) }
            }
        }
        close(&elements)
        return elements
    }

    private static func verdict(_ tokens: [NFTablesTokens.Token]) -> JSONValue {
        let words = tokens.map(\.text)
        switch words.first ?? "" {
        case "jump", "goto":
            return .object([JSONMember(words[0], ["target": .string(words.count > 1 ? words[1] : "")])])
        case "accept", "drop", "return", "continue": return .object([JSONMember(words[0], .null)])
        default: return value(words.joined(separator: " "))
        }
    }

    /// A single value, or several with points between them; what is told of an element beside it is left out.
    private static func key(_ tokens: [NFTablesTokens.Token]) -> JSONValue? {
        let ends = ["timeout", "expires", "counter", "comment", "limit"]
        let words = tokens.prefix { !ends.contains($0.text) }
        let parts = words.split(separator: .word(".")).compactMap { $0.first }
        guard let first = parts.first else { return nil }
        if parts.count == 1 { return value(first.text, isQuoted: first == .quoted(first.text)) }
        return ["concat": .array(parts.map { value($0.text, isQuoted: $0 == .quoted($0.text)) })]
    }

    /// `10.0.0.0/8`, `30000-32767`, `0x4000`, `"eth0"`.
    static func value(_ text: String, isQuoted: Bool = false) -> JSONValue {
        if isQuoted { return .string(text) }
        if let number = number(text) { return .int(number) }
        let ends = text.split(separator: "-", maxSplits: 1)
        if ends.count == 2 {
            if let low = number(String(ends[0])), let high = number(String(ends[1])) {
                return ["range": [.int(low), .int(high)]]
            }
            if ends.allSatisfy({ $0.contains(".") || $0.contains(":") }), ends[0].first?.isHexDigit ?? false {
                return ["range": [.string(String(ends[0])), .string(String(ends[1]))]]
            }
        }
        let prefix = text.split(separator: "/", maxSplits: 1)
        if prefix.count == 2, let length = Int64(prefix[1]) {
            return ["prefix": ["addr": .string(String(prefix[0])), "len": .int(length)]]
        }
        return .string(text)
    }

    static func number(_ text: String) -> Int64? {
        text.hasPrefix("0x") ? Int64(text.dropFirst(2), radix: 16) : Int64(text)
    }
}
