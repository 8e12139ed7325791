/// A 32-bit number `major:minor` that names a queueing discipline or a class (linux/pkt_sched.h).
public struct TrafficControlHandle: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public init(major: UInt16, minor: UInt16 = 0) { rawValue = UInt32(major) << 16 | UInt32(minor) }

    public var major: UInt16 { UInt16(rawValue >> 16) }
    public var minor: UInt16 { UInt16(truncatingIfNeeded: rawValue) }

    public static let unspecified = TrafficControlHandle(rawValue: 0)
    /// The top of an interface's sending side (TC_H_ROOT).
    public static let root = TrafficControlHandle(rawValue: 0xffff_ffff)
    /// Where `ingress` and `clsact` hang (TC_H_INGRESS, TC_H_CLSACT).
    public static let ingress = TrafficControlHandle(rawValue: 0xffff_fff1)
    /// Filters on what comes in, of `clsact` and of `ingress` (TC_H_MIN_INGRESS).
    public static let ingressFilters = TrafficControlHandle(rawValue: 0xffff_fff2)
    /// Filters on what goes out, of `clsact` (TC_H_MIN_EGRESS).
    public static let egressFilters = TrafficControlHandle(rawValue: 0xffff_fff3)

    public var description: String {
        switch self {
        case .root: "root"
        case .unspecified: "none"
        default: "\(String(major, radix: 16)):\(minor == 0 ? "" : String(minor, radix: 16))"
        }
    }
}
