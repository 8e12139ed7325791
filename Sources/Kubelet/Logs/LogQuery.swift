import KubernetesModel
import KubernetesServer

/// Which lines of a log are wanted, as `kubectl logs` asks. Pure.
struct LogQuery: Sendable, Hashable {
    var follows = false
    var isPrevious = false
    var hasTimestamps = false
    /// Nanoseconds since the Epoch; older lines are left out.
    var since: UInt64 = 0
    /// nil: all.
    var tail: Int?
    /// Bytes of the answer; nil: all.
    var limit: Int?
    /// nil: both.
    var stream: LogLine.Stream?

    init() {}

    /// - Parameter now: nanoseconds since the Epoch.
    init(_ query: QueryParameters, now: UInt64) {
        follows = query.flag("follow")
        isPrevious = query.flag("previous")
        hasTimestamps = query.flag("timestamps")
        if let seconds = query["sinceSeconds"].flatMap({ UInt64($0) }) {
            since = now - min(now, seconds.multipliedReportingOverflow(by: 1_000_000_000).partialValue)
        } else if let time = query["sinceTime"].flatMap({ Timestamp($0) }), time.seconds > 0 {
            since = UInt64(time.seconds) * 1_000_000_000
        }
        tail = query["tailLines"].flatMap { Int($0) }
        limit = query["limitBytes"].flatMap { Int($0) }
        switch query["stream"]?.lowercased() {
        case "stdout": stream = .output
        case "stderr": stream = .errors
        default: stream = nil
        }
    }

    /// Lines that are to be shown, of those that are there already.
    func select(_ lines: [LogLine]) -> [LogLine] {
        let wanted = lines.filter(isWanted)
        guard let tail else { return wanted }
        // Parts of one line count once.
        var count = 0
        var start = wanted.endIndex
        while start > 0 {
            if !wanted[start - 1].isPartial || start == wanted.endIndex {
                if count == tail { break }
                count += 1
            }
            start -= 1
        }
        return Array(wanted[start...])
    }

    func isWanted(_ line: LogLine) -> Bool { line.time >= since && (stream == nil || line.stream == stream) }

    /// As it is sent.
    func text(_ line: LogLine) -> [UInt8] {
        let time = hasTimestamps ? Array("\(LogLine.text(line.time)) ".utf8) : []
        return time + line.content + (line.isPartial ? [] : [0x0A])
    }
}
