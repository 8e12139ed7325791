/// One line of a document with a line of carets below it.
///
/// Tabs before the caret are kept as tabs in the caret line, so that the two stay aligned whatever a terminal makes
/// of them. Of a document that is one long line only a window around the caret is shown. Control characters are not
/// passed on to the terminal.
struct JSONExcerpt: Hashable, Sendable {
    /// The line, or the window of it.
    let text: String
    /// Blanks, then one caret for each character of what is pointed at.
    let carets: String

    /// Columns shown of a long line.
    static let width = 100

    /// - Parameter span: the bytes pointed at; only those on the first line get carets, and always at least one does.
    init(of span: Range<Int>, in source: [UInt8]) {
        let start = min(span.lowerBound, source.count)
        var lineStart = start
        while lineStart > 0 && source[lineStart - 1] != ASCII.newline { lineStart -= 1 }
        var lineEnd = start
        while lineEnd < source.count && source[lineEnd] != ASCII.newline { lineEnd += 1 }
        if lineEnd > start && source[lineEnd - 1] == ASCII.carriageReturn { lineEnd -= 1 }

        // A window in bytes is cut before anything is decoded: a document of one line may be megabytes long.
        let room = 4 * Self.width
        let from = max(lineStart, start - room)
        let to = min(lineEnd, start + room)
        var before = Array(String(decoding: source[from..<start], as: UTF8.self).unicodeScalars)
        var after = Array(String(decoding: source[start..<to], as: UTF8.self).unicodeScalars)
        let pointed = String(decoding: source[start..<max(start, min(span.upperBound, to))], as: UTF8.self)
            .unicodeScalars.count

        var head = ""
        var tail = ""
        if before.count + after.count > Self.width || from > lineStart || to < lineEnd {
            let keptBefore = min(before.count, max(Self.width / 2, Self.width - after.count))
            let keptAfter = min(after.count, Self.width - keptBefore)
            if keptBefore < before.count || from > lineStart { head = "..." }
            if keptAfter < after.count || to < lineEnd { tail = "..." }
            before = Array(before.suffix(keptBefore))
            after = Array(after.prefix(keptAfter))
        }

        var text = head
        var carets = String(repeating: " ", count: head.count)
        for scalar in before {
            text.unicodeScalars.append(Self.printable(scalar))
            carets += scalar == "\t" ? "\t" : " "
        }
        for scalar in after { text.unicodeScalars.append(Self.printable(scalar)) }
        self.text = text + tail
        self.carets = carets + String(repeating: "^", count: max(1, min(pointed, after.count)))
    }

    private static func printable(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        if scalar == "\t" { return scalar }
        return scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) ? "\u{FFFD}" : scalar
    }
}
