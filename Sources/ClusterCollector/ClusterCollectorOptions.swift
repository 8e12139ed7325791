/// What of a cluster is looked into, and at what cost.
public struct ClusterCollectorOptions: Sendable {
    /// Read-only commands inside agents' pods that already run.
    public var executes: Bool
    /// Requests to the API server at most.
    public var requestBudget: Int
    /// Requests at the same time at most.
    public var parallel: Int
    /// Seconds until what is there must do.
    public var deadline: Int
    /// At most this many bytes of each container's log, its end.
    public var logBytes: Int

    public init(
        executes: Bool = false, requestBudget: Int = 600, parallel: Int = 8, deadline: Int = 25,
        logBytes: Int = 256 << 10
    ) {
        self.executes = executes
        self.requestBudget = requestBudget
        self.parallel = parallel
        self.deadline = deadline
        self.logBytes = logBytes
    }
}
