import Addressing
import JSONTree

/// Which way a packet goes, as the kernel decides it: rules by priority, in each table the longest prefix, of equals
/// the lowest metric; dead next hops do not count (net/core/fib_rules.c, net/ipv4/fib_trie.c, net/ipv6/route.c).
///
/// Not known here: rules by port, user or protocol (then the answer is ``Answer/cannotSay(_:)``), and TOS.
public struct RouteLookup: Sendable {
    private let rules: [IPFamily: [NetworkRule]]
    private let tables: [IPFamily: [UInt32: Table]]

    /// The routes of a table by prefix: a node of a large cluster has one for every other node.
    private struct Table {
        /// Of the prefixes, the longest first.
        var lengths: [Int]
        /// Of one prefix, in the order the kernel tries them.
        var routes: [IPPrefix: [NetworkRoute]]

        /// The lowest metric first, of equals as they came.
        init(_ all: [NetworkRoute]) {
            routes = Dictionary(grouping: all, by: \.destination).mapValues { routes in
                routes.enumerated().sorted {
                    ($0.element.metric, $0.offset) < ($1.element.metric, $1.offset)
                }.map(\.element)
            }
            lengths = Set(routes.keys.map(\.length)).sorted(by: >)
        }

        func routes(to address: IPAddress) -> some Sequence<NetworkRoute> {
            lengths.lazy.flatMap { routes[IPPrefix(containing: address, length: $0)] ?? [] }
        }
    }

    public struct Packet: Sendable, Hashable {
        public var destination: IPAddress
        public var source: IPAddress?
        public var mark: UInt32
        /// Nil for packets of this machine.
        public var input: String?
        /// The interface a socket is bound to.
        public var output: String?

        public init(
            to destination: IPAddress, from source: IPAddress? = nil, mark: UInt32 = 0, input: String? = nil,
            output: String? = nil
        ) {
            self.destination = destination
            self.source = source
            self.mark = mark
            self.input = input
            self.output = output
        }
    }

    public enum Answer: Sendable, Hashable {
        /// To another machine, or to an interface. Several hops share the load.
        case forward(NetworkRoute, [NetworkRoute.Hop])
        /// To this machine itself.
        case local(NetworkRoute)
        /// A route or rule says so: `blackhole`, `unreachable`, `prohibit`.
        case refused(String, NetworkRoute?)
        /// Network is unreachable.
        case noRoute
        case cannotSay(String)
    }

    /// - Parameter rules: without any, those of a new machine: local, main, default.
    public init(routes: [NetworkRoute], rules: [IPFamily: [NetworkRule]]) {
        var chosen: [IPFamily: [NetworkRule]] = [:]
        var tables: [IPFamily: [UInt32: [NetworkRoute]]] = [:]
        for family in IPFamily.allCases {
            let own = rules[family] ?? []
            chosen[family] = own.isEmpty ? Self.standardRules : own.sorted { $0.priority < $1.priority }
        }
        for route in routes { tables[route.destination.family, default: [:]][route.table, default: []].append(route) }
        self.tables = tables.mapValues { $0.mapValues { Table($0) } }
        self.rules = chosen
    }

    private static let standardRules: [NetworkRule] = [
        NetworkRule(priority: 0, table: 255), NetworkRule(priority: 32766, table: 254),
        NetworkRule(priority: 32767, table: 253),
    ]

    public func lookup(_ packet: Packet) -> Answer {
        let family = packet.destination.family
        let rules = rules[family] ?? Self.standardRules
        var index = 0
        // A goto leads forward only, so that the walk ends.
        while index < rules.count {
            let rule = rules[index]
            index += 1
            guard let matches = rule.matches(packet) else {
                return .cannotSay("ip rule \(rule.text) decides by something that is not known here")
            }
            if !matches { continue }
            if rule.action == "goto" {
                guard let target = rule.target, target > rule.priority,
                    let next = rules[index...].firstIndex(where: { $0.priority >= target })
                else { continue }
                index = next
                continue
            }
            if ["blackhole", "unreachable", "prohibit"].contains(rule.action) { return .refused(rule.action, nil) }
            guard let table = rule.table else { continue }
            if table == .max { return .cannotSay("ip rule \(rule.text) names a table whose number is not known") }
            if let answer = lookup(packet, family, table, rule) { return answer }
        }
        return .noRoute
    }

    /// Nil when the table has no answer and the next rule is asked.
    private func lookup(_ packet: Packet, _ family: IPFamily, _ table: UInt32, _ rule: NetworkRule) -> Answer? {
        guard let known = tables[family]?[table] else { return nil }
        for route in known.routes(to: packet.destination) {
            if ["broadcast", "multicast", "anycast"].contains(route.kind), packet.input != nil { continue }
            if route.isDead { continue }
            if let output = packet.output, route.kind == "unicast", route.hops.isEmpty, route.device != output {
                continue
            }
            if let suppressed = rule.suppressedLength, route.destination.length <= suppressed { return nil }
            switch route.kind {
            case "throw": return nil
            case "blackhole", "unreachable", "prohibit": return .refused(route.kind, route)
            case "local", "broadcast", "anycast": return .local(route)
            default: break
            }
            let hops = route.hops.filter { !$0.isDead && (packet.output == nil || $0.device == packet.output) }
            if !route.hops.isEmpty && hops.isEmpty { continue }
            let single = NetworkRoute.Hop(gateway: route.gateway, device: route.device, weight: 1, isDead: false)
            return .forward(route, hops.isEmpty ? [single] : hops)
        }
        return nil
    }
}

extension NetworkRule {
    fileprivate init(priority: UInt32, table: UInt32) {
        self.priority = priority
        self.table = table
        markMask = .max
        isInverted = false
        action = ""
        hasMore = false
    }

    /// Nil when it cannot be said.
    fileprivate func matches(_ packet: RouteLookup.Packet) -> Bool? {
        var result = true
        if let source {
            // Without a source of its own a packet of this machine has none yet: 0.0.0.0.
            let own = packet.source ?? IPAddress(number: 0, family: packet.destination.family)
            result = result && source.contains(own)
        }
        if let destination { result = result && destination.contains(packet.destination) }
        if let mark { result = result && packet.mark & markMask == mark & markMask }
        // Packets of this machine come in by the loopback.
        if let input { result = result && input == packet.input ?? "lo" }
        if let output { result = result && output == packet.output }
        if result && hasMore { return nil }
        return isInverted ? !result : result
    }
}

extension RouteLookup.Answer {
    /// For evidence: what `ip route get` would say.
    public var text: String {
        switch self {
        case .forward(let route, let hops):
            hops.map { hop in
                [hop.gateway.map { "via \($0)" }, hop.device.map { "dev \($0)" }].compactMap { $0 }
                    .joined(separator: " ")
            }.joined(separator: " or ") + " (\(route.text))"
        case .local: "local"
        case .refused(let kind, _): kind
        case .noRoute: "Network is unreachable"
        case .cannotSay(let reason): "cannot say: \(reason)"
        }
    }

    /// Interfaces it may leave by.
    public var devices: Set<String> {
        if case .forward(_, let hops) = self { Set(hops.compactMap(\.device)) } else { [] }
    }
}
