/// What of this machine is looked into.
public struct MachineCollectorOptions: Sendable {
    /// The name its evidence is kept under: that of its Node object.
    public var node: String
    /// Where the machine's root file system is seen; `/host` in a debug pod.
    public var root: String
    /// At most this many bytes of each log, its end.
    public var logBytes: Int

    public init(node: String, root: String = "/", logBytes: Int = 1 << 20) {
        self.node = node
        self.root = root
        self.logBytes = logBytes
    }
}
