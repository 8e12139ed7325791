import Synchronization

/// When a stream last said something. A watch has no read timeout, because silence is normal; whoever reads it judges
/// from here whether the silence has lasted too long for the bookmarks it asked for.
public final class StreamActivity: Sendable {
    private let last: Mutex<ContinuousClock.Instant>

    public init() { last = Mutex(.now) }

    public func touch() { last.withLock { $0 = .now } }

    /// When the last bytes came, or the answer's head if none came yet.
    public var lastByte: ContinuousClock.Instant { last.withLock { $0 } }

    public var silence: Duration { lastByte.duration(to: .now) }
}
