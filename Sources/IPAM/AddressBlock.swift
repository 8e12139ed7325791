import Addressing

/// 32,768 neighbouring addresses: a /17 in IPv4, a /113 in IPv6.
///
/// Which addresses are taken is kept in one bitmap for each block, whatever the ranges in the configuration are: they
/// may change while containers run, and a runtime may pass other ranges with each container.
struct AddressBlock: Hashable, Sendable {
    /// Addresses in a block, so that its bitmap is one page.
    static let size = 32_768
    private static let shift: UInt128 = 15

    let family: IPFamily
    /// The addresses' number without the bits that tell them apart.
    let number: UInt128

    init(containing address: IPAddress) {
        family = address.family
        number = address.number >> Self.shift
    }

    /// Where the address stands in its block.
    static func offset(of address: IPAddress) -> Int {
        Int(truncatingIfNeeded: address.number) & (size - 1)
    }

    func address(at offset: Int) -> IPAddress {
        IPAddress(number: number << Self.shift | UInt128(offset), family: family)
    }

    /// The block's first address, which is also the name of its file.
    var first: IPAddress { address(at: 0) }
    var last: IPAddress { address(at: Self.size - 1) }
}

/// Which addresses of a block are taken: a bit for each, the lowest bit of the first word for the first address.
struct UsedBits: Equatable, Sendable {
    static let wordCount = AddressBlock.size / 64

    private(set) var words: [UInt64]

    init() { words = [UInt64](repeating: 0, count: Self.wordCount) }

    /// From a file's bytes, little-endian. What a short file lacks is free.
    init(bytes: [UInt8]) {
        words = [UInt64](repeating: 0, count: Self.wordCount)
        for (index, byte) in bytes.prefix(Self.wordCount * 8).enumerated() {
            words[index >> 3] |= UInt64(byte) << UInt64((index & 7) * 8)
        }
    }

    var bytes: [UInt8] { words.indices.flatMap { wordBytes($0) } }

    /// The eight bytes of a word as the file has them.
    func wordBytes(_ index: Int) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: words[index] >> UInt64($0 * 8)) }
    }

    subscript(offset: Int) -> Bool {
        get { words[offset >> 6] >> UInt64(offset & 63) & 1 == 1 }
        set {
            let bit: UInt64 = 1 << UInt64(offset & 63)
            if newValue { words[offset >> 6] |= bit } else { words[offset >> 6] &= ~bit }
        }
    }

    var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

    /// The first offset in `span` that is not taken.
    func firstFree(in span: ClosedRange<Int>) -> Int? {
        for index in (span.lowerBound >> 6)...(span.upperBound >> 6) {
            let free = ~words[index] & Self.mask(span, word: index)
            if free != 0 { return index << 6 + free.trailingZeroBitCount }
        }
        return nil
    }

    /// How many offsets in `span` are taken.
    func count(in span: ClosedRange<Int>) -> Int {
        ((span.lowerBound >> 6)...(span.upperBound >> 6)).reduce(0) {
            $0 + (words[$1] & Self.mask(span, word: $1)).nonzeroBitCount
        }
    }

    /// The bits of a word that lie in `span`.
    private static func mask(_ span: ClosedRange<Int>, word: Int) -> UInt64 {
        let low = max(span.lowerBound - word << 6, 0)
        let high = min(span.upperBound - word << 6, 63)
        return (UInt64.max << UInt64(low)) & (UInt64.max >> UInt64(63 - high))
    }
}

extension IPRange {
    /// The parts of the range that fall into one block each, in order.
    func forEachBlock<Problem: Error>(
        _ body: (AddressBlock, ClosedRange<Int>) throws(Problem) -> Bool
    ) throws(Problem) {
        var start = first
        while true {
            let block = AddressBlock(containing: start)
            let end = min(block.last, last)
            guard try body(block, AddressBlock.offset(of: start)...AddressBlock.offset(of: end)) else { return }
            guard end < last, let next = end.advanced(by: 1) else { return }
            start = next
        }
    }
}

extension RangeSet {
    /// The first address behind `cursor` that the set may hand out and nobody has, asking for the bits of as few
    /// blocks as possible. Pure: `bits` says what is taken.
    func firstFree<Problem: Error>(
        after cursor: IPAddress?, bits: (AddressBlock) throws(Problem) -> UsedBits
    ) throws(Problem) -> IPAddress? {
        for stretch in round(after: cursor) {
            var found: IPAddress?
            try stretch.forEachBlock { block, span throws(Problem) in
                let used = try bits(block)
                var from = span.lowerBound
                while from <= span.upperBound, let offset = used.firstFree(in: from...span.upperBound) {
                    let address = block.address(at: offset)
                    if allows(address) {
                        found = address
                        return false
                    }
                    from = offset + 1
                }
                return true
            }
            if let found { return found }
        }
        return nil
    }
}
