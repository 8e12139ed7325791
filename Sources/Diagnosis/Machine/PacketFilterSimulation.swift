import Addressing

/// What becomes of a packet in a machine's packet filters: chains of a hook by priority, jumps, policies, sets, marks and
/// translations, as the kernel walks them (net/netfilter/nf_tables_core.c, ip_tables.c).
///
/// A condition that is not known here splits the walk: both ways are followed. When all ways end alike, that is the
/// answer; else it is ``Outcome/Verdict/cannotSay(_:)``, never a guess.
public struct PacketFilterSimulation: Sendable {
    let filter: PacketFilter
    /// Nil when addresses were not collected: then `addrtype LOCAL` is not known.
    let localAddresses: Set<IPAddress>?
    let lookup: RouteLookup?
    /// Chains that hooks call, in the order of their calls; each with the place of its table.
    private let bases: [PacketFilter.Hook: [(table: Int, chain: PacketFilter.Chain, base: PacketFilter.Base)]]

    public init(_ filter: PacketFilter, localAddresses: Set<IPAddress>?, lookup: RouteLookup? = nil) {
        self.filter = filter
        var bases: [PacketFilter.Hook: [(table: Int, chain: PacketFilter.Chain, base: PacketFilter.Base)]] = [:]
        for (index, table) in filter.tables.enumerated() {
            for chain in table.chains.bases {
                if let base = chain.base { bases[base.hook, default: []].append((index, chain, base)) }
            }
        }
        self.bases = bases.mapValues { chains in
            chains.sorted { ($0.base.priority, $0.table, $0.chain.name) < ($1.base.priority, $1.table, $1.chain.name) }
        }
        self.localAddresses = localAddresses
        self.lookup = lookup
    }

    public struct Packet: Sendable, Hashable {
        public var source: IPAddress
        public var destination: IPAddress
        /// `tcp`, `udp`, `icmp`, `4`, ...; `arp` for what is no IP.
        public var transport: String
        public var sourcePort: Int
        public var destinationPort: Int
        public var icmpType: Int?
        public var icmpCode: Int?
        public var input: String?
        public var output: String?
        public var mark: UInt32
        /// `new`, `established`, `related`.
        public var state: String
        /// Bytes from the network header on: of what begins a connection few.
        public var length = 60
        public private(set) var isDestinationTranslated = false
        public private(set) var isSourceTranslated = false

        public init(
            from source: IPAddress, to destination: IPAddress, _ transport: String, port: Int = 0,
            sourcePort: Int = 40000, input: String? = nil, output: String? = nil, mark: UInt32 = 0,
            state: String = "new", icmp: (type: Int, code: Int)? = nil
        ) {
            self.source = source
            self.destination = destination
            self.transport = transport
            self.sourcePort = sourcePort
            destinationPort = port
            self.input = input
            self.output = output
            self.mark = mark
            self.state = state
            icmpType = icmp?.type
            icmpCode = icmp?.code
        }

        mutating func translateDestination(_ address: IPAddress?, _ port: Int?) {
            if let address { destination = address }
            if let port { destinationPort = port }
            isDestinationTranslated = true
        }

        mutating func translateSource(_ address: IPAddress?) {
            if let address { source = address }
            isSourceTranslated = true
        }
    }

    public struct Outcome: Sendable {
        public enum Verdict: Sendable, Hashable {
            case accepted
            case dropped
            /// With what is answered: `icmp-port-unreachable`.
            case rejected(String)
            case cannotSay(String)
        }
        public var verdict: Verdict
        /// `iptables filter FORWARD: policy DROP`, or the rule's text.
        public var decidedBy: String
        /// After translation; several when the rules share the load.
        public var packets: [Packet]
        /// Where that stands; nil where no single rule or policy decided.
        public var decider: Decider?

        public var isSourceTranslated: Bool { !packets.isEmpty && packets.allSatisfy(\.isSourceTranslated) }
    }

    /// A chain whose rule or policy ended a packet.
    public struct Decider: Sendable, Hashable {
        /// `nft`, `iptables`, `iptables-legacy` and so on: whoever shows it can also change it.
        public var program: String
        /// nft's: `inet`, `ip`.
        public var family: String
        public var table: String
        public var chain: String
        /// The base chain's policy, and none of its rules.
        public var isPolicy: Bool
    }

    /// The walk through some hooks in order: ``PacketFilter/Hook/passing`` for what is passed on,
    /// ``PacketFilter/Hook/arriving`` for what comes to this machine, ``PacketFilter/Hook/leaving`` for what it sends.
    ///
    /// - Parameter isBridged: from port to port of a bridge, by the chains of bridges alone.
    public func pass(_ packet: Packet, through hooks: [PacketFilter.Hook], isBridged: Bool = false) -> Outcome {
        var branches = [Branch(packet: packet)]
        let isARP = packet.transport == "arp"
        for hook in hooks {
            for (index, chain, base) in bases[hook] ?? []
            where filter.tables[index].covers(packet.destination.family, isBridged: isBridged, isARP: isARP) {
                let walk = Walk(simulation: self, table: filter.tables[index], hook: hook)
                branches = branches.flatMap { branch -> [Branch] in
                    guard branch.verdict == nil else { return [branch] }
                    // Only the first packet of a connection is shown to nat chains.
                    if base.isNAT && branch.packet.state != "new" { return [branch] }
                    let device = hook == .egress ? branch.packet.output : branch.packet.input
                    if !base.devices.isEmpty, !base.devices.contains(device ?? "") { return [branch] }
                    return walk.run(chain, base, branch)
                }
                if branches.count > Self.mostBranches {
                    return Outcome(
                        verdict: .cannotSay("too many rules depend on what is not known"), decidedBy: "", packets: [])
                }
            }
            if hook == .prerouting || hook == .output {
                for index in branches.indices where branches[index].packet.isDestinationTranslated {
                    if let device = lookup?.lookup(
                        .init(
                            to: branches[index].packet.destination, mark: branches[index].packet.mark,
                            input: branches[index].packet.input)
                    ).devices.sorted().first {
                        branches[index].packet.output = device
                    }
                }
            }
        }
        return Self.outcome(branches)
    }

    static let mostBranches = 256

    private static func outcome(_ branches: [Branch]) -> Outcome {
        let ends = branches.map { $0.verdict ?? .accepted }
        guard let first = ends.first else {
            return Outcome(verdict: .cannotSay("nothing was walked"), decidedBy: "", packets: [])
        }
        if ends.allSatisfy({ $0 == first }) {
            return Outcome(
                verdict: first, decidedBy: branches[0].decidedBy, packets: branches.map(\.packet),
                decider: branches[0].decider)
        }
        let doubts = branches.flatMap(\.doubts)
        return Outcome(
            verdict: .cannotSay(doubts.first ?? "rules that are not known here decide"),
            decidedBy: branches.first { $0.verdict != nil }?.decidedBy ?? "", packets: branches.map(\.packet))
    }

    /// One way through the rules.
    struct Branch {
        var packet: Packet
        /// Nil while it goes on.
        var verdict: Outcome.Verdict?
        var decidedBy = ""
        var decider: Decider?
        /// Conditions that could not be decided.
        var doubts: [String] = []
    }

    /// One base chain's walk.
    struct Walk {
        let simulation: PacketFilterSimulation
        let table: PacketFilter.Table
        let hook: PacketFilter.Hook

        /// How a chain ended for a branch.
        private enum End { case fell, returned, ended }

        func run(_ chain: PacketFilter.Chain, _ base: PacketFilter.Base, _ branch: Branch) -> [Branch] {
            walk(chain, from: 0, branch, depth: 0).map { branch, end in
                guard end != .ended, base.policyDrops else { return branch }
                var branch = branch
                branch.verdict = .dropped
                branch.decidedBy = "\(table.program) \(table.name) \(chain.name): policy DROP"
                branch.decider = decider(chain, isPolicy: true)
                return branch
            }
        }

        private func decider(_ chain: PacketFilter.Chain, isPolicy: Bool) -> Decider {
            Decider(
                program: table.program, family: table.family, table: table.name, chain: chain.name, isPolicy: isPolicy)
        }

        private func walk(
            _ chain: PacketFilter.Chain, from start: Int, _ branch: Branch, depth: Int
        ) -> [(Branch, End)] {
            var branch = branch
            if depth > 64 {
                branch.verdict = .cannotSay("chains call each other without an end")
                return [(branch, .ended)]
            }
            let rules = chain.rules
            for index in start..<max(start, rules.count) {
                let rule = rules[index]
                switch matches(rule, branch.packet) {
                case .no: continue
                case .yes:
                    let results = act(rule, chain, branch, depth)
                    if results.count == 1, results[0].1 == .fell {
                        branch = results[0].0
                        continue
                    }
                    return results.flatMap { result, end in
                        end == .fell ? walk(chain, from: index + 1, result, depth: depth) : [(result, end)]
                    }
                case .unknown(let what):
                    // A rule that changes nothing leads on either way.
                    if rule.actions.isEmpty { continue }
                    var taken = branch
                    taken.doubts.append(what)
                    var other = branch
                    other.doubts.append(what)
                    if branch.doubts.count > 24 {
                        taken.verdict = .cannotSay(what)
                        return [(taken, .ended)]
                    }
                    let first = act(rule, chain, taken, depth).flatMap { result, end in
                        end == .fell ? walk(chain, from: index + 1, result, depth: depth) : [(result, end)]
                    }
                    let second = walk(chain, from: index + 1, other, depth: depth)
                    return merged(first + second)
                }
            }
            return [(branch, .fell)]
        }

        /// Ways that ended alike with the same packet are one.
        private func merged(_ results: [(Branch, End)]) -> [(Branch, End)] {
            var kept: [(Branch, End)] = []
            for result in results {
                let known = kept.contains { other in
                    other.1 == result.1 && other.0.packet == result.0.packet && other.0.verdict == result.0.verdict
                }
                if !known { kept.append(result) }
            }
            return kept
        }

        private func act(
            _ rule: PacketFilter.Rule, _ chain: PacketFilter.Chain, _ branch: Branch, _ depth: Int
        ) -> [(Branch, End)] {
            var branch = branch
            func end(_ verdict: Outcome.Verdict?) -> [(Branch, End)] {
                branch.verdict = verdict
                if verdict != nil {
                    branch.decidedBy = "\(table.program) \(table.name) \(chain.name): \(rule.text)"
                    branch.decider = decider(chain, isPolicy: false)
                }
                return [(branch, .ended)]
            }
            for action in rule.actions {
                switch action {
                case .accept:
                    branch.decidedBy = "\(table.program) \(table.name) \(chain.name): \(rule.text)"
                    return [(branch, .ended)]
                case .drop: return end(.dropped)
                case .reject(let with): return end(.rejected(with))
                case .return: return [(branch, .returned)]
                case .mark(let clear, let set): branch.packet.mark = branch.packet.mark & ~clear ^ set
                case .destinationNAT(let address, let port):
                    branch.packet.translateDestination(address, port)
                    return [(branch, .ended)]
                case .redirect(let port):
                    branch.packet.translateDestination(nil, port)
                    return [(branch, .ended)]
                case .sourceNAT(let address):
                    branch.decidedBy = "\(table.program) \(table.name) \(chain.name): \(rule.text)"
                    branch.packet.translateSource(address)
                    return [(branch, .ended)]
                case .untrack:
                    branch.packet.state = "untracked"
                    branch.decidedBy = "\(table.program) \(table.name) \(chain.name): \(rule.text)"
                case .masquerade:
                    branch.packet.translateSource(nil)
                    return [(branch, .ended)]
                case .jump(let name), .goto(let name):
                    var isGoto = false
                    if case .goto = action { isGoto = true }
                    guard let target = table.chains[name] else { return end(.cannotSay("chain \(name) is not there")) }
                    let results = walk(target, from: 0, branch, depth: depth + 1).map { result, end -> (Branch, End) in
                        if end == .ended { return (result, .ended) }
                        return (result, isGoto ? .returned : .fell)
                    }
                    return merged(results)
                case .decideBy(let fields, let elements, let name):
                    let candidates = name.flatMap { table.sets[$0] } ?? elements
                    if fields == [.random] && !candidates.isEmpty {
                        return merged(
                            candidates.flatMap { element in
                                act(.init(text: rule.text, actions: element.action), chain, branch, depth)
                            })
                    }
                    for element in candidates {
                        switch Self.holds(element, fields, branch.packet) {
                        case .yes:
                            let inner = PacketFilter.Rule(text: rule.text, actions: element.action)
                            return act(inner, chain, branch, depth)
                        case .unknown(let what): return end(.cannotSay(what))
                        case .no: continue
                        }
                    }
                case .unknown(let what): return end(.cannotSay(what))
                }
            }
            return [(branch, .fell)]
        }
    }
}
