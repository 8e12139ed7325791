import JSONTree

/// Text that iproute2 and iptables print for people, in the forms that evidence has.
enum MachineText {
    /// `iptables-save -c` puts `[packets:bytes]` before each rule.
    static func withoutCounters(_ text: String) -> [UInt8] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line -> Substring in
            guard line.hasPrefix("["), let end = line.firstIndex(of: "]") else { return line }
            return line[line.index(after: end)...].drop { $0 == " " }
        }
        return Array(lines.joined(separator: "\n").utf8)
    }

    /// Words that stand alone in a route, without a value.
    private static let flags: Set<Substring> = ["onlink", "linkdown", "dead", "offload", "pervasive"]
    private static let types: Set<Substring> = [
        "blackhole", "unreachable", "prohibit", "throw", "local", "broadcast", "multicast", "anycast", "unicast", "nat",
    ]
    /// Words of `ip route` and the members of `ip -j route`.
    private static let routeNames: [Substring: String] = [
        "via": "gateway", "dev": "dev", "proto": "protocol", "scope": "scope", "src": "prefsrc", "table": "table",
    ]

    /// `ip route show table all` as `ip -j route` prints it.
    static func routes(_ text: String) -> [UInt8] {
        list(
            text.split(separator: "\n").filter { $0.first.map { !$0.isWhitespace } ?? false }.compactMap { line in
                var words = line.split(whereSeparator: \.isWhitespace)[...]
                var route: [JSONMember] = []
                if let first = words.first, types.contains(first) {
                    route.append(JSONMember("type", .string(String(first))))
                    words = words.dropFirst()
                }
                guard let target = words.popFirst() else { return nil }
                route.append(JSONMember("dst", .string(String(target))))
                var flagged: [JSONValue] = []
                while let word = words.popFirst() {
                    if flags.contains(word) {
                        flagged.append(.string(String(word)))
                    } else if let key = routeNames[word], let value = words.popFirst() {
                        // `via inet6 fe80::1` names the family of the gateway first.
                        let gateway = key == "gateway" && value.hasPrefix("inet") ? words.popFirst() ?? value : value
                        route.append(JSONMember(key, .string(String(gateway))))
                    } else if word == "metric" || word == "mtu", let value = words.popFirst().flatMap({ Int64($0) }) {
                        route.append(JSONMember(String(word), .int(value)))
                    }
                }
                route.append(JSONMember("flags", .array(flagged)))
                return .object(route)
            })
    }

    /// `512:	from all to 10.0.1.9 lookup main` as `ip -j rule` prints it.
    static func rules(_ text: String) -> [UInt8] {
        list(
            text.split(separator: "\n").compactMap { line in
                guard let colon = line.firstIndex(of: ":"), let priority = Int64(line[..<colon]) else { return nil }
                var rule = [JSONMember("priority", .int(priority))]
                var words = line[line.index(after: colon)...].split(whereSeparator: \.isWhitespace)[...]
                while let word = words.popFirst() {
                    guard let value = words.first else { break }
                    switch word {
                    case "from": rule.append(JSONMember("src", .string(String(value))))
                    case "to": rule.append(JSONMember("dst", .string(String(value))))
                    case "lookup": rule.append(JSONMember("table", .string(String(value))))
                    case "iif", "oif": rule.append(JSONMember(String(word), .string(String(value))))
                    case "fwmark":
                        let parts = value.split(separator: "/")
                        rule.append(JSONMember("fwmark", .string(String(parts[0]))))
                        if parts.count == 2 { rule.append(JSONMember("fwmask", .string(String(parts[1])))) }
                    default: continue
                    }
                    words = words.dropFirst()
                }
                return .object(rule)
            })
    }

    /// `10.244.1.0 dev flannel.1 lladdr 5e:89:db:49:c6:a4 PERMANENT` as `ip -j neigh` prints it.
    static func neighbours(_ text: String) -> [UInt8] {
        list(
            text.split(separator: "\n").compactMap { line in
                let words = line.split(whereSeparator: \.isWhitespace)
                guard words.count >= 4, words[1] == "dev" else { return nil }
                var entry = [
                    JSONMember("dst", .string(String(words[0]))),
                    JSONMember("dev", .string(String(words[2]))),
                ]
                if let at = words.firstIndex(of: "lladdr"), at + 1 < words.count {
                    entry.append(JSONMember("lladdr", .string(String(words[at + 1]))))
                }
                entry.append(JSONMember("state", .array([.string(String(words[words.count - 1]))])))
                return .object(entry)
            })
    }

    private static func list(_ items: [JSONValue]) -> [UInt8] { JSONValue.array(items).serialized() }
}
