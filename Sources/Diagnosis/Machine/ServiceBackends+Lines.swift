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
        /// A translation that packets may come to.
        struct Hop {
            var backend: Backend
            fileprivate var line: RuleBook.Number
            fileprivate var chain: Int
        }

        /// Where among the hops those of each front lie; of the same backend there is only the first line.
        private(set) var fronts: [Front: Range<Int>] = [:]
        /// Behind each other: those of chains, and those of fronts that several lines have. One array, because a node has
        /// a chain for each backend.
        private(set) var hops: [Hop] = []
        private let chains: UnreadChains
        private let table: String

        /// Chains that call each other are no more than this many (the kernel takes far fewer).
        private static let depthLimit = 256

        init(_ chains: UnreadChains, table: String) {
            self.chains = chains
            self.table = table
            let book = chains.book
            let steps = book.derived.value("lines of Services") { ServiceLines() }.steps(of: chains.lines, in: book)
            var known: [Known] = Array(repeating: .unknown, count: chains.count)
            for line in chains.lines {
                guard let step = steps[Int(line)], let front = step.front, let target = step.target,
                    let chain = chains.index(of: target)
                else { continue }
                let found = walk(chain, steps, &known, depth: 0)
                if found.isEmpty { continue }
                fronts[front] = fronts[front].map { keep(Array(hops[$0]) + hops[found]) } ?? found
            }
        }

        /// As a finding quotes it.
        func sender(_ hop: Hop) -> Sender { .line(hop.line, table: table, chain: hop.chain, chains) }

        private enum Known {
            case unknown, open
            case walked(Range<Int>)
        }

        /// Where the hops of a chain and of those it calls lie.
        private mutating func walk(
            _ chain: Int, _ steps: [ServiceLines.Step?], _ known: inout [Known], depth: Int
        ) -> Range<Int> {
            let nothing = 0..<0
            switch known[chain] {
            case .walked(let range): return range
            case .open: return nothing
            case .unknown: if depth > Self.depthLimit { return nothing }
            }
            known[chain] = .open
            // Most chains are of one backend, or go on to one other chain: neither needs hops of its own.
            var ranges: [Range<Int>] = []
            var only = nothing
            for line in chains.lines(of: chain) {
                guard let step = steps[Int(line)] else { continue }
                var further = nothing
                if let backend = step.backend {
                    further = hops.count..<hops.count + 1
                    hops.append(Hop(backend: backend, line: line, chain: chain))
                } else if let target = step.target, let next = chains.index(of: target) {
                    further = walk(next, steps, &known, depth: depth + 1)
                }
                if further.isEmpty { continue }
                if !only.isEmpty || !ranges.isEmpty { ranges.append(further) } else { only = further }
            }
            let range = ranges.isEmpty ? only : keep(([only] + ranges).flatMap { hops[$0] })
            known[chain] = .walked(range)
            return range
        }

        private mutating func keep(_ found: [Hop]) -> Range<Int> {
            let start = hops.count
            if found.count < 16 {
                // Hashing a few is dearer than comparing them.
                for hop in found where !hops[start...].contains(where: { $0.backend == hop.backend }) {
                    hops.append(hop)
                }
            } else {
                var seen: Set<Backend> = []
                for hop in found where seen.insert(hop.backend).inserted { hops.append(hop) }
            }
            return start..<hops.count
        }
    }
}
