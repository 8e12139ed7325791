import JSONTree

/// How far the API server's clock is ahead of that of the machine that asked, seen from the Date of its answers.
///
/// An answer was made between the request and its arrival, and its Date has whole seconds: the offset is known to
/// within half of that time.
public struct ClockOffset: Sendable, Hashable {
    /// Seconds; negative where the server is behind.
    public var seconds: Int64
    /// Seconds by which it may be more or less.
    public var within: Int64

    public init(seconds: Int64, within: Int64) {
        self.seconds = seconds
        self.within = within
    }

    /// - Parameters:
    ///   - date: seconds since 1970, as the server says.
    ///   - sent: nanoseconds since 1970 by our clock when the request went out, and `came` when the answer was there.
    public init(date: Int64, sent: UInt64, came: UInt64) {
        let second: Int64 = 1_000_000_000
        let (sent, came) = (Int64(clamping: sent), Int64(clamping: max(sent, came)))
        let middle = sent + (came - sent) / 2
        let (product, overflow) = date.multipliedReportingOverflow(by: second)
        // Half a second: the Date was cut off.
        let offset = (overflow ? 0 : product - middle) + second / 2
        seconds = offset >= 0 ? (offset + second / 2) / second : (offset - second / 2) / second
        within = (came - sent) / (2 * second) + 1
    }

    init?(_ node: JSONNode) {
        guard let seconds = node.member("ahead")?.int, let within = node.member("within")?.int, within >= 0 else {
            return nil
        }
        self.init(seconds: seconds, within: within)
    }

    public var value: JSONValue { ["ahead": .int(seconds), "within": .int(within)] }

    /// What is more than the measurement's own doubt, and would be seen in ages.
    public var isSeen: Bool { seconds.magnitude > UInt64(within) + 4 }

    /// Nil where the clocks agree.
    var sentence: String? {
        guard isSeen else { return nil }
        return
            "the API server's clock is \(Self.words(seconds)) that of the machine this was asked from; ages are told by the server's"
    }

    /// `7 min ahead of`.
    static func words(_ seconds: Int64) -> String {
        "\(WrappedText.duration(Int64(clamping: seconds.magnitude))) \(seconds > 0 ? "ahead of" : "behind")"
    }
}
