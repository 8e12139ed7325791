/// What of a cluster is looked into, and at what cost.
///
/// The budget: one list of each resource that is known (about 120, in pages of 500 objects), then logs, kubelets,
/// metrics and commands of the pods that look ill first, until the requests or the seconds are used up. What was left
/// out for want of either is said in the evidence.
public struct ClusterCollectorOptions: Sendable {
    /// Read-only commands inside agents' pods that already run.
    public var executes: Bool
    /// An image with poplin as its entrypoint, for a pod on each node that reads the machine and is deleted then; nil
    /// where nobody allowed that.
    public var debugImage: String?
    /// Requests to the API server at most.
    public var requestBudget: Int
    /// Requests at the same time at most.
    public var parallel: Int
    /// Seconds until what is there must do.
    public var deadline: Int
    /// Seconds that one request may take, a page of a list or a log.
    public var requestTimeout: Int
    /// At most this many bytes of each container's log, its end.
    public var logBytes: Int
    /// Pages of 500 objects of one resource at most.
    public var pages: Int
    /// Pods whose logs are read, the ill ones first.
    public var logPods: Int
    /// Nodes whose kubelet is asked, and whose agent runs commands; the ill ones first.
    public var nodes: Int

    public init(
        executes: Bool = false, debugImage: String? = nil, requestBudget: Int = 600, parallel: Int = 8,
        deadline: Int = 25,
        requestTimeout: Int = 10, logBytes: Int = 256 << 10, pages: Int = 40, logPods: Int = 60, nodes: Int = 24
    ) {
        self.executes = executes
        self.debugImage = debugImage
        self.requestBudget = requestBudget
        self.parallel = parallel
        self.deadline = deadline
        self.requestTimeout = requestTimeout
        self.logBytes = logBytes
        self.pages = pages
        self.logPods = logPods
        self.nodes = nodes
    }
}
