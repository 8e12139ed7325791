import KubernetesModel

/// One line of a container's log file, in the form that container runtimes write and everybody collects
/// (cri-api, "CRI logging format"): time, stream, tag, content.
///
///     2026-11-21T09:30:00.123456789Z stdout F hello
public struct LogLine: Hashable, Sendable {
    public enum Stream: String, Sendable {
        case output = "stdout"
        case errors = "stderr"
    }

    /// Nanoseconds since the Epoch.
    public var time: UInt64
    public var stream: Stream
    /// The content goes on in the next line (`P`); a whole line is `F`.
    public var isPartial: Bool
    public var content: [UInt8]

    public init(time: UInt64, stream: Stream, isPartial: Bool = false, content: [UInt8]) {
        self.time = time
        self.stream = stream
        self.isPartial = isPartial
        self.content = content
    }

    /// Bytes of content after which a line is cut into parts (containerd's default).
    public static let contentLimit = 16 << 10

    /// With the line break.
    public var bytes: [UInt8] {
        Array("\(Self.text(time)) \(stream.rawValue) \(isPartial ? "P" : "F") ".utf8) + content + [0x0A]
    }

    /// Reads one line without its break; nil for what is none, such as one torn by a crash.
    public init?(_ line: some Collection<UInt8>) {
        let parts = line.split(separator: 0x20, maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4, let time = Self.time(String(decoding: parts[0], as: UTF8.self)),
            let stream = Stream(rawValue: String(decoding: parts[1], as: UTF8.self)),
            let tag = parts[2].first, tag == UInt8(ascii: "F") || tag == UInt8(ascii: "P")
        else { return nil }
        self.init(time: time, stream: stream, isPartial: tag == UInt8(ascii: "P"), content: Array(parts[3]))
    }

    /// RFC 3339 with nine digits of a second.
    public static func text(_ nanoseconds: UInt64) -> String {
        let micro = MicroTime(microseconds: Int64(nanoseconds / 1000)).description
        let rest = String(nanoseconds % 1000)
        return micro.dropLast() + String(repeating: "0", count: 3 - rest.utf8.count) + rest + "Z"
    }

    static func time(_ text: String) -> UInt64? {
        guard text.hasSuffix("Z"), let seconds = Timestamp(text)?.seconds, seconds >= 0 else { return nil }
        guard let dot = text.utf8.firstIndex(of: UInt8(ascii: ".")) else { return UInt64(seconds) * 1_000_000_000 }
        let digits = text.utf8[text.utf8.index(after: dot)...].dropLast()
        guard digits.count <= 9 else { return nil }
        var fraction: UInt64 = 0
        for digit in digits { fraction = fraction * 10 + UInt64(digit - 48) }
        for _ in digits.count..<9 { fraction *= 10 }
        return UInt64(seconds) * 1_000_000_000 + fraction
    }
}

/// Cuts what a container writes into lines. Pure.
public struct LogCutter: Sendable {
    private var pending: [UInt8] = []
    private let stream: LogLine.Stream

    public init(_ stream: LogLine.Stream) { self.stream = stream }

    /// The lines that are whole with these bytes, and the parts of long ones.
    public mutating func cut(_ bytes: some Sequence<UInt8>, time: UInt64) -> [LogLine] {
        var lines: [LogLine] = []
        for byte in bytes {
            if byte == 0x0A {
                lines.append(LogLine(time: time, stream: stream, content: pending))
                pending.removeAll(keepingCapacity: true)
            } else {
                pending.append(byte)
                if pending.count == LogLine.contentLimit {
                    lines.append(LogLine(time: time, stream: stream, isPartial: true, content: pending))
                    pending.removeAll(keepingCapacity: true)
                }
            }
        }
        return lines
    }

    /// What came without a line break: at the end of the stream a part, as containerd has it.
    public mutating func rest(time: UInt64) -> LogLine? {
        defer { pending = [] }
        return pending.isEmpty ? nil : LogLine(time: time, stream: stream, isPartial: true, content: pending)
    }
}
