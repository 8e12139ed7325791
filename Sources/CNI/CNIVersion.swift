/// A version of the CNI specification that Poplin speaks, all there are to 1.1.0.
///
/// Versions are matched exactly, never as ranges: a configuration that says 1.0.1 is refused with code 1, because
/// nobody knows what 1.0.1 will mean.
public enum CNIVersion: UInt8, CaseIterable, Comparable, Hashable, Sendable, CustomStringConvertible {
    /// ADD and DEL; a result has at most one IPv4 and one IPv6 address.
    case v010
    /// Adds VERSION and `args`; results as in 0.1.0.
    case v020
    /// Adds lists of plugins and the result with `interfaces`, `ips`, `routes`.
    case v030
    /// Corrects a typing error of 0.3.0.
    case v031
    /// Adds CHECK, `disableCheck` and `prevResult` for DEL.
    case v040
    /// Drops `version` from `ips`.
    case v100
    /// Adds GC, STATUS, `cniVersions` and more fields in interfaces and routes.
    case v110

    /// The newest version, which VERSION answers with.
    public static let newest = CNIVersion.v110

    /// What a configuration without `cniVersion` is read as. The upgrade document of the specification says 0.2.0, the
    /// reference library reads 0.1.0; the two have the same results.
    public static let assumed = CNIVersion.v010

    public var description: String {
        switch self {
        case .v010: "0.1.0"
        case .v020: "0.2.0"
        case .v030: "0.3.0"
        case .v031: "0.3.1"
        case .v040: "0.4.0"
        case .v100: "1.0.0"
        case .v110: "1.1.0"
        }
    }

    /// Nil for anything but the exact text of a version we know.
    public init?(_ text: some StringProtocol) {
        switch text {
        case "0.1.0": self = .v010
        case "0.2.0": self = .v020
        case "0.3.0": self = .v030
        case "0.3.1": self = .v031
        case "0.4.0": self = .v040
        case "1.0.0": self = .v100
        case "1.1.0": self = .v110
        default: return nil
        }
    }

    public static func < (left: CNIVersion, right: CNIVersion) -> Bool { left.rawValue < right.rawValue }

    /// Whether results list interfaces and any number of addresses (0.3.0 and newer).
    public var hasInterfaces: Bool { self >= .v030 }
    /// Whether each address says its family in `version` (0.3.0 to 0.4.0).
    public var namesFamilies: Bool { self >= .v030 && self < .v100 }
    /// Whether the runtime may call CHECK, and hands `prevResult` to DEL (0.4.0 and newer).
    public var hasCheck: Bool { self >= .v040 }
    /// Whether the runtime may call GC (1.1.0).
    public var hasGarbageCollection: Bool { self >= .v110 }
    /// Whether the runtime may call STATUS (1.1.0).
    public var hasStatus: Bool { self >= .v110 }
}

/// The three numbers of a version text, for comparing versions we do not speak with those we do.
struct VersionNumbers: Comparable {
    var major: Int
    var minor: Int
    var patch: Int

    /// `1.2.3`, or `1.2` and `1` with the missing parts 0. Nil when a part is not a number.
    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...3).contains(parts.count) else { return nil }
        var numbers = [0, 0, 0]
        for (index, part) in parts.enumerated() {
            guard let number = Int(part), number >= 0 else { return nil }
            numbers[index] = number
        }
        (major, minor, patch) = (numbers[0], numbers[1], numbers[2])
    }

    static func < (left: VersionNumbers, right: VersionNumbers) -> Bool {
        (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
    }
}
