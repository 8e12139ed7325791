/// The time an informer lives by: how long since it was made, and how to wait. Monotonic, and it goes on while the
/// machine sleeps, so that a laptop that wakes up knows at once that its watches are overdue.
public struct InformerClock: Sendable {
    let now: @Sendable () -> Duration
    let sleep: @Sendable (_ until: Duration) async throws -> Void

    public init<Base: Clock>(_ clock: Base) where Base.Duration == Duration {
        let origin = clock.now
        now = { origin.duration(to: clock.now) }
        sleep = { until in try await clock.sleep(until: origin.advanced(by: until), tolerance: nil) }
    }

    public static var continuous: InformerClock { InformerClock(ContinuousClock()) }
}
