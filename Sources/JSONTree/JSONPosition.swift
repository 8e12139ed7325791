/// A place in a document, as editors count it.
public struct JSONPosition: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// From 1.
    public let line: Int
    /// In characters (Unicode scalars) from 1; a tab is one.
    public let column: Int
    /// In bytes from 0.
    public let offset: Int

    /// Where `offset` lies in `source`. Counting is left until somebody asks, because nobody does when all is well.
    init(offset: Int, in source: [UInt8]) {
        var line = 1
        var lineStart = 0
        for index in 0..<min(offset, source.count) where source[index] == ASCII.newline {
            line += 1
            lineStart = index + 1
        }
        self.line = line
        self.offset = offset
        column = 1 + source[lineStart..<max(lineStart, min(offset, source.count))].count { $0 & 0xC0 != 0x80 }
    }

    public static func < (left: JSONPosition, right: JSONPosition) -> Bool { left.offset < right.offset }

    public var description: String { "line \(line), column \(column)" }
}
