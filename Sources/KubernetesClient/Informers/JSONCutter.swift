/// Cuts one JSON object or array after the other out of bytes that arrive in pieces of any size.
///
/// It knows only as much of the grammar as finding the end takes: strings, escapes and depth. Whether what it cut out
/// is JSON, the parser decides; a mismatched bracket is its business too. So nothing is parsed twice, and the only
/// thing kept between two chunks is the value that is not complete yet.
struct JSONCutter: Sendable {
    /// The beginning of the value, if it began in an earlier chunk.
    private(set) var kept: [UInt8] = []
    private var depth = 0
    private var isInString = false
    private var isEscaped = false
    /// No value may be longer (bytes).
    let limit: Int

    init(limit: Int) { self.limit = limit }

    var isInside: Bool { depth > 0 }

    enum Result {
        /// The value, and the index after its last byte.
        case complete([UInt8], next: Int)
        /// The chunk has ended first. What there was of the value is kept.
        case unfinished
        case tooLong
    }

    /// Goes on at `start`, which for a new value is its opening bracket.
    mutating func cut(_ chunk: UnsafeBufferPointer<UInt8>, from start: Int) -> Result {
        var index = start
        var depth = depth
        var isInString = isInString
        if isEscaped, index < chunk.count {
            isEscaped = false
            index += 1
        }
        while index < chunk.count {
            let byte = chunk[index]
            index += 1
            if isInString {
                if byte == UInt8(ascii: "\"") {
                    isInString = false
                } else if byte == UInt8(ascii: "\\") {
                    if index == chunk.count { isEscaped = true } else { index += 1 }
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth == 0 {
                    self.depth = 0
                    self.isInString = false
                    let rest = UnsafeBufferPointer(rebasing: chunk[start..<index])
                    if kept.count + rest.count > limit { return .tooLong }
                    if kept.isEmpty { return .complete(Array(rest), next: index) }
                    kept.append(contentsOf: rest)
                    let value = kept
                    kept = []
                    return .complete(value, next: index)
                }
            default: break
            }
        }
        self.depth = depth
        self.isInString = isInString
        if kept.count + chunk.count - start > limit { return .tooLong }
        kept.append(contentsOf: UnsafeBufferPointer(rebasing: chunk[start...]))
        return .unfinished
    }
}

/// Why a stream of objects cannot be read any further.
struct ScanError: Error, Equatable {
    let what: String

    init(_ what: String) { self.what = what }
}

enum ScanLimits {
    /// The longest object that is read (bytes). etcd refuses requests above 1.5 MiB, servers on other stores may not.
    static let object = 64 << 20
    /// Everything of a list that is not an item: metadata, columns of tables.
    static let envelope = 1 << 20
}
