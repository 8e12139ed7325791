/// Exponential back-off with full jitter: the wait is uniform between nothing and a ceiling that doubles with every
/// failure, so that a thousand agents whose server went away do not come back in step.
public struct Backoff: Sendable, Equatable {
    /// The first ceiling.
    public var base: Duration
    /// No ceiling is above this.
    public var limit: Duration
    /// Failures in a row since the last success.
    public private(set) var failures = 0

    public init(base: Duration, limit: Duration) {
        self.base = base
        self.limit = limit
    }

    /// A server that asks for more is asked again after this.
    public static let longestRequestedWait: Duration = .seconds(600)

    public var ceiling: Duration {
        var ceiling = base
        for _ in 0..<failures where ceiling < limit { ceiling = ceiling * 2 }
        return min(ceiling, limit)
    }

    public mutating func succeeded() { failures = 0 }

    /// How long to wait after one more failure. What the server asked for (`Retry-After`) comes on top of nothing: it
    /// is waited for in full, and the jitter after it, because everyone was told the same number.
    public mutating func failed(askedToWait floor: Duration?, random: inout SplitMix64) -> Duration {
        let jitter = ceiling * random.unit()
        failures += 1
        return min(floor ?? .zero, Self.longestRequestedWait) + jitter
    }
}

/// A small random generator whose whole state is its seed (Steele, Lea and Flood 2014), so that what a state machine
/// does can be repeated from one number.
public struct SplitMix64: RandomNumberGenerator, Sendable, Equatable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// From 0 to below 1.
    public mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}
