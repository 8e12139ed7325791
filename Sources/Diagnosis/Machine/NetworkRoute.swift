import Addressing
import JSONTree

/// A route as `ip -j route show table all` prints it.
public struct NetworkRoute: Sendable, Hashable {
    /// `unicast`, `local`, `broadcast`, `blackhole`, `unreachable`, `prohibit`, `throw`, ...
    public var kind: String
    public var destination: IPPrefix
    public var gateway: IPAddress?
    public var device: String?
    /// 254 is main, 255 local.
    public var table: UInt32
    /// Who made it: `kernel`, `bird`, `static`, or a number.
    public var origin: String
    public var scope: String
    /// The lower wins; 0 when none is said.
    public var metric: UInt32
    public var source: IPAddress?
    public var isOnLink: Bool
    /// The kernel does not use it: its interface is down or gone.
    public var isDead: Bool
    public var hops: [Hop]

    public struct Hop: Sendable, Hashable {
        public var gateway: IPAddress?
        public var device: String?
        public var weight: Int
        public var isDead: Bool
    }

    /// - Parameter family: for `default`, which both families print alike.
    init?(_ node: JSONNode, family: IPFamily) {
        guard let written = node.member("dst")?.string else { return nil }
        let gateway = (node.member("gateway") ?? node.at("via", "host"))?.string.flatMap { IPAddress($0) }
        if written == "default" {
            let family = node.member("via") == nil ? gateway?.family ?? family : family
            destination = IPPrefix(containing: IPAddress(number: 0, family: family), length: 0)
        } else if let prefix = IPPrefix(written) {
            destination = prefix
        } else if let address = IPAddress(written) {
            destination = IPPrefix(containing: address, length: address.family.bitWidth)
        } else {
            return nil
        }
        kind = node.member("type")?.string ?? "unicast"
        self.gateway = gateway
        device = node.member("dev")?.string
        table = node.member("table").map(Self.table) ?? 254
        origin = node.member("protocol")?.string ?? "boot"
        scope = node.member("scope")?.string ?? "global"
        metric = node.member("metric")?.uint.map { UInt32(truncatingIfNeeded: $0) } ?? 0
        source = node.member("prefsrc")?.string.flatMap { IPAddress($0) }
        let flags = node.member("flags").map { $0.elements.compactMap(\.string) } ?? []
        isOnLink = flags.contains("onlink")
        isDead = flags.contains("dead")
        hops =
            node.member("nexthops").map { list in
                list.elements.map { hop in
                    let flags = hop.member("flags").map { $0.elements.compactMap(\.string) } ?? []
                    return Hop(
                        gateway: (hop.member("gateway") ?? hop.at("via", "host"))?.string.flatMap { IPAddress($0) },
                        device: hop.member("dev")?.string,
                        weight: hop.member("weight")?.int.map { Int(clamping: $0) } ?? 1,
                        isDead: flags.contains("dead"))
                }
            } ?? []
    }

    /// By number, or by the names that every machine has.
    static func table(_ node: JSONNode) -> UInt32 {
        if let number = node.uint { return UInt32(truncatingIfNeeded: number) }
        return table(named: node.string ?? "main")
    }

    /// Other names are of /etc/iproute2/rt_tables, which is not known here: a number that no table has.
    static func table(named name: String) -> UInt32 {
        switch name {
        case "main": 254
        case "local": 255
        case "default": 253
        default: UInt32(name) ?? .max
        }
    }

    public var isDefault: Bool { destination.length == 0 }

    /// As `ip route` would print the telling part of it.
    public var text: String {
        var words = kind == "unicast" ? [] : [kind]
        words.append(isDefault ? "default" : hostText)
        if let gateway { words += ["via", "\(gateway)"] }
        if let device { words += ["dev", device] }
        if table != 254 { words += ["table", table == 255 ? "local" : "\(table)"] }
        if origin != "boot" { words += ["proto", origin] }
        if metric != 0 { words += ["metric", "\(metric)"] }
        if isOnLink { words.append("onlink") }
        for hop in hops { words.append("nexthop via \(hop.gateway.map { "\($0)" } ?? "-") dev \(hop.device ?? "-")") }
        return words.joined(separator: " ")
    }

    private var hostText: String {
        destination.length == destination.family.bitWidth ? "\(destination.network)" : "\(destination)"
    }
}

/// A rule that chooses a routing table (`ip -j rule`).
public struct NetworkRule: Sendable, Hashable {
    public var priority: UInt32
    public var source: IPPrefix?
    public var destination: IPPrefix?
    public var input: String?
    public var output: String?
    public var mark: UInt32?
    public var markMask: UInt32
    public var isInverted: Bool
    /// Nil for rules that do something else.
    public var table: UInt32?
    /// `blackhole`, `unreachable`, `prohibit`, `goto`, `nop`; empty for a look-up.
    public var action: String
    public var target: UInt32?
    /// Routes with a prefix this long or shorter do not count.
    public var suppressedLength: Int?
    /// Something else that decides (ports, user, protocol): whether it matches cannot be said.
    public var hasMore: Bool

    init?(_ node: JSONNode) {
        guard let priority = node.member("priority")?.uint else { return nil }
        self.priority = UInt32(truncatingIfNeeded: priority)
        func prefix(_ key: String) -> IPPrefix? {
            guard let text = node.member(key)?.string, text != "all" else { return nil }
            if let prefix = IPPrefix(text) { return prefix }
            guard let address = IPAddress(text) else { return nil }
            let length = node.member(key + "len")?.int.map { Int(clamping: $0) } ?? address.family.bitWidth
            return IPPrefix(containing: address, length: min(max(length, 0), address.family.bitWidth))
        }
        source = prefix("src")
        destination = prefix("dst")
        input = node.member("iif")?.string
        output = node.member("oif")?.string
        mark = node.member("fwmark").flatMap(Self.number)
        markMask = node.member("fwmask").flatMap(Self.number) ?? .max
        isInverted = node.member("not") != nil
        table = node.member("table").map(NetworkRoute.table)
        action = node.member("action")?.string ?? (node.member("goto") == nil ? "" : "goto")
        target = node.member("goto")?.uint.map { UInt32(truncatingIfNeeded: $0) }
        suppressedLength = node.member("suppress_prefixlen")?.int.map { Int(clamping: $0) }
        hasMore = ["ipproto", "sport", "dport", "sport_start", "dport_start", "uid_start", "tos"]
            .contains { node.member($0) != nil }
    }

    private static func number(_ node: JSONNode) -> UInt32? {
        if let number = node.uint { return UInt32(truncatingIfNeeded: number) }
        guard let text = node.string else { return nil }
        return text.hasPrefix("0x") ? UInt32(text.dropFirst(2), radix: 16) : UInt32(text)
    }

    public var text: String {
        var words = ["\(priority):"]
        if isInverted { words.append("not") }
        words += ["from", source.map { "\($0)" } ?? "all"]
        if let destination { words += ["to", "\(destination)"] }
        if let mark { words += ["fwmark", "0x" + String(mark, radix: 16)] }
        if let input { words += ["iif", input] }
        if let output { words += ["oif", output] }
        if let table {
            words += ["lookup", table == 254 ? "main" : table == 255 ? "local" : table == 253 ? "default" : "\(table)"]
        } else {
            words.append(action)
        }
        return words.joined(separator: " ")
    }
}
