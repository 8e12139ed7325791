/// Plugins and agents, and what they need of the machine.
extension LogRule {
    /// Plugins that come with the reference bundle and that no provider is named after.
    private static let reference: Set<String> = [
        "loopback", "bridge", "portmap", "host-local", "bandwidth", "firewall", "tuning", "ptp", "macvlan", "ipvlan",
        "vlan", "dhcp", "static", "sbr", "host-device", "vrf", "dummy", "tap",
    ]

    private static func missingPlugins(_ text: LogText) -> [String] {
        text.texts(after: "failed to find plugin \"", until: ["\""])
            + (text.has("oci runtime") ? [] : text.texts(after: "exec: \"/opt/cni/bin/", until: ["\""]))
            + text.texts(after: "fork/exec /opt/cni/bin/", until: [":", " "])
    }

    /// A setting that is there and off.
    static let switchedOff = LogPattern.words(
        "not set to 1", "= 0", "is 0", "disabled", "is set to 0", "should be 1", "must be 1", "turned off")

    /// A folder of configurations that is not the usual one.
    @Sendable private static func readsElsewhere(_ text: LogText) -> Bool {
        let folders = ["config found in ", "networks found in ", "configuration file in ", "confs in "]
            .flatMap { text.texts(after: $0, until: [" ", ",", ":", "\""]) }
        return folders.contains { $0.hasPrefix("/") && !$0.hasPrefix("/etc/cni/net.d") }
    }

    /// A runtime that looks somewhere else than where installers write.
    @Sendable private static func looksElsewhere(_ text: LogText) -> Bool {
        let paths = text.texts(after: "in path [", until: ["]"])
        return paths.contains { list in
            !list.isEmpty && !list.split(separator: " ").contains { $0 == "/opt/cni/bin" || $0 == "/opt/cni/bin/" }
        }
    }

    /// Containers and files that make the network, as against an application's.
    private static let ofTheNetwork = LogPattern.any([
        .agent,
        .words(
            "cni", "exec: \"cp\"", "install", "entrypoint", "flanneld", "felix", "bird", "kube-proxy", "coredns",
            "istio", "iptables", "ovn", "ovs", "weave", "calico", "cilium", "flannel", "antrea", "linkerd",
            "kube-router", "multus"),
    ])

    static let install = [
        LogRule(.certain, "INS-05", when: .all([.words("failed to find plugin"), .words("in path []")])),
        LogRule(
            .certain, "INS-02", "INS-01",
            when: .check { text in missingPlugins(text).contains { !reference.contains($0) } }),
        LogRule(
            .certain, "INS-03",
            when: .check { text in
                let missing = missingPlugins(text)
                return !missing.isEmpty && missing.allSatisfy(reference.contains)
            }),
        LogRule(
            .possible, "INS-05", when: .check(looksElsewhere),
            needs: "the runtime's bin_dir against the folder the agent's DaemonSet writes"),
        LogRule(
            .possible, "INS-05", when: .check(readsElsewhere),
            needs: "the runtime's conf_dir against the folder the agent's DaemonSet writes"),
        LogRule(
            .certain, "INS-02",
            when: .all([.words("exec format error", "permission denied"), .words("/opt/cni/bin", "cni/bin/")])),
        // An installer that cannot write, or a file system that does not let run.
        LogRule(
            .likely, "INS-02", "CFG-03", "INS-12",
            when: .any([
                .all([
                    .words("cni/bin", "bin-dir", "cni bin", "cni-bin", "plugin binar", "cni plugin", "cni binar"),
                    .words(
                        "not writeable", "not writable", "read-only file system", "permission denied", "no space left",
                        "failed to copy", "failed to install", "can\"t create", "cannot create", "cannot write",
                        "unable to write", "bad file descriptor", "operation not permitted"),
                ]),
                .all([.words("noexec"), .words("/opt", "cni", "bin")]),
                .words("unable to validate hash of", "illegal instruction (core dumped)"),
            ]), needs: "the files of the runtime's bin_dir: mode, size, architecture, and how the folder is mounted"),
        LogRule(
            .likely, "CFG-03", "INS-02", "CFG-01",
            when: .all([
                .words("avc: denied", "apparmor=\"denied\"", "selinux"),
                .words(
                    "comm=\"cp\"", "comm=\"mv\"", "comm=\"install", "name=\"bin\"", "cni", "net.d", "calico", "cilium",
                    "flannel"),
            ]), needs: "the label of the folder (ls -Z) and the policy package of the distribution"),
        LogRule(
            .likely, "CFG-01", "CFG-03", "INS-05", "INS-01",
            when: .all([
                .words("/etc/cni", "net.d", "conf-dir", "cni-conf-dir", "cni conf"),
                .words(
                    "can\"t create", "cannot create", "nonexistent dir", "no such file", "cannot write",
                    "failed to write",
                    "read-only file system", "not writable", "not writeable", "missing", "failed to create"),
                .not(.words("cilium_bak")),
            ]), needs: "what stands in the runtime's conf_dir"),
        LogRule(.certain, "INS-04", when: .words("text file busy")),
        LogRule(.certain, "INS-11", when: .words("not a shared mount", "not a shared or slave mount", "is not shared")),
        LogRule(
            .certain, "INS-12",
            when: .any([
                .all([.words("cp:", "install:", "mv:"), .words("cannot stat")]),
                .all([
                    .words(
                        "executable file not found in $path", "stat /entrypoint", "exec: \"cp\"", "exec: \"/",
                        "set in config.json failed", "exec user process", "no such file or directory: unknown"),
                    .words("no such file", "not found"),
                    .any([.words("oci runtime", "container process"), .not(.words("/opt/cni/bin"))]), ofTheNetwork,
                ]),
            ])),
        LogRule(
            .possible, "INS-12",
            when: .all([
                .words("executable file not found in $path", "exec: \"/", "exec user process", "stat /"),
                .words("oci runtime", "container process", "container init"), .words("no such file", "not found"),
                .not(ofTheNetwork),
            ]), needs: "whose container it is: an agent's, or an application's"),
        LogRule(
            .likely, "INS-06", "INS-01", when: .words("/var/lib/calico/nodename", "calico/node container is running")),
        LogRule(
            .likely, "INS-08", "IPM-01", "INS-01", "API-03",
            when: .all([.words("subnet.env"), .words("no such file", "not found", "failed", "missing", "cannot")])),
        LogRule(
            .certain, "INS-07",
            when: .any([
                .words(
                    "br_netfilter", "do you need to insmod", "could not insert", "can\"t insert",
                    "failed to load module", "failed to load kernel module", "unknown device type",
                    "cannot open session to kernel", "modules are not loaded", "missing kernel module"),
                .all([.words("bridge-nf-call"), .not(switchedOff)]),
                .all([.words("/proc/sys/net/netfilter/", "/proc/net/ip_", "/proc/sys/net/ipv"), .words("no such file")]
                ),
                .all([.words("config_"), .words("kernel"), .words("not set", "not enabled", "is not", "required")]),
                .all([
                    .words("modprobe", "module"), .words("not found", "fatal", "missing", "not loaded"),
                    .words(
                        "vxlan", "wireguard", "openvswitch", "ip_set", "ipset", "nf_", "ip_vs", "ip_tables", "xt_",
                        "kernel",
                        "ip6", "geneve", "iptable"),
                ]),
                .all([
                    .words("operation not supported", "protocol not supported", "not supported by the kernel"),
                    .any([
                        .agent,
                        .words(
                            "network", "device", "link", "netlink", "vxlan", "wireguard", "ipip", "tunnel", "bridge",
                            "veth", "route", "qdisc", "iptables", "ipset", "nft", "flannel", "geneve", "interface",
                            "kernel", "cni"),
                    ]),
                    .not(.words("xattr", "chmod", "mount ")),
                    .not(.words("kube-proxy", " vf ", "sriov", "ethtool", "copy_file_range", "setsockopt")),
                ]),
                // What loads modules says it could not, whichever the module is.
                .all([
                    .words(
                        "unable to detect", "unknown symbol", "disagrees about version", "/lib/modules", "inserting "),
                    .words("module", "ip_set", "nf_", "xt_"),
                    .words("unable", "unknown", "disagrees", "fail", "no such"),
                ]),
                .all([.words("ipset"), .words("kernel error received: invalid argument", "set type not supported")]),
                .words("specified qdisc not found", "specified qdisc kind is unknown", "unknown qdisc"),
            ])),
        LogRule(
            .likely, "INS-07", "BPF-02", "BPF-05",
            when: .all([
                .words("rtnetlink answers", "error talking to the kernel", "netlink error"),
                .words("no such file or directory", "talking to the kernel", "not supported", "invalid argument"),
            ]),
            needs: "the options the kernel was built with (CONFIG_NET_CLS_BPF, CONFIG_NET_SCH_INGRESS, CONFIG_VXLAN)"),
        LogRule(
            .possible, "INS-07", "RTE-10", "RTE-04", "API-02",
            when: .all([
                .words("vxlan", "ipip", "wireguard", "geneve", "tunl0", "tunnel", "flannel.1", "cilium_"),
                .words("device", "interface", "link"),
                .words("fail", "unable", "cannot", "could not", "error"),
                .not(.words("mac address", "mtu", "checksum", "offload")),
            ]), needs: "whether the kernel has the tunnel's module (modinfo) and the agent may make devices"),
        LogRule(.certain, "INS-07", "SVC-10", when: .check(missesAnExtension)),
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
                .not(.words("db.sock", "ovsdb")),
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
            .likely, "INS-01", "AWS-07", "INS-09",
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
        LogRule(
            .likely, "INS-12", "INS-07", "SVC-10",
            when: .all([
                .words("iptables", "ip6tables", "nft", "ipset", "conntrack", "modprobe", "bpftool", "tc "),
                .words(
                    "binary was not found", "command not found", "executable file not found",
                    "no such file or directory: exec"),
            ])),
        LogRule(
            .possible, "INS-02", "INS-12", "INS-01", "CFG-02",
            when: .any([
                .all([.words("network plugin"), .words("not found", "unknown", "no such")]),
                .words("error parsing its diagnostic message", "netplugin failed", "failed to find network info"),
            ]), needs: "what the plugin prints when it is run by hand (CNI_COMMAND=VERSION)"),
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
                "waiting for annotations", "failed to get pod annotation"),
            needs: "the controller's own line about that pod"),
        LogRule(
            .likely, "INS-10", "INS-02",
            when: .words(
                "rm -rf /opt/cni", "rm -rf /etc/cni", "rm -rf /var/lib/cni", "iptables -f ", "iptables --flush")),
        LogRule(
            .likely, "INS-09", "CFG-01",
            when: .any([
                .all([
                    .words("instance type", "instance family"),
                    .words("not found", "unable to", "no eni limit", "not listed"),
                ]),
                .all([
                    .words("installation", "custom resource", "crd", "customresourcedefinition", "apiversion"),
                    .words("unsupported value", "is invalid: spec", "no kind", "not served", "must be upgraded"),
                ]),
                .words(
                    "unknown flag:", "unknown shorthand", "minimum supported version", "is not registered for version",
                    "unsupported kubernetes version", "requires kubernetes", "requires at least kubernetes",
                    "incompatible with this version", "is too old", "version skew"),
                .words(
                    "no matches for kind", "unknown field", "could not find the requested resource",
                    "docker: network plugin", "is not supported in your installed version"),
                .all([.words("instance type"), .words("unknown", "not supported", "unsupported", "no entry")]),
                .all([
                    .words("crd", "customresourcedefinition"), .words("not found", "missing", "outdated", "required"),
                    .not(.words("crd-backed")),
                ]),
            ])),
    ]
}
