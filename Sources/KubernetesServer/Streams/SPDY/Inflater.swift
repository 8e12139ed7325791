/// Decompresses the header blocks of one direction of a SPDY connection: one zlib stream (RFC 1950, RFC 1951) for all
/// of them, flushed at the end of each.
///
/// Pure. Refuses what is malformed and what grows past its limit; never reads outside its input.
struct Inflater {
    /// The last 32 KiB that came out, for references back; the dictionary at first.
    private var history = SPDYDictionary.bytes
    private var hasBegun = false

    /// Bytes one header block may become.
    static let limit = 64 << 10
    private static let window = 32 << 10

    init() {}

    /// The content of one header block.
    mutating func content(of bytes: [UInt8]) throws(SPDYFailure) -> [UInt8] {
        var input = BitReader(bytes)
        if !hasBegun {
            try begin(&input)
            hasBegun = true
        }
        let start = history.count
        var isLast = false
        // A flush ends on a whole byte: what is left then is nothing.
        while !isLast, input.hasBytes {
            isLast = try input.bits(1) == 1
            switch try input.bits(2) {
            case 0: try stored(&input)
            case 1: try compressed(&input, Self.fixed.literals, Self.fixed.distances, start)
            case 2:
                let codes = try Self.codes(&input)
                try compressed(&input, codes.literals, codes.distances, start)
            default: throw SPDYFailure("a header block has a compressed block of an unknown type")
            }
            try check(start)
        }
        let content = Array(history[start...])
        if history.count > Self.window { history.removeFirst(history.count - Self.window) }
        return content
    }

    private func check(_ start: Int) throws(SPDYFailure) {
        if history.count - start > Self.limit { throw SPDYFailure("a header block is longer than \(Self.limit) bytes") }
    }

    private func begin(_ input: inout BitReader) throws(SPDYFailure) {
        let (method, flags) = (try input.bits(8), try input.bits(8))
        guard method & 0x0F == 8, (method << 8 | flags) % 31 == 0, flags & 0x20 != 0 else {
            throw SPDYFailure("the first header block does not begin as zlib with a dictionary")
        }
        var checksum: UInt32 = 0
        for _ in 0..<4 { checksum = checksum << 8 | UInt32(try input.bits(8)) }
        guard checksum == SPDYDictionary.checksum else {
            throw SPDYFailure("header blocks are compressed with a dictionary that is not SPDY/3's")
        }
    }

    private mutating func stored(_ input: inout BitReader) throws(SPDYFailure) {
        input.alignToByte()
        let (length, inverse) = (try input.bits(16), try input.bits(16))
        guard length == ~inverse & 0xFFFF else { throw SPDYFailure("a stored block has no length") }
        history += try input.take(length)
    }

    private static let lengthBases = [
        3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227,
        258,
    ]
    private static let lengthBits = [
        0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
    ]
    private static let distanceBases = [
        1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097,
        6145,
        8193, 12289, 16385, 24577,
    ]

    private mutating func compressed(
        _ input: inout BitReader, _ literals: PrefixCode, _ distances: PrefixCode, _ start: Int
    ) throws(SPDYFailure) {
        while true {
            let symbol = try literals.symbol(&input)
            if symbol < 256 {
                history.append(UInt8(symbol))
            } else if symbol == 256 {
                return
            } else {
                guard symbol - 257 < Self.lengthBases.count else { throw SPDYFailure("a length is out of range") }
                let length = Self.lengthBases[symbol - 257] + (try input.bits(Self.lengthBits[symbol - 257]))
                let code = try distances.symbol(&input)
                guard code < Self.distanceBases.count else { throw SPDYFailure("a distance is out of range") }
                let distance = Self.distanceBases[code] + (try input.bits(max(0, code / 2 - 1)))
                guard distance <= history.count else { throw SPDYFailure("a reference goes back before the beginning") }
                for _ in 0..<length { history.append(history[history.count - distance]) }
            }
            try check(start)
        }
    }

    private static let fixed: (literals: PrefixCode, distances: PrefixCode) = {
        let lengths = (0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 }
        return (PrefixCode(lengths), PrefixCode(Array(repeating: 5, count: 30)))
    }()

    private static let codeOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

    /// The codes of a block that brings its own (RFC 1951 section 3.2.7).
    private static func codes(
        _ input: inout BitReader
    ) throws(SPDYFailure) -> (literals: PrefixCode, distances: PrefixCode) {
        let (literals, distances) = (try input.bits(5) + 257, try input.bits(5) + 1)
        let count = try input.bits(4) + 4
        var lengths = Array(repeating: 0, count: 19)
        for place in codeOrder.prefix(count) { lengths[place] = try input.bits(3) }
        let code = PrefixCode(lengths)
        lengths = []
        while lengths.count < literals + distances {
            let symbol = try code.symbol(&input)
            switch symbol {
            case 0..<16: lengths.append(symbol)
            case 16:
                guard let last = lengths.last else { throw SPDYFailure("a code repeats nothing") }
                lengths += Array(repeating: last, count: try input.bits(2) + 3)
            case 17: lengths += Array(repeating: 0, count: try input.bits(3) + 3)
            default: lengths += Array(repeating: 0, count: try input.bits(7) + 11)
            }
        }
        guard lengths.count == literals + distances else { throw SPDYFailure("a code has too many lengths") }
        return (PrefixCode(Array(lengths[..<literals])), PrefixCode(Array(lengths[literals...])))
    }
}

/// A canonical prefix code: how many codes have each length, and their symbols in order.
private struct PrefixCode {
    private var counts = Array(repeating: 0, count: 16)
    private var symbols: [Int]

    init(_ lengths: [Int]) {
        for length in lengths where length > 0 { counts[length] += 1 }
        symbols = lengths.indices.filter { lengths[$0] > 0 }
            .sorted { lengths[$0] == lengths[$1] ? $0 < $1 : lengths[$0] < lengths[$1] }
    }

    func symbol(_ input: inout BitReader) throws(SPDYFailure) -> Int {
        var (code, first, offset) = (0, 0, 0)
        for count in counts.dropFirst() {
            code |= try input.bits(1)
            if code - first < count, offset + code - first < symbols.count { return symbols[offset + code - first] }
            offset += count
            first = (first + count) << 1
            code <<= 1
        }
        throw SPDYFailure("a code is none of its table")
    }
}

/// Bits from the low end of each byte, as DEFLATE packs them.
private struct BitReader {
    private let bytes: [UInt8]
    private var index = 0
    private var bit = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Whether there is a byte of which nothing was read.
    var hasBytes: Bool { bit == 0 ? index < bytes.count : index + 1 < bytes.count }

    mutating func bits(_ count: Int) throws(SPDYFailure) -> Int {
        var value = 0
        for place in 0..<count {
            guard index < bytes.count else { throw SPDYFailure("a header block ends too early") }
            value |= (Int(bytes[index]) >> bit & 1) << place
            bit += 1
            if bit == 8 { (bit, index) = (0, index + 1) }
        }
        return value
    }

    mutating func alignToByte() {
        if bit > 0 { (bit, index) = (0, index + 1) }
    }

    mutating func take(_ count: Int) throws(SPDYFailure) -> ArraySlice<UInt8> {
        guard bytes.count - index >= count else { throw SPDYFailure("a header block ends too early") }
        defer { index += count }
        return bytes[index..<index + count]
    }
}
