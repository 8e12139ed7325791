/// Lines of `iptables-save` as bytes: eight at a time, and without a String for any of them.
extension UnsafeRawBufferPointer {
    /// The place of the first such byte in the range, or its end.
    func first(_ byte: UInt8, in range: Range<Int>) -> Int {
        let pattern = 0x0101_0101_0101_0101 &* UInt64(byte)
        var place = range.lowerBound
        while place + 8 <= range.upperBound {
            // Where it was, there is a zero now; the lowest is found (Hacker's Delight, 6-1).
            let word = UInt64(littleEndian: loadUnaligned(fromByteOffset: place, as: UInt64.self)) ^ pattern
            let found = (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
            if found != 0 { return place + found.trailingZeroBitCount / 8 }
            place += 8
        }
        while place < range.upperBound, self[place] != byte { place += 1 }
        return place
    }

    /// Without blanks at both ends.
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, isBlank(self[start]) { start += 1 }
        while end > start, isBlank(self[end - 1]) { end -= 1 }
        return start..<end
    }

    /// Words of eight bytes, each folded into what came before by a long multiplication.
    func hash(_ range: Range<Int>, _ seed: UInt64) -> UInt64 {
        func folded(_ left: UInt64, _ right: UInt64) -> UInt64 {
            let (high, low) = left.multipliedFullWidth(by: right)
            return high ^ low
        }
        let odd: UInt64 = 0x9E37_79B9_7F4A_7C15
        var hash = seed ^ UInt64(truncatingIfNeeded: range.count) &* odd
        var place = range.lowerBound
        while place + 8 <= range.upperBound {
            hash = folded(hash ^ loadUnaligned(fromByteOffset: place, as: UInt64.self), odd ^ seed)
            place += 8
        }
        var rest: UInt64 = 0
        while place < range.upperBound {
            rest = rest << 8 | UInt64(self[place])
            place += 1
        }
        return folded(hash ^ rest, odd)
    }

    /// Whether a range of this text is what stands from `start` on in another, which is long enough.
    func same(_ range: Range<Int>, _ other: UnsafeRawBufferPointer, from start: Int) -> Bool {
        var (own, its) = (range.lowerBound, start)
        while own + 8 <= range.upperBound {
            guard
                loadUnaligned(fromByteOffset: own, as: UInt64.self)
                    == other.loadUnaligned(fromByteOffset: its, as: UInt64.self)
            else { return false }
            own += 8
            its += 8
        }
        while own < range.upperBound {
            if self[own] != other[its] { return false }
            own += 1
            its += 1
        }
        return true
    }

    func contains(_ words: UnsafeRawBufferPointer, in range: Range<Int>) -> Bool {
        guard let first = words.first else { return true }
        // The last place where there is room for them.
        let end = range.upperBound - words.count + 1
        var place = range.lowerBound
        while place < end {
            place = self.first(first, in: place..<end)
            if place < end, words.same(0..<words.count, self, from: place) { return true }
            place += 1
        }
        return false
    }

    /// `:NAME POLICY [packets:bytes]`.
    func declaration(_ line: Range<Int>) -> (name: Range<Int>, policyDrops: Bool)? {
        let name = word(in: line.lowerBound + 1..<line.upperBound)
        let policy = word(in: name.upperBound..<line.upperBound)
        guard !name.isEmpty, !policy.isEmpty else { return nil }
        return (name, self[policy].elementsEqual("DROP".utf8))
    }

    /// The first one; empty when there is none.
    private func word(in range: Range<Int>) -> Range<Int> {
        var start = range.lowerBound
        while start < range.upperBound, self[start] == 0x20 { start += 1 }
        var end = start
        while end < range.upperBound, self[end] != 0x20 { end += 1 }
        return start..<end
    }

    /// The name in `-A NAME ...` or `[12:3456] -A NAME ...`.
    func chain(ofRule line: Range<Int>) -> Range<Int>? {
        var option = word(in: line)
        if self[option].first == UInt8(ascii: "[") { option = word(in: option.upperBound..<line.upperBound) }
        guard self[option].elementsEqual("-A".utf8) else { return nil }
        let name = word(in: option.upperBound..<line.upperBound)
        return name.isEmpty ? nil : name
    }
}

extension PacketFilter {
    /// Words, with quotation marks and backslashes as iptables-save writes them.
    static func words(_ line: some Sequence<UInt8>) -> [String] {
        var words: [String] = []
        var word: [UInt8] = []
        var isQuoted = false
        var isEscaped = false
        var hasWord = false
        for byte in line {
            switch byte {
            case _ where isEscaped:
                word.append(byte)
                isEscaped = false
            case UInt8(ascii: "\\"):
                isEscaped = true
                hasWord = true
            case UInt8(ascii: "\""):
                isQuoted.toggle()
                hasWord = true
            case UInt8(ascii: " ") where !isQuoted:
                if hasWord { words.append(String(decoding: word, as: UTF8.self)) }
                word.removeAll(keepingCapacity: true)
                hasWord = false
            default:
                word.append(byte)
                hasWord = true
            }
        }
        if hasWord { words.append(String(decoding: word, as: UTF8.self)) }
        return words
    }

    static func words(_ line: String) -> [String] { words(line.utf8) }
}
