import Logging

/// Lines of a look that is made again and again: each is logged once, until it has been away.
struct RepeatedLines {
    struct Line: Hashable, Sendable {
        var level: Logger.Level
        var text: String

        init(_ level: Logger.Level, _ text: String) {
            self.level = level
            self.text = text
        }
    }

    private let logger: Logger
    private var told: Set<Line> = []

    init(_ logger: Logger) { self.logger = logger }

    /// What is logged of the lines of this look.
    mutating func new(_ lines: [Line]) -> [Line] {
        defer { told = Set(lines) }
        return lines.filter { !told.contains($0) }
    }

    mutating func tell(_ lines: [Line]) {
        for line in new(lines) { logger.log(level: line.level, "\(line.text)") }
    }
}
