import Addressing

/// Plugins and agents, their way to the API, and their configuration.
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
        LogRule(.certain, "INS-04", when: .words("text file busy")),
        LogRule(.certain, "INS-11", when: .words("not a shared mount", "not a shared or slave mount", "is not shared")),
        LogRule(
            .certain, "INS-12",
            when: .any([
                .all([.words("cp:", "install:", "mv:"), .words("cannot stat")]),
                .all([
                    .words("executable file not found in $path", "stat /entrypoint", "exec: \"cp\"", "exec: \"/"),
                    .words("no such file", "not found"),
                    .any([.words("oci runtime", "container process"), .not(.words("/opt/cni/bin"))]),
                ]),
            ])),
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
                    "failed to load module", "unknown device type",
                    "cannot open session to kernel", "modules are not loaded", "missing kernel module"),
                .all([.words("bridge-nf-call"), .not(switchedOff)]),
                .all([.words("/proc/sys/net/netfilter/", "/proc/net/ip_"), .words("no such file")]),
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
                    .not(.words("kube-proxy")),
                ]),
                // What loads modules says it could not, whichever the module is.
                .all([
                    .words(
                        "unable to detect", "unknown symbol", "disagrees about version", "/lib/modules", "inserting "),
                    .words("module", "ip_set", "nf_", "xt_"),
                    .words("unable", "unknown", "disagrees", "fail", "no such"),
                ]),
                .all([.words("ipset"), .words("kernel error received: invalid argument", "set type not supported")]),
            ])),
        // A plugin asks the agent of its own machine, over a socket or the loopback address, and the agent does not answer
        // or answers that it cannot.
        LogRule(
            .likely, "RTE-19", "INS-01",
            when: .words("waiting for ovs port binding", "waiting for ovn port binding", "ovn-installed"),
            needs: "whether ovn-controller and ovs-vswitchd run on that node"),
        LogRule(
            .likely, "INS-01", "INS-06", "API-03",
            when: .any([
                .words("no ztunnel connection", "failed to get pod annotation", "unable to push cni event"),
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
                ]),
            ])),
    ]

    /// An address of the Internet that is not asked for objects of the API.
    @Sendable private static func asksTheInternet(_ text: LogText) -> Bool {
        let targets = text.texts(after: "dial tcp ", until: [" ", ",", "\""])
            .compactMap { IPAddress(String($0.prefix { $0 != ":" })) }
        let isOutside = !targets.isEmpty && !targets.contains { $0.family != .v4 || MasqueradeCheck.isPrivate($0) }
        return isOutside && !text.has("/api") && !text.has("apiserver")
            && !text.has("kubernetes")
    }

    static let access = [
        LogRule(
            .possible, "RTE-14", "POL-01", "AWS-05",
            when: .all([.any([.timeout, .unreachable]), .check(asksTheInternet)]),
            needs: "whether the node itself reaches that address; whether pods' addresses are translated"),
        LogRule(
            .certain, "API-01",
            when: .all([
                .words(
                    "unauthorized", "the server has asked for the client to provide credentials", "token has expired",
                    "invalid bearer token", "token is expired"),
                // Who is refused by name is known: that is the other code.
                .not(.words("unauthorizedoperation", "is forbidden")),
            ])),
        LogRule(
            .certain, "API-02",
            when: .any([
                .all([
                    .words("is forbidden", "forbidden: user", "rbac: ", "rbac deny"),
                    .words("cannot ", "rbac", "serviceaccount"),
                ]),
                .words("the server does not allow access to the requested resource"),
            ])),
        // A refusal that names nobody does not come from the API server's own rules: a proxy stands between.
        LogRule(
            .likely, "API-03", "API-02",
            when: .all([.words("https://"), .words("\": forbidden"), .not(.words("user \"", "is forbidden"))]),
            needs: "HTTPS_PROXY and NO_PROXY of the agent and of the runtime"),
        LogRule(
            .certain, "DNS-11", "API-03",
            when: .all([
                .coredns,
                .words(
                    "failed to list", "failed to watch", "kubernetes api connection",
                    "still waiting on: \"kubernetes\""),
            ])),
        LogRule(
            .likely, "MTU-03", "MTU-01", "API-03", "MTU-02", when: .words("tls handshake timeout"),
            needs: "ping -M do with the pod's MTU less 28 bytes"),
        LogRule(
            .likely, "API-01", "API-03",
            when: .all([
                .words("x509", "certificate signed by unknown authority"),
                .words("apiserver", "kubernetes", ":443", ":6443", "/api/"), .not(.words("webhook")),
            ])),
        // An API that another program serves is reached the way a webhook is.
        LogRule(
            .likely, "WHK-01", "SVC-01", "API-03",
            when: .all([
                .words("failing or missing response", "apiservice", "failed discovery", "aggregat"),
                .any([.timeout, .unreachable, .refused, .noEndpoints, .words("missing response", "503")]),
            ]), needs: "whether the API server itself reaches the pod's port"),
        LogRule(
            .likely, "GCP-01", "WHK-01",
            when: .all([.words("webhook"), .words("gke", "private cluster", "master cidr"), .not(.words("eks"))])),
        LogRule(
            .likely, "WHK-01", "GCP-01", "SVC-03",
            when: .all([
                .words("webhook"),
                .any([
                    .timeout, .unreachable,
                    .words("failed calling", "connection refused", "x509", "eof", "no endpoints"),
                ]),
            ])),
        LogRule(
            .likely, "API-03", "SVC-03",
            when: .all([
                .any([.timeout, .unreachable, .words("connection refused", "eof")]),
                .words(
                    ":443", ":6443", "/api/v1", "apiserver", "api server", "kubernetes api", "kubernetes.default",
                    "10.96.0.1", "10.43.0.1", "subnetmanager", "datastore"),
                .not(
                    .any([
                        .words(
                            "webhook", "tls handshake timeout", "amazonaws.com", "googleapis.com", "azure.com",
                            "missing response"), .coredns, .check(asksTheInternet),
                    ])),
            ]), needs: "TCP to the API server's own address and to its ClusterIP"),
    ]

    static let configuration = [
        LogRule(.certain, "CFG-06", when: .words(".cilium_bak", "cni-exclusive", "cni.exclusive")),
        LogRule(
            .certain, "CFG-02", "CFG-01",
            when: .all([
                .words(
                    "unexpected end of json", "invalid character", "cannot unmarshal", "error parsing configuration",
                    "failed to parse", "invalid json", "unexpected eof", "no plugin name provided", "missing \"type\"",
                    "no plugins in list"),
                .words("cni", "conflist", ".conf", "net.d"),
            ])),
        LogRule(
            .certain, "CFG-03",
            when: .any([
                .all([.words("permission denied", "avc: denied", "eacces"), .words("/etc/cni", "net.d")]),
                .all([.words("avc: denied"), .words(".conflist", "cni_conf", "/cni/")]),
            ])),
        LogRule(
            .certain, "CFG-07",
            when: .any([
                .words("plugin supports [", "does not support config version"),
                .all([
                    .words("cni version", "cniversion", "cni result version", "cni spec version"),
                    .words(
                        "incompatible", "unsupported", "unknown", "not support", "no valid version", "mismatch",
                        "higher than", "newer than", "invalid version"),
                ]),
            ])),
        LogRule(
            .likely, "CFG-08", "CFG-06", "MSH-05",
            when: .any([
                .words(
                    "linkerd_network_validator", "linkerd-network-validator", "istio-validation",
                    "iptables validation failed", "connecting to 127.0.0.6:", "connecting to [::6]:"),
                .all([.words("validate", "validation"), .words("iptables rules", "redirect", "rewriting traffic")]),
            ]), needs: "whether the conflist is newer than the pod's sandbox; files ending in .cilium_bak"),
        LogRule(
            .certain, "CFG-10",
            when: .all([
                .words("network-attachment-definition", "networkattachmentdefinition", "net-attach-def"),
                .words("not found", "cannot find", "failed to get", "could not find", "error"),
            ])),
        // What a further interface needs is named in its definition: a device of a pool, a master, a file.
        LogRule(
            .likely, "CFG-10",
            when: .all([
                .words(
                    "multus", "sriov", "delegate", "net1", "macvlan", "ipvlan", "network attachment",
                    "container to network"),
                .words(
                    "netconf", "loadconf", "pci addr", "master interface", "lookup master", "k8s delegates",
                    "link not found", "vf information", "resourcename", "device id", "configure vf", "set vf",
                    "no such device", "vf is in use"),
            ])),
        LogRule(
            .certain, "CFG-05",
            when: .all([
                .any([
                    .words("crio-bridge", "podman-bridge", "10.85.0.", "containerd-net"),
                    .all([.words("10.88.0."), .words("pod", "bridge", "default")]),
                ]),
                .not(.words("cilium_bak", "/var/lib/cni/networks", "last_reserved_ip")),
            ])),
        LogRule(
            .certain, "CFG-04",
            when: .all([
                .words("net.d"),
                .words(
                    "multiple", "more than one", "another cni", "old cni", "stale", "takes precedence", "several",
                    "sorts before", "previous cni", "leftover", "left over"), .words("conf"),
            ])),
        LogRule(
            .certain, "CFG-01", "INS-01",
            when: .words(
                "cni plugin not initialized", "no network config found", "no networks found in",
                "cni config uninitialized", "no valid networks found", "cni network not found",
                "no cni configuration file", "networkpluginnotready", "cnisetup: no setup")),
        LogRule(
            .likely, "CFG-09",
            when: .all([
                .words("hostport", "portmap", "bandwidth"),
                .words(
                    "not working", "ignored", "missing", "no effect", "not in the chain", "does not contain",
                    "not configured"),
            ])),
    ]
}
