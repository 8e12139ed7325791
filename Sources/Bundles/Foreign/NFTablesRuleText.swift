import JSONTree

/// One rule of nft's language, as the expressions of its JSON.
struct NFTablesRuleText {
    private var tokens: NFTablesTokens
    private var expressions: [JSONValue] = []
    private(set) var comment: String?

    init(_ tokens: NFTablesTokens) { self.tokens = tokens }

    mutating func read() -> [JSONValue] {
        while let token = tokens.next() {
            guard case .word(let word) = token else { continue }
            if !readStatement(word), !readMatch(word) {
                // Nobody can say whether the rest applies.
                add("match", ["op": "==", "left": Self.unknown, "right": .string(word)])
            }
        }
        return expressions
    }

    private static let unknown: JSONValue = ["meta": ["key": "?"]]

    private mutating func add(_ name: String, _ value: JSONValue) {
        expressions.append(.object([JSONMember(name, value)]))
    }

    private mutating func skip(_ words: String...) {
        while case .word(let word)? = tokens.peek, words.contains(word) { tokens.skip() }
    }

    // MARK: Statements

    /// False when the word begins none.
    private mutating func readStatement(_ word: String) -> Bool {
        switch word {
        case "counter":
            add("counter", .null)
            if tokens.peek == .word("name") {
                tokens.skip()
                tokens.skip()
            }
            for name in ["packets", "bytes"] where tokens.peek == .word(name) {
                tokens.skip()
                tokens.skip()
            }
        case "accept", "drop", "return", "continue", "notrack": add(word, .null)
        case "jump", "goto": add(word, ["target": .string(tokens.word() ?? "")])
        case "comment": comment = tokens.word()
        case "log": readLog()
        case "limit": readLimit()
        case "quota":
            _ = tokens.line()
            add("limit", .null)
        case "reject": readReject()
        case "masquerade", "redirect", "snat", "dnat": readTranslation(word)
        case "xt":
            let type = tokens.word() ?? "match"
            add("xt", ["type": .string(type), "name": .string(tokens.word() ?? "")])
        case "queue", "tproxy", "synproxy", "dup", "fwd", "update", "add", "delete", "flow", "offload":
            _ = tokens.line()
            add(word == "flow" || word == "update" || word == "add" || word == "delete" ? "counter" : word, .null)
        default: return false
        }
        return true
    }

    private mutating func readLog() {
        add("log", .null)
        let options = ["prefix", "level", "group", "snaplen", "queue-threshold", "flags"]
        while case .word(let option)? = tokens.peek, options.contains(option) {
            tokens.skip()
            tokens.skip()
            if option == "flags" { skip("sequence", "options", "all") }
        }
    }

    /// `limit rate over 5/minute burst 5 packets`.
    private mutating func readLimit() {
        add("limit", .null)
        skip("rate", "over", "name")
        tokens.skip()
        if case .word(let unit)? = tokens.peek, unit.contains("bytes/") || unit.contains("/") { tokens.skip() }
        if tokens.peek == .word("burst") {
            tokens.skip()
            tokens.skip()
            skip("packets", "bytes", "kbytes", "mbytes")
        }
    }

    /// `reject with icmpx type admin-prohibited`; nft leaves out what is usual.
    private mutating func readReject() {
        var type = "icmpx"
        var code = "port-unreachable"
        if tokens.peek == .word("with") {
            tokens.skip()
            let words = tokens.line().map(\.text).filter { $0 != "type" && $0 != "code" }
            type = words.first ?? type
            code = words.count > 1 ? words[1] : code
            if type == "tcp" { type = "tcp reset" }
        }
        add("reject", ["type": .string(type), "expr": .string(code)])
    }

    /// `snat to 10.0.0.1:1024-2048 random`, `dnat ip to 10.0.0.9:80`, `redirect to :8080`, `masquerade fully-random`.
    private mutating func readTranslation(_ word: String) {
        let words = tokens.line().map(\.text)
        guard let to = words.firstIndex(of: "to"), to + 1 < words.count else {
            return add(word, word == "masquerade" ? .null : .object([]))
        }
        var address = words[to + 1]
        var members: [JSONMember] = []
        // `[fd00::1]:80` keeps its colons apart by brackets.
        if address.hasPrefix("["), let end = address.firstIndex(of: "]") {
            let rest = address[address.index(after: end)...].drop { $0 == ":" }
            if let port = Int64(rest) { members.append(JSONMember("port", .int(port))) }
            address = String(address[address.index(after: address.startIndex)..<end])
        } else if address.filter({ $0 == ":" }).count == 1, let colon = address.firstIndex(of: ":") {
            if let port = Int64(address[address.index(after: colon)...]) {
                members.append(JSONMember("port", .int(port)))
            }
            address = String(address[..<colon])
        }
        // A map, `numgen random mod 2 map { ... }`, or a range decides at the time: nobody knows to where.
        if !address.isEmpty, address.first?.isHexDigit ?? false, !address.contains("-") {
            members.append(JSONMember("addr", .string(address)))
        }
        add(word, word == "masquerade" ? .null : .object(members))
    }

    // MARK: Matches

    private static let interfaces: Set<String> = ["iifname", "oifname", "iif", "oif"]
    private static let metaKeys: Set<String> = [
        "mark", "skuid", "skgid", "pkttype", "cpu", "iifgroup", "oifgroup", "cgroup", "priority", "protocol", "nftrace",
        "l4proto", "nfproto", "iiftype", "oiftype", "length", "ibrname", "obrname",
    ]
    private static let headers: Set<String> = [
        "ip", "ip6", "tcp", "udp", "udplite", "sctp", "dccp", "icmp", "icmpv6", "th", "ether", "arp", "ah", "esp",
    ]

    private mutating func readMatch(_ word: String) -> Bool {
        guard let left = field(word) else { return false }
        var fields = [left]
        while tokens.peek == .word(".") {
            tokens.skip()
            guard let name = tokens.word(), let other = field(name) else { return false }
            fields.append(other)
        }
        let key: JSONValue = fields.count == 1 ? left : ["concat": .array(fields)]
        if tokens.peek == .word("set"), word == "meta" || word == "ct" || word == "mark" {
            tokens.skip()
            readMark(key)
            return true
        }
        if tokens.peek == .word("vmap") {
            tokens.skip()
            if case .word(let name)? = tokens.peek {
                tokens.skip()
                add("vmap", ["key": key, "data": .string(name)])
            } else {
                add("vmap", ["key": key, "data": ["set": .array(NFTablesElements.all(tokens.block()))]])
            }
            return true
        }
        readComparison(key)
        return true
    }

    /// What a match looks at; nil when the words name nothing.
    private mutating func field(_ word: String) -> JSONValue? {
        if Self.interfaces.contains(word) || Self.metaKeys.contains(word) { return ["meta": ["key": .string(word)]] }
        switch word {
        case "meta": return tokens.word().map { ["meta": ["key": .string($0)]] }
        case "ct":
            skip("original", "reply")
            return tokens.word().map { ["ct": ["key": .string($0)]] }
        case "fib":
            var flags: [JSONValue] = []
            while let flag = tokens.word() {
                flags.append(.string(flag))
                guard tokens.peek == .word(".") else { break }
                tokens.skip()
            }
            return tokens.word().map { ["fib": ["result": .string($0), "flags": .array(flags)]] }
        case "numgen":
            _ = tokens.word()
            if tokens.peek == .word("mod") {
                tokens.skip()
                tokens.skip()
            }
            return ["numgen": ["mode": "random"]]
        default:
            guard Self.headers.contains(word), let name = tokens.word() else { return nil }
            return ["payload": ["protocol": .string(word), "field": .string(name)]]
        }
    }

    private mutating func readComparison(_ key: JSONValue) {
        var left = key
        if let word = tokens.peek?.text, word == "and" || word == "&" {
            tokens.skip()
            left = mask().map { ["&": [key, $0]] } ?? Self.unknown
        }
        var operation = "=="
        if let word = tokens.peek?.text, ["==", "!=", "<", ">", "<=", ">="].contains(word) {
            operation = word
            tokens.skip()
        }
        let right = right()
        // `tcp flags syn / fin,syn,rst,ack`
        if tokens.peek == .word("/") {
            tokens.skip()
            left = ["&": [key, self.right()]]
        }
        add("match", ["op": .string(operation), "left": left, "right": right])
    }

    /// `0xff`, or names: `(fin|syn|rst|ack)`, which some versions of nft print with blanks.
    private mutating func mask() -> JSONValue? {
        guard let first = tokens.word() else { return nil }
        if let number = NFTablesElements.number(first) { return .int(number) }
        var words = first
        while words.hasPrefix("("), !words.hasSuffix(")") {
            guard let word = tokens.word() else { return nil }
            words += word
        }
        let names = words.split { "(|)".contains($0) }.map { JSONValue.string(String($0)) }
        return names.isEmpty ? nil : .array(names)
    }

    private mutating func right() -> JSONValue {
        if tokens.peek == .open { return ["set": .array(NFTablesElements.all(tokens.block()))] }
        guard let first = tokens.next() else { return .null }
        var values = [NFTablesElements.value(first.text, isQuoted: first == .quoted(first.text))]
        while tokens.peek == .comma {
            tokens.skip()
            guard let other = tokens.next() else { break }
            values.append(NFTablesElements.value(other.text, isQuoted: other == .quoted(other.text)))
        }
        return values.count == 1 ? values[0] : ["set": .array(values)]
    }

    /// `meta mark set 0x4000`, `meta mark set meta mark or 0x4000`, `meta mark set mark and 0xffffbfff xor 0x4000`.
    private mutating func readMark(_ key: JSONValue) {
        let words = tokens.line().map(\.text)
        let numbers = words.compactMap { NFTablesElements.number($0) }
        var value = JSONValue.string(words.joined(separator: " "))
        if words.count == 1, let number = numbers.first {
            value = .int(number)
        } else if let bits = numbers.last {
            if numbers.count == 2, words.contains(where: { $0 == "and" || $0 == "&" }) {
                value = ["^": [["&": [key, .int(numbers[0])]], .int(bits)]]
            } else if numbers.count == 1, words.contains(where: { $0 == "or" || $0 == "|" }) {
                value = ["|": [key, .int(bits)]]
            }
        }
        add("mangle", ["key": key, "value": value])
    }
}
