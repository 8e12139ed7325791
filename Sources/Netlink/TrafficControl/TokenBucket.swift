import CLinux

/// The token bucket filter `tbf`: lets through `rate`, in bursts of at most `burst`, and queues up to `limit`.
public struct TokenBucket: Hashable, Sendable {
    /// Bytes each second, 1...
    public var rate: UInt64
    /// Bytes that may go at once, 1...2^32 - 1.
    public var burst: UInt32
    /// Bytes that may wait, burst included.
    public var limit: UInt32

    public init(rate: UInt64, burst: UInt32, limit: UInt32) {
        self.rate = rate
        self.burst = burst
        self.limit = limit
    }

    /// A bucket in which a byte waits at most `latency` microseconds. The limit saturates at 4 GiB: past about 34
    /// Gbit/s and seconds of latency the product does not fit the kernel's 32 bits.
    public init(rate: UInt64, burst: UInt32, latency microseconds: UInt64) {
        let (product, overflow) = rate.multipliedReportingOverflow(by: microseconds)
        let waiting = overflow ? UInt64.max / 2 : product / 1_000_000
        self.init(rate: rate, burst: burst, limit: UInt32(clamping: waiting + UInt64(burst)))
    }

    /// The time `burst` takes at `rate`, in the scheduler's ticks of 64 ns (PSCHED_SHIFT), as far as 32 bits go.
    var ticks: UInt32 {
        let nanoseconds = UInt64(burst).multipliedFullWidth(by: 1_000_000_000)
        guard rate > nanoseconds.high else { return .max }
        return UInt32(clamping: rate.dividingFullWidth(nanoseconds).quotient >> 6)
    }

    func write(to writer: inout MessageWriter) {
        var options = tc_tbf_qopt()
        // With a link layer the kernel computes times itself and wants no rate table (sch_tbf.c, Linux 3.8).
        options.rate.linklayer = UInt8(TC_LINKLAYER_ETHERNET.rawValue)
        options.rate.rate = UInt32(clamping: rate)
        options.limit = limit
        options.buffer = ticks
        writer.structure(Int(TCA_TBF_PARMS), options)
        // Bytes, beside the ticks that overflow for slow rates with large bursts (Linux 3.13).
        writer.uint32(Int(TCA_TBF_BURST), burst)
        if rate > UInt64(UInt32.max) { writer.uint64(Int(TCA_TBF_RATE64), rate) }
    }

    init(_ reader: AttributeReader) throws(MalformedMessage) {
        var rate: UInt64 = 0
        var limit: UInt32 = 0
        var ticks: UInt32 = 0
        try reader.forEach { item throws(MalformedMessage) in
            switch item.type {
            case Int(TCA_TBF_PARMS):
                let options = try item.structure(tc_tbf_qopt.self)
                if rate == 0 { rate = UInt64(options.rate.rate) }
                limit = options.limit
                ticks = options.buffer
            case Int(TCA_TBF_RATE64): rate = try item.uint64()
            default: break
            }
        }
        // The kernel says the burst only as a time, rounded to ticks.
        let bytes = (rate.multipliedFullWidth(by: UInt64(ticks) << 6))
        let burst = bytes.high < 1_000_000_000 ? UInt64(1_000_000_000).dividingFullWidth(bytes).quotient : .max
        self.init(rate: rate, burst: UInt32(clamping: burst), limit: limit)
    }

    /// Whether the kernel's bucket is this one. Its burst is a rounded time (one tick of 64 ns at `rate`), and one that
    /// takes longer than 2^32 ticks cannot be told; its limit other implementations round in other places.
    public func matches(_ other: TokenBucket) -> Bool {
        guard rate == other.rate, Self.isNear(limit, other.limit, by: limit / 1000 + 8) else { return false }
        return ticks == .max || other.ticks == .max || Self.isNear(ticks, other.ticks, by: ticks / 1000 + 2)
    }

    private static func isNear(_ left: UInt32, _ right: UInt32, by difference: UInt32) -> Bool {
        (left > right ? left - right : right - left) <= difference
    }
}
