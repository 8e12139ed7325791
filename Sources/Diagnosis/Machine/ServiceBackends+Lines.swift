import Synchronization

/// What lines of `iptables-save` have to do with Services, found out once for all machines that have them.
private final class ServiceLines: Sendable {
    struct Step: Sendable {
        /// The chain it goes on to.
        var target: RuleBook.Name?
        /// Whom packets are for that take it, of one that goes on.
        var front: ServiceBackends.Front?
        var backend: ServiceBackends.Backend?

        init(_ rule: PacketFilter.Rule, _ book: RuleBook) {
            // A line of iptables has one target.
            switch rule.actions.first {
            case .jump(let name), .goto(let name):
                target = book.number(ofName: name)
                front = ServiceBackends.front(rule)
            case .destinationNAT(let address?, let port): backend = .init(address: address, port: port)
            default: break
            }
        }
    }

    /// By a line's number, as far as they were asked for.
    private let steps = Mutex<[Step?]>([])

    func steps(of lines: [RuleBook.Number], in book: RuleBook) -> [Step?] {
        steps.withLock { steps in
            var unknown: [RuleBook.Number] = []
            for line in lines {
                let index = Int(line)
                if index >= steps.count {
                    steps += repeatElement(nil, count: max(index + 1 - steps.count, steps.count))
                }
                if steps[index] == nil { unknown.append(line) }
            }
            for (line, rule) in zip(unknown, book.rules(unknown[...], isKept: false)) {
                steps[Int(line)] = Step(rule, book)
            }
            return steps
        }
    }
}

extension ServiceBackends {
    /// From lines that name a Service to the translations that packets may come to behind them.
    struct LineWalk {
        private struct Hop {
            var backend: Backend
            var line: RuleBook.Number
            var chain: Int
        }

        private let chains: UnreadChains
        private let table: String
        private let steps: [ServiceLines.Step?]
        /// By chain.
        private var known: [[Hop]?]
        private var isOpen: [Bool]

        /// Chains that call each other are no more than this many (the kernel takes far fewer).
        private static let depthLimit = 256
        /// More of a chain than this are looked through for the same ones.
        private static let repeats = 64

        init(_ chains: UnreadChains, table: String) {
            self.chains = chains
            self.table = table
            let book = chains.book
            steps = book.derived.value("lines of Services") { ServiceLines() }.steps(of: chains.lines, in: book)
            known = Array(repeating: nil, count: chains.count)
            isOpen = Array(repeating: false, count: chains.count)
        }

        /// What each front is sent to; of the same backend the first line counts.
        mutating func fronts() -> [Front: [Backend: Sender]] {
            var fronts: [Front: [Backend: Sender]] = [:]
            for line in chains.lines {
                guard let step = steps[Int(line)], let front = step.front, let target = step.target,
                    let chain = chains.index(of: target)
                else { continue }
                let hops = hops(chain, depth: 0)
                if hops.isEmpty { continue }
                var found = fronts[front] ?? Dictionary(minimumCapacity: hops.count)
                for hop in hops where found[hop.backend] == nil {
                    found[hop.backend] = .line(hop.line, table: table, chain: hop.chain, chains)
                }
                fronts[front] = found
            }
            return fronts
        }

        private mutating func hops(_ chain: Int, depth: Int) -> [Hop] {
            if let known = known[chain] { return known }
            if isOpen[chain] || depth > Self.depthLimit { return [] }
            isOpen[chain] = true
            var found: [Hop] = []
            for line in chains.lines(of: chain) {
                guard let step = steps[Int(line)] else { continue }
                if let backend = step.backend {
                    found.append(Hop(backend: backend, line: line, chain: chain))
                } else if let target = step.target, let next = chains.index(of: target) {
                    found += hops(next, depth: depth + 1)
                }
            }
            if found.count > Self.repeats {
                var seen: Set<Backend> = []
                found.removeAll { !seen.insert($0.backend).inserted }
            }
            isOpen[chain] = false
            known[chain] = found
            return found
        }
    }
}
