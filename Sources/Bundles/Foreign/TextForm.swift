import Addressing

/// What a program printed, known by how its lines look.
enum TextForm: Hashable {
    /// `ip link`, `ip addr`, with or without `-d`.
    case links(hasAddresses: Bool)
    case routes(isSixth: Bool)
    case rules(isSixth: Bool)
    case neighbours
    case forwarding
    case iptables(isSixth: Bool, isLegacy: Bool)
    /// `iptables -L`, with `-n -v` or without.
    case iptablesListing(isSixth: Bool, isLegacy: Bool)
    /// `nft list ruleset` without `-j`.
    case nftables
    case ipsetSave
    case ipsetList
    case sysctls
    case modules
    case sandboxes
    case sockets
    case mounts
    case kernelName
    case kernelLog
    case counters
    case conntrack
    case hostname
    /// `ethtool -k`.
    case offloads
    /// `tc -s qdisc`.
    case queues
    /// `ethtool -i`.
    case driver
    /// `ipvsadm -Ln`.
    case virtualServers
    /// `ls -l` of folders whose names are known.
    case listing
    /// `calicoctl node status`.
    case bgpStatus
    /// `birdcl show protocols`, with or without `all`.
    case birdProtocols
    /// `vtysh -c 'show bgp summary'`.
    case frrSummary
    /// `kubectl get`, by its columns; `kubectl describe`.
    case table
    case description

    /// Printed by kubectl for people.
    var isPrinted: Bool { self == .table || self == .description }

    /// Nil for anything else, logs among it.
    static func of(_ text: String, named name: String) -> TextForm? {
        let lines = text.prefix(32_768).split(whereSeparator: \.isNewline).prefix(200)
            .filter { line in line.contains { !$0.isWhitespace } }
        guard let first = lines.first else { return nil }
        let plain = lines.prefix { _ in true }.filter { !$0.hasPrefix("#") }
        let name = name.lowercased()
        if let table = filter(lines, name) { return table }
        if plain.first.map(IPTablesListing.isHead) ?? false {
            return .iptablesListing(isSixth: text.contains("::/0"), isLegacy: name.contains("legacy"))
        }
        if plain.first.map(NFTablesText.isTable) ?? false { return .nftables }
        if isTable(first) { return .table }
        if isDescription(lines) { return .description }
        if lines.contains(where: { $0.contains("PEER ADDRESS") && $0.contains("STATE") }) { return .bgpStatus }
        if isBIRD(lines) { return .birdProtocols }
        if lines.contains(where: { $0.hasPrefix("Neighbor ") && $0.contains("State/PfxRcd") }) { return .frrSummary }
        if first.hasPrefix("Module"), first.contains("Used by") { return .modules }
        if first.hasPrefix("qdisc "), first.contains(" dev ") { return .queues }
        if first.hasPrefix("Features for "), first.hasSuffix(":") { return .offloads }
        if first.hasPrefix("driver: "), lines.contains(where: { $0.hasPrefix("bus-info:") }) { return .driver }
        if first.hasPrefix("IP Virtual Server ") { return .virtualServers }
        if !FolderListing.all(text, named: name).isEmpty { return .listing }
        if first.hasPrefix("POD ID"), first.contains("STATE") { return .sandboxes }
        // netstat has a title above its columns.
        let columns = first.hasPrefix("Active Internet connections") ? lines.dropFirst().first ?? first : first
        if columns.contains("Local Address"), columns.contains("State") || columns.contains("Netid") { return .sockets }
        if first.hasPrefix("#kernel") || plain.contains(where: { $0.hasPrefix("TcpExt") && $0.contains(" ") }) {
            return .counters
        }
        if name == "hostname" || name == "hostname.txt", lines.count == 1 { return .hostname }
        if first.hasPrefix("Linux "), lines.count <= 2 { return .kernelName }
        if first.hasPrefix("Name: "), lines.contains(where: { $0.hasPrefix("Type: ") && $0.contains(":") }),
            lines.contains(where: { $0.hasPrefix("Members:") })
        {
            return .ipsetList
        }
        if plain.first.map({ $0.hasPrefix("create ") && $0.contains("hash:") }) ?? false { return .ipsetSave }
        if plain.contains(where: isLink) {
            return .links(hasAddresses: plain.contains { $0.hasPrefix("    inet") })
        }
        return byMostLines(plain[...], name)
    }

    /// Its columns, or its greeting and a session below it.
    private static func isBIRD(_ lines: [Substring]) -> Bool {
        let head = lines.prefix(3)
        if head.contains(where: { line in
            line.split(separator: " ").map { $0.lowercased() } == ["name", "proto", "table", "state", "since", "info"]
        }) {
            return true
        }
        return head.contains { $0.hasPrefix("BIRD ") && $0.hasSuffix(" ready.") }
            && lines.contains { $0.split(separator: " ").dropFirst().first == "BGP" }
    }

    private static func filter(_ lines: [Substring], _ name: String) -> TextForm? {
        let tables: Set<Substring> = ["*nat", "*filter", "*mangle", "*raw", "*security"]
        guard let start = lines.firstIndex(where: { tables.contains($0) || $0.hasPrefix("# Generated by ip") }),
            start < 40
        else { return nil }
        let head = lines[...start].joined(separator: " ")
        return .iptables(
            isSixth: head.contains("ip6tables") || name.contains("ip6") || name.contains("v6"),
            isLegacy: name.contains("legacy"))
    }

    /// `eth0` of `2: eth0: <BROADCAST,UP> mtu 1500 ...`.
    private static func isLink(_ line: Substring) -> Bool {
        guard let colon = line.firstIndex(of: ":"), Int(line[..<colon]) != nil else { return false }
        return line.contains(": <") && line.contains(" mtu ")
    }

    /// Forms whose every line looks the same.
    private static func byMostLines(_ lines: ArraySlice<Substring>, _ name: String) -> TextForm? {
        let some = lines.prefix(60)
        func most(_ test: (Substring) -> Bool) -> Bool { some.filter(test).count * 10 >= some.count * 7 }
        if some.isEmpty { return nil }
        let isSixth = name.contains("6")
        if most({ $0.hasPrefix("[") && $0.contains("] ") && isKernelTime($0) }) { return .kernelLog }
        if most({ $0.contains("from ") && ($0.contains("lookup") || $0.contains("goto")) && startsWithNumber($0) }) {
            return .rules(isSixth: isSixth)
        }
        if most({ $0.hasPrefix("cpu=") && $0.contains("insert_failed=") }) { return .conntrack }
        if most(isForwarding) { return .forwarding }
        if most(isNeighbour) { return .neighbours }
        if most(isRoute) {
            let sixth = some.contains { $0.split(separator: " ").first.map { $0.contains("::") } ?? false }
            return .routes(isSixth: sixth && !some.contains { $0.contains(".") && $0.contains("/") })
        }
        if most(isSetting) { return .sysctls }
        if most({ $0.contains(" on /") && $0.contains(" type ") && $0.hasSuffix(")") }) { return .mounts }
        return nil
    }

    private static func isKernelTime(_ line: Substring) -> Bool {
        let inside = line.dropFirst().prefix { $0 != "]" }.drop { $0 == " " }
        return Double(inside) != nil
    }

    private static func startsWithNumber(_ line: Substring) -> Bool {
        line.firstIndex(of: ":").map { Int(line[..<$0]) != nil } ?? false
    }

    private static func isForwarding(_ line: Substring) -> Bool {
        let words = line.split(separator: " ", maxSplits: 2)
        return words.count == 3 && words[1] == "dev" && MACAddress(String(words[0])) != nil
    }

    private static let states: Set<Substring> = [
        "REACHABLE", "STALE", "DELAY", "PROBE", "FAILED", "INCOMPLETE", "PERMANENT", "NOARP", "NONE",
    ]

    private static func isNeighbour(_ line: Substring) -> Bool {
        let words = line.split(separator: " ")
        guard words.count >= 4, words[1] == "dev", IPAddress(String(words[0])) != nil else { return false }
        return words.contains("lladdr") || words.last.map { states.contains($0) } ?? false
    }

    private static let types: Set<Substring> = [
        "blackhole", "unreachable", "prohibit", "throw", "local", "broadcast", "multicast", "anycast", "unicast",
    ]

    private static func isRoute(_ line: Substring) -> Bool {
        if line.first == " " || line.first == "\t" { return line.contains("nexthop") }
        var words = line.split(separator: " ")[...]
        if let first = words.first, types.contains(first) {
            words = words.dropFirst()
            if first == "blackhole" || first == "unreachable" || first == "prohibit" { return !words.isEmpty }
        }
        guard let target = words.first, words.contains("dev") || words.contains("via") else { return false }
        return target == "default" || IPPrefix(String(target)) != nil || IPAddress(String(target)) != nil
    }

    private static func isSetting(_ line: Substring) -> Bool {
        guard let equals = line.firstIndex(of: "=") else { return false }
        // A blank may stand before the sign; words before it are a line of a log.
        var key = line[..<equals].drop { $0 == " " }
        while key.last == " " { key.removeLast() }
        return key.split(separator: ".").count >= 2
            && key.allSatisfy { $0.isLetter || $0.isNumber || "._-/@:".contains($0) }
    }

    /// Columns that kubectl prints in capitals; of `kubectl get` without `-o`.
    private static func isTable(_ line: Substring) -> Bool {
        let words = line.split(separator: " ")
        guard let first = words.first, ["NAMESPACE", "NAME", "LAST"].contains(first), words.count >= 2 else {
            return false
        }
        // `kubectl top` tells its units.
        return words.allSatisfy { word in
            ["CPU(cores)", "MEMORY(bytes)"].contains(word) || word.allSatisfy { $0.isUppercase || "-()".contains($0) }
        }
    }

    private static func isDescription(_ lines: [Substring]) -> Bool {
        guard let first = lines.first, first.hasPrefix("Name:") else { return false }
        func has(_ titles: [String], in lines: some Sequence<Substring>) -> Bool {
            lines.contains { line in titles.contains { line.hasPrefix($0) } }
        }
        // What lies in no namespace is a Node (it has roles), a Namespace or a class.
        if has(["Labels:"], in: lines.prefix(2)), has(["Annotations:"], in: lines.prefix(30)),
            has(["Status:", "Controller:"], in: lines)
        {
            return true
        }
        return has(["Namespace:", "Roles:"], in: lines.prefix(30))
            && has(
                [
                    "Containers:", "Conditions:", "Events:", "Selector:", "Spec:", "Data", "Rules:", "API Version:",
                    "AddressType:", "Subsets:",
                ], in: lines)
    }

    /// The first fenced block of a Markdown file that begins with the command as its heading.
    static func fenced(_ text: String) -> String? {
        guard text.hasPrefix("# "), let open = text.firstRange(of: "\n```\n") ?? text.firstRange(of: "\n```") else {
            return nil
        }
        let rest = text[open.upperBound...]
        let end = rest.firstRange(of: "```")?.lowerBound ?? rest.endIndex
        return String(rest[..<end].drop { $0 == "\n" })
    }
}
