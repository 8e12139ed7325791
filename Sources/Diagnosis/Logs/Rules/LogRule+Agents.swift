/// Agents that do not start, end, or do not answer the plugin of their own machine.
extension LogRule {
    /// What an agent says of its own start, with or without its name.
    private static let startOfAnAgent = LogPattern.words(
        "error running agent", "error initializing agent", "initializing daemon", "creating daemon",
        "daemon creation failed", "heartbeat missed", "unable to start agent", "failed to start agent",
        "failed to start network plugin", "health endpoint failed", "node startup failed", "failed to start sdn",
        "reinitializing datapath",
        "failed to connect to typha", "typha address", "waiting for agent", "agent is not ready",
        "controller heartbeat", "failed to run agent", "agent failed to", "error starting network")

    static let agents = [
        LogRule(
            .likely, "INS-01", "BPF-06", "NOD-01",
            when: .all([
                .words("api client", "agent api", "cmdadd", "failed (add)", "cni request"),
                .words("client timeout", "timeout exceeded", "timed out waiting", "deadline exceeded", "no response"),
                .any([.agent, .words("ovn", "ovs", "agent")]),
                .not(.words(":443", ":6443", "ipamd", "127.0.0.1:50051", "annotation")),
            ]), needs: "the agent's own last fatal line on that node"),
        // A plugin asks the agent of its own machine, over a socket or the loopback address, and the agent does not answer
        // or answers that it cannot.
        LogRule(
            .likely, "RTE-19", "INS-01",
            when: .words(
                "waiting for ovs port binding", "waiting for ovn port binding", "ovn-installed", "waiting for pod flows"
            ),
            needs: "whether ovn-controller and ovs-vswitchd run on that node"),
        LogRule(
            .likely, "INS-01", "INS-06", "API-03",
            when: .any([
                .words("no ztunnel connection", "failed to get pod annotation"),
                .words("http://dummy/", "http://localhost/v1/", "http://unix/"),
                .all([.words("cni request failed"), .words("status code 5", "not ready", "timed out", "deadline")]),
                .all([
                    .words("failed (add)", "failed (delete)", "cni failed to", "allocate ip", "cni:"),
                    .words("127.0.0.1:", "[::1]:", "localhost:"), .any([.timeout, .refused, .words("eof")]),
                    .not(.words("127.0.0.1:50051", ":443", ":6443")),
                ]),
            ]), needs: "the agent's own last fatal line on that node"),
        LogRule(
            .likely, "INS-01", "INS-06", "BPF-02",
            when: .all([
                .not(.words("db.sock", "ovsdb", "container factory")),
                .any([
                    .words(
                        "cilium.sock", "multus.sock", "cni.sock", "calico.sock", "agent running", "daemon", "agent.sock"
                    ), .words("unix:///var/run", "dial unix"),
                ]),
                .any([.refused, .timeout, .words("unable to connect", "is the agent running", "not running")]),
            ]), needs: "the agent's own last fatal line on that node"),
        LogRule(
            .likely, "INS-01", "NOD-04", "INS-09",
            when: .any([
                .all([
                    .words("oomkilled", "exit code 137", "out of memory", "evicted", "oom-kill"), .not(.sidecar),
                    .any([.agent, ofTheNetwork]),
                ]),
                .all([
                    .agent,
                    .words(
                        "back-off restarting", "crashloopbackoff", "failed daemon pod", "liveness probe failed",
                        "startup probe failed",
                        "imagepullbackoff", "errimagepull", "failed to pull image", "failed to start", "sigsegv",
                        "panic: runtime error", "pods not ready", "rollout is not making progress", "exit code: 139",
                        "exit code: 1 ", "exit code: 2"),
                    .not(.words("too many open files")),
                ]),
                // A taint that an agent takes away once it is up.
                .words("agent-not-ready", "agent-not-scheduled", "node.kubernetes.io/network-unavailable"),
            ]), needs: "the agent's own last fatal line on that node"),
        // The addresses at which agents say that they are well.
        LogRule(
            .likely, "INS-01", "INS-06", "AWS-07", "INS-09",
            when: .all([
                .words("probe failed", "probe errored", "failed to connect service", "is not live", "not ready: "),
                .any([
                    .agent, .words("felix", "bird", "ovn", "ovs"),
                    .port(9099, 9098, 9879, 9876, 9890, 50051, 61678, 61679, 10350, 20244, 6784, 10090, 10092, 9091),
                ]), .not(.words("bgp not established", "birdv4 socket", "unable to connect to bird")), .not(.sidecar),
            ]), needs: "the agent's own last fatal line on that node"),
        LogRule(
            .likely, "INS-01", "MSH-05", "API-03", "CFG-08",
            when: .words("unable to push cni event", "failed to send event request"),
            needs: "the log of istio-cni and of ztunnel on that node"),
        // Two of an agent on one machine, or something else on its port.
        LogRule(
            .possible, "INS-01", "SVC-03", "CFG-09",
            when: .all([
                .words("listen"), .words("address already in use"),
                .any([.agent, .words("health", "felix"), .port(9099, 9098, 9879, 9876, 50051, 10256, 10249, 20244)]),
            ]), needs: "what listens on that port of the node"),
        // A machine that can start no more processes.
        LogRule(
            .likely, "NOD-01", "NOD-04",
            when: .all([
                .words(
                    "fork/exec", "cannot fork", "unable to fork", "pthread_create", "newosproc",
                    "can\"t start new thread"),
                .words("resource temporarily unavailable", "cannot allocate memory", "failed"),
            ]), needs: "processes and memory of the node (pids.max, MemoryPressure)"),
        LogRule(
            .likely, "NOD-01", "API-03", "RTE-07", "AWS-05",
            when: .all([.port(10250), .any([.timeout, .unreachable, .nobodyListens]), .not(.words("webhook"))]),
            needs: "whether the kubelet runs and the API server reaches its port 10250"),
        // A plugin asks for an object that the agent makes once it has started.
        LogRule(
            .likely, "INS-01", "INS-09", "API-03",
            when: .any([
                .words("resource does not exist: clusterinformation", "clusterinformation(default)"),
                .all([
                    .words("ciliumnodes.cilium.io \"", "ciliumendpoint \"", "hostsubnet", "clusternetworks."), .absent,
                ]), .words("cannot fetch default cluster network"),
            ]), needs: "the agent's own last fatal line on that node"),
        LogRule(
            .possible, "IPM-01", "INS-09", "CFG-02", "INS-07",
            when: .all([
                .words("ip family", "ip families", "dual-stack", "dualstack", "dual stack", "ipfamil"),
                .any([.failing, .words("only one", "mismatch", "not support", "does not match")]),
            ]), needs: "the ranges of --cluster-cidr, --service-cluster-ip-range and the agent's pools, both families"),
        // An agent that waits for what its controller writes on the node.
        LogRule(
            .possible, "IPM-01", "INS-01", "IPM-11", "API-03",
            when: .any([
                .words("node-subnets", "no annotation found on node", "waiting for node annotation"),
                .all([
                    .words("node \"", "node "), .words("annotation", "subnet", "cidr"),
                    .words("has no", "not yet", "waiting for", "not found on", "does not have"),
                    .words("subnet", "ovn", "network id", "chassis", "gateway"), .not(.words("aws", "eni", "ippool")),
                ]),
            ]), needs: "the controller's own line about that node"),
        // A plugin that was sent to its controller's log.
        LogRule(
            .possible, "INS-01", "IPM-02", "IPM-12", "API-03",
            when: .words(
                "see kube-ovn-controller logs", "check kube-ovn-controller logs", "no address allocated to pod",
                "waiting for annotations", "wait address for", "failed to get pod annotation"),
            needs: "the controller's own line about that pod"),
    ]

    /// Asked after everything that names a reason.
    static let starts = [
        LogRule(
            .likely, "INS-01", "RTE-19", "INS-07", "BPF-06", "NOD-04", "API-03", "RTE-10",
            when: .all([
                startOfAnAgent,
                .any([.failing, .timeout, .absent, .words("missed", "killed", "giving up", "not ready", "tried all")]),
                .not(.words("cannot fetch default", "waiting for k8s", "https://", ":443", ":6443", "is forbidden")),
            ]), needs: "the line in which the agent itself says why"),
        // An agent that ends, or is ended, before it has made anything.
        LogRule(
            .likely, "INS-01", "BGP-02", "API-03", "NOD-04",
            when: .any([
                .all([
                    .agent,
                    .words(
                        "failed to start", "terminating", "exited", "signal: killed", "shutting down due to",
                        "giving up", "could not start", "unable to start"),
                    .not(
                        .words(
                            "failed to start container", "failed to start sdn", "flannel exited", "already using the",
                            "info", "https://", "gracefully")),
                ]),
                .all([.words("signal: killed", "exit status 137"), .any([.agent, .words("datapath", "agent")])]),
            ]), needs: "the line before it, in which the agent says why"),
        // What the agent was told cannot be.
        LogRule(
            .possible, "CFG-02", "INS-09", "INS-01",
            when: .all([
                .any([.agent, .words("daemon", "agent", "felix", "subsys")]),
                .words(
                    "invalid daemon config", "invalid configuration", "configuration is invalid", "invalid option",
                    "must not exceed", "cannot be used with", "mutually exclusive", "is not compatible with",
                    "cannot be enabled", "incompatible option"),
            ]), needs: "the agent's own settings: its ConfigMap and its flags"),
    ]
}
