/// The chains of one table of `iptables-save`: which lines of a ``RuleBook`` are theirs. A chain's lines are read when it is
/// walked.
final class UnreadChains: Sendable {
    /// Sixteen bytes for each chain.
    fileprivate struct Entry {
        var name: RuleBook.Name
        /// Where its lines begin among those of the table, and how many there are.
        var first: UInt32 = 0
        var count: UInt32 = 0
        var policyDrops: Bool
    }

    /// A table on its way: chains as they are named first, lines as they come.
    struct Builder {
        fileprivate var entries: [Entry] = []
        /// By a name's number: the place among the entries plus one; 0 for a chain that this table has not.
        fileprivate var places: [UInt32] = []
        fileprivate var lines: [(entry: UInt32, line: RuleBook.Number)] = []

        private mutating func place(_ name: RuleBook.Name) -> UInt32 {
            let index = Int(name)
            if index >= places.count {
                places += repeatElement(0, count: max(index + 1 - places.count, places.count))
            }
            if places[index] == 0 {
                entries.append(Entry(name: name, policyDrops: false))
                places[index] = UInt32(truncatingIfNeeded: entries.count)
            }
            return places[index] - 1
        }

        mutating func declare(_ name: RuleBook.Name, policyDrops: Bool) {
            entries[Int(place(name))].policyDrops = policyDrops
        }

        mutating func add(_ line: RuleBook.Number, to chain: RuleBook.Name) {
            let entry = place(chain)
            entries[Int(entry)].count += 1
            lines.append((entry, line))
        }
    }

    let book: RuleBook
    private let entries: [Entry]
    private let places: [UInt32]
    /// Chain by chain; within one as they came.
    let lines: [RuleBook.Number]

    init(_ built: Builder, of book: RuleBook) {
        self.book = book
        var entries = built.entries
        var next: UInt32 = 0
        for index in entries.indices {
            entries[index].first = next
            next += entries[index].count
            entries[index].count = 0
        }
        var lines: [RuleBook.Number] = Array(repeating: 0, count: built.lines.count)
        for (entry, line) in built.lines {
            let index = Int(entry)
            lines[Int(entries[index].first + entries[index].count)] = line
            entries[index].count += 1
        }
        self.entries = entries
        self.lines = lines
        places = built.places
    }

    /// Its place and whether its policy is DROP.
    func find(_ name: String) -> (index: Int, policyDrops: Bool)? {
        guard let index = book.number(ofName: name).flatMap({ index(of: $0) }) else { return nil }
        return (index, entries[index].policyDrops)
    }

    /// In the order of the text.
    func names(beginningWith prefix: String, withRules: Bool) -> [String] {
        book.names(entries.lazy.filter { !withRules || $0.count > 0 }.map(\.name), beginningWith: prefix)
    }

    func contains(prefix: String) -> Bool { book.contains(entries.lazy.map(\.name), prefix: prefix) }

    /// Whether a line of a chain holds these words.
    func mention(_ words: String) -> Bool { book.mention(words, in: lines) }

    func isEmpty(_ index: Int) -> Bool { entries[index].count == 0 }

    func rules(_ index: Int) -> [PacketFilter.Rule] { book.rules(lines(of: index)) }

    // MARK: By numbers

    var count: Int { entries.count }

    func lines(of index: Int) -> ArraySlice<RuleBook.Number> {
        let first = Int(entries[index].first)
        return lines[first..<first + Int(entries[index].count)]
    }

    func index(of name: RuleBook.Name) -> Int? {
        let index = Int(name)
        return index < places.count && places[index] > 0 ? Int(places[index]) - 1 : nil
    }

    func name(of index: Int) -> String { book.names([entries[index].name]).first ?? "" }

    func text(of line: RuleBook.Number) -> String { book.text(of: line) }
}
