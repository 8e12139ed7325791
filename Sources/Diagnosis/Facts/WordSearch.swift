/// Whether any of a few words stands in a text: ASCII letters of either case alike, bytes rather than characters, since
/// most lines of most logs hold none and are asked all the same.
struct WordSearch: Sendable {
    /// Whether a word begins with two bytes.
    private let pairs: [Bool]
    private let words: [[UInt8]]

    /// - Parameter words: in ASCII, of two bytes at least.
    init(_ words: [String]) {
        let folded = words.map { $0.utf8.map(Self.fold) }
        precondition(folded.allSatisfy { $0.count >= 2 }, "a word has two bytes at least")
        var pairs = [Bool](repeating: false, count: 1 << 16)
        for word in folded { pairs[Int(word[0]) << 8 | Int(word[1])] = true }
        self.words = folded
        self.pairs = pairs
    }

    func matches(_ text: ArraySlice<UInt8>) -> Bool {
        text.withUnsafeBufferPointer { bytes in
            guard bytes.count >= 2 else { return false }
            var previous = Self.fold(bytes[0])
            for index in 1..<bytes.count {
                let next = Self.fold(bytes[index])
                if pairs[Int(previous) << 8 | Int(next)],
                    words.contains(where: { stands($0, in: bytes, at: index - 1) })
                {
                    return true
                }
                previous = next
            }
            return false
        }
    }

    private func stands(_ word: [UInt8], in bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> Bool {
        guard start + word.count <= bytes.count else { return false }
        for index in 0..<word.count where Self.fold(bytes[start + index]) != word[index] { return false }
        return true
    }

    private static func fold(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }
}
