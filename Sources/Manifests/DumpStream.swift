/// What `kubectl cluster-info dump` prints without `--output-directory`: JSON lists behind each other, and logs of
/// containers between `==== START logs ...` and `==== END logs ...`.
enum DumpStream {
    static func isDump(_ source: [UInt8]) -> Bool {
        lines(of: source, 0..<source.count).contains { isLogMarker(source[$0]) }
    }

    /// The JSON objects between the logs.
    static func parts(of source: [UInt8]) -> [Range<Int>] {
        var parts: [Range<Int>] = []
        var start: Int? = 0
        for line in lines(of: source, 0..<source.count) where isLogMarker(source[line]) {
            if let begin = start, begin < line.lowerBound {
                parts += objects(in: source, begin..<line.lowerBound)
            }
            start = source[line].starts(with: endMarker) ? line.upperBound : nil
        }
        if let start, start < source.count { parts += objects(in: source, start..<source.count) }
        return parts
    }

    /// Objects behind each other, cut where their braces close. What follows a mistake belongs to the broken object.
    static func objects(in source: [UInt8], _ range: Range<Int>) -> [Range<Int>] {
        var parts: [Range<Int>] = []
        var start: Int?
        var depth = 0
        var isInString = false
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = source[index]
            if isInString {
                if byte == UInt8(ascii: "\\") {
                    index += 1
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
            } else {
                switch byte {
                case UInt8(ascii: "\""): isInString = true
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
                default: break
                }
                let isBlank = byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
                if start == nil, !isBlank { start = index }
                if depth <= 0, let begin = start, byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") {
                    parts.append(begin..<index + 1)
                    start = nil
                    depth = 0
                }
            }
            index += 1
        }
        if let start { parts.append(start..<range.upperBound) }
        return parts
    }

    private static let startMarker = Array("==== START logs for container ".utf8)
    private static let endMarker = Array("==== END logs for container ".utf8)

    private static func isLogMarker(_ line: ArraySlice<UInt8>) -> Bool {
        line.starts(with: startMarker) || line.starts(with: endMarker)
    }

    private static func lines(of source: [UInt8], _ range: Range<Int>) -> [Range<Int>] {
        var lines: [Range<Int>] = []
        var start = range.lowerBound
        while start < range.upperBound {
            let end =
                source[start..<range.upperBound].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? range.upperBound
            lines.append(start..<end)
            start = end
        }
        return lines
    }
}
