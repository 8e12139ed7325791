/// When a probe's results become a verdict: so many of one kind in a row. Pure.
struct ProbeCounter: Sendable {
    let successThreshold: Int
    let failureThreshold: Int
    private var isLastGood: Bool?
    private var count = 0

    init(_ probe: ProbeSpec) {
        successThreshold = probe.successThreshold
        failureThreshold = probe.failureThreshold
    }

    /// True or false once the threshold is reached, and every time after it; nil before.
    mutating func add(_ isGood: Bool) -> Bool? {
        count = isLastGood == isGood ? count + 1 : 1
        isLastGood = isGood
        return count >= (isGood ? successThreshold : failureThreshold) ? isGood : nil
    }
}
