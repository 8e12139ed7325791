/// What is to be looked at, and when: each key once however often it is named, never twice at a time, later and later
/// while it fails (client-go, util/workqueue). A state machine: time comes in, keys go out.
struct WorkQueue<Key: Hashable & Comparable & Sendable> {
    private var ready: [Key] = []
    private var queued: Set<Key> = []
    private(set) var running: Set<Key> = []
    /// Named while they were being worked on.
    private var again: Set<Key> = []
    private var later: [Key: Duration] = [:]
    private var failures: [Key: Int] = [:]

    /// The first wait after a failure, and the longest.
    private static var firstWait: Duration { .milliseconds(20) }
    private static var longestWait: Duration { .seconds(5) }

    mutating func add(_ key: Key) {
        later[key] = nil
        if running.contains(key) {
            again.insert(key)
        } else if queued.insert(key).inserted {
            ready.append(key)
        }
    }

    /// - Parameter time: when; an earlier time that is already known stays.
    mutating func add(_ key: Key, at time: Duration) {
        if queued.contains(key) || again.contains(key) { return }
        later[key] = min(later[key] ?? time, time)
    }

    /// The next key that may be worked on.
    mutating func next(now: Duration) -> Key? {
        for (key, time) in later.sorted(by: { ($0.value, $0.key) < ($1.value, $1.key) }) where time <= now {
            later[key] = nil
            add(key)
        }
        guard !ready.isEmpty else { return nil }
        let key = ready.removeFirst()
        queued.remove(key)
        running.insert(key)
        return key
    }

    /// When the next key that waits for its time is due.
    var nextTime: Duration? { later.values.min() }

    mutating func done(_ key: Key) {
        failures[key] = nil
        finish(key)
    }

    /// Tried again after a time that doubles.
    mutating func failed(_ key: Key, now: Duration, atLeast floor: Duration = .zero) {
        let count = failures[key] ?? 0
        failures[key] = count + 1
        var wait = Self.firstWait
        for _ in 0..<min(count, 12) { wait = wait * 2 }
        finish(key)
        // Something new does not make what fails succeed: it waits too.
        if queued.contains(key) {
            queued.remove(key)
            ready.removeAll { $0 == key }
        }
        later[key] = now + max(floor, min(wait, Self.longestWait))
    }

    private mutating func finish(_ key: Key) {
        running.remove(key)
        if again.remove(key) != nil { add(key) }
    }

    var isIdle: Bool { ready.isEmpty && running.isEmpty }
}
