import CNI
import Netlink

/// A limit in one direction, as configurations give it: bits per second and bits.
struct TrafficLimit: Equatable {
    /// Bits per second, at least 8.
    var rate: UInt64
    /// Bits, 8...2^35 - 8: the kernel counts bytes in 32 bits.
    var burst: UInt64

    /// How long a byte may wait, in microseconds; the reference's 25 ms.
    static let latency: UInt64 = 25_000

    var bucket: TokenBucket {
        TokenBucket(rate: rate / 8, burst: UInt32(clamping: burst / 8), latency: Self.latency)
    }

    /// Nil when both are zero: no limit.
    init?(
        rate: UInt64, burst: UInt64, _ direction: String, _ reader: ConfigurationReader
    ) throws(CNIError) {
        if rate == 0 && burst == 0 { return nil }
        if burst == 0 {
            throw reader.invalid("\(direction)Burst", "must be set when \(direction)Rate is set")
        }
        if rate == 0 {
            throw reader.invalid("\(direction)Rate", "must be set when \(direction)Burst is set")
        }
        if rate < 8 { throw reader.invalid("\(direction)Rate", "must be at least 8 bits per second, not \(rate)") }
        if burst < 8 { throw reader.invalid("\(direction)Burst", "must be at least 8 bits, not \(burst)") }
        guard burst / 8 <= UInt64(UInt32.max) else {
            throw reader.invalid(
                "\(direction)Burst", "must be less than 4 GiB (34359738360 bits), not \(burst) bits")
        }
        self.rate = rate
        self.burst = burst
    }
}

/// The limits of one container.
struct TrafficLimits: Equatable {
    /// To the container.
    var ingress: TrafficLimit?
    /// From the container.
    var egress: TrafficLimit?

    var isEmpty: Bool { ingress == nil && egress == nil }

    /// The network's own limits, or else those the runtime asks for with the capability `bandwidth`.
    init(_ configuration: PluginConfiguration) throws(CNIError) {
        let own = try BandwidthLimits(configuration.reader)
        if own != BandwidthLimits() {
            try self.init(own, configuration.reader)
        } else if let asked = try configuration.capabilities.reader?.object("bandwidth") {
            try self.init(try BandwidthLimits(asked), asked)
        } else {
            try self.init(BandwidthLimits(), configuration.reader)
        }
    }

    private init(_ limits: BandwidthLimits, _ reader: ConfigurationReader) throws(CNIError) {
        ingress = try TrafficLimit(rate: limits.ingressRate, burst: limits.ingressBurst, "ingress", reader)
        egress = try TrafficLimit(rate: limits.egressRate, burst: limits.egressBurst, "egress", reader)
    }
}
