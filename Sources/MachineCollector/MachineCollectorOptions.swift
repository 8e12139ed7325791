/// What of this machine is looked into.
public struct MachineCollectorOptions: Sendable {
    /// The name its evidence is kept under: that of its Node object.
    public var node: String
    /// Where the machine's root file system is seen; `/host` in a debug pod.
    public var root: String
    /// In the pod of an agent: folders of the machine that are mounted there, under their own paths. Other files,
    /// processes and control groups are the pod's own and are left out. Nil where the whole machine is seen.
    public var mounted: [String]?
    /// At most this many bytes of each log, its end.
    public var logBytes: Int

    public init(node: String, root: String = "/", mounted: [String]? = nil, logBytes: Int = 1 << 20) {
        self.node = node
        self.root = root
        self.mounted = mounted
        self.logBytes = logBytes
    }
}
