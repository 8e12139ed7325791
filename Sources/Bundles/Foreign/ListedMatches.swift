/// What stands behind the destination in a line of `iptables -L`: what else a packet must be, and what the target does, each
/// as its extension prints it (extensions/ of iptables; the words were compared with what iptables-save prints of the same
/// rules).
struct ListedMatches {
    /// In words of `iptables-save`.
    private(set) var conditions: [String] = []
    /// Of the target.
    private(set) var options: [String] = []
    private(set) var isGoto = false
    private let target: Substring
    private var words: ListedWords
    private var isNegated = false

    init(target: Substring, words: ListedWords) {
        self.target = target
        self.words = words
    }

    mutating func read() {
        // What they write says nothing of where the packet goes.
        while let word = words.peek {
            if ["LOG", "NFLOG", "ULOG", "CONNMARK"].contains(target),
                ["LOG", "CONNMARK", "nflog-prefix"].contains(word)
            {
                _ = words.remaining()
                return
            }
            _ = words.next()
            match(word)
        }
    }

    /// - Parameter value: with `!` where the extension writes it before the value.
    private mutating func add(_ module: String, _ option: String, _ value: Substring?) {
        let negates = isNegated || value?.first == "!"
        isNegated = false
        conditions += ["-m", module] + (negates ? ["!"] : []) + [option]
        if let value { conditions.append(String(value.drop { $0 == "!" })) }
    }

    /// A value that an exclamation mark may stand before.
    private mutating func value() -> Substring? {
        if words.take("!") { isNegated = true }
        return words.next()
    }

    private mutating func match(_ word: Substring) {
        switch word {
        case "!": isNegated = true
        case "[goto]": isGoto = true
        case "tcp", "udp", "sctp", "dccp", "udplite", "esp", "ah": break
        case "/*":
            let comment = words.text(until: "*/").drop(while: \.isWhitespace)
            let escaped = comment.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            let end = escaped.lastIndex { $0 != " " }.map { escaped.index(after: $0) } ?? escaped.startIndex
            conditions += ["-m", "comment", "--comment", "\"\(escaped[..<end])\""]
        case "ctstate": add("conntrack", "--ctstate", value())
        case "state": add("state", "--state", value())
        case "multiport":
            let side = words.next() ?? ""
            if let ports = value() { port("--\(side)", ports, module: "multiport") }
        case "mark" where words.take("match"): add("mark", "--mark", value())
        case "connmark" where words.take("match"): add("connmark", "--mark", value())
        case "ADDRTYPE" where words.take("match"): break
        case "src-type", "dst-type": add("addrtype", "--\(word)", value())
        case "limit-in", "limit-out": conditions.append("--limit-iface-\(word.dropFirst(6))")
        case "match-set":
            let name = words.next() ?? ""
            add("set", "--match-set", name)
            if let sides = words.next() { conditions.append(String(sides)) }
        case "icmptype", "ipv6-icmptype":
            let type = value() ?? "255"
            let code = words.take("code") ? words.next() : nil
            add(
                word == "icmptype" ? "icmp" : "icmp6", "--icmp-type", Substring("\(type)\(code.map { "/\($0)" } ?? "")")
            )
        case "icmp", "ipv6-icmp": if let name = value() { add("icmp", "--icmp-type", name) }
        case "source" where words.take("IP", "range"): add("iprange", "--src-range", value())
        case "destination" where words.take("IP", "range"): add("iprange", "--dst-range", value())
        case "statistic" where words.take("mode"): statistic()
        case "length": add("length", "--length", value())
        case "PHYSDEV" where words.take("match"): conditions += ["-m", "physdev"]
        case "--physdev-is-bridged", "--physdev-is-in", "--physdev-is-out": conditions.append(String(word))
        case "rpfilter":
            conditions += ["-m", "rpfilter"]
            while let option = words.peek, ["loose", "validmark", "accept-local", "invert"].contains(option) {
                _ = words.next()
                conditions.append("--\(option)")
            }
        case "limit:":
            _ = words.take("avg")
            add("limit", "--limit", words.next())
            if words.take("burst"), let burst = words.next() { conditions += ["--limit-burst", String(burst)] }
        default:
            if let colon = word.firstIndex(of: ":") {
                labelled(word[..<colon], word[word.index(after: colon)...], word)
            } else if !targetOption(word) {
                unknown(word)
            }
        }
    }

    /// `dpt:53`, `flags:0x17/0x02`, `to:10.244.0.2:53`.
    private mutating func labelled(_ name: Substring, _ value: Substring, _ word: Substring) {
        let module = "tcp"
        switch name {
        case "dpt", "dpts": port("--dport", value, module: module)
        case "spt", "spts": port("--sport", value, module: module)
        case "flags":
            let parts = value.drop { $0 == "!" }.split(separator: "/").map(Self.flags)
            guard parts.count == 2 else { return unknown(word) }
            if value.first == "!" { isNegated = true }
            add(module, "--tcp-flags", Substring("\(parts[0]) \(parts[1])"))
        case "to": options += [target == "SNAT" ? "--to-source" : "--to-destination", String(value)]
        default: unknown(word)
        }
    }

    private mutating func statistic() {
        if words.take("nth", "every") || words.take("nth", "!", "every") {
            conditions += ["-m", "statistic", "--mode", "nth", "--every", String(words.next() ?? "1")]
            if words.take("packet"), let packet = words.next() { conditions += ["--packet", String(packet)] }
        } else {
            _ = words.take("random", "probability")
            conditions += ["-m", "statistic", "--mode", "random", "--probability", String(words.next() ?? "1")]
        }
    }

    private static let services: [Substring: Int] = [
        "ftp": 21, "ssh": 22, "smtp": 25, "domain": 53, "bootps": 67, "bootpc": 68, "http": 80, "ntp": 123, "bgp": 179,
        "https": 443, "mdns": 5353,
    ]

    /// Without `-n` ports are names, of which each machine has its own list.
    private mutating func port(_ option: String, _ text: Substring, module: String) {
        let plain = text.drop { $0 == "!" }
        let numbers = plain.split(separator: ",").map { range in
            range.split(separator: ":", omittingEmptySubsequences: false).map { name in
                name.isEmpty ? "" : Int(name).map(String.init) ?? Self.services[name].map(String.init)
            }
        }
        let isKnown = numbers.allSatisfy { $0.allSatisfy { $0 != nil } }
        guard isKnown else { return unknown(text) }
        if text.first == "!" { isNegated = true }
        let ports = numbers.map { $0.compactMap { $0 }.joined(separator: ":") }.joined(separator: ",")
        add(module, option, Substring(ports))
    }

    /// Numbers of bits by their names (RFC 9293, section 3.1); names as they are.
    private static func flags(_ text: Substring) -> String {
        guard text.hasPrefix("0x"), let bits = Int(text.dropFirst(2), radix: 16) else { return String(text) }
        let names = ["FIN", "SYN", "RST", "PSH", "ACK", "URG"].enumerated().filter { bits & (1 << $0.offset) != 0 }
        return names.isEmpty ? "NONE" : names.map(\.element).joined(separator: ",")
    }

    /// What the target does; false for words of no target that is known.
    private mutating func targetOption(_ word: Substring) -> Bool {
        switch word {
        case "random", "random-fully", "persistent": options.append("--\(word)")
        case "reject-with": options += ["--reject-with", String(words.next() ?? "")]
        case "redir" where words.take("ports"): options += ["--to-ports", String(words.next() ?? "")]
        case "masq" where words.take("ports:"): options += ["--to-ports", String(words.next() ?? "")]
        case "MARK": mark()
        case "TCPMSS": options += words.take("clamp", "to", "PMTU") ? ["--clamp-mss-to-pmtu"] : segmentSize()
        case "CT", "NOTRACK", "notrack": if word != "CT" || words.take("notrack") { options.append("--notrack") }
        default: return false
        }
        return true
    }

    private mutating func segmentSize() -> [String] {
        words.take("set") ? ["--set-mss", String(words.next() ?? "")] : []
    }

    private mutating func mark() {
        guard let verb = words.next(), let value = words.next() else { return }
        switch verb {
        case "and", "or": options += ["--\(verb)-mark", String(value)]
        case "xor": options += ["--set-xmark", "\(value)/0x0"]
        case "xset": options += ["--set-xmark", String(value)]
        default: options += ["--set-xmark", "\(value)/0xffffffff"]
        }
    }

    /// Nobody can say whether a packet is like that.
    private mutating func unknown(_ word: Substring) {
        let plain = word.filter { $0 != "\"" && $0 != "\\" }
        add("listed", "--words", plain.isEmpty ? "quoted" : Substring(plain))
    }
}
