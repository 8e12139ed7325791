/// What a release of a network agent asks of the machine and was tried with.
struct ReleaseRequirement: Sendable, Hashable {
    /// Of ``NetworkComponent``.
    var component: String
    /// Major and minor of the first and the last release the row is about.
    var releases: ClosedRange<ReleaseNumber>
    /// The oldest kernel it starts on.
    var kernel: ReleaseNumber?
    /// Older kernels that have what it needs all the same, by a part of their names: `.el8`.
    var backports: [String] = []
    /// Minor releases of Kubernetes 1 that it was tested with.
    var kubernetes: ClosedRange<Int>?
    /// Where the row was read, and when.
    var source: String
    var date: String

    static func of(_ component: String, _ release: ReleaseNumber) -> [ReleaseRequirement] {
        let minor = ReleaseNumber(release.major, release.minor)
        return all.filter { $0.component == component && $0.releases.contains(minor) }
    }

    private static let cilium = "docs.cilium.io: System Requirements, Kubernetes Compatibility"
    private static let calico = "docs.tigera.io: System requirements"

    static let all = [
        ReleaseRequirement(
            component: "cilium", releases: ReleaseNumber(1, 14)...ReleaseNumber(1, 15),
            kernel: ReleaseNumber(4, 19, 57), backports: [".el8"], source: cilium, date: "2024-01"),
        ReleaseRequirement(
            component: "cilium", releases: ReleaseNumber(1, 16)...ReleaseNumber(1, 17), kernel: ReleaseNumber(5, 4),
            backports: [".el8"], source: cilium, date: "2025-02"),
        ReleaseRequirement(
            component: "cilium", releases: ReleaseNumber(1, 18)...ReleaseNumber(1, 99), kernel: ReleaseNumber(5, 10),
            source: cilium, date: "2025-08"),
        ReleaseRequirement(
            component: "cilium", releases: ReleaseNumber(1, 15)...ReleaseNumber(1, 15), kubernetes: 26...29,
            source: cilium, date: "2024-01"),
        ReleaseRequirement(
            component: "cilium", releases: ReleaseNumber(1, 18)...ReleaseNumber(1, 18), kubernetes: 30...33,
            source: cilium, date: "2025-08"),
        ReleaseRequirement(
            component: "calico", releases: ReleaseNumber(3, 29)...ReleaseNumber(3, 29), kubernetes: 29...32,
            source: calico, date: "2024-10"),
        ReleaseRequirement(
            component: "calico", releases: ReleaseNumber(3, 31)...ReleaseNumber(3, 31), kubernetes: 32...35,
            source: calico, date: "2026-01"),
        ReleaseRequirement(
            component: "calico", releases: ReleaseNumber(3, 32)...ReleaseNumber(3, 32), kubernetes: 34...36,
            source: calico, date: "2026-08"),
    ]

    /// How many minor releases a kubelet may be older than the API server; it may never be newer.
    static let kubeletMayLag = 3
    static let kubeletSource = "kubernetes.io: Version Skew Policy, 2026-08"
}

/// `v1.18.2`, `5.4.0-216-generic`, `v1.31.4+k3s1`: the leading numbers of a release's name.
struct ReleaseNumber: Sendable, Hashable, Comparable, CustomStringConvertible {
    var major: Int
    var minor: Int
    var patch: Int

    init(_ major: Int, _ minor: Int, _ patch: Int = 0) {
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    /// Nil when it does not begin with two numbers.
    init?(_ text: String) {
        var numbers: [Int] = []
        for part in text.drop(while: { $0 == "v" }).split(separator: ".", maxSplits: 2) {
            guard let number = Int(part.prefix { $0.isASCII && $0.isNumber }) else { break }
            numbers.append(number)
        }
        guard numbers.count >= 2 else { return nil }
        self.init(numbers[0], numbers[1], numbers.count > 2 ? numbers[2] : 0)
    }

    var description: String { patch == 0 ? "\(major).\(minor)" : "\(major).\(minor).\(patch)" }

    static func < (left: ReleaseNumber, right: ReleaseNumber) -> Bool {
        (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
    }
}
