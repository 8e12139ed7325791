/// The directories on the host that plugins keep things in. Tests give their own.
public struct HostPaths: Hashable, Sendable {
    /// host-local's default `dataDir`: one file per address below the network's name (the reference's format).
    public var addressReservations = "/var/lib/cni/networks"
    /// What Poplin keeps besides, and can rebuild: host-local's index.
    public var state = "/var/lib/poplin"
    /// What does not outlive a reboot: locks.
    public var run = "/run/poplin"
    /// tuning's default `dataDir`: the values to restore on DEL.
    public var tuningBackups = "/run/cni/tuning"
    /// The expressions that permit sysctls in the tuning plugin.
    public var tuningAllowList = "/etc/cni/tuning/allowlist.conf"

    public init() {}
}
