import Synchronization

/// The lines of `iptables-save` of all machines, each kept and read once.
///
/// kube-proxy writes a chain for each Service and each endpoint, the same ones on every node: tens of thousands of lines,
/// of which a packet sees some hundred, and which differ between nodes in a few places. A line is a number here; what it
/// says is read when somebody asks, and is then known for every machine that has the line.
final class RuleBook: Sendable {
    /// Of a chain's name.
    typealias Name = UInt32
    /// Of a line.
    typealias Number = UInt32

    private struct Place {
        /// Which of the texts.
        var text: UInt32
        var start: UInt32
        var count: UInt32
    }

    private struct Line {
        var place: Place
        var chain: Name
    }

    private struct State {
        var texts: [[UInt8]] = []
        var names: [Place] = []
        var lines: [Line] = []
        var nameTable = NumberTable()
        var lineTable = NumberTable()
        /// By a line's number, as far as they were asked for.
        var rules: [Number: PacketFilter.Rule] = [:]
    }

    private let state = Mutex(State())
    /// What is found out about lines once for all machines. Nothing that holds the book.
    let derived = DecodedParts()
    /// Nobody can write a bundle whose lines all fall into one place of the table.
    private let seed = UInt64.random(in: .min ... .max)

    init() {}

    // MARK: Reading

    /// The tables of a text, in their order. A text that is cut off still gives what it says of its last table.
    func tables(of text: [UInt8]) -> [(name: String, chains: UnreadChains)] {
        state.withLock { state in
            let own = UInt32(truncatingIfNeeded: state.texts.count)
            state.texts.append(text)
            var tables: [(name: String, chains: UnreadChains)] = []
            var open: (name: String, chains: UnreadChains.Builder)?
            func close() {
                if let open { tables.append((open.name, UnreadChains(open.chains, of: self))) }
                open = nil
            }
            text.withUnsafeBytes { bytes in
                var start = 0
                while start < bytes.count {
                    let end = bytes.first(0x0A, in: start..<bytes.count)
                    let line = bytes.trimmed(start..<end)
                    start = end + 1
                    guard let first = line.first.map({ bytes[$0] }) else { continue }
                    switch first {
                    case UInt8(ascii: "*"):
                        // One that was not closed ends here.
                        close()
                        open = (
                            String(decoding: bytes[(line.lowerBound + 1)..<line.upperBound], as: UTF8.self), .init()
                        )
                    case UInt8(ascii: ":"):
                        guard let words = bytes.declaration(line) else { continue }
                        let name = number(ofName: words.name, in: bytes, own, &state)
                        open?.chains.declare(name, policyDrops: words.policyDrops)
                    case UInt8(ascii: "-"), UInt8(ascii: "["):
                        guard open != nil, let number = number(ofLine: line, in: bytes, own, &state) else { continue }
                        open?.chains.add(number, to: state.lines[Int(number)].chain)
                    case UInt8(ascii: "C") where bytes[line].elementsEqual("COMMIT".utf8): close()
                    default: continue
                    }
                }
            }
            close()
            return tables
        }
    }

    private func number(
        ofName range: Range<Int>, in bytes: UnsafeRawBufferPointer, _ text: UInt32, _ state: inout State
    ) -> Name {
        let hash = bytes.hash(range, seed)
        let known = state.nameTable.first(hash) { number in
            Self.same(state.names[Int(number)], range, bytes, text, state.texts)
        }
        if let known { return known }
        state.names.append(Self.place(range, text))
        return state.nameTable.add(hash)
    }

    /// Nil for a line that names no chain.
    private func number(
        ofLine range: Range<Int>, in bytes: UnsafeRawBufferPointer, _ text: UInt32, _ state: inout State
    ) -> Number? {
        let hash = bytes.hash(range, seed)
        let known = state.lineTable.first(hash) { number in
            Self.same(state.lines[Int(number)].place, range, bytes, text, state.texts)
        }
        if let known { return known }
        guard let chain = bytes.chain(ofRule: range) else { return nil }
        let name = number(ofName: chain, in: bytes, text, &state)
        state.lines.append(Line(place: Self.place(range, text), chain: name))
        return state.lineTable.add(hash)
    }

    private static func place(_ range: Range<Int>, _ text: UInt32) -> Place {
        Place(
            text: text, start: UInt32(truncatingIfNeeded: range.lowerBound),
            count: UInt32(truncatingIfNeeded: range.count))
    }

    private static func same(
        _ place: Place, _ range: Range<Int>, _ bytes: UnsafeRawBufferPointer, _ text: UInt32, _ texts: [[UInt8]]
    ) -> Bool {
        guard Int(place.count) == range.count else { return false }
        let start = Int(place.start)
        if place.text == text { return bytes.same(range, bytes, from: start) }
        return texts[Int(place.text)].withUnsafeBytes { bytes.same(range, $0, from: start) }
    }

    // MARK: Asking

    private static func slice(_ place: Place, _ state: State) -> ArraySlice<UInt8> {
        state.texts[Int(place.text)][Int(place.start)..<Int(place.start) + Int(place.count)]
    }

    /// Nil when no machine has a chain of that name.
    func number(ofName name: String) -> Name? {
        var name = name
        return name.withUTF8 { wanted in
            let bytes = UnsafeRawBufferPointer(wanted)
            let all = 0..<bytes.count
            let hash = bytes.hash(all, seed)
            return state.withLock { state in
                state.nameTable.first(hash) { number in
                    let place = state.names[Int(number)]
                    guard Int(place.count) == all.count else { return false }
                    return state.texts[Int(place.text)].withUnsafeBytes { bytes.same(all, $0, from: Int(place.start)) }
                }
            }
        }
    }

    /// Those of the numbers whose names begin with a text; with none of it, all.
    func names(_ numbers: some Sequence<Name>, beginningWith prefix: String = "") -> [String] {
        state.withLock { state in
            numbers.compactMap { number in
                let name = Self.slice(state.names[Int(number)], state)
                return name.starts(with: prefix.utf8) ? String(decoding: name, as: UTF8.self) : nil
            }
        }
    }

    func contains(_ numbers: some Sequence<Name>, prefix: String) -> Bool {
        state.withLock { state in
            numbers.contains { Self.slice(state.names[Int($0)], state).starts(with: prefix.utf8) }
        }
    }

    /// Whether one of the lines holds these words.
    func mention(_ words: String, in numbers: some Sequence<Number>) -> Bool {
        let words = Array(words.utf8)
        return state.withLock { state in
            numbers.contains { number in
                let place = state.lines[Int(number)].place
                return state.texts[Int(place.text)].withUnsafeBytes { bytes in
                    words.withUnsafeBytes { bytes.contains($0, in: Int(place.start)..<Int(place.start + place.count)) }
                }
            }
        }
    }

    func text(of number: Number) -> String {
        state.withLock { String(decoding: Self.slice($0.lines[Int(number)].place, $0), as: UTF8.self) }
    }

    /// - Parameter isKept: whether they will be asked for again.
    func rules(_ numbers: ArraySlice<Number>, isKept: Bool = true) -> [PacketFilter.Rule] {
        state.withLock { state in
            numbers.map { number in
                if let known = state.rules[number] { return known }
                let line = Self.slice(state.lines[Int(number)].place, state)
                let words = PacketFilter.words(line)
                // Before it stand the counters of `iptables-save -c`.
                let start = (words.firstIndex(of: "-A") ?? 0) + 2
                let made = IPTablesRule(
                    words: Array(words.dropFirst(start)), text: String(decoding: line, as: UTF8.self)
                ).rule
                if isKept { state.rules[number] = made }
                return made
            }
        }
    }
}

/// Numbers by the hash of what they stand for: open addressing, half empty at least.
private struct NumberTable {
    /// The number plus one; 0 is empty.
    private var slots: [UInt32] = Array(repeating: 0, count: 1024)
    /// By number.
    private var hashes: [UInt64] = []

    /// - Parameter isSame: whether a number of the same hash is the one.
    func first(_ hash: UInt64, where isSame: (UInt32) -> Bool) -> UInt32? {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            let number = slots[slot] - 1
            if hashes[Int(number)] == hash, isSame(number) { return number }
            slot = (slot + 1) & mask
        }
        return nil
    }

    /// - Returns: the new number; one after the other.
    mutating func add(_ hash: UInt64) -> UInt32 {
        let number = UInt32(truncatingIfNeeded: hashes.count)
        hashes.append(hash)
        if hashes.count * 2 > slots.count {
            slots = Array(repeating: 0, count: slots.count * 2)
            for (number, hash) in hashes.enumerated() { place(UInt32(truncatingIfNeeded: number), hash) }
        } else {
            place(number, hash)
        }
        return number
    }

    private mutating func place(_ number: UInt32, _ hash: UInt64) {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 { slot = (slot + 1) & mask }
        slots[slot] = number + 1
    }
}
