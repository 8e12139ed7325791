import Addressing

extension PacketFilter {
    /// Reads what `iptables-save` and `ip6tables-save` print.
    ///
    /// - Parameters:
    ///   - program: `iptables` or `iptables-legacy`, for the evidence.
    ///   - sets: of `ipset save`.
    public mutating func read(
        iptables text: [UInt8], program: String, family: IPFamily, sets: [String: [SetElement]] = [:]
    ) {
        read(iptables: text, into: RuleBook(), program: program, family: family, sets: sets)
    }

    /// - Parameter book: of all machines whose rules are read.
    mutating func read(
        iptables text: [UInt8], into book: RuleBook, program: String, family: IPFamily, sets: [String: [SetElement]]
    ) {
        for (name, chains) in book.tables(of: text) {
            var table = Table(program: program, family: family == .v4 ? "ip" : "ip6", name: name)
            table.sets = sets
            table.chains = Chains(chains) { Self.base($0, name, policyDrops: $1) }
            tables.append(table)
        }
    }

    private static func base(_ chain: String, _ table: String, policyDrops: Bool) -> Base? {
        guard let hook = Hook(rawValue: chain.lowercased()), chain == chain.uppercased() else { return nil }
        let priority =
            switch table {
            case "raw": -300
            case "mangle": -150
            case "nat": hook == .prerouting || hook == .output ? -100 : 100
            case "security": 50
            default: 0
            }
        return Base(hook: hook, priority: priority, isNAT: table == "nat", policyDrops: policyDrops)
    }

    /// Elements of `ipset save`, by set. A set that is not known as a whole is left out: members that were too many to be
    /// read, exceptions (`nomatch`), lists of sets of which one is such a set.
    public static func sets(ofIPSetSave text: String) -> [String: [SetElement]] {
        var kinds: [String: [String]] = [:]
        var sets: [String: [SetElement]] = [:]
        var partial: Set<String> = []
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.split(separator: " ").map(String.init)
            guard words.count >= 3 else { continue }
            if words[0] == "#", line.hasSuffix(leftOut) {
                partial.insert(String(words[1].dropLast()))
            } else if words[0] == "create" {
                let kind = words[2].split(separator: ":").last.map(String.init) ?? ""
                kinds[words[1]] = kind.split(separator: ",").map(String.init)
                sets[words[1]] = []
            } else if words[0] == "add", let kind = kinds[words[1]] {
                if words.dropFirst(3).contains("nomatch") { partial.insert(words[1]) }
                if kind == ["set"] {
                    if let inner = sets[words[2]], !partial.contains(words[2]) {
                        sets[words[1], default: []] += inner
                    } else {
                        partial.insert(words[1])
                    }
                    continue
                }
                if let element = element(words[2], kind) {
                    sets[words[1], default: []].append(element)
                } else {
                    partial.insert(words[1])
                }
            }
        }
        return sets.filter { !partial.contains($0.key) }
    }

    /// First line of what was put together from `iptables -L`, which shows one table, or one chain.
    public static let listed = "# listed: tables and chains that are not here were not shown"

    /// How a note on a set ends whose members are not there.
    public static let leftOut = "too many to be read here"

    private static func element(_ text: String, _ kind: [String]) -> SetElement? {
        let parts = text.split(separator: ",").map(String.init)
        guard parts.count == kind.count else { return nil }
        var element = SetElement(parts: [])
        for (name, text) in zip(kind, parts) {
            switch name {
            case "ip", "net":
                guard let range = IPRange.parsing(text) else { return nil }
                element.parts.append(.range(range))
            case "port":
                // `tcp:80`, `80`, `80-90`.
                let words = text.split(separator: ":").map(String.init)
                guard let number = words.last, let range = IPTablesRule.ports(number) else { return nil }
                if words.count == 2 { element.transport = IPTablesRule.transport(words[0]) }
                element.parts.append(.ports(range))
            default: element.parts.append(.word(text))
            }
        }
        return element
    }
}

/// One line of iptables-save.
struct IPTablesRule {
    private(set) var rule: PacketFilter.Rule
    private var words: [String]
    private var position = 0
    private var module = ""
    private var isNegated = false

    init(words: [String], text: String) {
        self.words = words
        rule = PacketFilter.Rule(text: text)
        while let word = next() { read(word) }
    }

    private mutating func next() -> String? {
        guard position < words.count else { return nil }
        position += 1
        return words[position - 1]
    }

    private mutating func add(_ test: PacketFilter.Test) {
        rule.conditions.append(PacketFilter.Condition(test: test, isNegated: isNegated))
        isNegated = false
    }

    private mutating func read(_ word: String) {
        switch word {
        case "!": isNegated = true
        case "-s", "--source", "-d", "--destination":
            let ranges = (next() ?? "").split(separator: ",").compactMap { IPRange.parsing(String($0)) }
            if ranges.isEmpty { return add(.unknown(word)) }
            add(word.hasPrefix("-s") || word == "--source" ? .source(ranges) : .destination(ranges))
        case "-i", "--in-interface": add(.input([next() ?? ""]))
        case "-o", "--out-interface": add(.output([next() ?? ""]))
        case "-p", "--protocol":
            let name = next() ?? ""
            add(name == "all" ? .constant(true) : .protocols([Self.transport(name)]))
        case "-m", "--match":
            module = next() ?? ""
            if module == "rpfilter" { return reversePath() }
            // It has no option that must be there.
            if module == "socket" { add(.unknown("-m \(module)")) }
        case "-f": add(.constant(false))
        case "-j", "--jump": target(next() ?? "", isGoto: false)
        case "-g", "--goto": target(next() ?? "", isGoto: true)
        default: option(word)
        }
    }

    private mutating func reversePath() {
        var options: Set<String> = []
        while position < words.count,
            ["--loose", "--validmark", "--accept-local", "--invert"].contains(words[position])
        {
            options.insert(words[position])
            position += 1
        }
        isNegated = options.contains("--invert")
        add(.reversePath(isLoose: options.contains("--loose"), usesMark: options.contains("--validmark")))
    }

    private mutating func option(_ word: String) {
        switch word {
        case "--comment", "--nfacct-name": _ = next()
        case "--dport", "--destination-port", "--dports", "--destination-ports": add(.destinationPorts(portList()))
        case "--sport", "--source-port", "--sports", "--source-ports": add(.sourcePorts(portList()))
        case "--ctstate", "--state":
            add(.state(Set((next() ?? "").lowercased().split(separator: ",").map(String.init))))
        case "--mark":
            let (value, mask) = Self.masked(next() ?? "0")
            // A new connection has no mark of its own.
            add(module == "connmark" ? .constant(value == 0) : .mark(value: value & mask, mask: mask))
        case "--dst-type": add(.addressType((next() ?? "").lowercased(), isSource: false))
        case "--src-type": add(.addressType((next() ?? "").lowercased(), isSource: true))
        case "--limit-iface-in", "--limit-iface-out", "--validmark", "--loose": break
        case "--icmp-type", "--icmpv6-type": icmp(next() ?? "")
        case "--match-set":
            let name = next() ?? ""
            let fields = (next() ?? "").split(separator: ",")
            add(.set(name, Self.fields(fields.map(String.init))))
        case "--return-nomatch": break
        // `! --update-counters` changes nothing that is asked here.
        case "--update-counters", "--update-subcounters": isNegated = false
        case "--syn": add(.beginsConnection)
        case "--length":
            add(Self.ports(next() ?? "").map { .length($0) } ?? .unknown(word))
        case "--tcp-flags":
            let mask = next() ?? ""
            let set = next() ?? ""
            // The first packet of a connection: SYN and nothing else of those looked at.
            let isFirst = set == "SYN" && ["SYN", "ACK"].allSatisfy { mask.split(separator: ",").contains($0) }
            add(isFirst ? .beginsConnection : set == "SYN" ? .constant(true) : .unknown("--tcp-flags"))
        case "--physdev-is-bridged": add(.constant(false))
        case "--src-range":
            add(IPRange.parsing(next() ?? "").map { .source([$0]) } ?? .unknown(word))
        case "--dst-range":
            add(IPRange.parsing(next() ?? "").map { .destination([$0]) } ?? .unknown(word))
        case "--probability", "--every", "--packet", "--mode", "--limit-burst":
            let value = next() ?? ""
            if word != "--mode" && word != "--limit-burst" && word != "--packet" { add(.unknown("\(word) \(value)")) }
        default:
            add(.unknown("\(module) \(word)"))
            // Its value, if it has one.
            if position < words.count, !words[position].hasPrefix("-"), words[position] != "!" { _ = next() }
        }
    }

    private mutating func icmp(_ text: String) {
        let names = [
            "any": "255", "destination-unreachable": "3", "fragmentation-needed": "3/4", "echo-request": "8",
            "echo-reply": "0", "time-exceeded": "11", "packet-too-big": "2", "host-prohibited": "3/10",
        ]
        let parts = (names[text] ?? text).split(separator: "/").compactMap { Int($0) }
        guard let type = parts.first else { return add(.unknown("--icmp-type \(text)")) }
        add(type == 255 ? .constant(true) : .icmp(type: type, code: parts.dropFirst().first))
    }

    private mutating func portList() -> [ClosedRange<Int>] {
        (next() ?? "").split(separator: ",").compactMap { Self.ports(String($0)) }
    }

    private mutating func target(_ name: String, isGoto: Bool) {
        var options: [String: String] = [:]
        while let word = next() {
            if word.hasPrefix("--") {
                let isValue = position < words.count && !words[position].hasPrefix("--")
                options[word] = isValue ? next() ?? "" : ""
            }
        }
        rule.actions = Self.actions(name, options, isGoto: isGoto)
    }

    private static func actions(
        _ name: String, _ options: [String: String], isGoto: Bool
    ) -> [PacketFilter.Action] {
        // What a collector could not read is nothing that decides nothing.
        if options["--undecoded"] != nil { return [.unknown("target \(name)")] }
        switch name {
        case "ACCEPT": return [.accept]
        case "DROP": return [.drop]
        case "REJECT": return [.reject(options["--reject-with"] ?? "icmp-port-unreachable")]
        case "RETURN": return [.return]
        case "MASQUERADE": return [.masquerade]
        case "SNAT": return [.sourceNAT(address(options["--to-source"] ?? "").0)]
        case "DNAT":
            let (address, port) = address(options["--to-destination"] ?? "")
            return [.destinationNAT(address, port)]
        case "REDIRECT": return [.redirect(options["--to-ports"].flatMap { Int($0) })]
        case "MARK":
            if let text = options["--set-xmark"] ?? options["--set-mark"] {
                let (value, mask) = masked(text)
                return [.mark(clear: options["--set-mark"] == nil ? mask : mask | value, set: value)]
            }
            if let text = options["--or-mark"] { return [.mark(clear: number(text), set: number(text))] }
            if let text = options["--and-mark"] { return [.mark(clear: ~number(text), set: 0)] }
            return []
        case "NOTRACK": return [.untrack]
        case "CT" where options["--notrack"] != nil: return [.untrack]
        case "LOG", "NFLOG", "ULOG", "TRACE", "CONNMARK", "TCPMSS", "CT", "CHECKSUM", "SET", "TTL", "HL",
            "DSCP", "TOS", "AUDIT", "CLASSIFY", "SECMARK", "CONNSECMARK", "IDLETIMER", "LED", "RATEEST", "TEE", "ECN",
            "TCPOPTSTRIP":
            return []
        // They end the walk by what is known elsewhere: a program's queue, a socket, a table of addresses.
        case "NFQUEUE", "QUEUE", "TPROXY", "NETMAP", "SYNPROXY", "CLUSTERIP", "DNPT", "SNPT":
            return [.unknown("target \(name)")]
        default:
            // A chain may be declared later in another order: names in capitals are targets only when known.
            return [isGoto ? .goto(name) : .jump(name)]
        }
    }

    /// `10.0.0.1:80`, `[fd00::1]:80`, `10.0.0.1-10.0.0.9:80`.
    private static func address(_ text: String) -> (IPAddress?, Int?) {
        if text.hasPrefix("["), let close = text.firstIndex(of: "]") {
            let address = IPAddress(String(text[text.index(after: text.startIndex)..<close]))
            return (address, Int(text[text.index(after: close)...].drop { $0 == ":" }))
        }
        if let whole = IPAddress(text) { return (whole, nil) }
        let parts = text.split(separator: ":", maxSplits: 1)
        let first = parts.first?.split(separator: "-").first.map(String.init) ?? ""
        return (IPAddress(first), parts.count > 1 ? Int(parts[1].split(separator: "-")[0]) : nil)
    }

    static func ports(_ text: String) -> ClosedRange<Int>? {
        let parts = text.split(whereSeparator: { $0 == ":" || $0 == "-" }).compactMap { Int($0) }
        if text.hasPrefix(":"), let last = parts.first { return 0...max(0, last) }
        if text.hasSuffix(":"), let first = parts.first { return first...max(first, 65535) }
        guard let first = parts.first else { return nil }
        let last = parts.dropFirst().first ?? first
        return first <= last ? first...last : nil
    }

    private static func number(_ text: String) -> UInt32 {
        text.hasPrefix("0x") ? UInt32(text.dropFirst(2), radix: 16) ?? 0 : UInt32(text) ?? 0
    }

    static func masked(_ text: String) -> (value: UInt32, mask: UInt32) {
        let parts = text.split(separator: "/").map { number(String($0)) }
        return (parts.first ?? 0, parts.dropFirst().first ?? .max)
    }

    static func transport(_ name: String) -> String {
        let names = ["6": "tcp", "17": "udp", "1": "icmp", "58": "ipv6-icmp", "132": "sctp", "icmpv6": "ipv6-icmp"]
        return names[name] ?? (name == "ipencap" || name == "ipip" ? "4" : name)
    }

    static func fields(_ directions: [String]) -> [PacketFilter.Field] {
        // Of `ip,port` the second is the port of that side; which it is, the set's element says by its kind.
        directions.enumerated().map { index, side in
            index == 0 ? (side == "src" ? .source : .destination) : (side == "src" ? .sourcePort : .destinationPort)
        }
    }
}

extension NodeEvidence {
    /// All its packet filters; nil when none of them was collected.
    public var packetFilter: PacketFilter? {
        decoded.value("packet filter") { () -> PacketFilter? in
            var filter = PacketFilter()
            let sets = text(.ipsets).map { PacketFilter.sets(ofIPSetSave: $0) } ?? [:]
            var isThere = false
            for (part, program, family) in [
                (Part.iptables, "iptables", IPFamily.v4), (.iptablesLegacy, "iptables-legacy", .v4),
                (.ip6tables, "ip6tables", .v6), (.ip6tablesLegacy, "ip6tables-legacy", .v6),
            ] {
                guard let text = self[part]?.bytes else { continue }
                isThere = true
                if text.starts(with: PacketFilter.listed.utf8) { filter.isPartial = true }
                filter.read(iptables: text, into: ruleBook, program: program, family: family, sets: sets)
            }
            if let root = json(.nftables) {
                isThere = true
                filter.isPartial = false
                filter.read(nftables: root)
            }
            return isThere ? filter : nil
        }
    }

    enum PacketFilterState: Equatable {
        case known
        /// Somebody tried, and may not.
        case refused(String)
        case notAsked
    }

    var packetFilterState: PacketFilterState {
        let parts: [Part] = [.nftables, .iptables, .iptablesLegacy, .ip6tables, .ip6tablesLegacy]
        // The old iptables' tables alone say nothing of a machine whose others were refused.
        let isBlind = parts.prefix(2).allSatisfy { documents[$0.path] == nil }
        if isBlind, let refused = parts.prefix(2).first(where: { wasRefused($0) }) {
            return .refused(reasonMissing(refused) ?? "")
        }
        return parts.contains { documents[$0.path] != nil } ? .known : .notAsked
    }

    /// Nil when no packet filter was collected.
    public var packetFilterSimulation: PacketFilterSimulation? {
        decoded.value("packet filter simulation") { () -> PacketFilterSimulation? in
            guard let filter = packetFilter else { return nil }
            let own = addresses.map { Set($0.map(\.address.address)) }
            return PacketFilterSimulation(filter, localAddresses: own, lookup: routeLookup)
        }
    }
}
