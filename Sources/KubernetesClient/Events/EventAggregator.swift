import JSONTree
import KubernetesModel

/// Something to be told about an object, for `kubectl describe`.
public struct EventNote: Sendable, Hashable {
    public enum Severity: String, Sendable {
        case normal = "Normal"
        case warning = "Warning"
    }

    public var severity: Severity
    public var regarding: ObjectReference
    /// CamelCase: why.
    public var reason: String
    /// CamelCase: what was done or tried.
    public var action: String
    /// At most 1 KiB is sent (the server's limit).
    public var note: String

    public init(
        _ severity: Severity = .normal, regarding: ObjectReference, reason: String, action: String, note: String
    ) {
        self.severity = severity
        self.regarding = regarding
        self.reason = reason
        self.action = action
        self.note = note
    }
}

/// Which events are sent and how: the same thing again within ten minutes is counted on the event that is already there
/// (a series), and one object cannot have more than a burst of events.
///
/// No clock, no network: notes in, writes out.
public struct EventAggregator: Sendable {
    public struct Settings: Sendable, Hashable {
        /// How long the same note counts as the same series.
        public var seriesPeriod: Duration = .seconds(600)
        /// A series is written at most this often.
        public var leastPeriod: Duration = .seconds(30)
        /// Events about one object at once; after that one more for every `refill`.
        public var burst = 25
        public var refill: Duration = .seconds(300)
        /// Series remembered; the oldest go.
        public var capacity = 4096

        public init() {}
    }

    public enum Write: Sendable, Hashable {
        /// A new event of this name.
        case create(name: String, EventNote, at: MicroTime)
        /// The event of this name happened `count` times, last at this moment.
        case series(name: String, EventNote, first: MicroTime, count: Int, last: MicroTime)
    }

    private struct Series {
        var name: String
        var first: MicroTime
        var count: Int
        var last: Duration
        var written: Duration
    }

    private struct Bucket {
        var tokens: Int
        var filled: Duration
    }

    private let settings: Settings
    private var series: [EventNote: Series] = [:]
    private var buckets: [ObjectReference: Bucket] = [:]
    /// Notes that were not sent because their object had too many.
    public private(set) var dropped = 0

    public init(_ settings: Settings = Settings()) { self.settings = settings }

    /// - Parameters:
    ///   - now: a monotonic clock.
    ///   - time: the time of day.
    ///   - suffix: makes the event's name unique.
    public mutating func add(_ note: EventNote, now: Duration, time: MicroTime, suffix: String) -> Write? {
        if var known = series[note], now - known.last < settings.seriesPeriod {
            known.count += 1
            known.last = now
            let isDue = now - known.written >= settings.leastPeriod || known.count == 2
            if isDue { known.written = now }
            series[note] = known
            return isDue
                ? .series(name: known.name, note, first: known.first, count: known.count, last: time) : nil
        }
        guard take(for: note.regarding, now) else {
            dropped += 1
            return nil
        }
        if series.count >= settings.capacity { forget() }
        let name = "\(note.regarding.name.prefix(200)).\(suffix)"
        series[note] = Series(name: name, first: time, count: 1, last: now, written: now)
        return .create(name: name, note, at: time)
    }

    private mutating func take(for object: ObjectReference, _ now: Duration) -> Bool {
        var bucket = buckets[object] ?? Bucket(tokens: settings.burst, filled: now)
        let refills = Int((now - bucket.filled) / settings.refill)
        if refills > 0 {
            bucket.tokens = min(settings.burst, bucket.tokens + refills)
            bucket.filled += settings.refill * refills
        }
        guard bucket.tokens > 0 else { return false }
        bucket.tokens -= 1
        if buckets.count >= settings.capacity {
            buckets = buckets.filter { now - $0.value.filled < settings.refill * settings.burst }
            if buckets.count >= settings.capacity { buckets = [:] }
        }
        buckets[object] = bucket
        return true
    }

    private mutating func forget() {
        let sorted = series.sorted { $0.value.last < $1.value.last }
        for entry in sorted.prefix(settings.capacity / 4 + 1) { series[entry.key] = nil }
    }
}
