import Addressing

/// Where a machine sends the packets for each Service, whoever programmed it: kube-proxy in its modes iptables (both
/// flavours), nftables and ipvs.
///
/// Conditions on the way to a backend (affinity, probabilities, who asks) are not weighed: what a connection may be sent to
/// is what counts.
struct ServiceBackends {
    /// What clients connect to.
    struct Front: Hashable {
        var address: IPAddress
        var port: Int
        var transport: String
    }

    struct Backend: Hashable {
        var address: IPAddress
        var port: Int?
    }

    /// The rule that sends to a backend.
    enum Sender: Sendable {
        case server(String)
        case rule(table: String, chain: String, String)
        /// One that is put into words when it is asked for.
        case line(RuleBook.Number, table: String, chain: Int, UnreadChains)

        /// As a finding quotes it.
        var text: String {
            switch self {
            case .server(let text): text
            case .rule(let table, let chain, let text): "\(table) \(chain): \(text)"
            case .line(let number, let table, let chain, let chains):
                "\(table) \(chains.name(of: chain)): \(chains.text(of: number))"
            }
        }
    }

    /// Which mode was read; nil when nobody programs Services here, or it cannot be told who does.
    let mode: Mode?
    private var backends: [Front: [Backend: Sender]] = [:]
    /// What lines of `iptables-save` say, of each table that was not read otherwise.
    private var lines: [LineWalk] = []

    enum Mode: Equatable { case iptables, nftables, ipvs }

    /// - Returns: the backends that are wanted, each with the rule that sends there, in the order of their addresses; nil
    ///   when nothing is programmed for the front.
    func backends(
        of front: Front, where isWanted: (Backend) -> Bool = { _ in true }
    ) -> [(backend: Backend, sender: Sender)]? {
        var isProgrammed = false
        var found: [(backend: Backend, sender: Sender)] = []
        func add(_ backend: Backend, _ sender: @autoclosure () -> Sender) {
            // Of two tables the first counts.
            if isWanted(backend), !found.contains(where: { $0.backend == backend }) {
                found.append((backend, sender()))
            }
        }
        if let known = backends[front] {
            isProgrammed = true
            for (backend, sender) in known { add(backend, sender) }
        }
        for walk in lines {
            guard let hops = walk.fronts[front] else { continue }
            isProgrammed = true
            for hop in walk.hops[hops] { add(hop.backend, walk.sender(hop)) }
        }
        return isProgrammed
            ? found.sorted { ($0.backend.address, $0.backend.port ?? 0) < ($1.backend.address, $1.backend.port ?? 0) }
            : nil
    }

    /// What is sent to an address, and to which of its ports, in the order of the fronts.
    func fronts(sendingTo address: IPAddress) -> [(front: Front, port: Int64, sender: Sender)] {
        Set(backends.keys).union(lines.flatMap(\.fronts.keys)).flatMap { front in
            (backends(of: front) { $0.address == address } ?? []).map {
                (front, Int64($0.backend.port ?? front.port), $0.sender)
            }
        }.sorted { ($0.front.address, $0.front.port, $0.port) < ($1.front.address, $1.front.port, $1.port) }
    }

    init(_ machine: NodeEvidence) {
        let virtual = machine.text(.ipvs).map { Self.virtualServers($0) } ?? [:]
        let tables = machine.packetFilter?.tables ?? []
        let translating = tables.filter { table in
            table.name == "nat" && ["KUBE-SVC-", "KUBE-SEP-"].contains { table.chains.contains(prefix: $0) }
        }
        let own = tables.filter { $0.program == "nft" && $0.name == "kube-proxy" }
        let flavours = Set(translating.map { $0.program.hasSuffix("legacy") })
        // What a former mode left behind is another cause, and says nothing of where packets go now.
        let isBound = machine.link("kube-ipvs0") != nil && !virtual.isEmpty
        guard [isBound, !translating.isEmpty, !own.isEmpty].filter({ $0 }).count == 1, flavours.count < 2 else {
            mode = nil
            return
        }
        if isBound {
            mode = .ipvs
            backends = virtual.mapValues { $0.mapValues { Sender.server($0) } }
            return
        }
        mode = own.isEmpty ? .iptables : .nftables
        for table in own + translating {
            if let chains = table.chains.unread {
                lines.append(LineWalk(chains, table: table.title))
            } else {
                read(table)
            }
        }
    }

    // MARK: Rules

    private mutating func read(_ table: PacketFilter.Table) {
        var walk = Walk(table: table)
        for rule in table.chains.readRules where rule.actions.contains(where: Self.goesOn) {
            if let front = Self.front(rule) { add(walk.backends(rule.actions), to: front) }
        }
        for (_, elements) in table.sets.sorted(by: { $0.key < $1.key }) {
            for element in elements where element.action.contains(where: Self.goesOn) {
                guard let front = Self.front(element) else { continue }
                add(walk.backends(element.action), to: front)
            }
        }
    }

    private mutating func add(_ found: [Backend: Sender], to front: Front) {
        if found.isEmpty { return }
        backends[front, default: [:]].merge(found) { first, _ in first }
    }

    static func goesOn(_ action: PacketFilter.Action) -> Bool {
        switch action {
        case .jump, .goto: true
        default: false
        }
    }

    /// `-d 10.96.0.10/32 -p udp --dport 53`, and nothing that leaves some clients out.
    static func front(_ rule: PacketFilter.Rule) -> Front? {
        var address: IPAddress?
        var port: Int?
        var transport: String?
        for condition in rule.conditions {
            if condition.isNegated { return nil }
            switch condition.test {
            case .destination(let ranges) where ranges.count == 1 && ranges[0].first == ranges[0].last:
                address = ranges[0].first
            case .destinationPorts(let ports) where ports.count == 1 && ports[0].count == 1: port = ports[0].lowerBound
            case .protocols(let names) where names.count == 1: transport = names.first
            case .family, .constant(true): continue
            default: return nil
            }
        }
        guard let address, let port, let transport else { return nil }
        return Front(address: address, port: port, transport: transport)
    }

    /// `10.96.0.10 . udp . 53` of a verdict map.
    private static func front(_ element: PacketFilter.SetElement) -> Front? {
        var address: IPAddress?
        var port: Int?
        var transport: String?
        for part in element.parts {
            switch part {
            case .range(let range) where range.first == range.last: address = range.first
            case .ports(let ports) where ports.count == 1: port = ports.lowerBound
            case .word(let word): transport = word
            default: return nil
            }
        }
        guard let address, let port, let transport else { return nil }
        return Front(address: address, port: port, transport: transport)
    }

    /// From chains to the translations that packets may come to in them.
    private struct Walk {
        let table: PacketFilter.Table
        /// As senders name it.
        private let title: String
        private var known: [String: [Backend: Sender]] = [:]
        private var open: Set<String> = []

        init(table: PacketFilter.Table) {
            self.table = table
            title = table.title
        }

        /// - Parameter sender: of the rule whose actions these are; nil where a map has them.
        mutating func backends(
            _ actions: [PacketFilter.Action], _ sender: Sender? = nil
        ) -> [Backend: Sender] {
            var found: [Backend: Sender] = [:]
            for action in actions {
                switch action {
                case .jump(let name), .goto(let name):
                    let further = backends(chain: name)
                    if found.isEmpty { found = further } else { found.merge(further) { first, _ in first } }
                case .destinationNAT(let address?, let port):
                    found[Backend(address: address, port: port)] = sender ?? .server("")
                case .decideBy(_, let elements, let name):
                    for element in name.flatMap({ table.sets[$0] }) ?? elements {
                        found.merge(backends(element.action, sender)) { first, _ in first }
                    }
                default: continue
                }
            }
            return found
        }

        private mutating func backends(chain name: String) -> [Backend: Sender] {
            if let known = known[name] { return known }
            guard let chain = table.chains[name], open.insert(name).inserted else { return [:] }
            defer { open.remove(name) }
            var found: [Backend: Sender] = [:]
            for rule in chain.rules where !rule.actions.isEmpty {
                let sender = Sender.rule(table: title, chain: name, rule.text)
                let further = backends(rule.actions, sender)
                if found.isEmpty { found = further } else { found.merge(further) { first, _ in first } }
            }
            known[name] = found
            return found
        }
    }

    // MARK: IPVS

    /// Of `ipvsadm -S -n` or `ipvsadm -L -n`. A backend without weight gets no new connections.
    static func virtualServers(_ text: String) -> [Front: [Backend: String]] {
        let options = ["-t": "tcp", "-u": "udp", "--sctp-service": "sctp", "TCP": "tcp", "UDP": "udp", "SCTP": "sctp"]
        var servers: [Front: [Backend: String]] = [:]
        var current: Front?
        func front(_ option: String, _ text: String) -> Front? {
            guard let transport = options[option], let (address, port) = end(text) else { return nil }
            return Front(address: address, port: port, transport: transport)
        }
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.split(separator: " ").map(String.init)
            guard words.count >= 3 else { continue }
            if words[0] == "-A" {
                current = front(words[1], words[2])
            } else if options[words[0]] != nil {
                current = front(words[0], words[1])
            } else if words[0] == "-a", words.count >= 5, let server = front(words[1], words[2]),
                let (address, port) = end(words[4])
            {
                let weight = words.firstIndex(of: "-w").flatMap { $0 + 1 < words.count ? Int(words[$0 + 1]) : nil }
                if weight != 0 { servers[server, default: [:]][Backend(address: address, port: port)] = String(line) }
                continue
            } else if words[0] == "->", words.count >= 4, let server = current, let (address, port) = end(words[1]) {
                if Int(words[3]) != 0 {
                    servers[server, default: [:]][Backend(address: address, port: port)] =
                        "\(server.address):\(server.port) \(words.joined(separator: " "))"
                }
                continue
            }
            if let current { servers[current] = servers[current] ?? [:] }
        }
        return servers
    }

    /// `10.96.0.1:443`, `[fd00::1]:443`.
    private static func end(_ text: String) -> (IPAddress, Int)? {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]) else { return nil }
        let address = text[..<colon].drop { $0 == "[" }.prefix { $0 != "]" }
        return IPAddress(String(address)).map { ($0, port) }
    }
}

extension PacketFilter.Table {
    /// `iptables nat`, for evidence.
    fileprivate var title: String { "\(program) \(name)" }
}
