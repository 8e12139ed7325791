/// What a measuring client is told.
public struct ClientSettings: Hashable, Sendable {
    public struct Target: Hashable, Sendable, CustomStringConvertible {
        public enum Kind: String, Hashable, Sendable {
            /// Datagrams to an echo.
            case udp
            /// Messages on one connection to an echo; it is opened again when it breaks.
            case tcp
            /// A new connection each time.
            case connect
        }

        public var kind: Kind
        public var host: String
        public var port: UInt16

        public init(_ text: String) throws(Workload.Mistake) {
            let parts = text.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, parts[0].last == ":", parts[1].isEmpty,
                let kind = Kind(rawValue: String(parts[0].dropLast())),
                let colon = parts[2].lastIndex(of: ":"), let port = UInt16(parts[2][parts[2].index(after: colon)...])
            else {
                throw Workload.Mistake(
                    description: "a target is udp://HOST:PORT, tcp://HOST:PORT or connect://HOST:PORT: \(text)")
            }
            self.kind = kind
            let name = parts[2][..<colon]
            host = name.hasPrefix("[") && name.hasSuffix("]") ? String(name.dropFirst().dropLast()) : String(name)
            self.port = port
        }

        public var description: String {
            host.contains(":") ? "\(kind.rawValue)://[\(host)]:\(port)" : "\(kind.rawValue)://\(host):\(port)"
        }
    }

    public var targets: [Target] = []
    /// Nanoseconds between two probes of one target.
    public var interval: UInt64 = 1_000_000
    /// Nanoseconds after which an answer is lost.
    public var timeout: UInt64 = 1_000_000_000
    /// Probes of each target; nil: no end.
    public var count: Int?
    /// Nanoseconds; nil: no end.
    public var duration: UInt64?
    /// Nanoseconds between two reports; 0: only one at the end.
    public var report: UInt64 = 1_000_000_000
    /// As agnhost connect: says nothing when it works, the reason when it does not.
    public var isOneShot = false

    public init() {}

    init(parsing words: inout Words) throws(Workload.Mistake) {
        while true {
            if let (name, value) = try words.option() {
                switch name {
                case "interval": interval = max(1000, try Words.duration(value, name))
                case "timeout": timeout = try Words.duration(value, name)
                case "duration": duration = try Words.duration(value, name)
                case "report": report = try Words.duration(value, name)
                case "count":
                    guard let number = Int(value), number > 0 else {
                        throw Workload.Mistake(description: "--count is a number: \(value)")
                    }
                    count = number
                default: throw Workload.Mistake(description: "unknown option --\(name)")
                }
            } else if let word = words.nextIfAny() {
                targets.append(try Target(word))
            } else {
                break
            }
        }
        if targets.isEmpty { throw Workload.Mistake(description: "client needs a target\n\(Workload.usage)") }
    }
}

/// What was sent to one target and what came back. Pure: times are handed in (nanoseconds, monotonic).
struct ProbeLedger: Sendable {
    private(set) var sent = 0
    private(set) var answered = 0
    private(set) var lost = 0
    /// Times a connection broke.
    private(set) var breaks = 0
    private(set) var longestGap: UInt64 = 0
    private var open: [UInt32: UInt64] = [:]
    private var oldest: UInt32 = 0
    private var next: UInt32 = 0
    private var lastAnswer: UInt64?
    private var latencies: [UInt64] = []
    private var seen = 0
    private var random: UInt64 = 0x9E37_79B9_7F4A_7C15

    /// Latencies kept for the quantiles; of more a fair sample.
    static let kept = 10_000

    /// A probe goes out: its number.
    mutating func send(at time: UInt64) -> UInt32 {
        defer { next &+= 1 }
        if lastAnswer == nil { lastAnswer = time }
        sent += 1
        open[next] = time
        return next
    }

    /// An answer; one that comes late, or twice, counts for nothing.
    mutating func answer(_ number: UInt32, at time: UInt64) {
        guard let start = open.removeValue(forKey: number) else { return }
        answered += 1
        if let lastAnswer { longestGap = max(longestGap, time - min(time, lastAnswer)) }
        lastAnswer = time
        let latency = time - min(time, start)
        seen += 1
        if latencies.count < Self.kept {
            latencies.append(latency)
        } else {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let place = Int(random >> 33) % seen
            if place < Self.kept { latencies[place] = latency }
        }
    }

    /// Probes older than `timeout` are lost.
    mutating func expire(at time: UInt64, timeout: UInt64) {
        while oldest != next {
            if let start = open[oldest] {
                guard time >= start + timeout else { return }
                open[oldest] = nil
                lost += 1
            }
            oldest &+= 1
        }
    }

    /// A connection broke: what was under way on it is lost.
    mutating func broke() {
        breaks += 1
        lost += open.count
        open = [:]
        oldest = next
    }

    /// A probe that could not be sent at all.
    mutating func refuse(_ number: UInt32) {
        if open.removeValue(forKey: number) != nil { lost += 1 }
    }

    /// A probe that the sender's own buffer had no room for: it waits, as every writer to a stream does, and was never
    /// under way.
    mutating func withdraw(_ number: UInt32) {
        if open.removeValue(forKey: number) != nil { sent -= 1 }
    }

    var isSettled: Bool { open.isEmpty }

    /// One line: counts, then milliseconds.
    func line(_ target: ClientSettings.Target) -> String {
        let sorted = latencies.sorted()
        func quantile(_ part: Double) -> String {
            sorted.isEmpty ? "-" : Self.text(sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))])
        }
        return "\(target) sent \(sent) answered \(answered) lost \(lost) breaks \(breaks) longest-gap "
            + "\(Self.text(longestGap)) p50 \(quantile(0.5)) p99 \(quantile(0.99)) max "
            + "\(sorted.last.map(Self.text) ?? "-") ms"
    }

    /// Milliseconds with three digits.
    private static func text(_ nanoseconds: UInt64) -> String {
        let rest = String(nanoseconds / 1000 % 1000)
        return "\(nanoseconds / 1_000_000).\(String(repeating: "0", count: 3 - rest.utf8.count))\(rest)"
    }
}
